"""Indicator values, worked by hand from the rows of the snapshot."""

import dataclasses

import polars as pl
import pytest

from features.catalogue import load_catalogue
from features.errors import ContractViolationError
from features.indicators import (
    flexibility,
    living_environment,
    partner_jobs,
    professional_community,
    size_growth,
    vacancy,
    workload,
)
from features.indicators.compute import indicator_values
from features.scoring import indicator_scores
from features.snapshot import Snapshot, load_snapshot


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


def value(frame: pl.DataFrame, code: str) -> float:
    found = frame.row(by_predicate=pl.col("municipality_code") == code, named=True)["value"]
    assert isinstance(found, float)
    return found


def measures(snapshot: Snapshot, code: str, year: int = 2025) -> dict[str, float]:
    rows = snapshot.gp_lists.filter((pl.col("municipality_code") == code) & (pl.col("year") == year))
    return dict(rows.select("measure", "value").iter_rows())


def test_froya_has_seven_other_gps(snapshot: Snapshot) -> None:
    assert measures(snapshot, "5014")["gp_contracts"] == 8
    assert value(professional_community.gp_colleagues(snapshot), "5014") == 7


def test_a_region_counts_its_other_municipalities(snapshot: Snapshot) -> None:
    levanger, verdal, frosta = (measures(snapshot, code)["gp_contracts"] for code in ("5037", "5038", "5036"))
    region = snapshot.municipalities.filter(pl.col("labour_market_region_name") == "Levanger")
    others = {"5037", "5038", "5036"} ^ set(region["municipality_code"])
    rest = sum(measures(snapshot, code)["gp_contracts"] for code in others)
    assert value(professional_community.gps_in_region(snapshot), "5036") == levanger + verdal + rest
    assert value(professional_community.gps_in_region(snapshot), "5037") == frosta + verdal + rest


def test_the_share_without_a_gp_is_the_mean_of_five_years(snapshot: Snapshot) -> None:
    shares = [measures(snapshot, "5014", year)["patients_without_gp_pct"] for year in range(2021, 2026)]
    assert shares == [0.0, 3.9, 14.3, 0.0, 0.0]
    assert value(vacancy.patients_without_gp_share_5y(snapshot), "5014") == pytest.approx((0.039 + 0.143) / 5)


def test_unrest_in_lists_is_the_mean_yearly_change(snapshot: Snapshot) -> None:
    lengths = [measures(snapshot, "5014", year)["list_length_mean"] for year in range(2020, 2026)]
    assert lengths == [859, 868, 844, 644, 671, 671]
    changes = [9 / 859, 24 / 868, 200 / 844, 27 / 644, 0]
    assert value(professional_community.list_length_change(snapshot), "5014") == pytest.approx(sum(changes) / 5)


def test_flexibility_of_froya(snapshot: Snapshot) -> None:
    row = measures(snapshot, "5014")
    assert value(flexibility.open_list_share(snapshot), "5014") == pytest.approx(row["open_lists"] / row["lists_total"])
    assert value(flexibility.reserve_capacity_index(snapshot), "5014") == 101
    assert value(flexibility.municipal_fte_per_gp(snapshot), "5014") == pytest.approx((784 - 671) / 1500)


def test_workload_of_froya(snapshot: Snapshot) -> None:
    inhabitants = snapshot.population.row(
        by_predicate=(pl.col("municipality_code") == "5014") & (pl.col("year") == 2025), named=True
    )["population"]
    assert value(workload.gp_per_1000(snapshot), "5014") == pytest.approx(8000 / inhabitants)
    assert value(workload.list_places_per_inhabitant(snapshot), "5014") == pytest.approx(5400 / inhabitants)


def test_five_years_are_compared_with_five_years_only(snapshot: Snapshot) -> None:
    years = snapshot.gp_lists.filter(pl.col("year") > 2020).group_by("municipality_code").agg(pl.col("year").n_unique())
    short = set(years.filter(pl.col("year") < 5)["municipality_code"])
    assert len(short) > 100
    for compute in (vacancy.patients_without_gp_share_5y, professional_community.list_length_change):
        assert not short & set(compute(snapshot)["municipality_code"])


def test_a_region_with_an_unknown_member_has_no_sum(snapshot: Snapshot) -> None:
    known = set(professional_community.gps_in_region(snapshot)["municipality_code"])
    region = snapshot.municipalities.filter(
        pl.col("labour_market_region_2020").is_in(
            snapshot.municipalities.filter(pl.col("municipality_code") == "5518")["labour_market_region_2020"].implode()
        )
    )
    assert region.height > 1
    assert known & set(region["municipality_code"]) <= {"5518"}


def test_longer_lists_improve_no_lever(snapshot: Snapshot) -> None:
    catalogue = load_catalogue()
    per_list = pl.col("measure").is_in(["list_length_mean", "list_length_mean_adjusted"])
    one_more_list = pl.when(pl.col("measure") == "patients_on_lists_with_gp").then(pl.col("value") + 300 * 8)
    longer = snapshot.gp_lists.with_columns(
        value=pl.when((pl.col("municipality_code") == "5014") & (pl.col("year") == 2025))
        .then(pl.when(per_list).then(pl.col("value") + 300).otherwise(one_more_list.otherwise(pl.col("value"))))
        .otherwise(pl.col("value"))
    )
    before, after = (
        indicator_scores(indicator_values(facts, catalogue), catalogue).filter(pl.col("municipality_code") == "5014")
        for facts in (snapshot, dataclasses.replace(snapshot, gp_lists=longer))
    )
    both = before.join(after, on="indicator", suffix="_after").drop_nulls()
    levers = [key for key, entry in catalogue.indicators.items() if entry.kind == "lever"]
    better = both.filter(pl.col("indicator").is_in(levers) & (pl.col("percentile_after") > pl.col("percentile") + 1e-9))
    assert better["indicator"].to_list() == []


def test_an_own_upper_secondary_school_is_no_distance_away(snapshot: Snapshot) -> None:
    assert value(living_environment.school_secondary_km(snapshot), "5014") == 0
    assert value(living_environment.school_secondary_km(snapshot), "5061") > 10


def test_a_city_is_no_distance_from_itself(snapshot: Snapshot) -> None:
    assert value(living_environment.city_50k_km(snapshot), "4601") == 0


def test_reach_is_greatest_around_oslo(snapshot: Snapshot) -> None:
    reach = partner_jobs.labour_market_reach(snapshot)
    top = reach.sort("value", descending=True)["municipality_code"][0]
    assert top == "0301"
    assert value(reach, "0301") > value(size_growth.population(snapshot), "0301")


def test_commuters_of_a_split_municipality_are_shared_out_without_loss(snapshot: Snapshot) -> None:
    today = partner_jobs.commuting_today(snapshot)
    before = snapshot.commuting.filter(pl.col("workplace_code") == "1507")["commuters"].sum()
    after = today.filter(pl.col("workplace_code").is_in(["1508", "1580"]))["commuters"].sum()
    assert after == pytest.approx(before)


def test_a_missing_municipality_is_null_in_every_gp_indicator(snapshot: Snapshot) -> None:
    values = indicator_values(snapshot, load_catalogue())
    own = values.filter((pl.col("municipality_code") == "1853") & (pl.col("indicator") == "gp_per_1000"))
    assert own["value"].to_list() == [None]


def test_every_municipality_has_a_row_for_every_indicator(snapshot: Snapshot) -> None:
    catalogue = load_catalogue()
    assert indicator_values(snapshot, catalogue).height == 357 * len(catalogue.indicators)


def test_ratios_are_their_numerator_over_their_denominator(snapshot: Snapshot) -> None:
    for compute in (flexibility.open_list_share, vacancy.vacant_list_share, vacancy.patients_without_gp_share):
        frame = compute(snapshot)
        assert frame.filter((pl.col("value") - pl.col("numerator") / pl.col("denominator")).abs() > 1e-12).is_empty()


def test_a_value_out_of_bounds_stops_the_computation(snapshot: Snapshot) -> None:
    wrong = snapshot.gp_lists.with_columns(
        pl.when(pl.col("measure") == "list_length_mean")
        .then(pl.lit(90_000.0))
        .otherwise(pl.col("value"))
        .alias("value")
    )
    with pytest.raises(ContractViolationError, match="bounds"):
        indicator_values(dataclasses.replace(snapshot, gp_lists=wrong), load_catalogue())
