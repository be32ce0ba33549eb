"""Measures of forecasts with intervals from clusters that are drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fold_forecast import FoldForecast, Key
from models.uncertainty import INTERVAL_COVERAGE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    groups = tuple(rows_by_cluster(clusters[forecast.rows]) for forecast in forecasts)
    rng = np.random.default_rng(seed)
    draws = [
        _over_folds([each.resampled(drawn_rows(rows, rng)) for each, rows in zip(forecasts, groups, strict=True)], told)
        for _ in range(resamples)
    ]
    return _with_intervals(_over_folds(forecasts, told), draws, asked)


def rows_by_cluster(labels: NDArray[Any]) -> tuple[Ints, ...]:
    """Return the places of each cluster's spells."""
    cluster = np.unique(labels, return_inverse=True)[1]
    order = np.argsort(cluster, kind="stable")
    return tuple(np.split(order, np.cumsum(np.bincount(cluster))[:-1]))


def drawn_rows(rows: tuple[Ints, ...], rng: np.random.Generator) -> Ints:
    """Return the places of the spells of as many clusters as there are, drawn with replacement."""
    return np.concatenate([rows[each] for each in rng.integers(0, len(rows), size=len(rows))])


def _over_folds(forecasts: Sequence[FoldForecast], horizons: tuple[float, ...]) -> dict[Key, float]:
    measured = [forecast.measures(horizons) for forecast in forecasts]
    sizes = np.array([len(forecast.test) for forecast in forecasts])
    means = {key: float(np.average([each[key] for each in measured], weights=sizes)) for key in measured[0]}
    skills: dict[Key, float] = {("integrated_skill", None): _skill(means, "integrated_brier", None)}
    return means | skills | {("skill", horizon): _skill(means, "brier", horizon) for horizon in horizons}


def _skill(means: dict[Key, float], name: str, horizon: float | None) -> float:
    reference = means[f"{name}_one_curve", horizon]
    return 1 - means[name, horizon] / reference if reference > 0 else float("nan")


def _with_intervals(
    measured: dict[Key, float], draws: list[dict[Key, float]], asked: tuple[float, ...]
) -> tuple[Measure, ...]:
    told = [measure_of(key, value, np.array([draw[key] for draw in draws])) for key, value in measured.items()]
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
