from dataclasses import replace
from xml.etree import ElementTree

import pytest

from api.pages.post_answer import PostAnswer, post_answer
from api.pages.post_curves import STYLES, curves_page, known_grouping
from api.pages.post_form import FIELDS, read_post
from api.pages.retention import kind_of_post
from api.pages.retention_charts import form_charts
from api.services.post_forecast import answer_for
from api.services.profile import all_facts
from api.services.world import World
from features.errors import UnknownKeyError
from models.forecast import PostProfile
from models.group_curves import GROUPINGS
from models.post_forecast import YearSpan

PLACE = {"innbyggere": "4 000", "sentralitet": "6"}


@pytest.fixture(scope="module")
def answer(world: World) -> PostAnswer:
    return post_answer(answer_for(world, PostProfile(4000, 6, None, "salaried", -2.0)), "nb")


def test_a_described_place_and_post_is_read_as_it_is_typed(world: World) -> None:
    typed = {"avtale": "salaried", "utdanning": "ja", "igjen": "2,5", "blitt": "1", "liste": "700"}
    asked = read_post(world, PLACE | typed, "nb")
    assert asked.errors == {}
    assert asked.profile == PostProfile(4000, 6, 700, "salaried", -2.5)
    assert asked.stayed_years == 1


def test_a_municipality_stands_for_its_kind_of_post_and_not_for_itself(world: World) -> None:
    for typed in ("Frøya", "5014", " frøya "):
        asked = read_post(world, {"kommune": typed}, "nb")
        facts = next(place for place in all_facts(world) if place.code == "5014")
        kind = kind_of_post(world, facts)
        assert asked.place == facts
        assert asked.profile == PostProfile(kind.population, kind.centrality_class, None, "self_employed", 0.0)


def test_an_empty_form_has_neither_errors_nor_an_answer(world: World) -> None:
    asked = read_post(world, {}, "nb")
    assert (asked.errors, asked.profile) == ({}, None)
    assert set(asked.texts) == set(FIELDS)


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"avtale": "salaried"}, "kommune", "innbyggere og sentralitetsklasse"),
        ({"kommune": "Blåblå"}, "kommune", "Blåblå"),
        ({"kommune": "Herøy"}, "kommune", "kan bety"),
        ({"kommune": "1601"}, "kommune", "Trondheim"),
        (PLACE | {"innbyggere": "-5"}, "innbyggere", "2000000"),
        (PLACE | {"innbyggere": "nan"}, "innbyggere", "tall"),
        (PLACE | {"sentralitet": "2.5"}, "sentralitet", "Velg"),
        (PLACE | {"avtale": "vikar"}, "avtale", "Velg"),
        (PLACE | {"utdanning": "ja", "igjen": "99"}, "igjen", "0,25 til 7"),
        (PLACE | {"blitt": "13"}, "blitt", "12"),
        (PLACE | {"liste": "mange"}, "liste", "5000"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world: World, typed: dict[str, str], field: str, told: str) -> None:
    asked = read_post(world, typed, "nb")
    assert asked.profile is None
    assert told in asked.errors[field]


def test_years_left_are_of_no_use_for_a_specialist(world: World) -> None:
    asked = read_post(world, PLACE | {"utdanning": "nei", "igjen": "3"}, "nb")
    assert asked.profile is not None
    assert asked.profile.years_since_specialist == 0


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (YearSpan(4, 7), "over etter 4–7 år."),
        (YearSpan(6, None), "over etter 6 år eller mer."),
        (None, "lenger enn tallene rekker."),
    ],
)
def test_the_answer_is_said_in_whole_years_with_the_peers_beside(
    answer: PostAnswer, span: YearSpan | None, told: str
) -> None:
    answer = post_answer(replace(answer.found, span=span), "nb")
    assert answer.sentences[0].endswith(told)
    assert "90 % intervall" in answer.sentences[1]
    assert answer.sentences[2].startswith("I like stillinger")
    assert "sentralitetsklasse 6" in answer.peers


def test_bars_lie_within_their_axis_and_point_where_their_words_say(answer: PostAnswer) -> None:
    for bar in (*answer.levers, *answer.structure):
        assert 0 <= bar.lower <= bar.upper <= 100
        assert bar.start >= 0
        assert bar.start + bar.width <= 100
        assert ("kortere" in bar.effect) == (round(bar.driver.years, 1) < 0)
    assert [bar.driver.field for bar in answer.levers] == ["contract_form", "years_since_specialist"]


@pytest.mark.parametrize("stayed", [0.0, 9.0, 12.5])
def test_late_stays_are_told_without_what_was_never_observed(world: World, stayed: float) -> None:
    found = answer_for(world, PostProfile(200_000, 1, None, "self_employed", 5.0), stayed)
    answer = post_answer(found, "en")
    assert any("already been there" in sentence for sentence in answer.sentences) == (stayed > 0)
    for drawing in (answer.charts.wide, answer.charts.narrow):
        assert ElementTree.fromstring(drawing).attrib["role"] == "img"


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_group_has_a_line_of_its_own(world: World, by: str) -> None:
    page = curves_page(world, known_grouping(by), "nb")
    assert 2 <= len(page.rows) <= len(STYLES)
    assert len({row.name for row in page.rows}) == len(page.rows)
    assert page.is_simulated
    for drawing in (page.charts.wide, page.charts.narrow):
        ElementTree.fromstring(drawing)


def test_groups_come_in_the_order_of_their_scale(world: World) -> None:
    assert [row.curve.group for row in curves_page(world, "population_band", "nb").rows] == [
        "under_2k",
        "2k_5k",
        "5k_10k",
        "10k_50k",
        "over_50k",
    ]
    with pytest.raises(UnknownKeyError):
        known_grouping("sex")


def test_the_municipality_page_draws_every_contract_form(world: World) -> None:
    from api.pages.municipality import municipality_page

    view = municipality_page(world, "5061", "nb").retention
    assert list(view.forms) == ["self_employed", "cooperation_contract_8_2", "salaried"]
    assert view.of_form("salaried", 5.0)[0] < 1
    ElementTree.fromstring(form_charts(view, "en").wide)
