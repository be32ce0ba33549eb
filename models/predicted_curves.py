"""Predicted survival curves of many spells on one grid of times, to be read at each spell's own times."""

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.checked_forecasts import checked_probabilities
from models.errors import EstimatorInputError
from models.outcome import Outcome, survival_outcome

Floats = NDArray[np.float64]
_GRID = 300
_TINY = 1e-12


class SurvivalEstimator(Protocol):
    """What evaluation needs of an estimator; ``X`` is a frame or a 2-d array, ``y`` the structured outcome."""

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803, ANN401
        """Fit to covariates and outcome."""

    def predict_survival_function(self, X: Any, times: ArrayLike) -> Floats:  # noqa: N803, ANN401
        """Return survival at times, shape (rows, times)."""

    def predict(self, X: Any) -> Floats:  # noqa: N803, ANN401
        """Return a risk per row, higher where the end is expected sooner."""


@dataclass(frozen=True, slots=True, eq=False)
class PredictedCurves:
    """Survival curves on a common grid; between its points the hazard is taken as constant.

    Attributes
    ----------
    times : ndarray, shape (times,)
        Rising, from 0.
    survival : ndarray, shape (rows, times)
        1 at time 0, never rising.
    """

    times: Floats
    survival: Floats

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "PredictedCurves":
        """Return the curves of some rows."""
        return PredictedCurves(self.times, self.survival[rows])

    def at(self, times: ArrayLike) -> Floats:
        """Return each curve at common times, shape (rows, times); beyond the grid the last value."""
        moments = np.atleast_1d(np.asarray(times, dtype=np.float64))
        place, share = self._place(moments)
        hazard = self.cumulative_hazard()
        survival: Floats = np.exp(-(hazard[:, place] * (1 - share) + hazard[:, place + 1] * share))
        return survival

    def at_own(self, times: ArrayLike) -> Floats:
        """Return each curve at a time of its own, shape (rows,); beyond the grid the last value."""
        place, share = self._place(np.asarray(times, dtype=np.float64))
        before, after = (self._column(place + step) for step in (0, 1))
        survival: Floats = np.exp(-(before * (1 - share) + after * share))
        return survival

    def cumulative_hazard(self) -> Floats:
        """Return the cumulative hazard on the grid, shape (rows, times)."""
        hazard: Floats = -np.log(np.maximum(self.survival, _TINY))
        return hazard

    def _column(self, places: NDArray[np.intp]) -> Floats:
        chosen = np.take_along_axis(self.survival, places[:, None], axis=1)[:, 0]
        hazard: Floats = -np.log(np.maximum(chosen, _TINY))
        return hazard

    def _place(self, times: Floats) -> tuple[NDArray[np.intp], Floats]:
        place = np.clip(np.searchsorted(self.times, times, side="right") - 1, 0, self.times.size - 2)
        width = self.times[place + 1] - self.times[place]
        return place, np.clip((times - self.times[place]) / width, 0.0, 1.0)


def predicted_curves(estimator: SurvivalEstimator, X: Any, times: ArrayLike) -> PredictedCurves:  # noqa: N803, ANN401
    """Return an estimator's survival curves on a grid; 0 is put before the times.

    Raises
    ------
    EstimatorInputError
        If the prediction has another shape, is no probability, or rises with time.
    """
    grid = np.unique(np.concatenate([[0.0], np.asarray(times, dtype=np.float64)]))
    survival = np.asarray(estimator.predict_survival_function(X, grid[1:]), dtype=np.float64)
    checked_probabilities("survival", survival, survival.shape[0], grid.size - 1)
    if (np.diff(survival, axis=1) > 1e-9).any():
        raise EstimatorInputError("survival", "a curve that rises", "curves that never rise")
    return PredictedCurves(grid, np.column_stack([np.ones(survival.shape[0]), np.clip(survival, 0.0, 1.0)]))


def time_grid(outcome: Outcome, *extra: float) -> Floats:
    """Return times that follow the outcome's entries and ends, all of them where they are few, else quantiles.

    Examples
    --------
    >>> from models.outcome import read_outcome
    >>> time_grid(read_outcome(survival_outcome([True, False], [1.0, 4.0])), 2.0).tolist()
    [1.0, 2.0, 4.0]
    """
    own = np.unique(np.concatenate([outcome.entry, outcome.time]))
    if own.size > _GRID:
        ends = outcome.time[outcome.ended] if outcome.ended.any() else outcome.time
        own = np.concatenate([np.quantile(ends, np.linspace(0, 1, _GRID)), own[-1:]])
    grid: Floats = np.unique(np.concatenate([own, extra]))
    return grid[grid > 0]


def structured(outcome: Outcome) -> NDArray[np.void]:
    """Return the structured ``y`` of a checked outcome, with only the fields that say something.

    Examples
    --------
    >>> from models.outcome import read_outcome
    >>> structured(read_outcome(survival_outcome([True, False], [1.0, 4.0]))).dtype.names
    ('event', 'time')
    """
    is_single = outcome.event.max() <= 1
    return survival_outcome(
        outcome.ended if is_single else outcome.event,
        outcome.time,
        entry=outcome.entry if outcome.entry.any() else None,
        time_lower=outcome.time_lower if (outcome.time_lower < outcome.time).any() else None,
    )
