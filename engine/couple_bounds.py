"""What no stable matching can have, found without search; it makes the constraint model small.

Two rules, applied until neither says anything new. Both speak of every stable matching.

- **Too good.** If a post with q places is the best that is left for q singles, and they need no seat in a limit there,
  nobody it ranks strictly below the q-th best of them is ever there: one of the q would be elsewhere, and block.
- **Sure.** A resource takes somebody for sure if fewer than q others for whom it is still possible are ranked as high
  or higher. A single then never has anything worse than an option of such seats only, a couple nothing worse than an
  option of such seats in which no resource is needed twice.

Leaving these options out loses no stable matching and adds none.
"""

from collections import Counter
from collections.abc import Container
from dataclasses import replace
from itertools import islice

from engine.couple_market import Market, Option

Listing = tuple[int, int, int]  # tier, agent, member
MemberSeat = tuple[int, int, int, int]  # agent, member, resource, tier


def narrowed(market: Market, lenient: Container[int] = ()) -> tuple[Market, list[list[int]]]:
    """The market without impossible options, and for each agent the numbers that its options had.

    Parameters
    ----------
    lenient : container of int
        Agents that may block; then the rules speak of every matching that nobody else blocks.

    Examples
    --------
    Two singles want the same place first; the post prefers the second, who is sure of it:

    >>> market = Market(((0,), (1,)), (((((0, 1),),), (((1, 0),),)), ((((0, 0),),),)), (1, 1), 2)
    >>> less, kept = narrowed(market)
    >>> less.options, kept, sorted(less.sure)
    ((((((1, 0),),),), ((((0, 0),),),)), [[1], [0]], [0, 1])
    """
    work = _Narrowing(market, lenient)
    work.run()
    kept = [[place for place, possible in enumerate(flags) if possible] for flags in work.possible]
    options = tuple(
        tuple(options[place] for place in places) for options, places in zip(market.options, kept, strict=True)
    )
    return replace(market, options=options, sure=frozenset(work.sure)), kept


class _Narrowing:
    """Which options are still possible, and which posts have to be looked at again."""

    def __init__(self, market: Market, lenient: Container[int]) -> None:
        self.market = market
        self.lenient = lenient
        self.possible = [[True] * len(options) for options in market.options]
        self.first = [0] * len(market.options)
        self.sure: set[int] = set()
        self.sure_seats: set[MemberSeat] = set()
        self.count: Counter[MemberSeat] = Counter()  # options left with that seat
        self.places: dict[MemberSeat, list[int]] = {}
        self.first_choosers: list[dict[int, int]] = [{} for _ in market.capacities]  # single -> tier
        ranked: list[set[Listing]] = [set() for _ in market.capacities]
        for agent, options in enumerate(market.options):
            for place, option in enumerate(options):
                for member, seats in enumerate(option):
                    for resource, tier in seats:
                        self.count[agent, member, resource, tier] += 1
                        self.places.setdefault((agent, member, resource, tier), []).append(place)
                        ranked[resource].add((tier, agent, member))
        self.listed: list[list[Listing]] = [sorted(entries) for entries in ranked]
        self.waiting = set(range(len(market.capacities)))

    def run(self) -> None:
        for agent in range(self.market.first_couple):
            self.choose_first(agent)
        while self.waiting:
            resource = self.waiting.pop()
            self.drop_too_good(resource)
            self.find_sure(resource)

    def choose_first(self, single: int) -> None:
        """Note which post is the best that is left for a single, if that alone decides."""
        options, flags = self.market.options[single], self.possible[single]
        place = self.first[single]
        while place < len(options) and not flags[place]:
            place += 1
        self.first[single] = place
        if place < len(options) and len(options[place][0]) == 1 and single not in self.lenient:
            post, tier = options[place][0][0]
            self.first_choosers[post][single] = tier
            self.waiting.add(post)

    def drop_too_good(self, resource: int) -> None:
        capacity, tiers = self.market.capacities[resource], self.first_choosers[resource].values()
        if not tiers or len(tiers) < capacity:
            return
        limit = sorted(tiers)[capacity - 1]
        listed = self.listed[resource]
        while listed and listed[-1][0] > limit:
            tier, agent, member = listed.pop()
            for place in self.places[agent, member, resource, tier]:
                self.drop(agent, place)

    def find_sure(self, resource: int) -> None:
        """Mark whom the resource takes for sure, and drop what is worse for them."""
        capacity = self.market.capacities[resource]
        possible = (entry for entry in self.listed[resource] if self.count[entry[1], entry[2], resource, entry[0]])
        best = list(islice(possible, capacity + 1))
        for tier, agent, member in best[:capacity]:
            if len(best) > capacity and tier == best[capacity][0]:
                return
            if (agent, member, resource, tier) not in self.sure_seats:
                self.sure_seats.add((agent, member, resource, tier))
                self.settle_sure(agent)

    def settle_sure(self, agent: int) -> None:
        """Drop everything after the first option whose seats are all sure."""
        if agent in self.lenient:
            return
        for place, option in enumerate(self.market.options[agent]):
            if self.possible[agent][place] and self.is_sure(agent, option):
                self.sure.add(agent)
                for worse in range(place + 1, len(self.possible[agent])):
                    self.drop(agent, worse)
                return

    def is_sure(self, agent: int, option: Option) -> bool:
        needed = [resource for seats in option for resource, _ in seats]
        if len(set(needed)) < len(needed):
            return False  # rare; left to the model
        return all((agent, member, *seat) in self.sure_seats for member, seats in enumerate(option) for seat in seats)

    def drop(self, agent: int, place: int) -> None:
        if not self.possible[agent][place]:
            return
        self.possible[agent][place] = False
        for member, seats in enumerate(self.market.options[agent][place]):
            for resource, tier in seats:
                self.count[agent, member, resource, tier] -= 1
                if not self.count[agent, member, resource, tier]:
                    self.waiting.add(resource)
        if agent < self.market.first_couple and place == self.first[agent]:
            self.first_choosers[self.market.options[agent][place][0][0][0]].pop(agent, None)
            self.choose_first(agent)
