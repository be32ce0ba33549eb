"""What the choice of side means, in figures that tell of nobody."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candidates import Candidate
from engine.choice_of_side import ChoiceOfSide, choice_of_side
from engine.joint_wishes import JointReach, JointWishes
from engine.match_result import MatchResult, StabilityStatus
from engine.match_run import run_match
from engine.posts import Post
from engine.round_figures import (
    SMALLEST_COUNT,
    ChoiceCounts,
    Limitation,
    choice_counts,
    limitations_of,
    round_figures,
    side_figures,
)
from tests.unit.engine.test_match_run import BODO, OSLO, SCORES, SEED, TODAY, doctor, post


def crossed(n: int, without: int = 0) -> MatchResult:
    """Specialists like best the post that takes trainees first, trainees the other: each side has its own optimum."""
    doctors = [doctor(f"S{i}", (BODO, 2.0), (OSLO, 1.0)) for i in range(n)]
    doctors += [doctor(f"T{i}", (OSLO, 2.0), (BODO, 1.0), is_specialist=False) for i in range(n)]
    doctors += [unable(f"U{i}") for i in range(without)]
    trainees_first = replace(post("1804", n), tiers=post("1804").tiers[::-1])
    return run_match(doctors, [trainees_first, post("0301", n)], SCORES, SEED, TODAY)


def unable(name: str) -> Candidate:
    found = doctor(name, (BODO, 2.0))
    return replace(found, qualifications=replace(found.qualifications, authorised=False))


def test_the_side_that_proposes_gets_its_first_choice_and_the_other_side_its_last() -> None:
    sides = choice_of_side(crossed(3, without=2))
    assert (dict(sides.proposal), dict(sides.post_side or {})) == ({1: 6, None: 2}, {2: 6, None: 2})
    assert sides.placed_differently == 6


def test_the_greatest_total_fit_is_at_least_the_proposals_and_tells_what_would_block_it() -> None:
    price = choice_of_side(crossed(1)).assignment
    assert price is not None
    # Own first choice (100) with the second place of two at the post (50), twice; or the other way round.
    assert (price.proposal_fit, price.greatest_fit, price.blocking_pairs) == (150, 150, 0)


def test_what_the_greatest_fit_costs_is_counted_in_pairs_that_block_it() -> None:
    """Bodø takes S; but T has nothing else, and S is nearly as glad of Oslo: one sum would send S away."""
    doctors = [doctor("S", (BODO, 2.0), (OSLO, 1.0)), doctor("T", (BODO, 2.0), is_specialist=False, list_limit=1)]
    price = choice_of_side(run_match(doctors, [post("1804"), post("0301")], SCORES, SEED, TODAY)).assignment
    assert price is not None
    assert (price.proposal_fit, price.greatest_fit) == (100, 75 + 75)
    assert (price.assigned, price.blocking_pairs) == (2, 1)


def test_figures_of_both_sides_are_told_where_all_of_them_are_of_five_or_more() -> None:
    sides = round_figures(simulated(crossed(10, without=8))).sides
    assert sides is not None
    assert sides.placed_differently == 20
    assert (sides.proposal, sides.post_side) == (None, None)  # nobody has a second choice: two classes cannot be told
    # Twenty first choices (50 each), and at each post the places 11 to 20 of 20: 2.75 whole fits, halved.
    assert sides.proposal_fit == 20 * 50 + 2 * 2.75 * 50
    assert sides.greatest_fit is not None
    assert sides.greatest_fit >= sides.proposal_fit
    assert sides.greatest_fit_blocking_pairs is not None


def test_both_distributions_are_told_where_their_classes_are_large_and_differ_by_many() -> None:
    told = side_figures(
        ChoiceOfSide({1: 20, 2: 10, None: 8}, {1: 10, 2: 20, None: 8}, 20, None), 38, are_simulated=True
    )
    assert (told.proposal, told.post_side) == (ChoiceCounts((20, 10), 8), ChoiceCounts((10, 20), 8))
    few = side_figures(ChoiceOfSide({1: 20, 2: 10, None: 8}, {1: 17, 2: 13, None: 8}, 6, None), 38, are_simulated=True)
    assert (few.proposal, few.post_side, few.placed_differently) == (ChoiceCounts((20, 10), 8), None, 6)


@pytest.mark.parametrize(("n", "told"), [(2, None), (3, 6)])
def test_how_many_would_be_placed_differently_is_not_told_of_few(n: int, told: int | None) -> None:
    sides = round_figures(simulated(crossed(n, without=8))).sides
    assert sides is not None
    assert sides.placed_differently == told


CHOICES = st.dictionaries(st.one_of(st.none(), st.integers(1, 9)), st.integers(0, 30))


@given(CHOICES, CHOICES, st.integers(0, 60))
def test_no_published_class_and_no_difference_between_sides_is_of_one_to_four(
    one: dict[int | None, int], other: dict[int | None, int], moved: int
) -> None:
    people = sum(one.values())
    figures = side_figures(ChoiceOfSide(one, other, moved, None), people, are_simulated=True)
    for counts in (figures.proposal, figures.post_side):
        for count in (*counts.counts, counts.without) if counts else ():
            assert SMALLEST_COUNT <= count <= people - SMALLEST_COUNT or counts is figures.post_side
    if figures.proposal and figures.post_side:
        apart = len(figures.post_side.counts)
        same = choice_counts(one, people, apart)
        assert same is not None
        gaps = [abs(a - b) for a, b in zip(same.counts, figures.post_side.counts, strict=True)]
        assert all(gap == 0 or gap >= SMALLEST_COUNT for gap in gaps)
        assert figures.placed_differently is not None


def simulated(result: MatchResult) -> MatchResult:
    return replace(result, candidates_simulated=True)


def joint_round(posts: list[Post]) -> MatchResult:
    doctors = [doctor(f"K{i}", (BODO, 2.0), (OSLO, 1.0)) for i in range(4)]
    joint = [JointWishes(("K0", "K1"), JointReach.SAME_MUNICIPALITY)]
    return run_match(doctors, posts, SCORES, SEED, TODAY, joint=joint)


def test_a_round_with_couples_tells_the_proposal_only_and_counts_places_on_joint_lists() -> None:
    result = joint_round([post("1804", 2), post("0301", 4)])
    sides = choice_of_side(result)
    assert sum(sides.proposal.values()) == 4
    where = {pair.candidate_id: pair.post_id for pair in result.assignments}
    assert where["K0"] == where["K1"]
    assert (sides.post_side, sides.placed_differently, sides.assignment) == (None, None, None)
    figures = round_figures(simulated(result))
    assert figures.sides is not None
    assert figures.sides.is_comparable is False
    assert (figures.stability, figures.bound) == (StabilityStatus.STABLE, 0)


def test_with_real_doctors_nothing_shows_by_its_absence_that_a_couple_takes_part() -> None:
    plain = [doctor(f"K{i}", (BODO, 2.0), (OSLO, 1.0)) for i in range(12)]
    posts = [post("1804", 6), post("0301", 6)]
    couple = JointWishes(("K0", "K1"), JointReach.SAME_MUNICIPALITY)
    for joint in ([], [couple]):
        sides = round_figures(run_match(plain, posts, SCORES, SEED, TODAY, joint=joint)).sides
        assert sides is not None
        assert {name for name in sides.__slots__ if getattr(sides, name) is not None} <= {"proposal"}


def test_limitations_follow_what_the_round_took_in() -> None:
    plain = set(limitations_of(crossed(1)))
    with_couples = set(limitations_of(joint_round([post("1804", 2), post("0301", 4)])))
    assert Limitation.NO_JOINT_LISTS in plain - with_couples
    assert Limitation.NO_BEST_FOR_ALL in with_couples - plain
    assert Limitation.SUPERVISION_NOT_COUNTED in plain & with_couples
