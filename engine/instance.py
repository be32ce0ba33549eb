"""A matching instance with couples and ties: ids read into numbers, everything checked, nothing matched yet.

The document is what JSON gives::

    {"proposers": [{"id": "a", "preferences": ["x", "y"]}, {"id": "b"}, {"id": "c"}],
     "posts": [{"id": "x", "capacity": 1, "preferences": [["a"], ["b", "c"]]}, …],
     "couples": [{"members": ["b", "c"], "preferences": [["x", "y"], ["x", null]]}]}

Members of a couple may stand among the proposers, without a list of their own, or be left out there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from features.errors import StabilError

NOWHERE = -1
"""Number of the post of somebody without a post (``null`` in the document)."""


class Expected(StrEnum):
    """What a place of the document must hold."""

    OBJECT = "an object"
    LIST = "a list"
    IDENTIFIER = "an id that is text or a whole number and not empty"
    NEW_ID = "an id that is not used before"
    CAPACITY = "a whole number, 0 or more"
    KNOWN_POST = "the id of a post"
    KNOWN_PERSON = "the id of a proposer or a member of a couple"
    ONCE = "each entry once"
    TWO = "a list of two"
    FREE_MEMBER = "two people, neither of them in another couple"
    NO_OWN_LIST = "no list of their own for members of a couple"
    KNOWN_FIELD = "only fields that are described"
    FIELD = "a field that is missing"


class InstanceError(StabilError):
    """A document that is no matching instance.

    Attributes
    ----------
    path : str
        Where, as in ``posts[3].preferences[1][0]``; ``$`` is the whole document.
    given : object
        What stands there.
    expected : Expected
        What should.
    """

    def __init__(self, path: str, given: object, expected: Expected) -> None:
        self.path = path
        self.given = given
        self.expected = expected
        super().__init__(f"{path}: got {given!r}, expected {expected}. Nothing was matched; correct the file.")


@dataclass(frozen=True, slots=True)
class CoupleWishes:
    """Two people and the pairs of posts they would take together, best first."""

    members: tuple[int, int]
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """What everybody wants, by number; entries that the other side does not return are still in.

    Attributes
    ----------
    people, posts : tuple of str
        Ids; a person's or post's number is its place here.
    capacities : tuple of int
        Places of each post.
    wishes : tuple of tuple of int
        Posts each person lists, best first; empty for members of couples.
    tiers : tuple of mapping
        For each post: person to tier, 0 is best; people of one tier are tied.
    couples : tuple of CoupleWishes
        `NOWHERE` in a pair means that this member stays without a post.
    """

    people: tuple[str, ...]
    posts: tuple[str, ...]
    capacities: tuple[int, ...]
    wishes: tuple[tuple[int, ...], ...]
    tiers: tuple[Mapping[int, int], ...]
    couples: tuple[CoupleWishes, ...]

    def accepts(self, person: int, post: int) -> bool:
        """Whether the post ranks the person; to have no post is always possible."""
        return post == NOWHERE or person in self.tiers[post]

    @property
    def ignored(self) -> int:
        """Wishes that can never count: the post does not rank the person, or the couple would rather have none."""
        single = sum(not self.accepts(person, post) for person, posts in enumerate(self.wishes) for post in posts)
        joint = 0
        for couple in self.couples:
            first, second = couple.members
            end = couple.pairs.index((NOWHERE, NOWHERE)) if (NOWHERE, NOWHERE) in couple.pairs else len(couple.pairs)
            joint += sum(
                place > end or not (self.accepts(first, pair[0]) and self.accepts(second, pair[1]))
                for place, pair in enumerate(couple.pairs)
            )
        return single + joint


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
    engine.instance.InstanceError: posts[0].preferences[0][0]: got 'a', expected the id of a proposer or a member of
    a couple. Nothing was matched; correct the file.
    """
    fields = _fields(document, "$", required=("proposers", "posts"), optional=("couples",))
    people: dict[str, int] = {}
    wished: dict[int, tuple[list[Any], str]] = {}
    for where, entry in _entries(fields["proposers"], "proposers"):
        proposer = _fields(entry, where, required=("id",), optional=("preferences",))
        number = _new_id(proposer["id"], f"{where}.id", people)
        own = proposer.get("preferences")
        wished[number] = (_list([] if own is None else own, f"{where}.preferences"), f"{where}.preferences")
    couples = [
        (where, _fields(entry, where, required=("members", "preferences")))
        for where, entry in _entries(fields.get("couples", []), "couples")
    ]
    members = _members(couples, people, wished)
    posts: dict[str, int] = {}
    described = [
        (where, _fields(entry, where, required=("id", "capacity", "preferences")))
        for where, entry in _entries(fields["posts"], "posts")
    ]
    for where, post in described:
        _new_id(post["id"], f"{where}.id", posts)
    return Instance(
        people=tuple(people),
        posts=tuple(posts),
        capacities=tuple(_capacity(post["capacity"], f"{where}.capacity") for where, post in described),
        wishes=tuple(
            _numbers(*wished[number], posts, Expected.KNOWN_POST) if number in wished else ()
            for number in range(len(people))
        ),
        tiers=tuple(_tiers(post["preferences"], f"{where}.preferences", people) for where, post in described),
        couples=tuple(
            CoupleWishes(pair, _pairs(couple["preferences"], f"{where}.preferences", posts))
            for pair, (where, couple) in zip(members, couples, strict=True)
        ),
    )


def _members(
    couples: list[tuple[str, dict[str, Any]]], people: dict[str, int], wished: Mapping[int, tuple[list[Any], str]]
) -> list[tuple[int, int]]:
    """Numbers of each couple's members, who join the people if they are not among them."""
    taken: set[int] = set()
    found = []
    for where, couple in couples:
        listed = _list(couple["members"], f"{where}.members")
        if len(listed) != 2:
            raise InstanceError(f"{where}.members", listed, Expected.TWO)
        pair = []
        for place, given in enumerate(listed):
            path = f"{where}.members[{place}]"
            number = people.setdefault(_identifier(given, path), len(people))
            if number in taken:
                raise InstanceError(path, given, Expected.FREE_MEMBER)
            own, own_path = wished.get(number, ([], ""))
            if own:
                raise InstanceError(own_path, own, Expected.NO_OWN_LIST)
            taken.add(number)
            pair.append(number)
        found.append((pair[0], pair[1]))
    return found


def _tiers(given: object, where: str, people: Mapping[str, int]) -> dict[int, int]:
    ranked: dict[int, int] = {}
    for tier, (path, entry) in enumerate(_entries(given, where)):
        for number in _numbers(_list(entry, path), path, people, Expected.KNOWN_PERSON):
            if number in ranked:
                raise InstanceError(path, entry, Expected.ONCE)
            ranked[number] = tier
    return ranked


def _pairs(given: object, where: str, posts: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    known: dict[str | None, int] = {None: NOWHERE, **posts}
    pairs: dict[tuple[int, int], None] = {}
    for path, entry in _entries(given, where):
        listed = _list(entry, path)
        if len(listed) != 2:
            raise InstanceError(path, listed, Expected.TWO)
        first, second = (_number(value, f"{path}[{place}]", known) for place, value in enumerate(listed))
        if (first, second) in pairs:
            raise InstanceError(path, listed, Expected.ONCE)
        pairs[first, second] = None
    return tuple(pairs)


def _number(given: object, path: str, known: Mapping[str | None, int]) -> int:
    key = None if given is None else _identifier(given, path)
    if key not in known:
        raise InstanceError(path, given, Expected.KNOWN_POST)
    return known[key]


def _numbers(listed: list[Any], where: str, known: Mapping[str, int], expected: Expected) -> tuple[int, ...]:
    numbers: dict[int, None] = {}
    for place, given in enumerate(listed):
        number = known.get(_identifier(given, f"{where}[{place}]"))
        if number is None:
            raise InstanceError(f"{where}[{place}]", given, expected)
        if number in numbers:
            raise InstanceError(f"{where}[{place}]", given, Expected.ONCE)
        numbers[number] = None
    return tuple(numbers)


def _new_id(given: object, path: str, known: dict[str, int]) -> int:
    key = _identifier(given, path)
    if key in known:
        raise InstanceError(path, given, Expected.NEW_ID)
    return known.setdefault(key, len(known))


def _identifier(given: object, path: str) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise InstanceError(path, given, Expected.IDENTIFIER)
    return str(given)


def _capacity(given: object, path: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise InstanceError(path, given, Expected.CAPACITY)
    return given


def _fields(given: object, path: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InstanceError(path, given, Expected.OBJECT)
    for name in required:
        if name not in given:
            raise InstanceError(path, name, Expected.FIELD)
    for name in given.keys() - set(chain(required, optional)):
        raise InstanceError(path, name, Expected.KNOWN_FIELD)
    return given


def _entries(given: object, where: str) -> list[tuple[str, Any]]:
    return [(f"{where}[{place}]", entry) for place, entry in enumerate(_list(given, where))]


def _list(given: object, path: str) -> list[Any]:
    if not isinstance(given, list):
        raise InstanceError(path, given, Expected.LIST)
    return given
