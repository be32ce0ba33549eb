"""How well a risk orders spells by who ends first: concordance over all pairs, with and without weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.checked_forecasts import checked_risk
from models.errors import EstimatorInputError
from models.observation import any_cause, observation_share
from models.outcome import Outcome, read_outcome
from models.rank_sums import dense_ranks, sums_below

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def harrell_c(y: object, risk: ArrayLike) -> float:
    """Return Harrell's C: among comparable pairs, the share where the spell that ended first had the higher risk.

    A pair is comparable if one spell ended while the other was observed at risk and lasted longer, or was censored at
    that very time. Equal risks count one half. 0.5 is chance. It depends on the censoring; `uno_c` does not.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells, delayed entry allowed; an end of any cause is an end.
    risk : array-like, shape (spells,)
        Higher where the end is expected sooner.

    Raises
    ------
    EstimatorInputError
        If ``risk`` has another length or is not finite, or no pair is comparable.

    References
    ----------
    Harrell, Lee and Mark 1996, Stat Med 15(4):361-387.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> harrell_c(survival_outcome([True, True, False], [1.0, 2.0, 3.0]), [3.0, 1.0, 2.0])
    0.6666666666666666
    """
    return cause_harrell_c(any_cause(y), risk, 1)


def cause_harrell_c(y: object, risk: ArrayLike, cause: int) -> float:
    """Return Harrell's C for one cause; a spell that ended of another is taken never to end of this one.

    Such a spell stays a comparison for every later end of the cause, as it does in the cumulative incidence.

    Parameters
    ----------
    y, risk
        As in `harrell_c`; the risk is that of the cause.
    cause : int
        Its number, 1 or more.

    Raises
    ------
    EstimatorInputError
        As in `harrell_c`.

    References
    ----------
    Wolbers, Koller, Witteman and Steyerberg 2009, Epidemiology 20(4):555-561.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> cause_harrell_c(survival_outcome([2, 1, 0], [1.0, 2.0, 3.0]), [1.0, 2.0, 3.0], 1)
    0.5
    """
    outcome = read_outcome(y)
    pairs = _pairs(outcome, checked_risk(risk, len(outcome)), cause, np.inf)
    return pairs.concordance(np.ones(pairs.case.size), np.ones(len(outcome)))


def uno_c(train_y: object, test_y: object, risk: ArrayLike, *, tau: float) -> float:
    """Return Uno's C: the concordance up to a time that would be seen without censoring.

    ``P(risk_i > risk_j | T_i < T_j, T_i < tau)``. A pair weighs the inverse of the chance that both were observed when
    the first ended, from `models.observation.observation_share` of the training spells, which allows for delayed entry.

    Parameters
    ----------
    train_y, test_y : structured ndarray, DataFrame or Outcome
        Spells; an end of any cause is an end.
    risk : array-like, shape (test spells,)
        Higher where the end is expected sooner.
    tau : float
        Only ends before it count; it must lie where training spells are still observed.

    Raises
    ------
    EstimatorInputError
        If ``risk`` has another length or is not finite, no pair is comparable, or no training spell is under
        observation at the time of an end before ``tau``.

    References
    ----------
    Uno, Cai, Pencina, D'Agostino and Wei 2011, Stat Med 30(10):1105-1117.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, False, True, True], [1.0, 1.5, 2.0, 3.0])
    >>> round(uno_c(y, y, [3.0, 1.0, 1.0, 2.0], tau=4.0), 3)
    0.571
    """
    return cause_uno_c(any_cause(train_y), any_cause(test_y), risk, 1, tau=tau)


def cause_uno_c(train_y: object, test_y: object, risk: ArrayLike, cause: int, *, tau: float) -> float:
    """Return Uno's C for one cause; a spell that ended of another is taken never to end of this one.

    A pair with such a spell weighs the inverse of the chance to see each of the two ends; other pairs as in `uno_c`.

    Parameters
    ----------
    train_y, test_y, risk, tau
        As in `uno_c`; the risk is that of the cause.
    cause : int
        Its number, 1 or more.

    Raises
    ------
    EstimatorInputError
        As in `uno_c`.

    References
    ----------
    Wolbers, Blanche, Koller, Witteman and Gerds 2014, Biostatistics 15(3):526-539.
    """
    train, test = read_outcome(train_y), read_outcome(test_y)
    share = observation_share(train)
    pairs = _pairs(test, checked_risk(risk, len(test)), cause, tau)
    at_case = 1 / share.until(test.time[pairs.case])
    competing = np.zeros(len(test))
    counted = pairs.competing[test.time[pairs.competing] < test.time[pairs.case].max(initial=0.0)]
    competing[counted] = 1 / share.until(test.time[counted])
    return pairs.concordance(at_case, competing)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Ended spells (cases) and, per case, where its comparisons lie among the spells in order of time.

    Those after a case outlast it; those that entered later than it ended are taken away again.
    """

    outcome: Outcome
    rank: Ints
    case: Ints
    competing: Ints

    def concordance(self, at_case: Floats, competing: Floats) -> float:
        """Return concordant over comparable pairs.

        ``at_case`` is what a spell counts that is observed when a case ends, one per case, and ``competing`` what each
        spell counts if it ended of another cause before.
        """
        lasting = self._outlasting() - self._entering_later()
        earlier = self._ended_otherwise_before(competing)
        lower, equal, comparable = at_case @ (at_case[:, None] * lasting + earlier)
        if not comparable > 0:
            raise EstimatorInputError("y", "no comparable pair", "at least one spell that outlasts an ended one")
        return float((lower + 0.5 * equal) / comparable)

    def _outlasting(self) -> Floats:
        is_case = np.zeros(len(self.outcome), dtype=np.bool_)
        is_case[self.case] = True
        order = np.lexsort((~is_case, self.outcome.time))  # at the same time, cases come first
        ends, cases = np.sort(self.outcome.time), np.sort(self.outcome.time[self.case])
        ended = self.outcome.time[self.case]
        tied = np.searchsorted(cases, ended, side="right") - np.searchsorted(cases, ended, side="left")
        return self._sums(np.searchsorted(ends, ended, side="left") + tied, order, np.ones(len(self.outcome)))

    def _entering_later(self) -> Floats:
        order = np.argsort(self.outcome.entry, kind="stable")
        place = np.searchsorted(self.outcome.entry[order], self.outcome.time[self.case], side="left")
        return self._sums(place, order, np.ones(len(self.outcome)))

    def _ended_otherwise_before(self, weight: Floats) -> Floats:
        order = self.competing[np.argsort(-self.outcome.time[self.competing], kind="stable")]
        place = np.searchsorted(-self.outcome.time[order], -self.outcome.time[self.case], side="right")
        return self._sums(place, order, weight)

    def _sums(self, place: Ints, order: Ints, weight: Floats) -> Floats:
        """Return, per case, the weight of lower risks, of equal risks and of all from a place on in an order."""
        lower, equal = sums_below(place, self.rank[self.case], self.rank[order], weight[order])
        total = np.concatenate([[0.0], np.cumsum(weight[order])])
        return np.column_stack([lower, equal, total[-1] - total[place]])


def _pairs(outcome: Outcome, risk: Floats, cause: int, tau: float) -> _Pairs:
    case = np.flatnonzero((outcome.event == cause) & (outcome.time < tau))
    competing = np.flatnonzero((outcome.event != cause) & outcome.ended)
    return _Pairs(outcome, dense_ranks(risk), case, competing)
