"""A couple's part of the answer: the right reason, and nothing of the partner's own list."""

from dataclasses import replace

import pytest

from engine.candidate_view import candidate_view
from engine.candidates import Candidate
from engine.joint_answer import BetterLikedPair
from engine.joint_wishes import JointReach, JointWishes
from engine.match_run import run_match
from engine.round_terms import LimitKind, MinimumQuota, RoundTerms, SharedLimit
from engine.why_not import Unavailable, WhatWouldChange
from tests.unit.engine.test_match_run import SCORES, SEED, TODAY, doctor, post

POSTS = [replace(post("0301", 1), post_id=name) for name in ("M1", "M2", "X", "Y", "Z")]
PAIRS = JointWishes(("A1", "A2"), own_ranking=(("X", "Y"), ("M1", "M2")))
X_AND_Y = frozenset({"X", "Y"})


def ranking(name: str, *posts: str, is_specialist: bool = False) -> Candidate:
    found = doctor(name, is_specialist=is_specialist)
    return replace(found, wishes=replace(found.wishes, own_ranking=posts))


def better_liked(terms: RoundTerms) -> BetterLikedPair:
    doctors = [ranking("S1", "Z", is_specialist=True), ranking("A1"), ranking("A2")]
    result = run_match(doctors, POSTS, SCORES, SEED, TODAY, joint=[PAIRS], terms=terms)
    assert [(pair.candidate_id, pair.post_id) for pair in result.assignments] == [
        ("A1", "M1"),
        ("A2", "M2"),
        ("S1", "Z"),
    ]
    joint = candidate_view(result, "A1").joint
    assert joint is not None
    (pair,) = joint.better_liked
    return pair


def test_a_cap_with_one_seat_free_keeps_a_couple_out_and_says_why() -> None:
    pair = better_liked(RoundTerms(minimums=(MinimumQuota("MIN", 2, frozenset({"M1", "M2"})),)))
    assert pair.own is not None
    told = (pair.own.why, pair.own.what_would_change, pair.own.limit_id, pair.partner_why)
    assert told == (
        Unavailable.LEAST_NUMBERS, WhatWouldChange.SMALLER_LEAST_NUMBERS, None, Unavailable.LEAST_NUMBERS,
    )  # fmt: skip


@pytest.mark.parametrize("roomy", ["A", "Z"])
def test_of_two_limits_the_one_without_room_for_both_is_named(roomy: str) -> None:
    quota = SharedLimit(roomy, LimitKind.REGIONAL_QUOTA, 9, X_AND_Y)
    pair = better_liked(RoundTerms((quota, SharedLimit("B", LimitKind.SUPERVISION, 1, X_AND_Y))))
    assert pair.own is not None
    assert (pair.own.limit_id, pair.own.what_would_change) == ("B", WhatWouldChange.MORE_SUPERVISION_HOURS)


def test_of_a_list_made_from_both_own_lists_a_member_sees_no_post_of_the_partners() -> None:
    doctors = [
        ranking("S1", "X", is_specialist=True),
        ranking("S2", "Y", is_specialist=True),
        ranking("A1", "X", "M1"),
        ranking("A2", "Y", "M2", "Z"),
    ]
    couple = JointWishes(("A1", "A2"), JointReach.ANYWHERE, takes_one=True)
    result = run_match(doctors, POSTS, SCORES, SEED, TODAY, joint=[couple], regions={"0301": "a"})
    view = candidate_view(result, "A1")
    assert view.joint is not None
    assert (view.post_id, view.joint.partner_post_id) == ("M1", "M2")
    assert [(pair.post_id, pair.is_partner_told) for pair in view.joint.better_liked] == [("X", False)]
    assert {name for name in ("Y", "Z") if f"'{name}'" in repr(view)} == set()
