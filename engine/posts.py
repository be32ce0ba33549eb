"""Posts in a match: what is advertised, and which qualifications come first."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.candidates import ContractForm, LanguageLevel
from features.errors import InvalidInputError


class QualificationGroup(StrEnum):
    """Formal standing of a doctor toward a GP post; every doctor belongs to exactly one."""

    SPECIALIST = "specialist"
    TRAINEE = "trainee"
    OTHER_DOCTOR = "other_doctor"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the advert requires beyond the law; all of it formal and documented.

    ``latest_start`` is the last day the doctor may begin, ``fte_minimum`` the smallest position (0-1].
    """

    language_minimum: LanguageLevel
    latest_start: date
    fte_minimum: float

    def __post_init__(self) -> None:
        if not 0 < self.fte_minimum <= 1:
            raise InvalidInputError("fte_minimum", self.fte_minimum, "a share of a full position above 0, at most 1")


@dataclass(frozen=True, slots=True)
class Post:
    """A GP post, or several alike in one municipality.

    ``capacity`` is the number of lists without a GP (>= 0). ``tiers`` are the qualification tiers of the advert,
    best first: the groups in one tier rank alike and the lottery orders them. They were set on ``tiers_set_on``,
    before any name was seen. ``simulated_fields`` names the fields that are made up.
    """

    post_id: str
    municipality_code: str
    county_code: str
    contract_form: ContractForm
    capacity: int
    has_supervisor: bool
    starts_on: date
    requirements: Requirements
    tiers: tuple[frozenset[QualificationGroup], ...]
    tiers_set_on: date
    simulated_fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise InvalidInputError("capacity", self.capacity, "0 or more lists")
        if self.requirements.latest_start < self.starts_on:
            raise InvalidInputError("latest_start", self.requirements.latest_start, f"{self.starts_on} or later")
        groups = [group for tier in self.tiers for group in tier]
        if not groups or not all(self.tiers) or len(set(groups)) < len(groups):
            raise InvalidInputError("tiers", self.tiers, "at least one tier, none empty, each group in one tier only")
