"""Outcomes beside what structure leads one to expect, as they are drawn and told."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from api.services.profile import OutcomeResult
from api.services.world import World
from features.catalogue import Indicator, Unit

Position = Literal["below", "within", "above"]

MOST_STEPS = 4

PERSON_STEPS = (50.0, 100.0, 200.0, 250.0, 500.0, 1000.0)

STEPS: Mapping[Unit, tuple[float, ...]] = {"share": (0.01, 0.02, 0.05, 0.1, 0.25)}
"""Distances between the marks of an axis; `PERSON_STEPS` for other units."""


@dataclass(frozen=True, slots=True)
class ShareExplained:
    """How much structure explains of the differences between municipalities, with its 90 % interval."""

    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Follows:
    """How the outcome follows a structural indicator: rank correlation before and after the adjustment.

    ``after`` has every tie broken at random; its 90 % interval lies between ``lower`` and ``upper``.
    """

    against: Indicator
    before: float
    after: float
    lower: float
    upper: float

    @property
    def is_gone(self) -> bool:
        """Whether the interval after the adjustment holds zero."""
        return self.lower <= 0 <= self.upper


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """One outcome with its axis, what structure explains of it, and whether the adjustment is fair."""

    result: OutcomeResult
    entry: Indicator
    position: Position
    ticks: tuple[float, ...]
    explained: ShareExplained
    follows: tuple[Follows, ...]

    @property
    def is_unsure(self) -> bool:
        """Whether what is left when structure is taken out may be nothing."""
        return self.result.residual_lower <= 0 <= self.result.residual_upper

    @property
    def has_ties(self) -> bool:
        """Whether places of the same structure and size would often have the very same result."""
        return round(self.result.score_ties_lost) != round(self.result.score_ties_won)

    def at(self, value: float) -> float:
        """Where a value stands on the axis, in per cent of its length."""
        return 100 * (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


def outcome_views(world: World, outcomes: tuple[OutcomeResult, ...]) -> tuple[OutcomeView, ...]:
    """Views of a municipality's outcomes."""
    return tuple(_view(world, outcome) for outcome in outcomes)


def position(outcome: OutcomeResult) -> Position:
    """Where the actual value lies in the range that chance allows."""
    if outcome.actual < outcome.normal_lower:
        return "below"
    return "above" if outcome.actual > outcome.normal_upper else "within"


def outcome_ticks(outcome: OutcomeResult, unit: Unit) -> tuple[float, ...]:
    """Marks of the outcome's axis: few even steps that hold everything drawn; shares start at nothing."""
    drawn = (
        outcome.actual,
        outcome.expected,
        outcome.expected_lower,
        outcome.expected_upper,
        outcome.normal_lower,
        outcome.normal_upper,
    )
    steps = STEPS.get(unit, PERSON_STEPS)
    lowest = 0.0 if unit == "share" else min(drawn)
    highest = max(*drawn, lowest + steps[0])
    step = next((step for step in steps if highest - lowest <= MOST_STEPS * step + 1e-9), steps[-1])
    first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    return tuple(step * number for number in range(first, last + 1))


def _view(world: World, outcome: OutcomeResult) -> OutcomeView:
    entry = world.catalogue.indicator(outcome.indicator)
    explained = world.scores.explained.row(by_predicate=pl.col("outcome") == outcome.indicator, named=True)
    fairness = world.scores.fairness.filter(pl.col("outcome") == outcome.indicator)
    return OutcomeView(
        result=outcome,
        entry=entry,
        position=position(outcome),
        ticks=outcome_ticks(outcome, entry.unit),
        explained=ShareExplained(explained["share"], explained["lower"], explained["upper"]),
        follows=tuple(
            Follows(
                world.catalogue.indicator(row["against"]),
                row["raw"],
                row["tie_free"],
                row["tie_free_lower"],
                row["tie_free_upper"],
            )
            for row in fairness.iter_rows(named=True)
        ),
    )
