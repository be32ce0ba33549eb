"""What the solver says when time is up, and on instances larger than can be enumerated."""

from collections.abc import Callable
from itertools import count
from time import monotonic

import pytest
from numpy.random import default_rng

from bench.couples import Size, random_document
from engine.couple_solver import Status, solve_instance
from engine.couple_stability import UnsoundMatchingError, Verdict, verdict_on
from engine.instance import NOWHERE
from engine.instance_document import parsed_instance
from features.errors import InvalidInputError

NONE_STABLE = parsed_instance(
    {
        "proposers": [{"id": "s", "preferences": ["x", "y"]}],
        "posts": [
            {"id": "x", "capacity": 1, "preferences": [["a"], ["s"]]},
            {"id": "y", "capacity": 1, "preferences": [["s"], ["b"]]},
        ],
        "couples": [{"members": ["a", "b"], "preferences": [["x", "y"]]}],
    }
)


def jumping(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so much each time it is read."""
    readings = count()
    return lambda: next(readings) * seconds


def test_without_time_the_best_found_is_given_and_nothing_claimed() -> None:
    solution = solve_instance(NONE_STABLE, seconds=10, clock=jumping(100))
    assert (solution.status, solution.bound, len(solution.blocking)) == (Status.UNDECIDED, 0, 1)


def test_with_time_the_same_instance_is_proven_to_have_none() -> None:
    solution = solve_instance(NONE_STABLE, seconds=10, clock=jumping(0))
    assert (solution.status, solution.bound, len(solution.blocking)) == (Status.NONE_EXISTS, 1, 1)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_time_limit_is_above_zero(seconds: float) -> None:
    with pytest.raises(InvalidInputError, match="seconds"):
        solve_instance(NONE_STABLE, seconds=seconds, clock=monotonic)


@pytest.mark.parametrize(("seed", "tier"), [(seed, tier) for seed in range(6) for tier in (1, 4)])
def test_crowded_instances_are_decided_and_checked(seed: int, tier: int) -> None:
    instance = parsed_instance(random_document(Size(60, 30, 12, range(1), tier), default_rng(seed)))
    solution = solve_instance(instance, seconds=60, clock=monotonic)
    verdict = verdict_on(instance, solution.matching)
    assert verdict.is_allowed
    assert solution.status in (Status.STABLE, Status.NONE_EXISTS)
    assert verdict.is_stable is (solution.status is Status.STABLE)
    assert len(verdict.blocking) >= solution.bound


def test_people_against_lists_and_posts_over_capacity_are_found() -> None:
    number = {person: place for place, person in enumerate(NONE_STABLE.people)}
    matching = [NOWHERE] * 3
    matching[number["s"]] = matching[number["a"]] = 0
    verdict = verdict_on(NONE_STABLE, matching)
    assert verdict.overfull == (0,)
    assert sorted(verdict.unwilling) == [number["a"], number["b"]]
    assert not verdict.is_allowed


def test_a_failed_check_tells_what_was_claimed_and_found() -> None:
    error = UnsoundMatchingError(0, Verdict((), (1,), (2, 3)))
    assert "1 posts over capacity and 2 people" in str(error)
