"""Stability with couples as a constraint model.

For each post and tier a literal *takes* says that the post has a free place or holds somebody in a worse tier. For each
agent and option one literal says that the agent has it, another that the agent has it or something better. Nothing
blocks if and only if, for every option,

- of a single: the post takes them ⇒ this or better;
- of a couple at two posts: both take ⇒ this or better; with one member there already, the other's takes ⇒ this or
  better;
- of a couple at one post: it takes the worse-ranked member, it has room for two seen from the better-ranked, and
  neither is there already ⇒ this or better; with one member there already, it takes the other, that place apart ⇒
  this or better. *Room for two* means that at most capacity − 2 of those it holds are in that tier or a better one.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence

from ortools.sat.python import cp_model

from engine.couple_market import Market, Option, Seat
from engine.instance import NOWHERE

Literal = cp_model.BoolVarT | bool


class StabilityModel:
    """Constraints of stability; its solutions are the stable matchings.

    Parameters
    ----------
    places : sequence of int
        For each agent an option to try first; the number of options means none.
    may_block : container of int
        Agents whose options may block, each counted in `blocks`.
    """

    def __init__(self, market: Market, places: Sequence[int], may_block: Container[int] = ()) -> None:
        self.market = market
        self.may_block = may_block
        self.model = cp_model.CpModel()
        self.blocks: list[cp_model.IntVar] = []
        self.has: list[dict[int, cp_model.IntVar]] = []
        self.seated: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in market.capacities]
        self.takes: dict[Seat, cp_model.IntVar] = {}
        self.roomy: dict[Seat, cp_model.IntVar] = {}
        for agent, place in enumerate(places):
            self._place(agent, place)
        for post in range(len(market.capacities)):
            self._fill(post)
        for agent in range(len(market.options)):
            self._keep_from_blocking(agent)

    def found(self, solver: cp_model.CpSolver) -> list[int]:
        """For each agent the option it has in the solver's solution."""
        return [
            next(place for place, literal in literals.items() if solver.boolean_value(literal)) for literals in self.has
        ]

    def _place(self, agent: int, first_tried: int) -> None:
        """Literals for what an agent may have: one option, or none of them."""
        options = self.market.options[agent]
        may_have = range(len(options) + (agent not in self.market.sure))
        literals = {place: self.model.new_bool_var("") for place in may_have}
        self.model.add_exactly_one(literals.values())
        self.has.append(literals)
        for place, literal in literals.items():
            self.model.add_hint(literal, place == first_tried)
        for place, option in enumerate(options):
            for post, tier in option:
                if post != NOWHERE:
                    self.seated[post].append((tier, literals[place]))

    def _fill(self, post: int) -> None:
        """Capacity, and what the post takes."""
        of_tier: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for tier, literal in self.seated[post]:
            of_tier[tier].append(literal)
        if not of_tier:
            return
        capacity, tiers = self.market.capacities[post], sorted(of_tier)
        takes = [self.model.new_bool_var("") for _ in tiers]
        self.takes.update({(post, tier): literal for tier, literal in zip(tiers, takes, strict=True)})
        total = cp_model.LinearExpr.sum([literal for _, literal in self.seated[post]])
        self.model.add(total + takes[-1] <= capacity)
        self.model.add(total + capacity * takes[-1] >= capacity)
        for better, worse, tier in zip(takes, takes[1:], tiers[1:], strict=False):
            for literal in (worse, *of_tier[tier]):
                self.model.add_implication(literal, better)
            self.model.add_bool_or(~better, worse, *of_tier[tier])

    def _taking(self, seat: Seat) -> Literal:
        """Whether a post takes somebody of the tier; to have no post is always possible."""
        return True if seat[0] == NOWHERE else self.takes[seat]

    def _room_for_two(self, seat: Seat) -> Literal:
        post, tier = seat
        if seat not in self.roomy:
            needed = self.market.capacities[post] - 1
            self.roomy[seat] = self.model.new_bool_var("")
            ahead = [literal for other, literal in self.seated[post] if other <= tier]
            self.model.add(cp_model.LinearExpr.sum(ahead) + needed * self.roomy[seat] >= needed)
        return self.roomy[seat]

    def _keep_from_blocking(self, agent: int) -> None:
        options, has = self.market.options[agent], self.has[agent]
        better: cp_model.IntVar | None = None  # if true, the agent has this option or a better one
        for place, option in enumerate(options):
            this = self.model.new_bool_var("")
            if better is not None:
                self.model.add_implication(better, this)
                self.model.add_implication(better, ~has[place])
            better = this
            unless: list[Literal] = [better]
            if agent in self.may_block:
                self.blocks.append(self.model.new_bool_var(""))
                unless.append(self.blocks[-1])
            if agent < self.market.first_couple:
                self._clause([self._taking(option[0])], unless)
                continue
            for conditions, instead in self._couple_cases(options, place, has):
                self._clause(conditions, [*unless, *instead])
        if better is not None and len(options) in has:
            self.model.add_implication(better, ~has[len(options)])

    def _couple_cases(
        self, options: Sequence[Option], place: int, has: dict[int, cp_model.IntVar]
    ) -> Iterator[tuple[list[Literal], list[cp_model.IntVar]]]:
        """What together makes an option of a couple block, and what would except it, case by case."""
        (post, tier), (other, other_tier) = options[place]
        first_there = [has[later] for later in _later(options, place, 0)]
        second_there = [has[later] for later in _later(options, place, 1)]
        if post == other:
            worse, better = max(tier, other_tier), min(tier, other_tier)
            yield [self._taking((post, worse)), self._room_for_two((post, better))], [*first_there, *second_there]
            # the partner's own place counts as one of those in a worse tier: one more is needed
            beside_first = self._room_for_two if tier > other_tier else self._taking
            beside_second = self._room_for_two if other_tier > tier else self._taking
        else:
            yield [self._taking((post, tier)), self._taking((other, other_tier))], []
            beside_first = beside_second = self._taking
        for there in first_there:
            yield [there, beside_first((other, other_tier))], []
        for there in second_there:
            yield [there, beside_second((post, tier))], []

    def _clause(self, conditions: Sequence[Literal], consequences: Sequence[Literal]) -> None:
        """If all conditions hold, so does one of the consequences."""
        self.model.add_bool_or(*(~literal for literal in conditions if literal is not True), *consequences)


def _later(options: Sequence[Option], place: int, member: int) -> Iterator[int]:
    """Numbers of the worse options that have the member at the same post."""
    post = options[place][member][0]
    if post != NOWHERE:
        for later in range(place + 1, len(options)):
            if options[later][member][0] == post:
                yield later
