"""Couples inserted into deferred acceptance, one after the other, until nothing blocks or it runs in circles.

Roth and Peranson's idea: singles are matched first; then couples enter in some order. Each takes the best pair that
blocks; whoever is displaced enters again, a couple with both members if either is displaced, and whoever wants a place
that has become free. A couple that has moved too often is left out and named.
"""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from engine.couple_market import Market, Option
from engine.instance import NOWHERE

Held = tuple[int, float, int]  # tier, lot, agent: the worst stands last


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where it ended.

    Attributes
    ----------
    places : list of int
        For each agent the number of the option; the number of options where there is none.
    left_out : tuple of int
        Couples that ran in circles and were taken out of the round without a post; nothing else blocks.
    touched : tuple of int
        Posts that changed hands because of couples, most often first.
    """

    places: list[int]
    left_out: tuple[int, ...]
    touched: tuple[int, ...]


def insert_couples(market: Market, *, seed: int, patience: int = 30) -> Insertion:
    """Match singles, then insert couples in an order that the seed draws.

    Parameters
    ----------
    patience : int
        Moves a couple may make before it is left out.

    References
    ----------
    Roth and Peranson (1999), The redesign of the matching market for American physicians, American Economic Review
    89(4).
    """
    state = _State(market, Random(seed))
    return state.run(patience)


class _State:
    """Who is where, and who has to be looked at."""

    def __init__(self, market: Market, random: Random) -> None:
        self.market = market
        self.options = market.options
        self.capacities = market.capacities
        self.at = [len(options) for options in market.options]
        self.lots = [random.random() for _ in market.options]
        self.random = random
        self.held: list[list[Held]] = [[] for _ in market.capacities]
        self.moves = [0] * len(market.options)
        self.touches = [0] * len(market.capacities)
        self.left_out: set[int] = set()
        self.entered: set[int] = set()
        self.listed = _listed(market)

    def run(self, patience: int) -> Insertion:
        singles = list(range(self.market.first_couple))
        couples = list(range(self.market.first_couple, len(self.options)))
        self.random.shuffle(singles)
        self.random.shuffle(couples)
        self.entered.update(singles)
        self.settle(singles, patience)
        self.touches = [0] * len(self.capacities)
        for couple in couples:
            self.entered.add(couple)
            self.settle([couple], patience)
        touched = sorted(
            (post for post, times in enumerate(self.touches) if times), key=lambda post: (-self.touches[post], post)
        )
        return Insertion(self.at, tuple(sorted(self.left_out)), tuple(touched))

    def settle(self, agents: list[int], patience: int) -> None:
        """Let agents move to what blocks, and everybody they displace, until nobody wants to."""
        self.waiting = agents
        self.vacated: list[int] = []
        while self.waiting or self.vacated:
            if self.waiting:
                agent = self.waiting.pop()
                if agent in self.left_out:
                    continue
                place = self.wanted(agent)
                if place is None:
                    continue
                self.moves[agent] += 1
                if agent >= self.market.first_couple and self.moves[agent] > patience:
                    self.left_out.add(agent)
                    self.leave(agent)
                else:
                    self.move(agent, place)
            else:
                post = self.vacated[-1]
                seeker = self.seeker(post)
                if seeker is None:
                    self.vacated.pop()
                else:
                    self.waiting.append(seeker)

    def seeker(self, post: int) -> int | None:
        """The best-ranked agent who would now move, of those who list the post."""
        for tier, agent, place in self.listed[post]:
            if not self.takes(post, tier):
                return None
            if place < self.at[agent] and agent in self.entered and agent not in self.left_out:
                if agent < self.market.first_couple or self.wanted(agent) is not None:
                    return agent
        return None

    def wanted(self, agent: int) -> int | None:
        """Number of the best option that blocks."""
        options, limit = self.options[agent], self.at[agent]
        if agent < self.market.first_couple:
            for place in range(limit):
                post, tier = options[place][0]
                if self.takes(post, tier):
                    return place
            return None
        now = self.posts_of(agent)
        for place in range(limit):
            if self.blocks(options[place], agent, now):
                return place
        return None

    def posts_of(self, couple: int) -> tuple[int, int]:
        place = self.at[couple]
        if place == len(self.options[couple]):
            return NOWHERE, NOWHERE
        first, second = self.options[couple][place]
        return first[0], second[0]

    def blocks(self, option: Option, couple: int, now: tuple[int, int]) -> bool:
        (post, tier), (other, other_tier) = option
        if post == now[0]:
            return self.takes_beside(other, other_tier, couple if other == post else NOWHERE)
        if other == now[1]:
            return self.takes_beside(post, tier, couple if other == post else NOWHERE)
        if post == other:
            return self.takes(post, max(tier, other_tier)) and self.room(post, min(tier, other_tier)) >= 2
        return self.takes(post, tier) and self.takes(other, other_tier)

    def takes(self, post: int, tier: int) -> bool:
        """Whether the post has a free place or strictly prefers that tier to somebody it holds."""
        if post == NOWHERE:
            return True
        held = self.held[post]
        return len(held) < self.capacities[post] or held[-1][0] > tier

    def takes_beside(self, post: int, tier: int, partner_of: int) -> bool:
        """The same, a place that the partner holds apart."""
        if post == NOWHERE or partner_of == NOWHERE:
            return self.takes(post, tier)
        held = self.held[post]
        return len(held) < self.capacities[post] or any(
            entry[0] > tier and entry[2] != partner_of for entry in held[-2:]
        )

    def room(self, post: int, tier: int) -> int:
        """Places that are free or held by somebody in a worse tier, counted up to two."""
        held = self.held[post]
        free = self.capacities[post] - len(held)
        return free + sum(entry[0] > tier for entry in held[-2:])

    def move(self, agent: int, place: int) -> None:
        kept = self.posts_of(agent) if agent >= self.market.first_couple else (NOWHERE, NOWHERE)
        self.leave(agent)
        self.at[agent] = place
        option = self.options[agent][place]
        for post, tier in option:
            if post != NOWHERE:
                insort(self.held[post], (tier, self.lots[agent], agent))
                self.touches[post] += 1
        for post, _ in option:
            if post != NOWHERE:
                self.displace(post, agent)
        if agent >= self.market.first_couple:
            self.waiting.append(agent)
            self.vacated.extend(post for post in kept if post != NOWHERE)

    def displace(self, post: int, newcomer: int) -> None:
        """Let the worst held go until there is room; the newcomer stays."""
        while len(self.held[post]) > self.capacities[post]:
            worst = next(entry[2] for entry in reversed(self.held[post]) if entry[2] != newcomer)
            self.leave(worst)
            self.waiting.append(worst)

    def leave(self, agent: int) -> None:
        """Take an agent out of every post."""
        place = self.at[agent]
        if place == len(self.options[agent]):
            return
        for post, tier in self.options[agent][place]:
            if post != NOWHERE:
                self.held[post].remove((tier, self.lots[agent], agent))
                self.vacated.append(post)
        self.at[agent] = len(self.options[agent])


def _listed(market: Market) -> list[list[tuple[int, int, int]]]:
    """For each post the agents who list it, as (tier, agent, number of their worst option there), best tier first."""
    worst: list[dict[tuple[int, int], int]] = [{} for _ in market.capacities]
    for agent, options in enumerate(market.options):
        for place, option in enumerate(options):
            for post, tier in option:
                if post != NOWHERE:
                    worst[post].setdefault((tier, agent), place)
    return [sorted((tier, agent, place) for (tier, agent), place in entries.items()) for entries in worst]
