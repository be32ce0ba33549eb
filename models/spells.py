"""From spells to person-periods: one row per spell and time interval in which it was observed."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from features.errors import InvalidInputError

_TIMES = ("entry_years", "duration_years")


def checked_spells(spells: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with float times and boolean events, after a check of every value.

    Raises
    ------
    InvalidInputError
        If there are no rows, a column is missing or of a wrong type, a value is null or not finite, or a spell does
        not satisfy ``0 <= entry_years < duration_years``.
    """
    if missing := [name for name in (*_TIMES, "event") if name not in spells.columns]:
        raise InvalidInputError("spells", spells.columns, f"also the column {', '.join(missing)}")
    if spells.is_empty():
        raise InvalidInputError("spells", "no rows", "at least one spell")
    for name in _TIMES:
        if not spells.schema[name].is_numeric():
            raise InvalidInputError(name, spells.schema[name], "a numeric column, in years")
    if spells.schema["event"] != pl.Boolean:
        raise InvalidInputError("event", spells.schema["event"], "a boolean column: true where the contract ended")
    checked = spells.with_columns(pl.col(_TIMES).cast(pl.Float64))
    for name in (*_TIMES, "event"):
        if nulls := checked[name].null_count():
            raise InvalidInputError(name, f"{nulls} missing values", "a value in every row")
    entry, duration = pl.col("entry_years"), pl.col("duration_years")
    possible = entry.is_finite() & duration.is_finite() & (entry >= 0) & (duration > entry)
    if (wrong := checked.filter(~possible)).height:
        first = wrong.select(_TIMES).row(0)
        raise InvalidInputError(
            "duration_years",
            f"{wrong.height} rows, the first with entry_years {first[0]} and duration_years {first[1]}",
            "0 <= entry_years < duration_years, both finite",
        )
    return checked


def even_breaks(interval_years: float, horizon_years: float) -> tuple[float, ...]:
    """Return interval borders from 0 in even steps; the last one is at or beyond the horizon.

    Examples
    --------
    >>> even_breaks(0.5, 1.2)
    (0.0, 0.5, 1.0, 1.5)
    """
    for name, given in (("interval_years", interval_years), ("horizon_years", horizon_years)):
        if not 0 < given < float("inf"):
            raise InvalidInputError(name, given, "a positive number of years")
    steps = int(np.ceil(horizon_years / interval_years - 1e-9))
    return tuple(float(step * interval_years) for step in range(steps + 1))


def checked_breaks(breaks: Sequence[float]) -> np.ndarray:
    """Return the borders as an array, after a check that they start at 0 and rise."""
    borders = np.asarray(breaks, dtype=np.float64)
    if borders.ndim != 1 or borders.size < 2 or borders[0] != 0 or not np.all(np.diff(borders) > 0):
        raise InvalidInputError("breaks", tuple(breaks), "rising borders that start with 0, at least two")
    if not np.isfinite(borders[-1]):
        raise InvalidInputError("breaks", tuple(breaks), "finite borders")
    return borders


def person_periods(spells: pl.DataFrame, breaks: Sequence[float], *, clocks: Sequence[str] = ()) -> pl.DataFrame:
    """Return one row per spell and interval ``(start, stop]`` in which the spell was at risk.

    Exposure is exact: from the later of the interval's start and the spell's entry to the earlier of its stop and the
    spell's end. The sum of ``exposure_years`` is the sum of ``duration_years - entry_years``, and the sum of ``event``
    is the number of ended spells.

    Parameters
    ----------
    spells : DataFrame
        Columns ``entry_years``, ``duration_years``, ``event`` and any covariates, which are carried along.
    breaks : sequence of float
        Rising borders of the intervals in years, starting with 0 and reaching at least the longest duration.
    clocks : sequence of str
        Numeric covariates, given at the spell's start, that grow by one a year, for example
        ``years_since_specialist``. Each row gets its value at the interval's middle.

    Returns
    -------
    DataFrame
        The covariates, and ``interval`` (0-based), ``elapsed_years`` (the interval's middle), ``exposure_years`` > 0
        and ``event`` (true only in the last row of a spell that ended). Rows keep the order of the spells.

    Raises
    ------
    InvalidInputError
        If the spells or breaks are impossible, a clock is no numeric column, or a duration lies beyond the breaks.

    Examples
    --------
    >>> spells = pl.DataFrame({"entry_years": [0.25], "duration_years": [1.5], "event": [True]})
    >>> person_periods(spells, [0.0, 1.0, 2.0]).rows()
    [(0, 0.5, 0.75, False), (1, 1.5, 0.5, True)]
    """
    checked, borders = checked_spells(spells), checked_breaks(breaks)
    longest = float(checked["duration_years"].to_numpy().max())
    if longest > borders[-1]:
        raise InvalidInputError("breaks", f"borders up to {borders[-1]}", f"borders up to the longest spell, {longest}")
    for name in clocks:
        if name not in checked.columns or not checked.schema[name].is_numeric():
            raise InvalidInputError("clocks", name, "a numeric column of the spells")
    first = np.searchsorted(borders, checked["entry_years"].to_numpy(), side="right") - 1
    last = np.searchsorted(borders, checked["duration_years"].to_numpy(), side="left") - 1
    middle = pl.Series((borders[:-1] + borders[1:]) / 2)
    start, stop = pl.Series(borders[:-1]), pl.Series(borders[1:])
    return (
        checked.with_columns(interval=pl.int_ranges(pl.Series(first), pl.Series(last + 1)), _last=pl.Series(last))
        .explode("interval")
        .with_columns(
            elapsed_years=pl.lit(middle).gather(pl.col("interval")),
            exposure_years=pl.min_horizontal("duration_years", pl.lit(stop).gather(pl.col("interval")))
            - pl.max_horizontal("entry_years", pl.lit(start).gather(pl.col("interval"))),
            event=pl.col("event") & (pl.col("interval") == pl.col("_last")),
        )
        .with_columns(pl.col(name).cast(pl.Float64) + pl.col("elapsed_years") for name in clocks)
        .select(pl.exclude("entry_years", "duration_years", "_last", "event"), "event")
    )
