"""Nelson-Aalen and Aalen-Johansen estimates with delayed entry: what is observed of causes, before any model."""

from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from models.errors import EstimatorInputError
from models.fit_inputs import checked_times, checked_weights
from models.outcome import Floats, read_outcome
from models.risk_sets import RiskSets, risk_sets

_ROUNDING = 1e-12  # of an incidence that is 1


def nelson_aalen(y: object, *, confidence: float = 0.95, sample_weight: ArrayLike | None = None) -> pl.DataFrame:
    """Return the cumulative hazard of leaving, of whatever cause.

    Parameters
    ----------
    y : structured ndarray or DataFrame
        As `models.outcome.read_outcome` takes it.
    confidence : float
        Coverage of the interval, between 0 and 1.
    sample_weight : array-like, optional
        Number of spells that each one stands for.

    Returns
    -------
    DataFrame
        One row per distinct time of an end: ``time_years``, ``at_risk``, ``events``, ``cumulative_hazard`` (0 before
        the first row, never falling, may pass 1: it is no probability), ``lower``, ``upper`` on the logarithmic scale.

    Raises
    ------
    EstimatorInputError
        If the outcome is impossible or ``confidence`` lies outside (0, 1).

    References
    ----------
    Aalen 1978, Annals of Statistics 6(4):701-726. Klein and Moeschberger 2003, section 4.3 (the interval).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> nelson_aalen(survival_outcome([1, 0, 1], [1.0, 2.0, 4.0]))["cumulative_hazard"].round(3).to_list()
    [0.333, 1.333]
    """
    sets = _sets_of(y, confidence, sample_weight)
    events = sets.ended.sum(axis=0)
    cumulative, variance = np.cumsum(events / sets.at_risk), np.cumsum(events / sets.at_risk**2)
    spread = np.exp(_quantile(confidence) * np.sqrt(variance) / cumulative)
    return pl.DataFrame(
        {
            "time_years": sets.times,
            "at_risk": sets.at_risk,
            "events": events,
            "cumulative_hazard": cumulative,
            "lower": cumulative / spread,
            "upper": cumulative * spread,
        }
    )


def aalen_johansen(y: object, *, confidence: float = 0.95, sample_weight: ArrayLike | None = None) -> pl.DataFrame:
    """Return the share that has left for each cause, while the other causes compete.

    With ``survival`` the incidences of all causes sum to 1 at every time. It is *not* one minus a Kaplan-Meier curve
    that takes other causes for censoring: that tells of a world in which nobody leaves for another cause.

    Parameters
    ----------
    y : structured ndarray or DataFrame
        As `models.outcome.read_outcome` takes it; ``event`` holds the number of the cause.
    confidence : float
        Coverage of the interval, between 0 and 1.
    sample_weight : array-like, optional
        Number of spells that each one stands for.

    Returns
    -------
    DataFrame
        One row per cause and distinct time of an end of any cause: ``cause``, ``time_years``, ``at_risk``, ``events``
        (of the cause), ``survival``, ``incidence``, ``variance`` (delta method), ``lower`` and ``upper`` on the
        log(-log) scale of what remains, null where the incidence is 0 or 1. Before the first row incidence is 0.

    Raises
    ------
    EstimatorInputError
        If the outcome is impossible or ``confidence`` lies outside (0, 1).

    References
    ----------
    Aalen and Johansen 1978, Scandinavian Journal of Statistics 5(3):141-150. Marubini and Valsecchi 1995, Analysing
    Survival Data from Clinical Trials, section 10.4 (the variance).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> aalen_johansen(survival_outcome([1, 2, 0, 1], [1.0, 2.0, 3.0, 4.0]), confidence=0.9).select(
    ...     "cause", "time_years", "survival", "incidence"
    ... ).rows()[:3]
    [(1, 1.0, 0.75, 0.25), (1, 2.0, 0.5, 0.25), (1, 4.0, 0.0, 0.75)]
    """
    sets = _sets_of(y, confidence, sample_weight)
    survival, before = survival_of(sets)
    incidence = np.cumsum(before * sets.ended / sets.at_risk, axis=1)
    variance = np.stack([_variance(sets, before, cause) for cause in range(len(incidence))])
    lower, upper = _log_log_interval(incidence, variance, _quantile(confidence))
    causes = incidence.shape[0]
    return pl.DataFrame(
        {
            "cause": np.repeat(np.arange(1, causes + 1), sets.times.size),
            "time_years": np.tile(sets.times, causes),
            "at_risk": np.tile(sets.at_risk, causes),
            "events": sets.ended.ravel(),
            "survival": np.tile(survival, causes),
            "incidence": incidence.ravel(),
            "variance": variance.ravel(),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
        }
    ).with_columns(pl.col("lower", "upper").fill_nan(None))


def incidence_at(curves: pl.DataFrame, cause: int, times_years: ArrayLike) -> Floats:
    """Return the incidence of one cause, from `aalen_johansen`, at any times (years, >= 0).

    Raises
    ------
    EstimatorInputError
        If the curves do not hold the cause or a time is negative.
    """
    curve = curves.filter(pl.col("cause") == cause)
    if curve.is_empty():
        raise EstimatorInputError("cause", cause, f"one of {', '.join(map(str, sorted(curves['cause'].unique())))}")
    steps = np.concatenate([[0.0], curve["incidence"].to_numpy()])
    found: Floats = steps[np.searchsorted(curve["time_years"].to_numpy(), checked_times(times_years), side="right")]
    return found


def survival_of(sets: RiskSets) -> tuple[Floats, Floats]:
    """Return the Kaplan-Meier curve of all causes after each time, and just before it."""
    survival = np.cumprod(1 - sets.ended.sum(axis=0) / sets.at_risk)
    return survival, np.concatenate([[1.0], survival[:-1]])


def _sets_of(y: object, confidence: float, sample_weight: ArrayLike | None) -> RiskSets:
    if not 0 < confidence < 1:
        raise EstimatorInputError("confidence", confidence, "a share between 0 and 1")
    outcome = read_outcome(y)
    weights = checked_weights(sample_weight, len(outcome))
    if not (outcome.ended & (weights > 0)).any():
        raise EstimatorInputError("event", "no ended spell", "at least one spell that ended")
    return risk_sets(outcome, weights)


def _variance(sets: RiskSets, before: Floats, cause: int) -> Floats:
    """Delta-method variance of one cause's incidence F at each time, from running sums.

    The sum over times s <= t of (F(t) - F(s))² a(s) is F(t)² Σa - 2 F(t) ΣaF + ΣaF².
    """
    all_ended, ended, at_risk = sets.ended.sum(axis=0), sets.ended[cause], sets.at_risk
    left = at_risk - all_ended
    # Where all leave, survival is 0 from then on: F(t) = F(s), and the term is 0 whatever its factor.
    first = np.divide(all_ended, at_risk * left, out=np.zeros_like(left), where=left > 1e-9 * at_risk)
    second = before**2 * ended * (at_risk - ended) / at_risk**3
    third = before * ended / at_risk**2
    incidence = np.cumsum(before * ended / at_risk)
    squares = incidence**2 * np.cumsum(first) - 2 * incidence * np.cumsum(first * incidence)
    squares += np.cumsum(first * incidence**2)
    products = incidence * np.cumsum(third) - np.cumsum(third * incidence)
    variance: Floats = np.maximum(squares + np.cumsum(second) - 2 * products, 0.0)
    return variance


def _log_log_interval(incidence: Floats, variance: Floats, quantile: float) -> tuple[Floats, Floats]:
    """Return bounds on the log(-log) scale of the share that remains: with one cause those of Kaplan and Meier."""
    remaining = 1 - incidence
    usable = (incidence > 0) & (remaining > _ROUNDING)
    inside = np.where(usable, remaining, 0.5)
    spread = np.exp(quantile * np.sqrt(variance) / (inside * -np.log(inside)))
    return np.where(usable, 1 - inside ** (1 / spread), np.nan), np.where(usable, 1 - inside**spread, np.nan)


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
