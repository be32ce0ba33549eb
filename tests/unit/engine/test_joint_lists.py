"""Joint lists worked by hand: sums of positions, reach, one post only, own limits and own rankings."""

from dataclasses import replace

import pytest

from engine.joint_lists import joint_lists_of
from engine.joint_wishes import JointReach, JointWishes
from engine.match_result import JointList, OwnList, OwnListEntry
from engine.match_run import run_match
from features.errors import InvalidInputError, UnknownKeyError
from tests.unit.engine.test_match_run import BODO, OSLO, SCORES, SEED, TODAY, TRONDHEIM, doctor, post

POSTS = {each.post_id: each for each in (post("0301", 2), post("1804"), post("5001"))}
REGIONS = {"0301": "east", "1804": "north", "5001": "north"}
OWN = {
    "A": ("P0301", "P1804", "P5001"),
    "B": ("P1804", "P0301", "P5001"),
}


def joint(couple: JointWishes, **ineligible: str) -> JointList:
    own = {
        name: OwnList(tuple(OwnListEntry(at, place + 1, ()) for place, at in enumerate(listed)), ())
        for name, listed in OWN.items()
    }
    failed = dict.fromkeys(ineligible.items(), ())
    return joint_lists_of([couple], own, POSTS, failed, REGIONS, {"P0301"})["A"]


def test_pairs_come_by_the_sum_of_positions_and_then_by_the_better_worse_position() -> None:
    listed = joint(JointWishes(("A", "B"), JointReach.ANYWHERE)).listed
    sums = [OWN["A"].index(str(one)) + OWN["B"].index(str(other)) for one, other in listed]
    assert sums == sorted(sums)
    assert listed[0] == ("P0301", "P1804")
    # Of the pairs with two places lost, the one that costs each member one comes before those that cost one member two.
    assert listed.index(("P1804", "P0301")) < min(listed.index(("P5001", "P1804")), listed.index(("P0301", "P5001")))
    assert ("P0301", "P0301") in listed
    assert ("P1804", "P1804") not in listed  # it has one place


@pytest.mark.parametrize(
    ("reach", "areas"),
    [
        (JointReach.SAME_MUNICIPALITY, {("P0301", "P0301")}),
        (JointReach.SAME_LABOUR_MARKET, {("P0301", "P0301"), ("P1804", "P5001"), ("P5001", "P1804")}),
    ],
)
def test_both_posts_lie_within_the_reach(reach: JointReach, areas: set[tuple[str, str]]) -> None:
    assert set(joint(JointWishes(("A", "B"), reach)).listed) == areas


def test_a_couple_that_takes_one_post_has_those_after_all_pairs_by_own_position() -> None:
    listed = joint(JointWishes(("A", "B"), JointReach.SAME_MUNICIPALITY, takes_one=True)).listed
    assert listed[0] == ("P0301", "P0301")
    assert set(listed[1:3]) == {("P0301", None), (None, "P1804")}
    assert set(listed[-2:]) == {("P5001", None), (None, "P5001")}
    assert len(listed) == 1 + 6


def test_the_couples_own_limit_cuts_the_list_and_counts_what_it_leaves_out() -> None:
    whole = joint(JointWishes(("A", "B"), JointReach.ANYWHERE))
    short = joint(JointWishes(("A", "B"), JointReach.ANYWHERE, list_limit=3))
    assert short.listed == whole.listed[:3]
    assert short.beyond_limit == len(whole.listed) - 3


def test_an_own_ranking_stands_as_it_is_but_for_pairs_that_cannot_be_had() -> None:
    ranking = (("P5001", None), ("P1804", "P1804"), ("P5001", "P0301"), ("P0301", "P5001"))
    couple = JointWishes(("B", "A"), own_ranking=ranking, list_limit=1)
    found = joint(replace(couple, list_limit=9), B="P0301")
    assert found.members == ("A", "B")
    assert [(entry.posts, entry.position) for entry in found.entries] == [
        ((None, "P5001"), 1),
        (("P1804", "P1804"), None),  # one place
        (("P0301", "P5001"), 2),
        (("P5001", "P0301"), None),  # B does not qualify in Oslo
    ]
    assert joint(couple, B="P0301").beyond_limit == 1


def test_a_region_that_is_missing_and_a_post_that_is_not_there_are_told() -> None:
    doctors = [doctor(name, (BODO, 3.0), (TRONDHEIM, 2.0), (OSLO, 1.0)) for name in ("A", "B")]
    posts = list(POSTS.values())
    with pytest.raises(InvalidInputError, match="labour-market region"):
        run_match(doctors, posts, SCORES, SEED, TODAY, joint=[JointWishes(("A", "B"))], regions={"0301": "east"})
    with pytest.raises(UnknownKeyError):
        joint(JointWishes(("A", "B"), own_ranking=(("P9999", None),)))


def test_two_who_look_together_get_posts_together_though_each_alone_would_part() -> None:
    doctors = [doctor("A", (BODO, 3.0), (OSLO, 1.0)), doctor("B", (BODO, 3.0), (OSLO, 1.0))]
    posts = [post("1804"), post("0301", 2)]
    alone = {pair.post_id for pair in run_match(doctors, posts, SCORES, SEED, TODAY).assignments}
    assert alone == {"P1804", "P0301"}
    couple = [JointWishes(("A", "B"), JointReach.SAME_MUNICIPALITY)]
    result = run_match(doctors, posts, SCORES, SEED, TODAY, joint=couple)
    assert [pair.post_id for pair in result.assignments] == ["P0301", "P0301"]
    assert result.proof.stability.is_stable
