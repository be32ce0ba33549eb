"""Cox regression on published folds, with the mean scores that were published of it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.cox import CoxRegression
from models.evaluation import brier_times, concordance, integrated_brier

HERE = Path(__file__).parent
CASE = tomllib.loads((HERE / "cases" / "retention_published_cox.toml").read_text(encoding="utf-8"))
FOLDER = HERE.parents[1] / ".." / "shared" / "data" / CASE["folder"]


def spells_of(task: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Covariates, categorical where the published study took them so, and outcome of a set."""
    rows = pl.read_csv(FOLDER / "datasets" / f"{task}.csv.gz", infer_schema_length=None)
    kinds = json.loads((FOLDER / "column_types.json").read_text(encoding="utf-8"))[task]
    outcome = rows.select(
        entry_years=pl.lit(0.0), duration_years=pl.col("time").cast(pl.Float64), event=pl.col("status") == 1
    )
    categories = [name for name, kind in kinds.items() if kind == "categorical"]
    return rows.select(pl.exclude("time", "status")).with_columns(pl.col(categories).cast(pl.String)), outcome


def score_of_fold(covariates: pl.DataFrame, outcome: pl.DataFrame, is_test: pl.Series) -> tuple[float, float]:
    train, test = outcome.filter(~is_test), outcome.filter(is_test)
    model = CoxRegression().fit(covariates.filter(~is_test), train)
    seen, times = covariates.filter(is_test), brier_times(test)
    curves = model.predict_survival_function(seen, times)
    return concordance(test, model.predict(seen)), integrated_brier(train, test, curves, times)


@pytest.mark.parametrize("case", CASE["mean"], ids=lambda case: str(case["task"]))
def test_the_mean_scores_of_a_cox_regression_are_the_published_ones(case: dict[str, Any]) -> None:
    if not FOLDER.exists():
        pytest.skip(f"needs ../shared/data/{CASE['folder']} beside the repository")
    covariates, outcome = spells_of(case["task"])
    folds = pl.read_parquet(FOLDER / "test_folds.parquet").filter(pl.col("task") == case["task"])
    number = pl.Series(np.arange(1, outcome.height + 1))
    scores = [
        score_of_fold(covariates, outcome, number.is_in(fold["row_id"].implode()))
        for _, fold in folds.group_by("iteration", maintain_order=True)
    ]
    harrell_c, brier = np.mean(scores, axis=0)
    assert harrell_c == pytest.approx(case["harrell_c"], abs=CASE["tolerance"]), CASE["source"]
    assert brier == pytest.approx(case["integrated_brier"], abs=CASE["tolerance"]), CASE["source"]
