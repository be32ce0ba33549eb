"""Computes every indicator of the catalogue that public figures give, and takes in what municipalities told."""

from collections.abc import Callable

import dataframely as dy
import polars as pl

from features.catalogue import Catalogue
from features.errors import CatalogueError, ContractViolationError, InvalidInputError
from features.frames import IndicatorValue
from features.indicators import (
    flexibility,
    leadership,
    living_environment,
    partner_access,
    partner_jobs,
    professional_community,
    size_growth,
    training,
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
        professional_community.doctor_fte_per_list,
        partner_jobs.labour_market_reach,
        partner_jobs.commuter_jobs_reach,
        partner_jobs.region_population,
        partner_jobs.minutes_to_region_centre,
        partner_jobs.region_higher_education_share,
        partner_jobs.partner_jobs_60min,
        partner_access.partner_jobs_per_seeker,
        flexibility.open_list_share,
        flexibility.reserve_capacity_index,
        flexibility.municipal_fte_per_gp,
        flexibility.contract_variety,
        flexibility.contract_mix,
        workload.list_length_mean,
        workload.list_length_adj,
        workload.gp_per_1000,
        workload.list_places_per_inhabitant,
        training.hospital_travel_min,
        leadership.advert_completeness,
        living_environment.kindergartens_per_1000_children,
        living_environment.school_secondary_km,
        living_environment.airport_city_min,
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


def indicator_values(
    snapshot: Snapshot, catalogue: Catalogue, local: pl.DataFrame | None = None
) -> dy.DataFrame[IndicatorValue]:
    """Value of every catalogue indicator in every municipality; null where nobody has told it.

    Indicators of origin ``snapshot`` and ``live`` are computed; those of origin ``live`` are null until a refresh has
    brought their table. Those of origin ``local`` are null but for what `local` holds.

    Parameters
    ----------
    snapshot : Snapshot
    catalogue : Catalogue
    local : polars.DataFrame, optional
        Contract `features.frames.LocalValue`: what municipalities told of indicators of origin ``local``. Where one
        told the same twice, the value valid on the later day counts.

    Returns
    -------
    dataframely.DataFrame[IndicatorValue]
        One row per municipality and indicator, by indicator in the catalogue's order.

    Raises
    ------
    CatalogueError
        If an entry of origin ``snapshot`` or ``live`` has no function, or a function has no such entry.
    InvalidInputError
        If `local` tells of an indicator that is no local one or of no municipality of the snapshot, or lacks the
        denominator that the indicator asks for.
    ContractViolationError
        If a value lies outside the bounds of its catalogue entry.
    """
    computed = {key for key, entry in catalogue.indicators.items() if entry.origin != "local"}
    for key in sorted(computed ^ set(FUNCTIONS)):
        raise CatalogueError("indicators.toml", key, "and the functions of features.indicators do not agree")
    codes = snapshot.municipalities.select("municipality_code").sort("municipality_code")
    public = [_computed(key, snapshot, catalogue) for key in catalogue.indicators if key in computed]
    told = [] if local is None else [_told(local, catalogue, codes["municipality_code"])]
    rows = codes.join(pl.DataFrame({"indicator": list(catalogue.indicators)}), how="cross")
    values = pl.concat([*public, *told]).select(list(IndicatorValue.columns()))
    place = pl.col("indicator").replace_strict({key: place for place, key in enumerate(catalogue.indicators)})
    return IndicatorValue.validate(
        rows.join(values, on=["municipality_code", "indicator"], how="left").sort(place, "municipality_code")
    )


def _computed(key: str, snapshot: Snapshot, catalogue: Catalogue) -> pl.DataFrame:
    values = FUNCTIONS[key](snapshot)
    _within_bounds(key, values, catalogue)
    return values.with_columns(indicator=pl.lit(key))


def _told(local: pl.DataFrame, catalogue: Catalogue, codes: pl.Series) -> pl.DataFrame:
    asked = {key: entry for key, entry in catalogue.indicators.items() if entry.origin == "local"}
    for code in local["municipality_code"].unique().sort():
        if code not in codes:
            raise InvalidInputError("municipality_code", code, "a municipality of the snapshot")
    for key in local["indicator"].unique().sort():
        if key not in asked:
            raise InvalidInputError("indicator", key, "an indicator that only the municipality can answer")
        rows = local.filter(pl.col("indicator") == key)
        if asked[key].asks_for_denominator and rows["denominator"].null_count():
            raise InvalidInputError(f"{key}.denominator", None, "the number that the value was formed over")
        _within_bounds(key, rows, catalogue)
    return (
        local.sort("valid_on", maintain_order=True)
        .unique(["municipality_code", "indicator"], keep="last", maintain_order=True)
        .with_columns(
            pl.col("value", "denominator").cast(pl.Float64),
            numerator=pl.coalesce("numerator", pl.col("value") * pl.col("denominator")).cast(pl.Float64),
            year=pl.col("valid_on").dt.year().cast(pl.Int64),
        )
        .select("municipality_code", "year", "value", "numerator", "denominator", "indicator")
    )


def _within_bounds(key: str, values: pl.DataFrame, catalogue: Catalogue) -> None:
    low, high = catalogue.indicators[key].bounds
    outside = values.filter(~pl.col("value").is_between(low, high))
    if outside.height:
        rows = tuple(str(row) for row in outside.head(5).iter_rows(named=True))
        raise ContractViolationError(key, {f"bounds [{low:g}, {high:g}]": outside.height}, rows)
