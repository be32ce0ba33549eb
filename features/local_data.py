"""What municipalities say about themselves: judges filled-in rows, and finds the statement in force."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import dataframely as dy
import polars as pl

from features.catalogue import Catalogue, Indicator
from features.frames import LocalEntry, LocalValue
from features.local_amounts import Amount, read_amount, read_day
from features.local_faults import RowFault
from features.local_sheet import Cell, CellKind, SheetRow
from features.local_template import INPUT_COLUMNS, SMALLEST_GROUP, Column, LocalTemplate, indicator_called

OLDEST_DAY = date(2015, 1, 1)
"""The first day of the figures of the Regular GP Scheme that stand beside the answers."""

LONGEST_NOTE = 300

PERSONAL = re.compile(r"\b(?:\d{8}|\d{6} ?\d{5}|\d{3} \d{2} \d{3}|\d{2}(?: \d{2}){3})\b|\S@\S")
"""A telephone or identity number, or an address of mail: a note is kept for good and must not be about a person."""

WHOLE_UNITS = frozenset({"level", "options"})
"""Units that are counted in steps; an answer between two steps is a mistake."""


@dataclass(frozen=True, slots=True)
class LocalAnswer:
    """One accepted answer, in the catalogue's unit; `row` is its number in the file."""

    row: int
    municipality_code: str
    indicator: str
    value: float
    numerator: float | None
    denominator: float | None
    valid_on: date
    said_by: str
    note: str | None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One cell that keeps a row out.

    Attributes
    ----------
    row : int
        Number of the row in the file, the first is 1.
    column : Column
        The cell's column.
    fault : RowFault
        What is wrong.
    given : str
        What the cell holds, cut short; empty if nothing.
    indicator : str or None
        Key of the indicator the row is about, if it names one.
    expected : str or None
        The municipality or the other row that the fault is about.
    """

    row: int
    column: Column
    fault: RowFault
    given: str
    indicator: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class LocalReport:
    """Answers that can be taken in, what keeps the others out, and how many rows were left unanswered."""

    municipality_code: str
    accepted: tuple[LocalAnswer, ...]
    rejected: tuple[RowProblem, ...]
    unanswered: int


def municipality_of(rows: Iterable[SheetRow]) -> str | None:
    """The municipality that the first row naming one names; Excel drops a leading zero, which is put back."""
    return next((_code(row.cells[Column.MUNICIPALITY]) for row in rows if Column.MUNICIPALITY in row.cells), None)


def judge_rows(
    rows: Sequence[SheetRow], municipality_code: str, catalogue: Catalogue, template: LocalTemplate, today: date
) -> LocalReport:
    """Accepted answers and every fault of the other rows; a row is accepted whole or not at all.

    A row in which nothing is filled in was not answered, which is no fault. Two rows about the same indicator are both
    kept out: only the municipality knows which is right.

    Parameters
    ----------
    rows : sequence of SheetRow
    municipality_code : str
        Whose answers they must be.
    catalogue, template : Catalogue, LocalTemplate
    today : datetime.date
        Answers about later days are faults.

    Returns
    -------
    LocalReport
        In the order of the rows.
    """
    filled = [row for row in rows if any(column in row.cells for column in INPUT_COLUMNS)]
    judged = [_judge(row, municipality_code, catalogue, template, today) for row in filled]
    first: dict[str, int] = {}
    repeated: dict[int, int] = {}
    for row in filled:
        entry = _entry(row, catalogue)
        if entry is not None and first.setdefault(entry.key, row.number) != row.number:
            repeated |= {row.number: first[entry.key], first[entry.key]: row.number}
    problems = [problem for found in judged if not isinstance(found, LocalAnswer) for problem in found]
    duplicates = [
        _problem(row, Column.CODE, RowFault.DUPLICATE, _entry(row, catalogue), str(repeated[row.number]))
        for row in filled
        if row.number in repeated
    ]
    return LocalReport(
        municipality_code=municipality_code,
        accepted=tuple(found for found in judged if isinstance(found, LocalAnswer) and found.row not in repeated),
        rejected=tuple(
            sorted(problems + duplicates, key=lambda problem: (problem.row, list(Column).index(problem.column)))
        ),
        unanswered=len(rows) - len(filled),
    )


def entries_in_force(entries: pl.DataFrame) -> dy.DataFrame[LocalEntry]:
    """The statement that counts for each municipality and indicator.

    Of what was said since the last withdrawal, the one about the newest day; of those about the same day, the one
    entered last.

    Parameters
    ----------
    entries : polars.DataFrame
        Contract `features.frames.LocalEntry`.
    """
    keys = ["municipality_code", "indicator"]
    withdrawn = pl.col("entry").filter(pl.col("value").is_null()).max().over(keys).fill_null(-1)
    return LocalEntry.validate(
        entries.filter(pl.col("entry") > withdrawn)
        .sort("valid_on", "entry")
        .group_by(keys, maintain_order=True)
        .last()
        .select(list(LocalEntry.columns()))
        .sort(keys)
    )


def values_in_force(entries: pl.DataFrame) -> dy.DataFrame[LocalValue]:
    """The statements in force (`entries_in_force`) as values to score."""
    return LocalValue.validate(entries_in_force(entries).select(list(LocalValue.columns())))


def _judge(
    row: SheetRow, municipality_code: str, catalogue: Catalogue, template: LocalTemplate, today: date
) -> LocalAnswer | list[RowProblem]:
    entry = _entry(row, catalogue)
    unreadable = _unreadable(row, entry)
    if unreadable:
        return unreadable
    problems = _misplaced(row, entry, municipality_code)
    if entry is None or entry.origin != "local":
        return problems
    amount = _amount(row, entry)
    count = _count(row, entry, amount, is_about_people=entry.key in template.about_people)
    day = _day(row, today)
    role = _role(row, template)
    faults: list[tuple[Column, object]] = [
        (Column.ANSWER, amount),
        (Column.COUNT, count),
        (Column.DATE, day),
        (Column.ROLE, role),
        (Column.NOTE, _note_fault(row)),
    ]
    problems += [_problem(row, column, found, entry) for column, found in faults if isinstance(found, RowFault)]
    if problems:
        return problems
    assert isinstance(amount, Amount)
    assert not isinstance(count, RowFault)
    assert isinstance(day, date)
    value = round(amount.value / 100, 12) if entry.unit == "share" else amount.value
    note = row.cells.get(Column.NOTE)
    return LocalAnswer(
        row=row.number,
        municipality_code=municipality_code,
        indicator=entry.key,
        value=value,
        numerator=None if count is None else value * count,
        denominator=count,
        valid_on=day,
        said_by=str(role),
        note=None if note is None else note.text,
    )


def _entry(row: SheetRow, catalogue: Catalogue) -> Indicator | None:
    cell = row.cells.get(Column.CODE)
    return None if cell is None else indicator_called(cell.text, catalogue)


def _unreadable(row: SheetRow, entry: Indicator | None) -> list[RowProblem]:
    """Faults that make it pointless to read the row at all."""
    if row.is_too_long:
        return [_problem(row, Column.NOTE, RowFault.EXTRA_CELLS, entry)]
    kinds = {CellKind.FORMULA: RowFault.FORMULA, CellKind.ERROR: RowFault.CELL_ERROR}
    return [
        _problem(row, column, kinds[cell.kind], entry)
        for column, cell in row.cells.items()
        if cell.kind in kinds and column in (Column.MUNICIPALITY, Column.CODE, *INPUT_COLUMNS)
    ]


def _misplaced(row: SheetRow, entry: Indicator | None, municipality_code: str) -> list[RowProblem]:
    problems = []
    place = row.cells.get(Column.MUNICIPALITY)
    if place is not None and _code(place) != municipality_code:
        wrong = RowFault.WRONG_MUNICIPALITY
        problems.append(_problem(row, Column.MUNICIPALITY, wrong, entry, municipality_code))
    if Column.CODE not in row.cells:
        problems.append(_problem(row, Column.CODE, RowFault.MISSING_CODE, entry))
    elif entry is None:
        problems.append(_problem(row, Column.CODE, RowFault.UNKNOWN_INDICATOR, entry))
    elif entry.origin != "local":
        problems.append(_problem(row, Column.CODE, RowFault.PUBLIC_FIGURE, entry))
    return problems


def _amount(row: SheetRow, entry: Indicator) -> Amount | RowFault:
    cell = row.cells.get(Column.ANSWER)
    if cell is None:
        return RowFault.MISSING_ANSWER
    amount = read_amount(cell)
    if isinstance(amount, RowFault):
        return amount
    share = entry.unit == "share"
    if share and not amount.is_percent and 0 < abs(amount.value) <= 1:
        return RowFault.AMBIGUOUS_PERCENT  # 0,45 may be 45 % or less than one half per cent
    if amount.is_percent and entry.unit not in ("share", "percentage_points"):
        return RowFault.NO_PERCENT_HERE
    low, high = (bound * 100 if share else bound for bound in entry.bounds)
    if not low <= amount.value <= high:
        return RowFault.OUT_OF_BOUNDS
    if entry.unit in WHOLE_UNITS and not amount.value.is_integer():
        return RowFault.NOT_WHOLE
    return amount


def _count(
    row: SheetRow, entry: Indicator, amount: Amount | RowFault, *, is_about_people: bool
) -> float | RowFault | None:
    """The number an answer was formed over: from its own cell, or from ``12 av 15``."""
    cell = row.cells.get(Column.COUNT)
    if not entry.asks_for_denominator:
        return None if cell is None else RowFault.COUNT_NOT_ASKED
    within = amount.out_of if isinstance(amount, Amount) else None
    given = within if cell is None else _whole(cell, entry)
    if given is None:
        return RowFault.MISSING_COUNT if cell is None else RowFault.NOT_A_COUNT
    if within is not None and given != within:
        return RowFault.NOT_A_COUNT
    is_small = is_about_people and isinstance(amount, Amount) and _fewest(given, amount, entry) < SMALLEST_GROUP
    return RowFault.TOO_FEW_PEOPLE if is_small else given


def _whole(cell: Cell, entry: Indicator) -> float | None:
    """A number to divide by; only a rate's (contract-years) may lie between two whole ones."""
    given = read_amount(cell)
    if isinstance(given, RowFault) or given.is_percent or given.value <= 0:
        return None
    return given.value if given.value.is_integer() or entry.uncertainty.kind == "count" else None


def _fewest(count: float, amount: Amount, entry: Indicator) -> float:
    """People behind a figure, or on the smaller side of a share."""
    inside = round(amount.value * count / 100)
    return min(inside, count - inside) if entry.unit == "share" else count


def _day(row: SheetRow, today: date) -> date | RowFault:
    cell = row.cells.get(Column.DATE)
    if cell is None:
        return RowFault.MISSING_DATE
    day = read_day(cell)
    if isinstance(day, RowFault):
        return day
    return RowFault.FUTURE_DATE if day > today else RowFault.DATE_TOO_OLD if day < OLDEST_DAY else day


def _role(row: SheetRow, template: LocalTemplate) -> str | RowFault:
    cell = row.cells.get(Column.ROLE)
    if cell is None:
        return RowFault.MISSING_ROLE
    return template.role_names.get(cell.text.casefold(), RowFault.UNKNOWN_ROLE)


def _note_fault(row: SheetRow) -> RowFault | None:
    cell = row.cells.get(Column.NOTE)
    if cell is None:
        return None
    if PERSONAL.search(cell.text):
        return RowFault.NOTE_PERSONAL
    return RowFault.NOTE_TOO_LONG if len(cell.text) > LONGEST_NOTE else None


def _code(cell: Cell) -> str:
    return cell.text.split()[0].zfill(4)


def _problem(
    row: SheetRow, column: Column, fault: RowFault, entry: Indicator | None, expected: str | None = None
) -> RowProblem:
    cell = row.cells.get(column)
    given = "" if cell is None else cell.text
    shown = given if len(given) <= 60 else given[:60] + "…"
    return RowProblem(row.number, column, fault, shown, entry.key if entry else None, expected)
