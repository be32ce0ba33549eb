import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidInputError
from models.benchmarking import Fold, FoldScore, benchmark_folds, mean_scores, rank_table, score_fold


def folder_with(path: Path, rows: int = 90) -> Path:
    """A folder laid out like the published one, with one made-up data set and two folds."""
    rng = np.random.default_rng(1)
    size = rng.normal(size=rows)
    end = rng.exponential(np.exp(-size))
    (path / "datasets").mkdir(parents=True)
    pl.DataFrame(
        {
            "size": size,
            "form": rng.integers(0, 3, rows),
            "time": np.minimum(end, 2.0),
            "status": (end < 2).astype(int),
        }
    ).write_csv(path / "datasets" / "made.csv")
    (path / "column_types.json").write_text(json.dumps({"made": {"size": "numeric", "form": "categorical"}}))
    pl.DataFrame(
        {"task": "made", "iteration": [1] * 30 + [2] * 30, "row_id": [*range(1, 31), *range(31, 61)]}
    ).write_parquet(path / "test_folds.parquet")
    pl.DataFrame(
        {
            "task_id": ["made", "made", "made"],
            "learner_id": ["KM", "CPH", "CPH"],
            "tune_measure": ["harrell_c,isbs", "harrell_c", "isbs"],
            "harrell_c": [0.5, 0.9, None],
            "isbs": [0.2, None, 0.001],
        }
    ).write_csv(path / "published_scores_mean.csv")
    return path


def test_a_folder_tells_its_folds_and_each_is_scored_on_rows_not_fitted_to(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "b")
    assert benchmark_folds(folder) == [Fold("made", 1), Fold("made", 2)]
    score = score_fold(folder, Fold("made", 1))
    assert (score.train, score.test) == (60, 30)
    assert 0 < score.isbs < 0.25
    assert score.harrell_c > 0.6


def test_ranks_stand_among_the_learners_tuned_for_the_measure(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "b")
    scores = [FoldScore("made", 1, 0.1, 0.6, 60, 30, 1.0), FoldScore("made", 2, 0.2, 0.8, 60, 30, 1.0)]
    means = mean_scores(folder, scores)
    assert means.filter(measure="isbs").select("learner", "score", "rank").rows() == [
        ("CPH", 0.001, 1.0),
        ("Stabil", pytest.approx(0.15), 2.0),
        ("KM", 0.2, 3.0),
    ]
    assert means.filter(measure="harrell_c")["learner"].to_list() == ["CPH", "Stabil", "KM"]
    table = rank_table(means)
    assert table.filter(measure="isbs", learner="CPH").select("mean_rank", "wins", "better_than_ours").row(0) == (
        1,
        1,
        1,
    )
    assert table.filter(measure="isbs", learner="KM").select("wins", "better_than_ours").row(0) == (0, 0)


@pytest.mark.parametrize("missing", ["column_types.json", "test_folds.parquet", "published_scores_mean.csv"])
def test_a_folder_without_a_file_is_refused(tmp_path: Path, missing: str) -> None:
    folder = folder_with(tmp_path / "b")
    (folder / missing).unlink()
    with pytest.raises(InvalidInputError, match=missing):
        benchmark_folds(folder)


def test_what_else_is_wrong_is_said(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "b")
    with pytest.raises(InvalidInputError, match="one of made"):
        benchmark_folds(folder, ["else"])
    with pytest.raises(InvalidInputError, match="a folder with"):
        benchmark_folds(tmp_path / "nowhere")
    (folder / "datasets" / "made.csv").unlink()
    with pytest.raises(InvalidInputError, match="no data set made"):
        benchmark_folds(folder)
