"""Chooses the few things that stand out about a municipality, from its figures alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

MIDDLE = 50.0
"""Percentile of the municipality in the middle."""

CLEAR_LAG = 20.0
"""Percentile points behind the peers' median from which a lever is called behind; an assumption."""

HIGHLIGHTS = 3


class HighlightReason(Enum):
    """Why something stands out; the interface turns it into a sentence."""

    OUTCOME_ABOVE_NORMAL = "outcome_above_normal"
    OUTCOME_BELOW_NORMAL = "outcome_below_normal"
    OUTCOME_WITHIN_NORMAL = "outcome_within_normal"
    OUTCOME_MISSING = "outcome_missing"
    FACTOR_CLEARLY_STRONG = "factor_clearly_strong"
    FACTOR_CLEARLY_WEAK = "factor_clearly_weak"
    FACTOR_HIGHEST_UNSURE = "factor_highest_unsure"
    LEVER_BEHIND_PEERS = "lever_behind_peers"
    NO_LEVER_BEHIND = "no_lever_behind"


@dataclass(frozen=True, slots=True)
class FactorPlace:
    """Score of a factor (0-100) with its interval."""

    key: str
    score: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class LeverPlace:
    """A lever's percentile (0-100) and that of the peers' median."""

    key: str
    percentile: float
    peers_percentile: float

    @property
    def lag(self) -> float:
        """Percentile points behind the peers' median."""
        return self.peers_percentile - self.percentile


@dataclass(frozen=True, slots=True)
class OutcomePlace:
    """The actual share of inhabitants without a GP beside the range that is normal by chance."""

    actual: float
    normal_lower: float
    normal_upper: float


@dataclass(frozen=True, slots=True)
class Highlight:
    """One thing that stands out.

    Attributes
    ----------
    key : str or None
        Factor or indicator that it is about; None for the outcome.
    """

    reason: HighlightReason
    key: str | None


def highlights(
    outcome: OutcomePlace | None, factors: Sequence[FactorPlace], levers: Sequence[LeverPlace]
) -> tuple[Highlight, ...]:
    """Three things worth saying: the outcome, the factor most clearly off the middle, the lever furthest behind.

    A factor is clearly strong or weak only when its whole interval lies on one side of the middle; otherwise the
    highest is named as unsure. Only levers count as something to change.

    Examples
    --------
    >>> found = highlights(OutcomePlace(0.3, 0.0, 0.1), [FactorPlace("workload", 20, 5, 40)], [])
    >>> [item.reason.value for item in found]
    ['outcome_above_normal', 'factor_clearly_weak', 'no_lever_behind']
    """
    found = [Highlight(_outcome(outcome), None)]
    if factors:
        found.append(_factor(factors))
    found.append(_lever(levers))
    return tuple(found[:HIGHLIGHTS])


def clear_distance(place: FactorPlace) -> float:
    """How far the nearer end of the interval lies from the middle; 0 if the interval holds it."""
    return max(place.lower - MIDDLE, MIDDLE - place.upper, 0.0)


def _outcome(outcome: OutcomePlace | None) -> HighlightReason:
    if outcome is None:
        return HighlightReason.OUTCOME_MISSING
    if outcome.actual > outcome.normal_upper:
        return HighlightReason.OUTCOME_ABOVE_NORMAL
    if outcome.actual < outcome.normal_lower:
        return HighlightReason.OUTCOME_BELOW_NORMAL
    return HighlightReason.OUTCOME_WITHIN_NORMAL


def _factor(factors: Sequence[FactorPlace]) -> Highlight:
    clearest = max(factors, key=lambda place: (clear_distance(place), place.key))
    if clear_distance(clearest) == 0:
        highest = max(factors, key=lambda place: (place.score, place.key))
        return Highlight(HighlightReason.FACTOR_HIGHEST_UNSURE, highest.key)
    strong = clearest.lower > MIDDLE
    reason = HighlightReason.FACTOR_CLEARLY_STRONG if strong else HighlightReason.FACTOR_CLEARLY_WEAK
    return Highlight(reason, clearest.key)


def _lever(levers: Sequence[LeverPlace]) -> Highlight:
    behind = [lever for lever in levers if lever.lag >= CLEAR_LAG]
    if not behind:
        return Highlight(HighlightReason.NO_LEVER_BEHIND, None)
    return Highlight(HighlightReason.LEVER_BEHIND_PEERS, max(behind, key=lambda lever: (lever.lag, lever.key)).key)
