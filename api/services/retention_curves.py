"""Curves by group as rows, and the groups in the order of their scale."""

import polars as pl

from api.services.world import World
from features.peers import POPULATION_BANDS
from models.group_curves import GroupCurve, GroupName
from models.posts import CONTRACT_FORMS

ORDER: tuple[str, ...] = (*(name for name, _ in POPULATION_BANDS), *CONTRACT_FORMS, *"123456", "specialist", "trainee")

COLUMNS = (
    "times_years",
    "at_risk",
    "model",
    "model_lower",
    "model_upper",
    "kaplan_meier",
    "kaplan_meier_lower",
    "kaplan_meier_upper",
)


def grouped_curves(world: World, by: GroupName) -> tuple[GroupCurve, ...]:
    """The curves of a grouping, smallest municipalities and most central class first."""
    found = (curve for curve in world.retention.curves if curve.by == by)
    return tuple(sorted(found, key=lambda curve: ORDER.index(curve.group) if curve.group in ORDER else len(ORDER)))


def curves_csv(world: World, by: GroupName) -> str:
    """One row per group and half year; empty where fewer than five contracts are at risk."""
    frames = (
        pl.DataFrame({name: list(getattr(curve, name)) for name in COLUMNS}, strict=False).select(
            pl.lit(curve.by).alias("by"),
            pl.lit(curve.group).alias("group"),
            pl.lit(curve.spells).alias("contracts"),
            pl.col(COLUMNS).exclude("at_risk").cast(pl.Float64),
            pl.col("at_risk").cast(pl.Int64),
            is_simulated=pl.lit(world.retention.is_simulated),
        )
        for curve in grouped_curves(world, by)
    )
    return pl.concat(frames).write_csv()
