"""Deferred acceptance where posts share limits, for singles: everybody proposes, nested limits choose.

It applies where any two resources (posts and limits, as sets of the pairs of person and post that they count) are
nested or disjoint. Then a greedy choice is the best choice of all resources together: take the best-ranked pair, and
the next, and so on, as long as every resource has a free seat. Such choices are substitutable, so proposing down the
own list and letting the worst go ends in one matching whoever proposes first. With strict ranks everybody likes it
best among all stable matchings, and nobody gains by another list than the true one.

Ties are broken by one lot per person, drawn with the seed and the same in all resources.

One case is beyond it. By the definition of `engine.couple_stability` people keep their seat in a limit when they move
between its posts, also to one where they rank *worse*; the greedy choice rather gives the seat to whoever now ranks
better. Where somebody would gain that way nothing is returned, and a stable matching may not exist. It cannot happen
where each person has one tier in all posts of a limit.

References
----------
Fleiner (2003), A fixed-point approach to stable matchings and some applications, Mathematics of Operations Research
28(1); Hatfield and Milgrom (2005), Matching with contracts, American Economic Review 95(4); Kamada and Kojima (2015),
Efficient matching under distributional constraints: theory and applications, American Economic Review 105(1); Kojima,
Tamura and Yokoo (2018), Designing matching mechanisms under constraints: an approach from discrete convex analysis,
Journal of Economic Theory 176.
"""

from bisect import insort
from collections import Counter
from itertools import combinations
from random import Random

from engine.couple_market import Market, Seats

Held = tuple[int, float, int]  # tier, lot, agent: the worst stands last


def limited_acceptance(market: Market, seed: int) -> list[int] | None:
    """For each agent the number of the option in the stable matching that everybody likes best; None if out of reach.

    The number of options stands for none of them. Out of reach are couples, limits that overlap without being nested,
    and the case named above.

    Examples
    --------
    Two posts share one seat; the second person ranks better, and the first goes without:

    >>> seats = (((0, 1), (2, 1)),), (((1, 0), (2, 0)),)
    >>> limited_acceptance(Market(((0,), (1,)), ((seats[0],), (seats[1],)), (1, 1, 1), 2), seed=1)
    [1, 0]
    """
    if market.first_couple < len(market.options):
        return None
    size = Counter(resource for seats in _all_seats(market) for resource, _ in seats)
    if not _is_nested(market, size):
        return None
    acceptance = _Acceptance(market, size, seed)
    acceptance.run()
    return None if acceptance.is_disputed() else acceptance.at


def _all_seats(market: Market) -> list[Seats]:
    return [option[0] for options in market.options for option in options]


def _is_nested(market: Market, size: Counter[int]) -> bool:
    """Whether of any two resources that count one pair, one counts all that the other does."""
    both = Counter(
        pair for seats in _all_seats(market) for pair in combinations(sorted(resource for resource, _ in seats), 2)
    )
    return all(count == min(size[first], size[second]) for (first, second), count in both.items())


class _Acceptance:
    """Who proposes where, and whom the resources hold for now."""

    def __init__(self, market: Market, size: Counter[int], seed: int) -> None:
        random = Random(seed)
        self.capacities = market.capacities
        self.lots = [random.random() for _ in market.options]
        self.seats = [  # innermost resource first
            [sorted(option[0], key=lambda seat: (size[seat[0]], seat[0])) for option in options]
            for options in market.options
        ]
        self.at = [0] * len(market.options)
        self.held: list[list[Held]] = [[] for _ in market.capacities]

    def run(self) -> None:
        waiting = list(range(len(self.at)))
        while waiting:
            agent = waiting.pop()
            if self.at[agent] == len(self.seats[agent]):
                continue
            refused = self.propose(agent)
            if refused is not None:
                self.at[refused] += 1
                waiting.append(refused)

    def propose(self, agent: int) -> int | None:
        """Hold the agent in every resource of the next option; who has to go for it, if anybody."""
        for resource, tier in self.seats[agent][self.at[agent]]:
            insort(self.held[resource], (tier, self.lots[agent], agent))
        for resource, _ in self.seats[agent][self.at[agent]]:
            if len(self.held[resource]) > self.capacities[resource]:
                worst = self.held[resource][-1][2]  # in all outer resources too: they are within capacity again
                for other, tier in self.seats[worst][self.at[worst]]:
                    self.held[other].remove((tier, self.lots[worst], worst))
                return worst
        return None

    def is_disputed(self) -> bool:
        """Whether somebody would rather move, within a limit, to a post where they rank worse."""
        return any(
            self.would_fit(agent, place)
            for agent, at in enumerate(self.at)
            for place in range(at)
            if at < len(self.seats[agent])
        )

    def would_fit(self, agent: int, place: int) -> bool:
        has = {resource for resource, _ in self.seats[agent][self.at[agent]]}
        return all(
            resource in has or len(self.held[resource]) < self.capacities[resource] or self.held[resource][-1][0] > tier
            for resource, tier in self.seats[agent][place]
        )
