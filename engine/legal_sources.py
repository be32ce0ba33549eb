"""What requirements rest on: the dated rule behind each, with its source."""

from datetime import date

from engine.candidates import LanguageLevel
from engine.eligibility import Requirement
from engine.rules import DatedValue, RuleBook, read_rules

LEGAL_KEY = {
    Requirement.AUTHORISED: "authorisation_required",
    Requirement.LIS1_COMPLETE: "lis1_required_before_training",
    Requirement.SPECIALIST_OR_IN_TRAINING: "specialist_or_training_required",
    Requirement.SUPERVISOR_FOR_TRAINEE: "trainee_supervisor_required",
    Requirement.SUPERVISION_HOURS: "supervision_hours_year",
}
"""Entries of ``parameters/eligibility.toml`` behind requirements of law; the others are the advert's."""

ADVERT_KEY = "advertised_requirements_apply"


def legal_source(requirement: Requirement, day: date, book: RuleBook | None = None) -> DatedValue:
    """Rule that a requirement rests on, as it stands on `day`, with source and date.

    A requirement of the advert rests on the merit principle: applicants are measured against what was advertised.

    Examples
    --------
    >>> legal_source(Requirement.SPECIALIST_OR_IN_TRAINING, date(2026, 8, 1)).source[:26]
    'Kompetanseforskriften (for'
    """
    return (book or read_rules("eligibility")).in_force(LEGAL_KEY.get(requirement, ADVERT_KEY), day)


def default_language_minimum(day: date, book: RuleBook | None = None) -> LanguageLevel:
    """Level of Norwegian to document where the advert says nothing else (an assumption, editable)."""
    return LanguageLevel[(book or read_rules("eligibility")).text("documented_language_minimum", day)]
