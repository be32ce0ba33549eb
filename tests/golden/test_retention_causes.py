"""Incidences of causes and curves from snapshots of real people, with the values published of them."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.benchmarks import kaplan_meier, survival_at
from models.incidence import aalen_johansen, incidence_at
from models.interval_censored import IntervalCensoredCurve, turnbull_curve
from models.outcome import survival_outcome

HERE = Path(__file__).parent
SHARED_DATA = HERE.parents[1] / ".." / "shared" / "data"


def case_of(name: str) -> tuple[dict[str, Any], pl.DataFrame]:
    case = tomllib.loads((HERE / "cases" / f"{name}.toml").read_text(encoding="utf-8"))
    path = SHARED_DATA / case["path"]
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{case['path']} beside the repository")
    return case, pl.read_parquet(path)


def test_the_published_incidences_of_six_causes_come_out() -> None:
    case, officers = case_of("retention_incidence_municipal_police")
    hired = officers.filter(pl.col("start_month") >= case["hired_from"], pl.col("t_years") > 0)
    numbers = {cause: number for number, cause in enumerate(case["causes"], start=1)}
    event = hired["exit"].replace_strict(numbers, default=0, return_dtype=pl.Int64)
    curves = aalen_johansen(survival_outcome(event.to_numpy(), hired["t_years"].to_numpy()))
    at, tolerance = [case["at_years"]], case["tolerance"]
    survival = survival_at(curves.filter(pl.col("cause") == 1), at)[0]
    assert survival == pytest.approx(case["expected"]["survival"], abs=tolerance["survival"])
    incidence = [incidence_at(curves, number, at)[0] for number in numbers.values()]
    for found, expected, within in zip(incidence, case["expected"]["incidence"], tolerance["incidence"], strict=False):
        assert found == pytest.approx(expected, abs=within)
    assert sum(incidence) + survival == pytest.approx(1.0)


def test_new_doctors_stay_as_published_and_both_curves_of_vague_ends_agree() -> None:
    case, doctors = case_of("retention_snapshots_obgyn")
    new = doctors.filter(pl.col("entry") == case["entry"], pl.col("t") > 0)
    times, ended = case["expected"]["at_years"], new["event"].to_numpy() > 0
    middles = pl.DataFrame({"entry_years": 0.0, "duration_years": new["t"], "event": pl.Series(ended)})
    published = survival_at(kaplan_meier(middles), times)
    assert published.tolist() == pytest.approx(case["expected"]["survival"], abs=case["tolerance"]["survival"])
    lower = new["t_lo"].to_numpy().astype(np.float64)
    upper = np.where(ended, new["t_hi"].fill_null(0).to_numpy(), lower)
    y = survival_outcome(ended, upper, time_lower=lower)
    shaped = IntervalCensoredCurve().fit(pl.DataFrame(), y).predict_survival_function(new[:1], times)[0]
    np.testing.assert_allclose(shaped, survival_at(turnbull_curve(y), times), atol=1e-4)
