"""Flexibility: room to choose a list and its length. The contract forms on offer need the municipality's own word."""

import polars as pl

from features.indicators.observations import newest, observed, ratio
from features.snapshot import Snapshot


def open_list_share(snapshot: Snapshot) -> pl.DataFrame:
    """Lists that take new inhabitants, of all lists (0-1)."""
    return ratio(newest(snapshot.gp_lists, "open_lists"), newest(snapshot.gp_lists, "lists_total"))


def reserve_capacity_index(snapshot: Snapshot) -> pl.DataFrame:
    """Places on the lists relative to the inhabitants on them, 100 = full lists; the denominator counts contracts."""
    index = newest(snapshot.gp_lists, "reserve_capacity_index")
    contracts = newest(snapshot.gp_lists, "gp_contracts").select("municipality_code", denominator="value")
    return observed(index.join(contracts, on="municipality_code"))


def municipal_hours_load(snapshot: Snapshot) -> pl.DataFrame:
    """List length corrected for municipal hours over plain list length, less 1; the denominator counts contracts."""
    corrected = newest(snapshot.gp_lists, "list_length_mean_adjusted")
    plain = newest(snapshot.gp_lists, "list_length_mean").select("municipality_code", plain="value")
    contracts = newest(snapshot.gp_lists, "gp_contracts").select("municipality_code", denominator="value")
    return observed(
        corrected.join(plain, on="municipality_code")
        .join(contracts, on="municipality_code")
        .filter(pl.col("plain") > 0)
        .with_columns(value=pl.col("value") / pl.col("plain") - 1)
    )
