"""A couple's part of a member's answer: both posts, and why each better-liked pair was not to be had."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.better_liked import BetterLikedPost, not_qualified, not_to_be_had
from engine.eligibility import legal_requirements, requirement_reasons
from engine.match_result import JointList, JointListEntry, MatchResult, PostPair
from engine.why_not import Unavailable, why_not_both


@dataclass(frozen=True, slots=True)
class BetterLikedPair:
    """A pair of posts the couple likes better, and why it was not to be had.

    ``position`` counts among pairs that can be had, None for the others. ``own`` is what stood in the way on the own
    side, None where nothing did; ``partner_why`` the same on the partner's side, whose own reasons stand in the
    partner's answer. Where each alone could have moved but not both, both say so (`Unavailable.NO_ROOM_FOR_BOTH`,
    `Unavailable.SHARED_LIMIT`, `Unavailable.LEAST_NUMBERS`).

    Where the list was made from both members' own lists, ``is_partner_told`` is false: there is one entry for each own
    post, the best-liked pair with it, and neither the partner's post nor what stood in the partner's way is told, since
    the partner's own list is the partner's.
    """

    position: int | None
    post_id: str | None
    partner_post_id: str | None
    own: BetterLikedPost | None
    partner_why: Unavailable | None
    is_partner_told: bool = True


@dataclass(frozen=True, slots=True)
class JointAnswer:
    """The couple's part of a member's answer: both submitted the joint list, so both may see the other's post.

    ``left_out`` counts pairs beyond the couple's own limit.
    """

    partner_id: str
    partner_post_id: str | None
    better_liked: tuple[BetterLikedPair, ...]
    left_out: int


def joint_answer(result: MatchResult, candidate_id: str) -> JointAnswer:
    """Answer to one member of a couple about both.

    The partner's post is told since both submitted the joint list; the partner's qualifications are not.
    """
    couple = result.joint_lists[candidate_id]
    partner = partner_of(couple, candidate_id)
    now = proposed_pair(result, couple)
    own_post, partner_post = _own(couple, candidate_id, now)
    return JointAnswer(
        partner_id=partner,
        partner_post_id=partner_post,
        better_liked=_told(
            couple, own_post, [_pair(result, couple, candidate_id, entry) for entry in _better(couple, now)]
        ),
        left_out=couple.beyond_limit,
    )


def _told(couple: JointList, own_post: str | None, pairs: Sequence[BetterLikedPair]) -> tuple[BetterLikedPair, ...]:
    """The pairs, of a list made from both own lists without what would show the partner's."""
    if couple.is_ranked:
        return tuple(pairs)
    first: dict[str | None, BetterLikedPair] = {}
    for pair in pairs:
        if pair.post_id not in (None, own_post):
            first.setdefault(pair.post_id, replace(pair, position=None, partner_post_id=None, partner_why=None))
    return tuple(first.values())


def partner_of(couple: JointList, candidate_id: str) -> str:
    """The other member of a couple."""
    first, second = couple.members
    return second if candidate_id == first else first


def proposed_pair(result: MatchResult, couple: JointList) -> PostPair:
    """The pair of posts that a couple is proposed, in the order of its members."""
    where = {pair.candidate_id: pair.post_id for pair in result.assignments}
    return where.get(couple.members[0]), where.get(couple.members[1])


def joint_position(result: MatchResult, couple: JointList) -> int | None:
    """Place of the proposed pair on the joint list, from 1; None without a proposal."""
    now = proposed_pair(result, couple)
    return couple.listed.index(now) + 1 if now != (None, None) else None


def _better(couple: JointList, now: PostPair) -> tuple[JointListEntry, ...]:
    posts = [entry.posts for entry in couple.entries]
    return couple.entries[: posts.index(now)] if now in posts else couple.entries


def _own(couple: JointList, candidate_id: str, pair: PostPair) -> PostPair:
    """A pair of posts with the candidate's own first."""
    return pair if candidate_id == couple.members[0] else (pair[1], pair[0])


def _pair(result: MatchResult, couple: JointList, candidate_id: str, entry: JointListEntry) -> BetterLikedPair:
    partner = partner_of(couple, candidate_id)
    wanted = _own(couple, candidate_id, entry.posts)
    now = _own(couple, candidate_id, proposed_pair(result, couple))
    own = _side(result, candidate_id, wanted[0], now[0], entry.position, partner if wanted[1] == now[1] else None)
    other = _side(result, partner, wanted[1], now[1], entry.position, candidate_id if wanted[0] == now[0] else None)
    is_blocking = any(
        each.members == couple.members and each.posts == entry.posts for each in result.proof.stability.blocking_couples
    )
    if not is_blocking:
        own, other = _obstacles(result, (candidate_id, partner), wanted, own, other)
    return BetterLikedPair(
        entry.position, wanted[0], wanted[1], own, other.why if other else None, is_partner_told=couple.is_ranked
    )


def _side(
    result: MatchResult,
    candidate_id: str,
    wanted: str | None,
    now: str | None,
    position: int | None,
    beside: str | None,
) -> BetterLikedPost | None:
    """One member's side of a pair; `beside` is a partner who would keep the own post."""
    if wanted is None or wanted == now:
        return None
    post = result.posts[wanted]
    reasons = requirement_reasons(result.qualifications[candidate_id], post, legal_requirements(post.starts_on))
    if reasons:
        return not_qualified(result, candidate_id, wanted, reasons)
    return not_to_be_had(result, candidate_id, wanted, position, beside)


def _obstacles(
    result: MatchResult,
    members: tuple[str, str],
    wanted: PostPair,
    own: BetterLikedPost | None,
    other: BetterLikedPost | None,
) -> tuple[BetterLikedPost | None, BetterLikedPost | None]:
    """What stood in the way: a side that was not to be had, or else that both together were not."""
    found = [None if side is None or side.why is Unavailable.TO_BE_HAD else side for side in (own, other)]
    if found == [None, None]:
        return _together(result, members, wanted, own), _together(result, members, wanted, other)
    return found[0], found[1]


def _together(
    result: MatchResult, members: tuple[str, str], wanted: PostPair, side: BetterLikedPost | None
) -> BetterLikedPost | None:
    """A side that each alone could have had, but not both: two places at one post, or two seats of one limit."""
    if side is None or wanted[0] is None or wanted[1] is None:
        return side
    why, change, limit = why_not_both(result, members, (wanted[0], wanted[1]))
    return replace(side, why=why, what_would_change=change, limit_id=limit)
