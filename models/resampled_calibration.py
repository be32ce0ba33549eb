"""Calibration at horizons with intervals from clusters that are drawn again."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.counted_calibration import CountedCalibration, CountedStatus, counted_calibration, counted_status
from models.drawn_clusters import drawn_counts
from models.errors import EstimatorInputError
from models.horizon_calibration import calibration_summary
from models.outcome import Floats, Outcome
from models.resampled_measures import Measure, measure_of


def resampled_calibration(
    test: Outcome,
    left: Floats,
    clusters: NDArray[Any],
    horizons: Sequence[float],
    *,
    cause: int,
    resamples: int,
    seed: int,
) -> tuple[Measure, ...]:
    """Return ``ici``, ``intercept`` and ``slope`` of the forecasts of all folds together, at each horizon.

    The interval of the ICI is around a distance, which is never below 0: chance alone makes it larger, in the draws
    once more than in the figure itself, so the interval may lie above the figure.

    Parameters
    ----------
    test : Outcome
        Spells that were foretold, of all folds.
    left : ndarray, shape (spells, horizons)
        Predicted probability to have ended of the cause.
    clusters : ndarray, shape (spells,)
        Person or municipality of each.
    horizons : sequence of float
        Those of ``left``.
    cause : int
        Its number; 1 for `models.observation.any_cause` of the spells.
    resamples, seed : int
        How often clusters are drawn, and the seed of it.

    Returns
    -------
    tuple of Measure
        Without a value where all or none have ended by the horizon, or all forecasts are alike (slope).

    References
    ----------
    As `models.horizon_calibration.calibration_summary`.
    """
    own = _summary(test, left, horizons, cause)
    status = counted_status(test)
    ready = [counted_calibration(test, left[:, place], horizon, cause) for place, horizon in enumerate(horizons)]
    drawn = [_drawn(status, ready, counts) for (counts,) in drawn_counts([clusters], resamples, seed)]
    return tuple(measure_of(key, value, np.array([draw[key] for draw in drawn])) for key, value in own.items())


def _drawn(
    status: CountedStatus, ready: Sequence[CountedCalibration], counts: Floats
) -> dict[tuple[str, float | None], float]:
    survival, at_end = status.weights(counts)
    measured: dict[tuple[str, float | None], float] = {}
    for each in ready:
        values = each.measured(counts, at_end, status.beyond(counts, survival, each.horizon))
        measured |= {(name, each.horizon): value for name, value in zip(_NAMES, values, strict=True)}
    return measured


def _summary(
    test: Outcome, left: Floats, horizons: Sequence[float], cause: int
) -> dict[tuple[str, float | None], float]:
    measured: dict[tuple[str, float | None], float] = {}
    for column, horizon in enumerate(horizons):
        try:
            found = calibration_summary(test, left[:, column], horizon, cause=cause)
            values = (found.ici, found.intercept, np.nan if found.slope is None else found.slope)
        except EstimatorInputError:
            values = (np.nan, np.nan, np.nan)
        measured |= {(name, horizon): float(value) for name, value in zip(_NAMES, values, strict=True)}
    return measured


_NAMES = ("ici", "intercept", "slope")
