"""Several estimators on the same unseen spells: how good each is, which is best, and by how much."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.cause_errors import counted_mean_errors, known_average
from models.cross_validation import begun_validation, fold_forecasts
from models.errors import EstimatorInputError
from models.fold_forecast import FoldForecast, told_horizons
from models.outcome import Floats, Outcome
from models.pending import Pending, Submit, later
from models.resampled_measures import Measure, counts_with_own, measure_of
from models.splits import Fold
from models.validation import CrossValidation


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """What one estimator foretold and how good it was.

    Attributes
    ----------
    name : str
        As `models.named_estimators.ESTIMATORS` has it.
    validation : CrossValidation
        Of an end of any cause and, with several, of each.
    seconds : float
        What fitting and foretelling took, the folds summed.
    """

    name: str
    validation: CrossValidation
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Estimators side by side.

    Attributes
    ----------
    contenders : tuple of Contender
        In the order they were asked for.
    best : str
        That with the lowest integrated Brier score.
    behind : tuple of Measure
        Integrated Brier score of each less that of the best, with the interval of the difference on the same draws;
        ``name`` is the estimator's.
    """

    contenders: tuple[Contender, ...]
    best: str
    behind: tuple[Measure, ...]


def compared(
    estimators: Mapping[str, Any],
    X: pl.DataFrame,  # noqa: N803
    outcome: Outcome,
    folds: Sequence[Fold],
    horizons: Sequence[float],
    *,
    clusters: NDArray[Any],
    resamples: int = 200,
    seed: int = 0,
    advance: Callable[[str], None] = lambda _: None,
    submit: Submit = later,
) -> Comparison:
    """Return estimators compared on the test spells of each fold, each fitted anew to its training spells.

    Parameters
    ----------
    estimators : mapping of str to estimator
        At least one; with several causes each must have ``predict_cumulative_incidence``.
    X : DataFrame, shape (spells, covariates)
        Covariates at the start.
    outcome : Outcome
        Of all spells.
    folds : sequence of Fold
        From `models.splits`.
    horizons : sequence of float
        Times to measure at.
    clusters : ndarray, shape (spells,)
        Person or municipality of each spell, drawn with replacement for the intervals.
    resamples, seed : int
        How often, and the seed of it.
    advance : callable
        Told the name of an estimator when one of its folds is done.
    submit : Submit
        Takes over fits and intervals; done here, one after the other, by default. Results do not hang on it.

    Raises
    ------
    EstimatorInputError
        If no horizon can be told, or a fit is impossible.
    """
    if not estimators:
        raise EstimatorInputError("estimators", "none", "at least one")
    asked = tuple(sorted({float(horizon) for horizon in horizons}))
    told = told_horizons(outcome, folds, asked)
    if not told:
        raise EstimatorInputError("horizons", asked, "at least one that training and test spells of each fold outlast")
    fits = {
        name: [submit(_timed_forecasts, estimator, X, outcome, fold, told) for fold in folds]
        for name, estimator in estimators.items()
    }
    begun = [
        _begun_contender(name, pending, (told, asked), clusters, resamples, seed, advance, submit)
        for name, pending in fits.items()
    ]
    contenders = tuple(Contender(name, finish(), seconds) for name, finish, seconds in begun)
    best = min(contenders, key=lambda each: each.validation.measure("integrated_brier").value or np.inf)
    return Comparison(contenders, best.name, behind_best(contenders, best, clusters, resamples, seed))


def _timed_forecasts(
    estimator: Any,  # noqa: ANN401
    X: pl.DataFrame,  # noqa: N803
    outcome: Outcome,
    fold: Fold,
    told: tuple[float, ...],
) -> tuple[tuple[FoldForecast, ...], float]:
    begun = perf_counter()
    return fold_forecasts(estimator, X, outcome, fold, told), perf_counter() - begun


def _begun_contender(
    name: str,
    pending: Sequence[Pending[tuple[tuple[FoldForecast, ...], float]]],
    horizons: tuple[tuple[float, ...], tuple[float, ...]],
    clusters: NDArray[Any],
    resamples: int,
    seed: int,
    advance: Callable[[str], None],
    submit: Submit,
) -> tuple[str, Callable[[], CrossValidation], float]:
    """Return the name, what gives the validation once the others are under way too, and the seconds."""
    forecasts, seconds = [], 0.0
    for each in pending:
        forecast, took = each.result()
        forecasts.append(forecast)
        seconds += took
        advance(name)
    return name, begun_validation(forecasts, clusters, *horizons, resamples, seed, submit), seconds


def behind_best(
    contenders: Sequence[Contender], best: Contender, clusters: NDArray[Any], resamples: int, seed: int
) -> tuple[Measure, ...]:
    """Return how far the integrated Brier score of each lies above that of the best, on the same draws of clusters.

    That the best was chosen by the same figures makes its lead look larger than it is where several are close.
    """
    folds = [contender.validation.forecasts for contender in contenders]
    counts = counts_with_own([clusters[forecast.rows] for forecast in folds[0]], resamples, seed)
    scores = np.column_stack([_integrated(forecasts, counts) for forecasts in folds])
    lead = scores - scores[:, [next(place for place, contender in enumerate(contenders) if contender is best)]]
    return tuple(
        measure_of((contender.name, None), float(lead[0, place]), lead[1:, place])
        for place, contender in enumerate(contenders)
    )


def _integrated(forecasts: Sequence[FoldForecast], counts: Sequence[Floats]) -> Floats:
    """Return the integrated Brier score of each draw, averaged over the folds."""
    scores = []
    for forecast, drawn in zip(forecasts, counts, strict=True):
        errors = counted_mean_errors(forecast.errors[:, -forecast.times.size :], drawn)
        scores.append([known_average(each, forecast.times) for each in errors])
    means: Floats = np.average(scores, axis=0, weights=[drawn.sum(axis=1) for drawn in counts])
    return means
