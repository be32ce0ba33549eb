"""What acting on a forecast would be worth at a horizon: net benefit beside acting for all or for none."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.checked_forecasts import checked_probabilities
from models.errors import EstimatorInputError
from models.observed_incidence import followed_to, observed_incidence
from models.outcome import Outcome, read_outcome
from models.uncertainty import INTERVAL_COVERAGE

Floats = NDArray[np.float64]


def decision_curve(y: object, incidence: ArrayLike, time: float, thresholds: ArrayLike, *, cause: int) -> pl.DataFrame:
    """Return the net benefit of acting where the predicted probability to have ended reaches a threshold.

    Net benefit is the share of spells that are acted on and would end, minus the share acted on in vain times the odds
    of the threshold: a threshold of 0.2 says that missing one end is as bad as acting in vain for four. Shares by the
    time are Aalen-Johansen estimates among those acted on, so censored spells and delayed entry count for what they
    are. It compares forecasts for places and posts; it is no ground for a decision about a person.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells; for an end of any cause give `models.observation.any_cause` of them and cause 1.
    incidence : array-like, shape (spells,)
        Predicted probability to have ended of the cause by the time.
    time : float
        The horizon.
    thresholds : array-like
        Probabilities, above 0 and below 1.
    cause : int
        Its number, 1 or more.

    Returns
    -------
    DataFrame
        One row per threshold: ``threshold``, ``acted_share`` (0-1), ``net_benefit``, ``net_benefit_all`` and
        ``net_benefit_none`` (always 0). ``net_benefit`` is null where none of those acted on is followed to the time.

    Raises
    ------
    EstimatorInputError
        If shapes differ or a value is out of bounds.

    References
    ----------
    Vickers and Elkin 2006, Med Decis Making 26(6):565-574. Vickers, Cronin, Elkin and Gonen 2008, BMC Med Inform Decis
    Mak 8:53 (censoring and competing risks).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, True, False, False], [1.0, 1.0, 3.0, 3.0])
    >>> decision_curve(y, [0.9, 0.9, 0.1, 0.1], 2.0, [0.5], cause=1).select("net_benefit", "net_benefit_all").rows()
    [(0.5, 0.0)]
    """
    outcome = read_outcome(y)
    column = np.asarray(incidence, dtype=np.float64).reshape(-1, 1)
    predicted = checked_probabilities("incidence", column, len(outcome), 1)[:, 0]
    limits = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    if not ((limits > 0) & (limits < 1)).all():
        raise EstimatorInputError("thresholds", limits.tolist(), "probabilities above 0 and below 1")
    rows = [
        {
            "threshold": float(limit),
            "acted_share": float((predicted >= limit).mean()),
            "net_benefit": _net_benefit(outcome, predicted >= limit, time, cause, float(limit)),
            "net_benefit_all": _net_benefit(outcome, np.ones(len(outcome), dtype=np.bool_), time, cause, float(limit)),
            "net_benefit_none": 0.0,
        }
        for limit in limits
    ]
    names = ("threshold", "acted_share", "net_benefit", "net_benefit_all", "net_benefit_none")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64))


def _net_benefit(
    outcome: Outcome, acted_on: NDArray[np.bool_], time: float, cause: int, threshold: float
) -> float | None:
    if not acted_on.any():
        return 0.0
    chosen = outcome[acted_on]
    if not followed_to(chosen, time):
        return None
    ended = observed_incidence(chosen, time, cause=cause, confidence=INTERVAL_COVERAGE).share
    return float(acted_on.mean()) * (ended - (1 - ended) * threshold / (1 - threshold))
