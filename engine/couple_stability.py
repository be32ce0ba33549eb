"""What blocks a matching of singles and couples, found by looking at everything anybody would rather have.

The definition is the one of McDermid and Manlove as Biró, Manlove and McBride write it out. A matching is stable if
nothing of this holds. *Takes* means: the post has a free place, or strictly prefers the newcomer to somebody it holds.

1. A **single** prefers a post, and the post takes them.
2. **One member** of a couple moves to a post while the partner keeps theirs, the couple prefers that, and the post has
   a free place or strictly prefers the member to somebody it holds *other than the partner*.
3. **Both members** move, the couple prefers that, and (a) the posts differ, and each takes its newcomer, judged by whom
   it holds now, a partner who is about to leave included; or they move to one post that (b) has two free places;
   (c) has one free place and strictly prefers at least one of the two to somebody it holds; (d) is full and strictly
   prefers one of them to somebody it holds and the other to somebody else it holds.

**Limits.** A limit is a capacity that posts share, for everybody or for some people. Posts and limits are *resources*.
Whoever is placed has a seat in the post and in every limit that counts them there. A limit ranks people by their tier
at the post they are in, so its posts must use one scale. With limits, a post *takes* somebody if every resource in
which they would need a seat and have none now has a free seat or holds somebody in a strictly worse tier: after some
who are strictly worse are let go, everything fits. Whoever has a seat already keeps it. For couples the cases hold for
every resource: a member who has a seat there keeps it; a newcomer is judged by whom the resource holds now, a member
who is about to leave included, a partner who keeps a seat there left aside; two newcomers need room for two as in (b),
(c) and (d). Without limits this is the definition above.

To have no post (``null``) is always possible. A pair of person and post is acceptable if each lists the other. People
in one tier of a post are tied; only strict preference blocks (weak stability).

This file shares no code with the solver; it reads the lists as they were given.

References
----------
Biró, Manlove and McBride (2014), The hospitals/residents problem with couples: complexity and integer programming
models, SEA 2014, LNCS 8504; McDermid and Manlove (2010), Keeping partners together, Journal of Combinatorial
Optimization 19(3); Manlove, McBride and Trimble (2017), "Almost-stable" matchings in the hospitals/residents problem
with couples, Constraints 22(1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from engine.instance import NOWHERE, CoupleWishes, Instance
from features.errors import StabilError


@dataclass(frozen=True, slots=True)
class Blocking:
    """Something that somebody would rather have, and would get.

    Attributes
    ----------
    people : tuple of int
        The single, or both members of the couple.
    posts : tuple of int
        Where each of them would be.
    case : str
        Of the definition: ``1``, ``2``, ``3a``, ``3b``, ``3c`` or ``3d``; the last three by the places of the post.
    """

    people: tuple[int, ...]
    posts: tuple[int, ...]
    case: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: everything that blocks, posts and limits above capacity, people placed against a list."""

    blocking: tuple[Blocking, ...]
    overfull: tuple[int, ...]
    unwilling: tuple[int, ...]
    overfull_limits: tuple[int, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Nobody is placed against a list, no post or limit above capacity."""
        return not (self.overfull or self.overfull_limits or self.unwilling)

    @property
    def is_stable(self) -> bool:
        """Allowed, and nothing blocks."""
        return self.is_allowed and not self.blocking


class UnsoundMatchingError(StabilError):
    """A matching is not what the solver says it is: an error of the program, and nothing is given out.

    Attributes
    ----------
    claimed : int
        How many options block, says the solver.
    verdict : Verdict
        What the check found.
    """

    def __init__(self, claimed: int, verdict: Verdict) -> None:
        self.claimed = claimed
        self.verdict = verdict
        super().__init__(
            f"the matching was to have {claimed} blocking, but the check found {len(verdict.blocking)}, "
            f"{len(verdict.overfull)} posts over capacity and {len(verdict.unwilling)} people placed against a list, "
            f"{len(verdict.overfull_limits)} limits over capacity. "
            "Nothing was given out; please report it with the instance."
        )


def verdict_on(instance: Instance, matching: Sequence[int]) -> Verdict:
    """Look at every wish of every single and couple, and at every seat.

    Parameters
    ----------
    matching : sequence of int
        For each person the number of their post, or `NOWHERE`.
    """
    seats = _Seats(instance, matching)
    coupled = {member for couple in instance.couples for member in couple.members}
    blocking = list(_single_blocks(seats, coupled))
    unwilling = [
        person
        for person, post in enumerate(matching)
        if person not in coupled
        and post != NOWHERE
        and not (post in instance.wishes[person] and person in instance.tiers[post])
    ]
    for couple in instance.couples:
        blocking += _couple_blocks(seats, couple)
        if not _is_allowed(instance, couple, matching):
            unwilling += couple.members
    posts = range(len(instance.posts))
    overfull = [resource for resource, free in enumerate(seats.free) if free < 0]
    return Verdict(
        blocking=tuple(blocking),
        overfull=tuple(resource for resource in overfull if resource in posts),
        unwilling=tuple(unwilling),
        overfull_limits=tuple(resource - len(posts) for resource in overfull if resource not in posts),
    )


class _Seats:
    """Who has a seat in what. Resources are the posts and then the limits, by one number."""

    def __init__(self, instance: Instance, matching: Sequence[int]) -> None:
        self.instance = instance
        self.matching = matching
        self.tier = [_tier(instance, person, post) for person, post in enumerate(matching)]
        self.limits_of: list[list[int]] = [[] for _ in instance.posts]
        for number, limit in enumerate(instance.limits, start=len(instance.posts)):
            for post in limit.posts:
                self.limits_of[post].append(number)
        self.free = [*instance.capacities, *(limit.capacity for limit in instance.limits)]
        self.held: list[list[int]] = [[] for _ in self.free]
        for person, post in enumerate(matching):
            for resource in self.needed(person, post):
                self.held[resource].append(person)
                self.free[resource] -= 1

    def needed(self, person: int, post: int) -> list[int]:
        """Resources in which somebody has a seat who is in the post."""
        if post == NOWHERE:
            return []
        if not self.limits_of[post]:
            return [post]
        limits, first = self.instance.limits, len(self.instance.posts)
        return [post, *(number for number in self.limits_of[post] if limits[number - first].counts(person, post))]

    def new(self, person: int, post: int) -> list[int]:
        """Resources in which the person would need a seat in that post and has none now."""
        has = self.needed(person, self.matching[person])
        return [resource for resource in self.needed(person, post) if resource not in has]

    def worse(self, resource: int, person: int, post: int) -> list[int]:
        """Whom the resource holds in a strictly worse tier than the person's at that post."""
        own = self.instance.tiers[post][person]
        return [other for other in self.held[resource] if self.tier[other] > own]


def _tier(instance: Instance, person: int, post: int) -> float:
    """Tier of somebody at their post; past every tier where there is none."""
    return instance.tiers[post].get(person, inf) if post != NOWHERE else inf


def _is_allowed(instance: Instance, couple: CoupleWishes, matching: Sequence[int]) -> bool:
    first, second = couple.members
    pair = (matching[first], matching[second])
    if pair == (NOWHERE, NOWHERE):
        return True
    if pair not in couple.pairs or not _possible(instance, couple, pair):
        return False
    return (NOWHERE, NOWHERE) not in couple.pairs[: couple.pairs.index(pair)]


def _possible(instance: Instance, couple: CoupleWishes, pair: tuple[int, int]) -> bool:
    return all(
        post == NOWHERE or member in instance.tiers[post] for member, post in zip(couple.members, pair, strict=True)
    )


def _single_blocks(seats: _Seats, coupled: set[int]) -> Iterator[Blocking]:
    for person, posts in enumerate(seats.instance.wishes):
        if person in coupled:
            continue
        now = seats.matching[person]
        has = seats.needed(person, now)
        for post in posts:
            if post == now:
                break
            if person in seats.instance.tiers[post] and all(
                resource in has or seats.free[resource] > 0 or seats.worse(resource, person, post)
                for resource in seats.needed(person, post)
            ):
                yield Blocking((person,), (post,), "1")


def _couple_blocks(seats: _Seats, couple: CoupleWishes) -> Iterator[Blocking]:
    now = (seats.matching[couple.members[0]], seats.matching[couple.members[1]])
    for pair in couple.pairs:
        if pair in (now, (NOWHERE, NOWHERE)):
            break
        if _possible(seats.instance, couple, pair) and _fits(seats, couple.members, pair):
            yield Blocking(couple.members, pair, _case(seats, now, pair))


def _fits(seats: _Seats, members: tuple[int, int], pair: tuple[int, int]) -> bool:
    """Whether every resource has, or would make, room for those of the two who come to it."""
    first, second = (seats.new(member, post) for member, post in zip(members, pair, strict=True))
    for resource in {*first, *second}:
        if resource in first and resource in second:
            if not _room_for_two(seats, resource, members, pair):
                return False
            continue
        newcomer = 0 if resource in first else 1
        partner = members[1 - newcomer]
        keeps = resource in seats.needed(partner, pair[1 - newcomer])
        if seats.free[resource] <= 0 and not any(
            not (keeps and other == partner) for other in seats.worse(resource, members[newcomer], pair[newcomer])
        ):
            return False
    return True


def _room_for_two(seats: _Seats, resource: int, members: tuple[int, int], pair: tuple[int, int]) -> bool:
    free = seats.free[resource]
    first, second = (set(seats.worse(resource, member, post)) for member, post in zip(members, pair, strict=True))
    if free == 0:
        return bool(first and second) and len(first | second) > 1
    return free >= 2 or (free == 1 and bool(first or second))


def _case(seats: _Seats, now: tuple[int, int], pair: tuple[int, int]) -> str:
    """Case of the definition, told by the posts."""
    if pair[0] == now[0] or pair[1] == now[1]:
        return "2"
    if pair[0] != pair[1]:
        return "3a"
    return {0: "3d", 1: "3c"}.get(seats.free[pair[0]], "3b")
