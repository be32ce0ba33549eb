"""The published figures beside those of simulated careers.

The parameters were chosen, on other seeds, so that all of these come out: the tests prove that the careers hit what
they aim at. One run scatters like a register; what is held to the tolerance is the mean of several runs.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from models.benchmarks import kaplan_meier, survival_at
from models.calibration import national_calibration
from models.career_targets import calibration_report, career_targets, study_contracts
from tests.national_careers import national_careers

SANITY = tomllib.loads((Path(__file__).parent / "cases" / "retention_sanity.toml").read_text("utf-8"))["within"]
SEEDS = tuple(range(21, 45))
"""The search for the parameters used seeds of 5000 and up."""

TARGETS = tuple(career_targets())


@cache
def reports() -> pl.DataFrame:
    return pl.concat(calibration_report(national_careers(seed)) for seed in SEEDS)


def mean_of(key: str) -> float:
    return float(reports().filter(pl.col("target") == key)["simulated"].to_numpy().mean())


@pytest.mark.parametrize("key", TARGETS)
def test_the_careers_meet_the_published_figure(key: str) -> None:
    target = career_targets()[key]
    assert target.lower <= mean_of(key) <= target.upper


@pytest.mark.parametrize("key", [key for key in TARGETS if key.startswith(("contract_median", "elapsed_median"))])
def test_no_median_is_more_than_a_tenth_from_the_published_one(key: str) -> None:
    assert mean_of(key) == pytest.approx(career_targets()[key].figure.value, rel=0.10)


def test_a_single_run_misses_hardly_more_than_chance_lets_it() -> None:
    missed = reports().filter(~pl.col("met"))
    assert missed.height <= 0.1 * len(TARGETS) * len(SEEDS)


def test_the_report_has_every_target_once_with_source_and_tolerance() -> None:
    report = calibration_report(national_careers())
    assert report["target"].to_list() == list(career_targets())
    for row in report.iter_rows(named=True):
        assert row["met"] == (row["lower"] <= row["simulated"] <= row["upper"])
        assert row["source"]
        assert row["tolerance"]


def test_every_published_duration_and_stock_of_the_calibration_is_a_target() -> None:
    figures, targets = national_calibration(), {target.figure.source for target in career_targets().values()}
    for section in (figures.contract_median_years, figures.survivor_share_13y, figures.elapsed_median_years):
        assert {figure.source for figure in section.values()} <= targets
    assert {figure.source for figure in figures.scheme.values()} <= targets


def mean_over_runs(figure: Callable[[pl.DataFrame], float]) -> float:
    return sum(figure(study_contracts(national_careers(seed))) for seed in SEEDS) / len(SEEDS)


@pytest.mark.parametrize(
    "band",
    [
        "under_2k",
        pytest.param(
            "over_50k",
            marks=pytest.mark.xfail(
                strict=True, raises=AssertionError, reason="0.57 beside a derived 0.60-0.78; see docs/decisions/0014"
            ),
        ),
    ],
)
def test_survival_of_new_contracts_after_five_years_is_plausible(band: str) -> None:
    low, high = SANITY[f"survival_5y_{band}"]
    survival = mean_over_runs(
        lambda spells: survival_at(kaplan_meier(spells.filter(pl.col("population_band") == band)), 5.0).item()
    )
    assert low < survival < high


def test_small_municipalities_lose_doctors_two_to_three_and_a_half_times_as_often() -> None:
    def ratio(spells: pl.DataFrame) -> float:
        ended, years = pl.col("event").sum(), pl.col("duration_years").sum()
        rates = spells.group_by("population_band").agg(rate=ended / years)
        by_band = dict(rates.select(pl.col("population_band").cast(pl.String), "rate").iter_rows())
        return float(by_band["under_2k"] / by_band["over_50k"])

    low, high = SANITY["small_vs_large_hazard_ratio"]
    assert low < mean_over_runs(ratio) < high


def test_as_many_leave_the_scheme_in_a_year_as_is_plausible() -> None:
    exits = mean_of("exit_share_per_year") * mean_of("gps")
    assert 270 < exits < 380
