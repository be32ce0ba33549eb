"""What a candidate may see of a proposal: the own post, and why each better-liked one was not to be had."""

from dataclasses import dataclass

from engine.better_liked import BetterLikedPost, not_qualified, not_to_be_had
from engine.joint_answer import JointAnswer, joint_answer, joint_position
from engine.match_result import MatchResult, MatchStatus, OwnListEntry, StabilityStatus
from engine.ranking import lottery_number
from engine.wish_limits import WishReason
from features.errors import UnknownKeyError


@dataclass(frozen=True, slots=True)
class CandidateView:
    """The candidate's own answer; nobody else may see it.

    ``post_id``, ``municipality_code`` and ``position`` (1 is best liked) are None without a proposal; then every
    wanted post counts as better liked. ``left_out`` counts posts kept off the list by the candidate's own wishes.

    For a member of a couple ``joint`` holds the couple's answer; ``position`` and ``list_length`` then count pairs of
    the joint list, and ``better_liked`` has only posts that the candidate does not qualify for and that are in no pair
    for that reason. Where the couple ranked the pairs itself, it and ``left_out`` are empty. ``stability`` other than
    stable: something blocks the proposal.
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
    joint: JointAnswer | None = None
    stability: StabilityStatus = StabilityStatus.STABLE


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
    couple = result.joint_lists.get(candidate_id)
    wanted = [entry.post_id for entry in own.entries]
    liked = own.entries[: wanted.index(match.post_id)] if match and match.post_id in wanted else own.entries
    if couple is None:
        position, listed = own.listed.index(match.post_id) + 1 if match else None, len(own.listed)
    else:
        position, listed = joint_position(result, couple), len(couple.listed)
        liked = () if couple.is_ranked else tuple(entry for entry in liked if entry.reasons)
    return CandidateView(
        candidate_id=candidate_id,
        status=result.status,
        simulated=result.simulated,
        post_id=match.post_id if match else None,
        municipality_code=match.municipality_code if match else None,
        position=position,
        list_length=listed,
        lottery_number=lottery_number(result.lottery_seed, candidate_id),
        lottery_place=result.lottery_places[candidate_id],
        lottery_seed=result.lottery_seed,
        better_liked=tuple(_better_liked(result, candidate_id, entry) for entry in liked),
        left_out=() if couple is not None and couple.is_ranked else own.left_out,
        joint=joint_answer(result, candidate_id) if couple is not None else None,
        stability=result.stability,
    )


def _better_liked(result: MatchResult, candidate_id: str, entry: OwnListEntry) -> BetterLikedPost:
    if entry.reasons:
        return not_qualified(result, candidate_id, entry.post_id, entry.reasons)
    return not_to_be_had(result, candidate_id, entry.post_id, entry.position)
