"""GP coverage, the outcome: lists and inhabitants without a GP."""

import polars as pl

from features.indicators.observations import YEARS_BACK, last_years, newest, observed, ratio
from features.snapshot import Snapshot


def vacant_list_share(snapshot: Snapshot) -> pl.DataFrame:
    """Lists without a GP of all lists (0-1)."""
    return ratio(newest(snapshot.gp_lists, "lists_without_gp"), newest(snapshot.gp_lists, "lists_total"))


def patients_without_gp_share(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants on lists without a GP of all inhabitants on lists in the municipality (0-1)."""
    without = newest(snapshot.gp_lists, "patients_on_lists_without_gp")
    with_gp = newest(snapshot.gp_lists, "patients_on_lists_with_gp")
    total = with_gp.join(without, on="municipality_code").select(
        "municipality_code", "year", value=pl.col("value") + pl.col("value_right")
    )
    return ratio(without, total)


def patients_without_gp_share_5y(snapshot: Snapshot) -> pl.DataFrame:
    """Mean over the last five years of the yearly share (0-1); the denominator is list-years.

    Only where all five years are known: 2022 and 2023 were bad years everywhere, so fewer years are no fair comparison.
    """
    years = last_years(snapshot.gp_lists, "patients_without_gp_pct", YEARS_BACK)
    lists = newest(snapshot.gp_lists, "lists_total").select("municipality_code", lists="value")
    return observed(
        years.group_by("municipality_code")
        .agg(year=pl.col("year").max(), value=pl.col("value").mean() / 100, years=pl.len())
        .filter(pl.col("years") == YEARS_BACK)
        .join(lists, on="municipality_code")
        .with_columns(denominator=pl.col("years") * pl.col("lists"))
        .with_columns(numerator=pl.col("value") * pl.col("denominator"))
    )
