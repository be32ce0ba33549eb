"""Hand-worked cases of reversion and least numbers."""

from collections.abc import Callable
from itertools import count
from time import monotonic
from typing import Any

import pytest

from engine.instance import NOWHERE
from engine.instance_document import parsed_instance
from engine.minimum_quota import Cap, Minimum, MinimumStatus, Reached
from engine.reversion import Moved, RevertingPlaces
from engine.terms_allocation import allocate
from features.errors import InvalidInputError


def post(identifier: str, capacity: int, *tiers: str) -> dict[str, Any]:
    return {"id": identifier, "capacity": capacity, "preferences": [tier.split() for tier in tiers]}


CITY_AND_NORTH = parsed_instance(
    {
        "proposers": [
            {"id": "anna", "preferences": ["city", "north"]},
            {"id": "berit", "preferences": ["city", "north"]},
            {"id": "carl", "preferences": ["city"]},
        ],
        "posts": [post("city", 3, "carl", "anna", "berit"), post("north", 2, "anna", "berit")],
    }
)


def test_an_alis_place_that_nobody_fills_becomes_a_salaried_one() -> None:
    instance = parsed_instance(
        {
            "proposers": [{"id": name, "preferences": ["salaried"]} for name in ("anna", "berit")],
            "posts": [post("alis", 2, "anna berit"), post("salaried", 1, "anna", "berit")],
        }
    )
    allocation = allocate(instance, [(0, 1)], seconds=10, clock=monotonic)
    assert (allocation.matching, allocation.capacities) == ([1, 1], (0, 3))
    assert allocation.moved == (Moved(0, 1, 2),)


def test_a_place_goes_on_where_filling_one_post_empties_another() -> None:
    """The place of x goes to y; Anna moves there from z, whose place then goes to w."""
    instance = parsed_instance(
        {
            "proposers": [{"id": "anna", "preferences": ["y", "z"]}, {"id": "berit", "preferences": ["w"]}],
            "posts": [post("x", 1), post("y", 0, "anna"), post("z", 1, "anna"), post("w", 0, "berit")],
        }
    )
    allocation = allocate(instance, [(0, 1), (2, 3)], seconds=10, clock=monotonic)
    assert (allocation.matching, allocation.capacities) == ([1, 3], (0, 1, 0, 1))


def test_an_added_place_under_a_full_limit_costs_who_ranks_worst_a_seat() -> None:
    document = {
        "proposers": [{"id": "anna", "preferences": ["x"]}, {"id": "berit", "preferences": ["y"]}],
        "posts": [post("empty", 1), post("x", 0, "anna"), post("y", 1, "", "berit")],
        "limits": [{"id": "shared", "capacity": 1, "posts": ["x", "y"]}],
    }
    instance = parsed_instance(document)
    assert allocate(instance, seconds=10, clock=monotonic).matching == [NOWHERE, 2]
    assert allocate(instance, [(0, 1)], seconds=10, clock=monotonic).matching == [1, NOWHERE]


def test_without_time_for_another_search_places_stay_and_that_is_told() -> None:
    allocation = allocate(CITY_AND_NORTH, [(1, 0)], seconds=10, clock=jumping(6))
    assert (allocation.capacities, allocation.moved, allocation.reversion_is_complete) == ((3, 2), (), False)


def test_a_least_number_is_met_by_a_cap_and_the_price_is_told() -> None:
    allocation = allocate(CITY_AND_NORTH, [], [Minimum("north", 1, frozenset({1}))], seconds=10, clock=monotonic)
    assert allocation.matching == [0, 1, 0]
    assert allocation.minimum_status is MinimumStatus.MET_BY_CAP
    assert allocation.cap == Cap(places=2, worse_off=1, better_off=0, blocking=1)
    assert allocation.minimums == (Reached("north", 1, reached=1, without_cap=0),)


def test_one_place_less_can_bring_two_people_where_another_limit_gets_a_seat_back() -> None:
    """Turned away from the city, Berit goes to y and leaves her seat of the limit to Eve at x."""
    document = {
        "proposers": [
            {"id": "anna", "preferences": ["city"]},
            {"id": "berit", "preferences": ["city", "y"]},
            {"id": "carl", "preferences": ["town"]},
            {"id": "dina", "preferences": ["x"]},
            {"id": "eve", "preferences": ["x"]},
        ],
        "posts": [
            post("city", 2, "anna", "berit"),
            post("town", 1, "", "", "carl"),
            post("x", 2, "", "", "", "dina", "eve"),
            post("y", 1, "berit"),
        ],
        "limits": [{"id": "shared", "capacity": 3, "posts": ["city", "town", "x"]}],
    }
    minimum = Minimum("x and y", 3, frozenset({2, 3}))
    allocation = allocate(parsed_instance(document), [], [minimum], seconds=10, clock=monotonic)
    assert allocation.matching == [0, 3, NOWHERE, 2, 2]
    assert allocation.cap == Cap(places=1, worse_off=2, better_off=2, blocking=2)


def test_a_least_number_that_no_cap_gives_leaves_the_matching_as_it_was() -> None:
    minimum = Minimum("north", 3, frozenset({1}))
    allocation = allocate(CITY_AND_NORTH, [], [minimum], seconds=10, clock=monotonic)
    assert allocation.matching == [0, 0, 0]
    assert (allocation.minimum_status, allocation.cap) == (MinimumStatus.NOT_FEASIBLE, None)
    assert allocation.minimums == (Reached("north", 3, reached=0, without_cap=0),)


def test_a_least_number_that_is_there_needs_no_cap() -> None:
    minimum = Minimum("city", 3, frozenset({0}))
    allocation = allocate(CITY_AND_NORTH, [], [minimum], seconds=10, clock=monotonic)
    assert (allocation.minimum_status, allocation.cap) == (MinimumStatus.MET, None)


def test_without_time_for_caps_nothing_is_claimed_of_the_least_number() -> None:
    minimum = Minimum("north", 1, frozenset({1}))
    allocation = allocate(CITY_AND_NORTH, [], [minimum], seconds=10, clock=jumping(6))
    assert allocation.minimum_status is MinimumStatus.UNDECIDED
    assert allocation.matching == [0, 0, 0]


@pytest.mark.parametrize("reversions", [[(0, 0)], [(0, 2)], [(-1, 0)], [(0, 1), (0, 1)]])
def test_reversions_join_two_posts_and_each_gives_once(reversions: list[tuple[int, int]]) -> None:
    with pytest.raises(InvalidInputError, match="reversions"):
        RevertingPlaces((1, 1), reversions)


def test_a_least_number_is_one_or_more_and_time_above_zero() -> None:
    with pytest.raises(InvalidInputError, match="at_least"):
        allocate(CITY_AND_NORTH, [], [Minimum("north", 0, frozenset({1}))], seconds=10, clock=monotonic)
    for seconds in (0, -1, float("nan")):
        with pytest.raises(InvalidInputError, match="seconds"):
            allocate(CITY_AND_NORTH, seconds=seconds, clock=monotonic)


def jumping(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so much each time it is read."""
    readings = count()
    return lambda: next(readings) * seconds


@pytest.mark.parametrize("seconds", [0.0, -3.0])
def test_a_time_limit_that_is_none_is_told_as_it_was_given(seconds: float) -> None:
    with pytest.raises(InvalidInputError, match=f"{seconds}"):
        allocate(CITY_AND_NORTH, seconds=seconds, clock=monotonic)
