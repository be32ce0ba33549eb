"""From yearly snapshots (who held which post on a day) to spells whose end lies between two snapshots."""

import polars as pl

from models.exit_causes import CAUSE_NUMBERS, CAUSE_TYPE, ExitCause
from models.row_reading import date_of, duplicates, first_fault, given_rows, key_faults, split_off, text_of, with_keys
from models.spell_table import (
    SPELL_COLUMNS,
    RowReject,
    SpellTable,
    days_between,
    numbered_spells,
    reject_frame,
    years_of,
)

COLUMNS = ("person", "post", "municipality", "snapshot_date")
_STAY = ("person", "post")


def spells_from_snapshots(rows: pl.DataFrame) -> SpellTable:
    """Return the spells that snapshots tell of, interval-censored, and the rows that cannot be used.

    A spell runs through consecutive snapshots that hold the person in the post; its clock starts at the first of them.
    Its end lies after the last one that holds it (``time_lower_years``) and no later than the next
    (``duration_years``); in the last snapshot of all it is censored. The true start is up to one snapshot earlier,
    and stays that begin and end between two snapshots are never seen: durations say how long doctors stay *who were
    seen once*. A person missing from one snapshot and back in the next has two spells.

    Parameters
    ----------
    rows : DataFrame
        Columns ``person``, ``post``, ``municipality`` (four digits), ``snapshot_date`` (dates, or text such as
        2024-08-31 or 31.08.2024). The snapshots are the dates that occur.

    Returns
    -------
    SpellTable
        The cause of an end is ``other_municipality`` where the person newly appears in another municipality in the
        next snapshot, else ``not_stated``. Spells in the first snapshot are rejected (``start_unknown``), and those
        first seen in the last one (``no_follow_up``); ``spell_number`` counts both.

    Raises
    ------
    InvalidInputError
        If a column is missing or of a type that holds no dates.

    References
    ----------
    Lindsey and Ryan 1998, Statistics in Medicine 17(2):219-238 (interval-censored spells).

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {
    ...         "person": ["a", "b", "b", "a"],
    ...         "post": ["1", "2", "2", "1"],
    ...         "municipality": "5037",
    ...         "snapshot_date": ["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"],
    ...     }
    ... )
    >>> table = spells_from_snapshots(rows)
    >>> table.spells.select("person_id", pl.col("time_lower_years", "duration_years").round(2), "cause").rows()
    [('b', 1.0, 2.0, 'not_stated')]
    >>> table.reject_counts
    {'start_unknown': 1, 'no_follow_up': 1}
    """
    given = given_rows(rows, COLUMNS)
    readable, unusable = split_off(_read(given))
    single, repeated = split_off(duplicates(readable, [*_STAY, "snapshot_date"]))
    seen = _with_place(single)
    dates = seen["snapshot_date"].unique().sort()
    stays = seen.sort(*_STAY, "place").with_columns(
        stay=(pl.col("place").diff() != 1).over(_STAY).fill_null(True).cum_sum()
    )
    spells = numbered_spells(_joined(stays)).with_columns(_unusable(dates.len()))
    usable = spells.filter(pl.col("reject").is_null())
    unobserved = stays.join(spells.filter(pl.col("reject").is_not_null()).select("stay", "reject"), on="stay")
    rejected = pl.concat([unusable, repeated, split_off(unobserved)[1]], how="vertical_relaxed")
    return SpellTable(
        spells=_timed(_with_cause(usable, seen, dates.len()), dates),
        rejects=reject_frame(given, rejected),
        rows=given.height,
        joined_rows=given.height - rejected.height - usable.height,
    )


def _read(given: pl.DataFrame) -> pl.DataFrame:
    faults = [
        *key_faults(),
        (pl.col("has_date").not_(), RowReject.MISSING_SNAPSHOT),
        (pl.col("snapshot_date").is_null(), RowReject.UNREADABLE_SNAPSHOT),
    ]
    return (
        with_keys(given)
        .with_columns(date_of(given, "snapshot_date"), has_date=text_of("snapshot_date").is_not_null())
        .with_columns(first_fault(faults))
        .drop("has_date")
    )


def _with_place(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the ``place`` of their snapshot among all, from 0."""
    return rows.with_columns(place=pl.col("snapshot_date").rank("dense").cast(pl.Int64) - 1)


def _joined(stays: pl.DataFrame) -> pl.DataFrame:
    return stays.group_by("stay", maintain_order=True).agg(
        person_id=pl.col("person").first(),
        post_id=pl.col("post").first(),
        municipality_code=pl.col("municipality").last(),  # the post's code today, should a reform have renamed it
        start_date=pl.col("snapshot_date").first(),
        first=pl.col("place").first(),
        last=pl.col("place").last(),
    )


def _unusable(snapshots: int) -> pl.Expr:
    return first_fault(
        [
            (pl.col("first") == 0, RowReject.START_UNKNOWN),
            (pl.col("first") == snapshots - 1, RowReject.NO_FOLLOW_UP),
        ]
    )


def _with_cause(spells: pl.DataFrame, seen: pl.DataFrame, snapshots: int) -> pl.DataFrame:
    """Spells with ``cause``: where the person newly appears in the snapshot after the last that holds the spell."""
    presence = seen.select(person_id="person", there="municipality", place="place").unique()
    before = presence.with_columns(pl.col("place") + 1)
    arrivals = presence.join(before, on=["person_id", "there", "place"], how="anti")
    moved = (
        spells.select("stay", "person_id", "municipality_code", place=pl.col("last") + 1)
        .join(arrivals, on=["person_id", "place"])
        .filter(pl.col("there") != pl.col("municipality_code"))
    )
    return spells.with_columns(
        cause=pl.when(pl.col("last") < snapshots - 1)
        .then(
            pl.when(pl.col("stay").is_in(moved["stay"].unique().implode()))
            .then(pl.lit(ExitCause.OTHER_MUNICIPALITY.value))
            .otherwise(pl.lit(ExitCause.NOT_STATED.value))
        )
        .cast(CAUSE_TYPE)
    )


def _timed(spells: pl.DataFrame, dates: pl.Series) -> pl.DataFrame:
    after = pl.min_horizontal(pl.col("last") + 1, dates.len() - 1)
    start = pl.col("start_date")
    return (
        spells.with_row_index("spell_id")
        .with_columns(
            pl.col("spell_id").cast(pl.Int64),
            entry_years=pl.lit(0.0),
            time_lower_years=years_of(days_between(start, pl.lit(dates).gather(pl.col("last")))),
            duration_years=years_of(days_between(start, pl.lit(dates).gather(after))),
            event=pl.col("cause").replace_strict(CAUSE_NUMBERS, default=0, return_dtype=pl.Int64),
        )
        .select(SPELL_COLUMNS)
    )
