"""How well a risk tells who will have gone by a horizon from who will still be there: time-dependent AUC."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.checked_forecasts import checked_times
from models.errors import EstimatorInputError
from models.observation import any_cause, observation_share
from models.outcome import Outcome, read_outcome
from models.rank_sums import dense_ranks

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def dynamic_auc(train_y: object, test_y: object, risk: ArrayLike, times: ArrayLike) -> Floats:
    """Return the cumulative/dynamic AUC: the chance that one who has gone by a time had a higher risk than a stayer.

    Spells whose status at the time is unknown have no weight of their own; the known ones weigh the inverse of the
    chance to be observed, from `models.observation.observation_share` of the training spells, which allows for delayed
    entry. 0.5 is chance; equal risks count one half.

    Parameters
    ----------
    train_y, test_y : structured ndarray, DataFrame or Outcome
        Spells; an end of any cause is an end.
    risk : array-like, shape (test spells,) or (test spells, times)
        Higher where the end is expected sooner; one for all times or one for each.
    times : array-like
        Rising horizons.

    Returns
    -------
    ndarray, shape (times,)
        Not a number where nobody has gone or nobody is left.

    Raises
    ------
    EstimatorInputError
        If shapes differ, a risk is not finite, or no training spell is observed at a time that needs a weight.

    References
    ----------
    Uno, Cai, Tian and Wei 2007, J Am Stat Assoc 102(478):527-537. Hung and Chiang 2010, Canadian J Stat 38(1):8-26.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, True, False, False], [1.0, 2.0, 3.0, 4.0])
    >>> dynamic_auc(y, y, [4.0, 1.0, 2.0, 0.0], [2.5]).tolist()
    [0.75]
    """
    return cause_dynamic_auc(any_cause(train_y), any_cause(test_y), risk, times, cause=1)


def cause_dynamic_auc(train_y: object, test_y: object, risk: ArrayLike, times: ArrayLike, *, cause: int) -> Floats:
    """Return the cumulative/dynamic AUC for one cause; who ended of another is on the side of those who have not.

    Parameters
    ----------
    train_y, test_y, risk, times
        As in `dynamic_auc`; the risk is that of the cause.
    cause : int
        Its number, 1 or more.

    Returns
    -------
    ndarray, shape (times,)

    Raises
    ------
    EstimatorInputError
        As in `dynamic_auc`.

    References
    ----------
    Blanche, Dartigues and Jacqmin-Gadda 2013, Stat Med 32(30):5381-5397 (its second definition of a control).
    """
    train, test, moments = read_outcome(train_y), read_outcome(test_y), checked_times(times)
    risks = _risk_by_time(risk, len(test), moments.size)
    statuses = (status_weights(train, test, float(moment), cause) for moment in moments)
    return np.array([weighted_auc(risks[:, column], *status) for column, status in enumerate(statuses)])


def status_weights(train: Outcome, test: Outcome, time: float, cause: int) -> tuple[Bools, Floats]:
    """Return who has ended of the cause by a time, and what each spell weighs, 0 where its status is unknown.

    Weights are the inverse of `models.observation.observation_share` of the training spells: at its end for one that
    ended by then, of whatever cause; just after the time for one observed there. Their expected sum over a status is
    its share of all spells, but for a common factor.

    Raises
    ------
    EstimatorInputError
        If no training spell is observed at a time that needs a weight.
    """
    share = observation_share(train)
    gone = test.ended & (test.time <= time)
    there = (test.time > time) & (test.entry <= time)
    weight = np.zeros(len(test))
    weight[gone] = 1 / share.until(test.time[gone])
    if there.any():
        weight[there] = 1 / share.beyond(time)
    return gone & (test.event == cause), weight


def weighted_auc(risk: Floats, case: Bools, weight: Floats) -> float:
    """Return the AUC of a risk for weighted cases against the other weighted spells; not a number if one side is empty.

    Examples
    --------
    >>> weighted_auc(np.array([2.0, 1.0, 0.0]), np.array([True, False, False]), np.ones(3))
    1.0
    """
    return ranked_auc(dense_ranks(risk), case, weight)


def ranked_auc(rank: NDArray[np.int64], case: Bools, weight: Floats) -> float:
    """Return `weighted_auc` of risks whose ranks, from 0, are known already."""
    if not (weight[case].any() and weight[~case].any()):
        return float("nan")
    cases, others = (np.bincount(rank[part], weights=weight[part], minlength=rank.max() + 1) for part in (case, ~case))
    below = np.cumsum(others) - others
    return float(cases @ (below + 0.5 * others) / (cases.sum() * others.sum()))


def _risk_by_time(risk: ArrayLike, rows: int, times: int) -> Floats:
    values = np.asarray(risk, dtype=np.float64)
    columns = values[:, None] if values.ndim == 1 else values
    if columns.shape not in {(rows, 1), (rows, times)} or not np.isfinite(columns).all():
        raise EstimatorInputError("risk", f"shape {values.shape}", f"{rows} finite values, for all times or for each")
    return np.broadcast_to(columns, (rows, times))
