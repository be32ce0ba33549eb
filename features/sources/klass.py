"""Statistics Norway's classifications (KLASS): municipalities, their changes, centrality and counties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from features import frames
from features.errors import AnswerFault, SourceAnswerError
from features.sources.json_stat import Origin
from features.sources.transport import Client

PUBLISHER = "SSB (KLASS)"
BASE_URL = "https://data.ssb.no/api/klass/v1"
SECONDS_BETWEEN_CALLS = 2.0

MUNICIPALITIES, COUNTIES, CENTRALITY = 131, 104, 128

NOT_STATED = ("9999", "99")
"""Codes that stand for no place."""


@dataclass(frozen=True, slots=True)
class CodeChanges:
    """Changes of codes, and the entries of the source that are none.

    Attributes
    ----------
    rows : polars.DataFrame
        Contract `features.frames.CodeChange`.
    left_out : int
        Entries without an old or without a new code: founded or given up, not changed.
    """

    rows: pl.DataFrame
    left_out: int


def codes_at(client: Client, classification: int, day: date) -> pl.DataFrame:
    """Codes of a classification that are valid on a day.

    Returns
    -------
    polars.DataFrame
        Columns ``code``, ``name``, ``parent_code`` (null at the top) and ``level``, without the codes `NOT_STATED`.

    Raises
    ------
    SourceUnavailableError
        If KLASS does not answer.
    SourceAnswerError
        If it refuses, answers in XML, or lists no codes.
    """
    items = _items(client, f"classifications/{classification}/codesAt.json", "codes", {"date": day.isoformat()})
    codes = _frame(items, {"code": "code", "name": "name", "parent_code": "parentCode", "level": "level"})
    if codes.select("code", "name").null_count().sum_horizontal().item():
        raise _origin(client, classification).wrong(AnswerFault.SHAPE, "an entry without code or name")
    return codes.filter(~pl.col("code").is_in(NOT_STATED))


def municipalities_at(client: Client, day: date) -> pl.DataFrame:
    """Municipalities of a day: columns ``municipality_code`` and ``name`` (in every official language).

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        As `codes_at`; also if a code has not four digits.

    References
    ----------
    SSB, KLASS 131.
    """
    codes = codes_at(client, MUNICIPALITIES, day)
    strangers = codes.filter(~pl.col("code").str.contains(frames.MUNICIPALITY_CODE))["code"].to_list()
    if strangers:
        raise _origin(client, MUNICIPALITIES).wrong(AnswerFault.SHAPE, f"{strangers[0]!r} is no municipality code")
    return codes.select(municipality_code="code", name="name")


def counties_at(client: Client, day: date) -> pl.DataFrame:
    """Counties of a day: columns ``county_code`` and ``county_name``; a municipality's code begins with its county's.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        As `codes_at`.

    References
    ----------
    SSB, KLASS 104.
    """
    return codes_at(client, COUNTIES, day).select(county_code="code", county_name="name")


def centrality_at(client: Client, day: date) -> pl.DataFrame:
    """Centrality class of the municipalities of a day: columns ``municipality_code`` and ``centrality_class`` (1-6).

    The index behind the class (0-1000) is not in KLASS.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        As `codes_at`; also if a municipality has no class from 1 to 6, or two.

    References
    ----------
    SSB, KLASS 128, by its correspondence with 131.
    """
    items = _items(
        client,
        f"classifications/{MUNICIPALITIES}/corresponds.json",
        "correspondenceItems",
        {"targetClassificationId": str(CENTRALITY), **_period(day, date.fromordinal(day.toordinal() + 1))},
    )
    rows = (
        _frame(items, {"municipality_code": "sourceCode", "centrality_class": "targetCode"})
        .filter(~pl.col("municipality_code").is_in(NOT_STATED).fill_null(value=False))
        .with_columns(pl.col("centrality_class").cast(pl.Int64, strict=False))
        .unique(maintain_order=True)
    )
    if (
        rows["municipality_code"].has_nulls()
        or not rows["centrality_class"].is_between(1, 6).fill_null(value=False).all()
        or rows["municipality_code"].is_duplicated().any()
    ):
        raise _origin(client, CENTRALITY).wrong(AnswerFault.SHAPE, "a municipality has no class from 1 to 6, or two")
    return rows


def municipality_code_changes(client: Client, start: date, end: date) -> CodeChanges:
    """Municipality codes that became another, or the same with another name, from `start` and before `end`.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        As `codes_at`; also if a change has no date.

    References
    ----------
    SSB, KLASS 131, changes.
    """
    items = _items(client, f"classifications/{MUNICIPALITIES}/changes.json", "codeChanges", _period(start, end))
    names = {
        "old_code": "oldCode",
        "old_name": "oldName",
        "new_code": "newCode",
        "new_name": "newName",
        "change_date": "changeOccurred",
    }
    listed = _frame(items, names)
    changes = listed.drop_nulls(["old_code", "new_code"]).filter(
        ~pl.col("old_code").is_in(NOT_STATED), ~pl.col("new_code").is_in(NOT_STATED)
    )
    accepted, failure = frames.CodeChange.filter(
        changes.with_columns(pl.col("change_date").str.slice(0, 10).str.to_date(strict=False)).unique(
            maintain_order=True
        )
    )
    if len(failure):
        row = failure.invalid().row(0, named=True)
        raise _origin(client, MUNICIPALITIES).wrong(AnswerFault.SHAPE, f"no change of a code: {row}")
    return CodeChanges(accepted, listed.height - changes.height)


def _items(client: Client, path: str, name: str, params: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """The list called `name` of an answer."""
    answer = client.get_json(path, {"language": "nb", **params})
    items = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise SourceAnswerError(
            client.publisher, client.address(path), AnswerFault.SHAPE, f"no list {name!r} of JSON objects"
        )
    return items


def _frame(items: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> pl.DataFrame:
    """Columns of text, an empty one null."""
    columns = {
        column: [None if item.get(name) in (None, "") else str(item[name]) for item in items]
        for column, name in names.items()
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _period(start: date, end: date) -> dict[str, str]:
    return {"from": start.isoformat(), "to": end.isoformat()}


def _origin(client: Client, classification: int) -> Origin:
    path = f"classifications/{classification}"
    return Origin(client.publisher, client.address(path), f"classification {classification}")
