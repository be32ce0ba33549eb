"""Professional community: colleagues in the municipality and the region, and how stable the lists are."""

import polars as pl

from features.indicators.observations import YEARS_BACK, last_years, newest, observed, ratio
from features.snapshot import Snapshot


def gp_colleagues(snapshot: Snapshot) -> pl.DataFrame:
    """GP contracts with a doctor in the municipality, less one; doctors, not full-time equivalents or offices."""
    contracts = newest(snapshot.gp_lists, "gp_contracts").filter(pl.col("value") > 0)
    return observed(contracts.with_columns(numerator=pl.col("value"), value=pl.col("value") - 1))


def gps_in_region(snapshot: Snapshot) -> pl.DataFrame:
    """GP contracts with a doctor in the other municipalities of the same labour-market region.

    0 where the region is one municipality; null where another member of the region has no figures.
    """
    contracts = newest(snapshot.gp_lists, "gp_contracts")
    region = pl.col("labour_market_region_2020")
    missing_elsewhere = pl.col("value").null_count().over(region) - pl.col("value").is_null().cast(pl.Int64)
    return observed(
        snapshot.municipalities.join(contracts, on="municipality_code", how="left")
        .with_columns(others=pl.col("value").sum().over(region) - pl.col("value").fill_null(0))
        .filter(missing_elsewhere == 0)
        .with_columns(year=pl.col("year").max())
        .with_columns(value="others", numerator="others")
    )


def list_length_change(snapshot: Snapshot) -> pl.DataFrame:
    """Mean absolute yearly change of the mean list length over the last five years, as a share of the length.

    Only where all five changes are known: the years differ too much to compare two of them with five. The
    denominator is the number of lists times the number of yearly changes: what the mean rests on.
    """
    lengths = last_years(snapshot.gp_lists, "list_length_mean", YEARS_BACK + 1).sort("municipality_code", "year")
    before = pl.col("value").shift().over("municipality_code")
    consecutive = pl.col("year").diff().over("municipality_code") == 1
    lists = newest(snapshot.gp_lists, "lists_total").select("municipality_code", lists="value")
    return observed(
        lengths.with_columns(change=(pl.col("value") / before - 1).abs())
        .filter(consecutive & (before > 0))
        .group_by("municipality_code")
        .agg(year=pl.col("year").max(), value=pl.col("change").mean(), changes=pl.len())
        .filter(pl.col("changes") == YEARS_BACK)
        .join(lists, on="municipality_code")
        .with_columns(denominator=pl.col("lists") * pl.col("changes"))
    )


def doctor_fte_per_list(snapshot: Snapshot) -> pl.DataFrame:
    """Agreed full-time equivalents of all municipal doctors per GP list, with or without a doctor.

    The denominator is lists, not doctors, so that a list falling vacant does not look like more colleagues.
    """
    doctors = newest(snapshot.doctor_agreements, "fte_total")
    of_the_year = pl.col("year").is_in(doctors["year"].unique().implode()) & (pl.col("measure") == "lists_total")
    return ratio(doctors, snapshot.gp_lists.filter(of_the_year))
