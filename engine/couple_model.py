"""Stability with couples as a constraint model.

For each resource and tier a literal *takes* says that the resource has a free seat or holds somebody in a worse tier.
For each agent and option one literal says that the agent has it, another that the agent has it or something better.
Nothing blocks if and only if, for every option: all resources it needs seats in *let in* who comes ⇒ this or better. A
resource lets in

- one member: it takes them, or they have a seat there already;
- both members: they both have a seat there already; or one has, and it takes the other, that seat apart; or neither
  has, it takes the worse-ranked, and it has room for two seen from the better-ranked.

*Room for two* means that at most capacity − 2 of those it holds are in that tier or a better one. "Lets in" follows
from each of these; nothing follows from it but that an option is not refused, so that one direction is enough.
"""

from collections import defaultdict
from collections.abc import Container, Sequence

from ortools.sat.python import cp_model

from engine.couple_market import Market, Option, Seat

Tiers = tuple[int, int]  # of the members; a member who needs no seat there has NOT_THERE
NOT_THERE = -1


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
        for resource in range(len(market.capacities)):
            self._fill(resource)
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
            for seats in option:
                for resource, tier in seats:
                    self.seated[resource].append((tier, literals[place]))

    def _fill(self, resource: int) -> None:
        """Capacity, and what the resource takes."""
        of_tier: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for tier, literal in self.seated[resource]:
            of_tier[tier].append(literal)
        if not of_tier:
            return
        capacity, tiers = self.market.capacities[resource], sorted(of_tier)
        takes = [self.model.new_bool_var("") for _ in tiers]
        self.takes.update({(resource, tier): literal for tier, literal in zip(tiers, takes, strict=True)})
        total = cp_model.LinearExpr.sum([literal for _, literal in self.seated[resource]])
        self.model.add(total + takes[-1] <= capacity)
        self.model.add(total + capacity * takes[-1] >= capacity)
        for better, worse, tier in zip(takes, takes[1:], tiers[1:], strict=False):
            for literal in (worse, *of_tier[tier]):
                self.model.add_implication(literal, better)
            self.model.add_bool_or(~better, worse, *of_tier[tier])

    def room_for_two(self, seat: Seat) -> cp_model.IntVar:
        """Whether two of that tier would find seats that are free or held by somebody worse."""
        resource, tier = seat
        if seat not in self.roomy:
            needed = self.market.capacities[resource] - 1
            self.roomy[seat] = self.model.new_bool_var("")
            ahead = [literal for other, literal in self.seated[resource] if other <= tier]
            self.model.add(cp_model.LinearExpr.sum(ahead) + needed * self.roomy[seat] >= needed)
        return self.roomy[seat]

    def _keep_from_blocking(self, agent: int) -> None:
        options, has = self.market.options[agent], self.has[agent]
        entries = _Entries(self, options, has)
        better: cp_model.IntVar | None = None  # if true, the agent has this option or a better one
        for place, option in enumerate(options):
            this = self.model.new_bool_var("")
            if better is not None:
                self.model.add_implication(better, this)
                self.model.add_implication(better, ~has[place])
            better = this
            unless: list[cp_model.IntVar] = [better]
            if agent in self.may_block:
                self.blocks.append(self.model.new_bool_var(""))
                unless.append(self.blocks[-1])
            self.model.add_bool_or(*(~literal for literal in entries.needed(option)), *unless)
        if better is not None and len(options) in has:
            self.model.add_implication(better, ~has[len(options)])


class _Entries:
    """Literals that say whether resources let in one agent."""

    def __init__(self, model: StabilityModel, options: Sequence[Option], has: dict[int, cp_model.IntVar]) -> None:
        self.stability = model
        self.model = model.model
        self.has = has
        self.there: dict[int, dict[int, Tiers]] = defaultdict(dict)  # resource -> option -> tiers of the members there
        for place, option in enumerate(options):
            for resource, tiers in _needs(option).items():
                self.there[resource][place] = tiers
        self.known: dict[tuple[int, Tiers], cp_model.IntVar] = {}

    def needed(self, option: Option) -> list[cp_model.IntVar]:
        """For each resource of the option, whether it lets in who comes."""
        return [self.lets_in(resource, tiers) for resource, tiers in _needs(option).items()]

    def lets_in(self, resource: int, tiers: Tiers) -> cp_model.IntVar:
        if NOT_THERE in tiers and len(self.there[resource]) == 1:
            return self.stability.takes[resource, max(tiers)]  # where they have the seat, they have this option
        if (resource, tiers) not in self.known:
            self.known[resource, tiers] = self.model.new_bool_var("")
            if NOT_THERE in tiers:
                self.let_in_one(resource, tiers)
            else:
                self.let_in_both(resource, tiers)
        return self.known[resource, tiers]

    def let_in_one(self, resource: int, tiers: Tiers) -> None:
        literal, member = self.known[resource, tiers], 0 if tiers[1] == NOT_THERE else 1
        self.model.add_implication(self.stability.takes[resource, tiers[member]], literal)
        for place, now in self.there[resource].items():
            if now[member] != NOT_THERE:
                self.model.add_implication(self.has[place], literal)

    def let_in_both(self, resource: int, tiers: Tiers) -> None:
        literal, takes, room = self.known[resource, tiers], self.stability.takes, self.stability.room_for_two
        there = self.there[resource]
        worse, better = (resource, max(tiers)), (resource, min(tiers))
        self.model.add_bool_or(~takes[worse], ~room(better), literal, *(self.has[place] for place in there))
        for place, now in there.items():
            if NOT_THERE not in now:
                self.model.add_implication(self.has[place], literal)
                continue
            newcomer = tiers[0] if now[0] == NOT_THERE else tiers[1]
            # the partner's own seat counts as one of those in a worse tier: one more is needed
            beside = room((resource, newcomer)) if max(now) > newcomer else takes[resource, newcomer]
            self.model.add_bool_or(~self.has[place], ~beside, literal)


def _needs(option: Option) -> dict[int, Tiers]:
    """Resources of an option, with the tier of each member who needs a seat there."""
    if len(option) == 1:
        return {resource: (tier, NOT_THERE) for resource, tier in option[0]}
    first, second = (dict(seats) for seats in option)
    return {resource: (first.get(resource, NOT_THERE), second.get(resource, NOT_THERE)) for resource in first | second}
