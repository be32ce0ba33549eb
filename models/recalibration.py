"""Recalibration: predicted cumulative hazards moved and stretched until they fit spells that were held out."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from models.errors import EstimatorInputError
from models.observation import followed_until
from models.outcome import Outcome, read_outcome
from models.predicted_curves import (
    PredictedCurves,
    SurvivalEstimator,
    predicted_curves,
    structured,
    time_grid,
)
from models.splits import Groups, person_folds

Floats = NDArray[np.float64]
_LEAST_HAZARD = 1e-9
_SLOPES = (0.1, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class HazardRecalibration:
    """A map from a predicted cumulative hazard H to one that fits: in each piece of time ``factor * d(H**slope)``.

    Attributes
    ----------
    slope : float
        Below 1 draws predictions together, above 1 apart.
    borders : ndarray, shape (pieces - 1,)
        Times at which the factor changes.
    factors : ndarray, shape (pieces,)
        Exponentials of the intercepts; above 1 more end than was predicted.
    """

    slope: float
    borders: Floats
    factors: Floats

    def curves(self, predicted: PredictedCurves) -> PredictedCurves:
        """Return recalibrated curves on the grid of the predicted ones, which must hold the borders."""
        steps = np.diff(predicted.cumulative_hazard() ** self.slope, axis=1)
        piece = np.searchsorted(self.borders, predicted.times[1:], side="left")
        hazard = np.cumsum(steps * self.factors[piece], axis=1)
        return PredictedCurves(predicted.times, np.column_stack([np.ones(hazard.shape[0]), np.exp(-hazard)]))


def hazard_recalibration(y: object, predicted: PredictedCurves, *, pieces: int = 3) -> HazardRecalibration:
    """Return the recalibration that maximises the likelihood of spells which the forecast did not see.

    For a given slope each factor is the events in its piece over the predicted ones; the slope is searched. Censoring
    and delayed entry count with their exact exposure. No covariate is looked at: the order of the forecasts at a
    horizon stays.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells; an end of any cause is an end.
    predicted : PredictedCurves
        Their forecasts.
    pieces : int
        Pieces of time, 1 or more, with about equally many ends.

    Raises
    ------
    EstimatorInputError
        If no spell ended, lengths differ, or ``pieces`` is below 1.

    References
    ----------
    van Houwelingen 2000, Stat Med 19(24):3401-3415. Crowson, Atkinson and Therneau 2016, Stat Methods Med Res
    25(4):1692-1706.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, True, False], [1.0, 2.0, 3.0])
    >>> flat = PredictedCurves(np.array([0.0, 3.0]), np.tile([1.0, np.exp(-1.5)], (3, 1)))
    >>> hazard_recalibration(y, flat, pieces=1).factors.size
    1
    """
    outcome = read_outcome(y)
    if pieces < 1:
        raise EstimatorInputError("pieces", pieces, "1 or more")
    if not outcome.ended.any():
        raise EstimatorInputError("event", "no ended spell", "at least one spell that ended")
    if predicted.survival.shape[0] != len(outcome):
        raise EstimatorInputError("predicted", predicted.survival.shape[0], f"one curve for each of {len(outcome)}")
    ends = outcome.time[outcome.ended]
    inner = np.unique(np.quantile(ends, np.arange(1, pieces) / pieces, method="inverted_cdf"))
    borders: Floats = inner[inner < ends.max()].astype(np.float64)
    reached = _hazard_at_borders(outcome, predicted, borders)
    at_end = np.maximum(-np.log(np.maximum(predicted.at_own(outcome.time), 1e-12)), _LEAST_HAZARD)[outcome.ended]
    events = np.bincount(np.searchsorted(borders, ends, side="left"), minlength=borders.size + 1)

    def factors(slope: float) -> Floats:
        exposed = np.diff(reached**slope, axis=1).sum(axis=0)
        fitting: Floats = events / np.maximum(exposed, _LEAST_HAZARD)
        return fitting

    def loss(log_slope: float) -> float:
        slope = float(np.exp(log_slope))
        return -float(ends.size * log_slope + (slope - 1) * np.log(at_end).sum() + events @ np.log(factors(slope)))

    found = minimize_scalar(loss, bounds=tuple(np.log(_SLOPES)), method="bounded", options={"xatol": 1e-6})
    best = float(np.exp(found.x))
    return HazardRecalibration(best, borders, factors(best))


class Recalibrated(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator whose curves are recalibrated on rows that it was not fitted to.

    `fit` finds the map on forecasts across folds and then fits the estimator to all rows; `fit_held_out` takes an
    estimator that is fitted already and rows that were held out.

    Parameters
    ----------
    estimator : SurvivalEstimator
        What to recalibrate.
    pieces : int
        Pieces of time with a factor of their own.
    folds : int
        Folds of `fit`, 2 or more.
    random_state : int
        Of the folds.

    Attributes
    ----------
    estimator_ : SurvivalEstimator
        The fitted estimator.
    recalibration_ : HazardRecalibration
        The map.

    Examples
    --------
    ``Recalibrated(estimator).fit(X, y).predict_survival_function(X, [1.0, 5.0])``
    """

    def __init__(self, estimator: SurvivalEstimator, *, pieces: int = 3, folds: int = 5, random_state: int = 0) -> None:
        self.estimator = estimator
        self.pieces = pieces
        self.folds = folds
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Groups | None = None) -> Self:  # noqa: N803, ANN401
        """Fit estimator and map; ``groups`` (a person each, say) stay on one side of the inner folds.

        Raises
        ------
        EstimatorInputError
            As `hazard_recalibration` and `models.splits.person_folds`.
        """
        outcome = read_outcome(y)
        each = person_folds(np.arange(len(outcome)) if groups is None else groups, self.folds, self.random_state)
        shortest = min(float(outcome.time[fold.train].max()) for fold in each)
        grid = time_grid(outcome)
        grid = np.append(grid[grid < shortest], shortest)
        survival = np.ones((len(outcome), grid.size + 1))
        for fold in each:
            fitted = clone(self.estimator).fit(X[fold.train], structured(outcome[fold.train]))
            survival[fold.test] = predicted_curves(fitted, X[fold.test], grid).survival
        seen = outcome.entry < shortest
        curves = PredictedCurves(np.append(0.0, grid), survival)
        self.recalibration_ = hazard_recalibration(
            followed_until(outcome[seen], shortest), curves[seen], pieces=self.pieces
        )
        self.estimator_ = clone(self.estimator).fit(X, structured(outcome))
        return self

    def fit_held_out(self, X: Any, y: Any) -> Self:  # noqa: N803, ANN401
        """Find the map alone: ``estimator`` is fitted already, and these rows were not in its fit.

        No spell may outlast what the estimator can predict.

        Raises
        ------
        EstimatorInputError
            As `hazard_recalibration`.
        """
        outcome = read_outcome(y)
        curves = predicted_curves(self.estimator, X, time_grid(outcome))
        self.recalibration_ = hazard_recalibration(outcome, curves, pieces=self.pieces)
        self.estimator_ = self.estimator
        return self

    def predict_survival_function(self, X: Any, times: ArrayLike) -> Floats:  # noqa: N803, ANN401
        """Return recalibrated survival, shape (rows, times), 1 at time 0, never rising."""
        check_is_fitted(self, "recalibration_")
        moments = np.atleast_1d(np.asarray(times, dtype=np.float64))
        borders = self.recalibration_.borders
        needed = np.concatenate([moments, borders[borders < moments.max(initial=0.0)]])
        if not (moments > 0).any():
            return np.ones((len(X), moments.size))
        curves = self.recalibration_.curves(predicted_curves(self.estimator_, X, needed))
        return curves.survival[:, np.searchsorted(curves.times, moments)]

    def predict(self, X: Any) -> Floats:  # noqa: N803, ANN401
        """Return the estimator's own risk: recalibration does not change the order."""
        check_is_fitted(self, "recalibration_")
        risk: Floats = self.estimator_.predict(X)
        return risk


def _hazard_at_borders(outcome: Outcome, predicted: PredictedCurves, borders: Floats) -> Floats:
    """Return the hazard accumulated at entry, at each border held within the spell, and at its end."""
    limits = np.concatenate([[0.0], borders, [np.inf]])
    own = np.clip(limits, outcome.entry[:, None], outcome.time[:, None])
    columns = [-np.log(np.maximum(predicted.at_own(moment), 1e-12)) for moment in own.T]
    return np.column_stack(columns)
