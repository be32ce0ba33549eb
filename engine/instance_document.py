"""Reads a matching instance from what JSON gives, everything checked.

A document::

    {"proposers": [{"id": "a", "preferences": ["x", "y"]}, {"id": "b"}, {"id": "c"}],
     "posts": [{"id": "x", "capacity": 1, "preferences": [["a"], ["b", "c"]]}, …],
     "couples": [{"members": ["b", "c"], "preferences": [["x", "y"], ["x", null]]}]}

Members of a couple may stand among the proposers, with an empty list or none, or be left out there. An id is text or a
whole number; ``1`` and ``"1"`` are the same.
"""

from collections.abc import Iterator
from typing import Any

from engine.instance import NOWHERE, CoupleWishes, Expected, Identifier, Instance, InstanceError


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
    fields = _fields(document, "$", required=("proposers", "posts"), optional=("couples",))
    people, posts = _Names(Expected.KNOWN_PERSON), _Names(Expected.KNOWN_POST)
    proposers = [
        (path, _fields(entry, path, required=("id",), optional=("preferences",)))
        for path, entry in _entries(fields["proposers"], "proposers")
    ]
    for path, proposer in proposers:
        people.add(proposer["id"], f"{path}.id")
    couples = [
        (path, _fields(entry, path, required=("members", "preferences")))
        for path, entry in _entries(fields.get("couples", []), "couples")
    ]
    members = _members(couples, people)
    described = [
        (path, _fields(entry, path, required=("id", "capacity", "preferences")))
        for path, entry in _entries(fields["posts"], "posts")
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
        capacities=tuple(_capacity(post["capacity"], f"{path}.capacity") for path, post in described),
        wishes=(*wishes, *((),) * (len(people.given) - len(wishes))),
        tiers=tuple(_tiers(post["preferences"], f"{path}.preferences", people) for path, post in described),
        couples=tuple(
            CoupleWishes(pair, _pairs(couple["preferences"], f"{path}.preferences", posts))
            for pair, (path, couple) in zip(members, couples, strict=True)
        ),
    )


class _Names:
    """Ids in the order they come, with their numbers."""

    def __init__(self, expected: Expected) -> None:
        self.expected = expected
        self.given: list[Identifier] = []
        self.numbers: dict[str, int] = {}

    def add(self, given: object, path: str) -> int:
        identifier = _identifier(given, path)
        if str(identifier) in self.numbers:
            raise InstanceError(path, given, Expected.NEW_ID)
        self.numbers[str(identifier)] = len(self.given)
        self.given.append(identifier)
        return len(self.given) - 1

    def number(self, given: object, path: str) -> int:
        number = self.numbers.get(str(_identifier(given, path)))
        if number is None:
            raise InstanceError(path, given, self.expected)
        return number

    def knows(self, given: object, path: str) -> bool:
        return str(_identifier(given, path)) in self.numbers


def _members(couples: list[tuple[str, dict[str, Any]]], people: _Names) -> list[tuple[int, int]]:
    """Numbers of each couple's members, who join the people if they are not among them."""
    taken: set[int] = set()
    found = []
    for path, couple in couples:
        pair = []
        for place, given in enumerate(_two(couple["members"], f"{path}.members")):
            where = f"{path}.members[{place}]"
            number = people.number(given, where) if people.knows(given, where) else people.add(given, where)
            if number in taken:
                raise InstanceError(where, given, Expected.FREE_MEMBER)
            taken.add(number)
            pair.append(number)
        found.append((pair[0], pair[1]))
    return found


def _own_list(proposer: dict[str, Any], path: str, posts: _Names, *, is_member: bool) -> tuple[int, ...]:
    """A single's list; members of couples have none of their own."""
    if not is_member:
        if "preferences" not in proposer:
            raise InstanceError(f"{path}.preferences", None, Expected.FIELD)
        return tuple(_numbers(proposer["preferences"], f"{path}.preferences", posts))
    if proposer.get("preferences"):
        raise InstanceError(f"{path}.preferences", proposer["preferences"], Expected.NO_OWN_LIST)
    return ()


def _tiers(given: object, where: str, people: _Names) -> dict[int, int]:
    ranked: dict[int, int] = {}
    for tier, (path, entry) in enumerate(_entries(given, where)):
        for number in _numbers(entry, path, people):
            if number in ranked:
                raise InstanceError(path, entry, Expected.ONCE)
            ranked[number] = tier
    return ranked


def _pairs(given: object, where: str, posts: _Names) -> tuple[tuple[int, int], ...]:
    pairs: dict[tuple[int, int], None] = {}
    for path, entry in _entries(given, where):
        first, second = (
            NOWHERE if post is None else posts.number(post, f"{path}[{place}]")
            for place, post in enumerate(_two(entry, path))
        )
        if (first, second) in pairs:
            raise InstanceError(path, entry, Expected.ONCE)
        pairs[first, second] = None
    return tuple(pairs)


def _numbers(given: object, where: str, names: _Names) -> Iterator[int]:
    """Numbers of the names in a list, which has each of them once."""
    seen: set[int] = set()
    for path, entry in _entries(given, where):
        number = names.number(entry, path)
        if number in seen:
            raise InstanceError(path, entry, Expected.ONCE)
        seen.add(number)
        yield number


def _identifier(given: object, path: str) -> Identifier:
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise InstanceError(path, given, Expected.IDENTIFIER)
    return given


def _capacity(given: object, path: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise InstanceError(path, given, Expected.CAPACITY)
    return given


def _fields(given: object, path: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InstanceError(path, given, Expected.OBJECT)
    for name in required:
        if name not in given:
            raise InstanceError(_below(path, name), None, Expected.FIELD)
    for name, value in given.items():
        if name not in required and name not in optional:
            raise InstanceError(_below(path, name), value, Expected.KNOWN_FIELD)
    return given


def _below(path: str, name: str) -> str:
    return name if path == "$" else f"{path}.{name}"


def _entries(given: object, where: str) -> list[tuple[str, Any]]:
    if not isinstance(given, list):
        raise InstanceError(where, given, Expected.LIST)
    return [(f"{where}[{place}]", entry) for place, entry in enumerate(given)]


def _two(given: object, path: str) -> list[Any]:
    if not isinstance(given, list) or len(given) != 2:
        raise InstanceError(path, given, Expected.TWO)
    return given
