"""Workload and capacity: inhabitants per doctor and room on the lists."""

import polars as pl

from features.indicators.observations import newest, observed, population_of, ratio
from features.snapshot import Snapshot


def list_length_mean(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants per list with a GP; the denominator counts contracts."""
    contracts = newest(snapshot.gp_lists, "gp_contracts").select("municipality_code", denominator="value")
    return observed(newest(snapshot.gp_lists, "list_length_mean").join(contracts, on="municipality_code"))


def list_length_adj(snapshot: Snapshot) -> pl.DataFrame:
    """List length corrected for municipal hours (SSB's formula); the denominator counts contracts."""
    contracts = newest(snapshot.gp_lists, "gp_contracts").select("municipality_code", denominator="value")
    return observed(newest(snapshot.gp_lists, "list_length_mean_adjusted").join(contracts, on="municipality_code"))


def gp_per_1000(snapshot: Snapshot) -> pl.DataFrame:
    """GP contracts with a doctor per 1,000 inhabitants on 1 January of the same year."""
    contracts = newest(snapshot.gp_lists, "gp_contracts")
    return ratio(contracts, _inhabitants(snapshot, contracts), scale=1000)


def list_places_per_inhabitant(snapshot: Snapshot) -> pl.DataFrame:
    """Places on the lists over inhabitants on 1 January of the same year."""
    places = newest(snapshot.gp_lists, "list_capacity")
    return ratio(places, _inhabitants(snapshot, places))


def _inhabitants(snapshot: Snapshot, figures: pl.DataFrame) -> pl.DataFrame:
    return population_of(snapshot, figures["year"].item(0)).rename({"population": "value"})
