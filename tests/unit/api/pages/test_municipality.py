from dataclasses import replace

import pytest
from starlette.requests import Request

from api.pages.highlights import HEADINGS, Teller, years
from api.pages.levers import ROOM_ON_LISTS, LeverRow, lever_groups
from api.pages.municipality import MunicipalityPage, municipality_page
from api.pages.outcomes import outcome_ticks
from api.pages.rendering import render
from api.pages.retention import TABLE_YEARS
from api.pages.retention_charts import form_charts, retention_charts, stage_name
from api.services.partner_jobs import GroupAccess
from api.services.profile import IndicatorResult, MunicipalityProfile, all_facts, municipality_profile
from api.services.world import World
from api.words import MOSTLY_OWN, RANK_DRIVERS, own_weight
from features.catalogue import WEIGHT_OF_EVIDENCE
from features.highlights import CLEAR_LAG, Highlight, HighlightReason
from features.occupation_groups import load_occupation_groups
from features.sensitivity import Choice

FROYA, WITHOUT_FIGURES = "5014", "5528"


@pytest.fixture(scope="module")
def profile(world: World) -> MunicipalityProfile:
    return municipality_profile(world, FROYA)


@pytest.fixture(scope="module")
def page(world: World) -> MunicipalityPage:
    return municipality_page(world, FROYA, "nb")


def lever(profile: MunicipalityProfile, key: str, **changed: object) -> IndicatorResult:
    return replace(profile.indicator(key), **changed)  # type: ignore[arg-type]


def with_indicators(profile: MunicipalityProfile, *changed: IndicatorResult) -> MunicipalityProfile:
    by_key = {found.entry.key: found for found in changed}
    return replace(
        profile, indicators=tuple(by_key.get(found.entry.key, found) for found in profile.indicators), highlights=()
    )


def test_three_sentences_name_the_figures_the_interval_and_the_year(page: MunicipalityPage) -> None:
    assert len(page.told) == 3
    result, factor, change = page.told
    assert page.vacancy is not None
    assert f"{100 * page.vacancy.result.actual:.1f}".replace(".", ",") in result.sentence
    assert "8 lister" in result.sentence
    assert "90 % intervall" in factor.sentence
    assert "2025" in result.years
    assert change.kind == "lever"
    assert all(told.sources for told in page.told)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("reason", list(HighlightReason))
def test_every_reason_has_a_sentence_in_every_language(world: World, reason: HighlightReason, language: str) -> None:
    profile = municipality_profile(world, FROYA)
    key = {"factor": "workload", "lever": "open_list_share"}.get(reason.value.split("_")[0])
    told = Teller(profile, 1.0, {}, language).tell(Highlight(reason, key))  # type: ignore[arg-type]
    assert told.heading
    assert "{" not in told.sentence
    assert set(HEADINGS) == set(HighlightReason)


def test_what_is_given_is_told_as_a_frame_and_not_as_a_weakness(profile: MunicipalityProfile) -> None:
    told = Teller(profile, 8.0, {}, "nb").tell(Highlight(HighlightReason.FACTOR_CLEARLY_WEAK, "partner_jobs"))
    assert told.heading == "Rammen kommunen har"
    assert "gitt av sted og størrelse" in told.sentence


def test_an_unsure_factor_is_told_as_unsure(profile: MunicipalityProfile) -> None:
    told = Teller(profile, 8.0, {}, "nb").tell(Highlight(HighlightReason.FACTOR_HIGHEST_UNSURE, "workload"))
    assert "Ingen faktor skiller seg sikkert ut" in told.sentence


def test_a_lever_whose_interval_holds_the_peers_is_told_as_unsure(profile: MunicipalityProfile) -> None:
    found = profile.indicator("open_list_share")
    assert found.estimate is not None
    reason = Highlight(HighlightReason.LEVER_BEHIND_PEERS, "open_list_share")
    unsure = Teller(profile, 8.0, {"open_list_share": found.estimate}, "nb").tell(reason)
    sure = Teller(profile, 8.0, {"open_list_share": 0.99}, "nb").tell(reason)
    assert "usikkert" in unsure.sentence
    assert "usikkert" not in sure.sentence


def test_years_are_one_or_the_first_and_the_last(profile: MunicipalityProfile) -> None:
    found = profile.indicator("open_list_share")
    assert years((found,)) == "2025"
    assert years((found, replace(found, year=2021))) == "2021–2025"
    assert years((replace(found, year=None),)) == ""


def test_levers_come_by_evidence_and_then_by_how_far_they_lag(world: World) -> None:
    for place in all_facts(world)[::40]:
        groups = municipality_page(world, place.code, "nb").levers
        weights = [WEIGHT_OF_EVIDENCE[group.evidence.strength] for group in groups]
        assert weights == sorted(weights, reverse=True)
        for group in groups:
            lags = [row.lag for row in group.behind]
            assert lags == sorted(lags, reverse=True)
            assert all(distance >= CLEAR_LAG for distance in lags)
            assert {row.result.entry.kind for row in group.behind} <= {"lever"}
            assert {found.entry.kind for found in group.unanswered + group.waiting} <= {"lever"}


def test_short_lists_are_never_behind(world: World) -> None:
    for place in all_facts(world)[::20]:
        profile = municipality_profile(world, place.code)
        for group in lever_groups(world.catalogue, profile, {}):
            for row in group.behind:
                if row.result.entry.key in ("list_length_mean", "list_length_adj"):
                    assert row.result.estimate is not None
                    assert row.result.estimate > 1000


def test_room_on_the_lists_is_no_reason_for_longer_ones(profile: MunicipalityProfile) -> None:
    for key in ROOM_ON_LISTS:
        assert LeverRow(profile.indicator(key), None, 30.0).is_about_room
    assert not LeverRow(profile.indicator("municipal_fte_per_gp"), None, 30.0).is_about_room


def test_an_answer_far_below_the_middle_of_its_goalposts_is_behind(world: World, profile: MunicipalityProfile) -> None:
    poor = lever(profile, "oncall_rota_n", value=2.0, goalpost_score=10.0)
    good = lever(profile, "weekly_hours", value=38.0, goalpost_score=90.0)
    groups = lever_groups(world.catalogue, with_indicators(profile, poor, good), {})
    behind = [row.result.entry.key for group in groups for row in group.behind]
    unanswered = [found.entry.key for group in groups for found in group.unanswered]
    assert "oncall_rota_n" in behind
    assert "weekly_hours" not in behind
    assert not {"oncall_rota_n", "weekly_hours"} & set(unanswered)


def test_what_a_factor_lacks_and_has_adds_up(page: MunicipalityPage) -> None:
    for row in page.scored + page.unscored:
        assert row.result.coverage + sum(row.missing.values()) == pytest.approx(1.0)


def test_both_outcomes_are_drawn_on_an_axis_that_holds_them(world: World) -> None:
    for place in all_facts(world)[::20]:
        for view in municipality_page(world, place.code, "nb").outcomes:
            found = view.result
            for value in (found.actual, found.expected_lower, found.normal_lower, found.normal_upper):
                assert -1e-6 <= view.at(value) <= 100 + 1e-6
            assert 2 <= len(view.ticks) <= 7
            assert outcome_ticks(found, view.entry.unit) == view.ticks


def test_a_municipality_without_figures_has_no_outcome_and_says_so(world: World) -> None:
    page = municipality_page(world, WITHOUT_FIGURES, "nb")
    assert page.outcomes == ()
    assert page.vacancy is None
    assert "ikke tall" in page.told[0].sentence


def test_those_most_alike_come_with_reasons_and_lead_to_a_comparison(page: MunicipalityPage) -> None:
    assert [row.distance for row in page.alike] == sorted(row.distance for row in page.alike)
    assert all(row.near or row.far for row in page.alike)
    assert page.compare_href == "/sammenlign?kommuner=" + ",".join([FROYA, *(row.facts.code for row in page.alike[:4])])
    assert page.own_data_href == "/kommuner/5014/egne-tall"


def test_every_driver_of_ranks_has_words() -> None:
    assert set(RANK_DRIVERS) == {choice.value for choice in Choice}


def test_what_an_estimate_rests_on_is_told_in_three_steps() -> None:
    told = [own_weight(weight) for weight in (1.0, MOSTLY_OWN, 0.5, 0.1)]
    assert told[0] == told[1]
    assert len(set(told)) == 3


def rendered(world: World, page: MunicipalityPage) -> str:
    address = f"/kommuner/{FROYA}"
    scope = {"type": "http", "method": "GET", "path": address, "query_string": b"", "headers": []}
    answer = render(
        Request(scope | {"scheme": "http", "server": ("localhost", 80)}),
        "municipality.html",
        view=page,
        catalogue=world.catalogue,
        charts=retention_charts(page.retention, "nb"),
        form_charts=form_charts(page.retention, "nb"),
        stage_name=stage_name,
        table_years=TABLE_YEARS,
        run=world.run,
        suggestions=(),
    )
    return bytes(answer.body).decode()


def test_with_the_table_of_jobs_each_occupation_group_has_its_row(world: World, page: MunicipalityPage) -> None:
    group = load_occupation_groups().group("health")
    nurse = GroupAccess("health", group.label, 62.0, 50.0, 75.0, 301, 357, 16.0, 812.4, 430.0, 70.0)
    unknown = replace(nurse, index=None, lower=None, upper=None, rank=None, jobs_within_reach=None, jobs_here=None)
    jobs = replace(page.partner_jobs, missing_table=None, year=2025, groups=(nurse, unknown))
    text = rendered(world, replace(page, partner_jobs=jobs))
    assert text.count(f'<th scope="row">{group.label.nb}</th>') == 2
    assert "301 av 357" in text
    assert "stabil data refresh --only jobs" not in text
    assert "4. kvartal 2025" in text


def test_an_answered_lever_is_told_between_its_goalposts(world: World, profile: MunicipalityProfile) -> None:
    page = municipality_page(world, FROYA, "nb")
    poor = lever(profile, "oncall_rota_n", value=2.0, year=2026, goalpost_score=10.0)
    told = with_indicators(profile, poor)
    text = rendered(world, replace(page, levers=lever_groups(world.catalogue, told, {})))
    assert "Oppgitt 2: 10 av 100 mellom et svakt og et godt nivå (antakelse)." in text
