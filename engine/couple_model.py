"""Stability with couples as a constraint model, of all posts or of some.

For each post and tier a literal *takes* says that the post has a free place or holds somebody in a worse tier. For each
agent and option one literal says that the agent has it, another that the agent has it or something better. Nothing
blocks if and only if, for every option,

- of a single: the post takes them ⇒ this or better;
- of a couple at two posts: both take ⇒ this or better; with one member there already, the other's takes ⇒ this or
  better;
- of a couple at one post: it takes the worse-ranked member, it has room for two seen from the better-ranked, and neither
  is there already ⇒ this or better; with one member there already, it takes the other, that place apart ⇒ this or
  better. *Room for two* means that at most capacity − 2 of those it holds are in that tier or a better one.

*Takes* must be true where it is true; nothing gets easier for the model by claiming it elsewhere.

Posts outside the model keep whom they hold and take whom they take now. A solution of a model of some posts is one of
the whole; that it has none says nothing about the whole.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from ortools.sat.python import cp_model

from engine.couple_market import Market, Option, Seat
from engine.instance import NOWHERE

Literal = cp_model.BoolVarT | bool


class StabilityModel:
    """Constraints of stability for the posts that may change.

    Parameters
    ----------
    places : sequence of int
        For each agent the option it has now; whoever has a post outside the model keeps it. Also where to start.
    posts : collection of int or None
        Posts that may change; None for all.
    may_block : bool
        Whether options may block, counted one by one in `blocks`, instead of none being allowed to.
    """

    def __init__(
        self, market: Market, places: Sequence[int], posts: Collection[int] | None = None, *, may_block: bool = False
    ) -> None:
        self.market = market
        self.places = places
        self.open = set(range(len(market.capacities))) if posts is None else set(posts)
        self.may_block = may_block
        self.model = cp_model.CpModel()
        self.blocks: list[cp_model.IntVar] = []
        self.has: dict[int, dict[int, Literal]] = {}
        self.seated: dict[int, list[tuple[int, Literal]]] = defaultdict(list)
        self.takes: dict[Seat, Literal] = {}
        self.roomy: dict[Seat, Literal] = {}
        self.closed_tiers = self._closed_tiers()
        self._build()

    def found(self, solver: cp_model.CpSolver) -> list[int]:
        """For each agent the option it has in the solver's solution."""
        places = list(self.places)
        for agent, literals in self.has.items():
            places[agent] = next(
                place for place, literal in literals.items() if literal is True or solver.boolean_value(literal)
            )
        return places

    def _build(self) -> None:
        options = self.market.options
        concerned = [
            agent for agent in range(len(options)) if any(post in self.open for opt in options[agent] for post, _ in opt)
        ]
        tiers: dict[int, set[int]] = {post: set() for post in self.open}
        for agent in concerned:
            self._place(agent)
            for option in options[agent]:
                for post, tier in option:
                    if post in self.open:
                        tiers[post].add(tier)
        for post in self.open:
            self._fill(post, sorted(tiers[post]))
        for agent in concerned:
            self._keep_from_blocking(agent)

    def _closed_tiers(self) -> dict[int, list[int]]:
        """Tiers of those whom each post outside the model holds."""
        tiers: dict[int, list[int]] = defaultdict(list)
        for options, place in zip(self.market.options, self.places, strict=True):
            for post, tier in options[place] if place < len(options) else ():
                if post not in self.open:
                    tiers[post].append(tier)
        return tiers

    def _is_open(self, option: Option) -> bool:
        return all(post == NOWHERE or post in self.open for post, _ in option)

    def _place(self, agent: int) -> None:
        """Literals for what an agent may have: one option, or none of them."""
        options, now = self.market.options[agent], self.places[agent]
        literals: dict[int, Literal] = {now: True}
        if now == len(options) or self._is_open(options[now]):
            may_have = [place for place, option in enumerate(options) if self._is_open(option)]
            may_have += [] if agent in self.market.sure else [len(options)]
            drawn = {place: self.model.new_bool_var("") for place in may_have}
            self.model.add_exactly_one(drawn.values())
            for place, literal in drawn.items():
                self.model.add_hint(literal, place == now)
            literals = dict(drawn)
        self.has[agent] = literals
        for place, literal in literals.items():
            for post, tier in options[place] if place < len(options) else ():
                if post in self.open:
                    self.seated[post].append((tier, literal))

    def _fill(self, post: int, tiers: Sequence[int]) -> None:
        """Capacity, and what the post takes at the least."""
        if not tiers:
            return
        capacity, seated = self.market.capacities[post], self.seated[post]
        takes = [self.model.new_bool_var("") for _ in tiers]
        self.takes.update({(post, tier): literal for tier, literal in zip(tiers, takes, strict=True)})
        total = sum(literal for _, literal in seated)
        self.model.add(total + takes[-1] <= capacity)
        self.model.add(total + capacity * takes[-1] >= capacity)
        of_tier: dict[int, list[Literal]] = defaultdict(list)
        for tier, literal in seated:
            of_tier[tier].append(literal)
        for better, worse, tier in zip(takes, takes[1:], tiers[1:], strict=False):
            for literal in (worse, *of_tier[tier]):
                self._clause([literal], better)
            self._clause([better], worse, *of_tier[tier])

    def _taking(self, seat: Seat) -> Literal:
        """Whether a post takes somebody of the tier."""
        post, tier = seat
        if post == NOWHERE:
            return True
        return self.takes[seat] if post in self.open else self._closed_room(post, tier) >= 1

    def _room_for_two(self, seat: Seat) -> Literal:
        post, tier = seat
        if post not in self.open:
            return self._closed_room(post, tier) >= 2
        if seat not in self.roomy:
            needed = self.market.capacities[post] - 1
            self.roomy[seat] = self.model.new_bool_var("")
            ahead = sum(literal for other, literal in self.seated[post] if other <= tier)
            self.model.add(ahead + needed * self.roomy[seat] >= needed)
        return self.roomy[seat]

    def _closed_room(self, post: int, tier: int) -> int:
        return self.market.capacities[post] - sum(other <= tier for other in self.closed_tiers[post])

    def _keep_from_blocking(self, agent: int) -> None:
        options, has = self.market.options[agent], self.has[agent]
        is_single = agent < self.market.first_couple
        is_fixed = any(literal is True for literal in has.values())
        better: Literal = False
        for place, option in enumerate(options):
            if not is_fixed:
                better = self._or_better(better, has, place)
            elif place in has:
                return
            blocks = self._may_block()
            if is_single:
                self._clause([self._taking(option[0])], better, blocks)
                continue
            for conditions, instead in self._couple_blocks(options, place, has):
                self._clause(conditions, better, blocks, *instead)
        if better is not False and len(options) in has:
            self.model.add_implication(better, ~has[len(options)])

    def _or_better(self, better: Literal, has: dict[int, Literal], place: int) -> Literal:
        """A literal that, if true, leaves the agent only this option and better ones."""
        this = self.model.new_bool_var("")
        if better is not False:
            self.model.add_implication(better, this)
            if place in has:
                self.model.add_implication(better, ~has[place])
        return this

    def _may_block(self) -> Literal:
        if not self.may_block:
            return False
        self.blocks.append(self.model.new_bool_var(""))
        return self.blocks[-1]

    def _couple_blocks(
        self, options: Sequence[Option], place: int, has: dict[int, Literal]
    ) -> Iterator[tuple[list[Literal], list[Literal]]]:
        """What together makes an option of a couple block, and what would except it, case by case."""
        (post, tier), (other, other_tier) = options[place]
        first_there = _with(options, has, place, 0, post)
        second_there = _with(options, has, place, 1, other)
        if post == other:
            worse, better = max(tier, other_tier), min(tier, other_tier)
            yield [self._taking((post, worse)), self._room_for_two((post, better))], [*first_there, *second_there]
            beside_first = self._room_for_two if tier > other_tier else self._taking
            beside_second = self._room_for_two if other_tier > tier else self._taking
        else:
            yield [self._taking((post, tier)), self._taking((other, other_tier))], []
            beside_first = beside_second = self._taking
        for there in first_there:
            yield [there, beside_first((other, other_tier))], []
        for there in second_there:
            yield [there, beside_second((post, tier))], []

    def _clause(self, conditions: Sequence[Literal], *consequences: Literal) -> None:
        """If all conditions hold, so does one of the consequences."""
        if any(condition is False for condition in conditions) or any(literal is True for literal in consequences):
            return
        self.model.add_bool_or(
            *(~condition for condition in conditions if condition is not True),
            *(literal for literal in consequences if literal is not False),
        )


def _with(
    options: Sequence[Option], has: dict[int, Literal], place: int, member: int, post: int
) -> list[Literal]:
    """Literals of the options after a place that have the member at the post."""
    if post == NOWHERE:
        return []
    return [
        literal for later, literal in has.items() if place < later < len(options) and options[later][member][0] == post
    ]
