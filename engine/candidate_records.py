"""Incoming records about doctors: typed, complete, and refused where they carry what may not be known."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from engine.candidates import Qualifications, Wishes
from engine.protected_fields import reject_protected_fields
from features.errors import InvalidInputError

OWN_WISH_FIELDS = frozenset({"partner_occupation_group", "partner_occupation"})
OWN_FACTORS = frozenset({"partner_jobs"})
"""Factors on the guard list that a candidate may weigh in the own wishes."""

PSEUDONYM = re.compile(r"[A-Z]{1,5}-?[0-9]{1,8}")
COUNTY_CODE = re.compile(r"[0-9]{2}")


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
    >>> from datetime import date
    >>> from engine.candidates import LanguageLevel
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
    """Wishes from the candidate's own record with the fields of `Wishes`, already typed; those with a default may lack.

    What the partner works with is all on the guard list that a candidate may give, and ``partner_jobs`` the one factor,
    for own use.

    Raises
    ------
    ProtectedFieldError
        A field, or a factor that is weighed, is protected or a proxy, those two apart.
    InvalidInputError
        A field is missing or unknown, or a value is of another type or out of range.
    """
    reject_protected_fields(record, exempt=OWN_WISH_FIELDS)
    wishes = Wishes(**_typed(record, Wishes))
    named = (*wishes.factor_weights, *wishes.factor_limits)
    reject_protected_fields((factor for factor, _ in named), exempt=OWN_FACTORS)
    for code in sorted(wishes.counties or ()):
        if not COUNTY_CODE.fullmatch(code):
            raise InvalidInputError("counties", code, "county codes of two digits")
    return wishes


def _typed(record: Mapping[str, Any], kind: type[Qualifications] | type[Wishes]) -> dict[str, Any]:
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    optional = {field.name for field in fields(kind)} - needed
    if not needed <= record.keys() <= needed | optional:
        told = f"exactly the fields {', '.join(sorted(needed))}"
        also = f", and of {', '.join(sorted(optional))} those wanted" if optional else ""
        raise InvalidInputError("record", sorted(map(str, record)), told + also)
    hints = get_type_hints(kind)
    values = {name: _strict(name, record[name], hints[name]) for name in hints if name in record}
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
