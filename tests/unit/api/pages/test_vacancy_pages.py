from datetime import date

import pytest

from api.pages.vacancy import doctors_page, stay_bars, vacancy_rows
from api.services.match_answers import PostAnswer
from api.services.vacancies import vacancy
from api.services.world import World
from engine.attractiveness import Attractiveness, Lever, LeverEffect, LeverSetting, Standing
from engine.candidates import ContractForm
from engine.eligibility import RequirementReason
from engine.remedies import Change, Remedy
from engine.vacancy_explanation import Counterfactual, VacancyExplanation
from features.errors import UnknownKeyError

TODAY = date(2026, 11, 28)


def answer(now: Standing, then: Standing) -> PostAnswer:
    setting = LeverSetting(Lever.ONCALL_LESS_OFTEN, oncall_rota_n=8)
    blocked = ((RequirementReason.NOT_AUTHORISED, 7), (RequirementReason.STARTS_TOO_LATE, None))
    more = (Counterfactual(Remedy(Change.SUPERVISOR_AT_POST), None), Counterfactual(Remedy(Change.COMPLETE_LIS1), 12))
    return PostAnswer(
        VacancyExplanation("P", True, 2, 1, 200, 150, blocked, more),
        Attractiveness("P", 5, 1000, 5, True, now, (LeverEffect(setting, then),)),
    )


def test_a_lever_is_told_with_its_change_and_what_is_withheld_stays_out() -> None:
    view = doctors_page(answer(Standing(150, 10, 2, 1.4), Standing(150, 16, 1.6, None)), "nb")
    assert (view.rounds, view.candidates, view.eligible) == (5, 200, "150")
    now, lever = view.rows
    assert (now.name, now.ranked.doctors, now.ranked.change) == (None, "10,0", None)
    assert lever.name == "legevakt 1 av 8"
    assert (lever.ranked.doctors, lever.ranked.change, lever.ranked.width) == ("16,0", "+6,0", 100)
    assert lever.in_top.change == "−0,4"
    assert (lever.matched.doctors, lever.matched.change) == (None, None)
    assert view.lacks == (("mangler norsk autorisasjon", "7"),)
    assert [count for _, count in view.more] == [None, "12"]


def test_a_change_is_not_told_where_the_figure_before_it_is_withheld() -> None:
    view = doctors_page(answer(Standing(None, None, None, None), Standing(150, 6, 2, 1)), "nb")
    assert view.eligible is None
    assert [view.rows[1].ranked.doctors, view.rows[1].ranked.change] == ["6,0", None]


def test_every_vacant_list_stands_in_the_list_and_a_county_narrows_it(world: World) -> None:
    rows = vacancy_rows(world, "", TODAY, "nb")
    assert sum(row.terms.capacity for row in rows) == 197
    northern = vacancy_rows(world, "56", TODAY, "nb")
    assert {row.facts.county_name for row in northern} == {"Finnmark"}
    with pytest.raises(UnknownKeyError):
        vacancy_rows(world, "99", TODAY, "nb")


def test_stay_is_told_by_contract_form_with_interval_within_the_axis(world: World) -> None:
    bars = stay_bars(world, vacancy(world, "POST-1833", TODAY), "nb")
    assert len(bars) == len(ContractForm) - 1
    for bar in bars:
        assert bar.is_simulated
        assert bar.interval is None or 0 <= bar.lower <= (bar.middle or 0) <= bar.upper <= 100


def test_an_unknown_post_is_refused(world: World) -> None:
    with pytest.raises(UnknownKeyError):
        vacancy(world, "POST-0000", TODAY)
