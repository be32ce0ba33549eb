"""Cox's partial likelihood with Efron's treatment of ties, delayed entry and weights."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.outcome import Floats, Outcome
from models.risk_sets import sum_from


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Log partial likelihood with its slope and its negative curvature (information) in the coefficients."""

    value: float
    slope: Floats
    information: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PartialLikelihood:
    """Likelihood of who left when someone left.

    Of the d that leave at one time, the l-th (from 0) is taken to leave a risk set that has lost the share l/d of the
    tied ones; each counts with their mean weight.

    Attributes
    ----------
    entry, time, weights : ndarray, shape (spells,)
        Outcome of each spell; weights > 0.
    leaver : ndarray of int, shape (ends,)
        The spell of each end, by time.
    times, place : ndarray
        Distinct times of the ends, and for each end the place of its time among them.
    share, mean_weight : ndarray, shape (ends,)
        What Efron's term of each end subtracts, and counts with.
    """

    entry: Floats
    time: Floats
    weights: Floats
    leaver: NDArray[np.intp]
    times: Floats
    place: NDArray[np.intp]
    share: Floats
    mean_weight: Floats

    @classmethod
    def of(cls, outcome: Outcome, weights: Floats) -> Self:
        """Return the likelihood of an outcome; any cause is an end."""
        ends = np.flatnonzero(outcome.ended)
        leaver = ends[np.argsort(outcome.time[ends], kind="stable")]
        times, first, place, count = np.unique(
            outcome.time[leaver], return_index=True, return_inverse=True, return_counts=True
        )
        share = (np.arange(leaver.size) - first[place]) / count[place]
        mean_weight = (np.bincount(place, weights[leaver]) / count)[place]
        return cls(outcome.entry, outcome.time, weights, leaver, times, place, share, mean_weight)

    def at_risk(self, values: Floats) -> Floats:
        """Return the sum over the risk set at each distinct time, of one value or row of values per spell."""
        return sum_from(self.time, values, self.times) - sum_from(self.entry, values, self.times)

    def tied(self, values: Floats) -> Floats:
        """Return the sum over those who leave at each distinct time."""
        sums = np.zeros((self.times.size, *values.shape[1:]))
        np.add.at(sums, self.place, values[self.leaver])
        return sums

    def derivatives(self, columns: Floats, coefficients: Floats) -> Derivatives:
        """Return value, slope and information at some coefficients; memory grows with spells times columns.

        Each spell's share of the slope is what it was expected to leave: its relative hazard times the sum, over the
        ends while it was at risk, of one over the total relative hazard.
        """
        linear = columns @ coefficients
        top = linear.max()
        relative = self.weights * np.exp(linear - top)
        total = self._total(relative)
        expected = relative * self._expected(self.mean_weight / total)
        own = self.weights[self.leaver]
        value = own @ (linear[self.leaver] - top) - self.mean_weight @ np.log(total)
        slope = columns[self.leaver].T @ own - columns.T @ expected
        means = self.expected_columns(columns, relative)
        information = columns.T @ (expected[:, None] * columns) - means.T @ (self.mean_weight[:, None] * means)
        return Derivatives(float(value), slope, information)

    def expected_columns(self, columns: Floats, relative: Floats) -> Floats:
        """Return, for each end, the mean columns of who might have left, by relative hazard; shape (ends, columns)."""
        weighted = relative[:, None] * columns
        sums = self.at_risk(weighted)[self.place] - self.share[:, None] * self.tied(weighted)[self.place]
        means: Floats = sums / self._total(relative)[:, None]
        return means

    def residuals(self, columns: Floats, coefficients: Floats) -> Floats:
        """Return Schoenfeld's residuals: by how much who left differs from who might have; shape (ends, columns)."""
        linear = columns @ coefficients
        means = self.expected_columns(columns, self.weights * np.exp(linear - linear.max()))
        tied_means = np.zeros((self.times.size, columns.shape[1]))
        np.add.at(tied_means, self.place, means)
        tied_means /= np.bincount(self.place)[:, None]
        residuals: Floats = columns[self.leaver] - tied_means[self.place]
        return residuals

    def baseline(self, linear: Floats) -> Floats:
        """Return Breslow's cumulative hazard at the distinct times, for a linear predictor of 0."""
        top = linear.max()
        relative = self.weights * np.exp(linear - top)
        total = np.maximum(self.at_risk(relative), self.tied(relative))
        cumulative: Floats = np.cumsum(self.tied(self.weights) / total) * np.exp(-top)
        return cumulative

    def _total(self, relative: Floats) -> Floats:
        tied = self.tied(relative)
        total: Floats = np.maximum(self.at_risk(relative), tied)[self.place] - self.share * tied[self.place]
        return total

    def _expected(self, each: Floats) -> Floats:
        """Sum of the ends' terms while each spell was at risk; a tied one is partly gone by Efron."""
        sums = np.concatenate([[0.0], np.cumsum(np.bincount(self.place, each))])
        upto = [np.searchsorted(self.times, moment, side="right") for moment in (self.time, self.entry)]
        expected: Floats = sums[upto[0]] - sums[upto[1]]
        expected[self.leaver] -= np.bincount(self.place, each * self.share)[self.place]
        return expected
