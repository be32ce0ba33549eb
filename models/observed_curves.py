"""Observed curves of groups of spells, for tables and figures: never of fewer spells than may be shown."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.errors import EstimatorInputError
from models.fit_inputs import checked_weights
from models.incidence import aalen_johansen
from models.observation import any_cause, at_risk
from models.outcome import Outcome, read_outcome
from models.small_groups import LEAST_SPELLS, shown_groups
from models.uncertainty import INTERVAL_COVERAGE

ANY_CAUSE = 0
"""Number under which the share that has left for whatever cause stands."""

_SCHEMA = {
    "group": pl.String,
    "cause": pl.Int64,
    "time": pl.Float64,
    "at_risk": pl.Int64,
    "ended": pl.Int64,
    "survival": pl.Float64,
    "incidence": pl.Float64,
    "incidence_lower": pl.Float64,
    "incidence_upper": pl.Float64,
}


def group_curves(y: object, groups: ArrayLike, *, sample_weight: ArrayLike | None = None) -> pl.DataFrame:
    """Return Kaplan-Meier and Aalen-Johansen curves of each group, down to five spells at risk.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        As `models.outcome.read_outcome` takes it.
    groups : array-like of str, shape (spells,)
        Group of each spell.
    sample_weight : array-like, optional
        Number of spells that each one stands for; counts are of spells all the same.

    Returns
    -------
    DataFrame
        One row per group, cause and time of an end: ``group``, ``cause`` (`ANY_CAUSE`, then each cause where there are
        several), ``time``, ``at_risk`` (spells just before it), ``ended`` (of the cause, up to and with it; null below
        five), ``survival``, ``incidence`` (share that has left for the cause) with its 90 % interval, null where the
        share is 0 or 1. A row at time 0 opens every curve. Groups with fewer than five spells are left out, and the
        next smallest with them where the total would tell what was left out. Rows stop where fewer than five are at
        risk.

    Raises
    ------
    EstimatorInputError
        If lengths differ or no spell ended.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> curves = group_curves(survival_outcome([1] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), ["salaried"] * 6)
    >>> curves.select("time", "at_risk", "ended", "survival").rows()
    [(0.0, 6, None, 1.0), (1.0, 6, None, 0.8333333333333334), (2.0, 5, None, 0.6666666666666667)]
    """
    outcome = read_outcome(y)
    labels, weights = np.asarray(groups).astype(str), checked_weights(sample_weight, len(outcome))
    if labels.shape != (len(outcome),):
        raise EstimatorInputError("groups", f"shape {labels.shape}", f"one group for each of {len(outcome)} spells")
    if not outcome.ended.any():
        raise EstimatorInputError("event", "no ended spell", "at least one spell that ended")
    parts = [_curves_of(name, outcome[labels == name], weights[labels == name]) for name in shown_groups(labels)]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *sorted(parts, key=lambda part: str(part["group"][0]))])


def curves_at(curves: pl.DataFrame, y: object, groups: ArrayLike, times: ArrayLike) -> pl.DataFrame:
    """Return curves of `group_curves` at a few times, with the spells then at risk.

    Parameters
    ----------
    curves : DataFrame
        Of these spells and groups.
    y, groups
        As they were given to `group_curves`.
    times : array-like
        Times, >= 0.

    Returns
    -------
    DataFrame
        One row per group, cause and time: as the curves, without ``ended``; figures are null where fewer than five
        spells are at risk.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([1] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> curves_at(group_curves(y, ["a"] * 6), y, ["a"] * 6, [1.5, 2.5]).select("time", "at_risk", "survival").rows()
    [(1.5, 5, 0.8333333333333334), (2.5, None, None)]
    """
    outcome, labels, moments = read_outcome(y), np.asarray(groups).astype(str), np.unique(np.asarray(times, float))
    rows = []
    for (name, number), curve in curves.group_by("group", "cause", maintain_order=True):
        there = at_risk(outcome[labels == name], moments)
        place = np.searchsorted(curve["time"].to_numpy(), moments, side="right") - 1
        told = pl.Series(there >= LEAST_SPELLS)
        figures = curve[place].select("survival", "incidence", "incidence_lower", "incidence_upper")
        shown = figures.with_columns(at_risk=pl.Series(there, dtype=pl.Int64)).with_columns(
            pl.when(told).then(pl.all()).name.keep()
        )
        rows.append(shown.with_columns(group=pl.lit(name), cause=pl.lit(number, pl.Int64), time=pl.Series(moments)))
    order = [name for name in _SCHEMA if name != "ended"]
    return pl.concat([pl.DataFrame(schema=_SCHEMA).select(order), *(part.select(order) for part in rows)])


def _curves_of(name: str, outcome: Outcome, weights: NDArray[np.float64]) -> pl.DataFrame:
    causes = range(1, int(outcome.event.max()) + 1) if outcome.event.max() > 1 else ()
    views = [(ANY_CAUSE, any_cause(outcome), 1)] + [(cause, outcome, cause) for cause in causes]
    return pl.concat([_curve(name, number, view, cause, weights) for number, view, cause in views])


def _curve(name: str, number: int, outcome: Outcome, cause: int, weights: NDArray[np.float64]) -> pl.DataFrame:
    first = pl.DataFrame(
        {
            "time": [0.0],
            "survival": [1.0],
            "incidence": [0.0],
            "incidence_lower": [None],
            "incidence_upper": [None],
        },
        schema_overrides={"incidence_lower": pl.Float64, "incidence_upper": pl.Float64},
    )
    rows = first
    if (outcome.ended & (weights > 0)).any():
        curve = aalen_johansen(outcome, confidence=INTERVAL_COVERAGE, sample_weight=weights)
        own = curve.filter(pl.col("cause") == cause).select(
            pl.col("time_years").alias("time"),
            "survival",
            "incidence",
            pl.col("lower").alias("incidence_lower"),
            pl.col("upper").alias("incidence_upper"),
        )
        rows = pl.concat([first, own])
    times = rows["time"].to_numpy()
    there = np.where(times > 0, at_risk(outcome, times), (outcome.entry == 0).sum())
    gone = np.searchsorted(np.sort(outcome.time[outcome.event == cause]), times, side="right")
    counted = rows.with_columns(
        group=pl.lit(name), cause=pl.lit(number, pl.Int64), at_risk=pl.Series(there, dtype=pl.Int64), ended=gone
    ).with_columns(ended=pl.when(pl.col("ended") >= LEAST_SPELLS).then("ended").cast(pl.Int64))
    return counted.filter((pl.col("time") == 0) | (pl.col("at_risk") >= LEAST_SPELLS)).select(list(_SCHEMA))
