"""Calibration at one horizon of spells that count as often as they were drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.cloglog_regression import KNOT_QUANTILES, cloglog, fitted_coefficients, from_cloglog, knotted_columns
from models.outcome import Floats, Outcome

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CountedStatus:
    """What stays the same of `models.dynamic_auc.status_weights` when spells are drawn again.

    Attributes
    ----------
    outcome : Outcome
        Of all spells.
    ends : ndarray
        Distinct times of the ends of observation, rising.
    place : ndarray of int, shape (spells,)
        Of each spell's own among them.
    entered : ndarray of int, shape (spells,)
        First of them that lies after the spell's entry.
    """

    outcome: Outcome
    ends: Floats
    place: Ints
    entered: Ints

    def weights(self, counts: Floats) -> tuple[Floats, Floats]:
        """Return the survival of a draw after each of the ends, and the inverse share observed at each spell's own.

        Shares up to a common factor; not a number where nobody is observed or survival has come to 0.
        """
        number = self.ends.size
        here = np.bincount(self.place, weights=counts, minlength=number)
        ended = np.bincount(self.place, weights=counts * self.outcome.ended, minlength=number)
        entered = np.cumsum(np.bincount(self.entered, weights=counts, minlength=number))
        at_risk = entered - (np.cumsum(here) - here)
        survival: Floats = np.cumprod(
            np.where(at_risk > 0, 1 - ended / np.maximum(at_risk, 1.0), 1.0), dtype=np.float64
        )
        before = np.concatenate([[1.0], survival[:-1]])
        inverse = np.where((at_risk > 0) & (before > 0), before / np.maximum(at_risk, 1.0), np.nan)
        return survival, inverse[self.place]

    def beyond(self, counts: Floats, survival: Floats, time: float) -> float:
        """Return the inverse share just after a time, for the spells that last longer."""
        observed = float(counts[(self.outcome.entry <= time) & (self.outcome.time > time)].sum())
        step = int(np.searchsorted(self.ends, time, side="right")) - 1
        left = float(survival[step]) if step >= 0 else 1.0
        return left / observed if observed > 0 and left > 0 else float("nan")


def counted_status(outcome: Outcome) -> CountedStatus:
    """Return what draws of these spells have in common."""
    ends, place = np.unique(outcome.time, return_inverse=True)
    return CountedStatus(outcome, ends, place, np.searchsorted(ends, outcome.entry, side="right"))


@dataclass(frozen=True, slots=True, eq=False)
class CountedCalibration:
    """Forecasts for one horizon, with what stays the same when spells are drawn again.

    Attributes
    ----------
    predicted, scale : ndarray, shape (spells,)
        Probability to have ended of the cause by the horizon, and its log(-log).
    order : ndarray of int, shape (spells,)
        Spells by rising prediction.
    gone, case, there : ndarray of bool, shape (spells,)
        Ended by the horizon, of whatever cause; of this cause; and observed beyond it.
    """

    horizon: float
    predicted: Floats
    scale: Floats
    order: Ints
    gone: NDArray[np.bool_]
    case: NDArray[np.bool_]
    there: NDArray[np.bool_]

    def measured(self, counts: Floats, at_end: Floats, beyond: float) -> tuple[float, float, float]:
        """Return ICI, intercept and slope of a draw, as `models.horizon_calibration.calibration_summary` has them.

        Parameters
        ----------
        counts : ndarray, shape (spells,)
            How often each spell was drawn.
        at_end : ndarray, shape (spells,)
            Inverse share under observation at each spell's end, from `CountedStatus.weights` of the draw.
        beyond : float
            The same just after the horizon.

        Returns
        -------
        float, float, float
            Not a number where all or none have ended, or (slope) all predictions are alike.
        """
        drawn = counts > 0
        gone, there = self.gone & drawn, self.there & drawn
        weight = counts * np.where(self.gone, at_end, np.where(self.there, beyond, 0.0))
        if not np.isfinite(weight[gone | there]).all():
            return (np.nan,) * 3
        used = np.flatnonzero((gone | there) & (weight > 0))
        case, weight = self.case[used], weight[used]
        if not 0 < weight[case].sum() < weight.sum():
            return (np.nan,) * 3
        weight *= counts.sum() / weight.sum()
        scale = self.scale[used]
        knots, lowest, highest = self._quantiles(counts)
        columns = knotted_columns(self.scale, knots, lowest, highest)
        coefficients = fitted_coefficients(columns[used], case, weight, scale)
        smooth = from_cloglog(self.scale + np.einsum("ij,j->i", columns, coefficients))
        ici = float(np.average(np.abs(self.predicted - smooth), weights=counts))
        ones = np.ones((used.size, 1))
        intercept = float(fitted_coefficients(ones, case, weight, scale)[0])
        if not lowest < highest:
            return ici, intercept, np.nan
        line = np.column_stack([ones[:, 0], scale])
        return ici, intercept, 1 + float(fitted_coefficients(line, case, weight, scale)[1])

    def _quantiles(self, counts: Floats) -> tuple[Floats, float, float]:
        """Return the knots, the lowest and the highest prediction of a draw, as of spells that were copied."""
        values, until = self.scale[self.order], np.cumsum(counts[self.order])
        place = np.asarray(KNOT_QUANTILES) * (until[-1] - 1)
        below = np.floor(place)
        first, second = (
            values[np.searchsorted(until, np.minimum(at, until[-1] - 1), side="right")] for at in (below, below + 1)
        )
        knots: Floats = first + (second - first) * (place - below)
        ends = np.searchsorted(until, [0, until[-1] - 1], side="right")
        return knots, float(values[ends[0]]), float(values[ends[1]])


def counted_calibration(test: Outcome, left: Floats, horizon: float, cause: int) -> CountedCalibration:
    """Return the forecasts of one horizon, ready for draws.

    Parameters
    ----------
    test : Outcome
        Spells that were foretold.
    left : ndarray, shape (spells,)
        Predicted probability to have ended of the cause by the horizon.
    horizon, cause : float, int
        The horizon, and the number of the cause.
    """
    scale = cloglog(left)
    gone = test.ended & (test.time <= horizon)
    return CountedCalibration(
        horizon=horizon,
        predicted=left,
        scale=scale,
        order=np.argsort(scale, kind="stable"),
        gone=gone,
        case=gone & (test.event == cause),
        there=(test.time > horizon) & (test.entry <= horizon),
    )
