"""Aalen-Johansen estimates: how many have ended of one cause while others could come first."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.errors import EstimatorInputError
from models.observation import at_risk
from models.outcome import Outcome, read_outcome

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ObservedIncidence:
    """Share (0-1) that has ended by a time, with its interval; bounds are None where the share is 0 or 1."""

    share: float
    lower: float | None
    upper: float | None


def aalen_johansen(y: object, *, cause: int, confidence: float = 0.95) -> pl.DataFrame:
    """Return the cumulative incidence of one cause of ending, with delayed entry allowed.

    With one cause only it is one minus the Kaplan-Meier curve, with the same interval. Unlike one minus a Kaplan-Meier
    curve that censors other causes, incidences of all causes and survival sum to 1.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells; a spell is at risk from just after its entry to its end inclusive.
    cause : int
        Its number, 1 or more.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per distinct time with an end of any cause: ``time``, ``at_risk``, ``events`` of the cause,
        ``incidence`` in [0, 1], and ``lower``/``upper``: variance by the delta method on the log(-log) scale, null
        where the incidence is 0 or 1.

    Raises
    ------
    EstimatorInputError
        If ``y`` is impossible or ``confidence`` outside (0, 1).

    References
    ----------
    Aalen and Johansen 1978, Scand J Stat 5(3):141-150. Marubini and Valsecchi 1995, Analysing Survival Data, ch. 10
    (the variance).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([1, 2, 1, 0], [1.0, 2.0, 3.0, 4.0])
    >>> aalen_johansen(y, cause=1).select("time", "at_risk", "incidence").rows()
    [(1.0, 4, 0.25), (2.0, 3, 0.25), (3.0, 2, 0.5)]
    """
    if not 0 < confidence < 1:
        raise EstimatorInputError("confidence", confidence, "a share between 0 and 1")
    outcome = read_outcome(y)
    times, ends = np.unique(outcome.time[outcome.ended], return_counts=True)
    of_cause = outcome.time[outcome.event == cause]
    events = np.searchsorted(np.sort(of_cause), times, "right") - np.searchsorted(np.sort(of_cause), times, "left")
    risk_set = at_risk(outcome, times)
    before = np.concatenate([[1.0], np.cumprod(1 - ends / risk_set)[:-1]])
    incidence = np.cumsum(before * events / risk_set)
    variance = _variance(before, incidence, events, ends, risk_set)
    lower, upper = _log_log_interval(incidence, variance, confidence)
    columns = {"time": times, "at_risk": risk_set, "events": events, "incidence": incidence}
    return pl.DataFrame(columns | {"lower": lower, "upper": upper}).with_columns(
        pl.col("lower", "upper").fill_nan(None)
    )


def incidence_at(y: object, time: float, *, cause: int, confidence: float) -> ObservedIncidence:
    """Return the observed incidence of a cause at one time, with its interval.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> incidence_at(survival_outcome([1, 2, 1, 0], [1.0, 2.0, 3.0, 4.0]), 2.5, cause=1, confidence=0.9).share
    0.25
    """
    before = aalen_johansen(y, cause=cause, confidence=confidence).filter(pl.col("time") <= time)
    if before.is_empty():
        return ObservedIncidence(0.0, None, None)
    last = before.row(-1, named=True)
    return ObservedIncidence(last["incidence"], last["lower"], last["upper"])


def followed_to(y: Outcome, time: float) -> bool:
    """Return whether a share at the time can be told: some spell is observed so long, or all had ended before."""
    last = y.time == y.time.max()
    return bool((y.time >= time).any() or y.ended[last].all())


def _variance(
    before: Floats, incidence: Floats, events: NDArray[np.int64], ends: NDArray[np.int64], risk_set: NDArray[np.int64]
) -> Floats:
    """Return the sum over earlier times of squared further incidence by hazard, and of the cause's own jumps."""
    staying = risk_set - ends
    any_end = np.where(staying > 0, ends / (risk_set * np.maximum(staying, 1)), 0.0)  # after the last, nothing follows
    own = before * events / risk_set**2
    jump = before**2 * events * (risk_set - events) / risk_set**3.0
    variance: Floats = (
        incidence**2 * np.cumsum(any_end)
        - 2 * incidence * np.cumsum(any_end * incidence + own)
        + np.cumsum(any_end * incidence**2 + 2 * own * incidence + jump)
    )
    return np.maximum(variance, 0.0)


def _log_log_interval(incidence: Floats, variance: Floats, confidence: float) -> tuple[Floats, Floats]:
    remaining = 1 - incidence
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = NormalDist().inv_cdf(0.5 + confidence / 2) * np.sqrt(variance) / (remaining * -np.log(remaining))
        lower, upper = 1 - remaining ** np.exp(-spread), 1 - remaining ** np.exp(spread)
    usable = (incidence > 0) & (remaining > 1e-12)
    return np.where(usable, lower, np.nan), np.where(usable, upper, np.nan)
