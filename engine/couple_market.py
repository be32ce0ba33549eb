"""Singles and couples as the solvers see them: only what both sides list, and which rank it has there.

An *agent* is a single or a couple. Agents are numbered singles first, then couples. What an agent can get is a list of
*options*, best first; an option is one seat for a single and two for a couple. A seat is a pair (post, tier), where
tier is the rank of the person at the post; a member who stays without a post has the seat `NO_SEAT`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.instance import NOWHERE, CoupleWishes, Instance

Seat = tuple[int, int]
Option = tuple[Seat, ...]
NO_SEAT: Seat = (NOWHERE, 0)


@dataclass(frozen=True, slots=True)
class Market:
    """Agents with their options, and posts with their places.

    Attributes
    ----------
    people : tuple of tuple of int
        For each agent the person, or the two members.
    options : tuple of tuple of Option
        For each agent, best first; without a post for all of them is not among them.
    capacities : tuple of int
        Places of each post, at most as many as people it ranks.
    first_couple : int
        Agents from this number on are couples.
    sure : frozenset of int
        Agents who have one of their options in every stable matching.
    """

    people: tuple[tuple[int, ...], ...]
    options: tuple[tuple[Option, ...], ...]
    capacities: tuple[int, ...]
    first_couple: int
    sure: frozenset[int] = frozenset()

    def matching(self, places: Sequence[int], people: int) -> list[int]:
        """Post of each person, if agent number i has the option ``places[i]``; past the end is none."""
        matching = [NOWHERE] * people
        for agent, place in enumerate(places):
            if place < len(self.options[agent]):
                for person, (post, _) in zip(self.people[agent], self.options[agent][place], strict=True):
                    matching[person] = post
        return matching


def market_of(instance: Instance) -> Market:
    """The market of an instance; wishes that can never come true are left out.

    Examples
    --------
    >>> from engine.instance_document import parsed_instance
    >>> market_of(parsed_instance({
    ...     "proposers": [{"id": "a", "preferences": ["x", "y"]}],
    ...     "posts": [{"id": "x", "capacity": 0, "preferences": [["a"]]},
    ...               {"id": "y", "capacity": 1, "preferences": [[], ["a"]]}],
    ... })).options
    ((((1, 1),),),)
    """
    members = {member for couple in instance.couples for member in couple.members}
    singles = [person for person in range(len(instance.people)) if person not in members]
    return Market(
        people=(*((person,) for person in singles), *(couple.members for couple in instance.couples)),
        options=(
            *(_single_options(instance, person) for person in singles),
            *(_couple_options(instance, couple) for couple in instance.couples),
        ),
        capacities=tuple(map(min, instance.capacities, map(len, instance.tiers))),
        first_couple=len(singles),
    )


def _single_options(instance: Instance, person: int) -> tuple[Option, ...]:
    return tuple(
        ((post, instance.tiers[post][person]),)
        for post in instance.wishes[person]
        if person in instance.tiers[post] and instance.capacities[post] > 0
    )


def _couple_options(instance: Instance, couple: CoupleWishes) -> tuple[Option, ...]:
    found: list[Option] = []
    for pair in couple.pairs:
        if pair == (NOWHERE, NOWHERE):
            break
        needed = 2 if pair[0] == pair[1] else 1
        if all(
            post == NOWHERE or (member in instance.tiers[post] and instance.capacities[post] >= needed)
            for member, post in zip(couple.members, pair, strict=True)
        ):
            first, second = (
                NO_SEAT if post == NOWHERE else (post, instance.tiers[post][member])
                for member, post in zip(couple.members, pair, strict=True)
            )
            found.append((first, second))
    return tuple(found)
