"""Why a post filled or did not, for its employer: counts of doctors by formal facts, and what would change them.

Nothing here reads wishes, lists or names. Counts of people are withheld under five, and a change is told only if it
concerns five or more, so that two counts beside each other tell of nobody.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.eligibility import REASON, Requirement, RequirementReason, legal_requirements, requirement_checks
from engine.eligibility_matrix import REASON_OF_BITS, DoctorColumns, blocker_masks, doctor_columns, post_columns
from engine.legal_sources import legal_source
from engine.match_result import MatchResult
from engine.posts import Post, QualificationGroup
from engine.remedies import Change, Remedy, changed_post
from engine.round_figures import told
from engine.rules import DatedValue, read_rules
from features.errors import UnknownKeyError

GROUPS_TRIED = (QualificationGroup.SPECIALIST, QualificationGroup.TRAINEE)


class PairOutcome(StrEnum):
    """How a pair ended, as its employer may know it. One code covers every doctor who qualifies but is not proposed.

    Lower tier, lottery, a better-liked post and a post left off the list must look alike here: else the employer reads
    the wishes from which of them is told.
    """

    PROPOSED = "proposed"
    NOT_ELIGIBLE = "not_eligible"
    QUALIFIES_NOT_PROPOSED = "qualifies_not_proposed"


@dataclass(frozen=True, slots=True)
class RequirementBasis:
    """A requirement that applied to a doctor, whether it was met, and the rule it rests on."""

    requirement: Requirement
    is_met: bool
    rule: DatedValue


@dataclass(frozen=True, slots=True)
class PairExplanation:
    """The employer's explanation for one doctor who applied: formal facts and their legal basis, nothing else."""

    candidate_id: str
    post_id: str
    outcome: PairOutcome
    requirements: tuple[RequirementBasis, ...]
    reasons: tuple[RequirementReason, ...]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """How many more doctors would qualify after one change by the municipality; None for fewer than five."""

    remedy: Remedy
    more_eligible: int | None


@dataclass(frozen=True, slots=True)
class VacancyExplanation:
    """Why a post filled or did not, in counts of distinct doctors of the round; None where a count would tell of few.

    ``blocked`` counts doctors by each requirement they miss; one doctor may miss several.
    """

    post_id: str
    simulated: bool
    capacity: int
    filled: int
    candidates: int
    eligible: int | None
    blocked: tuple[tuple[RequirementReason, int | None], ...]
    counterfactuals: tuple[Counterfactual, ...]


def pair_explanation(result: MatchResult, candidate_id: str, post_id: str) -> PairExplanation:
    """Explain to an employer how it went with one doctor, for a doctor who applied to the post.

    To be given only about doctors whose application the employer has: taking part in a round is nobody's business.

    Raises
    ------
    UnknownKeyError
        The candidate or the post is not in the round.

    References
    ----------
    EU AI Act (2024/1689) article 86; likestillings- og diskrimineringsloven § 31; offentleglova § 25.
    """
    for kind, key, known in (("candidate", candidate_id, result.qualifications), ("post", post_id, result.posts)):
        if key not in known:
            raise UnknownKeyError(kind, key, ())
    post = result.posts[post_id]
    checks = requirement_checks(result.qualifications[candidate_id], post, legal_requirements(post.starts_on))
    reasons = tuple(REASON[requirement] for requirement, is_met in checks.items() if not is_met)
    is_proposed = any(pair.candidate_id == candidate_id and pair.post_id == post_id for pair in result.assignments)
    outcome = PairOutcome.NOT_ELIGIBLE if reasons else PairOutcome.QUALIFIES_NOT_PROPOSED
    return PairExplanation(
        candidate_id,
        post_id,
        PairOutcome.PROPOSED if is_proposed else outcome,
        tuple(
            RequirementBasis(requirement, is_met, legal_source(requirement, post.starts_on))
            for requirement, is_met in checks.items()
        ),
        reasons,
    )


def vacancy_explanation(result: MatchResult, post_id: str) -> VacancyExplanation:
    """Explain to an employer why the post filled or did not, and what would let more doctors qualify.

    Raises
    ------
    UnknownKeyError
        The post is not in the round.

    References
    ----------
    Domain section 5.2, outputs 2 (k = 5) and 4.
    """
    if post_id not in result.posts:
        raise UnknownKeyError("post", post_id, tuple(sorted(result.posts)))
    post, doctors = result.posts[post_id], doctor_columns(list(result.qualifications.values()))
    masks = blocker_masks(doctors, post_columns([post]))[:, 0]
    people = len(masks)
    return VacancyExplanation(
        post_id=post_id,
        simulated=result.simulated,
        capacity=post.capacity,
        filled=sum(pair.post_id == post_id for pair in result.assignments),
        candidates=people,
        eligible=told(int((masks == 0).sum()), of=people),
        blocked=tuple(
            (reason, told(int(((masks & bits) != 0).sum()), of=people)) for reason, bits in REASON_OF_BITS.items()
        ),
        counterfactuals=tuple(
            Counterfactual(remedy, more_eligible(doctors, post, remedy)) for remedy in open_changes(post)
        ),
    )


def open_changes(post: Post) -> tuple[Remedy, ...]:
    """Changes a municipality could make to let more doctors qualify, those already made left out.

    How far a later start and a smaller position are tried is an assumption (``parameters/eligibility.toml``).
    """
    rules, asked = read_rules("eligibility"), post.requirements
    needed = legal_requirements(post.starts_on, rules).supervision_hours_year
    hours, groups = post.supervision_hours_year, frozenset().union(*post.tiers)
    later = asked.latest_start + timedelta(days=int(rules.number("later_start_tried_days", post.starts_on)))
    smaller = rules.number("smaller_position_tried", post.starts_on)
    changes = [
        (Remedy(Change.SUPERVISOR_AT_POST), not post.has_supervisor),
        (Remedy(Change.MORE_SUPERVISION_HOURS, needed), hours is not None and hours < needed),
        *((Remedy(Change.ADVERTISE_FOR_GROUP, group), group not in groups) for group in GROUPS_TRIED),
        (Remedy(Change.ACCEPT_LATER_START, later), True),
        (Remedy(Change.ACCEPT_SMALLER_POSITION, smaller), asked.fte_minimum > smaller),
        (Remedy(Change.OFFER_LARGER_POSITION, 1.0), asked.fte_maximum < 1),
    ]
    return tuple(remedy for remedy, is_open in changes if is_open)


def more_eligible(doctors: DoctorColumns, post: Post, remedy: Remedy) -> int | None:
    """How many more of the doctors would qualify after a change, by formal facts alone.

    None for fewer than five, and for all but fewer than five.

    Examples
    --------
    With a supervisor in the cooperation area, ten doctors in training would qualify beside ten specialists.

    >>> from datetime import date
    >>> from engine.candidates import ContractForm, LanguageLevel, Qualifications
    >>> from engine.posts import Requirements
    >>> start, tiers = date(2026, 8, 1), (frozenset(QualificationGroup),)
    >>> asked = Requirements(LanguageLevel.B2, start, 0.5)
    >>> post = Post("P1", "5001", "50", ContractForm.SALARIED, 1, False, start, asked, tiers, start)
    >>> specialist = Qualifications("K1", True, True, True, False, LanguageLevel.C1, start, 1.0)
    >>> trainee = Qualifications("K2", True, True, False, True, LanguageLevel.C1, start, 1.0)
    >>> more_eligible(doctor_columns([specialist, trainee] * 10), post, Remedy(Change.SUPERVISOR_AT_POST))
    10
    """
    now, then = (_eligible(doctors, each) for each in (post, changed_post(post, remedy)))
    return told(int((then & ~now).sum()), of=len(now))


def _eligible(doctors: DoctorColumns, post: Post) -> NDArray[np.bool_]:
    eligible: NDArray[np.bool_] = blocker_masks(doctors, post_columns([post]))[:, 0] == 0
    return eligible
