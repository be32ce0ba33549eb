"""How well a risk orders spells by who ends first: concordance over all pairs, with and without weights."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.checked_forecasts import checked_risk
from models.concordance_pairs import ConcordancePairs, concordance, concordance_pairs
from models.errors import EstimatorInputError
from models.observation import any_cause, observation_share
from models.outcome import Outcome, read_outcome

Floats = NDArray[np.float64]


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
    pairs = concordance_pairs(outcome, checked_risk(risk, len(outcome)), cause, np.inf)
    ones = np.ones(len(outcome))
    return _comparable(
        concordance(ones[pairs.case], pairs.lasting(ones), pairs.ended_otherwise(ones), ones[pairs.case])
    )


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
    pairs = concordance_pairs(test, checked_risk(risk, len(test)), cause, tau)
    at_case, competing = observation_weights(train, test, pairs)
    ones = np.ones(len(test))
    return _comparable(concordance(at_case, pairs.lasting(ones), pairs.ended_otherwise(competing), ones[pairs.case]))


def drawn_concordances(
    train: Outcome, test: Outcome, risk: ArrayLike, cause: int, counts: Floats, *, tau: float
) -> tuple[Floats, Floats]:
    """Return `cause_harrell_c` and `cause_uno_c` of spells that count as often as they were drawn.

    Parameters
    ----------
    train, test, risk, cause, tau
        As in `cause_uno_c`.
    counts : ndarray, shape (draws, test spells)
        How often each spell was drawn.

    Returns
    -------
    ndarray, ndarray, shape (draws,) each
        Not a number where no pair is comparable, or a weight of Uno's C cannot be told.
    """
    pairs = concordance_pairs(test, checked_risk(risk, len(test)), cause, np.inf)
    early = test.time[pairs.case] < tau
    until = concordance_pairs(test, np.asarray(risk, dtype=np.float64), cause, tau)
    try:
        at_case, competing = observation_weights(train, test, until)
    except EstimatorInputError:
        at_case, competing = np.full(until.case.size, np.nan), np.zeros(len(test))
    harrell, uno = [], []
    for each in counts:
        lasting, often = pairs.lasting(each), each[pairs.case]
        harrell.append(concordance(np.ones(often.size), lasting, pairs.ended_otherwise(each), often))
        uno.append(concordance(at_case, lasting[early], until.ended_otherwise(competing * each), often[early]))
    return np.array(harrell), np.array(uno)


def observation_weights(train: Outcome, test: Outcome, pairs: ConcordancePairs) -> tuple[Floats, Floats]:
    """Return the inverse chance to be observed when each case ends, and when each spell ended otherwise before.

    Raises
    ------
    EstimatorInputError
        If no training spell is under observation then.
    """
    share = observation_share(train)
    at_case: Floats = 1 / share.until(test.time[pairs.case])
    competing = np.zeros(len(test))
    ended = pairs.otherwise[0]
    counted = ended[test.time[ended] < test.time[pairs.case].max(initial=0.0)]
    competing[counted] = 1 / share.until(test.time[counted])
    return at_case, competing


def _comparable(value: float) -> float:
    if not np.isfinite(value):
        raise EstimatorInputError("y", "no comparable pair", "at least one spell that outlasts an ended one")
    return value
