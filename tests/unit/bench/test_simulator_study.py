import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench.simulator_study import (
    AT_YEARS,
    LEVER,
    Curves,
    Run,
    Study,
    balanced_stack,
    estimator_named,
    finished_runs,
    kinds_of_posts,
    level_turnover,
    run_once,
    studied,
    summary,
    trees,
)
from features.errors import InvalidInputError
from models.career_scenario import Lever, Scenario
from models.career_simulation import simulate_careers
from models.career_truth import CareerTruth
from models.mix import national_mix
from models.piecewise import Floats

PLANTED = Scenario((Lever(LEVER, 0.7),))
ORACLE = Study(f"{__name__}:oracle", 400, 0.7)


def oracle(spells: pl.DataFrame, seed: int) -> Curves:
    """Knows the truth, whatever the spells are."""
    truth = CareerTruth(level_turnover(), PLANTED, {})
    assert spells.height > seed

    def curves(profiles: pl.DataFrame, times: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
        survival = truth.survival(profiles, times)
        return survival, survival - 1e-9, survival + 1e-9

    return curves


def test_who_knows_the_truth_has_full_coverage_and_no_bias() -> None:
    run = run_once(ORACLE, 1)
    assert all(all(row) for row in run.holds)
    assert max(abs(error) for row in run.error for error in row) < 1e-9
    assert run.lever == pytest.approx(run.true_lever)
    assert 0.7 < run.true_lever < 1


def test_a_run_compares_every_kind_of_post_at_every_time() -> None:
    run = run_once(Study("kaplan_meier", 400, 0.7), 2)
    assert len(run.error) == len(run.holds) == 5 * 2 * 2 * 2
    assert {len(row) for row in run.error} == {len(AT_YEARS)}


def test_finished_runs_are_not_done_again(tmp_path: Path) -> None:
    path, study = tmp_path / "study.jsonl", Study("trees", 400, 0.7)
    runs = [Run(seed, 10, [[True, False, True, False]], [[0.1, -0.1, 0.1, -0.1]], 0.8, 0.8) for seed in (1, 2)]
    lines = [json.dumps({"study": asdict(study), "run": asdict(run)}) for run in runs]
    other = json.dumps({"study": asdict(Study("trees", 500, 0.7)), "run": asdict(runs[0]) | {"seed": 3}})
    path.write_text("\n".join([*lines, other, lines[0][:20]]), encoding="utf-8")
    assert list(finished_runs(path, study)) == [1, 2]
    assert studied(study, 2, path, processes=1) == {1: runs[0], 2: runs[1]}
    assert path.read_text("utf-8").endswith("\n")
    assert "coverage of 90 % intervals 0.500" in "\n".join(line for line in summary({1: runs[0], 2: runs[1]}))


def test_an_estimator_is_found_by_its_name() -> None:
    assert estimator_named("trees") is trees
    assert estimator_named("bench.simulator_study:trees") is trees
    with pytest.raises(InvalidInputError, match=r"package\.module:function"):
        estimator_named("forest")


def test_the_balanced_stack_tells_curves_within_its_bounds() -> None:
    careers = simulate_careers(national_mix(), seed=3, lists=150, parameters=level_turnover(), scenario=PLANTED)
    curves = balanced_stack(careers.spells, 3)
    survival, lower, upper = curves(kinds_of_posts(careers), AT_YEARS)
    assert ((lower <= survival + 1e-12) & (survival <= upper + 1e-12)).all()
    assert (np.diff(survival, axis=1) <= 1e-12).all()
