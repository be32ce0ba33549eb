from collections.abc import Iterable, Mapping
from datetime import date

import pytest
from starlette.datastructures import FormData

from api.pages.form_reader import FormReader
from api.pages.places_answer import MOST_PLACES, MOST_POSTS, PlacesAnswer, places_answer, rounded_to_sum
from api.pages.places_form import IMPORTANCE, LEAST_SCORE, WEIGHTS, AskedPlaces, empty_form, field_names, read_places
from api.pages.places_ranking import RANKING, read_ranking, with_picked
from api.pages.places_routes import counties, post_choices
from api.pages.post_facts import post_facts
from api.services.matching import weighed_factors
from api.services.places import own_places, vacant_posts
from api.services.world import World
from engine.candidates import ContractForm, LanguageLevel, PartnerOccupation

TODAY = date(2026, 11, 28)
SENT = {"legen": "spesialist", "norsk": "C1", "stilling": "100", "vekt-workload": "mye"}


SALARIED = (("avtale", "salaried"),)


def read(world: World, changes: Mapping[str, str] = SENT, also: Iterable[tuple[str, str]] = SALARIED) -> AskedPlaces:
    codes = tuple(code for code, _ in counties(world))
    form = FormData([*(SENT | dict(changes)).items(), *also])
    return read_places(form, tuple(weighed_factors(world)), codes, TODAY, "nb", post_choices(world, TODAY))


def answered(world: World, asked: AskedPlaces) -> PlacesAnswer:
    assert asked.candidate is not None, asked.errors
    return places_answer(world, own_places(world, asked.candidate, TODAY), weighed_factors(world), "nb")


def test_wishes_limits_and_qualifications_are_read_as_they_are_sent(world: World) -> None:
    asked = read(
        world,
        {
            "vekt-professional_community": "krav",
            "partner": "hoyere",
            "yrke": "health",
            "senest": "2027-08-01",
            "vakt": "6",
            "liste": "1 000",
            "veileder": "ja",
            "legen": "alis",
            "autorisasjon": "nei",
            "stilling": "80",
            "fra": "2027-01-15",
        },
        (*SALARIED, ("fylke", "50"), ("fylke", "18")),
    )
    assert asked.errors == {}
    assert asked.candidate is not None
    wishes, formal = asked.candidate.wishes, asked.candidate.qualifications
    weights = dict(wishes.factor_weights)
    assert (weights["workload"], weights["professional_community"], weights["flexibility"]) == (3.0, 3.0, 0.0)
    assert wishes.factor_limits == (("professional_community", LEAST_SCORE),)
    assert (wishes.partner_occupation_group, wishes.partner_occupation) == (
        PartnerOccupation.HIGHER_EDUCATION,
        "health",
    )
    assert (wishes.counties, wishes.contract_forms) == (frozenset({"50", "18"}), frozenset({ContractForm.SALARIED}))
    assert (wishes.latest_start, wishes.oncall_rota_min, wishes.list_length_max) == (date(2027, 8, 1), 6, 1000)
    assert wishes.wants_supervisor
    assert (formal.in_training, formal.is_specialist, formal.lis1_complete) == (True, False, True)
    assert (formal.authorised, formal.language_level, formal.fte) == (False, LanguageLevel.C1, 0.8)
    assert formal.available_from == date(2027, 1, 15)


def test_no_ticked_county_means_the_whole_country_and_no_date_means_today(world: World) -> None:
    asked = read(world)
    assert asked.candidate is not None
    assert asked.candidate.wishes.counties is None
    assert asked.candidate.qualifications.available_from == TODAY


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"vakt": "mange"}, "vakt", "1 til 50"),
        ({"vakt": "2,5"}, "vakt", "1 til 50"),
        ({"liste": "-1"}, "liste", "1 til 5000"),
        ({"senest": "1. august"}, "senest", "2026-11-28"),
        ({"fra": "0001-01-01"}, "fra", "år-måned-dag"),
        ({"stilling": "0"}, "stilling", "10 til 100"),
        ({"legen": "professor"}, "legen", "Velg"),
        ({"norsk": "D1"}, "norsk", "Velg"),
        ({"partner": "ingen", "yrke": "health"}, "partner", "yrkesgruppen"),
        ({"vekt-workload": "ikke"}, "vekt-professional_community", "minst én"),
        ({"vekt-workload": "kanskje"}, "vekt-workload", "Velg"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world: World, changes: dict[str, str], field: str, told: str) -> None:
    asked = read(world, changes)
    assert asked.candidate is None
    assert told in asked.errors[field]


def test_a_doctor_without_a_contract_form_is_asked_for_one(world: World) -> None:
    assert "avtaleform" in read(world, also=()).errors["avtale"]
    assert "avtale" in read(world, also=[("avtale", "volunteer")]).errors


def test_the_empty_form_could_be_sent_as_it_stands(world: World) -> None:
    factors = tuple(weighed_factors(world))
    form = empty_form(factors)
    assert {*form.texts, *form.several} == field_names(factors)
    sent = FormData([*form.texts.items(), *(("avtale", value) for value in form.several["avtale"])])
    assert read_places(sent, factors, (), TODAY, "nb").errors == {}
    assert set(WEIGHTS) == set(IMPORTANCE)


def test_a_form_sent_in_part_stands_with_what_it_was_taken_for(world: World) -> None:
    sent = FormData([("avtale", "salaried"), ("vekt-workload", "mye")])
    asked = read_places(sent, tuple(weighed_factors(world)), (), TODAY, "nb")
    assert asked.errors == {}
    assert (asked.texts["legen"], asked.texts["vekt-flexibility"]) == ("spesialist", "ikke")


def test_the_parts_of_every_place_add_up_to_its_points(world: World) -> None:
    wished = {"vekt-partner_jobs": "litt", "vekt-flexibility": "mye", "partner": "annet"}
    answer = answered(world, read(world, wished))
    assert len(answer.places) == MOST_PLACES
    assert 0 < len(answer.posts) <= MOST_POSTS
    found = [(place.parts, place.score) for place in answer.places] + [
        (post.parts, post.score) for post in answer.posts
    ]
    for parts, score in found:
        assert sum(part.points for part in parts) == pytest.approx(round(score, 1), abs=1e-9)
        assert all(part.start + part.points <= 100 + 1e-9 for part in parts)
    assert [place.rank for place in answer.places] == sorted(place.rank for place in answer.places)
    assert [post.position for post in answer.posts] == list(range(1, len(answer.posts) + 1))


def test_tiles_outside_the_counties_have_no_place_and_the_others_a_colour(world: World) -> None:
    answer = answered(world, read(world, also=(*SALARIED, ("fylke", "50"))))
    for tile in answer.tiles.values():
        assert (tile.rank is not None) == (tile.facts.county_code == "50") == (tile.colour_class is not None)
    best = min((tile for tile in answer.tiles.values() if tile.rank), key=lambda tile: tile.rank or 0)
    assert (best.colour_class, best.facts.name) == (5, answer.places[0].facts.name)
    assert {post.facts.county_name for post in answer.posts} <= {"Trøndelag"}


def test_what_nearly_fits_says_which_limit_or_what_would_change_it(world: World) -> None:
    nearly = answered(world, read(world, {"vakt": "12"})).nearly
    assert any(post.is_own_wish and "høyst 1 av 12" in post.lacks for post in nearly)
    found = answered(world, read(world, {"norsk": "B1"}))
    assert found.posts == ()
    assert {(post.is_own_wish, post.change) for post in found.nearly} == {(False, "dokumentert norsk på nivå B2")}


def test_stay_is_told_beside_a_post_and_never_under_a_contract_without_figures(world: World) -> None:
    asked = read(world, also=[("avtale", form.value) for form in ContractForm])
    assert asked.candidate is not None
    found = own_places(world, asked.candidate, TODAY)
    told = {found.posts[post.post_id].contract_form: post.outlook for post in found.places.posts[:20]}
    outlook = told[ContractForm.SELF_EMPLOYED]
    assert outlook is not None
    assert outlook.is_simulated
    assert all(
        post.outlook is None
        for post in found.places.posts
        if found.posts[post.post_id].contract_form is ContractForm.MUNICIPAL_OPERATED
    )


@pytest.mark.parametrize("points", [[], [0.05], [33.333, 33.333, 33.333], [12.34, 56.78, 0.0, 9.99]])
def test_rounded_parts_add_up_to_the_rounded_sum(points: list[float]) -> None:
    rounded = rounded_to_sum(points)
    assert sum(rounded) == pytest.approx(round(sum(points), 1), abs=1e-9)
    assert all(abs(part - point) <= 0.1 for part, point in zip(rounded, points, strict=True))


def test_a_posts_terms_are_said_in_the_readers_language(world: World) -> None:
    post = vacant_posts(world, TODAY)["POST-1833"]
    terms = post_facts(post, "en")
    assert terms.capacity == post.capacity == 6
    assert terms.rota == f"1 in {post.oncall_rota_n}"
    assert terms.is_simulated


def test_an_own_ranking_by_number_or_municipality_overrides_the_order_and_the_limits(world: World) -> None:
    ranked = read(world, {"rekkefolge": "post-1833 > Steinkjer;\nHammerfest,", "liste": "1"})
    assert ranked.candidate is not None, ranked.errors
    assert ranked.candidate.wishes.own_ranking == ("POST-1833", "POST-5006", "POST-5603")
    answer = answered(world, read(world, {"rekkefolge": "Hammerfest > Rana", "liste": "1", "legen": "spesialist"}))
    assert [post.facts.name for post in answer.posts] == ["Hammerfest", "Rana"]
    assert answer.is_own_ranking
    assert not answered(world, read(world)).is_own_ranking


@pytest.mark.parametrize(
    ("ranking", "told"),
    [
        ("Rana > Atlantis", "«Atlantis» er ingen ledig stilling"),
        ("POST-9999", "«POST-9999» er ingen ledig stilling"),
        ("Rana > POST-1833", "«POST-1833» står to ganger"),
    ],
)
def test_a_wrong_ranking_is_told_at_its_field(world: World, ranking: str, told: str) -> None:
    asked = read(world, {"rekkefolge": ranking})
    assert asked.candidate is None
    assert asked.errors["rekkefolge"].startswith(told)
    assert asked.texts["rekkefolge"] == ranking


def test_two_municipalities_of_one_name_are_told_apart_by_number() -> None:
    choices = {"POST-1818": "Herøy", "POST-1515": "Herøy", "POST-5612": "Guovdageaidnu - Kautokeino"}
    reader = FormReader({RANKING: "Herøy"}, {}, "nb")
    assert read_ranking(reader, choices) is None
    assert reader.errors[RANKING] == "Flere stillinger passer med «Herøy». Skriv nummeret: POST-1515, POST-1818."
    assert read_ranking(FormReader({RANKING: "kautokeino > POST-1515"}, {}, "nb"), choices) == (
        "POST-5612",
        "POST-1515",
    )


def test_a_post_picked_from_the_list_comes_last_and_nothing_is_answered_yet(world: World) -> None:
    asked = read(world, {"rekkefolge": "Rana >", "velg": "POST-5603", "legg-til": "Sett den sist"})
    assert (asked.texts["rekkefolge"], asked.errors, asked.candidate) == ("Rana > POST-5603", {}, None)
    assert with_picked("", "POST-5603", {"POST-5603": "Hammerfest"}) == "POST-5603"
    assert with_picked("Rana", "POST-9999", {"POST-5603": "Hammerfest"}) == "Rana"
    assert read(world, {"velg": "", "legg-til": "Sett den sist"}).candidate is not None, "Enter sends the form itself"
