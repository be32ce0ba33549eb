"""Least numbers of people in some posts, met by a cap on all the others.

If the stable matching does not have them, all posts outside the minimums together get a cap, lowered until it has.
Whoever ranks worst there has to look elsewhere, which can free a seat of another limit for somebody. The result is
stable for the capped market; what blocks it in the market without cap is the price, and is told. The cap compares tiers
of all those posts, so they must use one scale.

References
----------
Kamada and Kojima (2015), Efficient matching under distributional constraints: theory and applications, American
Economic Review 105(1), on Japan's caps on residents in cities; Fragiadakis, Iwasaki, Troyan, Ueda and Yokoo (2016),
Strategyproof matching with minimum quotas, ACM Transactions on Economics and Computation 4(1).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.couple_solver import Solution, solve_instance
from engine.couple_stability import verdict_on
from engine.instance import Identifier, Instance, Limit


class MinimumStatus(StrEnum):
    """What came of the least numbers."""

    MET = "met"
    """The stable matching has them, without a cap; also where none are set."""
    MET_BY_CAP = "met_by_cap"
    NOT_FEASIBLE = "not_feasible"
    """No cap gives them; the matching is the one without cap."""
    UNDECIDED = "undecided"
    """Time was up before all caps were tried; the matching is the one without cap."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least so many people in these posts together, where that is feasible."""

    identifier: Identifier
    at_least: int
    posts: frozenset[int]


@dataclass(frozen=True, slots=True)
class Reached:
    """People that the matching has in the posts of a minimum, and that the one without cap has."""

    identifier: Identifier
    at_least: int
    reached: int
    without_cap: int


@dataclass(frozen=True, slots=True)
class Cap:
    """What it took to meet the least numbers.

    Attributes
    ----------
    places : int
        At most so many people in all posts outside the minimums.
    worse_off, better_off : int
        People with a worse and a better choice than without the cap; members of a couple count each.
    blocking : int
        Options that block in the market without the cap.
    """

    places: int
    worse_off: int
    better_off: int
    blocking: int


class Runs:
    """Searches that share one time limit."""

    def __init__(self, seconds: float, clock: Callable[[], float], seed: int) -> None:
        self.seconds = seconds
        self.clock = clock
        self.seed = seed
        self.deadline = clock() + seconds

    @property
    def has_time(self) -> bool:
        """Whether another search is worth starting."""
        return self.deadline - self.clock() > self.seconds / 100

    def solve(self, instance: Instance) -> Solution:
        """A search with at most half of the time that is left."""
        seconds = max(self.deadline - self.clock(), 0.0) / 2 or self.seconds / 100
        return solve_instance(instance, seconds=seconds, clock=self.clock, seed=self.seed)


def with_minimums(
    instance: Instance, solution: Solution, minimums: Sequence[Minimum], runs: Runs
) -> tuple[MinimumStatus, Cap | None, Instance, Solution]:
    """What comes of the minimums, the cap if one helps, and the market it makes with its matching."""
    if _missing(solution, minimums) <= 0:
        return MinimumStatus.MET, None, instance, solution
    inside = frozenset().union(*(minimum.posts for minimum in minimums))
    outside = frozenset(range(len(instance.posts))) - inside
    places, step = placed(solution.matching, outside), 1
    while places:
        if not runs.has_time:
            return MinimumStatus.UNDECIDED, None, instance, solution
        places -= min(places, step)
        capped = replace(instance, limits=(*instance.limits, Limit("cap", places, outside)))
        last = runs.solve(capped)
        if _missing(last, minimums) <= 0 and len(last.blocking) <= len(solution.blocking):
            return MinimumStatus.MET_BY_CAP, _cap(instance, solution, last, places), capped, last
        # Without other limits each place less turns away one person, and brings one more at most: no cap is left out.
        step = max(_missing(last, minimums), 1) if last.is_accepted and not instance.limits else 1
    return MinimumStatus.NOT_FEASIBLE, None, instance, solution


def _cap(instance: Instance, without: Solution, capped: Solution, places: int) -> Cap:
    changes = Counter(
        (after > before) - (after < before)
        for before, after in zip(_choices(instance, without.matching), _choices(instance, capped.matching), strict=True)
    )
    return Cap(places, changes[1], changes[-1], len(verdict_on(instance, capped.matching).blocking))


def _choices(instance: Instance, matching: Sequence[int]) -> list[int]:
    """Number of the choice that each person gets, of the joint list for members of a couple; past the end is none."""
    choices = [
        wishes.index(post) if post in wishes else len(wishes)
        for wishes, post in zip(instance.wishes, matching, strict=True)
    ]
    for couple in instance.couples:
        pair = (matching[couple.members[0]], matching[couple.members[1]])
        choice = couple.pairs.index(pair) if pair in couple.pairs else len(couple.pairs)
        for member in couple.members:
            choices[member] = choice
    return choices


def _missing(solution: Solution, minimums: Sequence[Minimum]) -> int:
    """How many people the minimum lacks that lacks most."""
    return max((minimum.at_least - placed(solution.matching, minimum.posts) for minimum in minimums), default=0)


def placed(matching: Sequence[int], posts: frozenset[int]) -> int:
    """How many people are in these posts."""
    return sum(post in posts for post in matching)
