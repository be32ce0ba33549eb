"""Kaplan-Meier curves with published or hand-worked values, one case file each."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.benchmarks import kaplan_meier, median_with_interval, survival_at

HERE = Path(__file__).parent
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
