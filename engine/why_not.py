"""Why a post was not to be had by somebody who qualifies: full, by whom, or held back by what posts share."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from engine.match_result import Assignment, MatchResult
from engine.ranking import tier_of
from engine.round_terms import LimitKind, SharedLimit
from engine.shared_limits import is_counted
from features.errors import UnknownKeyError


class Unavailable(StrEnum):
    """Why a better-liked post was not to be had."""

    NOT_ELIGIBLE = "not_eligible"
    FILLED_BY_BETTER_TIER = "filled_by_better_tier"
    FILLED_BY_LOTTERY = "filled_by_lottery"
    NO_PLACES = "no_places"
    NO_ROOM_FOR_BOTH = "no_room_for_both"
    SHARED_LIMIT = "shared_limit"
    LEAST_NUMBERS = "least_numbers"
    """All posts that no least number names have a cap together, so that the others get theirs."""
    TO_BE_HAD = "to_be_had"
    """Only where no stable matching exists or none was found in time: the proposal is the best found, not stable."""


class WhatWouldChange(StrEnum):
    """What would have made a better-liked post available."""

    MEETING_THE_REQUIREMENTS = "meeting_the_requirements"
    SUPERVISION_ARRANGED_BY_MUNICIPALITY = "supervision_arranged_by_municipality"
    QUALIFYING_FOR_A_BETTER_TIER_OR_MORE_PLACES = "qualifying_for_a_better_tier_or_more_places"
    MORE_PLACES = "more_places"
    MORE_SUPERVISION_HOURS = "more_supervision_hours"
    MORE_TRAINING_PLACES = "more_training_places"
    LARGER_REGIONAL_QUOTA = "larger_regional_quota"
    SMALLER_LEAST_NUMBERS = "smaller_least_numbers"
    A_DECISION = "a_decision"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why, and what would change it; tiers count from 1. ``limit_id`` names the shared limit that held back."""

    why: Unavailable
    what_would_change: WhatWouldChange
    own_tier: int | None
    last_tier_admitted: int | None
    limit_id: str | None = None


CHANGE_OF_LIMIT = {
    LimitKind.SUPERVISION: WhatWouldChange.MORE_SUPERVISION_HOURS,
    LimitKind.INSTITUTION_SLOTS: WhatWouldChange.MORE_TRAINING_PLACES,
    LimitKind.GROUP_SEATS: WhatWouldChange.MORE_TRAINING_PLACES,
    LimitKind.REGIONAL_QUOTA: WhatWouldChange.LARGER_REGIONAL_QUOTA,
}


def why_not(result: MatchResult, candidate_id: str, post_id: str, beside: str | None = None) -> WhyNot:
    """Why somebody who qualifies for a post did not get it, judged by whom the proposal places.

    Parameters
    ----------
    beside
        A partner who would keep the own seat: the partner does not give way.
    """
    others = [pair for pair in result.assignments if pair.candidate_id not in (candidate_id, beside)]
    own = _standing(result, candidate_id, post_id)
    held = [pair for pair in result.assignments if pair.post_id == post_id]
    last = max((pair.tier for pair in held), default=None)
    if not _has_room(result.capacities[post_id], len(held), [pair for pair in others if pair.post_id == post_id], own):
        if last is None:
            return WhyNot(Unavailable.NO_PLACES, WhatWouldChange.MORE_PLACES, own[0], None)
        if own[0] > last:
            change = WhatWouldChange.QUALIFYING_FOR_A_BETTER_TIER_OR_MORE_PLACES
            return WhyNot(Unavailable.FILLED_BY_BETTER_TIER, change, own[0], last)
        return WhyNot(Unavailable.FILLED_BY_LOTTERY, WhatWouldChange.MORE_PLACES, own[0], last)
    for limit in result.limits:
        if _is_held_back(result, limit, candidate_id, post_id, others, own):
            worst = max((pair.tier for pair in _seated(result, limit, result.assignments)), default=None)
            change = CHANGE_OF_LIMIT[limit.kind]
            return WhyNot(Unavailable.SHARED_LIMIT, change, own[0], worst, limit.limit_id)
    cap = _cap(result)
    if cap is not None and _is_held_back(result, cap, candidate_id, post_id, others, own):
        return WhyNot(Unavailable.LEAST_NUMBERS, WhatWouldChange.SMALLER_LEAST_NUMBERS, own[0], last)
    return WhyNot(Unavailable.TO_BE_HAD, WhatWouldChange.A_DECISION, own[0], last)


def why_not_both(
    result: MatchResult, members: tuple[str, str], posts: tuple[str, str]
) -> tuple[Unavailable, WhatWouldChange, str | None]:
    """Why two who could each have moved alone could not together, what would change it, and the limit if it is one."""
    if posts[0] == posts[1]:
        return Unavailable.NO_ROOM_FOR_BOTH, WhatWouldChange.MORE_PLACES, None
    for limit in result.limits:
        if _keeps_out_both(result, limit, members, posts):
            return Unavailable.SHARED_LIMIT, CHANGE_OF_LIMIT[limit.kind], limit.limit_id
    cap = _cap(result)
    if cap is not None and _keeps_out_both(result, cap, members, posts):
        return Unavailable.LEAST_NUMBERS, WhatWouldChange.SMALLER_LEAST_NUMBERS, None
    return Unavailable.NO_ROOM_FOR_BOTH, WhatWouldChange.A_DECISION, None


def _cap(result: MatchResult) -> SharedLimit | None:
    """The cap that gives other posts their least numbers, as a limit."""
    cap = result.outcome.cap
    return None if cap is None else SharedLimit("cap", LimitKind.REGIONAL_QUOTA, cap.places, cap.posts)


def _keeps_out_both(result: MatchResult, limit: SharedLimit, members: tuple[str, str], posts: tuple[str, str]) -> bool:
    """Whether a limit counts both, neither of whom it holds, and has no room for two (decision 15, cases 3b to 3d)."""
    newcomers = list(zip(members, posts, strict=True))
    if not all(is_counted(limit, result.qualifications[name], post) for name, post in newcomers):
        return False
    seated = _seated(result, limit, result.assignments)
    if any(pair.candidate_id in members for pair in seated):
        return False
    better, worse = sorted(_standing(result, name, post) for name, post in newcomers)
    free, held = limit.capacity - len(seated), [(pair.tier, pair.lottery_place) for pair in seated]
    return free + sum(rank > better for rank in held) < 2 or free + sum(rank > worse for rank in held) < 1


def _is_held_back(
    result: MatchResult,
    limit: SharedLimit,
    candidate_id: str,
    post_id: str,
    others: Collection[Assignment],
    own: tuple[int, int],
) -> bool:
    doctor = result.qualifications[candidate_id]
    if not is_counted(limit, doctor, post_id):
        return False
    seated = _seated(result, limit, result.assignments)
    if any(pair.candidate_id == candidate_id for pair in seated):
        return False
    return not _has_room(limit.capacity, len(seated), _seated(result, limit, others), own)


def _seated(result: MatchResult, limit: SharedLimit, pairs: Collection[Assignment]) -> list[Assignment]:
    return [pair for pair in pairs if is_counted(limit, result.qualifications[pair.candidate_id], pair.post_id)]


def _has_room(capacity: int, held: int, others: Collection[Assignment], own: tuple[int, int]) -> bool:
    return held < capacity or any((pair.tier, pair.lottery_place) > own for pair in others)


def _standing(result: MatchResult, candidate_id: str, post_id: str) -> tuple[int, int]:
    tier = tier_of(result.qualifications[candidate_id], result.posts[post_id])
    if tier is None:
        raise UnknownKeyError("candidate", candidate_id, ())
    return tier, result.lottery_places[candidate_id]
