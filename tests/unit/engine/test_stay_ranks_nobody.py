"""How long doctors stay is told of posts, to candidates; no path leads from it to an order of applicants."""

from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import grimp
import pytest

from engine.attractiveness import post_attractiveness
from engine.candidate_places import candidate_places
from engine.candidates import Candidate, Qualifications, Wishes
from engine.employer_view import EmployerView, employer_view
from engine.match_result import MatchResult
from engine.match_run import run_match
from engine.post_outlook import PostOutlook
from engine.posts import Post
from engine.protected_fields import protected_fields
from engine.ranking import post_order
from engine.vacancy_explanation import VacancyExplanation, vacancy_explanation
from features.errors import InvalidInputError
from tests.unit.engine.test_fairness import TODAY, doctors, posts, scores

TAKES_OUTLOOKS_IN = {"engine.candidate_places", "engine.post_outlook"}
GRAPH = grimp.build_graph("engine", "models", "features", cache_dir=None)


def test_nothing_but_the_candidates_own_page_can_reach_an_outlook() -> None:
    others = {name for name in GRAPH.modules if name.startswith("engine.")} - TAKES_OUTLOOKS_IN
    assert {"engine.match_run", "engine.ranking", "engine.employer_view"} <= others
    reached = {name for name in others if GRAPH.chain_exists(importer=name, imported="engine.post_outlook")}
    assert reached == set()


@pytest.mark.parametrize(
    "module", ["engine.match_run", "engine.ranking", "engine.employer_view", "engine.vacancy_explanation"]
)
def test_what_orders_applicants_and_answers_employers_imports_no_model(module: str) -> None:
    upstream = GRAPH.find_upstream_modules(module)
    assert {name for name in upstream if name.split(".")[0] == "models"} == set()


def held_types(kind: Any, seen: set[Any]) -> set[Any]:
    """Every dataclass that a value of this one can hold, at any depth."""
    if kind in seen:
        return seen
    if is_dataclass(kind):
        seen.add(kind)
        for hint in get_type_hints(kind).values():
            held_types(hint, seen)
    for inner in getattr(kind, "__args__", ()):
        held_types(inner, seen)
    return seen


@pytest.mark.parametrize("kind", [Candidate, Post, MatchResult, EmployerView, VacancyExplanation])
def test_no_value_on_the_employers_side_has_room_for_an_outlook_or_a_predicted_stay(kind: type) -> None:
    found = held_types(kind, set())
    assert kind in found
    assert PostOutlook not in found
    named = {field.name for each in found if each is not Wishes for field in fields(each)}
    assert {hit.field for hit in protected_fields(named) if hit.ground.key == "predicted_stay"} == set()


def employers_side(people: tuple[Candidate, ...], places: tuple[Post, ...]) -> object:
    result = run_match(people, places, scores(4), "seed", TODAY)
    formal: list[Qualifications] = [doctor.qualifications for doctor in people]
    return (
        [employer_view(result, post.post_id) for post in places],
        [vacancy_explanation(result, post.post_id) for post in places],
        [post_order(post, formal, result.lottery_places) for post in places],
        post_attractiveness([people], places, scores(4), places[0].post_id, lottery_seed="seed", today=TODAY),
    )


def test_other_forecasts_change_no_order_of_applicants_and_no_order_of_posts() -> None:
    """The page of every candidate is made between two rounds, with forecasts as far apart as can be."""
    people, places = doctors(4), posts(4)
    before = employers_side(people, places)
    orders = []
    for lower, upper in ((0, 1), (9, None)):
        outlooks = {post.post_id: PostOutlook(post.post_id, lower, upper, True, "model") for post in places}
        pages = [candidate_places(doctor, places, scores(4), TODAY, outlooks) for doctor in people]
        assert all(each.outlook == outlooks[each.post_id] for page in pages for each in page.posts)
        orders.append([[each.post_id for each in page.posts] for page in pages])
        assert employers_side(people, places) == before
    assert orders[0] == orders[1]


@pytest.mark.parametrize(("lower", "upper", "source"), [(-1, 2, "model"), (3, 2, "model"), (1, 2, "")])
def test_an_outlook_without_years_or_source_is_refused(lower: int, upper: int, source: str) -> None:
    with pytest.raises(InvalidInputError):
        PostOutlook("P1", lower, upper, True, source)
