from datetime import date
from typing import Any

import pytest

from engine.candidate_records import qualifications_from_record, wishes_from_record
from engine.candidates import Candidate, ContractForm, LanguageLevel, PartnerOccupation, Qualifications, Wishes
from engine.protected_fields import ProtectedFieldError
from features.errors import InvalidInputError

FORMAL: dict[str, Any] = {
    "candidate_id": "K1",
    "authorised": True,
    "lis1_complete": True,
    "is_specialist": True,
    "in_training": False,
    "language_level": LanguageLevel.C1,
    "available_from": date(2026, 8, 1),
    "fte": 1.0,
}
OWN: dict[str, Any] = {
    "candidate_id": "K1",
    "factor_weights": (("workload", 1.0),),
    "partner_occupation_group": PartnerOccupation.OTHER,
    "contract_forms": frozenset({ContractForm.SALARIED}),
    "counties": None,
    "list_limit": 5,
}


def test_a_formal_record_becomes_qualifications() -> None:
    assert qualifications_from_record(FORMAL) == Qualifications(**FORMAL)


def test_a_partner_may_stand_in_the_own_wishes_but_never_in_qualifications() -> None:
    assert wishes_from_record(OWN).partner_occupation_group is PartnerOccupation.OTHER
    with pytest.raises(ProtectedFieldError):
        qualifications_from_record(FORMAL | {"partner_occupation_group": "other"})
    with pytest.raises(ProtectedFieldError):
        wishes_from_record(OWN | {"partner_name": "N.N."})


@pytest.mark.parametrize("record", [FORMAL | {"shoe_size": 42}, {"candidate_id": "K1"}])
def test_unknown_and_missing_fields_are_refused(record: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="exactly the fields"):
        qualifications_from_record(record)


@pytest.mark.parametrize("change", [{"fte": 0}, {"fte": 1.2}, {"candidate_id": ""}])
def test_qualifications_out_of_range_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        Qualifications(**FORMAL | change)


@pytest.mark.parametrize(
    "change",
    [
        {"factor_weights": (("workload", -1.0),)},
        {"factor_weights": (("workload", float("nan")),)},
        {"factor_weights": (("workload", 1.0), ("workload", 2.0))},
        {"list_limit": 0},
    ],
)
def test_wishes_out_of_range_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        Wishes(**OWN | change)


def test_wishes_of_somebody_else_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="K1"):
        Candidate(Qualifications(**FORMAL), Wishes(**OWN | {"candidate_id": "K2"}), simulated=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("is_specialist", "nei"),
        ("authorised", 1),
        ("fte", "1"),
        ("fte", True),
        ("language_level", 5),
        ("available_from", "2026-08-01"),
        ("candidate_id", "Kari Nordmann"),
        ("candidate_id", "01017012345"),
        ("candidate_id", 17),
    ],
)
def test_a_value_of_another_type_or_an_open_identity_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        qualifications_from_record(FORMAL | {field: value})
    assert caught.value.name == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contract_forms", "salaried"),
        ("contract_forms", frozenset({"salaried"})),
        ("factor_weights", [["workload", 1.0]]),
        ("factor_weights", (("workload", "much"),)),
        ("counties", frozenset({"Oslo"})),
        ("list_limit", 5.0),
        ("partner_occupation_group", "nurse"),
    ],
)
def test_wishes_of_another_type_are_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        wishes_from_record(OWN | {field: value})
    assert caught.value.name == field


def test_a_factor_that_names_a_protected_ground_cannot_be_weighed_but_the_partners_jobs_can() -> None:
    with pytest.raises(ProtectedFieldError):
        wishes_from_record(OWN | {"factor_weights": (("children", 1.0),)})
    own = wishes_from_record(OWN | {"factor_weights": (("partner_jobs", 1),)})
    assert own.factor_weights == (("partner_jobs", 1.0),)


def test_a_whole_number_becomes_the_share_it_means() -> None:
    assert repr(qualifications_from_record(FORMAL | {"fte": 1}).fte) == "1.0"


def test_a_protected_field_inside_another_is_found() -> None:
    with pytest.raises(ProtectedFieldError):
        qualifications_from_record(FORMAL | {"fte": {"share": 1, "children": 2}})
