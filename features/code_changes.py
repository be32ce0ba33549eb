"""Municipality codes over time: which were in force on a day, and what each change was."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from features.errors import InvalidInputError
from features.snapshot import Snapshot


class ChangeKind(StrEnum):
    """What happened to an old code on the day of a change."""

    RENAMED = "renamed"
    RENUMBERED = "renumbered"
    MERGED = "merged"
    SPLIT = "split"
    SPLIT_AND_MERGED = "split_and_merged"


@dataclass(frozen=True, slots=True)
class CodeHistory:
    """The codes of today, and how they came about.

    Attributes
    ----------
    changes : polars.DataFrame
        Contract `features.frames.CodeChange`.
    parts : polars.DataFrame
        Contract `features.frames.CodeChangePart`: inhabitants of the areas of merges and splits.
    today : frozenset[str]
        The codes in force after the last change.
    """

    changes: pl.DataFrame
    parts: pl.DataFrame
    today: frozenset[str]

    @property
    def first_year(self) -> int:
        """The first year whose codes are known."""
        return int(self.changes["change_date"].dt.year().to_numpy().min())

    @property
    def last_year(self) -> int:
        """The year of the last change: its codes are those of today."""
        return int(self.changes["change_date"].dt.year().to_numpy().max())


def code_history(snapshot: Snapshot) -> CodeHistory:
    """The changes of municipality codes that a snapshot holds.

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> history = code_history(load_snapshot())
    >>> (history.first_year, history.last_year, len(history.today))
    (2011, 2024, 357)
    """
    return CodeHistory(
        snapshot.municipality_code_changes,
        snapshot.code_change_parts,
        frozenset(snapshot.municipalities["municipality_code"]),
    )


def structure_on(when: int | date, history: CodeHistory) -> frozenset[str]:
    """The municipality codes in force on a day, or during a year.

    Every change so far took effect on a 1 January, so that the codes of 1 January are those of the whole year. The
    codes 9999 ("not stated"), 2100 and 2211 (Svalbard, Jan Mayen) of registers are no municipalities.

    Parameters
    ----------
    when : int or datetime.date
        Year or day, from the first change on. After the last one the codes of today are given.

    Raises
    ------
    InvalidInputError
        If the day lies before the first change that is known.

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> history = code_history(load_snapshot())
    >>> [len(structure_on(year, history)) for year in (2016, 2017, 2018, 2019, 2020, 2024)]
    [428, 426, 422, 422, 356, 357]

    References
    ----------
    SSB, KLASS 131 (municipalities), changes 2011-2024.
    """
    day = first_day(when, history) if isinstance(when, int) else when
    return structures_on([day], history)[day]


def structures_on(days: Collection[date], history: CodeHistory) -> dict[date, frozenset[str]]:
    """The `structure_on` each of several days, found in one walk back from today.

    Raises
    ------
    InvalidInputError
        If a day lies before the first change that is known.
    """
    codes, found = history.today, dict[date, frozenset[str]]()
    undone = changes_by_day(history.changes)
    for day in sorted(set(days), reverse=True):
        if day < first_day(history.first_year, history):
            raise InvalidInputError("day", day, f"a day in {history.first_year} or later")
        while undone and max(undone) > day:
            steps = undone.pop(max(undone))
            codes = (codes - set(steps["new_code"])) | set(steps["old_code"])
        found[day] = codes
    return found


def first_day(year: int, history: CodeHistory) -> date:
    """The 1 January of a year whose codes are known.

    Raises
    ------
    InvalidInputError
        If the year lies before the first change.
    """
    if not history.first_year <= year <= date.max.year:
        raise InvalidInputError("year", year, f"{history.first_year} or later")
    return date(year, 1, 1)


def changes_by_day(changes: pl.DataFrame) -> dict[date, pl.DataFrame]:
    """The changes of each day, the first day first."""
    by_day = changes.sort("change_date").partition_by("change_date", as_dict=True, maintain_order=True)
    return {day: steps for (day,), steps in by_day.items()}


def classified_changes(changes: pl.DataFrame) -> pl.DataFrame:
    """What each change was: a new name, a new number, a merge, a split, or a part that joined others.

    Names tell nothing about the area: a municipality that keeps code and name may have grown by a merge (1103 Stavanger
    in 2020), and one with another code and name may be the same area (3018 Våler). What counts is how many codes an
    old one became, and how many a new one came from.

    Parameters
    ----------
    changes : polars.DataFrame
        Contract `features.frames.CodeChange`.

    Returns
    -------
    polars.DataFrame
        The changes with ``kind`` (`ChangeKind`): ``renamed`` (one code, the same), ``renumbered`` (one code, another
        one), ``merged`` (whole, together with others), ``split`` (a part on its own), ``split_and_merged`` (a part,
        together with others).

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> kinds = classified_changes(load_snapshot().municipality_code_changes)
    >>> kinds.filter(old_code="1850", new_code="1806").select("old_name", "new_name", "kind").row(0)
    ('Tysfjord - Divtasvuodna', 'Narvik', 'split_and_merged')
    """
    became = pl.col("new_code").n_unique().over("change_date", "old_code")
    came_from = pl.col("old_code").n_unique().over("change_date", "new_code")
    kind = (
        pl.when(became > 1, came_from > 1)
        .then(pl.lit(ChangeKind.SPLIT_AND_MERGED))
        .when(became > 1)
        .then(pl.lit(ChangeKind.SPLIT))
        .when(came_from > 1)
        .then(pl.lit(ChangeKind.MERGED))
        .when(pl.col("old_code") == pl.col("new_code"))
        .then(pl.lit(ChangeKind.RENAMED))
        .otherwise(pl.lit(ChangeKind.RENUMBERED))
    )
    return changes.with_columns(kind=kind.cast(pl.Enum([str(member) for member in ChangeKind])))
