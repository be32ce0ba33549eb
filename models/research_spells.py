"""Spells of anybody's file: which column is what, and which rows cannot be used and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.errors import EstimatorInputError
from models.outcome import Floats, Outcome, read_outcome, survival_outcome
from models.research_columns import covariates_of, dates_of, events_of, has_infinite, numbers_of
from models.spell_table import DAYS_PER_YEAR


class SpellReject(StrEnum):
    """Why a row could not be used; the first that applies, in this order."""

    MISSING_TIME = "missing_time"
    UNREADABLE_TIME = "unreadable_time"
    TIME_NOT_POSITIVE = "time_not_positive"
    REVERSED_DATES = "reversed_dates"
    MISSING_ENTRY = "missing_entry"
    NEGATIVE_ENTRY = "negative_entry"
    ENTRY_NOT_BEFORE_TIME = "entry_not_before_time"
    LOWER_TIME_IMPOSSIBLE = "lower_time_impossible"
    MISSING_PERSON = "missing_person"
    MISSING_GROUP = "missing_group"
    MISSING_START = "missing_start"
    MISSING_WEIGHT = "missing_weight"
    NEGATIVE_WEIGHT = "negative_weight"
    INFINITE_COVARIATE = "infinite_covariate"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellRoles:
    """Which column holds what; None where there is none.

    Attributes
    ----------
    time, entry, time_lower : str or None
        Numbers in one unit: end or end of observation, start of observation, and the latest time at which the spell
        was known to run. ``time`` may be left out where ``start`` and ``end`` are there; the unit is years then.
    event : str
        0/1, a boolean, or codes of causes; 0, empty and words such as ``censored`` are no end.
    start, end : str or None
        Dates.
    person, group, weights, curves_by : str or None
        Who and where, weight of the row, and what observed curves are told by.
    covariates : sequence of str or None
        None: every other column that is a number, a boolean or a text of few levels.
    """

    time: str | None = None
    event: str
    entry: str | None = None
    time_lower: str | None = None
    start: str | None = None
    end: str | None = None
    person: str | None = None
    group: str | None = None
    weights: str | None = None
    curves_by: str | None = None
    covariates: Sequence[str] | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Columns that have a role other than that of a covariate alone."""
        roles = (self.time, self.event, self.entry, self.time_lower, self.start, self.end)
        return tuple(name for name in (*roles, self.person, self.group, self.weights) if name is not None)


@dataclass(frozen=True, slots=True, eq=False)
class ResearchSpells:
    """Rows that can be used, row for row, and what became of the others.

    Attributes
    ----------
    row_number : ndarray of int
        Place of each spell in the file, from 1.
    outcome : Outcome
        Event as number of the cause.
    causes : tuple of str
        Code of each cause, cause 1 first; one alone is an end of whatever cause.
    covariates : DataFrame
        Texts as Enum of all their levels.
    person, group : ndarray or None
        Texts.
    start : ndarray of datetime64[D] or None
        Day on which each clock started.
    weights : ndarray or None
        Of the rows.
    curves_by : ndarray of str or None
        What curves are told by; an empty field is a level of its own, ``-``.
    rejects : DataFrame
        ``row_number`` and ``reject`` of every row that could not be used, and nothing of its content.
    left_out : dict of str to str
        Columns that are no covariate though none was asked for by name, and why: see
        `models.research_columns.covariates_of`.
    rows : int
        Of the file.
    """

    row_number: NDArray[np.int64]
    outcome: Outcome
    causes: tuple[str, ...]
    covariates: pl.DataFrame
    person: NDArray[np.str_] | None
    group: NDArray[np.str_] | None
    start: NDArray[np.datetime64] | None
    weights: Floats | None
    curves_by: NDArray[np.str_] | None
    rejects: pl.DataFrame
    left_out: dict[str, str]
    rows: int

    @property
    def reject_counts(self) -> dict[str, int]:
        """Rows that could not be used, by reason."""
        return dict(self.rejects.group_by("reject").len().sort("reject").iter_rows())


def research_spells(rows: pl.DataFrame, roles: SpellRoles, *, starts_needed: bool = False) -> ResearchSpells:
    """Return the spells of a file; rows that miss a needed value or hold an impossible one come back as rejects.

    Nothing is filled in: a covariate that lacks a value stays without one.

    Parameters
    ----------
    rows : DataFrame
        As read.
    roles : SpellRoles
        Which column is what.
    starts_needed : bool
        Whether a row without a start day cannot be used.

    Raises
    ------
    EstimatorInputError
        If a column is missing or of an impossible type, or no row that ended is left.

    Examples
    --------
    >>> rows = pl.DataFrame({"years": [1.0, 4.0, -1.0], "left": ["moved", "", "moved"], "fte": [1.0, 0.5, 1.0]})
    >>> spells = research_spells(rows, SpellRoles(time="years", event="left"))
    >>> spells.outcome.event.tolist(), spells.covariates.columns, spells.reject_counts
    ([1, 0], ['fte'], {'time_not_positive': 1})
    """
    asked = [*roles.named, *(roles.covariates or ()), *([roles.curves_by] if roles.curves_by else ())]
    for name in asked:
        if name not in rows.columns:
            raise EstimatorInputError(name, "no such column", f"one of {', '.join(rows.columns)}")
    if roles.time is None and (roles.start is None or roles.end is None):
        raise EstimatorInputError("time", None, "a column of durations, or columns of start and end dates")
    read = _read(rows, roles)
    event, causes = events_of(rows[roles.event])
    if not (event > 0).any():
        raise EstimatorInputError(roles.event, "no row that ended", "at least one that ended")
    covariates, left_out = covariates_of(rows, roles.covariates, roles.named)
    read = read.with_columns(
        event=event, infinite=has_infinite(covariates), row_number=pl.int_range(1, rows.height + 1, dtype=pl.Int64)
    )
    read = read.with_columns(reject=_reject(read, roles, starts_needed))
    used = read["reject"].is_null()
    kept = read.filter(used)
    if not kept.height or not (kept["event"] > 0).any():
        raise EstimatorInputError(
            roles.event, f"no row that ended among {kept.height} usable of {rows.height}", "at least one that ended"
        )
    outcome = read_outcome(
        survival_outcome(
            kept["event"].to_numpy(), kept["time"].to_numpy(), entry=kept["entry"], time_lower=kept["time_lower"]
        )
    )
    return ResearchSpells(
        row_number=kept["row_number"].to_numpy(),
        outcome=outcome,
        causes=causes,
        covariates=covariates.filter(used),
        person=_texts(kept, "person", roles.person),
        group=_texts(kept, "group", roles.group),
        start=None if roles.start is None else kept["start"].to_numpy().astype("datetime64[D]"),
        weights=None if roles.weights is None else kept["weights"].to_numpy(),
        curves_by=None
        if roles.curves_by is None
        else rows[roles.curves_by].cast(pl.String).fill_null("-").filter(used).to_numpy().astype(str),
        rejects=read.filter(~used).select("row_number", "reject"),
        left_out=left_out,
        rows=rows.height,
    )


def _read(rows: pl.DataFrame, roles: SpellRoles) -> pl.DataFrame:
    """Return the columns by role: numbers, dates and texts; null where nothing can be read."""
    given = pl.DataFrame({"start": dates_of(rows, roles.start), "end": dates_of(rows, roles.end)})
    if roles.time is None:
        # a spell that is still running is taken to have been seen on the last day that any row tells of
        until = pl.col("end").fill_null(pl.max_horizontal(pl.col("end").max(), pl.col("start").max()))
        years = (until - pl.col("start")).dt.total_days().cast(pl.Float64) / DAYS_PER_YEAR
        time = given.select(number=years, given=pl.col("start").is_not_null())
    else:
        time = numbers_of(rows, roles.time)
    lower = numbers_of(rows, roles.time_lower)["number"]
    return given.with_columns(
        time=time["number"],
        time_given=time["given"],
        entry=numbers_of(rows, roles.entry, 0.0)["number"],
        weights=numbers_of(rows, roles.weights, 1.0)["number"],
        time_lower=lower.zip_with(lower.is_not_null(), time["number"]),
        person=_text(rows, roles.person),
        group=_text(rows, roles.group),
    )


def _text(rows: pl.DataFrame, name: str | None) -> pl.Series:
    if name is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    return rows[name].cast(pl.String).str.strip_chars().replace("", None)


def _texts(kept: pl.DataFrame, role: str, name: str | None) -> NDArray[np.str_] | None:
    return None if name is None else kept[role].to_numpy().astype(str)


def _reject(read: pl.DataFrame, roles: SpellRoles, starts_needed: bool) -> pl.Series:  # noqa: FBT001
    time, entry, lower = pl.col("time"), pl.col("entry"), pl.col("time_lower")
    no = pl.lit(False)
    tests = {
        SpellReject.MISSING_TIME: ~pl.col("time_given"),
        SpellReject.UNREADABLE_TIME: time.is_null() | ~time.is_finite(),
        SpellReject.REVERSED_DATES: (pl.col("end") < pl.col("start")).fill_null(False),
        SpellReject.TIME_NOT_POSITIVE: time <= 0,
        SpellReject.MISSING_ENTRY: entry.is_null() | ~entry.is_finite(),
        SpellReject.NEGATIVE_ENTRY: entry < 0,
        SpellReject.ENTRY_NOT_BEFORE_TIME: entry >= time,
        SpellReject.LOWER_TIME_IMPOSSIBLE: ~((lower >= entry) & (lower <= time)),
        SpellReject.MISSING_PERSON: no if roles.person is None else pl.col("person").is_null(),
        SpellReject.MISSING_GROUP: no if roles.group is None else pl.col("group").is_null(),
        SpellReject.MISSING_START: pl.col("start").is_null() if starts_needed else no,
        SpellReject.MISSING_WEIGHT: pl.col("weights").is_null() | ~pl.col("weights").is_finite(),
        SpellReject.NEGATIVE_WEIGHT: pl.col("weights") < 0,
        SpellReject.INFINITE_COVARIATE: pl.col("infinite"),
    }
    found = pl.coalesce(pl.when(test.fill_null(False)).then(pl.lit(name.value)) for name, test in tests.items())
    return read.select(reject=found.cast(pl.String)).to_series()
