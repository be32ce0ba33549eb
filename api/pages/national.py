"""The country's key figures, computed from the snapshot."""

from dataclasses import dataclass

import polars as pl

from features.indicators.observations import newest
from features.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class NationalFigures:
    """Sums over the municipalities with figures in the newest year of the GP lists table."""

    year: int
    municipalities: int
    municipalities_with_vacant_list: int
    lists: int
    vacant_lists: int
    patients: int
    patients_without_gp: int
    list_length_mean: float


def national_figures(snapshot: Snapshot) -> NationalFigures:
    """Key figures of the Regular GP Scheme."""
    vacant = newest(snapshot.gp_lists, "lists_without_gp")
    without_gp = _total(snapshot, "patients_on_lists_without_gp")
    with_gp = _total(snapshot, "patients_on_lists_with_gp")
    return NationalFigures(
        year=vacant["year"].item(0),
        municipalities=vacant.height,
        municipalities_with_vacant_list=vacant.filter(pl.col("value") > 0).height,
        lists=round(_total(snapshot, "lists_total")),
        vacant_lists=round(vacant["value"].sum()),
        patients=round(with_gp + without_gp),
        patients_without_gp=round(without_gp),
        list_length_mean=with_gp / _total(snapshot, "gp_contracts"),
    )


def own_figure(snapshot: Snapshot, measure: str, code: str) -> float | None:
    """One municipality's newest figure of the GP lists table, if it has one."""
    rows = newest(snapshot.gp_lists, measure).filter(pl.col("municipality_code") == code)
    return None if rows.is_empty() else float(rows["value"].item(0))


def _total(snapshot: Snapshot, measure: str) -> float:
    return float(newest(snapshot.gp_lists, measure)["value"].sum())
