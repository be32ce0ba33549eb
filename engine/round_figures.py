"""Figures of a round that may be published: nothing from which a single person can be read."""

from dataclasses import dataclass
from enum import StrEnum

from engine.eligibility import RequirementReason
from engine.match_result import MatchResult

SMALLEST_COUNT = 5
"""Fewest people a figure may rest on, and fewest it may leave out."""


class Limitation(StrEnum):
    """What a proposal does not do; part of every answer, so that nobody takes it for more than it is."""

    SUPERVISION_NOT_COUNTED = "supervision_not_counted"
    """A post has a supervisor or not: how many trainees the supervisor can take is not known and not limited."""

    LISTS_AS_SUBMITTED = "lists_as_submitted"
    """The proof holds on the submitted lists; posts beyond a candidate's own limit are counted, not checked."""

    SEED_CHOSEN_BY_CALLER = "seed_chosen_by_caller"
    """Whoever runs the round gave the seed; that it was drawn after pseudonyms and tiers were fixed is not checked."""

    WHOLE_ANSWER_BECAUSE_SIMULATED = "whole_answer_because_simulated"
    """All employers' answers stand together only because no doctor is real; else each employer gets the own alone."""

    NO_JOINT_LISTS = "no_joint_lists"
    """Couples who want posts near each other cannot say so in one list."""


@dataclass(frozen=True, slots=True)
class PublishedProof:
    """The proof of stability in figures.

    `pairs_checked` counts mutually acceptable pairs, that is on both submitted lists; `blocking_pairs` those that
    would rather have each other than the proposal. `left_out_by_own_limit` counts pairs that qualify and are wanted
    but lie beyond the limit of the candidate's own list: they are not checked. `unmatched_with_free_place_left_out`
    counts candidates without a proposal who have such a pair with a post that has a free place. Null where a figure
    would rest on fewer than five people or leave out one to four.
    """

    pairs_checked: int | None
    blocking_pairs: int
    is_stable: bool
    left_out_by_own_limit: int | None
    unmatched_with_free_place_left_out: int | None


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """Figures of a whole round, fit for publishing.

    ``matched`` and ``unmatched`` count candidates and are both None if either is small. ``ineligible_candidates``
    gives for every requirement how many distinct candidates miss it at one post at least. None is anything below
    `SMALLEST_COUNT`, 0 included, or all but so few: a count of nobody or everybody tells about each.
    """

    candidates: int
    posts: int
    places: int
    matched: int | None
    unmatched: int | None
    ineligible_candidates: tuple[tuple[RequirementReason, int | None], ...]
    proof: PublishedProof


def round_figures(result: MatchResult) -> RoundFigures:
    """Give the figures of a round, those about few people withheld.

    Counts are of people, never of pairs: one doctor short of one requirement at 45 posts is one. The figures do not
    protect against comparing rounds that differ by one doctor: run a real round once.

    References
    ----------
    Domain section 5.2, output 2: k = 5 for figures made from people, complementary suppression.

    Examples
    --------
    >>> [told(count, of=100) for count in (0, 4, 5, 95, 96, 100)]
    [None, None, 5, 95, None, None]
    """
    people = len(result.qualifications)
    missing = dict(result.ineligible_candidates)
    matched = len(result.assignments)
    proof, limits = result.proof.stability, result.proof.own_limits
    return RoundFigures(
        candidates=people,
        posts=len(result.posts),
        places=sum(post.capacity for post in result.posts.values()),
        matched=told(matched, of=people),
        unmatched=told(len(result.unmatched), of=people),
        ineligible_candidates=tuple((reason, told(missing.get(reason, 0), of=people)) for reason in RequirementReason),
        proof=PublishedProof(
            pairs_checked=proof.pairs_checked if result.proof.candidates_checked >= SMALLEST_COUNT else None,
            blocking_pairs=len(proof.blocking_pairs),
            is_stable=proof.is_stable,
            left_out_by_own_limit=limits.pairs if limits.candidates >= SMALLEST_COUNT else None,
            unmatched_with_free_place_left_out=told(limits.unmatched_with_free_place, of=len(result.unmatched)),
        ),
    )


def told(count: int, *, of: int) -> int | None:
    """Give the count of people if it and the rest of `of` people are both large enough, else None."""
    return count if count >= SMALLEST_COUNT and of - count >= SMALLEST_COUNT else None
