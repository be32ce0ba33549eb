"""What would turn a no into a yes: changes on the doctor's side and on the municipality's."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from engine.candidates import LanguageLevel, Qualifications
from engine.posts import Post, QualificationGroup


class Change(StrEnum):
    """A change that would meet a requirement; formal facts only, fit for an employer's answer."""

    OBTAIN_AUTHORISATION = "obtain_authorisation"
    COMPLETE_LIS1 = "complete_lis1"
    START_SPECIALIST_TRAINING = "start_specialist_training"
    COMPLETE_SPECIALIST_TRAINING = "complete_specialist_training"
    DOCUMENT_NORWEGIAN = "document_norwegian"
    START_EARLIER = "start_earlier"
    TAKE_LARGER_POSITION = "take_larger_position"
    TAKE_SMALLER_POSITION = "take_smaller_position"
    SUPERVISOR_AT_POST = "supervisor_at_post"
    MORE_SUPERVISION_HOURS = "more_supervision_hours"
    ACCEPT_LATER_START = "accept_later_start"
    ACCEPT_SMALLER_POSITION = "accept_smaller_position"
    OFFER_LARGER_POSITION = "offer_larger_position"
    ADVERTISE_FOR_GROUP = "advertise_for_group"


MUNICIPALITY_CHANGES = frozenset(
    {
        Change.SUPERVISOR_AT_POST,
        Change.MORE_SUPERVISION_HOURS,
        Change.ACCEPT_LATER_START,
        Change.ACCEPT_SMALLER_POSITION,
        Change.OFFER_LARGER_POSITION,
        Change.ADVERTISE_FOR_GROUP,
    }
)
"""Changes that the municipality can make; the others are the doctor's."""

Detail = LanguageLevel | QualificationGroup | date | float


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change and how far: a level of Norwegian, a day, a share of a position, hours a year, a group of doctors."""

    change: Change
    detail: Detail | None = None

    @property
    def is_municipalitys(self) -> bool:
        """Whether the municipality can make the change."""
        return self.change in MUNICIPALITY_CHANGES


def changed_post(post: Post, remedy: Remedy) -> Post:
    """Give the post after a change that the municipality makes; unchanged for a change that is the doctor's.

    Examples
    --------
    >>> from engine.candidates import ContractForm
    >>> from engine.posts import Requirements
    >>> start, tiers = date(2026, 8, 1), (frozenset({QualificationGroup.SPECIALIST}),)
    >>> asked = Requirements(LanguageLevel.B2, start, 1.0)
    >>> post = Post("P1", "5001", "50", ContractForm.SALARIED, 1, False, start, asked, tiers, date(2026, 1, 1))
    >>> changed_post(post, Remedy(Change.ACCEPT_SMALLER_POSITION, 0.6)).requirements.fte_minimum
    0.6
    """
    asked = post.requirements
    match remedy.change, remedy.detail:
        case Change.SUPERVISOR_AT_POST, _:
            return replace(post, has_supervisor=True, supervision_hours_year=None)
        case Change.MORE_SUPERVISION_HOURS, float() as hours:
            return replace(post, supervision_hours_year=hours)
        case Change.ACCEPT_LATER_START, date() as day:
            return replace(post, requirements=replace(asked, latest_start=day))
        case Change.ACCEPT_SMALLER_POSITION, float() as fte:
            return replace(post, requirements=replace(asked, fte_minimum=fte))
        case Change.OFFER_LARGER_POSITION, float() as fte:
            return replace(post, requirements=replace(asked, fte_maximum=fte))
        case Change.ADVERTISE_FOR_GROUP, QualificationGroup() as group:
            return replace(post, tiers=(*post.tiers, frozenset({group})))
    return post


def changed_doctor(doctor: Qualifications, remedy: Remedy) -> Qualifications:
    """Give the doctor's qualifications after a change that is the doctor's; unchanged for the municipality's.

    Examples
    --------
    >>> doctor = Qualifications("K1", True, True, True, False, LanguageLevel.B1, date(2026, 6, 1), 1.0)
    >>> changed_doctor(doctor, Remedy(Change.DOCUMENT_NORWEGIAN, LanguageLevel.B2)).language_level.name
    'B2'
    """
    match remedy.change, remedy.detail:
        case Change.OBTAIN_AUTHORISATION, _:
            return replace(doctor, authorised=True)
        case Change.COMPLETE_LIS1, _:
            return replace(doctor, lis1_complete=True)
        case Change.START_SPECIALIST_TRAINING, _:
            return replace(doctor, in_training=True)
        case Change.COMPLETE_SPECIALIST_TRAINING, _:
            return replace(doctor, is_specialist=True, in_training=False)
        case Change.DOCUMENT_NORWEGIAN, LanguageLevel() as level:
            return replace(doctor, language_level=level)
        case Change.START_EARLIER, date() as day:
            return replace(doctor, available_from=day)
        case ((Change.TAKE_LARGER_POSITION | Change.TAKE_SMALLER_POSITION), float() as fte):
            return replace(doctor, fte=fte)
    return doctor
