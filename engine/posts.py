"""Posts in a match: what is advertised, and which qualifications come first."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.candidates import ContractForm, LanguageLevel, PostKind
from features.errors import InvalidInputError


class QualificationGroup(StrEnum):
    """Formal standing of a doctor toward a GP post; every doctor belongs to exactly one."""

    SPECIALIST = "specialist"
    TRAINEE = "trainee"
    OTHER_DOCTOR = "other_doctor"


CANNOT_GO_TOGETHER = (
    frozenset({PostKind.GP_POST, PostKind.ZERO_LIST_POST}),
    frozenset({PostKind.GP_POST, PostKind.RELIEF_GP}),
    frozenset({PostKind.ZERO_LIST_POST, PostKind.RELIEF_GP}),
)
"""Kinds that contradict each other: a list has patients or not, and is the doctor's own or another's."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the advert requires beyond the law; all of it formal and documented.

    ``latest_start`` is the last day the doctor may begin; ``fte_minimum`` and ``fte_maximum`` bound the position
    (0-1]. ``lis1_complete`` asks LIS1 of every doctor, not only where the law does. That a post wants a specialist is
    said by its tiers.
    """

    language_minimum: LanguageLevel
    latest_start: date
    fte_minimum: float
    fte_maximum: float = 1.0
    lis1_complete: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.fte_minimum <= 1:
            raise InvalidInputError("fte_minimum", self.fte_minimum, "a share of a full position above 0, at most 1")
        if not self.fte_minimum <= self.fte_maximum <= 1:
            raise InvalidInputError("fte_maximum", self.fte_maximum, f"a share from {self.fte_minimum} to 1")


@dataclass(frozen=True, slots=True)
class Post:
    """A post for a doctor in one municipality, or several alike. None stands for what the advert does not state.

    Attributes
    ----------
    contract_form, other_contract_forms : ContractForm, frozenset of ContractForm
        The form advertised, and those the doctor may choose instead.
    capacity : int
        Places: lists without a GP, or positions (>= 0).
    has_supervisor, supervision_hours_year : bool, float or None
        Whether a supervisor of doctors in training is there, and the hours a year set aside for each doctor.
    starts_on : date
        Wanted first day; the law in force then applies.
    tiers : tuple of frozenset of QualificationGroup
        Qualification tiers of the advert, best first: the groups in one tier rank alike and the lottery orders them.
    tiers_set_on : date
        When they were set, before any name was seen.
    simulated_fields : tuple of str
        Fields that are made up.
    kinds : frozenset of PostKind
        At least one, none against another.
    fixed_term_months : float or None
        Length of a locum post; None for a permanent one.
    list_length, list_ceiling : int or None
        Inhabitants on the list at the start (0 for a zero list), and the most the doctor would have.
    oncall_rota_n : int or None
        N of a 1-in-N out-of-hours rota; 0 for no on-call duty.
    has_partner_service : bool
        Whether the municipality helps a partner to find work.
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
    kinds: frozenset[PostKind] = frozenset({PostKind.GP_POST})
    other_contract_forms: frozenset[ContractForm] = frozenset()
    fixed_term_months: float | None = None
    list_length: int | None = None
    list_ceiling: int | None = None
    oncall_rota_n: int | None = None
    supervision_hours_year: float | None = None
    has_partner_service: bool = False

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise InvalidInputError("capacity", self.capacity, "0 or more places")
        if self.requirements.latest_start < self.starts_on:
            raise InvalidInputError("latest_start", self.requirements.latest_start, f"{self.starts_on} or later")
        groups = [group for tier in self.tiers for group in tier]
        if not groups or not all(self.tiers) or len(set(groups)) < len(groups):
            raise InvalidInputError("tiers", self.tiers, "at least one tier, none empty, each group in one tier only")
        if not self.kinds or any(pair <= self.kinds for pair in CANNOT_GO_TOGETHER):
            raise InvalidInputError("kinds", sorted(self.kinds), "at least one kind, none against another")
        self._check_amounts()

    def _check_amounts(self) -> None:
        for name in ("list_length", "list_ceiling", "oncall_rota_n", "supervision_hours_year", "fixed_term_months"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount < float("inf"):
                raise InvalidInputError(name, amount, "0 or more, or nothing")
        if PostKind.ZERO_LIST_POST in self.kinds and self.list_length:
            raise InvalidInputError("list_length", self.list_length, "0 inhabitants on a zero list")
        if self.list_length is not None and self.list_ceiling is not None and self.list_length > self.list_ceiling:
            raise InvalidInputError("list_ceiling", self.list_ceiling, f"{self.list_length} inhabitants or more")
        if self.supervision_hours_year and not self.has_supervisor:
            raise InvalidInputError("supervision_hours_year", self.supervision_hours_year, "none without a supervisor")

    @property
    def contract_forms(self) -> frozenset[ContractForm]:
        """All forms of contract that the doctor can have here."""
        return self.other_contract_forms | {self.contract_form}
