"""Hard eligibility of a doctor for a post: one short rule per requirement, each answering with what would change it.

The same for all pairs at once is in `engine.eligibility_matrix`; what a rule rests on in `engine.legal_sources`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.candidates import Qualifications
from engine.posts import Post, QualificationGroup
from engine.remedies import Change, Remedy
from engine.rules import RuleBook, read_rules


class Requirement(StrEnum):
    """A formal requirement of law or advert."""

    AUTHORISED = "authorised"
    LIS1_COMPLETE = "lis1_complete"
    SPECIALIST_OR_IN_TRAINING = "specialist_or_in_training"
    SUPERVISOR_FOR_TRAINEE = "supervisor_for_trainee"
    SUPERVISION_HOURS = "supervision_hours"
    LANGUAGE_DOCUMENTED = "language_documented"
    STARTS_IN_TIME = "starts_in_time"
    FTE_SUFFICIENT = "fte_sufficient"
    FTE_OFFERED = "fte_offered"
    IN_ADVERTISED_TIERS = "in_advertised_tiers"


class RequirementReason(StrEnum):
    """Why a doctor does not qualify for a post; formal facts only, fit for an employer's answer."""

    NOT_AUTHORISED = "not_authorised"
    LIS1_INCOMPLETE = "lis1_incomplete"
    NOT_SPECIALIST_NOR_IN_TRAINING = "not_specialist_nor_in_training"
    NO_SUPERVISOR_FOR_TRAINEE = "no_supervisor_for_trainee"
    SUPERVISION_HOURS_TOO_FEW = "supervision_hours_too_few"
    LANGUAGE_NOT_DOCUMENTED = "language_not_documented"
    STARTS_TOO_LATE = "starts_too_late"
    FTE_BELOW_REQUIRED = "fte_below_required"
    FTE_ABOVE_OFFERED = "fte_above_offered"
    NOT_IN_ADVERTISED_TIERS = "not_in_advertised_tiers"


REASON = dict(zip(Requirement, RequirementReason, strict=True))


@dataclass(frozen=True, slots=True)
class LegalRequirements:
    """The legal requirements that apply on one day.

    ``exempt_term_months`` is the longest locum post that needs neither specialist nor doctor in training;
    ``supervision_hours_year`` the individual supervision of a doctor in training.
    """

    authorisation: bool
    lis1_before_training: bool
    specialist_or_training: bool
    trainee_supervisor: bool
    exempt_term_months: float = 0.0
    supervision_hours_year: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one requirement is met and, if not, why and what would change it: any one of ``remedies`` is enough."""

    requirement: Requirement
    is_met: bool
    reason: RequirementReason | None
    remedies: tuple[Remedy, ...]


def legal_requirements(day: date, book: RuleBook | None = None) -> LegalRequirements:
    """Legal requirements in force on `day` (a post's start), from ``parameters/eligibility.toml``.

    References
    ----------
    Helsepersonelloven §§ 48, 48 a; spesialistforskriften; kompetanseforskriften § 3 (from 1 March 2017).

    Examples
    --------
    >>> legal_requirements(date(2016, 1, 1)).specialist_or_training
    False
    >>> legal_requirements(date(2026, 1, 1)).specialist_or_training
    True
    """
    rules = book or read_rules("eligibility")
    needs_supervisor = rules.required("trainee_supervisor_required", day)
    return LegalRequirements(
        authorisation=rules.required("authorisation_required", day),
        lis1_before_training=rules.required("lis1_required_before_training", day),
        specialist_or_training=rules.required("specialist_or_training_required", day),
        trainee_supervisor=needs_supervisor,
        exempt_term_months=rules.number("specialist_or_training_exempt_months", day),
        supervision_hours_year=rules.number("supervision_hours_year", day) if needs_supervisor else 0.0,
    )


def qualification_group(qualifications: Qualifications) -> QualificationGroup:
    """Formal standing of a doctor: specialist before trainee before neither."""
    if qualifications.is_specialist:
        return QualificationGroup.SPECIALIST
    return QualificationGroup.TRAINEE if qualifications.in_training else QualificationGroup.OTHER_DOCTOR


def authorised(doctor: Qualifications, _post: Post, law: LegalRequirements) -> Answer | None:
    """Norwegian authorisation as a doctor: helsepersonelloven §§ 48, 48 a."""
    if not law.authorisation:
        return None
    return _answer(Requirement.AUTHORISED, doctor.authorised, Remedy(Change.OBTAIN_AUTHORISATION))


def lis1_complete(doctor: Qualifications, post: Post, law: LegalRequirements) -> Answer | None:
    """LIS1 before part 3 of training: spesialistforskriften, from 1 March 2019 (R1); or of all, if advertised."""
    if not (post.requirements.lis1_complete or (law.lis1_before_training and _is_trainee(doctor))):
        return None
    return _answer(Requirement.LIS1_COMPLETE, doctor.lis1_complete, Remedy(Change.COMPLETE_LIS1))


def specialist_or_in_training(doctor: Qualifications, post: Post, law: LegalRequirements) -> Answer | None:
    """Specialist or in training: kompetanseforskriften § 3, from 1 March 2017, short locum posts apart (R14)."""
    term = post.fixed_term_months
    if not law.specialist_or_training or (term is not None and term <= law.exempt_term_months):
        return None
    is_met = qualification_group(doctor) is not QualificationGroup.OTHER_DOCTOR
    return _answer(Requirement.SPECIALIST_OR_IN_TRAINING, is_met, Remedy(Change.START_SPECIALIST_TRAINING))


def supervisor_for_trainee(doctor: Qualifications, post: Post, law: LegalRequirements) -> Answer | None:
    """Supervisor for a doctor in training: spesialistforskriften, from 1 March 2019 (R8, R10)."""
    if not (law.trainee_supervisor and _is_trainee(doctor)):
        return None
    return _answer(Requirement.SUPERVISOR_FOR_TRAINEE, post.has_supervisor, Remedy(Change.SUPERVISOR_AT_POST))


def supervision_hours(doctor: Qualifications, post: Post, law: LegalRequirements) -> Answer | None:
    """Hours of supervision, where the post states them: 42 a year (R8). Hours not stated are not asked for."""
    hours = post.supervision_hours_year
    if not (law.trainee_supervisor and _is_trainee(doctor) and post.has_supervisor) or hours is None:
        return None
    needed = law.supervision_hours_year
    return _answer(Requirement.SUPERVISION_HOURS, hours >= needed, Remedy(Change.MORE_SUPERVISION_HOURS, needed))


def language_documented(doctor: Qualifications, post: Post, _law: LegalRequirements) -> Answer:
    """Documented level of Norwegian, as advertised: likestillings- og diskrimineringsloven §§ 8, 9; LDO 09/227."""
    minimum = post.requirements.language_minimum
    remedy = Remedy(Change.DOCUMENT_NORWEGIAN, minimum)
    return _answer(Requirement.LANGUAGE_DOCUMENTED, doctor.language_level >= minimum, remedy)


def starts_in_time(doctor: Qualifications, post: Post, _law: LegalRequirements) -> Answer:
    """First possible day of the doctor, against the advert's last."""
    latest = post.requirements.latest_start
    remedies = Remedy(Change.START_EARLIER, latest), Remedy(Change.ACCEPT_LATER_START, doctor.available_from)
    return _answer(Requirement.STARTS_IN_TIME, doctor.available_from <= latest, *remedies)


def fte_sufficient(doctor: Qualifications, post: Post, _law: LegalRequirements) -> Answer:
    """Position wanted, against the smallest advertised."""
    least = post.requirements.fte_minimum
    remedies = Remedy(Change.TAKE_LARGER_POSITION, least), Remedy(Change.ACCEPT_SMALLER_POSITION, doctor.fte)
    return _answer(Requirement.FTE_SUFFICIENT, doctor.fte >= least, *remedies)


def fte_offered(doctor: Qualifications, post: Post, _law: LegalRequirements) -> Answer:
    """Position wanted, against the largest advertised."""
    most = post.requirements.fte_maximum
    remedies = Remedy(Change.TAKE_SMALLER_POSITION, most), Remedy(Change.OFFER_LARGER_POSITION, doctor.fte)
    return _answer(Requirement.FTE_OFFERED, doctor.fte <= most, *remedies)


def in_advertised_tiers(doctor: Qualifications, post: Post, _law: LegalRequirements) -> Answer:
    """Formal standing among the advertised groups: kvalifikasjonsprinsippet."""
    group, asked = qualification_group(doctor), frozenset().union(*post.tiers)
    ways = {
        QualificationGroup.TRAINEE: Change.START_SPECIALIST_TRAINING,
        QualificationGroup.SPECIALIST: Change.COMPLETE_SPECIALIST_TRAINING,
    }
    own = tuple(Remedy(ways[other]) for other in ways if other in asked and group is not QualificationGroup.SPECIALIST)
    return _answer(Requirement.IN_ADVERTISED_TIERS, group in asked, *own, Remedy(Change.ADVERTISE_FOR_GROUP, group))


Rule = Callable[[Qualifications, Post, LegalRequirements], Answer | None]

RULES: tuple[Rule, ...] = (
    authorised,
    lis1_complete,
    specialist_or_in_training,
    supervisor_for_trainee,
    supervision_hours,
    language_documented,
    starts_in_time,
    fte_sufficient,
    fte_offered,
    in_advertised_tiers,
)
"""Every rule, in the order of `Requirement`."""


def requirement_answers(qualifications: Qualifications, post: Post, legal: LegalRequirements) -> tuple[Answer, ...]:
    """Answers of every rule that applies to this doctor at this post; a rule that does not apply gives none.

    ``SUPERVISOR_FOR_TRAINEE`` asks whether the post has a supervisor at all, not whether that supervisor has time for
    one more: a post with several places can have several doctors in training on one supervisor.

    Examples
    --------
    >>> from engine.candidates import ContractForm, LanguageLevel
    >>> from engine.posts import Requirements
    >>> doctor = Qualifications("K1", True, True, False, True, LanguageLevel.B1, date(2026, 6, 1), 1.0)
    >>> start, tiers = date(2026, 8, 1), (frozenset({QualificationGroup.TRAINEE}),)
    >>> asked = Requirements(LanguageLevel.B2, start, 0.5)
    >>> post = Post("P1", "5001", "50", ContractForm.SALARIED, 1, False, start, asked, tiers, date(2026, 1, 1))
    >>> for answer in requirement_answers(doctor, post, legal_requirements(start)):
    ...     if not answer.is_met:
    ...         print(answer.reason, [remedy.change.value for remedy in answer.remedies])
    no_supervisor_for_trainee ['supervisor_at_post']
    language_not_documented ['document_norwegian']
    """
    found = (rule(qualifications, post, legal) for rule in RULES)
    return tuple(answer for answer in found if answer is not None)


def requirement_reasons(
    qualifications: Qualifications, post: Post, legal: LegalRequirements
) -> tuple[RequirementReason, ...]:
    """All requirements of law and advert that the doctor does not meet; empty if eligible.

    The answer depends on nothing but formal qualifications, so it can be given to an employer and to the doctor alike.
    """
    answers = requirement_answers(qualifications, post, legal)
    return tuple(answer.reason for answer in answers if answer.reason is not None)


def requirement_checks(qualifications: Qualifications, post: Post, legal: LegalRequirements) -> dict[Requirement, bool]:
    """Every requirement that applies to this doctor at this post, and whether it is met.

    Examples
    --------
    >>> from engine.candidates import ContractForm, LanguageLevel
    >>> from engine.posts import Requirements
    >>> doctor = Qualifications("K1", True, True, True, False, LanguageLevel.C2, date(2026, 6, 1), 1.0)
    >>> start, tiers = date(2026, 8, 1), (frozenset({QualificationGroup.SPECIALIST}),)
    >>> asked = Requirements(LanguageLevel.B2, start, 0.5)
    >>> post = Post("P1", "5001", "50", ContractForm.SALARIED, 1, False, start, asked, tiers, date(2026, 1, 1))
    >>> checks = requirement_checks(doctor, post, legal_requirements(start))
    >>> all(checks.values()), Requirement.SUPERVISOR_FOR_TRAINEE in checks
    (True, False)
    """
    return {answer.requirement: answer.is_met for answer in requirement_answers(qualifications, post, legal)}


def _is_trainee(doctor: Qualifications) -> bool:
    return qualification_group(doctor) is QualificationGroup.TRAINEE


def _answer(requirement: Requirement, is_met: bool, *remedies: Remedy) -> Answer:  # noqa: FBT001
    return Answer(requirement, is_met, None if is_met else REASON[requirement], () if is_met else remedies)
