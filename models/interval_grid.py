"""Spells on the grid of all times that occur in them, for ends that are known only to lie between two times."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.outcome import Floats, Outcome


@dataclass(frozen=True, slots=True, eq=False)
class IntervalGrid:
    """Pieces between neighbouring times, none of which any spell's known limits cut.

    Attributes
    ----------
    cuts : ndarray, shape (pieces + 1,)
        Rising times from 0.
    certain : ndarray, shape (pieces,)
        Weight of the spells known to be at risk in the piece: from entry to the latest time known to run, and for an
        end that is known exactly to that.
    exact_ends : ndarray, shape (pieces,)
        Weight of the ends known to be at the piece's end.
    first, last : ndarray of int
        For each vague end, the cuts between which it lies.
    weights : ndarray
        Weight of each vague end.
    """

    cuts: Floats
    certain: Floats
    exact_ends: Floats
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    weights: Floats

    @classmethod
    def of(cls, outcome: Outcome, weights: Floats, breaks: ArrayLike = ()) -> Self:
        """Return the grid of the spells' times and of further breaks."""
        vague = outcome.ended & (outcome.time_lower < outcome.time)
        known_until = np.where(vague, outcome.time_lower, outcome.time)
        cuts = np.unique(np.concatenate([[0.0], breaks, outcome.entry, outcome.time_lower, outcome.time]))
        start, known, end = (np.searchsorted(cuts, times) for times in (outcome.entry, known_until, outcome.time))
        exact = outcome.ended & ~vague
        return cls(
            cuts=cuts,
            certain=spread(start, known, weights, cuts.size - 1),
            exact_ends=np.bincount(end[exact] - 1, weights[exact], cuts.size - 1).astype(np.float64),
            first=known[vague],
            last=end[vague],
            weights=weights[vague],
        )

    def vague_sums(self, survival: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what the vague ends say of each piece, given the survival at the cuts.

        Returns
        -------
        per_mass, beyond, mass : ndarray
            For each piece, over the vague ends that may lie in it, the sum of weight over probability of their
            interval, and that sum times the survival at the interval's end; and the probability of each interval.
        """
        mass = np.maximum(survival[self.first] - survival[self.last], np.finfo(float).tiny)
        each, pieces = self.weights / mass, self.cuts.size - 1
        return (
            spread(self.first, self.last, each, pieces),
            spread(self.first, self.last, each * survival[self.last], pieces),
            mass,
        )


def spread(first: NDArray[np.intp], last: NDArray[np.intp], values: Floats, pieces: int) -> Floats:
    """Return, for each piece, the sum of the values whose range ``first <= piece < last`` holds it.

    Examples
    --------
    >>> spread(np.array([0, 1]), np.array([2, 3]), np.array([1.0, 10.0]), 3).tolist()
    [1.0, 11.0, 10.0]
    """
    steps = np.bincount(first, values, pieces + 1) - np.bincount(last, values, pieces + 1)
    return np.maximum(np.cumsum(steps)[:pieces], 0.0)
