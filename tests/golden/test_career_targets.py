"""The published figures beside those of simulated careers.

The parameters were chosen so that most of these come out: the tests prove that the careers hit what they aim at. One
run scatters like a register; what is held to the tolerance is the mean of several runs.
"""

from functools import cache

import polars as pl
import pytest

from models.calibration import national_calibration
from models.career_targets import calibration_report, career_targets
from tests.national_careers import national_careers

SEEDS = (11, 21, 22, 23, 24, 25, 26, 27)
NOT_REACHED = ("elapsed_median_years.national_2015", "elapsed_median_years.national_2022", "contracts")
"""In conflict with the durations, as ``career_targets.toml`` explains; reported as not met."""

REACHED = tuple(key for key in career_targets() if key not in NOT_REACHED)


@cache
def reports() -> pl.DataFrame:
    return pl.concat(calibration_report(national_careers(seed)) for seed in SEEDS)


def mean_of(key: str) -> float:
    return float(reports().filter(pl.col("target") == key)["simulated"].to_numpy().mean())


@pytest.mark.parametrize("key", REACHED)
def test_the_careers_meet_the_published_figure(key: str) -> None:
    target = career_targets()[key]
    assert target.lower <= mean_of(key) <= target.upper


@pytest.mark.parametrize("key", [key for key in REACHED if key.startswith(("contract_median", "elapsed_median"))])
def test_no_median_is_more_than_a_tenth_from_the_published_one(key: str) -> None:
    assert mean_of(key) == pytest.approx(career_targets()[key].figure.value, rel=0.10)


def test_a_single_run_misses_hardly_more_than_chance_lets_it() -> None:
    missed = reports().filter(~pl.col("met") & ~pl.col("target").is_in(NOT_REACHED))
    assert missed.height <= 0.1 * len(REACHED) * len(SEEDS)


@pytest.mark.parametrize("key", NOT_REACHED)
def test_what_conflicts_with_the_durations_is_reported_as_not_met(key: str) -> None:
    target = career_targets()[key]
    assert not target.lower <= mean_of(key) <= target.upper
    report = calibration_report(national_careers())
    assert report.filter(pl.col("target") == key)["published"].item() == target.figure.value


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


def test_exits_and_the_ratio_of_hazards_are_plausible() -> None:
    exits = mean_of("exit_share_per_year") * mean_of("gps")
    assert 270 < exits < 380
