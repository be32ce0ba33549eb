"""Stable matching of singles and couples: found, proven impossible, or as few blocking as could be found.

Without couples, and with limits that are nested, deferred acceptance finds it (`engine.limited_acceptance`). Otherwise
couples, and singles within limits, are inserted round after round; nearly always that ends without anything blocking.
Where it does not, the market is narrowed to what stable matchings can have and a constraint solver finds one or proves
that there is none. Then it looks for the matching with the fewest blocking options. Every result is checked by
`engine.couple_stability`, which shares no code with what found it.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from ortools.sat.python import cp_model

from engine.couple_bounds import narrowed
from engine.couple_insertion import insertions
from engine.couple_market import Market, market_of
from engine.couple_model import StabilityModel
from engine.couple_stability import Blocking, UnsoundMatchingError, verdict_on
from engine.instance import Instance
from engine.limited_acceptance import limited_acceptance
from features.errors import InvalidInputError

ROUNDS = 15
"""Rounds of insertion, without a better end, after which it starts anew."""
STARTS = 4
"""Times that it starts, if time allows, before the constraint solver takes over."""


FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


class Status(StrEnum):
    """What is known about an instance."""

    STABLE = "stable"
    NONE_EXISTS = "none_exists"
    FEWEST_BLOCKING = "fewest_blocking"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Solution:
    """A matching, and what is known about it.

    Attributes
    ----------
    status : Status
        ``none_exists`` only with a proof. ``fewest_blocking``: time was up without a stable matching or a proof that
        there is none, and fewer blocking options were searched for; ``undecided``: time was up before that search
        gave anything.
    matching : list of int
        For each person the number of the post, or `NOWHERE`.
    blocking : tuple of Blocking
        Everything that blocks it.
    bound : int
        Proven: every matching has at least so many blocking. If it equals the number that block, there are no fewer.
    is_accepted : bool
        Found by deferred acceptance: with strict ranks everybody likes it best among all stable matchings.
    """

    status: Status
    matching: list[int]
    blocking: tuple[Blocking, ...]
    bound: int
    is_accepted: bool = False


def solve_instance(instance: Instance, *, seconds: float, clock: Callable[[], float], seed: int = 1) -> Solution:
    """A stable matching, a proof that none exists, or the best found within the time.

    Parameters
    ----------
    seconds : float
        Time limit; building models of very large instances can take longer.
    clock : callable
        Seconds since any moment, such as ``time.monotonic``.

    Raises
    ------
    InvalidInputError
        The time limit is not above 0.
    UnsoundMatchingError
        The result fails the independent check.

    Examples
    --------
    A couple of which the post likes one member more, and the single less, than each other:

    >>> from engine.instance_document import parsed_instance
    >>> instance = parsed_instance({
    ...     "proposers": [{"id": "s", "preferences": ["x", "y"]}],
    ...     "posts": [{"id": "x", "capacity": 1, "preferences": [["a"], ["s"]]},
    ...               {"id": "y", "capacity": 1, "preferences": [["s"], ["b"]]}],
    ...     "couples": [{"members": ["a", "b"], "preferences": [["x", "y"]]}],
    ... })
    >>> solve_instance(instance, seconds=10, clock=lambda: 0.0).status
    <Status.NONE_EXISTS: 'none_exists'>
    """
    if not seconds > 0:
        raise InvalidInputError("seconds", seconds, "more than 0")
    search = _Search(market_of(instance), seed, clock, clock() + seconds)
    status, bound = search.run()
    matching = search.market.matching(search.places, len(instance.people))
    verdict = verdict_on(instance, matching)
    if not verdict.is_allowed or not bound <= len(verdict.blocking) <= search.blocking:
        raise UnsoundMatchingError(search.blocking, verdict)
    found = Status.STABLE if verdict.is_stable else status
    return Solution(found, matching, verdict.blocking, bound, search.is_accepted)


class _Search:
    """The best places found so far, and the time left."""

    def __init__(self, market: Market, seed: int, clock: Callable[[], float], deadline: float) -> None:
        self.market = market
        self.seed = seed
        self.clock = clock
        self.deadline = deadline
        self.places: list[int] = []
        self.blocking = 0
        self.building = 0.0
        self.is_accepted = False

    def run(self) -> tuple[Status, int]:
        accepted = limited_acceptance(self.market, self.seed)
        if accepted is not None:
            self.places, self.is_accepted = accepted, True
            return Status.STABLE, 0
        self.insert()
        if not self.blocking:
            return Status.STABLE, 0
        exists = self.decide()
        if exists:
            return Status.STABLE, 0
        bound, has_searched = self.reduce_blocking(0 if exists is None else 1)
        if not self.blocking:
            return Status.STABLE, 0
        if bound > 0:
            return Status.NONE_EXISTS, bound
        return Status.FEWEST_BLOCKING if has_searched else Status.UNDECIDED, bound

    def seconds_left(self) -> float:
        return self.deadline - self.clock()

    def insert(self) -> None:
        """Insert agents until nothing blocks or it has stopped getting better."""
        started, time_for_it = self.clock(), self.seconds_left()
        for start in range(STARTS):
            self.insert_once(self.seed + start, started + time_for_it / 3)
            if not self.blocking or self.clock() - started > time_for_it / 15:
                return

    def insert_once(self, seed: int, until: float) -> None:
        rounds = 0
        fewest = None
        for end in insertions(self.market, seed):
            rounds += 1
            if fewest is None or end.blocking < fewest:
                fewest, rounds = end.blocking, 0
            if not self.places or end.blocking < self.blocking:
                self.places, self.blocking = end.places, end.blocking
            if rounds >= ROUNDS or self.clock() > until:
                return

    def decide(self) -> bool | None:
        """Whether a stable matching exists, which is then taken; None if time is up."""
        if self.seconds_left() <= 0:
            return None
        started = self.clock()
        model, kept = self.narrowed_model(())
        self.building = self.clock() - started
        solver = self.solver(self.seconds_left() * 0.85)
        solver.parameters.linearization_level = 0
        answer = solver.solve(model.model)
        if answer not in FOUND:
            return False if answer == cp_model.INFEASIBLE else None
        self.take(model.found(solver), kept, 0)
        return True

    def reduce_blocking(self, bound: int) -> tuple[int, bool]:
        """Look for fewer blocking options; what is proven of their number, and whether the search was carried out."""
        if self.blocking <= bound:
            return bound, True
        has_searched = not self.market.limited and self.let_couples_block(bound)
        if self.blocking <= bound or self.seconds_left() <= 5 * self.building:  # the whole model is that much larger
            return bound, has_searched
        agents = range(len(self.market.options))
        model = StabilityModel(self.market, self.places, agents)
        total = cp_model.LinearExpr.sum(model.blocks)
        model.model.add_linear_constraint(total, bound, self.blocking)
        model.model.minimize(total)
        solver = self.solver(self.seconds_left())
        if self.market.limited:  # in trials 5 and 6 blocking after 20 s; with relaxations 9 and 6
            solver.parameters.linearization_level = 0
        answer = solver.solve(model.model)
        if answer not in FOUND:
            return bound, has_searched
        self.take(model.found(solver), None, round(solver.objective_value))
        return max(bound, ceil(solver.best_objective_bound - 1e-6)), True

    def let_couples_block(self, bound: int) -> bool:
        """Look for fewer where only couples block: a smaller model, no bound for all; whether there was time for it."""
        couples = range(self.market.first_couple, len(self.market.options))
        has_searched = False
        for most in range(max(bound, 1), self.blocking):
            if self.seconds_left() <= 2 * self.building:
                break
            model, kept = self.narrowed_model(couples)
            model.model.add(cp_model.LinearExpr.sum(model.blocks) == most)
            solver = self.solver(self.seconds_left() / 2)
            solver.parameters.linearization_level = 0
            answer = solver.solve(model.model)
            has_searched = True
            if answer in FOUND:
                self.take(model.found(solver), kept, most)
            if answer != cp_model.INFEASIBLE:
                break
        return has_searched

    def narrowed_model(self, lenient: Container[int]) -> tuple[StabilityModel, list[list[int]]]:
        """The small model, in which those agents may block, and the numbers that its options have in the market."""
        market, kept = narrowed(self.market, lenient)
        start = [
            places.index(place) if place in places else len(places)
            for places, place in zip(kept, self.places, strict=True)
        ]
        return StabilityModel(market, start, lenient), kept

    def take(self, places: list[int], kept: list[list[int]] | None, blocking: int) -> None:
        """Take over what a model found, in the numbers of the market."""
        if kept is not None:
            places = [
                own[place] if place < len(own) else len(options)
                for own, place, options in zip(kept, places, self.market.options, strict=True)
            ]
        self.places, self.blocking = places, blocking

    def solver(self, seconds: float) -> cp_model.CpSolver:
        """A solver that gives the same answer every time, if time allows."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
        return solver
