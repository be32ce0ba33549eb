"""Doctors in a match: what an employer may know, and what stays with the doctor."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum, StrEnum
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from engine.protected_fields import reject_protected_fields
from features.errors import InvalidInputError

OWN_WISH_FIELDS = frozenset({"partner_occupation_group"})
OWN_FACTORS = frozenset({"partner_jobs"})
"""Factors on the guard list that a candidate may weigh in the own wishes."""

PSEUDONYM = re.compile(r"[A-Z]{1,5}-?[0-9]{1,8}")
COUNTY_CODE = re.compile(r"[0-9]{2}")


class ContractForm(StrEnum):
    """Form of contract of a GP post; the four that an advert can state.

    Forecasts of stay (`models.posts.CONTRACT_FORMS`) know the other three only: no published figure tells how long
    doctors stay under a municipal-operated contract, so such a post can be matched but not forecast.
    """

    SELF_EMPLOYED = "self_employed"
    COOPERATION_8_2 = "cooperation_contract_8_2"
    MUNICIPAL_OPERATED = "municipal_operated_contract"
    SALARIED = "salaried"


class LanguageLevel(IntEnum):
    """Documented level of Norwegian (CEFR); no document is ``NONE``, whatever the doctor masters.

    Examples
    --------
    >>> LanguageLevel.C1 >= LanguageLevel.B2 > LanguageLevel.NONE
    True
    """

    NONE = 0
    A1 = 1
    A2 = 2
    B1 = 3
    B2 = 4
    C1 = 5
    C2 = 6


class PartnerOccupation(StrEnum):
    """Occupation group of a partner who looks for work at the new place."""

    NONE = "none"
    HIGHER_EDUCATION = "higher_education"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Qualifications:
    """Formal qualifications: all that eligibility, tiers and the employer's answer may rest on.

    ``in_training`` means registered in specialist training in general practice, or starting it with this post
    under a signed agreement. ``available_from`` is the first possible day; ``fte`` (0-1] the position wanted.
    """

    candidate_id: str
    authorised: bool
    lis1_complete: bool
    is_specialist: bool
    in_training: bool
    language_level: LanguageLevel
    available_from: date
    fte: float

    def __post_init__(self) -> None:
        if not self.candidate_id:
            raise InvalidInputError("candidate_id", self.candidate_id, "a pseudonym of at least one character")
        if not 0 < self.fte <= 1:
            raise InvalidInputError("fte", self.fte, "a share of a full position above 0, at most 1")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The candidate's own wishes, used for the own order of posts and nothing else.

    ``factor_weights`` are pairs (factor, weight >= 0), in any scale. ``counties`` None means any county.
    ``list_limit`` is the number of posts the candidate wants on the own list (>= 1). A shorter list is the
    candidate's choice and risk: it can leave the candidate without a post, never move one up.
    """

    candidate_id: str
    factor_weights: tuple[tuple[str, float], ...]
    partner_occupation_group: PartnerOccupation
    contract_forms: frozenset[ContractForm]
    counties: frozenset[str] | None
    list_limit: int

    def __post_init__(self) -> None:
        factors = [factor for factor, _ in self.factor_weights]
        if len(set(factors)) < len(factors):
            raise InvalidInputError("factor_weights", factors, "each factor once")
        if bad := [weight for _, weight in self.factor_weights if not 0 <= weight < float("inf")]:
            raise InvalidInputError("factor_weights", bad[0], "finite weights of 0 or more")
        if self.list_limit < 1:
            raise InvalidInputError("list_limit", self.list_limit, "at least 1 post")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A doctor in a match; ``simulated`` is true for one who does not exist."""

    qualifications: Qualifications
    wishes: Wishes
    simulated: bool

    def __post_init__(self) -> None:
        if self.qualifications.candidate_id != self.wishes.candidate_id:
            raise InvalidInputError("wishes", self.wishes.candidate_id, f"those of {self.qualifications.candidate_id}")

    @property
    def candidate_id(self) -> str:
        """The candidate's pseudonym, set before the lottery seed is drawn."""
        return self.qualifications.candidate_id


def qualifications_from_record(record: Mapping[str, Any]) -> Qualifications:
    """Qualifications from an incoming record with exactly the fields of `Qualifications`, already typed.

    Nothing is converted: a text is no truth value and no date. ``candidate_id`` must look like a pseudonym (one to
    five capital letters, one to eight digits), so that neither a name nor a national identity number fits.

    Raises
    ------
    ProtectedFieldError
        The record carries a protected or proxy field at any depth, wishes about a partner included.
    InvalidInputError
        A field is missing or unknown, or a value is of another type or out of range.

    Examples
    --------
    >>> formal = {"candidate_id": "K1", "authorised": True, "lis1_complete": True, "is_specialist": False,
    ...           "in_training": True, "language_level": LanguageLevel.C1, "available_from": date(2026, 8, 1), "fte": 1}
    >>> qualifications_from_record(formal).in_training
    True
    >>> qualifications_from_record(formal | {"is_specialist": "nei"})
    Traceback (most recent call last):
    ...
    features.errors.InvalidInputError: is_specialist: got 'nei', expected a value of type bool.
    >>> qualifications_from_record(formal | {"sykefravær": 3})
    Traceback (most recent call last):
    ...
    engine.protected_fields.ProtectedFieldError: ... 'sykefravær': health, disability and past sick leave ...
    """
    reject_protected_fields(record)
    return Qualifications(**_typed(record, Qualifications))


def wishes_from_record(record: Mapping[str, Any]) -> Wishes:
    """Wishes from the candidate's own record with exactly the fields of `Wishes`, already typed.

    The partner's occupation group is the one field on the guard list that a candidate may give, and ``partner_jobs``
    the one factor, for own use.

    Raises
    ------
    ProtectedFieldError
        A field, or a factor that is weighed, is protected or a proxy, those two apart.
    InvalidInputError
        A field is missing or unknown, or a value is of another type or out of range.
    """
    reject_protected_fields(record, exempt=OWN_WISH_FIELDS)
    wishes = Wishes(**_typed(record, Wishes))
    reject_protected_fields((factor for factor, _ in wishes.factor_weights), exempt=OWN_FACTORS)
    for code in sorted(wishes.counties or ()):
        if not COUNTY_CODE.fullmatch(code):
            raise InvalidInputError("counties", code, "county codes of two digits")
    return wishes


def _typed(record: Mapping[str, Any], kind: type[Qualifications] | type[Wishes]) -> dict[str, Any]:
    known = {field.name for field in fields(kind)}
    if record.keys() != known:
        raise InvalidInputError("record", sorted(map(str, record)), f"exactly the fields {', '.join(sorted(known))}")
    values = {name: _strict(name, record[name], hint) for name, hint in get_type_hints(kind).items()}
    if not PSEUDONYM.fullmatch(values["candidate_id"]):
        raise InvalidInputError("candidate_id", values["candidate_id"], "a pseudonym such as K17 or SIM-0001")
    return values


def _strict(name: str, value: object, hint: Any) -> Any:  # noqa: ANN401
    try:
        return _adapter(hint).validate_python(value, strict=True)
    except ValidationError as error:
        told = hint.__name__ if isinstance(hint, type) else str(hint)
        raise InvalidInputError(name, value, f"a value of type {told.replace('engine.candidates.', '')}") from error


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:  # noqa: ANN401
    return TypeAdapter(hint)
