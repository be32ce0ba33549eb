from dataclasses import replace
from xml.etree import ElementTree

import polars as pl
import pytest
from markupsafe import Markup

from api.pages.charts import ChartWords, Curve, curves_svg
from api.pages.front import DEFAULT_FACTOR, Choice, front_page
from api.pages.municipality import municipality_page
from api.pages.national import national_figures
from api.pages.outcomes import outcome_ticks, position
from api.pages.ranks import Ranks, factor_ranks, ranks_of
from api.pages.rendering import unbroken
from api.pages.retention import kind_of_post
from api.pages.retention_charts import retention_charts
from api.pages.tile_drawing import score_class, tile_drawing
from api.services.profile import VACANCY, OutcomeResult, all_facts
from api.services.world import World
from api.words import ASSUMPTION_SOURCES, KINDS, PEER_BASES, POPULATION_BANDS, class_pair
from features.errors import UnknownKeyError, UnknownMunicipalityError

OUTCOME = OutcomeResult(
    indicator=VACANCY,
    actual=0.05,
    shrunk=0.04,
    expected=0.031,
    expected_lower=0.02,
    expected_upper=0.04,
    normal_lower=0.0,
    normal_upper=0.25,
    residual=0.009,
    residual_lower=-0.02,
    residual_upper=0.05,
    adjusted_score=40.0,
    score_ties_lost=20.0,
    score_ties_won=60.0,
    year=2025,
)


def test_national_figures_are_those_published_for_2025(world: World) -> None:
    figures = national_figures(world.snapshot)
    assert (figures.year, figures.vacant_lists, figures.municipalities) == (2025, 197, 351)


def test_municipalities_without_a_score_come_last_in_both_directions(world: World) -> None:
    for order in ("-score", "score", "rank", "-peers"):
        scores = [row.score for row in front_page(world, Choice("vacancy", "", order), "nb").rows]
        missing = [score is None for score in scores]
        assert missing == sorted(missing)
        assert any(missing)


def test_a_county_narrows_the_table_but_not_the_map(world: World) -> None:
    view = front_page(world, Choice(DEFAULT_FACTOR, "56", "name"), "nb")
    assert {row.facts.county_name for row in view.rows} == {"Finnmark"}
    assert len(view.tiles) == len(view.drawing.tiles) == 357


@pytest.mark.parametrize("choice", [Choice("x"), Choice(DEFAULT_FACTOR, "99"), Choice(DEFAULT_FACTOR, "", "x")])
def test_unknown_choices_are_told(world: World, choice: Choice) -> None:
    with pytest.raises(UnknownKeyError):
        front_page(world, choice, "nb")


def test_municipalities_with_the_same_score_share_their_places(world: World) -> None:
    for factor in world.catalogue.factors:
        rows = {
            row["municipality_code"]: row
            for row in world.scores.factors.iter_rows(named=True)
            if row["factor"] == factor
        }
        for code, ranks in factor_ranks(world, factor).items():
            own = rows[code]
            if own["rank_national"] is None:
                assert ranks == Ranks(None, None)
                continue
            peers = world.peers.filter(pl.col("municipality_code") == code)["peer_code"]
            alike = [row for row in rows.values() if row["score"] == own["score"]]
            assert ranks.national is not None
            assert ranks.peers is not None
            assert ranks.national.last == own["rank_national"] + len(alike) - 1 <= own["ranked_national"]
            sharing = sum(row["municipality_code"] in peers for row in alike)
            assert ranks.peers.last == own["rank_peers"] + sharing - 1 <= own["ranked_peers"]


def test_the_places_of_one_municipality_are_those_of_the_table(world: World) -> None:
    for code in ("5014", "0301", "5528"):
        ranks = ranks_of(world, code)
        assert ranks == {factor: factor_ranks(world, factor)[code] for factor in world.catalogue.factors}


def test_a_factor_that_nobody_has_figures_for_says_so(world: World) -> None:
    empty = front_page(world, Choice("workplace"), "nb")
    assert not empty.has_scores
    full = front_page(world, Choice("workload"), "nb")
    assert full.has_scores
    assert full.is_ranked


def test_a_heading_sorts_the_other_way_the_second_time(world: World) -> None:
    columns = {column.key: column for column in front_page(world, Choice(), "en").columns}
    assert columns["score"].direction == "descending"
    assert columns["score"].href.endswith("sorter=score")
    assert columns["name"].href.startswith("/en/?")


def test_every_municipality_has_a_page(world: World) -> None:
    for place in all_facts(world)[::25]:
        view = municipality_page(world, place.code, "nb")
        shown = [row.result.entry.key for group in view.groups for row in group.rows]
        folded = [found.entry.key for group in view.groups for found in group.unanswered]
        assert sorted(shown + folded) == sorted(world.catalogue.indicators)
        assert {row.result.entry.key for row in view.scored + view.unscored} == set(world.catalogue.factors)
        assert view.profile.peer_basis in PEER_BASES
        assert place.population_band in POPULATION_BANDS


def test_an_old_number_has_no_page(world: World) -> None:
    with pytest.raises(UnknownMunicipalityError):
        municipality_page(world, "1601", "nb")


def test_the_same_kind_of_post_gives_the_same_curves(world: World) -> None:
    alike = [place for place in all_facts(world) if (place.population_band, place.centrality_class) == ("under_2k", 6)]
    assert len({kind_of_post(world, place) for place in alike}) == 1
    views = [municipality_page(world, place.code, "nb") for place in alike[:2]]
    assert views[0].retention is views[1].retention


def test_the_departure_stands_beside_its_assumption_and_the_published_medians(world: World) -> None:
    view = municipality_page(world, "5061", "nb").retention
    assert view.departure.within_years == 2.0
    assert view.departure.assumption is not None
    assert [band.band for band in view.published] == ["national", "under_2k", "over_50k"]
    assert view.departure.assumption.key in ASSUMPTION_SOURCES


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5000–10 000 innbyggere", "5000–\u206010\u00a0000 innbyggere"),
        ("90 % intervall", "90\u00a0% intervall"),
        ("om 2 år", "om 2\u00a0år"),
        ("5001 Trondheim", "5001 Trondheim"),
    ],
)
def test_numbers_do_not_break(text: str, shown: str) -> None:
    assert unbroken(text) == shown
    assert unbroken(Markup(text)) == text


def test_the_actual_share_is_placed_in_the_normal_range() -> None:
    assert position(OUTCOME) == "within"
    assert position(replace(OUTCOME, actual=0.3)) == "above"
    assert position(replace(OUTCOME, actual=0.0, normal_lower=0.01)) == "below"


@pytest.mark.parametrize("highest", [0.0, 0.004, 0.049, 0.05, 0.251, 0.7, 1.0])
def test_the_axis_holds_everything_in_a_few_even_steps(highest: float) -> None:
    ticks = outcome_ticks(replace(OUTCOME, actual=0.0, expected=0.0, expected_upper=0.0, normal_upper=highest), "share")
    assert ticks[0] == 0
    assert highest <= ticks[-1] + 1e-9 <= 1.0 + 1e-6
    assert 2 <= len(ticks) <= 5


@pytest.mark.parametrize(("centrality_class", "pair"), [(1, "1–2"), (2, "1–2"), (5, "5–6"), (6, "5–6")])
def test_classes_come_in_pairs(centrality_class: int, pair: str) -> None:
    assert class_pair(centrality_class) == pair


def test_every_kind_has_words(world: World) -> None:
    assert {factor.kind for factor in world.catalogue.factors.values()} <= set(KINDS)


@pytest.mark.parametrize(("score", "number"), [(None, None), (0.0, 0), (9.9, 0), (10.0, 1), (50.0, 3), (100.0, 5)])
def test_scores_fall_into_six_classes(score: float | None, number: int | None) -> None:
    assert score_class(score) == number


def test_the_map_lies_inside_its_drawing(world: World) -> None:
    drawing = tile_drawing(world.snapshot)
    assert all(0 < tile.x < drawing.width and 0 < tile.y < drawing.height for tile in drawing.tiles)
    assert len({(tile.x, tile.y) for tile in drawing.tiles}) == 357
    assert len(drawing.labels) == 15


def test_a_chart_is_one_named_image_that_needs_no_inline_style() -> None:
    curve = Curve("a", "#0051be", (), (0.0, 5.0), (1.0, 0.5), (1.0, 0.4), (1.0, 0.6))
    svg = curves_svg((curve,), ChartWords("Tittel <b>", "Forklaring", "År", "Andel", "\u00a0%"), 200, 120, "key")
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert [child.text for child in root][:2] == ["Tittel <b>", "Forklaring"]
    assert all(element.get("style") is None and not element.tag.endswith("}style") for element in root.iter())


def test_charts_tell_their_curves_in_words(world: World) -> None:
    view = municipality_page(world, "5061", "en").retention
    charts = retention_charts(view, "en")
    assert "still last after 5 years" in charts.wide
    assert charts.narrow != charts.wide
