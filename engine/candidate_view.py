"""What a candidate may see of a proposal: the own post, and why each better-liked one was not to be had."""

from dataclasses import dataclass
from enum import StrEnum

from engine.candidates import Qualifications
from engine.eligibility import RequirementReason, legal_requirements, requirement_answers
from engine.match_result import MatchResult, MatchStatus, OwnListEntry
from engine.posts import Post
from engine.ranking import lottery_number, tier_of
from engine.remedies import Change, Remedy, changed_doctor
from engine.wish_limits import WishReason
from features.errors import UnknownKeyError


class Unavailable(StrEnum):
    """Why a better-liked post was not to be had."""

    NOT_ELIGIBLE = "not_eligible"
    FILLED_BY_BETTER_TIER = "filled_by_better_tier"
    FILLED_BY_LOTTERY = "filled_by_lottery"
    NO_PLACES = "no_places"


class WhatWouldChange(StrEnum):
    """What would have made a better-liked post available."""

    MEETING_THE_REQUIREMENTS = "meeting_the_requirements"
    SUPERVISION_ARRANGED_BY_MUNICIPALITY = "supervision_arranged_by_municipality"
    QUALIFYING_FOR_A_BETTER_TIER_OR_MORE_PLACES = "qualifying_for_a_better_tier_or_more_places"
    MORE_PLACES = "more_places"


@dataclass(frozen=True, slots=True)
class BetterLikedPost:
    """A post the candidate likes better than the proposed one, why it was not to be had, and what would change it.

    ``position`` counts among posts the candidate qualifies for, None for the others. ``own_tier`` and
    ``last_tier_admitted`` count from 1, None where they do not apply. ``remedies`` spell out what would change it, for
    each requirement that is not met, or a better tier that the candidate can qualify for.
    """

    post_id: str
    position: int | None
    why: Unavailable
    reasons: tuple[RequirementReason, ...]
    what_would_change: WhatWouldChange
    own_tier: int | None
    last_tier_admitted: int | None
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateView:
    """The candidate's own answer; nobody else may see it.

    ``post_id``, ``municipality_code`` and ``position`` (1 is best liked) are None without a proposal; then every
    wanted post counts as better liked. ``left_out`` counts posts kept off the list by the candidate's own wishes.
    """

    candidate_id: str
    status: MatchStatus
    simulated: bool
    post_id: str | None
    municipality_code: str | None
    position: int | None
    list_length: int
    lottery_number: str
    lottery_place: int
    lottery_seed: str
    better_liked: tuple[BetterLikedPost, ...]
    left_out: tuple[tuple[WishReason, int], ...]


def candidate_view(result: MatchResult, candidate_id: str) -> CandidateView:
    """Answer to one candidate: the proposed post, and for each better-liked one why not and what would change it.

    Raises
    ------
    UnknownKeyError
        The candidate is not in the round.

    References
    ----------
    EU AI Act (2024/1689) article 86; GDPR articles 13-15.
    """
    if candidate_id not in result.own_lists:
        raise UnknownKeyError("candidate", candidate_id, ())
    own = result.own_lists[candidate_id]
    match = next((pair for pair in result.assignments if pair.candidate_id == candidate_id), None)
    wanted = [entry.post_id for entry in own.entries]
    liked = own.entries[: wanted.index(match.post_id)] if match else own.entries
    return CandidateView(
        candidate_id=candidate_id,
        status=result.status,
        simulated=result.simulated,
        post_id=match.post_id if match else None,
        municipality_code=match.municipality_code if match else None,
        position=own.listed.index(match.post_id) + 1 if match else None,
        list_length=len(own.listed),
        lottery_number=lottery_number(result.lottery_seed, candidate_id),
        lottery_place=result.lottery_places[candidate_id],
        lottery_seed=result.lottery_seed,
        better_liked=tuple(_better_liked(result, candidate_id, entry) for entry in liked),
        left_out=own.left_out,
    )


def _better_liked(result: MatchResult, candidate_id: str, entry: OwnListEntry) -> BetterLikedPost:
    formal, post = result.qualifications[candidate_id], result.posts[entry.post_id]
    if entry.reasons:
        answers = requirement_answers(formal, post, legal_requirements(post.starts_on))
        is_theirs = entry.reasons == (RequirementReason.NO_SUPERVISOR_FOR_TRAINEE,)
        change = WhatWouldChange.SUPERVISION_ARRANGED_BY_MUNICIPALITY
        return BetterLikedPost(
            entry.post_id,
            None,
            Unavailable.NOT_ELIGIBLE,
            entry.reasons,
            change if is_theirs else WhatWouldChange.MEETING_THE_REQUIREMENTS,
            None,
            None,
            tuple(remedy for answer in answers for remedy in answer.remedies),
        )
    own_tier = tier_of(formal, post)
    last_tier = max((pair.tier for pair in result.assignments if pair.post_id == entry.post_id), default=None)
    why, change = _filled_by(own_tier, last_tier)
    remedies = _to_a_better_tier(formal, post) if why is Unavailable.FILLED_BY_BETTER_TIER else ()
    return BetterLikedPost(entry.post_id, entry.position, why, (), change, own_tier, last_tier, remedies)


def _to_a_better_tier(formal: Qualifications, post: Post) -> tuple[Remedy, ...]:
    """Steps in the doctor's career that lead to a better tier of this post."""
    tier = tier_of(formal, post)
    steps = (Remedy(Change.START_SPECIALIST_TRAINING), Remedy(Change.COMPLETE_SPECIALIST_TRAINING))
    reached = ((step, tier_of(changed_doctor(formal, step), post)) for step in steps)
    return tuple(step for step, other in reached if tier is not None and other is not None and other < tier)


def _filled_by(own_tier: int | None, last_tier: int | None) -> tuple[Unavailable, WhatWouldChange]:
    if own_tier is None or last_tier is None:
        return Unavailable.NO_PLACES, WhatWouldChange.MORE_PLACES
    if own_tier > last_tier:
        return Unavailable.FILLED_BY_BETTER_TIER, WhatWouldChange.QUALIFYING_FOR_A_BETTER_TIER_OR_MORE_PLACES
    return Unavailable.FILLED_BY_LOTTERY, WhatWouldChange.MORE_PLACES
