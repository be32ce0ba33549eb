"""Size and growth: conditions that set what to expect, not merits."""

import polars as pl

from features.indicators.observations import newest, observed, population_of
from features.snapshot import Snapshot


def population(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants on 1 January of the newest year."""
    return observed(population_of(snapshot).rename({"population": "value"}))


def population_growth_5y(snapshot: Snapshot) -> pl.DataFrame:
    """Change of the population over the last five years, as a share of the population before."""
    growth = newest(snapshot.living_conditions, "population_growth_5y_pct")
    return observed(growth.with_columns(pl.col("value") / 100))


def population_density(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants per square kilometre of total area."""
    places = snapshot.municipalities.join(population_of(snapshot), on="municipality_code")
    return observed(
        places.with_columns(numerator="population", denominator="area_km2").with_columns(
            value=pl.col("population") / pl.col("area_km2")
        )
    )


def centrality_index(snapshot: Snapshot) -> pl.DataFrame:
    """SSB's centrality index, 0-1000 (2024)."""
    return observed(snapshot.municipalities.with_columns(value="centrality_index", year=2024))
