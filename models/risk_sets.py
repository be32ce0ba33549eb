"""Who was at risk of an end when one occurred, with delayed entry and weights."""

from dataclasses import dataclass

import numpy as np

from models.outcome import Floats, Outcome


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Weighted counts at each distinct time of an end.

    Attributes
    ----------
    times : ndarray, shape (times,)
        Distinct times at which a spell ended, rising.
    at_risk : ndarray, shape (times,)
        Spells that had entered before the time and ran up to it at least.
    ended : ndarray, shape (causes, times)
        Ends of each cause, cause 1 first.
    """

    times: Floats
    at_risk: Floats
    ended: Floats


def risk_sets(outcome: Outcome, weights: Floats) -> RiskSets:
    """Return the risk sets of spells; those of weight 0 count nowhere.

    Examples
    --------
    >>> from models.outcome import read_outcome, survival_outcome
    >>> outcome = read_outcome(survival_outcome([1, 2, 0], [1.0, 2.0, 3.0], entry=[0.0, 1.0, 0.0]))
    >>> sets = risk_sets(outcome, np.ones(3))
    >>> sets.at_risk.tolist(), sets.ended.tolist()
    ([2.0, 2.0], [[1.0, 0.0], [0.0, 1.0]])
    """
    used = weights > 0
    outcome, weights = outcome[used], weights[used]
    times, place = np.unique(outcome.time[outcome.ended], return_inverse=True)
    ended = np.zeros((int(outcome.event.max()), times.size))
    np.add.at(ended, (outcome.event[outcome.ended] - 1, place), weights[outcome.ended])
    at_risk = sum_from(outcome.time, weights, times) - sum_from(outcome.entry, weights, times)
    return RiskSets(times, np.maximum(at_risk, ended.sum(axis=0)), ended)


def sum_from(times: Floats, values: Floats, at: Floats) -> Floats:
    """Return, for each time ``at``, the sum of the values (rows of them) whose own time is the same or later."""
    order = np.argsort(times, kind="stable")
    sums = np.cumsum(values[order][::-1], axis=0)[::-1]
    beyond = np.zeros((1, *values.shape[1:]))
    found: Floats = np.concatenate([sums, beyond])[np.searchsorted(times[order], at, side="left")]
    return found
