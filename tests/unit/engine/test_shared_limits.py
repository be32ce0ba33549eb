"""Hand-worked cases of posts that share limits, and instances larger than can be enumerated."""

from time import monotonic

import pytest
from numpy.random import default_rng

from bench.couples import Size, random_document
from engine.couple_market import market_of
from engine.couple_solver import Status, solve_instance
from engine.couple_stability import UnsoundMatchingError, Verdict, verdict_on
from engine.instance import NOWHERE
from engine.instance_document import parsed_instance
from engine.limited_acceptance import limited_acceptance

ONE_SUPERVISOR = parsed_instance(
    {
        "proposers": [
            {"id": "anna", "preferences": ["lom", "skjåk"]},
            {"id": "berit", "preferences": ["skjåk", "vågå"]},
            {"id": "carl", "preferences": ["vågå"]},
        ],
        "posts": [
            {"id": "lom", "capacity": 1, "preferences": [[], [], ["anna"]]},
            {"id": "skjåk", "capacity": 1, "preferences": [["berit"], [], ["anna"]]},
            {"id": "vågå", "capacity": 1, "preferences": [["berit"], ["carl"]]},
        ],
        "limits": [{"id": "supervisor", "capacity": 2, "posts": ["lom", "skjåk", "vågå"]}],
    }
)
"""Three municipalities share a supervisor who can take two doctors in training."""


def test_three_municipalities_share_one_supervisor() -> None:
    solution = solve_instance(ONE_SUPERVISOR, seconds=10, clock=monotonic)
    assert (solution.status, solution.matching) == (Status.STABLE, [NOWHERE, 1, 2])


def test_a_limit_over_capacity_is_found_where_no_post_is() -> None:
    verdict = verdict_on(ONE_SUPERVISOR, [0, 1, 2])
    assert (verdict.overfull, verdict.overfull_limits, verdict.is_allowed) == ((), (0,), False)


def test_who_ranks_worse_in_the_limit_does_not_block_a_free_place() -> None:
    assert verdict_on(ONE_SUPERVISOR, [NOWHERE, 1, 2]).is_stable
    pushed_out = verdict_on(ONE_SUPERVISOR, [0, 1, NOWHERE])
    assert [(entry.people, entry.posts) for entry in pushed_out.blocking] == [((2,), (2,))]


def test_whoever_has_a_seat_keeps_it_so_that_a_worse_rank_can_undo_every_matching() -> None:
    """Jo has the seat at y by rank; moving to x keeps it; there Kim ranks better and takes it; then Jo wants y."""
    instance = parsed_instance(
        {
            "proposers": [{"id": "jo", "preferences": ["x", "y"]}, {"id": "kim", "preferences": ["z"]}],
            "posts": [
                {"id": "x", "capacity": 1, "preferences": [[], [], ["jo"]]},
                {"id": "y", "capacity": 1, "preferences": [["jo"]]},
                {"id": "z", "capacity": 1, "preferences": [[], ["kim"]]},
            ],
            "limits": [{"id": "shared", "capacity": 1, "posts": ["x", "y", "z"]}],
        }
    )
    assert limited_acceptance(market_of(instance), seed=1) is None
    solution = solve_instance(instance, seconds=10, clock=monotonic)
    assert (solution.status, solution.bound, len(solution.blocking)) == (Status.NONE_EXISTS, 1, 1)


def test_limits_that_overlap_can_leave_nothing_stable_without_any_couple() -> None:
    """Bo at x leaves Ada y, where she takes Bo's seat; then z is free for her; then y is Cy's; then x is Bo's again."""
    instance = parsed_instance(
        {
            "proposers": [
                {"id": "bo", "preferences": ["x"]},
                {"id": "ada", "preferences": ["z", "y"]},
                {"id": "cy", "preferences": ["y"]},
            ],
            "posts": [
                {"id": "x", "capacity": 1, "preferences": [[], ["bo"]]},
                {"id": "y", "capacity": 1, "preferences": [["ada"], [], ["cy"]]},
                {"id": "z", "capacity": 1, "preferences": [[], [], ["ada"]]},
            ],
            "limits": [
                {"id": "x or z", "capacity": 1, "posts": ["x", "z"]},
                {"id": "x or y", "capacity": 1, "posts": ["x", "y"]},
            ],
        }
    )
    assert limited_acceptance(market_of(instance), seed=1) is None
    solution = solve_instance(instance, seconds=10, clock=monotonic)
    assert (solution.status, solution.bound, len(solution.blocking)) == (Status.NONE_EXISTS, 1, 1)


def test_a_limit_without_seats_closes_its_posts_for_whom_it_counts() -> None:
    document = {
        "proposers": [{"id": "a", "preferences": ["x", "y"]}, {"id": "b", "preferences": ["x"]}],
        "posts": [
            {"id": "x", "capacity": 2, "preferences": [["a", "b"]]},
            {"id": "y", "capacity": 1, "preferences": [["a"]]},
        ],
        "limits": [{"id": "none", "capacity": 0, "posts": ["x"], "people": ["a"]}],
    }
    solution = solve_instance(parsed_instance(document), seconds=10, clock=monotonic)
    assert (solution.status, solution.matching) == (Status.STABLE, [1, 0])


@pytest.mark.parametrize(("seed", "couples"), [(seed, couples) for seed in range(2) for couples in (0, 4)])
def test_crowded_instances_with_limits_are_decided_and_checked(seed: int, couples: int) -> None:
    rng = default_rng(seed)
    document = random_document(Size(40, couples, 12, range(1)), rng)
    document["limits"] = [
        {"id": number, "capacity": 6, "posts": [int(post) for post in rng.choice(12, 3, replace=False)]}
        for number in range(4)
    ]
    instance = parsed_instance(document)
    solution = solve_instance(instance, seconds=5, clock=monotonic)
    verdict = verdict_on(instance, solution.matching)
    assert verdict.is_allowed
    assert solution.status in (Status.STABLE, Status.NONE_EXISTS)
    assert verdict.is_stable is (solution.status is Status.STABLE)
    assert len(verdict.blocking) >= solution.bound


def test_a_failed_check_tells_of_limits_too() -> None:
    assert "1 limits over capacity" in str(UnsoundMatchingError(0, Verdict((), (), (), (3,))))
