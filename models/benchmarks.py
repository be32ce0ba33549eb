"""Kaplan-Meier estimates with delayed entry: what every model is measured against."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from features.errors import InvalidInputError
from models.piecewise import first_half
from models.spells import checked_spells


@dataclass(frozen=True, slots=True)
class MedianEstimate:
    """Median duration in years with its confidence interval; infinite where the curve stays above one half."""

    median_years: float
    lower: float
    upper: float


def kaplan_meier(spells: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Return the Kaplan-Meier curve of the share still in the post.

    A spell is at risk from just after its ``entry_years`` (delayed entry) to its ``duration_years`` inclusive. It is
    *not* the distribution of elapsed tenures of those in post today, which is longer.

    Parameters
    ----------
    spells : DataFrame
        Columns ``entry_years``, ``duration_years``, ``event``.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per distinct time with an event: ``time_years``, ``at_risk``, ``events``, ``survival`` in [0, 1] and
        ``lower``/``upper``: Greenwood's variance on the log(-log) scale, null where the curve is 0 or 1. Before the
        first row survival is 1. With delayed entry and few spells at risk early the curve can fall to 0 at once; look
        at ``at_risk``.

    Raises
    ------
    InvalidInputError
        If a column is missing, a value is impossible, or ``confidence`` is outside (0, 1).

    References
    ----------
    Kaplan and Meier 1958, J Am Stat Assoc 53(282):457-481. Kalbfleisch and Prentice 2002, section 1.4 (the interval).

    Examples
    --------
    >>> spells = pl.DataFrame(
    ...     {"entry_years": [0.0, 0.0, 0.5], "duration_years": [1.0, 2.0, 3.0], "event": [True, False, True]}
    ... )
    >>> kaplan_meier(spells).select("time_years", "at_risk", "survival").rows()
    [(1.0, 3, 0.6666666666666667), (3.0, 1, 0.0)]
    """
    if not 0 < confidence < 1:
        raise InvalidInputError("confidence", confidence, "a share between 0 and 1")
    checked = checked_spells(spells)
    entries, ends = (np.sort(checked[name].to_numpy()) for name in ("entry_years", "duration_years"))
    counts = (
        checked.filter("event").group_by(pl.col("duration_years").alias("time_years")).len("events").sort("time_years")
    )
    times, events = counts["time_years"].to_numpy(), counts["events"].to_numpy().astype(np.int64)
    at_risk = np.searchsorted(entries, times, side="left") - np.searchsorted(ends, times, side="left")
    survival = np.cumprod(1 - events / at_risk)
    lower, upper = _log_log_interval(survival, events, at_risk, confidence)
    return pl.DataFrame(
        {
            "time_years": times,
            "at_risk": at_risk,
            "events": events,
            "survival": survival,
            "lower": lower,
            "upper": upper,
        }
    ).with_columns(pl.col("lower", "upper").fill_nan(None))


def survival_at(curve: pl.DataFrame, times_years: ArrayLike) -> NDArray[np.float64]:
    """Return the curve's step function at any times (years, >= 0): 1 before the first event."""
    steps = np.concatenate([[1.0], curve["survival"].to_numpy()])
    at = np.searchsorted(curve["time_years"].to_numpy(), np.asarray(times_years, dtype=np.float64), side="right")
    values: NDArray[np.float64] = steps[at]
    return values


def median_with_interval(curve: pl.DataFrame) -> MedianEstimate:
    """Return the first time at which the curve, and each of its bounds, is one half or lower.

    References
    ----------
    Brookmeyer and Crowley 1982, Biometrics 38(1):29-41.

    Examples
    --------
    >>> spells = pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 2.0, 3.0], "event": True})
    >>> median_with_interval(kaplan_meier(spells)).median_years
    2.0
    """
    return MedianEstimate(_first_half(curve, "survival"), _first_half(curve, "lower"), _first_half(curve, "upper"))


def _first_half(curve: pl.DataFrame, column: str) -> float:
    bound = curve[column].fill_null(1.0).to_numpy()
    if not bound.size:
        return float("inf")
    return float(np.append(curve["time_years"].to_numpy(), np.inf)[first_half(bound[None, :])[0]])


def _log_log_interval(
    survival: NDArray[np.float64], events: NDArray[np.int64], at_risk: NDArray[np.int64], confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(events / (at_risk * (at_risk - events)))
        spread = NormalDist().inv_cdf(0.5 + confidence / 2) * np.sqrt(variance) / np.abs(np.log(survival))
        lower, upper = survival ** np.exp(spread), survival ** np.exp(-spread)
    usable = (survival > 0) & (survival < 1)
    return np.where(usable, lower, np.nan), np.where(usable, upper, np.nan)
