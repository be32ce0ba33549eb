"""What no stable matching can have, found without search; it makes the constraint model small.

Two rules, applied until neither says anything new. Both speak of every stable matching.

- **Too good.** If a post with q places is the best that is left for q singles, nobody it ranks strictly below the q-th
  best of them is ever there: one of the q would be elsewhere, and block.
- **Sure.** A post takes somebody for sure if fewer than q others for whom it is still possible are ranked as high or
  higher. A single then never has anything worse than that post, a couple nothing worse than a pair of two such posts.

Leaving these options out loses no stable matching and adds none.
"""

from collections import Counter
from collections.abc import Container
from itertools import islice

from engine.couple_market import Market, Option
from engine.instance import NOWHERE

Listing = tuple[int, int, int]  # tier, agent, member


def narrowed(market: Market, lenient: Container[int] = ()) -> tuple[Market, list[list[int]]]:
    """The market without impossible options, and for each agent the numbers that its options had.

    Parameters
    ----------
    lenient : container of int
        Couples that may block; then the rules speak of every matching that nobody else blocks.

    Examples
    --------
    Two singles want the same place first; the post prefers the second, who is sure of it:

    >>> market = Market(((0,), (1,)), ((((0, 1),), ((1, 0),)), (((0, 0),),)), (1, 1), 2)
    >>> less, kept = narrowed(market)
    >>> less.options, kept, sorted(less.sure)
    (((((1, 0),),), (((0, 0),),)), [[1], [0]], [0, 1])
    """
    work = _Narrowing(market, lenient)
    work.run()
    kept = [[place for place, possible in enumerate(flags) if possible] for flags in work.possible]
    options = tuple(
        tuple(options[place] for place in places) for options, places in zip(market.options, kept, strict=True)
    )
    return Market(market.people, options, market.capacities, market.first_couple, frozenset(work.sure)), kept


class _Narrowing:
    """Which options are still possible, and which posts have to be looked at again."""

    def __init__(self, market: Market, lenient: Container[int]) -> None:
        self.market = market
        self.lenient = lenient
        self.possible = [[True] * len(options) for options in market.options]
        self.first = [0] * len(market.options)
        self.sure: set[int] = set()
        self.sure_seats: set[tuple[int, int, int]] = set()  # agent, member, post
        self.count: Counter[tuple[int, int, int]] = Counter()  # options left with that seat
        self.places: dict[tuple[int, int, int], list[int]] = {}
        self.first_choosers: list[dict[int, int]] = [{} for _ in market.capacities]  # single -> tier
        ranked: list[set[Listing]] = [set() for _ in market.capacities]
        for agent, options in enumerate(market.options):
            for place, option in enumerate(options):
                for member, (post, tier) in enumerate(option):
                    if post != NOWHERE:
                        self.count[agent, member, post] += 1
                        self.places.setdefault((agent, member, post), []).append(place)
                        ranked[post].add((tier, agent, member))
        self.listed: list[list[Listing]] = [sorted(entries) for entries in ranked]
        self.waiting = set(range(len(market.capacities)))

    def run(self) -> None:
        for agent in range(self.market.first_couple):
            self.choose_first(agent)
        while self.waiting:
            post = self.waiting.pop()
            self.drop_too_good(post)
            self.find_sure(post)

    def choose_first(self, single: int) -> None:
        """Note which post is the best that is left for a single."""
        options, flags = self.market.options[single], self.possible[single]
        place = self.first[single]
        while place < len(options) and not flags[place]:
            place += 1
        self.first[single] = place
        if place < len(options):
            post, tier = options[place][0]
            self.first_choosers[post][single] = tier
            self.waiting.add(post)

    def drop_too_good(self, post: int) -> None:
        capacity, tiers = self.market.capacities[post], self.first_choosers[post].values()
        if not tiers or len(tiers) < capacity:
            return
        limit = sorted(tiers)[capacity - 1]
        listed = self.listed[post]
        while listed and listed[-1][0] > limit:
            _, agent, member = listed.pop()
            for place in self.places[agent, member, post]:
                self.drop(agent, place)

    def find_sure(self, post: int) -> None:
        """Mark whom the post takes for sure, and drop what is worse for them."""
        capacity = self.market.capacities[post]
        possible = (entry for entry in self.listed[post] if self.count[entry[1], entry[2], post])
        best = list(islice(possible, capacity + 1))
        for tier, agent, member in best[:capacity]:
            if len(best) > capacity and tier == best[capacity][0]:
                return
            if (agent, member, post) not in self.sure_seats:
                self.sure_seats.add((agent, member, post))
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
        posts = [post for post, _ in option]
        if len(posts) == 2 and posts[0] == posts[1]:
            return False  # rare; left to the model
        return all(post == NOWHERE or (agent, member, post) in self.sure_seats for member, post in enumerate(posts))

    def drop(self, agent: int, place: int) -> None:
        if not self.possible[agent][place]:
            return
        self.possible[agent][place] = False
        for member, (post, _) in enumerate(self.market.options[agent][place]):
            if post != NOWHERE:
                self.count[agent, member, post] -= 1
                if not self.count[agent, member, post]:
                    self.waiting.add(post)
        if agent < self.market.first_couple and place == self.first[agent]:
            post = self.market.options[agent][place][0][0]
            del self.first_choosers[post][agent]
            self.choose_first(agent)
