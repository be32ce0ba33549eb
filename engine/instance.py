"""A matching instance: who wants what, singles and couples, and what posts share, by number."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from reprlib import repr as shortened

from features.errors import StabilError

Identifier = str | int

NOWHERE = -1
"""Number of the post of somebody without a post (``null`` in the document)."""


class Expected(StrEnum):
    """What a place of the document must hold."""

    OBJECT = "an object"
    LIST = "a list"
    IDENTIFIER = "an id that is text or a whole number and not empty"
    NEW_ID = "an id that is not used before"
    CAPACITY = "a whole number, 0 or more"
    AT_LEAST_ONE = "a whole number, 1 or more"
    KNOWN_POST = "the id of a post"
    OTHER_POST = "another post than the one that gives up its places"
    KNOWN_PERSON = "the id of a proposer or of a couple's member"
    ONCE = "each entry once"
    TWO = "a list of two"
    FREE_MEMBER = "two people, neither of them in another couple"
    NO_OWN_LIST = "no list of their own for members of a couple"
    KNOWN_FIELD = "no field of this name"
    FIELD = "this field, which is missing"
    LIMIT_KIND = "supervision, institution_slots, group_seats or regional_quota"
    HOURS = "a number of hours, 0 or more"
    SOME_POST = "at least one post"
    FILE = "a file that can be opened"
    JSON = "JSON in UTF-8"


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
        super().__init__(f"{path}: got {shortened(given)}, expected {expected}. Nothing was matched; correct the file.")


@dataclass(frozen=True, slots=True)
class CoupleWishes:
    """Two people and the pairs of posts they would take together, best first."""

    members: tuple[int, int]
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `capacity` people in these posts together; it ranks them by their tier at the post they are in.

    The posts must use one scale of tiers: tier 2 at one of them counts as much as tier 2 at another.

    Attributes
    ----------
    identifier : Identifier
        As it was given.
    capacity : int
        How many people it counts at most (>= 0).
    posts : frozenset of int
        Posts that share it.
    people : frozenset of int, or None
        Whom it counts, such as doctors in training; None is everybody.
    """

    identifier: Identifier
    capacity: int
    posts: frozenset[int]
    people: frozenset[int] | None = None

    def counts(self, person: int, post: int) -> bool:
        """Whether the person takes a seat here by being in the post."""
        return post in self.posts and (self.people is None or person in self.people)


@dataclass(frozen=True, slots=True)
class Instance:
    """What everybody wants, by number; entries that the other side does not return are still in.

    Attributes
    ----------
    people, posts : tuple of Identifier
        Ids as they were given; a person's or post's number is its place here.
    capacities : tuple of int
        Places of each post.
    wishes : tuple of tuple of int
        Posts each person lists, best first; empty for members of couples.
    tiers : tuple of mapping
        For each post: person to tier, 0 is best; people of one tier are tied.
    couples : tuple of CoupleWishes
        `NOWHERE` in a pair means that this member stays without a post.
    limits : tuple of Limit
        What posts share.
    """

    people: tuple[Identifier, ...]
    posts: tuple[Identifier, ...]
    capacities: tuple[int, ...]
    wishes: tuple[tuple[int, ...], ...]
    tiers: tuple[Mapping[int, int], ...]
    couples: tuple[CoupleWishes, ...]
    limits: tuple[Limit, ...] = ()

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
