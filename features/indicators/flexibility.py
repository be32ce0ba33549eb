"""Flexibility: room to choose a list, its length and the form of contract."""

import polars as pl

from features.indicators.observations import newest, observed, ratio
from features.snapshot import Snapshot

INHABITANTS_PER_FTE = 1500
"""What SSB counts a municipal full-time equivalent as (definition of KOSgjsnllkomm0000)."""


def open_list_share(snapshot: Snapshot) -> pl.DataFrame:
    """Lists that take new inhabitants, of all lists (0-1)."""
    return ratio(newest(snapshot.gp_lists, "open_lists"), newest(snapshot.gp_lists, "lists_total"))


def reserve_capacity_index(snapshot: Snapshot) -> pl.DataFrame:
    """Places on the lists relative to the inhabitants on them, 100 = full lists; the denominator counts contracts."""
    index = newest(snapshot.gp_lists, "reserve_capacity_index")
    contracts = newest(snapshot.gp_lists, "gp_contracts").select("municipality_code", denominator="value")
    return observed(index.join(contracts, on="municipality_code"))


def municipal_fte_per_gp(snapshot: Snapshot) -> pl.DataFrame:
    """Full-time equivalents of municipal duties per GP contract, from SSB's correction of the list length.

    SSB adds 1,500 inhabitants for each municipal full-time equivalent, so the difference between corrected and plain
    list length over 1,500 is the duty per contract, whatever the length of the list. The denominator counts contracts.
    """
    corrected = newest(snapshot.gp_lists, "list_length_mean_adjusted")
    plain = newest(snapshot.gp_lists, "list_length_mean").select("municipality_code", plain="value")
    contracts = newest(snapshot.gp_lists, "gp_contracts").select("municipality_code", denominator="value")
    return observed(
        corrected.join(plain, on="municipality_code")
        .join(contracts, on="municipality_code")
        .with_columns(value=(pl.col("value") - pl.col("plain")) / INHABITANTS_PER_FTE)
    )


def contract_variety(snapshot: Snapshot) -> pl.DataFrame:
    """Effective number of contract forms in use, self-employment and salary: 1 (all alike) to 2 (half of each).

    The inverse of Simpson's concentration, the sum of squared shares of the full-time equivalents. It counts the
    municipality's other salaried doctors, too, and is not what a new GP is offered.

    References
    ----------
    Hill 1973, "Diversity and evenness: a unifying notation and its consequences", Ecology 54(2) (order 2).
    """
    share = pl.col("numerator") / pl.col("denominator")
    forms = _salaried_of_all(snapshot).with_columns(value=1 / (share**2 + (1 - share) ** 2))
    return observed(forms.drop("numerator"))


def contract_mix(snapshot: Snapshot) -> pl.DataFrame:
    """Salaried full-time equivalents of all salaried or self-employed (0-1), other municipal doctors included."""
    return observed(_salaried_of_all(snapshot).with_columns(value=pl.col("numerator") / pl.col("denominator")))


def _salaried_of_all(snapshot: Snapshot) -> pl.DataFrame:
    """Full-time equivalents: salaried (numerator), salaried or self-employed (denominator, above zero)."""
    salaried = newest(snapshot.doctor_agreements, "fte_salaried").rename({"value": "numerator"})
    self_employed = newest(snapshot.doctor_agreements, "fte_self_employed").rename({"value": "self_employed"})
    return (
        salaried.join(self_employed, on=["municipality_code", "year"])
        .with_columns(denominator=pl.col("numerator") + pl.col("self_employed"))
        .filter(pl.col("denominator") > 0)
    )
