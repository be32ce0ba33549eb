"""The published Norwegian durations and flows, reproduced by simulator and model.

Tolerances are sampling error: three standard errors of a Kaplan-Meier median, read from its interval.
"""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.benchmarks import kaplan_meier, median_with_interval, survival_at
from models.mix import national_mix
from models.retention import RetentionModel, train_retention_model
from models.scheme_exits import simulated_scheme_exits
from models.simulation import simulate_contracts

CASE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "cases" / "retention_sanity.toml").read_text("utf-8"))
SEEDS = (11, 12, 13)
NORMAL_95, NORMAL_90 = 1.96, 1.645


@pytest.fixture(scope="module")
def contracts() -> pl.DataFrame:
    return simulate_contracts(national_mix(), seed=8, contracts=60_000)


@pytest.fixture(scope="module")
def trained() -> tuple[RetentionModel, ...]:
    return tuple(train_retention_model(national_mix(), seed=seed, members=2) for seed in SEEDS)


def of_band(contracts: pl.DataFrame, band: str) -> pl.DataFrame:
    return contracts if band == "national" else contracts.filter(pl.col("population_band") == band)


@pytest.mark.parametrize("band", CASE["contract_median_years"])
def test_simulated_contracts_have_the_published_median(contracts: pl.DataFrame, band: str) -> None:
    median = median_with_interval(kaplan_meier(of_band(contracts, band)))
    standard_error = (median.upper - median.lower) / (2 * NORMAL_95)
    assert abs(median.median_years - CASE["contract_median_years"][band]) < 3 * standard_error


@pytest.mark.parametrize("band", CASE["contract_median_years"])
def test_the_models_median_is_the_published_one_within_sampling_error(
    trained: tuple[RetentionModel, ...], band: str
) -> None:
    rows = [next(row for row in model.bands if row.band == band) for model in trained]
    medians = [row.model for row in rows]
    widths = [(row.kaplan_meier_upper or np.nan) - (row.kaplan_meier_lower or np.nan) for row in rows]
    standard_error = np.mean(widths) / (2 * NORMAL_90) / len(SEEDS) ** 0.5
    assert (
        abs(np.mean([m for m in medians if m is not None]) - CASE["contract_median_years"][band]) < 3 * standard_error
    )


@pytest.mark.parametrize("band", ["under_2k", "over_50k"])
def test_survival_after_five_years_is_plausible(contracts: pl.DataFrame, band: str) -> None:
    low, high = CASE["within"][f"survival_5y_{band}"]
    assert low < survival_at(kaplan_meier(of_band(contracts, band)), 5.0).item() < high


@pytest.mark.parametrize("band", ["national", "under_2k", "over_50k"])
def test_survivors_after_thirteen_years_agree_with_the_cohort_of_2001(contracts: pl.DataFrame, band: str) -> None:
    low, high = CASE["within"][f"survivor_share_13y_{band}"]
    assert low < survival_at(kaplan_meier(of_band(contracts, band)), 12.99).item() < high


def test_small_municipalities_lose_doctors_two_to_three_and_a_half_times_as_often(contracts: pl.DataFrame) -> None:
    rates = {
        band: of_band(contracts, band).select(pl.col("event").sum() / pl.col("duration_years").sum()).item()
        for band in ("under_2k", "over_50k")
    }
    low, high = CASE["within"]["small_vs_large_hazard_ratio"]
    assert low < rates["under_2k"] / rates["over_50k"] < high


def test_a_stock_of_5391_gps_loses_about_as_many_a_year_as_the_register_shows() -> None:
    exits = [simulated_scheme_exits(national_mix(), seed=seed) for seed in SEEDS]
    low, high = CASE["within"]["scheme_exits_per_year"]
    assert all(low < count < high for count in exits)
    expected = 0.059 * 5391
    assert abs(np.mean(exits) - expected) < 3 * (expected / len(SEEDS)) ** 0.5
