"""Couples inserted into deferred acceptance, round after round, until nothing blocks.

Roth and Peranson's idea: singles are matched first; then couples enter in some order. Each takes the best pair that
blocks; whoever is displaced enters again, a couple with both members if either is displaced, and whoever wants a place
that has become free. A couple that has moved too often runs in circles: it is left out until the next round. Now and
then a couple takes any pair that blocks instead of the best, which is what leads out of most circles.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from engine.couple_market import Market, Option
from engine.instance import NOWHERE

Held = tuple[int, float, int]  # tier, lot, agent: the worst stands last
PATIENCE = 15
"""Moves that a couple may make in a round."""
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
        Couples without a post because they ran in circles; nothing blocks but what they would rather have.
    blocking : int
        How many options of theirs block.
    touched : tuple of int
        Posts that changed hands in the round, most often first.
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


class _State:
    """Who is where, and who has to be looked at."""

    def __init__(self, market: Market, random: Random) -> None:
        self.market = market
        self.options = market.options
        self.capacities = market.capacities
        self.random = random
        self.daring = 0.0
        self.at = [len(options) for options in market.options]
        self.lots = [random.random() for _ in market.options]
        self.held: list[list[Held]] = [[] for _ in market.capacities]
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
        touched = [post for post, times in enumerate(self.touches) if times]
        touched.sort(key=lambda post: (-self.touches[post], post))
        blocking = sum(
            self.blocks(option, couple, (NOWHERE, NOWHERE)) for couple in self.absent for option in self.options[couple]
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
                post = self.vacated[-1]
                seeker = self.seeker(post)
                if seeker is None:
                    self.vacated.pop()
                else:
                    self.waiting.append(seeker)

    def look_after(self, agent: int) -> None:
        """Let an agent move if it wants to; a couple that has moved too often leaves the round."""
        place = None if agent in self.absent else self.wanted(agent)
        if place is None:
            return
        if agent >= self.market.first_couple:
            self.moves[agent] = self.moves.get(agent, 0) + 1
            if self.moves[agent] > PATIENCE:
                self.absent.add(agent)
                self.leave(agent)
                return
        self.move(agent, place)

    def seeker(self, post: int) -> int | None:
        """The best-ranked agent who would now move, of those who list the post."""
        for tier, agent, place in self.listed[post]:
            if not self.takes(post, tier):
                return None
            if (
                place < self.at[agent]
                and agent not in self.absent
                and (agent < self.market.first_couple or self.wanted(agent) is not None)
            ):
                return agent
        return None

    def wanted(self, agent: int) -> int | None:
        """Number of an option that blocks: the best, or for a daring couple any."""
        options, limit = self.options[agent], self.at[agent]
        if agent < self.market.first_couple:
            for place in range(limit):
                post, tier = options[place][0]
                if self.takes(post, tier):
                    return place
            return None
        now = self.posts_of(agent)
        blocking = (place for place in range(limit) if self.blocks(options[place], agent, now))
        if self.random.random() >= self.daring:
            return next(blocking, None)
        found = list(blocking)
        return self.random.choice(found) if found else None

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
    """For each post the agents who list it, as (tier, agent, number of their best option there), best tier first."""
    best: list[dict[tuple[int, int], int]] = [{} for _ in market.capacities]
    for agent, options in enumerate(market.options):
        for place, option in enumerate(options):
            for post, tier in option:
                if post != NOWHERE:
                    best[post].setdefault((tier, agent), place)
    return [sorted((tier, agent, place) for (tier, agent), place in entries.items()) for entries in best]
