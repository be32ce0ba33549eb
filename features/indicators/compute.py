"""Computes every indicator of the catalogue that the snapshot can give."""

from collections.abc import Callable

import dataframely as dy
import polars as pl

from features.catalogue import Catalogue
from features.errors import CatalogueError, ContractViolationError
from features.frames import IndicatorValue
from features.indicators import (
    flexibility,
    living_environment,
    partner_jobs,
    professional_community,
    size_growth,
    vacancy,
    workload,
)
from features.snapshot import Snapshot

FUNCTIONS: dict[str, Callable[[Snapshot], pl.DataFrame]] = {
    function.__name__: function
    for function in (
        professional_community.gp_colleagues,
        professional_community.gps_in_region,
        professional_community.list_length_change,
        partner_jobs.labour_market_reach,
        partner_jobs.commuter_jobs_reach,
        partner_jobs.region_population,
        partner_jobs.minutes_to_region_centre,
        partner_jobs.region_higher_education_share,
        flexibility.open_list_share,
        flexibility.reserve_capacity_index,
        flexibility.municipal_fte_per_gp,
        workload.list_length_mean,
        workload.list_length_adj,
        workload.gp_per_1000,
        workload.list_places_per_inhabitant,
        living_environment.kindergartens_per_1000_children,
        living_environment.school_secondary_km,
        living_environment.city_50k_km,
        living_environment.children_share,
        living_environment.reported_offences_per_1000,
        living_environment.median_household_income,
        living_environment.higher_education_share,
        living_environment.aged_67_plus_share,
        size_growth.population,
        size_growth.population_growth_5y,
        size_growth.population_density,
        size_growth.centrality_index,
        vacancy.vacant_list_share,
        vacancy.patients_without_gp_share,
        vacancy.patients_without_gp_share_5y,
    )
}


def indicator_values(snapshot: Snapshot, catalogue: Catalogue) -> dy.DataFrame[IndicatorValue]:
    """Value of every catalogue indicator in every municipality; null where the snapshot has none.

    Returns
    -------
    dataframely.DataFrame[IndicatorValue]
        One row per municipality and indicator, in the catalogue's order within each municipality.

    Raises
    ------
    CatalogueError
        If an entry of origin ``snapshot`` has no function, or a function has no entry.
    ContractViolationError
        If a value lies outside the bounds of its catalogue entry.
    """
    computed = {key for key, entry in catalogue.indicators.items() if entry.origin == "snapshot"}
    for key in sorted(computed ^ set(FUNCTIONS)):
        raise CatalogueError("indicators.toml", key, "and the functions of features.indicators do not agree")
    codes = snapshot.municipalities.select("municipality_code").sort("municipality_code")
    parts = [
        codes.join(_values(key, snapshot, catalogue), on="municipality_code", how="left").with_columns(
            indicator=pl.lit(key)
        )
        for key in catalogue.indicators
    ]
    return IndicatorValue.validate(pl.concat(parts).select(list(IndicatorValue.columns())))


def _values(key: str, snapshot: Snapshot, catalogue: Catalogue) -> pl.DataFrame:
    if key not in FUNCTIONS:
        return IndicatorValue.create_empty().select("municipality_code", "year", "value", "numerator", "denominator")
    values = FUNCTIONS[key](snapshot)
    low, high = catalogue.indicators[key].bounds
    outside = values.filter(~pl.col("value").is_between(low, high))
    if outside.height:
        rows = tuple(str(row) for row in outside.head(5).iter_rows(named=True))
        raise ContractViolationError(key, {f"bounds [{low:g}, {high:g}]": outside.height}, rows)
    return values
