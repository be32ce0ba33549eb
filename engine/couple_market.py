"""Singles and couples as the solvers see them: only what both sides list, and which rank it has there.

An *agent* is a single or a couple. Agents are numbered singles first, then couples. *Resources* are the posts and then
the limits, by one number. What an agent can get is a list of *options*, best first; an option says for each member
which seats they need. A seat is a pair (resource, tier), where tier is the rank of the person at the post; the first
seat of a member is in the post, the others are in limits. A member who stays without a post needs no seat.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.instance import NOWHERE, CoupleWishes, Instance, Limit

Seat = tuple[int, int]
Seats = tuple[Seat, ...]
Option = tuple[Seats, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """Agents with their options, and resources with their capacities.

    Attributes
    ----------
    people : tuple of tuple of int
        For each agent the person, or the two members.
    options : tuple of tuple of Option
        For each agent, best first; without a post for all of them is not among them.
    capacities : tuple of int
        Seats of each resource, at most as many as people it can hold.
    first_couple : int
        Agents from this number on are couples.
    sure : frozenset of int
        Agents who have one of their options in every stable matching.
    limited : frozenset of int
        Agents with an option that needs a seat in a limit.
    """

    people: tuple[tuple[int, ...], ...]
    options: tuple[tuple[Option, ...], ...]
    capacities: tuple[int, ...]
    first_couple: int
    sure: frozenset[int] = frozenset()
    limited: frozenset[int] = frozenset()

    def matching(self, places: Sequence[int], people: int) -> list[int]:
        """Post of each person, if agent number i has the option ``places[i]``; past the end is none."""
        matching = [NOWHERE] * people
        for agent, place in enumerate(places):
            if place < len(self.options[agent]):
                for person, post in zip(self.people[agent], posts_of(self.options[agent][place]), strict=True):
                    matching[person] = post
        return matching


def posts_of(option: Option) -> tuple[int, ...]:
    """Post of each member."""
    return tuple(seats[0][0] if seats else NOWHERE for seats in option)


def market_of(instance: Instance) -> Market:
    """The market of an instance; wishes that can never come true are left out, and limits that can never be full.

    Examples
    --------
    >>> from engine.instance_document import parsed_instance
    >>> market_of(parsed_instance({
    ...     "proposers": [{"id": "a", "preferences": ["x", "y"]}],
    ...     "posts": [{"id": "x", "capacity": 0, "preferences": [["a"]]},
    ...               {"id": "y", "capacity": 1, "preferences": [[], ["a"]]}],
    ... })).options
    (((((1, 1),),),),)
    """
    seating = _Seating(instance)
    members = {member for couple in instance.couples for member in couple.members}
    singles = [person for person in range(len(instance.people)) if person not in members]
    options = (
        *map(seating.single_options, singles),
        *(tuple(seating.couple_options(couple)) for couple in instance.couples),
    )
    return Market(
        people=(*((person,) for person in singles), *(couple.members for couple in instance.couples)),
        options=options,
        capacities=tuple(map(min, seating.capacities, (*map(len, instance.tiers), *seating.limited))),
        first_couple=len(singles),
        limited=_limited(options) if instance.limits else frozenset(),
    )


def _limited(options: Sequence[Sequence[Option]]) -> frozenset[int]:
    return frozenset(
        agent for agent, own in enumerate(options) if any(len(seats) > 1 for option in own for seats in option)
    )


class _Seating:
    """Which seats somebody needs in a post."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.tiers = instance.tiers
        self.capacities = (*instance.capacities, *(limit.capacity for limit in instance.limits))
        self.limited: list[int] = []  # how many people each limit could hold at most
        self.limits_of: list[list[tuple[int, Limit]]] = [[] for _ in instance.posts]
        for number, limit in enumerate(instance.limits, start=len(instance.posts)):
            ranked = {person for post in limit.posts for person in instance.tiers[post]}
            self.limited.append(len(ranked if limit.people is None else ranked & limit.people))
            if limit.capacity < self.limited[-1]:
                for post in limit.posts:
                    self.limits_of[post].append((number, limit))

    def seats(self, person: int, post: int) -> Seats | None:
        """Seats that the person needs in the post; None if it does not rank them or a resource has no seats at all."""
        if post == NOWHERE:
            return ()
        tier = self.tiers[post].get(person)
        if tier is None or not self.capacities[post]:
            return None
        limits = self.limits_of[post]
        if not limits:
            return ((post, tier),)
        needed = [number for number, limit in limits if limit.people is None or person in limit.people]
        return None if any(not self.capacities[n] for n in needed) else tuple((n, tier) for n in (post, *needed))

    def single_options(self, person: int) -> tuple[Option, ...]:
        needed = [self.seats(person, post) for post in self.instance.wishes[person]]
        return tuple([(seats,) for seats in needed if seats is not None])

    def couple_options(self, couple: CoupleWishes) -> Iterator[Option]:
        first_member, second_member = couple.members
        for pair in couple.pairs:
            if pair == (NOWHERE, NOWHERE):
                return
            first, second = self.seats(first_member, pair[0]), self.seats(second_member, pair[1])
            if first is not None and second is not None and self.has_room(first, second):
                yield first, second

    def has_room(self, first: Seats, second: Seats) -> bool:
        """Whether what both need has two seats."""
        if len(first) < 2 and len(second) < 2 and first[:1] and second[:1] and first[0][0] != second[0][0]:
            return True
        shared = {resource for resource, _ in first} & {resource for resource, _ in second}
        return all(self.capacities[resource] >= 2 for resource in shared)
