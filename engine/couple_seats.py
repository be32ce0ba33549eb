"""Whom posts and limits hold during insertion, and whom they would take."""

from collections.abc import Sequence
from math import inf

from engine.couple_market import Option, Seats

Held = tuple[int, float, int]  # tier, lot, agent: the worst stands last
NO_SEATS: Option = ((), ())


class SeatsHeld:
    """Everybody who has a seat, by resource."""

    def __init__(self, capacities: Sequence[int]) -> None:
        self.capacities = capacities
        self.held: list[list[Held]] = [[] for _ in capacities]

    def blocks(self, option: Option, agent: int, now: Option) -> bool:
        """Whether all resources take those who need a seat and have none now."""
        if len(option) == 1:
            return all(self.takes(*seat) or _tier_in(now[0], seat[0]) is not None for seat in option[0])
        if len(option[0]) < 2 and len(option[1]) < 2:
            return self.posts_take(option, agent, now)
        return self.takes_member(option, 0, agent, now) and self.takes_member(option, 1, agent, now)

    def posts_take(self, option: Option, couple: int, now: Option) -> bool:
        """The same for a couple at posts without limits, by the cases of the definition."""
        first, second = option
        if first and second and first[0][0] == second[0][0]:
            (post, tier), (_, other_tier) = first[0], second[0]
            if first == now[0]:
                return self.takes_beside(post, other_tier, couple)
            if second == now[1]:
                return self.takes_beside(post, tier, couple)
            return self.takes(post, max(tier, other_tier)) and self.room(post, min(tier, other_tier)) >= 2
        return (not first or first == now[0] or self.takes(*first[0])) and (
            not second or second == now[1] or self.takes(*second[0])
        )

    def takes_member(self, option: Option, member: int, couple: int, now: Option) -> bool:
        """Whether a member of a couple would get the seats, and both members where both are new."""
        partner = 1 - member
        for resource, tier in option[member]:
            if _tier_in(now[member], resource) is not None:
                continue
            beside = _tier_in(option[partner], resource)
            if beside is None:
                is_taken = self.takes(resource, tier)
            elif _tier_in(now[partner], resource) is not None:
                is_taken = self.takes_beside(resource, tier, couple)
            else:
                is_taken = self.takes(resource, max(tier, beside)) and self.room(resource, min(tier, beside)) >= 2
            if not is_taken:
                return False
        return True

    def takes(self, resource: int, tier: int) -> bool:
        """Whether the resource has a free seat or strictly prefers that tier to somebody it holds."""
        held = self.held[resource]
        return len(held) < self.capacities[resource] or held[-1][0] > tier

    def worst_taken(self, resource: int) -> float:
        """The worst tier that the resource takes."""
        held = self.held[resource]
        return inf if len(held) < self.capacities[resource] else held[-1][0] - 1

    def takes_beside(self, resource: int, tier: int, partner_of: int) -> bool:
        """The same, a seat that the partner holds apart."""
        held = self.held[resource]
        return len(held) < self.capacities[resource] or any(
            entry[0] > tier and entry[2] != partner_of for entry in held[-2:]
        )

    def room(self, resource: int, tier: int) -> int:
        """Seats that are free or held by somebody in a worse tier, counted up to two."""
        held = self.held[resource]
        free = self.capacities[resource] - len(held)
        return free + sum(entry[0] > tier for entry in held[-2:])


def _tier_in(seats: Seats, resource: int) -> int | None:
    for other, tier in seats:
        if other == resource:
            return tier
    return None
