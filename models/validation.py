"""What cross-validation found of an estimator: its measures, of any end and of each cause, with the forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from models.errors import EstimatorInputError
from models.fold_forecast import FoldForecast
from models.resampled_measures import Measure


@dataclass(frozen=True, slots=True, eq=False)
class CauseValidation:
    """Measures of one cause across folds; a spell that ended of another never ends of this one.

    Attributes
    ----------
    cause : int
        Its number.
    ended : int
        Tested spells that ended of it.
    measures, calibration, forecasts
        As of `CrossValidation`, of the cause.
    """

    cause: int
    ended: int
    measures: tuple[Measure, ...]
    calibration: tuple[Measure, ...]
    forecasts: tuple[FoldForecast, ...]

    def measure(self, name: str, horizon: float | None = None) -> Measure:
        """Return one measure; raises as `CrossValidation.measure`."""
        return _found((*self.measures, *self.calibration), name, horizon)


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """Measures of an estimator across folds, and the forecasts behind them.

    Attributes
    ----------
    measures : tuple of Measure
        Every measure, and at every asked horizon, of an end of any cause.
    calibration : tuple of Measure
        ``ici``, ``intercept`` and ``slope`` at each told horizon, of an end of any cause.
    causes : tuple of CauseValidation
        By cause, 1 first; empty with one cause, or where the estimator tells no incidences.
    horizons : tuple of float
        Those that every fold reaches beyond.
    coverage : float
        Of the intervals, 0.90.
    spells, clusters, resamples : int
        Tested spells, the persons or municipalities they belong to, and how often those were resampled.
    seed : int
        Of the resampling.
    labels : ndarray, shape (spells,)
        Cluster of each tested spell, in the order of the forecasts.
    forecasts : tuple of FoldForecast
        One per fold, of an end of any cause.
    """

    measures: tuple[Measure, ...]
    calibration: tuple[Measure, ...]
    causes: tuple[CauseValidation, ...]
    horizons: tuple[float, ...]
    coverage: float
    spells: int
    clusters: int
    resamples: int
    seed: int
    labels: NDArray[Any]
    forecasts: tuple[FoldForecast, ...]

    def measure(self, name: str, horizon: float | None = None) -> Measure:
        """Return one measure.

        Raises
        ------
        EstimatorInputError
            If there is none of that name at that horizon.
        """
        return _found((*self.measures, *self.calibration), name, horizon)


def _found(measures: Sequence[Measure], name: str, horizon: float | None) -> Measure:
    for each in measures:
        if (each.name, each.horizon) == (name, horizon):
            return each
    known = sorted({each.name for each in measures})
    raise EstimatorInputError("name", (name, horizon), f"one of {', '.join(known)} at an asked horizon")
