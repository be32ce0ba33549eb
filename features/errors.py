"""Errors of the whole project: one root, one class per cause, the offending values as attributes."""

from enum import StrEnum
from pathlib import Path
from typing import Self


class StabilError(Exception):
    """Root of every error that Stabil raises on purpose.

    The message says what was given, what was expected and what to do. Subclasses keep the offending
    values as attributes so that `api.errors` can say the same in Norwegian.
    """


class UnknownMunicipalityError(StabilError):
    """A code that is no municipality today, with the codes it became where the reforms tell.

    Attributes
    ----------
    code : str
        What was given.
    successors : tuple[tuple[str, str], ...]
        Pairs (code, name) of today's municipalities that the code became; empty if it never existed.
    """

    def __init__(self, code: str, successors: tuple[tuple[str, str], ...] = ()) -> None:
        self.code = code
        self.successors = successors
        became = " and ".join(f"{new} {name}" for new, name in successors)
        super().__init__(
            f"{code!r} is no municipality code of today: it became {became}. Use that code."
            if successors
            else f"{code!r} is no municipality code: expected four digits of one of the 357 municipalities of 2024, "
            "for example 5014. 'stabil data show municipalities' lists them."
        )


class ContractViolationError(StabilError):
    """Rows of a table break its contract.

    Attributes
    ----------
    table : str
        The table's name, for example ``population``.
    counts : dict[str, int]
        Number of rejected rows for each rule.
    rows : tuple[str, ...]
        The first rejected rows, as text.
    """

    def __init__(self, table: str, counts: dict[str, int], rows: tuple[str, ...] = ()) -> None:
        self.table = table
        self.counts = counts
        self.rows = rows
        rules = ", ".join(f"{rule}: {count}" for rule, count in sorted(counts.items()))
        first = f" First rejected row: {rows[0]}." if rows else ""
        super().__init__(
            f"table {table!r} has rows that break its contract ({rules}).{first} "
            "Nothing was taken in; correct the rows and try again."
        )


class TableFault(StrEnum):
    """What is wrong with a table file as a whole."""

    MISSING = "the file does not exist"
    NOT_CSV = "it is not CSV in UTF-8"
    NOT_JSON = "it is not JSON in UTF-8"
    COLUMNS = "columns are missing"
    CHANGED = "its content is not what was published (SHA-256)"
    UNDESCRIBED = "the data package does not describe it in full"


class BrokenTableError(StabilError):
    """A table file that cannot be taken in at all.

    Attributes
    ----------
    table, path : str, Path
        Which table and which file.
    fault : TableFault
        What is wrong with it.
    detail : str
        Which columns, which checksum, where; may be empty.
    """

    def __init__(self, table: str, path: Path, fault: TableFault, detail: str = "") -> None:
        self.table = table
        self.path = path
        self.fault = fault
        self.detail = detail
        super().__init__(
            f"table {table!r} in {path} cannot be read: {fault}{f' ({detail})' if detail else ''}. "
            "Nothing was taken in; restore the file."
        )


class CatalogueError(StabilError):
    """An entry of a declarative file is unknown, incomplete or out of bounds.

    Attributes
    ----------
    file, key, reason : str
        Which file, which entry and what is wrong with it.
    """

    def __init__(self, file: str, key: str, reason: str) -> None:
        self.file = file
        self.key = key
        self.reason = reason
        super().__init__(f"{file}: entry {key!r} {reason}. Correct the entry.")


class UnknownKeyError(StabilError):
    """A key that no catalogue entry, table or option carries.

    Attributes
    ----------
    kind, key : str
        What was looked for (``factor``, ``indicator``, ``table``) and the key given.
    known : tuple[str, ...]
        The keys that exist.
    """

    def __init__(self, kind: str, key: str, known: tuple[str, ...]) -> None:
        self.kind = kind
        self.key = key
        self.known = known
        super().__init__(f"{key!r} is no {kind}: expected one of {', '.join(known)}.")


class InvalidInputError(StabilError):
    """A value outside what a function accepts.

    Attributes
    ----------
    name, given, expected : str
        The argument, what was given and what was expected.
    """

    def __init__(self, name: str, given: object, expected: str) -> None:
        self.name = name
        self.given = given
        self.expected = expected
        super().__init__(f"{name}: got {given!r}, expected {expected}.")

    def __reduce__(self) -> tuple[type[Self], tuple[str, object, str]]:
        """Let the error cross from one process to another."""
        return type(self), (self.name, self.given, self.expected)


class UnavailableReason(StrEnum):
    """Why a source gave no answer, however often it was asked."""

    NO_CONNECTION = "no connection"
    TIMEOUT = "no answer in time"
    BROKEN_OFF = "the connection broke off"
    THROTTLED = "it asks for fewer calls"
    FAILED = "it failed itself"


class SourceUnavailableError(StabilError):
    """A public source gave no answer after every attempt.

    Attributes
    ----------
    publisher, url : str
        Who was asked, and where; the address holds neither query nor anything secret.
    reason : UnavailableReason
        What happened at the last attempt.
    detail : str
        Status, number of attempts; may be empty.
    """

    def __init__(self, publisher: str, url: str, reason: UnavailableReason, detail: str = "") -> None:
        self.publisher = publisher
        self.url = url
        self.reason = reason
        self.detail = detail
        super().__init__(
            f"{publisher} at {url} cannot be reached: {reason}{f' ({detail})' if detail else ''}. "
            "Nothing was changed; try again later."
        )


class AnswerFault(StrEnum):
    """What is wrong with the answer of a source that did answer."""

    REFUSED = "the question was refused"
    NO_ACCESS = "the key is missing or not accepted"
    MOVED = "it points to another host"
    TOO_LARGE = "it is larger than accepted"
    FORMAT = "it is not in the format asked for"
    SHAPE = "its content is not what is documented"


class SourceAnswerError(StabilError):
    """A public source answered with something else than it documents.

    Attributes
    ----------
    publisher, url : str
        Who was asked, and where; the address holds neither query nor anything secret.
    what : AnswerFault
        What is wrong with the answer.
    detail : str
        Table, variable, field or status; may be empty.
    status : int or None
        HTTP status where the fault is one.
    body : str
        The beginning of a refusing answer, for those who read the publisher's own words.
    """

    def __init__(
        self,
        publisher: str,
        url: str,
        what: AnswerFault,
        detail: str = "",
        *,
        status: int | None = None,
        body: str = "",
    ) -> None:
        self.publisher = publisher
        self.url = url
        self.what = what
        self.detail = detail
        self.status = status
        self.body = body
        super().__init__(
            f"{publisher} at {url} gave an answer that cannot be used: {what}{f' ({detail})' if detail else ''}. "
            "Nothing was taken in; see whether the service has changed."
        )


class LocalFileFault(StrEnum):
    """What is wrong with a filled-in template as a whole."""

    EMPTY = "it is empty"
    TOO_LARGE = "it is larger than accepted"
    TOO_MANY_ROWS = "it has more rows than accepted"
    NOT_A_TABLE = "it is neither xlsx nor csv"
    OLD_OR_LOCKED = "it is an old xls file or locked with a password"
    MACROS = "it carries macros"
    UNSAFE = "it unpacks to more than accepted, or defines entities"
    DAMAGED = "it is damaged"
    NO_TEMPLATE = "no sheet has the columns of the template"


class LocalFileError(StabilError):
    """A file with a municipality's own figures that cannot be taken in at all.

    Attributes
    ----------
    fault : LocalFileFault
        What is wrong with it.
    detail : str
        The limit, the missing columns or the reason; may be empty.
    """

    def __init__(self, fault: LocalFileFault, detail: str = "") -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(
            f"the file cannot be read: {fault}{f' ({detail})' if detail else ''}. Nothing was taken in; "
            "fill in the template that 'stabil template' writes, and save it as xlsx or csv."
        )


class RoundFault(StrEnum):
    """Why a round of self-assessment cannot be opened, answered or closed."""

    ALREADY_OPEN = "a round is open already"
    NOT_OPEN = "no round is open"
    TOO_SOON = "the last round was closed too short a time ago"
    OTHER_VERSION = "the open round has an earlier version of the questionnaire"
    TOO_FEW = "no side has enough answers to be shown"


class AssessmentRoundError(StabilError):
    """A round of self-assessment is not in the state that was asked for.

    Attributes
    ----------
    municipality_code : str
    fault : RoundFault
        Why it cannot be done.
    detail : str
        The first day, the version or the least number of answers; may be empty.
    """

    def __init__(self, municipality_code: str, fault: RoundFault, detail: str = "") -> None:
        self.municipality_code = municipality_code
        self.fault = fault
        self.detail = detail
        super().__init__(
            f"self-assessment in {municipality_code}: {fault}{f' ({detail})' if detail else ''}. Nothing was changed."
        )


class IndexFileFault(StrEnum):
    """What is wrong with a file that a composite indicator is made from."""

    MISSING = "it cannot be opened"
    NOT_CSV = "it is not CSV"
    EMPTY = "it has no rows"
    COLUMNS = "columns are missing or come twice"
    NO_INDEX = "no aggregate with indicators is left of it"
    NO_VALUES = "no value of a listed indicator is left of it"
    NO_DIFFERENCE = "no indicator differs between units"


class IndexFileError(StabilError):
    """A file that leaves nothing to make a composite indicator from.

    Attributes
    ----------
    table : str
        ``values``, ``indicators`` or ``groups``.
    path : Path
        The file.
    fault : IndexFileFault
        What is wrong with it.
    detail : str
        Which columns, which line, which rows; may be empty.
    """

    def __init__(self, table: str, path: Path, fault: IndexFileFault, detail: str = "") -> None:
        self.table = table
        self.path = path
        self.fault = fault
        self.detail = detail
        super().__init__(
            f"the file of {table}, {path}, cannot be used: {fault}{f' ({detail})' if detail else ''}. "
            "Expected CSV with the columns unit, indicator, value (values); indicator, parent, weight, direction "
            "(indicators); unit, group (groups)."
        )
