"""A post that a candidate likes better than the proposed one: why it was not to be had, and what would change that."""

from dataclasses import dataclass

from engine.candidates import Qualifications
from engine.eligibility import RequirementReason, legal_requirements, requirement_answers
from engine.match_result import MatchResult
from engine.posts import Post
from engine.ranking import tier_of
from engine.remedies import Change, Remedy, changed_doctor
from engine.why_not import Unavailable, WhatWouldChange, why_not


@dataclass(frozen=True, slots=True)
class BetterLikedPost:
    """A post the candidate likes better than the proposed one, why it was not to be had, and what would change it.

    ``position`` counts among posts the candidate qualifies for, None for the others. ``own_tier`` and
    ``last_tier_admitted`` count from 1, None where they do not apply. ``remedies`` spell out what would change it, for
    each requirement that is not met, or a better tier that the candidate can qualify for. ``limit_id`` names the limit
    that posts share where it held back; ``last_tier_admitted`` is then the last under that limit.
    """

    post_id: str
    position: int | None
    why: Unavailable
    reasons: tuple[RequirementReason, ...]
    what_would_change: WhatWouldChange
    own_tier: int | None
    last_tier_admitted: int | None
    remedies: tuple[Remedy, ...] = ()
    limit_id: str | None = None


def not_qualified(
    result: MatchResult, candidate_id: str, post_id: str, reasons: tuple[RequirementReason, ...]
) -> BetterLikedPost:
    """A post that the candidate does not qualify for, with what would change that."""
    post = result.posts[post_id]
    answers = requirement_answers(result.qualifications[candidate_id], post, legal_requirements(post.starts_on))
    is_theirs = reasons == (RequirementReason.NO_SUPERVISOR_FOR_TRAINEE,)
    change = WhatWouldChange.SUPERVISION_ARRANGED_BY_MUNICIPALITY
    return BetterLikedPost(
        post_id,
        None,
        Unavailable.NOT_ELIGIBLE,
        reasons,
        change if is_theirs else WhatWouldChange.MEETING_THE_REQUIREMENTS,
        None,
        None,
        tuple(remedy for answer in answers for remedy in answer.remedies),
    )


def not_to_be_had(
    result: MatchResult, candidate_id: str, post_id: str, position: int | None, beside: str | None = None
) -> BetterLikedPost:
    """A post that the candidate qualifies for but was not to be had; a partner `beside` keeps the own seat there."""
    found = why_not(result, candidate_id, post_id, beside)
    is_by_tier = found.why is Unavailable.FILLED_BY_BETTER_TIER
    remedies = _to_a_better_tier(result.qualifications[candidate_id], result.posts[post_id]) if is_by_tier else ()
    return BetterLikedPost(
        post_id,
        position,
        found.why,
        (),
        found.what_would_change,
        found.own_tier,
        found.last_tier_admitted,
        remedies,
        found.limit_id,
    )


def _to_a_better_tier(formal: Qualifications, post: Post) -> tuple[Remedy, ...]:
    """Steps in the doctor's career that lead to a better tier of this post."""
    tier = tier_of(formal, post)
    steps = (Remedy(Change.START_SPECIALIST_TRAINING), Remedy(Change.COMPLETE_SPECIALIST_TRAINING))
    reached = ((step, tier_of(changed_doctor(formal, step), post)) for step in steps)
    return tuple(step for step, other in reached if tier is not None and other is not None and other < tier)
