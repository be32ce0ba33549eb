"""Spells that rows tell of, with the rows that could not be used."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.outcome import survival_outcome

DAYS_PER_YEAR = 365.25
"""Days over this are years: the mean year of the Julian calendar, so that a year is off by less than a day in 365."""


class RowReject(StrEnum):
    """Why a row could not be used; the first that applies, in this order."""

    MISSING_PERSON = "missing_person"
    MISSING_POST = "missing_post"
    MISSING_MUNICIPALITY = "missing_municipality"
    UNREADABLE_MUNICIPALITY = "unreadable_municipality"
    MISSING_START = "missing_start"
    UNREADABLE_START = "unreadable_start"
    UNREADABLE_END = "unreadable_end"
    REVERSED = "reversed"
    START_IN_FUTURE = "start_in_future"
    END_IN_FUTURE = "end_in_future"
    REASON_WITHOUT_END = "reason_without_end"
    UNKNOWN_REASON = "unknown_reason"
    MISSING_SNAPSHOT = "missing_snapshot"
    UNREADABLE_SNAPSHOT = "unreadable_snapshot"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    ENDED_BEFORE_OBSERVATION = "ended_before_observation"
    START_UNKNOWN = "start_unknown"
    NO_FOLLOW_UP = "no_follow_up"


SPELL_COLUMNS = (
    "spell_id",
    "person_id",
    "post_id",
    "municipality_code",
    "start_date",
    "entry_years",
    "duration_years",
    "time_lower_years",
    "event",
    "cause",
    "spell_number",
    "previous_spells",
)

REJECT_TYPE = pl.Enum([reject.value for reject in RowReject])


@dataclass(frozen=True, slots=True, eq=False)
class SpellTable:
    """What rows tell: spells, and every row that is part of none.

    Every row is accounted for: ``rows = spells.height + joined_rows + rejects.height``.

    Attributes
    ----------
    spells : DataFrame
        One row per stay of a person in a post, by person and start: ``spell_id``, ``person_id`` (a pseudonym for the
        time of the analysis; nothing stores a figure about a person), ``post_id``, ``municipality_code``,
        ``start_date``, ``entry_years`` and ``duration_years`` since the start, ``time_lower_years`` (the latest time
        at which the spell was known to run; equal to ``duration_years`` unless its end lies between two snapshots),
        ``event`` (number of the cause, 0 while running), ``cause`` (null while running), ``spell_number`` of the
        person from 1, and ``previous_spells``.
    rejects : DataFrame
        ``row_number`` from 1, ``reject`` (`RowReject`), ``related_row`` (the row that is kept instead, where there is
        one), and the row as it was given.
    rows : int
        Rows that were given.
    joined_rows : int
        Rows that continue a spell of the table without a gap.
    """

    spells: pl.DataFrame
    rejects: pl.DataFrame
    rows: int
    joined_rows: int

    @property
    def reject_counts(self) -> dict[str, int]:
        """Number of rejected rows for each reason that occurs."""
        counts = self.rejects.group_by("reject").len().sort("reject")
        return {str(reject): int(count) for reject, count in counts.iter_rows()}

    @property
    def outcome(self) -> NDArray[np.void]:
        """The structured ``y`` that the estimators are fitted to, one element per spell."""
        return survival_outcome(
            self.spells["event"].to_numpy(),
            self.spells["duration_years"].to_numpy(),
            entry=self.spells["entry_years"].to_numpy(),
            time_lower=self.spells["time_lower_years"].to_numpy(),
        )


def years_of(days: pl.Expr) -> pl.Expr:
    """Return whole days as years."""
    return days.cast(pl.Float64) / DAYS_PER_YEAR


def days_between(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """Return the days from one date to another; 0 where they are the same."""
    return (last - first).dt.total_days()


def reject_frame(given: pl.DataFrame, rejected: pl.DataFrame) -> pl.DataFrame:
    """Return the rejected rows as they were given, in their order.

    Parameters
    ----------
    given : DataFrame
        All rows with their ``row_number``.
    rejected : DataFrame
        ``row_number``, ``reject``, ``related_row``.
    """
    typed = rejected.select("row_number", pl.col("reject").cast(REJECT_TYPE), pl.col("related_row").cast(pl.Int64))
    return typed.join(given, on="row_number", how="left").sort("row_number")


def numbered_spells(spells: pl.DataFrame) -> pl.DataFrame:
    """Return spells by person and start with ``spell_number`` and ``previous_spells`` of the person."""
    ordered = spells.sort("person_id", "start_date", "post_id")
    number = pl.int_range(pl.len(), dtype=pl.Int64).over("person_id")
    return ordered.with_columns(spell_number=number + 1, previous_spells=number)
