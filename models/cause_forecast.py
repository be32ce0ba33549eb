"""The forecasts of one fold for each cause, measured like that of an end of any cause."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.cause_errors import entered_incidence_errors
from models.checked_forecasts import checked_risk
from models.dynamic_auc import status_weights
from models.fold_forecast import FoldForecast, unseen_forecast
from models.outcome import Floats, Outcome
from models.reference_curve import ReferenceCurve

Ints = NDArray[np.int64]


class CauseEstimator(Protocol):
    """What is needed of a fitted estimator of competing causes."""

    def predict_cumulative_incidence(self, X: Any, times: ArrayLike) -> Floats:  # noqa: N803, ANN401
        """Return incidences, shape (rows, causes, times)."""


def every_forecast(
    fitted: Any,  # noqa: ANN401
    train: Outcome,
    X: Any,  # noqa: N803, ANN401
    test: Outcome,
    rows: Ints,
    causes: int,
    horizons: tuple[float, ...],
) -> tuple[FoldForecast, ...]:
    """Return the forecasts of a fitted estimator for spells that it was not fitted to: of any cause, then of each.

    Parameters
    ----------
    fitted : estimator
        Of survival; its causes are left out where it has no ``predict_cumulative_incidence``.
    train, test : Outcome
        With causes, of the spells it was fitted to and of the others.
    X, rows, horizons
        As in `models.fold_forecast.unseen_forecast`.
    causes : int
        Number of causes.
    """
    whole = unseen_forecast(fitted, train, X, test, rows, horizons)
    if causes < 2 or not hasattr(fitted, "predict_cumulative_incidence"):
        return (whole,)
    return (whole, *cause_forecasts(fitted, test, X, whole, train, range(1, causes + 1), horizons))


def cause_forecasts(
    fitted: CauseEstimator,
    outcome: Outcome,
    X: Any,  # noqa: N803, ANN401
    forecast: FoldForecast,
    train: Outcome,
    causes: Sequence[int],
    horizons: tuple[float, ...],
) -> tuple[FoldForecast, ...]:
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
        errors = _errors(train, outcome, own, survival, grid, moments, cause)
        errors_one = _errors(train, outcome, single, _remaining(one_curve, outcome, grid), grid, moments, cause)
        left = own[:, place]
        made.append(
            replace(
                forecast,
                cause=cause,
                train=train,
                test=outcome,
                risk=checked_risk(left.mean(axis=1), len(outcome)),
                left=left,
                errors=errors[:, back],
                errors_one_curve=errors_one[:, back],
                statuses=tuple(status_weights(train, outcome, horizon, cause) for horizon in horizons),
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
