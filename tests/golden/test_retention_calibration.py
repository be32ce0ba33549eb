"""The published Norwegian durations and flows beside what simulator and model make of them.

Medians are the calibration target, and the survivors of the smallest and largest band give the baselines' shapes: the
tests prove that the machinery hits what it aims at. National survivors after thirteen years are set by nothing.

Tolerances are sampling error: three standard errors of a Kaplan-Meier median, read from its interval.
"""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.baselines import calibrated_baselines
from models.benchmarks import kaplan_meier, median_with_interval, survival_at
from models.calibration import national_calibration
from models.career_hazard import CareerAssumptions
from models.mix import national_mix
from models.retention import RetentionModel, fitted_retention_model
from models.scheme_exits import simulated_scheme_exits
from models.simulation import simulate_contracts
from models.stock import Stock, simulated_stock

FIGURES = national_calibration()
MEDIANS = {band: figure.value for band, figure in FIGURES.contract_median_years.items()}
CASE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "cases" / "retention_sanity.toml").read_text("utf-8"))
SEEDS = (11, 12, 13)
NORMAL_95, NORMAL_90 = 1.96, 1.645


@pytest.fixture(scope="module")
def contracts() -> pl.DataFrame:
    return simulate_contracts(national_mix(), seed=8, contracts=60_000)


@pytest.fixture(scope="module")
def trained() -> tuple[RetentionModel, ...]:
    baselines = calibrated_baselines(national_mix(), CareerAssumptions.from_calibration(), FIGURES)
    simulated = (simulate_contracts(national_mix(), seed=seed, baselines=baselines) for seed in SEEDS)
    return tuple(fitted_retention_model(spells, seed=1, is_simulated=True, members=2) for spells in simulated)


def of_band(contracts: pl.DataFrame, band: str) -> pl.DataFrame:
    return contracts if band == "national" else contracts.filter(pl.col("population_band") == band)


@pytest.mark.parametrize("band", MEDIANS)
def test_simulated_contracts_have_the_published_median(contracts: pl.DataFrame, band: str) -> None:
    median = median_with_interval(kaplan_meier(of_band(contracts, band)))
    standard_error = (median.upper - median.lower) / (2 * NORMAL_95)
    assert abs(median.median_years - MEDIANS[band]) < 3 * standard_error


@pytest.mark.parametrize("band", MEDIANS)
def test_the_models_median_is_the_published_one_within_sampling_error(
    trained: tuple[RetentionModel, ...], band: str
) -> None:
    rows = [next(row for row in model.bands if row.band == band) for model in trained]
    medians = [row.model for row in rows]
    widths = [(row.kaplan_meier_upper or np.nan) - (row.kaplan_meier_lower or np.nan) for row in rows]
    standard_error = np.mean(widths) / (2 * NORMAL_90) / len(SEEDS) ** 0.5
    assert abs(np.mean([m for m in medians if m is not None]) - MEDIANS[band]) < 3 * standard_error


@pytest.mark.parametrize("band", ["under_2k", "over_50k"])
def test_survival_after_five_years_is_plausible(contracts: pl.DataFrame, band: str) -> None:
    low, high = CASE["within"][f"survival_5y_{band}"]
    assert low < survival_at(kaplan_meier(of_band(contracts, band)), 5.0).item() < high


@pytest.mark.parametrize("band", ["under_2k", "over_50k"])
def test_survivors_of_the_bands_whose_shape_they_give_come_out_again(contracts: pl.DataFrame, band: str) -> None:
    published = FIGURES.survivor_share_13y[band].value
    last = kaplan_meier(of_band(contracts, band)).filter(pl.col("time_years") < 13).row(-1, named=True)
    standard_error = (last["upper"] - last["lower"]) / (2 * NORMAL_95)
    # the mix of posts within a band lifts the far end of a curve by up to a hundredth
    assert abs(last["survival"] - published) < 3 * standard_error + 0.01


def test_national_survivors_after_thirteen_years_agree_with_the_cohort_of_2001(contracts: pl.DataFrame) -> None:
    low, high = CASE["within"]["survivor_share_13y_national"]
    assert low < FIGURES.survivor_share_13y["national"].value < high
    assert low < survival_at(kaplan_meier(contracts), 12.99).item() < high


def test_small_municipalities_lose_doctors_two_to_three_and_a_half_times_as_often(contracts: pl.DataFrame) -> None:
    rates = {
        band: of_band(contracts, band).select(pl.col("event").sum() / pl.col("duration_years").sum()).item()
        for band in ("under_2k", "over_50k")
    }
    low, high = CASE["within"]["small_vs_large_hazard_ratio"]
    assert low < rates["under_2k"] / rates["over_50k"] < high


def test_the_share_that_leaves_the_scheme_gives_back_the_published_exits_it_is_computed_from() -> None:
    figures = FIGURES.scheme
    exits = [simulated_scheme_exits(national_mix(), seed=seed) for seed in SEEDS]
    expected = figures["exit_share_per_year"].value * figures["gps"].value
    assert abs(np.mean(exits) - expected) < 3 * (2 * expected / len(SEEDS)) ** 0.5  # of the stock, and of who leaves


@pytest.fixture(scope="module")
def stock() -> Stock:
    return simulated_stock(national_mix(), seed=8, posts=15_000)


def test_the_simulated_stock_is_younger_than_the_one_of_2021_as_its_documentation_says(stock: Stock) -> None:
    here = {"national": stock.contracts} | {
        str(band): part for (band,), part in stock.contracts.partition_by("population_band", as_dict=True).items()
    }
    for band, figure in FIGURES.elapsed_median_years.items():
        assert 0.7 < np.median(here[band]["elapsed_years"].to_numpy()) / figure.value < 0.95


def test_the_simulated_stock_has_more_specialists_than_the_register_as_its_documentation_says(stock: Stock) -> None:
    published = FIGURES.scheme["specialist_share"].value
    assert 0.10 < stock.contracts["is_specialist"].cast(pl.Float64).to_numpy().mean() - published < 0.20
