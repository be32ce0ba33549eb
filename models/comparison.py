"""Several estimators on the same unseen spells: how good each is, which is best, and by how much."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import clone

from models.cause_errors import known_average, mean_errors
from models.cause_forecast import CauseForecast, cause_forecasts
from models.cross_validation import CrossValidation, validation_of
from models.errors import EstimatorInputError
from models.fold_forecast import FoldForecast, told_horizons, unseen_forecast
from models.observation import any_cause
from models.outcome import Floats, Outcome
from models.predicted_curves import structured
from models.quality_report import together
from models.resampled_calibration import resampled_calibration
from models.resampled_measures import Measure, drawn_rows, measure_of, resampled_measures, rows_by_cluster
from models.splits import Fold


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """What one estimator foretold and how good it was.

    Attributes
    ----------
    name : str
        As `models.named_estimators.ESTIMATORS` has it.
    validation : CrossValidation
        Of an end of any cause.
    calibration : tuple of Measure
        ``ici``, ``intercept`` and ``slope`` at each told horizon, of an end of any cause.
    causes : tuple of tuple of Measure
        Measures and calibration of each cause, cause 1 first; empty with one cause.
    cause_forecasts : tuple of tuple of CauseForecast
        Per fold, and in it per cause; empty with one cause.
    seconds : float
        What fitting and foretelling took.
    """

    name: str
    validation: CrossValidation
    calibration: tuple[Measure, ...]
    causes: tuple[tuple[Measure, ...], ...]
    cause_forecasts: tuple[tuple[CauseForecast, ...], ...]
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
    contenders = tuple(
        _contender(name, estimator, X, outcome, folds, (told, asked), clusters, resamples, seed, advance)
        for name, estimator in estimators.items()
    )
    best = min(contenders, key=lambda each: each.validation.measure("integrated_brier").value or np.inf)
    return Comparison(contenders, best.name, behind_best(contenders, best, clusters, resamples, seed))


def _contender(
    name: str,
    estimator: Any,  # noqa: ANN401
    X: pl.DataFrame,  # noqa: N803
    outcome: Outcome,
    folds: Sequence[Fold],
    horizons: tuple[tuple[float, ...], tuple[float, ...]],
    clusters: NDArray[Any],
    resamples: int,
    seed: int,
    advance: Callable[[str], None],
) -> Contender:
    (told, asked), causes = horizons, int(outcome.event.max())
    begun = perf_counter()
    forecasts, by_cause = [], []
    for fold in folds:
        train = outcome[fold.train] if fold.train_outcome is None else fold.train_outcome
        fitted = clone(estimator).fit(X[fold.train], structured(train))
        unseen, test = X[fold.test], outcome[fold.test]
        forecast = unseen_forecast(fitted, train, unseen, test, fold.test, told)
        forecasts.append(forecast)
        if causes > 1:
            by_cause.append(cause_forecasts(fitted, test, unseen, forecast, train, range(1, causes + 1), told))
        advance(name)
    seconds = perf_counter() - begun
    validation = validation_of(tuple(forecasts), clusters, told, asked, resamples, seed)
    left = np.concatenate([1 - forecast.curves.at(told) for forecast in forecasts])
    whole = together([any_cause(outcome[forecast.rows]) for forecast in forecasts])
    drawn = clusters[np.concatenate([forecast.rows for forecast in forecasts])]
    calibration = resampled_calibration(whole, left, drawn, told, cause=1, resamples=resamples, seed=seed)
    if not any(np.ptp(forecast.curves.at(told), axis=0).any() for forecast in forecasts):
        # one curve per fold: forecasts differ between folds by chance alone, which is no slope
        calibration = tuple(_untold(each) if each.name == "slope" else each for each in calibration)
    of_causes = tuple(
        _cause_measures([fold[place] for fold in by_cause], clusters, told, asked, resamples, seed)
        for place in range(causes if causes > 1 else 0)
    )
    return Contender(name, validation, calibration, of_causes, tuple(by_cause), seconds)


def _cause_measures(
    forecasts: Sequence[CauseForecast],
    clusters: NDArray[Any],
    told: tuple[float, ...],
    asked: tuple[float, ...],
    resamples: int,
    seed: int,
) -> tuple[Measure, ...]:
    measures = resampled_measures(forecasts, clusters, told, asked, resamples, seed)
    test = together([forecast.test for forecast in forecasts])
    left = np.concatenate([forecast.incidence for forecast in forecasts])
    drawn = clusters[np.concatenate([forecast.rows for forecast in forecasts])]
    cause = forecasts[0].cause
    return (
        *measures,
        *resampled_calibration(test, left, drawn, told, cause=cause, resamples=resamples, seed=seed),
    )


def _untold(measure: Measure) -> Measure:
    return Measure(measure.name, measure.horizon, None, None, None)


def behind_best(
    contenders: Sequence[Contender], best: Contender, clusters: NDArray[Any], resamples: int, seed: int
) -> tuple[Measure, ...]:
    """Return how far the integrated Brier score of each lies above that of the best, on the same draws of clusters.

    That the best was chosen by the same figures makes its lead look larger than it is where several are close.
    """
    folds = [contender.validation.forecasts for contender in contenders]
    groups = tuple(rows_by_cluster(clusters[forecast.rows]) for forecast in folds[0])
    rng = np.random.default_rng(seed)
    own = np.array([_integrated(forecasts, None) for forecasts in folds])
    draws = []
    for _ in range(resamples):
        chosen = [drawn_rows(rows, rng) for rows in groups]
        draws.append([_integrated(forecasts, chosen) for forecasts in folds])
    at = next(place for place, contender in enumerate(contenders) if contender is best)
    lead, drawn = own - own[at], np.array(draws) - np.array(draws)[:, [at]]
    return tuple(
        measure_of((contender.name, None), float(lead[place]), drawn[:, place])
        for place, contender in enumerate(contenders)
    )


def _integrated(forecasts: Sequence[FoldForecast], chosen: Sequence[NDArray[np.int64]] | None) -> float:
    scores, sizes = [], []
    for place, forecast in enumerate(forecasts):
        errors: Floats = forecast.errors[:, -forecast.times.size :]
        errors = errors if chosen is None else errors[chosen[place]]
        scores.append(known_average(mean_errors(errors), forecast.times))
        sizes.append(errors.shape[0])
    return float(np.average(scores, weights=sizes))
