"""Reads a matching instance from what JSON gives, everything checked.

A document::

    {"proposers": [{"id": "a", "preferences": ["x", "y"]}, {"id": "b"}, {"id": "c"}],
     "posts": [{"id": "x", "capacity": 1, "preferences": [["a"], ["b", "c"]]}, …],
     "couples": [{"members": ["b", "c"], "preferences": [["x", "y"], ["x", null]]}],
     "limits": [{"id": "supervisor", "capacity": 1, "posts": ["x", "y"], "people": ["a", "b"]}]}

Members of a couple may stand among the proposers, with an empty list or none, or be left out there. Couples and limits
may be left out; a limit without people counts everybody. An id is text or a whole number; ``1`` and ``"1"`` are the
same.
"""

from typing import Any

from engine.document_fields import (
    Names,
    checked_capacity,
    checked_fields,
    checked_list,
    checked_numbers,
    checked_two,
)
from engine.instance import NOWHERE, CoupleWishes, Expected, Instance, InstanceError, Limit


def parsed_instance(document: object) -> Instance:
    """The instance that a document describes.

    Raises
    ------
    InstanceError
        With the JSON path, what was given and what was expected.

    Examples
    --------
    >>> parsed_instance({"proposers": [{"id": "a", "preferences": ["x"]}],
    ...                  "posts": [{"id": "x", "capacity": 1, "preferences": [["a"]]}]}).wishes
    ((0,),)
    >>> parsed_instance({"proposers": [], "posts": [{"id": "x", "capacity": 1, "preferences": [["a"]]}]})
    Traceback (most recent call last):
    ...
    engine.instance.InstanceError: posts[0].preferences[0][0]: got 'a', expected the id of a proposer or of a
    couple's member. Nothing was matched; correct the file.
    """
    fields = checked_fields(document, "$", required=("proposers", "posts"), optional=("couples", "limits"))
    people, posts = Names(Expected.KNOWN_PERSON), Names(Expected.KNOWN_POST)
    proposers = [
        (path, checked_fields(entry, path, required=("id",), optional=("preferences",)))
        for path, entry in checked_list(fields["proposers"], "proposers")
    ]
    for path, proposer in proposers:
        people.add(proposer["id"], f"{path}.id")
    couples = [
        (path, checked_fields(entry, path, required=("members", "preferences")))
        for path, entry in checked_list(fields.get("couples", []), "couples")
    ]
    members = _members(couples, people)
    described = [
        (path, checked_fields(entry, path, required=("id", "capacity", "preferences")))
        for path, entry in checked_list(fields["posts"], "posts")
    ]
    for path, post in described:
        posts.add(post["id"], f"{path}.id")
    coupled = {member for pair in members for member in pair}
    wishes = [
        _own_list(proposer, path, posts, is_member=number in coupled)
        for number, (path, proposer) in enumerate(proposers)
    ]
    return Instance(
        people=tuple(people.given),
        posts=tuple(posts.given),
        capacities=tuple(checked_capacity(post["capacity"], f"{path}.capacity") for path, post in described),
        wishes=(*wishes, *((),) * (len(people.given) - len(wishes))),
        tiers=tuple(_tiers(post["preferences"], f"{path}.preferences", people) for path, post in described),
        couples=tuple(
            CoupleWishes(pair, _pairs(couple["preferences"], f"{path}.preferences", posts))
            for pair, (path, couple) in zip(members, couples, strict=True)
        ),
        limits=_limits(fields.get("limits", []), posts, people),
    )


def _members(couples: list[tuple[str, dict[str, Any]]], people: Names) -> list[tuple[int, int]]:
    """Numbers of each couple's members, who join the people if they are not among them."""
    taken: set[int] = set()
    found = []
    for path, couple in couples:
        pair = []
        for place, given in enumerate(checked_two(couple["members"], f"{path}.members")):
            where = f"{path}.members[{place}]"
            number = people.number(given, where) if people.knows(given, where) else people.add(given, where)
            if number in taken:
                raise InstanceError(where, given, Expected.FREE_MEMBER)
            taken.add(number)
            pair.append(number)
        found.append((pair[0], pair[1]))
    return found


def _own_list(proposer: dict[str, Any], path: str, posts: Names, *, is_member: bool) -> tuple[int, ...]:
    """A single's list; members of couples have none of their own."""
    if not is_member:
        if "preferences" not in proposer:
            raise InstanceError(f"{path}.preferences", None, Expected.FIELD)
        return tuple(checked_numbers(proposer["preferences"], f"{path}.preferences", posts))
    if proposer.get("preferences"):
        raise InstanceError(f"{path}.preferences", proposer["preferences"], Expected.NO_OWN_LIST)
    return ()


def _tiers(given: object, where: str, people: Names) -> dict[int, int]:
    ranked: dict[int, int] = {}
    for tier, (path, entry) in enumerate(checked_list(given, where)):
        for number in checked_numbers(entry, path, people):
            if number in ranked:
                raise InstanceError(path, entry, Expected.ONCE)
            ranked[number] = tier
    return ranked


def _pairs(given: object, where: str, posts: Names) -> tuple[tuple[int, int], ...]:
    pairs: dict[tuple[int, int], None] = {}
    for path, entry in checked_list(given, where):
        first, second = (
            NOWHERE if post is None else posts.number(post, f"{path}[{place}]")
            for place, post in enumerate(checked_two(entry, path))
        )
        if (first, second) in pairs:
            raise InstanceError(path, entry, Expected.ONCE)
        pairs[first, second] = None
    return tuple(pairs)


def _limits(given: object, posts: Names, people: Names) -> tuple[Limit, ...]:
    names = Names(Expected.NEW_ID)
    found = []
    for path, entry in checked_list(given, "limits"):
        limit = checked_fields(entry, path, required=("id", "capacity", "posts"), optional=("people",))
        names.add(limit["id"], f"{path}.id")
        counted = checked_numbers(limit["people"], f"{path}.people", people) if "people" in limit else None
        found.append(
            Limit(
                identifier=limit["id"],
                capacity=checked_capacity(limit["capacity"], f"{path}.capacity"),
                posts=frozenset(checked_numbers(limit["posts"], f"{path}.posts", posts)),
                people=None if counted is None else frozenset(counted),
            )
        )
    return tuple(found)
