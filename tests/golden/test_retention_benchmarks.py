"""Kaplan-Meier curves and scores with published or hand-worked values."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest
from lifelines import CoxPHFitter

from models.benchmarks import kaplan_meier, median_with_interval, survival_at
from models.d_calibration import d_calibration
from models.discrimination import uno_c
from models.evaluation import brier_times, concordance, integrated_brier

HERE = Path(__file__).parent
SCORES = tomllib.loads((HERE / "cases" / "retention_published_scores.toml").read_text(encoding="utf-8"))
CASES = sorted((HERE / "cases").glob("retention_km_*.toml"))
SHARED_DATA = HERE.parents[1] / ".." / "shared" / "data"


def spells_of(case: dict[str, Any]) -> pl.DataFrame:
    if "spells" in case:
        return pl.DataFrame({"entry_years": 0.0} | case["spells"])
    names = case["file"]
    path = SHARED_DATA / names["path"]
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{names['path']} beside the repository")
    return pl.read_csv(path).select(
        entry_years=pl.col(names["entry_years"]),
        duration_years=pl.col(names["duration_years"]),
        event=pl.col(names["censored"]) == 0,
    )


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_published_curve_comes_out(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    curve, expected, tolerance = kaplan_meier(spells_of(case)), case["expected"], case["tolerance"]
    survival = survival_at(curve, expected["times"])
    assert survival.tolist() == pytest.approx(expected["survival"], abs=tolerance), case["source"]
    median = median_with_interval(curve).median_years
    assert median == pytest.approx(expected["median"], abs=case.get("tolerance_median", tolerance)), case["source"]


def fold_of(task: str, iteration: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training and test rows of a published fold: spells with their covariates."""
    folder = SHARED_DATA / SCORES["folder"]
    if not folder.exists():
        pytest.skip(f"needs ../shared/data/{SCORES['folder']} beside the repository")
    rows = pl.read_csv(folder / "datasets" / f"{task}.csv.gz").with_row_index("row_id", offset=1)
    spells = rows.select(
        pl.exclude("time", "status"),
        spell_id="row_id",
        entry_years=pl.lit(0.0),
        duration_years=pl.col("time").cast(pl.Float64),
        event=pl.col("status") == 1,
    )
    tested = (
        pl.read_parquet(folder / "test_folds.parquet")
        .filter(pl.col("task") == task, pl.col("iteration") == iteration)["row_id"]
        .to_list()
    )
    is_test = pl.col("row_id").is_in(tested)
    return spells.filter(~is_test).drop("row_id"), spells.filter(is_test).drop("row_id")


@pytest.mark.parametrize("case", SCORES["integrated_brier"], ids=lambda case: f"{case['task']}-{case['iteration']}")
def test_the_integrated_brier_score_of_one_curve_is_the_published_one(case: dict[str, Any]) -> None:
    train, test = fold_of(case["task"], case["iteration"])
    times = brier_times(test)
    curve = np.broadcast_to(survival_at(kaplan_meier(train), times), (test.height, times.size))
    score = integrated_brier(train, test, curve, times)
    assert score == pytest.approx(case["published"], abs=SCORES["tolerance"]), SCORES["source"]


def cox_risk(train: pl.DataFrame, test: pl.DataFrame) -> np.ndarray:
    fitted, seen = (
        pd.DataFrame(part.drop("spell_id", "entry_years").to_dict(as_series=False)) for part in (train, test)
    )
    cox = CoxPHFitter().fit(fitted, duration_col="duration_years", event_col="event")
    risk: np.ndarray = cox.predict_log_partial_hazard(seen).to_numpy()
    return risk


@pytest.mark.parametrize("case", SCORES["harrell_c"], ids=lambda case: f"{case['task']}-{case['iteration']}")
def test_harrells_c_of_a_cox_model_is_the_published_one(case: dict[str, Any]) -> None:
    train, test = fold_of(case["task"], case["iteration"])
    assert concordance(test, cox_risk(train, test)) == pytest.approx(case["published"], abs=SCORES["tolerance_c"]), (
        SCORES["source"]
    )


@pytest.mark.parametrize("case", SCORES["uno_c"], ids=lambda case: f"{case['task']}-{case['iteration']}")
def test_unos_c_of_a_cox_model_is_the_published_one(case: dict[str, Any]) -> None:
    train, test = fold_of(case["task"], case["iteration"])
    score = uno_c(train, test, cox_risk(train, test), tau=np.inf)
    assert score == pytest.approx(case["published"], abs=SCORES["tolerance_c"]), SCORES["source"]


@pytest.mark.parametrize("case", SCORES["d_calibration"], ids=lambda case: f"{case['task']}-{case['iteration']}")
def test_the_d_calibration_of_one_curve_is_the_published_one(case: dict[str, Any]) -> None:
    train, test = fold_of(case["task"], case["iteration"])
    at_end = survival_at(kaplan_meier(train), test["duration_years"].to_numpy())
    statistic = d_calibration(test, at_end).statistic
    assert statistic == pytest.approx(case["published"], abs=SCORES["tolerance"]), SCORES["source"]
