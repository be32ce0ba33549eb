"""The forecast of one fold, with all that stays the same when its spells are resampled; of any cause or of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.brier import entered_errors, scored_times
from models.cause_errors import known_average, mean_errors
from models.checked_forecasts import checked_risk
from models.discrimination import cause_harrell_c, cause_uno_c
from models.dynamic_auc import status_weights, weighted_auc
from models.errors import EstimatorInputError
from models.observation import any_cause, survival_steps
from models.outcome import Outcome
from models.predicted_curves import PredictedCurves, SurvivalEstimator, predicted_curves, time_grid
from models.splits import Fold
from models.time_grid import longest_time

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[str, float | None]
"""A measure and its horizon, None where it is of the whole curve."""


@dataclass(frozen=True, slots=True, eq=False)
class FoldForecast:
    """Test spells of a fold with their forecasts of one cause of an end, or of any, and what they add to each measure.

    Attributes
    ----------
    cause : int
        Number of the cause; 1 where an end of any cause counts.
    rows : ndarray of int
        Places of the test spells among all.
    train, test : Outcome
        Outcomes; every cause an end of cause 1 where any counts.
    risk : ndarray, shape (spells,)
        As the estimator predicts it; of a cause the mean incidence over the horizons.
    left : ndarray, shape (spells, horizons)
        Predicted probability to have ended of the cause by each horizon.
    curves : PredictedCurves
        Survival of an end of any cause, up to the longest training spell.
    errors, errors_one_curve : ndarray, shape (spells, horizons + times)
        Weighted squared errors at each horizon, then at each time of ``times``; of the forecast, and of the training
        spells' one curve: Kaplan-Meier, of a cause Aalen-Johansen.
    times : ndarray
        Times over which the integrated score runs.
    statuses : tuple of (ndarray of bool, ndarray)
        Per horizon, who has gone by it and the weights.
    """

    cause: int
    rows: Ints
    train: Outcome
    test: Outcome
    risk: Floats
    left: Floats
    curves: PredictedCurves
    errors: Floats
    errors_one_curve: Floats
    times: Floats
    statuses: tuple[tuple[NDArray[np.bool_], Floats], ...]

    def measures(self, horizons: tuple[float, ...]) -> dict[Key, float]:
        """Return every measure, not a number where these spells cannot tell it."""
        score, one_curve = (mean_errors(errors) for errors in (self.errors, self.errors_one_curve))
        at = len(horizons)
        measured: dict[Key, float] = {
            ("harrell_c", None): _or_nan(cause_harrell_c, self.test, self.risk, self.cause),
            ("uno_c", None): _or_nan(self._uno_c, horizons[-1]),
            ("integrated_brier", None): known_average(score[at:], self.times),
            ("integrated_brier_one_curve", None): known_average(one_curve[at:], self.times),
        }
        for column, horizon in enumerate(horizons):
            measured["brier", horizon] = float(score[column])
            measured["brier_one_curve", horizon] = float(one_curve[column])
            measured["auc", horizon] = weighted_auc(self.left[:, column], *self.statuses[column])
        return measured

    def _uno_c(self, tau: float) -> float:
        return cause_uno_c(self.train, self.test, self.risk, self.cause, tau=tau)


def unseen_forecast(
    fitted: SurvivalEstimator,
    train_outcome: Outcome,
    X: Any,  # noqa: N803, ANN401
    outcome: Outcome,
    rows: Ints,
    horizons: tuple[float, ...],
) -> FoldForecast:
    """Return the forecast of an end of any cause, by a fitted estimator for spells that it was not fitted to.

    Parameters
    ----------
    fitted : SurvivalEstimator
        Fitted already.
    train_outcome : Outcome
        Of the spells it was fitted to; curves are asked for up to the longest of them.
    X, outcome, rows
        Covariates, outcome and places of the test spells alone.
    horizons : tuple of float
        Rising, each below the longest training and test spell: see `told_horizons`.
    """
    train, test = any_cause(train_outcome), any_cause(outcome)
    grid = time_grid(test, *horizons)
    longest = longest_time(train)
    curves = predicted_curves(fitted, X, np.append(grid[grid < longest], longest))
    steps = survival_steps(train)
    last = float(scored_times(test)[-1])
    times = curves.times[(curves.times > test.entry.min()) & (curves.times <= last)]
    if times.size < 2:
        raise EstimatorInputError("folds", f"{len(test)} test spells", "test spells that end at two times or more")
    moments = np.concatenate([horizons, times])
    shape = (len(test), moments.size)
    one_curve = np.broadcast_to(steps.at(moments), shape)
    errors = _errors(train, test, curves.at(moments), curves.at_own(test.entry), moments)
    errors_one_curve = _errors(train, test, one_curve, steps.at(test.entry), moments)
    statuses = tuple(status_weights(train, test, horizon, 1) for horizon in horizons)
    return FoldForecast(
        cause=1,
        rows=rows,
        train=train,
        test=test,
        risk=checked_risk(fitted.predict(X), len(test)),
        left=1 - curves.at(horizons),
        curves=curves,
        errors=errors,
        errors_one_curve=errors_one_curve,
        times=times,
        statuses=statuses,
    )


def told_horizons(outcome: Outcome, folds: Sequence[Fold], horizons: tuple[float, ...]) -> tuple[float, ...]:
    """Return the horizons that training and test spells of every fold reach beyond; nothing is told of the others."""
    longest = np.inf
    for fold in folds:
        train = outcome[fold.train] if fold.train_outcome is None else fold.train_outcome
        longest = min(longest, longest_time(train), float(outcome.time[fold.test].max()))
    return tuple(horizon for horizon in sorted(horizons) if 0 < horizon < longest)


def _errors(train: Outcome, test: Outcome, survival: Floats, at_entry: Floats, moments: Floats) -> Floats:
    ordered, back = np.unique(moments, return_inverse=True)
    first = np.unique(moments, return_index=True)[1]
    return entered_errors(train, test, survival[:, first], at_entry, ordered)[:, back]


def _or_nan(measure: Callable[..., float], *given: object) -> float:
    """Return a concordance, not a number where no pair of these spells is comparable."""
    try:
        return float(measure(*given))
    except EstimatorInputError:
        return float("nan")
