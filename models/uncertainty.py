"""Intervals around a survival curve from bootstrap members."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
INTERVAL_COVERAGE = 0.90
_NORMAL_QUANTILE = NormalDist().inv_cdf(0.5 + INTERVAL_COVERAGE / 2)
_TINY = 1e-12


def survival_interval(survival: Floats, members: Floats) -> tuple[Floats, Floats]:
    """Return lower and upper 90 % bounds of a curve from the spread of its bootstrap members.

    A normal interval on the log(-log) scale: steadier than percentiles with few members, and within [0, 1]. It tells
    the sampling error of the spells alone, not the uncertainty of assumptions nor the trees' pull toward the mean.

    Parameters
    ----------
    survival : ndarray, shape (times,)
        The curve, never rising.
    members : ndarray, shape (members, times)
        The same curve from refits to resampled spells.

    Examples
    --------
    >>> lower, upper = survival_interval(np.array([1.0, 0.5]), np.array([[1.0, 0.45], [1.0, 0.55]]))
    >>> lower.round(2).tolist(), upper.round(2).tolist()
    ([1.0, 0.38], [1.0, 0.61])
    """
    hazard, drawn = (np.maximum(-np.log(np.maximum(curve, _TINY)), _TINY) for curve in (survival, members))
    spread = np.log(drawn).std(axis=0, ddof=1) * _NORMAL_QUANTILE
    lower, upper = (np.exp(-hazard * np.exp(sign * spread)) for sign in (1, -1))
    lower, upper = np.where(survival >= 1, 1.0, lower), np.where(survival >= 1, 1.0, upper)
    # the spread changes over time, so a bound alone could rise where the curve is flat
    return np.minimum.accumulate(lower), np.maximum.accumulate(upper[::-1])[::-1]


def curve_median(times_years: Floats, survival: Floats) -> float | None:
    """Return when a curve first falls to one half (log-linear between its points), or None if it does not.

    Examples
    --------
    >>> curve_median(np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.5, 0.25]))
    1.0
    """
    reached = np.flatnonzero(survival <= 0.5)
    if not reached.size:
        return None
    at = int(reached[0])
    if at == 0:
        return float(times_years[0])
    before, after = (-np.log(max(float(survival[i]), _TINY)) for i in (at - 1, at))
    share = (np.log(2) - before) / (after - before)
    return float(times_years[at - 1] + share * (times_years[at] - times_years[at - 1]))
