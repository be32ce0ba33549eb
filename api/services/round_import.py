"""Judges the files of a round row by row: what can be taken in, and why the rest cannot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from api.errors import ProtectedColumnError
from api.services.round_columns import COLUMNS, RoundColumn, RoundFile
from api.translation import LANGUAGES, translate
from engine.candidate_records import qualifications_from_record, wishes_from_record
from engine.candidates import ContractForm, PartnerOccupation, PostKind, Qualifications, Wishes
from engine.posts import Post, Requirements
from engine.protected_fields import protected_fields
from features.errors import InvalidInputError, LocalFileError, LocalFileFault
from features.local_sheet import HEADING_WITHIN, MOST_ROWS, Cell, CellKind, sheets_of

Row = TypeVar("Row")

MOST_PLACES = 99
DEFAULT_LIST_LIMIT = 20


class ImportFault(StrEnum):
    """Why a row of a round's file cannot be taken in."""

    UNKNOWN_COLUMN = "unknown_column"
    EXTRA_CELLS = "extra_cells"
    MISSING = "missing"
    FORMULA = "formula"
    NOT_AS_EXPECTED = "not_as_expected"
    DUPLICATE = "duplicate"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    UNKNOWN_POST = "unknown_post"
    UNKNOWN_DOCTOR = "unknown_doctor"
    UNKNOWN_FACTOR = "unknown_factor"
    NO_ORDER = "no_order"
    OWN_PSEUDONYM = "own_pseudonym"
    COUPLED_ELSEWHERE = "coupled_elsewhere"
    NUMBER_AND_HOURS = "number_and_hours"
    NOT_FOR_KIND = "not_for_kind"
    MORE_THAN_PLACES = "more_than_places"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class RowReject:
    """What is wrong with one cell; `column` is a key of the file's columns, or the heading of one that is not asked."""

    row: int
    column: str
    fault: ImportFault
    given: str


@dataclass(frozen=True, slots=True)
class Judged(Generic[Row]):
    """Rows that can be taken in, and what is wrong with the others; with any reject the file changes nothing."""

    accepted: tuple[Row, ...]
    rejected: tuple[RowReject, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What rows may refer to: counties by municipality, posts and doctors of the round, factors with scores."""

    counties: Mapping[str, str]
    posts: frozenset[str] = frozenset()
    doctors: frozenset[str] = frozenset()
    factors: frozenset[str] = frozenset()


class RejectedError(Exception):
    """A row cannot be taken in: column, fault and what was given."""

    def __init__(self, column: str, fault: ImportFault, given: str) -> None:
        self.reject = (column, fault, given)


def judge_posts(content: bytes, known: Known, today: date) -> Judged[Post]:
    """Posts of a file."""
    return judged_rows(content, RoundFile.POSTS, "post_id", lambda values: _post(values, known, today))


def judge_candidates(content: bytes) -> Judged[Qualifications]:
    """Doctors' formal qualifications of a file."""
    return judged_rows(content, RoundFile.CANDIDATES, "candidate_id", qualifications_from_record)


def judge_wishes(content: bytes, known: Known) -> Judged[Wishes]:
    """Doctors' wishes of a file."""
    return judged_rows(content, RoundFile.WISHES, "candidate_id", lambda values: _wishes(values, known))


def judge_own_wishes(texts: Mapping[str, str], candidate_id: str, known: Known) -> Judged[Wishes]:
    """One doctor's wishes as typed into a form, read as the file's cells are."""
    return judged_form(texts, candidate_id, RoundFile.WISHES, lambda each: _wishes(each, known))


def judged_form(
    texts: Mapping[str, str], candidate_id: str, kind: RoundFile, make: Callable[[dict[str, Any]], Row]
) -> Judged[Row]:
    """One row as typed into a doctor's own form, read as the file's cells are."""
    typed = {key: Cell(CellKind.TEXT, " ".join(text.split())) for key, text in texts.items() if text.strip()}
    row = typed | {"candidate_id": Cell(CellKind.TEXT, candidate_id)}
    return Judged(*read_rows([(1, row)], kind, "candidate_id", make))


def judged_rows(content: bytes, kind: RoundFile, key: str, make: Callable[[dict[str, Any]], Row]) -> Judged[Row]:
    """Rows of a file, each made of its values by column; `key` names the column that no two rows share."""
    rows, unknown = _table(content, COLUMNS[kind])
    if not rows and not unknown:
        return Judged((), (RowReject(1, key, ImportFault.EMPTY, ""),))
    accepted, rejected = read_rows(rows, kind, key, make)
    return Judged(accepted, (*unknown, *rejected))


def read_rows(
    rows: Sequence[tuple[int, Mapping[str, Cell]]],
    kind: RoundFile,
    key: str,
    make: Callable[[dict[str, Any]], Row],
) -> tuple[tuple[Row, ...], tuple[RowReject, ...]]:
    """Rows that can be taken in, and what is wrong with the others."""
    accepted: dict[str, Row] = {}
    rejected: list[RowReject] = []
    for number, row in rows:
        values, faults = _values(row, COLUMNS[kind])
        rejected += [RowReject(number, *fault) for fault in faults]
        if faults:
            continue
        if values[key] in accepted:
            rejected.append(RowReject(number, key, ImportFault.DUPLICATE, str(values[key])))
            continue
        try:
            accepted[values[key]] = make(values)
        except RejectedError as error:
            rejected.append(RowReject(number, *error.reject))
        except InvalidInputError as error:
            column = error.name if error.name in {column.key for column in COLUMNS[kind]} else key
            given = row[column].text if column in row else str(error.given)
            rejected.append(RowReject(number, column, ImportFault.NOT_AS_EXPECTED, given[:60]))
    return tuple(accepted.values()), tuple(rejected)


def _values(
    row: Mapping[str, Cell], columns: Sequence[RoundColumn]
) -> tuple[dict[str, Any], list[tuple[str, ImportFault, str]]]:
    """Values of a row by column; empty cells that need not be filled in are left out."""
    values: dict[str, Any] = {}
    faults: list[tuple[str, ImportFault, str]] = []
    for column in columns:
        cell = row.get(column.key)
        if cell is None:
            if column.is_needed:
                faults.append((column.key, ImportFault.MISSING, ""))
            continue
        if cell.kind in {CellKind.FORMULA, CellKind.ERROR}:
            faults.append((column.key, ImportFault.FORMULA, cell.text[:60]))
            continue
        try:
            values[column.key] = column.read(cell)
        except ValueError:
            faults.append((column.key, ImportFault.NOT_AS_EXPECTED, cell.text[:60]))
    return values, faults


def _post(values: dict[str, Any], known: Known, today: date) -> Post:
    if values["municipality_code"] not in known.counties:
        raise RejectedError("municipality_code", ImportFault.UNKNOWN_MUNICIPALITY, values["municipality_code"])
    if not 1 <= values["capacity"] <= MOST_PLACES:
        raise RejectedError("capacity", ImportFault.NOT_AS_EXPECTED, str(values["capacity"]))
    defaults: dict[str, Any] = {"tiers_set_on": today, "kinds": frozenset({PostKind.GP_POST})}
    values = defaults | values
    if values["tiers_set_on"] > today:
        raise RejectedError("tiers_set_on", ImportFault.NOT_AS_EXPECTED, str(values["tiers_set_on"]))
    asked = {
        name: values.pop(name)
        for name in ("language_minimum", "latest_start", "fte_minimum", "fte_maximum", "lis1_complete")
        if name in values
    }
    county = known.counties[values["municipality_code"]]
    return Post(county_code=county, requirements=Requirements(**asked), **values)


def _wishes(values: dict[str, Any], known: Known) -> Wishes:
    if values["candidate_id"] not in known.doctors:
        raise RejectedError("candidate_id", ImportFault.UNKNOWN_DOCTOR, values["candidate_id"])
    ranked, weighed = values.get("own_ranking", ()), values.get("factor_weights", ())
    if not ranked and not weighed:
        raise RejectedError("own_ranking", ImportFault.NO_ORDER, "")
    if absent := [post for post in ranked if post not in known.posts]:
        raise RejectedError("own_ranking", ImportFault.UNKNOWN_POST, absent[0][:60])
    if absent := [factor for factor, _ in weighed if factor not in known.factors]:
        raise RejectedError("factor_weights", ImportFault.UNKNOWN_FACTOR, absent[0][:60])
    return wishes_from_record(
        {
            "factor_weights": (),
            "partner_occupation_group": PartnerOccupation.NONE,
            "contract_forms": frozenset(ContractForm),
            "counties": None,
            "list_limit": max(DEFAULT_LIST_LIMIT, len(ranked)),
        }
        | values
    )


def _table(
    content: bytes, columns: Sequence[RoundColumn]
) -> tuple[list[tuple[int, Mapping[str, Cell]]], list[RowReject]]:
    """Rows below the headings by column, and columns that are not asked for."""
    headings = _headings(columns)
    sheets = sheets_of(content)
    places = [(sheet, place) for sheet in sheets for place in range(min(len(sheet), HEADING_WITHIN))]
    rows, place = max(places, key=lambda at: len(_found(at[0][at[1]], headings)), default=([], 0))
    found = _found(rows[place], headings) if rows else {}
    needed = {column.key: column.label for column in columns if column.is_needed}
    unknown = [
        (index, cell.text)
        for index, cell in enumerate(rows[place] if rows else ())
        if cell is not None and index not in found
    ]
    if found and (protected := protected_fields(text for _, text in unknown)):
        raise ProtectedColumnError(protected)
    if missing := [label for key, label in needed.items() if key not in found.values()]:
        raise LocalFileError(LocalFileFault.NO_TEMPLATE, ", ".join(missing))
    filled = [(number, cells) for number, cells in enumerate(rows[place + 1 :], place + 2) if any(cells)]
    if len(filled) > MOST_ROWS:
        raise LocalFileError(LocalFileFault.TOO_MANY_ROWS, f"{MOST_ROWS}")
    rejected = [RowReject(place + 1, text[:60], ImportFault.UNKNOWN_COLUMN, text[:60]) for _, text in unknown]
    headed = found.keys() | {index for index, _ in unknown}
    rejected += [
        RowReject(number, "", ImportFault.EXTRA_CELLS, "")
        for number, cells in filled
        if any(cell is not None and index not in headed for index, cell in enumerate(cells))
    ]
    return [
        (number, {found[index]: cell for index, cell in enumerate(cells) if cell is not None and index in found})
        for number, cells in filled
    ], rejected


def _headings(columns: Sequence[RoundColumn]) -> dict[str, str]:
    """Every heading that may stand for a column, in any language and lower case."""
    return {
        heading.casefold(): column.key
        for column in columns
        for heading in (column.key, *(translate(column.label, language) for language in LANGUAGES))
    }


def _found(cells: Sequence[Cell | None], headings: Mapping[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for index, cell in enumerate(cells):
        key = headings.get(cell.text.casefold()) if cell is not None else None
        if key is not None and key not in found.values():
            found[index] = key
    return found
