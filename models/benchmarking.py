"""The default estimator on a folder of survival data sets with published test folds, beside published learners."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

from features.errors import InvalidInputError
from models.brier import integrated_brier_score, scored_times
from models.discrimination import harrell_c
from models.outcome import survival_outcome
from models.stacking import StackedHazard

OURS = "Stabil"
MEASURES: Mapping[str, bool] = {"isbs": False, "harrell_c": True}
"""Column of each measure in the published scores, and whether more is better."""

_TYPES, _FOLDS, _PUBLISHED = "column_types.json", "test_folds.parquet", "published_scores_mean.csv"
_NEEDED: Mapping[str, tuple[str, ...]] = {
    _FOLDS: ("task", "iteration", "row_id"),
    _PUBLISHED: ("task_id", "learner_id", "tune_measure", *MEASURES),
}


@dataclass(frozen=True, slots=True)
class Fold:
    """A data set and the number of its split."""

    task: str
    iteration: int


@dataclass(frozen=True, slots=True)
class FoldScore:
    """Scores of one fold.

    Attributes
    ----------
    task, iteration : str, int
        Data set and split.
    isbs : float
        Integrated Brier score as `models.brier.integrated_brier_score` defines it; lower is better.
    harrell_c : float
        Harrell's C; higher is better.
    train, test : int
        Spells fitted to, and scored.
    seconds : float
        Time of fit and forecast.
    """

    task: str
    iteration: int
    isbs: float
    harrell_c: float
    train: int
    test: int
    seconds: float


def benchmark_folds(folder: Path, tasks: Sequence[str] | None = None) -> list[Fold]:
    """Return the folds of a folder, after a check of its files.

    Parameters
    ----------
    folder : Path
        With ``datasets/<task>.csv.gz`` or ``.csv`` (columns ``time``, ``status`` and covariates), ``column_types.json``
        (task, column: ``numeric`` or ``categorical``), ``test_folds.parquet`` (``task``, ``iteration``, ``row_id`` of
        the test rows, counted from 1) and ``published_scores_mean.csv``.
    tasks : sequence of str, optional
        Data sets to use; by default all that have folds.

    Raises
    ------
    InvalidInputError
        If a file or column is missing, or a data set is unknown.
    """
    if not folder.is_dir():
        raise InvalidInputError("DIR", str(folder), "a folder with datasets/, column_types.json and test_folds.parquet")
    for name in (_TYPES, _FOLDS, _PUBLISHED):
        if not (folder / name).is_file():
            raise InvalidInputError("DIR", f"a folder without {name}", f"{name} in {folder.name}")
    folds = _columns_of(pl.read_parquet(folder / _FOLDS), _FOLDS).select("task", "iteration").unique()
    _columns_of(pl.read_csv(folder / _PUBLISHED), _PUBLISHED)
    found = [Fold(str(task), int(number)) for task, number in folds.rows()]
    known = sorted({fold.task for fold in found})
    if unknown := [task for task in tasks or () if task not in known]:
        raise InvalidInputError("--datasets", unknown[0], f"one of {', '.join(known)}")
    chosen = [fold for fold in found if tasks is None or fold.task in tasks]
    for task in {fold.task for fold in chosen}:
        _data_set(folder, task)
    return sorted(chosen, key=lambda fold: (fold.task, fold.iteration))


def score_fold(folder: Path, fold: Fold) -> FoldScore:
    """Return the scores of the default estimator, fitted to a fold's training rows, on its test rows.

    Nothing is chosen per data set, and the test rows are used for the scores alone.
    """
    covariates, ended, time = _data_set(folder, fold.task)
    rows = (
        pl.read_parquet(folder / _FOLDS)
        .filter(pl.col("task").cast(pl.String) == fold.task, pl.col("iteration") == fold.iteration)["row_id"]
        .to_numpy()
    )
    if not rows.size or rows.min() < 1 or rows.max() > covariates.height:
        raise InvalidInputError("row_id", f"rows of {fold.task}", f"numbers from 1 to {covariates.height}")
    is_test = np.zeros(covariates.height, dtype=bool)
    is_test[rows - 1] = True
    train, test = (survival_outcome(ended[part], time[part]) for part in (~is_test, is_test))
    began = perf_counter()
    model = StackedHazard().fit(covariates.filter(pl.Series(~is_test)), train)
    seen = covariates.filter(pl.Series(is_test))
    times = scored_times(test)
    # a curve stays where it is after the longest duration of the training rows
    survival = model.predict_survival_function(seen, np.minimum(times, model.breaks_[-1]))
    risk = model.predict(seen)
    return FoldScore(
        task=fold.task,
        iteration=fold.iteration,
        isbs=integrated_brier_score(train, test, survival, times),
        harrell_c=harrell_c(test, risk),
        train=len(train),
        test=len(test),
        seconds=perf_counter() - began,
    )


def mean_scores(folder: Path, scores: Sequence[FoldScore]) -> pl.DataFrame:
    """Return the mean of each measure per data set and learner, ours among the published.

    Grain: one row per ``task``, ``learner`` and ``measure``: ``score`` (mean over folds), ``rank`` among the learners
    that have a score for the data set (1 is best, ties share the mean). A published learner counts for the measure
    that it was tuned for.
    """
    published = pl.read_csv(folder / _PUBLISHED)
    parts = []
    for measure, more_is_better in MEASURES.items():
        theirs = published.filter(
            pl.col("tune_measure").str.contains(measure), pl.col("task_id").is_in([score.task for score in scores])
        ).select(task="task_id", learner="learner_id", score=pl.col(measure).cast(pl.Float64))
        ours = (
            pl.DataFrame(
                {"task": [score.task for score in scores], "score": [getattr(score, measure) for score in scores]},
                schema={"task": pl.String, "score": pl.Float64},
            )
            .group_by("task")
            .agg(pl.col("score").mean())
            .select("task", learner=pl.lit(OURS), score="score")
        )
        parts.append(
            pl.concat([theirs.drop_nulls("score"), ours]).with_columns(
                measure=pl.lit(measure),
                rank=pl.col("score").rank(method="average", descending=more_is_better).over("task"),
            )
        )
    return pl.concat(parts).sort("measure", "task", "rank", "learner")


def rank_table(means: pl.DataFrame) -> pl.DataFrame:
    """Return the mean rank of each learner per measure, best first.

    Grain: one row per ``measure`` and ``learner``: ``mean_rank``, ``datasets`` (with a score), ``wins`` (data sets on
    which no learner is better), ``better_than_ours`` (data sets on which it beats ours).
    """
    ours = means.filter(pl.col("learner") == OURS).select("measure", "task", our_rank="rank")
    return (
        means.join(ours, on=["measure", "task"])
        .with_columns(best=pl.col("rank").min().over("measure", "task"))
        .group_by("measure", "learner")
        .agg(
            mean_rank=pl.col("rank").mean(),
            datasets=pl.len(),
            wins=(pl.col("rank") == pl.col("best")).sum(),
            better_than_ours=(pl.col("rank") < pl.col("our_rank")).sum(),
        )
        .sort("measure", "mean_rank", "learner")
    )


@lru_cache(maxsize=4)
def _data_set(folder: Path, task: str) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    path = next(
        (p for p in (folder / "datasets" / f"{task}.csv.gz", folder / "datasets" / f"{task}.csv") if p.is_file()), None
    )
    if path is None:
        raise InvalidInputError("DIR", f"no data set {task}", f"datasets/{task}.csv.gz")
    types = json.loads((folder / _TYPES).read_text(encoding="utf-8")).get(task, {})
    rows = pl.read_csv(path, infer_schema_length=None, null_values=["NA", ""])
    for name in ("time", "status"):
        if name not in rows.columns or not rows.schema[name].is_numeric():
            raise InvalidInputError(f"datasets/{path.name}", rows.columns, f"also a numeric column {name}")
    covariates = rows.drop("time", "status")
    typed = [
        pl.col(name).cast(pl.String).cast(pl.Enum(sorted(covariates[name].cast(pl.String).drop_nulls().unique())))
        if types.get(name, "categorical" if not dtype.is_numeric() else "numeric") == "categorical"
        else pl.col(name).cast(pl.Float64)
        for name, dtype in covariates.schema.items()
    ]
    time = np.maximum(rows["time"].cast(pl.Float64).to_numpy(), np.finfo(float).tiny ** 0.25)
    return covariates.select(typed), (rows["status"] > 0).to_numpy(), time


def _columns_of(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    if missing := [name for name in _NEEDED[file] if name not in frame.columns]:
        raise InvalidInputError(file, frame.columns, f"also the columns {', '.join(missing)}")
    return frame
