"""Ratio of two rates over strata, by the likelihood of who left given that someone left."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq

from models.outcome import Floats

_WIDEST = 50.0  # logarithm of the greatest ratio that is tried
_COVERAGE = 0.90


@dataclass(frozen=True, slots=True)
class RateRatio:
    """How many times the rate of a reference a rate is, at equal strata.

    Attributes
    ----------
    ratio, lower, upper : float
        Most likely value and 90 % likelihood interval; NaN, 0 and infinity where nothing is known, ratio 0 or infinite
        where one side has no event.
    p_value : float
        Of the likelihood ratio test of equal rates, two-sided; 1 where nothing is known.
    events, reference_events : int
        In strata that both sides share.
    exposure_years, reference_exposure_years : float
        In strata that both sides share.
    """

    ratio: float
    lower: float
    upper: float
    p_value: float
    events: int
    reference_events: int
    exposure_years: float
    reference_exposure_years: float


def stratified_rate_ratio(
    events: Floats, exposure: Floats, reference_events: Floats, reference_exposure: Floats
) -> RateRatio:
    """Return the ratio of two rates that is the same in all strata, whatever the rate of each stratum.

    Poisson events with a free rate per stratum have the same likelihood in the ratio as binomial ones given the total
    of each stratum. A stratum in which one side was not at risk tells nothing about it.

    Parameters
    ----------
    events, exposure, reference_events, reference_exposure : ndarray, shape (strata,)
        Counts, and years at risk.

    References
    ----------
    Breslow and Day 1987, Statistical Methods in Cancer Research II, section 3.4.

    Examples
    --------
    >>> found = stratified_rate_ratio(np.array([20.0]), np.array([100.0]), np.array([40.0]), np.array([400.0]))
    >>> round(found.ratio, 6), found.lower < 2 < found.upper, found.p_value < 0.05
    (2.0, True, True)
    """
    shared = (exposure > 0) & (reference_exposure > 0)
    own, other = events[shared], reference_events[shared]
    totals = (int(own.sum()), int(other.sum()))
    years = (float(exposure[shared].sum()), float(reference_exposure[shared].sum()))
    if not sum(totals):
        return RateRatio(np.nan, 0.0, np.inf, 1.0, *totals, *years)
    odds = np.log(exposure[shared] / reference_exposure[shared])

    def slope(log_ratio: float) -> float:
        return float(own.sum() - ((own + other) / (1 + np.exp(-odds - log_ratio))).sum())

    def likelihood(log_ratio: float) -> float:
        return float((own * (odds + log_ratio) - (own + other) * np.logaddexp(0.0, odds + log_ratio)).sum())

    best = -_WIDEST if not totals[0] else _WIDEST if not totals[1] else brentq(slope, -_WIDEST, _WIDEST)
    top = likelihood(best)
    drop = NormalDist().inv_cdf(0.5 + _COVERAGE / 2) ** 2 / 2

    def above(log_ratio: float) -> float:
        return likelihood(log_ratio) - top + drop

    lower = np.exp(brentq(above, -_WIDEST, best)) if totals[0] else 0.0
    upper = np.exp(brentq(above, best, _WIDEST)) if totals[1] else np.inf
    statistic = max(2 * (top - likelihood(0.0)), 0.0)
    ratio = np.exp(best) if totals[0] and totals[1] else np.inf if totals[0] else 0.0
    p_value = 2 * NormalDist().cdf(-np.sqrt(statistic))
    return RateRatio(float(ratio), float(lower), float(upper), p_value, *totals, *years)
