"""Curves from spells whose end is known only to lie between two snapshots."""

import warnings
from collections.abc import Sequence
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from models.fit_inputs import checked_fit, checked_times
from models.interval_grid import IntervalGrid
from models.outcome import Floats
from models.piecewise import cumulative_at, interval_of
from models.spells import checked_breaks, even_breaks

_LEAST_RATE = 1e-300


class IntervalCensoredCurve(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """One curve for all posts from vague and exact ends: a hazard that is constant within each interval.

    Taking an end between two snapshots to be at the later one makes every post look steadier; at the middle, the hazard
    looks smoother than it is. Here the likelihood uses what is known: that it lies between. It is maximised by
    expectation and maximisation: where each vague end may lie given the hazard, then ends over exposure. Intervals
    narrower than the snapshots are apart make the curve uncertain: the rows do not tell where within a year.

    Parameters
    ----------
    interval_years : float
        Width of the intervals, > 0. Ignored where ``breaks`` is given.
    breaks : sequence of float, optional
        Borders of the intervals in years, from 0; a last one reaches to the longest duration.
    max_iter : int
        Rounds at most.
    tol : float
        Gain in log-likelihood per spell below which the fit ends.

    Attributes
    ----------
    breaks_ : ndarray, shape (intervals + 1,)
        Borders, years.
    hazard_ : ndarray, shape (intervals,)
        Ends per year; 0 where nobody was at risk.
    log_likelihood_ : float
        Of all spells, given their entry.
    n_iter_ : int
        Rounds taken.

    References
    ----------
    Dempster, Laird and Rubin 1977, Journal of the Royal Statistical Society B 39(1):1-38. Lindsey and Ryan 1998,
    Statistics in Medicine 17(2):219-238 (piecewise constant hazards for interval-censored spells).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([1, 1, 1, 0], [1.0, 1.0, 2.0, 2.0], time_lower=[0.0, 0.0, 1.0, 2.0])
    >>> curve = IntervalCensoredCurve(interval_years=1.0).fit(pl.DataFrame(), y)
    >>> curve.predict_survival_function(pl.DataFrame({"post": [1]}), [0.0, 1.0, 2.0]).round(3).tolist()
    [[1.0, 0.5, 0.25]]
    """

    def __init__(
        self,
        *,
        interval_years: float = 1.0,
        breaks: Sequence[float] | None = None,
        max_iter: int = 5000,
        tol: float = 1e-10,
    ) -> None:
        self.interval_years = interval_years
        self.breaks = breaks
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X: pl.DataFrame, y: object, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803
        """Fit the curve to spells; ``X`` is not used.

        Raises
        ------
        InvalidInputError
            If a value is impossible or no spell ended.
        """
        outcome, weights = checked_fit(X, y, sample_weight)
        outcome, weights = outcome[weights > 0], weights[weights > 0]
        longest = float(outcome.time.max())
        breaks = checked_breaks(even_breaks(self.interval_years, longest) if self.breaks is None else self.breaks)
        self.breaks_ = np.append(breaks, longest) if longest > breaks[-1] else breaks
        grid = IntervalGrid.of(outcome, weights, self.breaks_[self.breaks_ < longest])
        interval = interval_of(self.breaks_, (grid.cuts[:-1] + grid.cuts[1:]) / 2, side="right")
        self._maximise(grid, interval, self.tol * float(weights.sum()))
        return self

    def predict(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return 0 for every post: the curve tells none from another. Shape (rows,)."""
        check_is_fitted(self, "hazard_")
        return np.zeros(X.height)

    def predict_survival_function(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability that a spell lasts beyond each time (years), shape (rows, times); all rows the same.

        Flat beyond the last border: nothing is extrapolated.
        """
        check_is_fitted(self, "hazard_")
        years = np.minimum(checked_times(times), self.breaks_[-1])
        curve = np.exp(-cumulative_at(self.hazard_[None, :], self.breaks_, years))
        return np.repeat(curve, X.height, axis=0)

    def _maximise(self, grid: IntervalGrid, interval: NDArray[np.intp], least_gain: float) -> None:
        """Rounds of expected ends over expected exposure in each interval."""
        widths, intervals = np.diff(grid.cuts), self.breaks_.size - 1
        self.hazard_ = np.full(intervals, _rough_rate(grid, widths))
        before = -np.inf
        for round_number in range(self.max_iter):
            self.n_iter_ = round_number + 1
            rate = self.hazard_[interval]
            cumulative = np.concatenate([[0.0], np.cumsum(rate * widths)])
            survival = np.exp(-cumulative)
            per_mass, beyond, mass = grid.vague_sums(survival)
            self.log_likelihood_ = _log_likelihood(grid, rate, cumulative, mass)
            leaving = -survival[:-1] * np.expm1(-rate * widths)
            survived = np.divide(leaving, rate, out=survival[:-1] * widths, where=rate > 0)
            ends = grid.exact_ends + per_mass * leaving
            exposure = grid.certain * widths + np.maximum(per_mass * survived - beyond * widths, 0.0)
            if self.log_likelihood_ - before <= least_gain:
                return
            before = self.log_likelihood_
            totals = [np.bincount(interval, each, intervals) for each in (ends, exposure)]
            self.hazard_ = np.divide(totals[0], totals[1], out=np.zeros(intervals), where=totals[1] > 0)
        warnings.warn(
            f"no convergence in {self.max_iter} rounds: take wider intervals", ConvergenceWarning, stacklevel=3
        )


def turnbull_curve(
    y: object, *, sample_weight: ArrayLike | None = None, max_iter: int = 20_000, tol: float = 1e-11
) -> pl.DataFrame:
    """Return the share still in the post without any shape assumed, from vague and exact ends.

    Probability lies only where the limits of spells enclose it; where within these stretches is not told. With exact
    ends it is the Kaplan-Meier curve. Snapshots on varying days enclose stretches of a day or two, on which too much
    is heaped: `IntervalCensoredCurve` suits them better.

    Parameters
    ----------
    y : structured ndarray or DataFrame
        As `models.outcome.read_outcome` takes it.
    sample_weight : array-like, optional
        Number of spells that each one stands for.
    max_iter : int
        Rounds at most.
    tol : float
        Greatest change of survival in a round at which the fit ends.

    Returns
    -------
    DataFrame
        One row per stretch that holds probability: ``from_years``, ``time_years`` (its end) and ``survival`` after it.

    Raises
    ------
    EstimatorInputError
        If the outcome is impossible or no spell ended.

    References
    ----------
    Turnbull 1976, Journal of the Royal Statistical Society B 38(3):290-295; with hazards in place of masses, which
    keeps delayed entry simple.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([1, 1, 1, 0], [1.0, 1.0, 2.0, 2.0], time_lower=[0.0, 0.0, 1.0, 2.0])
    >>> turnbull_curve(y).with_columns(pl.col("survival").round(3)).rows()
    [(0.0, 1.0, 0.5), (1.0, 2.0, 0.25)]
    """
    outcome, weights = checked_fit(pl.DataFrame(), y, sample_weight)
    grid = IntervalGrid.of(outcome[weights > 0], weights[weights > 0])
    hazard = np.full(grid.cuts.size - 1, 0.5)
    survival = np.zeros(grid.cuts.size)
    for _ in range(max_iter):
        before, survival = survival, np.concatenate([[1.0], np.cumprod(1 - hazard)])
        if np.abs(survival - before).max() <= tol:
            break
        per_mass, beyond, _ = grid.vague_sums(survival)
        ends = grid.exact_ends + per_mass * -np.diff(survival)
        at_risk = grid.certain + np.maximum(per_mass * survival[:-1] - beyond, 0.0)
        hazard = np.clip(np.divide(ends, at_risk, out=np.zeros_like(ends), where=at_risk > 0), 0.0, 1.0)
    else:
        warnings.warn(f"no convergence in {max_iter} rounds", ConvergenceWarning, stacklevel=2)
    curve = pl.DataFrame({"from_years": grid.cuts[:-1], "time_years": grid.cuts[1:], "survival": survival[1:]})
    return curve.filter(pl.Series(-np.diff(survival) > 1e-9))


def _rough_rate(grid: IntervalGrid, widths: Floats) -> float:
    """Ends over exposure, with vague ends in the middle of their interval."""
    middles = grid.weights @ (grid.cuts[grid.last] - grid.cuts[grid.first]) / 2
    return float((grid.exact_ends.sum() + grid.weights.sum()) / (grid.certain @ widths + middles))


def _log_likelihood(grid: IntervalGrid, rate: Floats, cumulative: Floats, mass: Floats) -> float:
    """Of all spells given their entry: certain exposure, and vague ends given that they ran so far."""
    vague = grid.weights @ (np.log(mass) + cumulative[grid.first])
    exact = grid.exact_ends @ np.log(np.maximum(rate, _LEAST_RATE))
    return float(vague + exact - grid.certain @ np.diff(cumulative))
