"""The forecast of one fold for one cause, measured like that of an end of any cause."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.cause_errors import entered_incidence_errors, known_average, mean_errors
from models.checked_forecasts import checked_risk
from models.discrimination import cause_harrell_c, cause_uno_c
from models.dynamic_auc import status_weights, weighted_auc
from models.errors import EstimatorInputError
from models.fold_forecast import FoldForecast, Key
from models.outcome import Floats, Outcome
from models.reference_curve import ReferenceCurve

Ints = NDArray[np.int64]


class CauseEstimator(Protocol):
    """What is needed of a fitted estimator of competing causes."""

    def predict_cumulative_incidence(self, X: Any, times: ArrayLike) -> Floats:  # noqa: N803, ANN401
        """Return incidences, shape (rows, causes, times)."""


@dataclass(frozen=True, slots=True, eq=False)
class CauseForecast:
    """Test spells of a fold with their forecasts of one cause; see `models.fold_forecast.FoldForecast`.

    Attributes
    ----------
    cause : int
        Its number.
    rows, train, test, times, statuses
        As of the fold's forecast of any cause, with the causes kept.
    risk : ndarray, shape (spells,)
        Mean predicted incidence over the horizons: the order in which the estimator puts the spells.
    incidence : ndarray, shape (spells, horizons)
        At each horizon.
    errors, errors_one_curve : ndarray, shape (spells, horizons + times)
        Of the forecast, and of the training spells' Aalen-Johansen curve.
    """

    cause: int
    rows: Ints
    train: Outcome
    test: Outcome
    risk: Floats
    incidence: Floats
    errors: Floats
    errors_one_curve: Floats
    times: Floats
    statuses: tuple[tuple[NDArray[np.bool_], Floats], ...]

    def resampled(self, chosen: Ints) -> "CauseForecast":
        """Return the forecast of some of its spells, as often as they are named; weights stay."""
        return replace(
            self,
            rows=self.rows[chosen],
            test=self.test[chosen],
            risk=self.risk[chosen],
            incidence=self.incidence[chosen],
            errors=self.errors[chosen],
            errors_one_curve=self.errors_one_curve[chosen],
            statuses=tuple((case[chosen], weight[chosen]) for case, weight in self.statuses),
        )

    def measures(self, horizons: tuple[float, ...]) -> dict[Key, float]:
        """Return every measure of the cause, not a number where these spells cannot tell it."""
        score, one_curve = (mean_errors(errors) for errors in (self.errors, self.errors_one_curve))
        at = len(horizons)
        measured: dict[Key, float] = {
            ("harrell_c", None): self._harrell_c(),
            ("uno_c", None): self._uno_c(horizons[-1]),
            ("integrated_brier", None): known_average(score[at:], self.times),
            ("integrated_brier_one_curve", None): known_average(one_curve[at:], self.times),
        }
        for column, horizon in enumerate(horizons):
            measured["brier", horizon] = float(score[column])
            measured["brier_one_curve", horizon] = float(one_curve[column])
            measured["auc", horizon] = weighted_auc(self.incidence[:, column], *self.statuses[column])
        return measured

    def _harrell_c(self) -> float:
        try:
            return cause_harrell_c(self.test, self.risk, self.cause)
        except EstimatorInputError:
            return float("nan")

    def _uno_c(self, tau: float) -> float:
        try:
            return cause_uno_c(self.train, self.test, self.risk, self.cause, tau=tau)
        except EstimatorInputError:
            return float("nan")


def cause_forecasts(
    fitted: CauseEstimator,
    outcome: Outcome,
    X: Any,  # noqa: N803, ANN401
    forecast: FoldForecast,
    train: Outcome,
    causes: Sequence[int],
    horizons: tuple[float, ...],
) -> tuple[CauseForecast, ...]:
    """Return the forecast of each cause for a fold's test spells.

    Parameters
    ----------
    fitted : CauseEstimator
        Fitted to the training spells.
    outcome, X
        Outcome, with causes, and covariates of the test spells alone.
    forecast : FoldForecast
        Theirs, of an end of any cause, by the same estimator: its times are taken.
    train : Outcome
        Of the training spells, with causes.
    causes : sequence of int
        Numbers from 1.
    horizons : tuple of float
        Of the forecast.
    """
    grid = forecast.curves.times
    moments, back = np.unique(np.concatenate([horizons, forecast.times]), return_inverse=True)
    curves, curve = fitted.predict_cumulative_incidence(X, grid), ReferenceCurve().fit(pl.DataFrame(), train)
    one_curve = _all_causes(curve.predict_cumulative_incidence(X[:1], grid), curves.shape[1])
    survival = forecast.curves.at_own(outcome.entry)
    place = np.searchsorted(grid, horizons)
    made = []
    for cause in causes:
        own = curves[:, cause - 1]
        single = np.broadcast_to(one_curve[0, cause - 1], own.shape)
        errors = _errors(train, outcome, own, survival, grid, moments, cause)[:, back]
        errors_one = _errors(train, outcome, single, _remaining(one_curve, outcome, grid), grid, moments, cause)
        statuses = tuple(status_weights(train, outcome, horizon, cause) for horizon in horizons)
        incidence = own[:, place]
        risk = checked_risk(incidence.mean(axis=1), len(outcome))
        made.append(
            CauseForecast(
                cause,
                forecast.rows,
                train,
                outcome,
                risk,
                incidence,
                errors,
                errors_one[:, back],
                forecast.times,
                statuses,
            )
        )
    return tuple(made)


def _errors(
    train: Outcome, test: Outcome, curves: Floats, survival: Floats, grid: Floats, moments: Floats, cause: int
) -> Floats:
    at = np.searchsorted(grid, moments)
    return entered_incidence_errors(
        train, test, curves[:, at], (_at_own(curves, test.entry, grid), survival), moments, cause=cause
    )


def _at_own(curves: Floats, times: Floats, grid: Floats) -> Floats:
    """Return each curve at a time of its own, straight between the points of the grid."""
    place = np.clip(np.searchsorted(grid, times, side="right") - 1, 0, grid.size - 2)
    share = np.clip((times - grid[place]) / (grid[place + 1] - grid[place]), 0.0, 1.0)
    rows = np.arange(times.size)
    own: Floats = curves[rows, place] * (1 - share) + curves[rows, place + 1] * share
    return own


def _all_causes(curves: Floats, causes: int) -> Floats:
    """Return curves with rows of 0 for the last causes, where no training spell ended of them."""
    missing = np.zeros((curves.shape[0], max(causes - curves.shape[1], 0), curves.shape[2]))
    return np.concatenate([curves, missing], axis=1)


def _remaining(one_curve: Floats, test: Outcome, grid: Floats) -> Floats:
    total = np.broadcast_to(one_curve[0].sum(axis=0), (len(test), grid.size))
    return np.clip(1 - _at_own(total, test.entry, grid), 0.0, 1.0)
