"""What a municipality can change: where it is behind its peers, and what it has not told yet, by evidence."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.services.profile import IndicatorResult, MunicipalityProfile
from features.catalogue import WEIGHT_OF_EVIDENCE, Catalogue, Evidence
from features.highlights import CLEAR_LAG, MIDDLE

ROOM_ON_LISTS = ("open_list_share", "reserve_capacity_index", "list_places_per_inhabitant")
"""Levers that could be read as advice to lengthen lists; more doctors is what they ask for."""


@dataclass(frozen=True, slots=True)
class LeverRow:
    """A lever that lags, with the peers' median estimate; ``lag`` is in percentile points or points of goalposts."""

    result: IndicatorResult
    peers_estimate: float | None
    lag: float

    @property
    def is_unsure(self) -> bool:
        """Whether the interval holds what the peers have."""
        lower, upper = self.result.lower, self.result.upper
        if self.peers_estimate is None or lower is None or upper is None:
            return False
        return lower <= self.peers_estimate <= upper

    @property
    def is_about_room(self) -> bool:
        """Whether it must be said that longer lists are no answer."""
        return self.result.entry.key in ROOM_ON_LISTS


@dataclass(frozen=True, slots=True)
class LeverGroup:
    """The levers that fall under one entry of evidence.

    Attributes
    ----------
    behind : tuple[LeverRow, ...]
        Where the municipality lags, the furthest first.
    unanswered : tuple[IndicatorResult, ...]
        What only the municipality can tell and has not told; the minimum set first.
    waiting : tuple[IndicatorResult, ...]
        What a refresh would bring.
    """

    evidence: Evidence
    behind: tuple[LeverRow, ...]
    unanswered: tuple[IndicatorResult, ...]
    waiting: tuple[IndicatorResult, ...]


def lever_groups(
    catalogue: Catalogue, profile: MunicipalityProfile, peer_estimates: Mapping[str, float | None]
) -> tuple[LeverGroup, ...]:
    """Groups with something to look at: those with the strongest evidence first, then those that lag furthest."""
    levers = [found for found in profile.indicators if is_scored_lever(found)]
    groups = [_group(entry, levers, peer_estimates) for entry in catalogue.evidence.values()]
    return tuple(sorted((group for group in groups if group.behind or group.unanswered or group.waiting), key=_order))


def is_scored_lever(found: IndicatorResult) -> bool:
    """Whether the municipality can change it and one way is better."""
    return found.entry.kind == "lever" and found.entry.direction != "context"


def lag(found: IndicatorResult) -> float | None:
    """How far behind the peers' median, or below the middle of the goalposts."""
    if found.percentile is not None and found.peers_percentile is not None:
        return found.peers_percentile - found.percentile
    return None if found.goalpost_score is None else MIDDLE - found.goalpost_score


def _group(entry: Evidence, levers: list[IndicatorResult], peer_estimates: Mapping[str, float | None]) -> LeverGroup:
    own = [found for found in levers if found.entry.supported_by == entry.key]
    behind = [
        LeverRow(found, peer_estimates.get(found.entry.key), distance)
        for found in own
        if (distance := lag(found)) is not None and distance >= CLEAR_LAG
    ]
    missing = [found for found in own if found.value is None]
    return LeverGroup(
        evidence=entry,
        behind=tuple(sorted(behind, key=lambda row: -row.lag)),
        unanswered=tuple(
            sorted(
                (found for found in missing if found.entry.origin == "local"),
                key=lambda found: not found.entry.minimum_set,
            )
        ),
        waiting=tuple(found for found in missing if found.entry.origin == "live"),
    )


def _order(group: LeverGroup) -> tuple[float, float]:
    return -WEIGHT_OF_EVIDENCE[group.evidence.strength], -max((row.lag for row in group.behind), default=0.0)
