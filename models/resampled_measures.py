"""Measures of forecasts with intervals from clusters that are drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.counted_measures import counted_measures
from models.drawn_clusters import drawn_counts
from models.fold_forecast import FoldForecast, Key
from models.uncertainty import INTERVAL_COVERAGE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of quality with its interval; None where the spells cannot tell it.

    Attributes
    ----------
    name : str
        ``harrell_c``, ``uno_c`` (up to the last told horizon), ``auc``: 0.5 chance, 1 best. ``brier``,
        ``integrated_brier``: 0 best; the same ``_one_curve`` for the training spells' Kaplan-Meier curve; and
        ``skill``, ``integrated_skill``: one minus their ratio, above 0 better than one curve for all.
    horizon : float or None
        Time it is measured at; None where it is of the whole curve.
    value, lower, upper : float or None
        Mean over the folds, weighted by their test spells, and the interval around it.
    """

    name: str
    horizon: float | None
    value: float | None
    lower: float | None
    upper: float | None


def resampled_measures(
    forecasts: Sequence[FoldForecast],
    clusters: NDArray[Any],
    told: tuple[float, ...],
    asked: tuple[float, ...],
    resamples: int,
    seed: int,
) -> tuple[Measure, ...]:
    """Return every measure, averaged over the folds, with the interval that resampled clusters give.

    Parameters
    ----------
    forecasts : sequence of FoldForecast
        One per fold, all of the same cause.
    clusters : ndarray, shape (spells,)
        Person or municipality of every spell, at the places that the forecasts' ``rows`` name.
    told, asked : tuple of float
        Horizons of the forecasts, and all that were asked for; the rest come back without a value.
    resamples, seed : int
        How often clusters are drawn, and the seed of it.
    """
    counts = counts_with_own([clusters[forecast.rows] for forecast in forecasts], resamples, seed)
    return _with_intervals(_over_folds(forecasts, counts, told), asked)


def counts_with_own(parts: Sequence[NDArray[Any]], resamples: int, seed: int) -> list[Floats]:
    """Return, per part, how often each spell counts: first once each, then as drawn, shape (1 + draws, spells)."""
    drawn = zip(*drawn_counts(parts, resamples, seed), strict=True)
    return [np.vstack([np.ones(draws[0].size), *draws]) for draws in drawn]


def _over_folds(
    forecasts: Sequence[FoldForecast], counts: Sequence[Floats], horizons: tuple[float, ...]
) -> dict[Key, Floats]:
    """Return every measure, one of each per draw, averaged over the folds by the spells that were drawn."""
    measured = [counted_measures(*each, horizons) for each in zip(forecasts, counts, strict=True)]
    sizes = np.stack([each.sum(axis=1) for each in counts])
    means = {key: np.average([each[key] for each in measured], axis=0, weights=sizes) for key in measured[0]}
    skills: dict[Key, Floats] = {("integrated_skill", None): _skill(means, "integrated_brier", None)}
    return means | skills | {("skill", horizon): _skill(means, "brier", horizon) for horizon in horizons}


def _skill(means: dict[Key, Floats], name: str, horizon: float | None) -> Floats:
    reference = means[f"{name}_one_curve", horizon]
    told = reference > 0
    return np.where(told, 1 - means[name, horizon] / np.where(told, reference, 1.0), np.nan)


def _with_intervals(measured: dict[Key, Floats], asked: tuple[float, ...]) -> tuple[Measure, ...]:
    told = [measure_of(key, float(values[0]), values[1:]) for key, values in measured.items()]
    names = dict.fromkeys(name for name, horizon in measured if horizon is not None)
    missing = (horizon for horizon in asked if ("brier", horizon) not in measured)
    return (*told, *(Measure(name, horizon, None, None, None) for horizon in missing for name in names))


def measure_of(key: Key, value: float, draws: Floats) -> Measure:
    """Return a measure with the interval of its draws; no interval where too many draws could not tell it."""
    if not np.isfinite(value):
        return Measure(*key, None, None, None)
    known = draws[np.isfinite(draws)]
    if known.size < draws.size * INTERVAL_COVERAGE:
        return Measure(*key, value, None, None)
    tail = (1 - INTERVAL_COVERAGE) / 2
    lower, upper = (float(bound) for bound in np.quantile(known, [tail, 1 - tail]))
    return Measure(*key, value, lower, upper)
