"""National totals and code chains of the embedded snapshot, as published."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.municipality_codes import successors
from features.snapshot import Snapshot, load_snapshot

CASES = Path(__file__).parent / "cases"
TOTALS: dict[str, Any] = tomllib.loads((CASES / "national_totals.toml").read_text("utf-8"))
CHANGES: dict[str, Any] = tomllib.loads((CASES / "code_changes.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


@pytest.fixture(scope="module")
def newest_gp_lists(snapshot: Snapshot) -> pl.DataFrame:
    return snapshot.gp_lists.filter(pl.col("year") == 2025)


def test_every_municipality_is_there(snapshot: Snapshot) -> None:
    assert snapshot.municipalities.height == TOTALS["rows"]["municipalities"]


@pytest.mark.parametrize("year", TOTALS["population"])
def test_inhabitants_sum_to_the_published_total(snapshot: Snapshot, year: str) -> None:
    inhabitants = snapshot.population.filter(pl.col("year") == int(year))["population"].sum()
    assert inhabitants == TOTALS["population"][year]


@pytest.mark.parametrize("measure", TOTALS["gp_lists_2025"])
def test_gp_figures_sum_to_the_published_total(newest_gp_lists: pl.DataFrame, measure: str) -> None:
    total = newest_gp_lists.filter(pl.col("measure") == measure)["value"].sum()
    assert total == TOTALS["gp_lists_2025"][measure]


def test_lists_are_those_with_and_those_without_a_gp(newest_gp_lists: pl.DataFrame) -> None:
    wide = newest_gp_lists.pivot("measure", index="municipality_code", values="value")
    assert wide.height == TOTALS["rows"]["gp_municipalities_2025"]
    assert wide.filter(pl.col("gp_contracts") + pl.col("lists_without_gp") != pl.col("lists_total")).is_empty()


def test_centrality_classes_have_their_published_sizes(snapshot: Snapshot) -> None:
    sizes = dict(snapshot.municipalities.group_by("centrality_class").len().iter_rows())
    assert sizes == {int(key): size for key, size in TOTALS["centrality_class"].items()}


def test_municipalities_without_gp_figures_stay_without(snapshot: Snapshot, newest_gp_lists: pl.DataFrame) -> None:
    codes = set(snapshot.municipalities["municipality_code"])
    assert sorted(codes - set(newest_gp_lists["municipality_code"])) == TOTALS["missing"]["gp_figures_2025"]


def test_new_municipalities_stay_without_living_conditions(snapshot: Snapshot) -> None:
    income = snapshot.living_conditions.filter(pl.col("measure") == "median_household_income_nok")
    codes = set(snapshot.municipalities["municipality_code"])
    assert sorted(codes - set(income["municipality_code"])) == TOTALS["missing"]["ssb_living_conditions"]


def test_the_sex_of_doctors_is_not_in_the_snapshot(snapshot: Snapshot) -> None:
    assert not [measure for measure in snapshot.gp_lists["measure"].unique() if "wom" in measure]


@pytest.mark.parametrize("code", CHANGES["successors"])
def test_an_older_code_leads_to_today(snapshot: Snapshot, code: str) -> None:
    found = successors(code, snapshot.municipality_code_changes, snapshot.municipalities)
    assert [new for new, _ in found] == CHANGES["successors"][code]


def test_every_code_that_ever_was_leads_to_today(snapshot: Snapshot) -> None:
    changes, today = snapshot.municipality_code_changes, snapshot.municipalities
    lost = [code for code in changes["old_code"].unique() if not successors(code, changes, today)]
    assert lost == []


def test_neighbours_in_one_labour_market_region_carry_one_number(snapshot: Snapshot) -> None:
    by_name = snapshot.municipalities.group_by("labour_market_region_name").agg(
        pl.col("labour_market_region_2020").n_unique()
    )
    assert by_name["labour_market_region_2020"].max() == 1
