"""Errors of the whole project: one root, one class per cause, the offending values as attributes."""

from enum import StrEnum
from pathlib import Path


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
