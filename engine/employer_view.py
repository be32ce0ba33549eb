"""What the employer of a post may see of a proposal; reads no wishes and no own list."""

from dataclasses import dataclass
from datetime import date

from engine.eligibility import Requirement, legal_requirements, requirement_checks
from engine.match_result import MatchResult, MatchStatus
from features.errors import UnknownKeyError


@dataclass(frozen=True, slots=True)
class ProposedCandidate:
    """A proposed candidate as the employer sees one: formal qualifications, tier, and place in the round's lottery."""

    candidate_id: str
    tier: int
    lottery_place: int
    requirements_met: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class EmployerView:
    """The employer's answer for one post; fit for disclosure.

    Made from formal qualifications, advert and lottery only. Candidates who were not proposed are not named or
    counted: who left the post off the own list must not show.
    """

    post_id: str
    status: MatchStatus
    simulated: bool
    capacity: int
    proposed: tuple[ProposedCandidate, ...]
    candidates_in_lottery: int
    lottery_seed: str
    run_on: date
    public_inputs_sha256: str


def employer_view(result: MatchResult, post_id: str) -> EmployerView:
    """Answer to the employer of one post: who is proposed, with requirements met, tier and lottery place.

    Raises
    ------
    UnknownKeyError
        The post is not in the round.

    References
    ----------
    Offentleglova § 25; likestillings- og diskrimineringsloven § 31; domain section 5.2, outputs 3 and 4.
    """
    if post_id not in result.posts:
        raise UnknownKeyError("post", post_id, tuple(sorted(result.posts)))
    post = result.posts[post_id]
    legal = legal_requirements(post.starts_on)
    proposed = [
        ProposedCandidate(
            pair.candidate_id,
            pair.tier,
            pair.lottery_place,
            tuple(requirement_checks(result.qualifications[pair.candidate_id], post, legal)),
        )
        for pair in result.assignments
        if pair.post_id == post_id
    ]
    return EmployerView(
        post_id=post_id,
        status=result.status,
        simulated=result.simulated,
        capacity=post.capacity,
        proposed=tuple(sorted(proposed, key=lambda candidate: (candidate.tier, candidate.lottery_place))),
        candidates_in_lottery=len(result.lottery_places),
        lottery_seed=result.lottery_seed,
        run_on=result.run_on,
        public_inputs_sha256=result.public_inputs_sha256,
    )
