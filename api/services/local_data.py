"""A municipality's own figures: reading what it filled in, keeping it, and what is in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dataframely as dy
from sqlalchemy import Engine

from api.formatting import FEWEST_APPLICANTS
from api.storage.repository import load_local_entries, save_local_rows
from api.storage.tables import LocalValueRow
from features.catalogue import Catalogue, Indicator
from features.errors import InvalidInputError, LocalFileError, LocalFileFault
from features.frames import LocalValue
from features.local_data import (
    LONGEST_NOTE,
    LocalAnswer,
    LocalReport,
    entries_in_force,
    judge_rows,
    municipality_of,
    values_in_force,
)
from features.local_sheet import Cell, CellKind, SheetRow, number_cell, read_sheet, text_cell
from features.local_template import Column, all_asked, indicator_called, load_local_template, short_codes
from features.municipality_codes import require_municipality
from features.snapshot import Snapshot

OSLO = ZoneInfo("Europe/Oslo")

SAID = ("value", "numerator", "denominator", "valid_on", "said_by", "note")
"""What an answer says; one that says the same as the one in force is not kept again."""

MOST_STATEMENTS = 200
"""Answers taken in at once; the whole template has some fifty."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One answer as a program gives it.

    Attributes
    ----------
    value : float
        In the catalogue's unit: a share is 0-1.
    count : float or None
        The number it was formed over, where the template asks for it.
    said_by : str
        Key of a role; never a person's name.
    """

    indicator: str
    value: float
    valid_on: date
    said_by: str
    count: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a filled-in template.

    Attributes
    ----------
    saved, unchanged : int
        Answers that were saved, and answers that say what is in force already: a file may be read in again.
    is_refused : bool
        Whether nothing was saved because answers were wrong.
    """

    report: LocalReport
    saved: int
    unchanged: int
    is_refused: bool


@dataclass(frozen=True, slots=True)
class LocalHistoryItem:
    """One thing the municipality said.

    Attributes
    ----------
    value : float or None
        None where it took back what it had said before (`is_withdrawal`), or where it is about fewer people than are
        shown (`fewer_than`).
    """

    entry: int
    value: float | None
    fewer_than: int | None
    is_withdrawal: bool
    numerator: float | None
    denominator: float | None
    valid_on: date
    said_by: str
    note: str | None
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class LocalIndicator:
    """One indicator that only the municipality can answer: what is in force, and everything said, the newest first."""

    indicator: str
    code: str
    in_force: LocalHistoryItem | None
    history: tuple[LocalHistoryItem, ...]


def norwegian_day(now: datetime) -> date:
    """The day it is in Norway, so that an answer about today is not one about tomorrow just after midnight."""
    return now.astimezone(OSLO).date()


def judge_file(snapshot: Snapshot, catalogue: Catalogue, content: bytes, code: str | None, today: date) -> LocalReport:
    """What a filled-in template says, and what is wrong with it; nothing is saved.

    Without a code the file's first row says which municipality it is about.
    """
    rows = read_sheet(content, load_local_template().headings)
    owner = code if code is not None else municipality_of(rows)
    if owner is None:
        raise LocalFileError(LocalFileFault.NO_TEMPLATE, Column.MUNICIPALITY)
    return _judged(snapshot, catalogue, rows, owner, today)


def judge_texts(
    snapshot: Snapshot, catalogue: Catalogue, rows: Sequence[dict[Column, str]], code: str, today: date
) -> LocalReport:
    """The same for answers typed into a form, read as the template's cells are; the first row is number 1."""
    sheet = [
        SheetRow(number, {column: cell for column, text in row.items() if (cell := text_cell(text)) is not None})
        for number, row in enumerate(rows, start=1)
    ]
    return _judged(snapshot, catalogue, sheet, code, today)


def judge_statements(
    snapshot: Snapshot, catalogue: Catalogue, statements: Sequence[Statement], code: str, today: date
) -> LocalReport:
    """The same for answers that a program gives; the first one is row 1."""
    if len(statements) > MOST_STATEMENTS:
        raise InvalidInputError("statements", len(statements), f"at most {MOST_STATEMENTS}")
    rows = [_row(number, statement, catalogue) for number, statement in enumerate(statements, start=1)]
    return _judged(snapshot, catalogue, rows, code, today)


def save_report(
    engine: Engine, report: LocalReport, now: datetime, changed: Callable[[], None], *, accept_valid: bool = False
) -> ImportResult:
    """Save the accepted answers: all or nothing, or with `accept_valid` those that are right.

    `changed` is called after something was saved, so that scores can be renewed.
    """
    result = only_judged(engine, report, accept_valid=accept_valid)
    if result.is_refused or not result.saved:
        return result
    in_force = _in_force(engine, report.municipality_code)
    save_local_rows(engine, [_row_of(answer, now) for answer in report.accepted if _said(answer) not in in_force])
    changed()
    return result


def only_judged(engine: Engine, report: LocalReport, *, accept_valid: bool = False) -> ImportResult:
    """What `save_report` would give, with nothing saved."""
    in_force = _in_force(engine, report.municipality_code)
    unchanged = sum(_said(answer) in in_force for answer in report.accepted)
    is_refused = bool(report.rejected) and not accept_valid
    return ImportResult(report, 0 if is_refused else len(report.accepted) - unchanged, unchanged, is_refused)


def withdraw_local_value(
    engine: Engine,
    snapshot: Snapshot,
    catalogue: Catalogue,
    code: str,
    indicator: str,
    *,
    said_by: str,
    reason: str,
    now: datetime,
    changed: Callable[[], None],
) -> None:
    """Take back everything a municipality has said about an indicator; it stays in the history with the reason.

    Raises
    ------
    UnknownMunicipalityError, UnknownKeyError
        If there is no such municipality or indicator.
    InvalidInputError
        If nothing is in force, the role is not on the list, or the reason is missing or too long.
    """
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)
    key = (indicator_called(indicator, catalogue) or catalogue.indicator(indicator)).key
    roles = load_local_template().role_names
    if said_by.casefold() not in roles:
        raise InvalidInputError("said_by", said_by, ", ".join(sorted(set(roles.values()))))
    told = text_cell(reason)
    if told is None or told.kind is not CellKind.TEXT or len(told.text) > LONGEST_NOTE:
        raise InvalidInputError("reason", reason, f"1-{LONGEST_NOTE} characters that are no formula")
    if local_values(engine).filter(municipality_code=code, indicator=key).is_empty():
        raise InvalidInputError("indicator", indicator, "one that the municipality has answered")
    save_local_rows(
        engine,
        [
            LocalValueRow(
                municipality_code=code,
                indicator=key,
                value=None,
                numerator=None,
                denominator=None,
                valid_on=norwegian_day(now),
                said_by=roles[said_by.casefold()],
                note=told.text,
                entered_at=now,
            )
        ],
    )
    changed()


def local_values(engine: Engine) -> dy.DataFrame[LocalValue]:
    """What every municipality says about itself, one row for each statement in force."""
    return values_in_force(load_local_entries(engine))


def local_indicators(engine: Engine, snapshot: Snapshot, catalogue: Catalogue, code: str) -> tuple[LocalIndicator, ...]:
    """Every indicator that only the municipality can answer, with what it has said, in the template's order."""
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)
    entries = load_local_entries(engine, code)
    in_force = set(entries_in_force(entries)["entry"])
    said: dict[str, list[LocalHistoryItem]] = {}
    for row in entries.sort("entry", descending=True).drop("municipality_code").iter_rows(named=True):
        entry = catalogue.indicators.get(row.pop("indicator"))
        if entry is not None:  # an indicator may have left the catalogue since
            said.setdefault(entry.key, []).append(_history_item(row, entry))
    codes = short_codes(catalogue)
    return tuple(
        LocalIndicator(
            indicator=asked.key,
            code=codes[asked.key],
            in_force=next((item for item in said.get(asked.key, ()) if item.entry in in_force), None),
            history=tuple(said.get(asked.key, ())),
        )
        for asked in all_asked(catalogue)
        if asked.origin == "local"
    )


def _said(answer: LocalAnswer) -> tuple[object, ...]:
    return (answer.indicator, *(getattr(answer, name) for name in SAID))


def _in_force(engine: Engine, code: str) -> set[tuple[object, ...]]:
    return set(entries_in_force(load_local_entries(engine, code)).select("indicator", *SAID).iter_rows())


def _row_of(answer: LocalAnswer, now: datetime) -> LocalValueRow:
    said = {name: getattr(answer, name) for name in SAID}
    return LocalValueRow(municipality_code=answer.municipality_code, indicator=answer.indicator, entered_at=now, **said)


def _history_item(row: dict[str, Any], entry: Indicator) -> LocalHistoryItem:
    is_withdrawal = row["value"] is None
    is_hidden = entry.unit == "applicants" and not is_withdrawal and row["value"] < FEWEST_APPLICANTS
    hidden = {"value": None, "numerator": None} if is_hidden else {}
    return LocalHistoryItem(
        **(row | hidden), fewer_than=FEWEST_APPLICANTS if is_hidden else None, is_withdrawal=is_withdrawal
    )


def _judged(snapshot: Snapshot, catalogue: Catalogue, rows: Sequence[SheetRow], code: str, today: date) -> LocalReport:
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)
    return judge_rows(rows, code, catalogue, load_local_template(), today)


def _row(number: int, statement: Statement, catalogue: Catalogue) -> SheetRow:
    """A program's answer as the template's cells; what it leaves out is an empty cell."""
    entry = indicator_called(statement.indicator, catalogue)
    is_share = entry is not None and entry.unit == "share"
    cells = {
        Column.CODE: text_cell(statement.indicator),
        Column.ANSWER: number_cell(statement.value, is_share=is_share),
        Column.COUNT: None if statement.count is None else number_cell(statement.count),
        Column.DATE: Cell(CellKind.DATE, statement.valid_on.isoformat(), day=statement.valid_on),
        Column.ROLE: text_cell(statement.said_by),
        Column.NOTE: text_cell(statement.note or ""),
    }
    return SheetRow(number, {column: cell for column, cell in cells.items() if cell is not None})
