"""What the page shows that tells how figures become scores, with the figures of this run."""

from dataclasses import dataclass

import polars as pl

from api.services.world import World
from features.adjusted_outcome import OUTCOMES
from features.catalogue import WEIGHT_OF_EVIDENCE, EvidenceClass, Factor, Indicator
from features.fairness import AGAINST
from features.scoring import DRAWS as SCORE_DRAWS
from features.scoring import FEWEST_RANKED, SMALLEST_COVERAGE
from features.sensitivity import DRAWS as RANK_DRAWS
from features.sensitivity import WEIGHT_NOISE, Choice


@dataclass(frozen=True, slots=True)
class DriverRow:
    """Share of the variance of ranks on a factor that each choice brings about; the largest is `strongest`."""

    factor: Factor
    shares: tuple[float, ...]
    strongest: Choice
    middle_width: float


@dataclass(frozen=True, slots=True)
class Correlation:
    """A rank correlation with its 90 % interval."""

    value: float
    lower: float
    upper: float

    @property
    def may_be_none(self) -> bool:
        """Whether the interval holds zero."""
        return self.lower <= 0 <= self.upper


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """Whether an outcome follows a structural indicator, before and after the adjustment."""

    outcome: Indicator
    against: Indicator
    raw: Correlation
    adjusted: Correlation
    tie_free: Correlation


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """Share of an outcome's variation that structure explains in other counties, with its 90 % interval."""

    outcome: Indicator
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class WeightRow:
    """Weight of a class of evidence, and how many indicators it holds."""

    evidence: EvidenceClass
    weight: float
    indicators: int


@dataclass(frozen=True, slots=True)
class MethodsPage:
    """Everything the template needs: settings of the method and what this run found."""

    weights: tuple[WeightRow, ...]
    choices: tuple[Choice, ...]
    drivers: tuple[DriverRow, ...]
    fairness: tuple[FairnessRow, ...]
    explained: tuple[ExplainedRow, ...]
    score_draws: int = SCORE_DRAWS
    rank_draws: int = RANK_DRAWS
    weight_noise: float = WEIGHT_NOISE
    smallest_coverage: float = SMALLEST_COVERAGE
    fewest_ranked: int = FEWEST_RANKED


def methods_page(world: World) -> MethodsPage:
    """View of the methods and of what they give in this run."""
    catalogue, scores = world.catalogue, world.scores
    evidence = [entry.evidence for entry in catalogue.indicators.values()]
    return MethodsPage(
        weights=tuple(WeightRow(key, weight, evidence.count(key)) for key, weight in WEIGHT_OF_EVIDENCE.items()),
        choices=tuple(Choice),
        drivers=_drivers(world),
        fairness=tuple(
            FairnessRow(
                catalogue.indicator(row["outcome"]),
                catalogue.indicator(row["against"]),
                *(
                    Correlation(row[name], row[f"{name}_lower"], row[f"{name}_upper"])
                    for name in ("raw", "adjusted", "tie_free")
                ),
            )
            for outcome in OUTCOMES
            for against in AGAINST
            for row in scores.fairness.filter(
                (pl.col("outcome") == outcome) & (pl.col("against") == against)
            ).iter_rows(named=True)
        ),
        explained=tuple(
            ExplainedRow(catalogue.indicator(row.pop("outcome")), **row)
            for row in scores.explained.iter_rows(named=True)
        ),
    )


def _drivers(world: World) -> tuple[DriverRow, ...]:
    totals = {
        (row[0], Choice(row[1])): row[2]
        for row in world.scores.rank_drivers.select("factor", "choice", "total").iter_rows()
    }
    widths = dict(
        world.scores.rank_intervals.group_by("factor")
        .agg((pl.col("rank_upper") - pl.col("rank_lower")).median())
        .iter_rows()
    )
    return tuple(
        DriverRow(
            factor,
            tuple(totals[key, choice] for choice in Choice),
            max(Choice, key=lambda choice: totals[key, choice]),
            widths[key],
        )
        for key, factor in world.catalogue.factors.items()
        if key in widths
    )
