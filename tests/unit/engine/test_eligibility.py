from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.candidates import ContractForm, LanguageLevel, PartnerOccupation, PostKind, Qualifications, Wishes
from engine.eligibility import (
    RULES,
    Requirement,
    RequirementReason,
    legal_requirements,
    requirement_answers,
    requirement_checks,
    requirement_reasons,
)
from engine.legal_sources import default_language_minimum, legal_source
from engine.posts import Post, QualificationGroup, Requirements
from engine.remedies import Change, Remedy
from engine.rules import Kind
from engine.wish_limits import WishReason, wish_reasons
from features.errors import InvalidInputError

START = date(2026, 8, 1)
LEGAL = legal_requirements(START)
SPECIALIST = Qualifications("K1", True, True, True, False, LanguageLevel.C2, date(2026, 6, 1), 1.0)
TRAINEE = replace(SPECIALIST, is_specialist=False, in_training=True)
NEITHER = replace(SPECIALIST, is_specialist=False)
POST = Post(
    post_id="P1",
    municipality_code="5001",
    county_code="50",
    contract_form=ContractForm.SELF_EMPLOYED,
    capacity=1,
    has_supervisor=False,
    starts_on=START,
    requirements=Requirements(LanguageLevel.B2, date(2026, 10, 1), 0.8),
    tiers=(frozenset({QualificationGroup.SPECIALIST}), frozenset({QualificationGroup.TRAINEE})),
    tiers_set_on=date(2026, 1, 1),
)
WISHES = Wishes("K1", (), PartnerOccupation.NONE, frozenset({ContractForm.SALARIED}), frozenset({"18"}), 3)


def test_a_specialist_meets_everything_without_supervisor_and_lis1() -> None:
    assert requirement_reasons(replace(SPECIALIST, lis1_complete=False), POST, LEGAL) == ()


@pytest.mark.parametrize(
    ("doctor", "reason"),
    [
        (replace(SPECIALIST, authorised=False), RequirementReason.NOT_AUTHORISED),
        (replace(SPECIALIST, language_level=LanguageLevel.B1), RequirementReason.LANGUAGE_NOT_DOCUMENTED),
        (replace(SPECIALIST, available_from=date(2026, 10, 2)), RequirementReason.STARTS_TOO_LATE),
        (replace(SPECIALIST, fte=0.7), RequirementReason.FTE_BELOW_REQUIRED),
        (TRAINEE, RequirementReason.NO_SUPERVISOR_FOR_TRAINEE),
    ],
)
def test_each_requirement_has_its_own_code(doctor: Qualifications, reason: RequirementReason) -> None:
    assert requirement_reasons(doctor, POST, LEGAL) == (reason,)


def test_a_trainee_needs_lis1_and_is_eligible_with_a_supervisor() -> None:
    supervised = replace(POST, has_supervisor=True)
    assert requirement_reasons(TRAINEE, supervised, LEGAL) == ()
    unready = replace(TRAINEE, lis1_complete=False)
    assert requirement_reasons(unready, supervised, LEGAL) == (RequirementReason.LIS1_INCOMPLETE,)


def test_all_reasons_come_back_not_only_the_first() -> None:
    worst = replace(
        NEITHER, authorised=False, language_level=LanguageLevel.NONE, available_from=date(2027, 1, 1), fte=0.5
    )
    assert set(requirement_reasons(worst, POST, LEGAL)) == {
        RequirementReason.NOT_AUTHORISED,
        RequirementReason.NOT_SPECIALIST_NOR_IN_TRAINING,
        RequirementReason.LANGUAGE_NOT_DOCUMENTED,
        RequirementReason.STARTS_TOO_LATE,
        RequirementReason.FTE_BELOW_REQUIRED,
        RequirementReason.NOT_IN_ADVERTISED_TIERS,
    }


def test_a_doctor_outside_the_advertised_groups_is_told_so() -> None:
    only_training = replace(POST, tiers=(frozenset({QualificationGroup.TRAINEE}),))
    assert requirement_reasons(SPECIALIST, only_training, LEGAL) == (RequirementReason.NOT_IN_ADVERTISED_TIERS,)


def test_the_competence_rule_applies_from_march_2017() -> None:
    before, after = legal_requirements(date(2017, 2, 28)), legal_requirements(date(2017, 3, 1))
    code = RequirementReason.NOT_SPECIALIST_NOR_IN_TRAINING
    assert code not in requirement_reasons(NEITHER, POST, before)
    assert code in requirement_reasons(NEITHER, POST, after)


def test_checks_and_reasons_tell_the_same() -> None:
    checks = requirement_checks(TRAINEE, POST, LEGAL)
    assert sum(not is_met for is_met in checks.values()) == len(requirement_reasons(TRAINEE, POST, LEGAL))


def test_own_wishes_have_codes_of_their_own() -> None:
    assert wish_reasons(WISHES, POST) == (WishReason.CONTRACT_FORM_NOT_WANTED, WishReason.REGION_NOT_WANTED)
    open_to_all = replace(WISHES, contract_forms=frozenset(ContractForm), counties=None)
    assert wish_reasons(open_to_all, POST) == ()
    assert not {reason.value for reason in RequirementReason} & {reason.value for reason in WishReason}


def test_the_language_minimum_is_a_documented_level() -> None:
    assert default_language_minimum(START) is LanguageLevel.B2


@pytest.mark.parametrize(
    "change",
    [
        {"capacity": -1},
        {"tiers": ()},
        {"tiers": (frozenset(),)},
        {"tiers": (frozenset({QualificationGroup.TRAINEE}), frozenset({QualificationGroup.TRAINEE}))},
        {"starts_on": date(2027, 1, 1)},
        {"kinds": frozenset()},
        {"kinds": frozenset({PostKind.GP_POST, PostKind.ZERO_LIST_POST})},
        {"kinds": frozenset({PostKind.ZERO_LIST_POST}), "list_length": 300},
        {"list_length": 1200, "list_ceiling": 1000},
        {"supervision_hours_year": 42.0},
        {"oncall_rota_n": -1},
    ],
)
def test_a_post_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        replace(POST, **change)


def test_a_requirement_of_no_position_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Requirements(LanguageLevel.B2, START, 0.0)


def test_a_short_locum_post_needs_neither_a_specialist_nor_a_doctor_in_training() -> None:
    code = RequirementReason.NOT_SPECIALIST_NOR_IN_TRAINING
    terms = {months: replace(POST, fixed_term_months=months) for months in (12.0, 13.0)}
    assert code not in requirement_reasons(NEITHER, terms[12.0], LEGAL)
    assert code in requirement_reasons(NEITHER, terms[13.0], LEGAL)


def test_stated_hours_of_supervision_must_reach_what_the_law_asks() -> None:
    supervised = replace(POST, has_supervisor=True, supervision_hours_year=41.0)
    assert requirement_reasons(TRAINEE, supervised, LEGAL) == (RequirementReason.SUPERVISION_HOURS_TOO_FEW,)
    assert requirement_reasons(TRAINEE, replace(supervised, supervision_hours_year=42.0), LEGAL) == ()
    assert requirement_reasons(SPECIALIST, supervised, LEGAL) == ()


def test_an_advert_can_ask_lis1_of_all_and_offer_no_more_than_a_part_of_a_position() -> None:
    asked = replace(POST.requirements, fte_maximum=0.9, lis1_complete=True)
    assert requirement_reasons(replace(SPECIALIST, lis1_complete=False), replace(POST, requirements=asked), LEGAL) == (
        RequirementReason.LIS1_INCOMPLETE,
        RequirementReason.FTE_ABOVE_OFFERED,
    )


def test_a_no_says_how_far_the_change_must_go() -> None:
    late = replace(SPECIALIST, available_from=date(2026, 11, 1), language_level=LanguageLevel.A2)
    told = {answer.reason: answer.remedies for answer in requirement_answers(late, POST, LEGAL) if not answer.is_met}
    assert told == {
        RequirementReason.LANGUAGE_NOT_DOCUMENTED: (Remedy(Change.DOCUMENT_NORWEGIAN, LanguageLevel.B2),),
        RequirementReason.STARTS_TOO_LATE: (
            Remedy(Change.START_EARLIER, date(2026, 10, 1)),
            Remedy(Change.ACCEPT_LATER_START, date(2026, 11, 1)),
        ),
    }


@pytest.mark.parametrize("requirement", Requirement)
def test_every_requirement_has_a_legal_source_with_a_date(requirement: Requirement) -> None:
    rule = legal_source(requirement, START)
    assert rule.kind is Kind.LAW
    assert rule.valid_from <= START
    assert rule.source


def test_rules_come_in_the_order_of_the_requirements() -> None:
    assert [rule.__name__ for rule in RULES] == [requirement.value for requirement in Requirement]


def test_a_zero_list_and_a_municipal_operated_contract_share_no_name() -> None:
    names = [*(kind.value for kind in PostKind), *(form.value for form in ContractForm)]
    assert len(set(names)) == len(names)
    zero = replace(
        POST, kinds=frozenset({PostKind.ZERO_LIST_POST}), contract_form=ContractForm.MUNICIPAL_OPERATED, list_length=0
    )
    assert (PostKind.ZERO_LIST_POST in zero.kinds, zero.contract_form.value) == (True, "municipal_operated_contract")


def test_a_doctor_may_choose_among_the_forms_of_a_post() -> None:
    both = replace(POST, other_contract_forms=frozenset({ContractForm.SALARIED}))
    assert wish_reasons(replace(WISHES, counties=None), POST) == (WishReason.CONTRACT_FORM_NOT_WANTED,)
    assert wish_reasons(replace(WISHES, counties=None), both) == ()
