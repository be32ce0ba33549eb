"""Figures of a round tell nothing about few people."""

from dataclasses import replace

import pytest

from engine.candidates import Candidate
from engine.eligibility import RequirementReason
from engine.match_run import run_match
from engine.posts import Post
from engine.round_figures import RoundFigures, round_figures
from tests.unit.engine.test_match_run import BODO, OSLO, SCORES, SEED, TODAY, doctor, post


def figures(doctors: list[Candidate], posts: list[Post]) -> RoundFigures:
    return round_figures(run_match(doctors, posts, SCORES, SEED, TODAY))


def doctors(n: int, *, unable: int = 0, list_limit: int = 10) -> list[Candidate]:
    able = [doctor(f"K{i}", (BODO, 3.0), (OSLO, 1.0), list_limit=list_limit) for i in range(n)]
    return [
        replace(each, qualifications=replace(each.qualifications, authorised=i >= unable))
        for i, each in enumerate(able)
    ]


@pytest.mark.parametrize(
    ("unable", "shown"), [(0, None), (1, None), (4, None), (5, 5), (15, 15), (16, None), (20, None)]
)
def test_a_requirement_missed_by_few_or_by_nearly_all_is_not_counted(unable: int, shown: int | None) -> None:
    counted = figures(doctors(20, unable=unable), [post("1804", 3), post("0301", 3), post("5001", 3)])
    assert dict(counted.ineligible_candidates)[RequirementReason.NOT_AUTHORISED] == shown


def test_every_requirement_is_named_so_that_absence_tells_nothing() -> None:
    told = figures(doctors(20, unable=1), [post("1804")]).ineligible_candidates
    assert [reason for reason, _ in told] == list(RequirementReason)


@pytest.mark.parametrize(
    ("places", "matched", "unmatched"), [(4, None, None), (5, 5, 15), (15, 15, 5), (16, None, None)]
)
def test_matched_and_unmatched_are_both_told_or_neither(
    places: int, matched: int | None, unmatched: int | None
) -> None:
    counted = figures(doctors(20), [post("1804", places)])
    assert (counted.matched, counted.unmatched) == (matched, unmatched)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_number_of_pairs_does_not_tell_a_few_doctors_list_lengths(n: int) -> None:
    assert figures(doctors(n), [post("1804"), post("0301")]).proof.pairs_checked is None


def test_pairs_of_one_doctor_among_many_who_can_have_nothing_are_not_told() -> None:
    proof = figures(doctors(20, unable=19, list_limit=1), [post("1804"), post("0301")]).proof
    assert (proof.pairs_checked, proof.left_out_by_own_limit) == (None, None)


def test_what_own_limits_leave_out_is_told_beside_the_proof() -> None:
    proof = figures(doctors(20, list_limit=1), [post("1804", 8), post("0301", 20)]).proof
    assert (proof.pairs_checked, proof.left_out_by_own_limit, proof.blocking_pairs) == (20, 20, 0)
    assert proof.unmatched_with_free_place_left_out is None  # all 12 of the 12 unmatched
