"""Pairs of spells of which one ended first, summed for spells that may count more than once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.outcome import Floats, Outcome
from models.rank_sums import dense_ranks, sums_below

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ConcordancePairs:
    """Ended spells (cases) and, per case, where its comparisons lie among the spells in order of time.

    Those after a case outlast it; those that entered later than it ended are taken away again.

    Attributes
    ----------
    rank : ndarray of int, shape (spells,)
        Rank of each risk.
    case : ndarray of int, shape (cases,)
        Places of the cases.
    outlasting, entering_later, otherwise : (ndarray, ndarray)
        Spells in an order, and per case the place from which on they outlast it, entered after it, or ended of
        another cause before it.
    """

    rank: Ints
    case: Ints
    outlasting: tuple[Ints, Ints]
    entering_later: tuple[Ints, Ints]
    otherwise: tuple[Ints, Ints]

    def lasting(self, counts: Floats) -> Floats:
        """Return, per case, how many that outlast it have a lower risk, an equal one, and any, shape (cases, 3)."""
        return self._sums(self.outlasting, counts) - self._sums(self.entering_later, counts)

    def ended_otherwise(self, weight: Floats) -> Floats:
        """Return, per case, the weight of those that ended of another cause before, as `lasting` has it."""
        return self._sums(self.otherwise, weight)

    def _sums(self, later: tuple[Ints, Ints], weight: Floats) -> Floats:
        order, place = later
        if not order.size or (place == order.size).all():
            return np.zeros((self.case.size, 3))
        lower, equal = sums_below(place, self.rank[self.case], self.rank[order], weight[order])
        total = np.concatenate([[0.0], np.cumsum(weight[order])])
        return np.column_stack([lower, equal, total[-1] - total[place]])


def concordance(at_case: Floats, lasting: Floats, earlier: Floats, counts: Floats) -> float:
    """Return concordant over comparable pairs; not a number where none is comparable.

    Parameters
    ----------
    at_case : ndarray, shape (cases,)
        What a spell counts that is observed when the case ends.
    lasting, earlier : ndarray, shape (cases, 3)
        From `ConcordancePairs`, of the same counts.
    counts : ndarray, shape (cases,)
        How often each case counts.
    """
    lower, equal, comparable = (counts * at_case) @ (at_case[:, None] * lasting + earlier)
    return float((lower + 0.5 * equal) / comparable) if comparable > 0 else float("nan")


def concordance_pairs(outcome: Outcome, risk: Floats, cause: int, tau: float) -> ConcordancePairs:
    """Return the pairs of spells whose first end, before a time, is of the cause."""
    case = np.flatnonzero((outcome.event == cause) & (outcome.time < tau))
    competing = np.flatnonzero((outcome.event != cause) & outcome.ended)
    return ConcordancePairs(
        rank=dense_ranks(risk),
        case=case,
        outlasting=_outlasting(outcome, case),
        entering_later=_entering_later(outcome, case),
        otherwise=_ended_otherwise(outcome, case, competing),
    )


def _outlasting(outcome: Outcome, case: Ints) -> tuple[Ints, Ints]:
    is_case = np.zeros(len(outcome), dtype=np.bool_)
    is_case[case] = True
    order = np.lexsort((~is_case, outcome.time))  # at the same time, cases come first
    ends, cases = np.sort(outcome.time), np.sort(outcome.time[case])
    ended = outcome.time[case]
    tied = np.searchsorted(cases, ended, side="right") - np.searchsorted(cases, ended, side="left")
    return order, np.searchsorted(ends, ended, side="left") + tied


def _entering_later(outcome: Outcome, case: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(outcome.entry, kind="stable")
    return order, np.searchsorted(outcome.entry[order], outcome.time[case], side="left")


def _ended_otherwise(outcome: Outcome, case: Ints, competing: Ints) -> tuple[Ints, Ints]:
    order = competing[np.argsort(-outcome.time[competing], kind="stable")]
    return order, np.searchsorted(-outcome.time[order], -outcome.time[case], side="right")
