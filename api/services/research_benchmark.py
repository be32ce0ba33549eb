"""The default estimator on a folder of survival data sets, fold by fold, in parallel, resumable."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl

from features.errors import InvalidInputError
from models.benchmarking import Fold, FoldScore, benchmark_folds, mean_scores, rank_table, score_fold
from models.stacking import StackedHazard, default_members

FORMAT = "stabil.benchmark"


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    """A folder, what of it, and where the result goes.

    Attributes
    ----------
    datasets : sequence of str or None
        Data sets; None for all.
    jobs : int
        Processes at a time.
    resume : bool
        Whether folds that the output already holds are kept.
    """

    folder: Path
    output: Path
    datasets: Sequence[str] | None
    jobs: int
    resume: bool


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """Scores of every fold, means and mean ranks; folds that failed, with the reason."""

    scores: tuple[FoldScore, ...]
    failures: tuple[dict[str, Any], ...]
    means: pl.DataFrame
    ranks: pl.DataFrame
    output: Path


def run_benchmark(request: BenchmarkRequest, advance: Callable[[int, int], None]) -> BenchmarkResult:
    """Score every fold and write the result; the output is renewed after each fold, so that nothing is lost."""
    if request.jobs < 1:
        raise InvalidInputError("--jobs", request.jobs, "1 or more")
    folds = benchmark_folds(request.folder, request.datasets)
    scores = [score for score in _kept(request) if Fold(score.task, score.iteration) in set(folds)]
    failures: list[dict[str, Any]] = []
    done = {(score.task, score.iteration) for score in scores}
    left = [fold for fold in folds if (fold.task, fold.iteration) not in done]
    advance(len(scores), len(folds))
    # long folds first, so that no process waits at the end for the last of them
    left.sort(key=lambda fold: -_size(request.folder, fold.task))
    with ProcessPoolExecutor(request.jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(score_fold, request.folder, fold): fold for fold in left}
        for number, future in enumerate(as_completed(running), start=len(scores) + 1):
            fold = running[future]
            try:
                scores.append(future.result())
            except (ValueError, ArithmeticError) as error:
                failures.append({"task": fold.task, "iteration": fold.iteration, "reason": str(error)})
            advance(number, len(folds))
            _write(request, scores, failures)
    return _write(request, scores, failures)


def _write(
    request: BenchmarkRequest, scores: Sequence[FoldScore], failures: Sequence[dict[str, Any]]
) -> BenchmarkResult:
    ordered = sorted(scores, key=lambda score: (score.task, score.iteration))
    means = mean_scores(request.folder, ordered)
    ranks = rank_table(means)
    document = {
        "format": FORMAT,
        "estimator": {
            "name": StackedHazard.__name__,
            "members": {name: repr(member) for name, member in default_members()},
        },
        "measures": {
            "isbs": "integrated Brier score, weighted for censoring; lower is better",
            "harrell_c": "Harrell's C; higher is better",
        },
        "folds": [asdict(score) for score in ordered],
        "failures": list(failures),
        "means": means.to_dicts(),
        "ranks": ranks.to_dicts(),
    }
    request.output.parent.mkdir(parents=True, exist_ok=True)
    partial = request.output.with_name(request.output.name + ".part")
    partial.write_text(json.dumps(document, indent=1), encoding="utf-8")
    partial.replace(request.output)
    return BenchmarkResult(tuple(ordered), tuple(failures), means, ranks, request.output)


def _kept(request: BenchmarkRequest) -> list[FoldScore]:
    if not request.resume or not request.output.exists():
        return []
    try:
        document = json.loads(request.output.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(document["format"])
        return [FoldScore(**fold) for fold in document["folds"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(
            "--resume", request.output.name, "a result of this command; without --resume it is written anew"
        ) from error


def _size(folder: Path, task: str) -> int:
    return max(
        path.stat().st_size
        for path in (folder / "datasets" / f"{task}.csv.gz", folder / "datasets" / f"{task}.csv")
        if path.is_file()
    )
