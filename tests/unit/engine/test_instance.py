"""Reading a matching instance: what it holds, and where a document is wrong."""

from copy import deepcopy
from typing import Any

import pytest

from engine.couple_market import market_of
from engine.instance import NOWHERE, Expected, InstanceError, Limit
from engine.instance_document import parsed_instance

GOOD: dict[str, Any] = {
    "proposers": [{"id": "s", "preferences": ["x", 7]}, {"id": "a"}, {"id": "b", "preferences": []}],
    "posts": [
        {"id": "x", "capacity": 1, "preferences": [["a", "s"], ["c"]]},
        {"id": 7, "capacity": 2, "preferences": [["b"]]},
    ],
    "couples": [
        {"members": ["a", "b"], "preferences": [["x", 7], [None, 7], [7, None]]},
        {"members": ["c", "d"], "preferences": [["x", None], [None, None], ["x", 7]]},
    ],
    "limits": [
        {"id": "all", "capacity": 2, "posts": ["x", "7"]},
        {"id": 2, "capacity": 0, "posts": [], "people": ["d"]},
    ],
}


def test_ids_become_numbers_and_members_join_the_people() -> None:
    instance = parsed_instance(GOOD)
    assert instance.people == ("s", "a", "b", "c", "d")
    assert instance.posts == ("x", 7)
    assert instance.wishes == ((0, 1), (), (), (), ())
    assert instance.tiers == ({1: 0, 0: 0, 3: 1}, {2: 0})
    assert instance.couples[0].pairs == ((0, 1), (NOWHERE, 1), (1, NOWHERE))


def test_limits_count_everybody_or_some_in_some_posts() -> None:
    everybody, some = parsed_instance(GOOD).limits
    assert everybody == Limit("all", 2, frozenset({0, 1}))
    assert some == Limit(2, 0, frozenset(), frozenset({4}))
    assert everybody.counts(3, 1)
    assert not some.counts(4, 1)


def test_without_the_field_there_are_no_limits() -> None:
    assert parsed_instance({name: rows for name, rows in GOOD.items() if name != "limits"}).limits == ()


def test_wishes_that_cannot_count_are_counted_and_left_out_of_the_market() -> None:
    instance = parsed_instance(GOOD)
    assert instance.ignored == 1 + 1 + 1  # s at 7, a at 7, and what stands after nothing for both
    assert [len(options) for options in market_of(instance).options] == [1, 2, 1]


def changed(change: Any) -> dict[str, Any]:
    document = deepcopy(GOOD)
    change(document)
    return document


@pytest.mark.parametrize(
    ("document", "path", "given", "expected"),
    [
        ([], "$", [], Expected.OBJECT),
        ({"proposers": []}, "posts", None, Expected.FIELD),
        (changed(lambda d: d.update(pairs=[])), "pairs", [], Expected.KNOWN_FIELD),
        (changed(lambda d: d.update(proposers={})), "proposers", {}, Expected.LIST),
        (changed(lambda d: d["proposers"].append("z")), "proposers[3]", "z", Expected.OBJECT),
        (changed(lambda d: d["proposers"].append({"id": "z"})), "proposers[3].preferences", None, Expected.FIELD),
        (changed(lambda d: d["proposers"][0].update(id="")), "proposers[0].id", "", Expected.IDENTIFIER),
        (changed(lambda d: d["proposers"][0].update(id=True)), "proposers[0].id", True, Expected.IDENTIFIER),
        (changed(lambda d: d["proposers"][1].update(id="s")), "proposers[1].id", "s", Expected.NEW_ID),
        (changed(lambda d: d["posts"][1].update(id="x")), "posts[1].id", "x", Expected.NEW_ID),
        (changed(lambda d: d["proposers"][0]["preferences"].append("y")), "proposers[0].preferences[2]", "y",
         Expected.KNOWN_POST),
        (changed(lambda d: d["proposers"][0]["preferences"].append("x")), "proposers[0].preferences[2]", "x",
         Expected.ONCE),
        (changed(lambda d: d["proposers"][1].update(preferences=["x"])), "proposers[1].preferences", ["x"],
         Expected.NO_OWN_LIST),
        (changed(lambda d: d["posts"][0].update(capacity=1.5)), "posts[0].capacity", 1.5, Expected.CAPACITY),
        (changed(lambda d: d["posts"][0].update(capacity=-1)), "posts[0].capacity", -1, Expected.CAPACITY),
        (changed(lambda d: d["posts"][0]["preferences"].append("a")), "posts[0].preferences[2]", "a", Expected.LIST),
        (changed(lambda d: d["posts"][0]["preferences"].append(["b", "z"])), "posts[0].preferences[2][1]", "z",
         Expected.KNOWN_PERSON),
        (changed(lambda d: d["posts"][0]["preferences"].append(["a"])), "posts[0].preferences[2]", ["a"],
         Expected.ONCE),
        (changed(lambda d: d["couples"][0].update(members=["a"])), "couples[0].members", ["a"], Expected.TWO),
        (changed(lambda d: d["couples"][1].update(members=["c", "a"])), "couples[1].members[1]", "a",
         Expected.FREE_MEMBER),
        (changed(lambda d: d["couples"][1].update(members=["c", "c"])), "couples[1].members[1]", "c",
         Expected.FREE_MEMBER),
        (changed(lambda d: d["couples"][0]["preferences"].append(["x"])), "couples[0].preferences[3]", ["x"],
         Expected.TWO),
        (changed(lambda d: d["couples"][0]["preferences"].append(["x", "q"])), "couples[0].preferences[3][1]", "q",
         Expected.KNOWN_POST),
        (changed(lambda d: d["couples"][0]["preferences"].append(["x", 7])), "couples[0].preferences[3]", ["x", 7],
         Expected.ONCE),
        (changed(lambda d: d.update(limits={})), "limits", {}, Expected.LIST),
        (changed(lambda d: d["limits"][1].update(id="all")), "limits[1].id", "all", Expected.NEW_ID),
        (changed(lambda d: d["limits"][0].update(capacity=-1)), "limits[0].capacity", -1, Expected.CAPACITY),
        (changed(lambda d: d["limits"][0].pop("posts")), "limits[0].posts", None, Expected.FIELD),
        (changed(lambda d: d["limits"][0].update(posts="x")), "limits[0].posts", "x", Expected.LIST),
        (changed(lambda d: d["limits"][0]["posts"].append("q")), "limits[0].posts[2]", "q", Expected.KNOWN_POST),
        (changed(lambda d: d["limits"][0]["posts"].append(7)), "limits[0].posts[2]", 7, Expected.ONCE),
        (changed(lambda d: d["limits"][1].update(people=None)), "limits[1].people", None, Expected.LIST),
        (changed(lambda d: d["limits"][1]["people"].append("z")), "limits[1].people[1]", "z", Expected.KNOWN_PERSON),
        (changed(lambda d: d["limits"][1].update(kind="x")), "limits[1].kind", "x", Expected.KNOWN_FIELD),
    ],
)  # fmt: skip
def test_a_wrong_document_is_told_where_and_what(document: Any, path: str, given: Any, expected: Expected) -> None:
    with pytest.raises(InstanceError) as refused:
        parsed_instance(document)
    assert (refused.value.path, refused.value.given, refused.value.expected) == (path, given, expected)


def test_a_capacity_beyond_all_numbers_is_no_more_than_everybody() -> None:
    document = changed(lambda d: d["posts"][0].update(capacity=10**30))
    assert market_of(parsed_instance(document)).capacities[:2] == (3, 1)
    assert market_of(parsed_instance(changed(lambda d: d["limits"][0].update(capacity=10**30)))).capacities[2] == 4
