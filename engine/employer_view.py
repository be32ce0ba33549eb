"""What the employer of a post may see of a proposal; reads no wishes and no own list.

What it cannot hide: a stable matching leaves no free place beside somebody who qualifies and wants it, and proposes
nobody while somebody ranked above wants the place. An employer who knows from elsewhere that a certain doctor took part
and qualifies can therefore conclude, if the doctor was not proposed although a place is free or somebody ranked lower
was, that the doctor has a post they like better, or left this post off the own list. That follows from any stable
matching whatever the answer looks like. The answer keeps it small: it covers one post, names and counts nobody who was
not proposed, and tells nothing about other posts. All posts' answers together tell far more (where each doctor went,
and which free or lower-ranked places each passed over), so a real round gives each employer the own answer only.
"""

from dataclasses import dataclass
from datetime import date

from engine.eligibility import Requirement, legal_requirements, requirement_checks
from engine.match_result import MatchResult, MatchStatus
from engine.ranking import lottery_number
from engine.rules import read_rules
from features.errors import UnknownKeyError


@dataclass(frozen=True, slots=True)
class ProposedCandidate:
    """A proposed candidate as the employer sees one: formal qualifications, tier and lottery.

    `lottery_number` is SHA-256 of "<seed>:<candidate_id>": anyone can compute it again from the answer alone, and the
    lowest comes first within a tier. `lottery_place` is its rank among all candidates of the round, which only those
    who have all pseudonyms can check.
    """

    candidate_id: str
    tier: int
    lottery_number: str
    lottery_place: int
    requirements_met: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class EmployerView:
    """The employer's answer for one post; in a real round it goes to that employer alone.

    Made from formal qualifications, advert and lottery only. Candidates who were not proposed are neither named nor
    counted. One who is known to have taken part and to qualify shows nevertheless: with a place free, or somebody
    ranked lower proposed, that doctor has a better-liked post or did not list this one. `trainees_to_supervise` counts
    proposed doctors in training, `supervision_hours_year` the individual supervision they need together: whether the
    supervisor has that time was not checked and is for the employer to judge. `capacity` counts the places after those
    that changed hands by the round's terms.
    """

    post_id: str
    status: MatchStatus
    simulated: bool
    capacity: int
    proposed: tuple[ProposedCandidate, ...]
    trainees_to_supervise: int
    supervision_hours_year: float
    candidates_in_lottery: int
    lottery_seed: str
    run_on: date
    public_inputs_sha256: str


def employer_view(result: MatchResult, post_id: str) -> EmployerView:
    """Answer to the employer of one post: who is proposed, with requirements met, tier and lottery.

    Raises
    ------
    UnknownKeyError
        The post is not in the round.

    References
    ----------
    Offentleglova § 25; likestillings- og diskrimineringsloven § 31; domain section 5.2, outputs 3 and 4;
    domain rule R8 (hours of supervision).
    """
    if post_id not in result.posts:
        raise UnknownKeyError("post", post_id, tuple(sorted(result.posts)))
    post = result.posts[post_id]
    legal = legal_requirements(post.starts_on)
    proposed = [
        ProposedCandidate(
            pair.candidate_id,
            pair.tier,
            lottery_number(result.lottery_seed, pair.candidate_id),
            pair.lottery_place,
            tuple(requirement_checks(result.qualifications[pair.candidate_id], post, legal)),
        )
        for pair in result.assignments
        if pair.post_id == post_id
    ]
    trainees = sum(Requirement.SUPERVISOR_FOR_TRAINEE in candidate.requirements_met for candidate in proposed)
    hours = read_rules("eligibility").number("supervision_hours_year", post.starts_on) if trainees else 0.0
    return EmployerView(
        post_id=post_id,
        status=result.status,
        simulated=result.simulated,
        capacity=result.capacities[post_id],
        proposed=tuple(sorted(proposed, key=lambda candidate: (candidate.tier, candidate.lottery_place))),
        trainees_to_supervise=trainees,
        supervision_hours_year=trainees * hours,
        candidates_in_lottery=len(result.lottery_places),
        lottery_seed=result.lottery_seed,
        run_on=result.run_on,
        public_inputs_sha256=result.public_inputs_sha256,
    )
