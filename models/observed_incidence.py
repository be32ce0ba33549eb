"""What was observed of a cause at one time: the figure that forecasts are held against."""

from dataclasses import dataclass

import polars as pl

from models.incidence import aalen_johansen
from models.outcome import Outcome, read_outcome


@dataclass(frozen=True, slots=True)
class ObservedIncidence:
    """Share (0-1) that has ended by a time, with its interval; bounds are None where the share is 0 or 1."""

    share: float
    lower: float | None
    upper: float | None


def observed_incidence(y: object, time: float, *, cause: int, confidence: float) -> ObservedIncidence:
    """Return the Aalen-Johansen incidence of a cause at one time, with its interval; 0 before the first end.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> observed_incidence(survival_outcome([1, 2, 1, 0], [1.0, 2.0, 3.0, 4.0]), 2.5, cause=1, confidence=0.9).share
    0.25
    """
    outcome = read_outcome(y)
    if not (outcome.event == cause).any():
        return ObservedIncidence(0.0, None, None)
    before = aalen_johansen(outcome, confidence=confidence).filter(
        pl.col("cause") == cause, pl.col("time_years") <= time
    )
    if before.is_empty():
        return ObservedIncidence(0.0, None, None)
    last = before.row(-1, named=True)
    return ObservedIncidence(last["incidence"], last["lower"], last["upper"])


def followed_to(y: Outcome, time: float) -> bool:
    """Return whether a share at the time can be told: some spell is observed so long, or all had ended before."""
    last = y.time == y.time.max()
    return bool((y.time >= time).any() or y.ended[last].all())
