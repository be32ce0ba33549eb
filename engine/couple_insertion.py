"""Couples inserted into deferred acceptance, round after round, until nothing blocks.

Where posts share limits, singles who need a seat in one are treated as couples are, for they can run in circles too.

Roth and Peranson's idea: singles are matched first; then couples enter in some order. Each takes the best pair that
blocks; whoever is displaced enters again, a couple with both members if either is displaced, and whoever wants a place
that has become free. A couple that has moved too often runs in circles: it is left out until the next round. Now and
then a couple takes any pair that blocks instead of the best, which is what leads out of most circles.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from engine.couple_market import Market
from engine.couple_seats import NO_SEATS, SeatsHeld

PATIENCE = 15
"""Moves that a couple may make in a round; a single within limits one more for each option."""
DARING = (0.3, 0.95, 0.0, 0.6)
"""How often couples take any pair that blocks, from one stretch of rounds to the next."""
STRETCH = 20


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where a round ended.

    Attributes
    ----------
    places : list of int
        For each agent the number of the option; the number of options where there is none.
    left_out : tuple of int
        Agents without a post because they ran in circles; nothing blocks but what they would rather have.
    blocking : int
        How many options of theirs block.
    touched : tuple of int
        Resources that changed hands in the round, most often first.
    """

    places: list[int]
    left_out: tuple[int, ...]
    blocking: int
    touched: tuple[int, ...]


def insertions(market: Market, seed: int) -> Iterator[Insertion]:
    """The end of each round, without end unless nothing blocks; the seed draws the order and all lots.

    Without couples the first round is candidate-proposing deferred acceptance.

    References
    ----------
    Roth and Peranson (1999), The redesign of the matching market for American physicians, American Economic Review
    89(4); Roth and Vande Vate (1990), Random paths to stability in two-sided matching, Econometrica 58(6).
    """
    state = _State(market, Random(seed))
    state.enter_singles()
    newcomers = list(range(market.first_couple, len(market.options)))
    number = 0
    while True:
        state.daring = DARING[number // STRETCH % len(DARING)]
        end = state.round(newcomers)
        yield end
        if not end.blocking:
            return
        newcomers = list(end.left_out)
        number += 1


class _State(SeatsHeld):
    """Who is where, and who has to be looked at."""

    def __init__(self, market: Market, random: Random) -> None:
        super().__init__(market.capacities)
        self.market = market
        self.options = market.options
        self.random = random
        self.daring = 0.0
        limited = market.limited
        self.is_plain = [agent < market.first_couple and agent not in limited for agent in range(len(market.options))]
        self.at = [len(options) for options in market.options]
        self.lots = [random.random() for _ in market.options]
        self.moves: dict[int, int] = {}
        self.touches = [0] * len(market.capacities)
        self.absent = set(range(market.first_couple, len(market.options)))
        self.listed = _listed(market)

    def enter_singles(self) -> None:
        singles = list(range(self.market.first_couple))
        self.random.shuffle(singles)
        self.settle(singles)

    def round(self, newcomers: list[int]) -> Insertion:
        self.random.shuffle(newcomers)
        self.moves = {}
        self.touches = [0] * len(self.capacities)
        for couple in newcomers:
            self.absent.discard(couple)
            self.settle([couple])
        touched = [resource for resource, times in enumerate(self.touches) if times]
        touched.sort(key=lambda resource: (-self.touches[resource], resource))
        blocking = sum(
            self.blocks(option, agent, NO_SEATS) for agent in sorted(self.absent) for option in self.options[agent]
        )
        return Insertion(list(self.at), tuple(sorted(self.absent)), blocking, tuple(touched))

    def settle(self, agents: list[int]) -> None:
        """Let agents move to what blocks, and everybody they displace, until nobody wants to."""
        self.waiting = agents
        self.vacated: list[int] = []
        while self.waiting or self.vacated:
            if self.waiting:
                self.look_after(self.waiting.pop())
            else:
                seeker = self.seeker(self.vacated[-1])
                if seeker is None:
                    self.vacated.pop()
                else:
                    self.waiting.append(seeker)

    def look_after(self, agent: int) -> None:
        """Let an agent move if it wants to; one that could run in circles and has moved too often leaves the round."""
        place = None if agent in self.absent else self.wanted(agent)
        if place is None:
            return
        if not self.is_plain[agent]:
            self.moves[agent] = self.moves.get(agent, 0) + 1
            if self.moves[agent] > self.patience(agent):
                self.absent.add(agent)
                self.leave(agent)
                return
        self.move(agent, place)

    def patience(self, agent: int) -> int:
        return PATIENCE + (len(self.options[agent]) if agent < self.market.first_couple else 0)

    def seeker(self, resource: int) -> int | None:
        """The best-ranked agent who would now move, of those who list the resource."""
        worst = self.worst_taken(resource)
        for tier, agent, place in self.listed[resource]:
            if tier > worst:
                return None
            if (
                place < self.at[agent]
                and agent not in self.absent
                and (self.is_plain[agent] or self.wanted(agent) is not None)
            ):
                return agent
        return None

    def wanted(self, agent: int) -> int | None:
        """Number of an option that blocks: the best, or for a daring agent any."""
        options, limit = self.options[agent], self.at[agent]
        if self.is_plain[agent]:
            for place in range(limit):
                resource, tier = options[place][0][0]
                if self.takes(resource, tier):
                    return place
            return None
        now = options[limit] if limit < len(options) else NO_SEATS
        blocking = (place for place in range(limit) if self.blocks(options[place], agent, now))
        if self.random.random() >= self.daring:
            return next(blocking, None)
        found = list(blocking)
        return self.random.choice(found) if found else None

    def move(self, agent: int, place: int) -> None:
        self.leave(agent)
        self.at[agent] = place
        option = self.options[agent][place]
        for seats in option:
            for resource, tier in seats:
                insort(self.held[resource], (tier, self.lots[agent], agent))
                self.touches[resource] += 1
        for seats in option:
            for resource, _ in seats:
                self.displace(resource, agent)
        if not self.is_plain[agent]:
            self.waiting.append(agent)

    def displace(self, resource: int, newcomer: int) -> None:
        """Let the worst held go until there is room; the newcomer stays."""
        while len(self.held[resource]) > self.capacities[resource]:
            worst = next(entry[2] for entry in reversed(self.held[resource]) if entry[2] != newcomer)
            self.leave(worst)
            self.waiting.append(worst)

    def leave(self, agent: int) -> None:
        """Take an agent out of every resource."""
        place = self.at[agent]
        if place == len(self.options[agent]):
            return
        for seats in self.options[agent][place]:
            for resource, tier in seats:
                self.held[resource].remove((tier, self.lots[agent], agent))
                self.vacated.append(resource)
        self.at[agent] = len(self.options[agent])


def _listed(market: Market) -> list[list[tuple[int, int, int]]]:
    """For each resource the agents who list it, as (tier, agent, number of their best option), best tier first."""
    best: list[dict[tuple[int, int], int]] = [{} for _ in market.capacities]
    for agent, options in enumerate(market.options):
        for place, option in enumerate(options):
            for seats in option:
                for resource, tier in seats:
                    best[resource].setdefault((tier, agent), place)
    return [sorted((tier, agent, place) for (tier, agent), place in entries.items()) for entries in best]
