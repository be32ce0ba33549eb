"""Every code of the match has words, and what is said says how far."""

from datetime import date

import pytest

from api.match_words import (
    ASK,
    CHANGES,
    CONTRACT_FORMS,
    GAPS,
    GROUPS,
    KINDS,
    LEVERS,
    OUTCOMES,
    REQUIREMENTS,
    gap_text,
    lever_text,
    remedies_text,
    remedy_text,
)
from api.reports.match import CHANGE, LEFT_OUT, WHY
from api.reports.match_sides import MINIMUMS, STABILITY
from engine.attractiveness import Lever, LeverSetting
from engine.candidates import ContractForm, LanguageLevel, PostKind
from engine.eligibility import RequirementReason
from engine.match_result import StabilityStatus
from engine.posts import QualificationGroup
from engine.remedies import Change, Remedy
from engine.terms_outcome import MinimumStatus
from engine.vacancy_explanation import PairOutcome
from engine.why_not import Unavailable, WhatWouldChange
from engine.wish_limits import WishGap, WishReason

NOT_GAPS = {WishReason.NOT_IN_OWN_RANKING, WishReason.BELOW_OWN_LIMIT}


def test_every_code_has_words() -> None:
    for codes, words in (
        (RequirementReason, REQUIREMENTS),
        (Change, CHANGES),
        (ContractForm, CONTRACT_FORMS),
        (PostKind, KINDS),
        (QualificationGroup, GROUPS),
        (Lever, LEVERS),
        (PairOutcome, OUTCOMES),
        (WishReason, LEFT_OUT),
        (Unavailable, WHY),
        (WhatWouldChange, CHANGE),
        (StabilityStatus, STABILITY),
        (MinimumStatus, MINIMUMS),
    ):
        assert set(codes) == set(words)
    assert set(GAPS) == set(WishReason) - NOT_GAPS
    assert set(ASK) <= set(GAPS)


@pytest.mark.parametrize(
    ("remedy", "said"),
    [
        (Remedy(Change.DOCUMENT_NORWEGIAN, LanguageLevel.B2), "dokumentert norsk på nivå B2"),
        (Remedy(Change.ACCEPT_SMALLER_POSITION, 0.5), "at kommunen godtar 50\u00a0% stilling"),
        (Remedy(Change.MORE_SUPERVISION_HOURS, 42.0), "at kommunen setter av 42 timer veiledning i året"),
        (Remedy(Change.START_EARLIER, date(2026, 10, 1)), "oppstart senest 1. oktober 2026"),
        (
            Remedy(Change.ADVERTISE_FOR_GROUP, QualificationGroup.SPECIALIST),
            "at utlysningen åpner for spesialister i allmennmedisin",
        ),
    ],
)
def test_what_would_change_a_no_is_said_with_how_far(remedy: Remedy, said: str) -> None:
    assert remedy_text(remedy, "nb") == said


def test_the_same_change_is_said_once_and_in_the_readers_language() -> None:
    twice = [Remedy(Change.START_SPECIALIST_TRAINING)] * 2 + [Remedy(Change.COMPLETE_LIS1)]
    assert remedies_text(twice, "en") == "having started specialist training in general practice; LIS1 completed"
    setting = LeverSetting(Lever.ONCALL_LESS_OFTEN, oncall_rota_n=8)
    assert [lever_text(setting, language) for language in ("nb", "en")] == ["legevakt 1 av 8", "on call 1 in 8"]


def test_a_limit_is_said_with_what_is_wanted_and_what_there_is() -> None:
    rota = WishGap(WishReason.ONCALL_TOO_OFTEN, 6, 3)
    assert gap_text(rota, {}, "nb") == "legevakt 1 av 3; du vil ha høyst 1 av 6"
    forms = WishGap(
        WishReason.CONTRACT_FORM_NOT_WANTED, frozenset(), frozenset({ContractForm.SALARIED, ContractForm.SELF_EMPLOYED})
    )
    assert gap_text(forms, {}, "nb") == "avtaleformen er næringsdrift, fastlønn"
    score = WishGap(WishReason.FACTOR_BELOW_LIMIT, 60.0, 40.0, "workload")
    assert gap_text(score, {"workload": "Arbeidsmengde"}, "nb") == "Arbeidsmengde: 40 poeng; grensen din er 60"
