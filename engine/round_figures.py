"""Figures of a round that may be published: nothing from which a single person can be read."""

from dataclasses import dataclass
from enum import StrEnum

from engine.choice_of_side import ChoiceOfSide, Choices, choice_of_side
from engine.eligibility import RequirementReason
from engine.match_result import MatchResult, StabilityStatus
from engine.round_terms import LimitKind
from engine.terms_outcome import MinimumStatus

SMALLEST_COUNT = 5
"""Fewest people a figure may rest on, and fewest it may leave out."""
MOST_CHOICES = 4
"""Choices that are told apart; the last is that choice or a later one."""


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

    NO_BEST_FOR_ALL = "no_best_for_all"
    """With couples or shared limits no stable proposal need be best for all, and a list can be worth shading."""

    FIT_WEIGHS_SIDES_ALIKE = "fit_weighs_sides_alike"
    """The total fit adds both sides' places on each other's lists with equal weight: an assumption."""


@dataclass(frozen=True, slots=True)
class PublishedProof:
    """The proof of stability in figures.

    `pairs_checked` counts mutually acceptable pairs, that is on both submitted lists, a couple's pairs of posts among
    them; `blocking_pairs` those that would rather have each other than the proposal. `left_out_by_own_limit` counts
    pairs that qualify and are wanted but lie beyond the limit of the candidate's own list: they are not checked.
    `unmatched_with_free_place_left_out` counts candidates without a proposal who have such a pair with a post that has
    a free place. Null where a figure would rest on fewer than five people or leave out one to four.
    """

    pairs_checked: int | None
    blocking_pairs: int
    is_stable: bool
    left_out_by_own_limit: int | None
    unmatched_with_free_place_left_out: int | None


@dataclass(frozen=True, slots=True)
class ChoiceCounts:
    """How many candidates got their choice 1, 2, …, the last of ``counts`` that choice or a later one; and none.

    Later choices are counted together, so that no count is of fewer than five or leaves out fewer than five.
    """

    counts: tuple[int, ...]
    without: int


@dataclass(frozen=True, slots=True)
class SideFigures:
    """What the choice of side means, and what the assignment with the greatest total fit would cost.

    ``proposal`` is None where it cannot be told without counts of few. ``post_side`` is the stable matching that posts
    like best; it is told only if five or more would be placed differently, and in classes that none or at least five
    more or fewer are in. Both it and the fits (`engine.choice_of_side`) are None for a round with couples or shared
    limits; then ``is_comparable`` is false. In a round of real doctors nothing is compared and it is None: where the
    comparison is missing, one would know that a couple takes part.
    """

    proposal: ChoiceCounts | None
    post_side: ChoiceCounts | None
    placed_differently: int | None
    is_comparable: bool | None
    proposal_fit: float | None
    greatest_fit: float | None
    greatest_fit_blocking_pairs: int | None


@dataclass(frozen=True, slots=True)
class MinimumFigures:
    """What came of least numbers: for each its quota, the number asked for and the doctors there, and what it cost.

    ``cap`` is the most doctors that all other posts together may have, ``blocking_pairs`` what blocks without it. The
    cap is None too where, taken from all who are placed, it would tell of fewer than five.
    """

    status: MinimumStatus
    reached: tuple[tuple[str, int, int | None], ...]
    cap: int | None
    worse_off: int | None
    blocking_pairs: int | None


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """Figures of a whole round, fit for publishing.

    ``matched`` and ``unmatched`` count candidates and are both None if either is small. ``ineligible_candidates``
    gives for every requirement how many distinct candidates miss it at one post at least. None is anything below
    `SMALLEST_COUNT`, 0 included, or all but so few: a count of nobody or everybody tells about each. ``stability``
    says what is known, ``bound`` how many options are proven to block whatever is proposed. ``sides`` is None for
    rounds kept before it was made, ``minimums`` for those without least numbers.
    """

    candidates: int
    posts: int
    places: int
    matched: int | None
    unmatched: int | None
    ineligible_candidates: tuple[tuple[RequirementReason, int | None], ...]
    proof: PublishedProof
    stability: StabilityStatus = StabilityStatus.STABLE
    bound: int = 0
    sides: SideFigures | None = None
    minimums: MinimumFigures | None = None


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
        places=sum(result.capacities.values()),
        matched=told(matched, of=people),
        unmatched=told(len(result.unmatched), of=people),
        ineligible_candidates=tuple((reason, told(missing.get(reason, 0), of=people)) for reason in RequirementReason),
        proof=PublishedProof(
            pairs_checked=proof.pairs_checked if result.proof.candidates_checked >= SMALLEST_COUNT else None,
            blocking_pairs=proof.blocking,
            is_stable=proof.is_stable,
            left_out_by_own_limit=limits.pairs if limits.candidates >= SMALLEST_COUNT else None,
            unmatched_with_free_place_left_out=told(limits.unmatched_with_free_place, of=len(result.unmatched)),
        ),
        stability=result.stability,
        bound=result.bound,
        sides=side_figures(choice_of_side(result), people, are_simulated=result.candidates_simulated),
        minimums=_minimum_figures(result) if result.outcome.minimums else None,
    )


def _minimum_figures(result: MatchResult) -> MinimumFigures:
    found, people = result.outcome, len(result.qualifications)
    reached = tuple((each.quota_id, each.at_least, told(each.reached, of=people)) for each in found.minimums)
    inside = len(result.assignments) - found.cap.places if found.cap else 0
    is_cap_told = found.cap is not None and inside >= SMALLEST_COUNT and all(count is not None for *_, count in reached)
    return MinimumFigures(
        status=found.minimum_status,
        reached=reached,
        cap=found.cap.places if found.cap and is_cap_told else None,
        worse_off=told(found.cap.worse_off, of=people) if found.cap else None,
        blocking_pairs=result.proof.blocking_without_cap,
    )


def side_figures(sides: ChoiceOfSide, people: int, *, are_simulated: bool) -> SideFigures:
    """The figures of both sides that may be published, of a round with `people` candidates."""
    proposal = choice_counts(sides.proposal, people)
    if not are_simulated:
        return SideFigures(proposal, None, None, None, None, None, None)
    moved = None if sides.placed_differently is None else told(sides.placed_differently, of=people)
    price = sides.assignment
    is_told = price is not None and min(price.assigned, people - sides.proposal.get(None, 0)) >= SMALLEST_COUNT
    return SideFigures(
        proposal=proposal,
        post_side=_other_side(sides, proposal, people) if moved is not None else None,
        placed_differently=moved,
        is_comparable=price is not None,
        proposal_fit=round(price.proposal_fit, 1) if price and is_told else None,
        greatest_fit=round(price.greatest_fit, 1) if price and is_told else None,
        greatest_fit_blocking_pairs=price.blocking_pairs if price and is_told else None,
    )


def choice_counts(choices: Choices, people: int, most: int = MOST_CHOICES) -> ChoiceCounts | None:
    """As many choices apart, up to `most`, as leave every count large enough; None if even two do not.

    Examples
    --------
    >>> choice_counts({1: 20, 2: 9, 3: 3, 4: 3, 9: 1, None: 14}, 50)
    ChoiceCounts(counts=(20, 9, 7), without=14)
    >>> choice_counts({1: 20, 2: 4, None: 26}, 50)
    """
    for apart in range(most, 1, -1):
        counts = tuple(
            sum(number for choice, number in choices.items() if choice is not None and min(choice, apart) == place)
            for place in range(1, apart + 1)
        )
        without = choices.get(None, 0)
        if all(told(count, of=people) is not None for count in (*counts, without)):
            return ChoiceCounts(counts, without)
    return None


def _other_side(sides: ChoiceOfSide, proposal: ChoiceCounts | None, people: int) -> ChoiceCounts | None:
    """The other side's counts in classes where a difference is of nobody or of at least five."""
    if sides.post_side is None or proposal is None:
        return None
    for most in range(len(proposal.counts), 1, -1):
        one, other = (choice_counts(choices, people, most) for choices in (sides.proposal, sides.post_side))
        if one and other and len(one.counts) == len(other.counts):
            gaps = [abs(count - beside) for count, beside in zip(one.counts, other.counts, strict=True)]
            if all(gap == 0 or gap >= SMALLEST_COUNT for gap in gaps):
                return other
    return None


def limitations_of(result: MatchResult) -> tuple[Limitation, ...]:
    """What the proposal does not do; supervision counts as counted where a limit covers every post with a supervisor.

    That all employers' answers stand together is for those who put them together to say.
    """
    counted = {post for limit in result.limits if limit.kind is LimitKind.SUPERVISION for post in limit.posts}
    supervised = {name for name, post in result.posts.items() if post.has_supervisor}
    is_plain = not (result.joint_lists or result.limits or result.outcome.cap)
    left_out = {
        Limitation.NO_JOINT_LISTS: bool(result.joint_lists),
        Limitation.SUPERVISION_NOT_COUNTED: bool(counted) and supervised <= counted,
        Limitation.NO_BEST_FOR_ALL: is_plain,
        Limitation.FIT_WEIGHS_SIDES_ALIKE: not is_plain,
        Limitation.WHOLE_ANSWER_BECAUSE_SIMULATED: not result.candidates_simulated,
    }
    return tuple(limitation for limitation in Limitation if not left_out.get(limitation, False))


def told(count: int, *, of: int) -> int | None:
    """Give the count of people if it and the rest of `of` people are both large enough, else None."""
    return count if count >= SMALLEST_COUNT and of - count >= SMALLEST_COUNT else None
