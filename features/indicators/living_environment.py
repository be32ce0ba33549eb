"""Living environment: families, kindergartens and schools, safety, and the way to a city."""

import numpy as np
import polars as pl

from features.accessibility import road_km
from features.indicators.observations import newest, observed, population_of, ratio
from features.indicators.travel import minutes_to_nearest
from features.snapshot import Snapshot

CITY_POPULATION = 50_000
"""Inhabitants from which a municipality counts as a larger city (the top population band of the NKI statistics)."""


def kindergartens_per_1000_children(snapshot: Snapshot) -> pl.DataFrame:
    """Kindergartens per 1,000 inhabitants aged 0-17."""
    children = _share_of_population(snapshot, "children_pct").with_columns(value="numerator")
    return ratio(newest(snapshot.living_conditions, "kindergartens"), children, scale=1000)


def school_secondary_km(snapshot: Snapshot) -> pl.DataFrame:
    """Estimated road distance to the nearest municipality with an upper secondary school; 0 if it has its own."""
    schools = newest(snapshot.living_conditions, "upper_secondary_schools")
    places = snapshot.municipalities.join(schools, on="municipality_code").sort("municipality_code")
    return _nearest(places, places["value"] > 0)


def city_50k_km(snapshot: Snapshot) -> pl.DataFrame:
    """Estimated road distance to the nearest municipality of at least 50,000 inhabitants."""
    places = snapshot.municipalities.join(population_of(snapshot), on="municipality_code").sort("municipality_code")
    return _nearest(places, places["population"] >= CITY_POPULATION)


def airport_city_min(snapshot: Snapshot) -> pl.DataFrame:
    """Mean of the estimated minutes by road to the nearest airport and to the nearest city of 50,000 inhabitants."""
    places = snapshot.municipalities.join(population_of(snapshot).drop("year"), on="municipality_code")
    cities = places.filter(pl.col("population") >= CITY_POPULATION)
    airport, city = (minutes_to_nearest(places, targets) for targets in (snapshot.airports, cities))
    year = snapshot.measure("airports.airport")[1].newest_year
    return observed(places.with_columns(value=(airport + city) / 2, year=year))


def children_share(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants aged 0-17 of all inhabitants (0-1)."""
    return _share_of_population(snapshot, "children_pct")


def reported_offences_per_1000(snapshot: Snapshot) -> pl.DataFrame:
    """Reported offences per 1,000 inhabitants."""
    rate = newest(snapshot.living_conditions, "reported_offences_per_1000")
    inhabitants = population_of(snapshot, rate["year"].item(0)).select("municipality_code", denominator="population")
    return observed(
        rate.join(inhabitants, on="municipality_code").with_columns(
            numerator=pl.col("value") * pl.col("denominator") / 1000
        )
    )


def median_household_income(snapshot: Snapshot) -> pl.DataFrame:
    """Median total income before tax of all households, NOK per year."""
    return observed(newest(snapshot.living_conditions, "median_household_income_nok"))


def higher_education_share(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants 16 and over with higher education (0-1); the denominator counts all inhabitants."""
    return _share_of_population(snapshot, "higher_education_pct")


def aged_67_plus_share(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants 67 and over of all inhabitants (0-1)."""
    return _share_of_population(snapshot, "aged_67_plus_pct")


def _share_of_population(snapshot: Snapshot, measure: str) -> pl.DataFrame:
    """Published percentage as a share; numerator and denominator rebuilt from the inhabitants of that year."""
    percentage = newest(snapshot.living_conditions, measure)
    inhabitants = population_of(snapshot, percentage["year"].item(0))
    return observed(
        percentage.join(inhabitants.drop("year"), on="municipality_code").with_columns(
            value=pl.col("value") / 100,
            numerator=pl.col("value") / 100 * pl.col("population"),
            denominator="population",
        )
    )


def _nearest(places: pl.DataFrame, is_target: pl.Series) -> pl.DataFrame:
    distance = np.where(is_target.to_numpy()[None, :], road_km(places), np.inf).min(axis=1)
    return observed(places.with_columns(value=pl.Series(distance)))
