"""Hard eligibility of a doctor for a post, with every reason."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.candidates import LanguageLevel, Qualifications, Wishes
from engine.posts import Post, QualificationGroup
from engine.rules import RuleBook, read_rules


class Requirement(StrEnum):
    """A formal requirement of law or advert."""

    AUTHORISED = "authorised"
    LIS1_COMPLETE = "lis1_complete"
    SPECIALIST_OR_IN_TRAINING = "specialist_or_in_training"
    SUPERVISOR_FOR_TRAINEE = "supervisor_for_trainee"
    LANGUAGE_DOCUMENTED = "language_documented"
    STARTS_IN_TIME = "starts_in_time"
    FTE_SUFFICIENT = "fte_sufficient"
    IN_ADVERTISED_TIERS = "in_advertised_tiers"


class RequirementReason(StrEnum):
    """Why a doctor does not qualify for a post; formal facts only, fit for an employer's answer."""

    NOT_AUTHORISED = "not_authorised"
    LIS1_INCOMPLETE = "lis1_incomplete"
    NOT_SPECIALIST_NOR_IN_TRAINING = "not_specialist_nor_in_training"
    NO_SUPERVISOR_FOR_TRAINEE = "no_supervisor_for_trainee"
    LANGUAGE_NOT_DOCUMENTED = "language_not_documented"
    STARTS_TOO_LATE = "starts_too_late"
    FTE_BELOW_REQUIRED = "fte_below_required"
    NOT_IN_ADVERTISED_TIERS = "not_in_advertised_tiers"


REASON = {
    Requirement.AUTHORISED: RequirementReason.NOT_AUTHORISED,
    Requirement.LIS1_COMPLETE: RequirementReason.LIS1_INCOMPLETE,
    Requirement.SPECIALIST_OR_IN_TRAINING: RequirementReason.NOT_SPECIALIST_NOR_IN_TRAINING,
    Requirement.SUPERVISOR_FOR_TRAINEE: RequirementReason.NO_SUPERVISOR_FOR_TRAINEE,
    Requirement.LANGUAGE_DOCUMENTED: RequirementReason.LANGUAGE_NOT_DOCUMENTED,
    Requirement.STARTS_IN_TIME: RequirementReason.STARTS_TOO_LATE,
    Requirement.FTE_SUFFICIENT: RequirementReason.FTE_BELOW_REQUIRED,
    Requirement.IN_ADVERTISED_TIERS: RequirementReason.NOT_IN_ADVERTISED_TIERS,
}


class WishReason(StrEnum):
    """Why a post is not on a candidate's list; the candidate's own, never in an employer's answer."""

    CONTRACT_FORM_NOT_WANTED = "contract_form_not_wanted"
    REGION_NOT_WANTED = "region_not_wanted"
    BELOW_OWN_LIMIT = "below_own_limit"


@dataclass(frozen=True, slots=True)
class LegalRequirements:
    """The legal requirements that apply on one day."""

    authorisation: bool
    lis1_before_training: bool
    specialist_or_training: bool
    trainee_supervisor: bool


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
    return LegalRequirements(
        authorisation=rules.required("authorisation_required", day),
        lis1_before_training=rules.required("lis1_required_before_training", day),
        specialist_or_training=rules.required("specialist_or_training_required", day),
        trainee_supervisor=rules.required("trainee_supervisor_required", day),
    )


def default_language_minimum(day: date, book: RuleBook | None = None) -> LanguageLevel:
    """Level of Norwegian to document where the advert says nothing else (an assumption, editable)."""
    return LanguageLevel[(book or read_rules("eligibility")).text("documented_language_minimum", day)]


def qualification_group(qualifications: Qualifications) -> QualificationGroup:
    """Formal standing of a doctor: specialist before trainee before neither."""
    if qualifications.is_specialist:
        return QualificationGroup.SPECIALIST
    return QualificationGroup.TRAINEE if qualifications.in_training else QualificationGroup.OTHER_DOCTOR


def requirement_reasons(
    qualifications: Qualifications, post: Post, legal: LegalRequirements
) -> tuple[RequirementReason, ...]:
    """All requirements of law and advert that the doctor does not meet; empty if eligible.

    LIS1 and a supervisor concern doctors in training only: a finished specialist needs neither. The answer
    depends on nothing but formal qualifications, so it can be given to an employer and to the doctor alike.

    References
    ----------
    Domain rules R1 (LIS1), R8 and R10 (supervision), R14 (kompetanseforskriften § 3).
    """
    return tuple(REASON[key] for key, is_met in requirement_checks(qualifications, post, legal).items() if not is_met)


def requirement_checks(qualifications: Qualifications, post: Post, legal: LegalRequirements) -> dict[Requirement, bool]:
    """Every requirement that applies to this doctor at this post, and whether it is met.

    A requirement that does not apply has no entry: LIS1 and a supervisor for a specialist, a rule before its day.
    ``SUPERVISOR_FOR_TRAINEE`` asks whether the post has a supervisor at all, not whether that supervisor has time for
    one more: a post with several places can have several doctors in training on one supervisor.

    References
    ----------
    Domain rules R1 (LIS1), R8 and R10 (supervision), R14 (kompetanseforskriften § 3).

    Examples
    --------
    >>> from engine.candidates import ContractForm
    >>> from engine.posts import Requirements
    >>> doctor = Qualifications("K1", True, True, True, False, LanguageLevel.C2, date(2026, 6, 1), 1.0)
    >>> start, tiers = date(2026, 8, 1), (frozenset({QualificationGroup.SPECIALIST}),)
    >>> asked = Requirements(LanguageLevel.B2, start, 0.5)
    >>> post = Post("P1", "5001", "50", ContractForm.SALARIED, 1, False, start, asked, tiers, date(2026, 1, 1))
    >>> checks = requirement_checks(doctor, post, legal_requirements(start))
    >>> all(checks.values()), Requirement.SUPERVISOR_FOR_TRAINEE in checks
    (True, False)
    """
    asked, group = post.requirements, qualification_group(qualifications)
    is_trainee = group is QualificationGroup.TRAINEE
    checks: dict[Requirement, bool] = {}
    if legal.authorisation:
        checks[Requirement.AUTHORISED] = qualifications.authorised
    if legal.lis1_before_training and is_trainee:
        checks[Requirement.LIS1_COMPLETE] = qualifications.lis1_complete
    if legal.specialist_or_training:
        checks[Requirement.SPECIALIST_OR_IN_TRAINING] = group is not QualificationGroup.OTHER_DOCTOR
    if legal.trainee_supervisor and is_trainee:
        checks[Requirement.SUPERVISOR_FOR_TRAINEE] = post.has_supervisor
    return checks | {
        Requirement.LANGUAGE_DOCUMENTED: qualifications.language_level >= asked.language_minimum,
        Requirement.STARTS_IN_TIME: qualifications.available_from <= asked.latest_start,
        Requirement.FTE_SUFFICIENT: qualifications.fte >= asked.fte_minimum,
        Requirement.IN_ADVERTISED_TIERS: any(group in tier for tier in post.tiers),
    }


def wish_reasons(wishes: Wishes, post: Post) -> tuple[WishReason, ...]:
    """All own wishes that keep the post off the candidate's list, the length of the list left aside.

    For the candidate alone: never part of an answer to an employer.

    References
    ----------
    Likestillings- og diskrimineringsloven § 30; domain section 5.2, inputs (candidate-owned preferences).

    Examples
    --------
    >>> from engine.candidates import ContractForm, PartnerOccupation
    >>> from engine.posts import Requirements
    >>> start, tiers = date(2026, 8, 1), (frozenset({QualificationGroup.SPECIALIST}),)
    >>> asked = Requirements(LanguageLevel.B2, start, 0.5)
    >>> post = Post("P1", "5001", "50", ContractForm.SALARIED, 1, False, start, asked, tiers, date(2026, 1, 1))
    >>> north = Wishes("K1", (), PartnerOccupation.NONE, frozenset({ContractForm.SALARIED}), frozenset({"18"}), 5)
    >>> [reason.value for reason in wish_reasons(north, post)]
    ['region_not_wanted']
    """
    unwanted = {
        WishReason.CONTRACT_FORM_NOT_WANTED: post.contract_form not in wishes.contract_forms,
        WishReason.REGION_NOT_WANTED: wishes.counties is not None and post.county_code not in wishes.counties,
    }
    return tuple(reason for reason, is_unwanted in unwanted.items() if is_unwanted)
