"""Quality of an estimator on spells it was not fitted to, with intervals from resampled persons or municipalities."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from models.cause_forecast import every_forecast
from models.errors import EstimatorInputError
from models.fold_forecast import FoldForecast, told_horizons
from models.outcome import Outcome, read_outcome, together
from models.pending import Pending, Submit, later
from models.predicted_curves import SurvivalEstimator, structured
from models.resampled_calibration import resampled_calibration
from models.resampled_measures import Measure, resampled_measures
from models.splits import Fold, Groups
from models.uncertainty import INTERVAL_COVERAGE
from models.validation import CauseValidation, CrossValidation


def cross_validated(
    estimator: SurvivalEstimator,
    X: Any,  # noqa: N803, ANN401
    y: object,
    folds: Sequence[Fold],
    horizons: Iterable[float],
    *,
    clusters: Groups,
    resamples: int = 200,
    seed: int = 0,
) -> CrossValidation:
    """Return the quality of an estimator on the test spells of each fold, fitted anew to its training spells.

    Measures are taken within a fold and averaged, since forecasts of two fits are not to be ranked against each other.
    Brier scores are `models.brier.entered_brier`, which without delayed entry is the published score. Whole clusters
    are drawn with replacement among those of a fold; the interval is from the 5th to the 95th percentile. It holds the
    chance of who was tested, not that of a new fit or of another weight for censoring.

    Parameters
    ----------
    estimator : SurvivalEstimator
        With scikit-learn's `clone`; stays as it is. Causes are given to it as they are; every end counts in the scores,
        and with ``predict_cumulative_incidence`` there are scores of each cause, too.
    X : DataFrame or ndarray, shape (spells, covariates)
        Covariates at the start.
    y : structured ndarray, DataFrame or Outcome
        Outcome of all spells.
    folds : sequence of Fold
        From `models.splits`.
    horizons : iterable of float
        Times to measure at.
    clusters : sequence, shape (spells,)
        Person or municipality of each spell.
    resamples : int
        How often clusters are drawn, 20 or more.
    seed : int
        Of the draws.

    Raises
    ------
    EstimatorInputError
        If lengths differ, there are no folds, or no horizon that every fold reaches beyond.
    """
    outcome, labels, parts = read_outcome(y), np.asarray(clusters), tuple(folds)
    _check(outcome, len(X), labels, resamples)
    if not parts or max(int(max(fold.train.max(), fold.test.max())) for fold in parts) >= len(outcome):
        raise EstimatorInputError("folds", f"{len(parts)} folds", f"folds of these {len(outcome)} spells")
    asked = _asked(horizons)
    told = _told(told_horizons(outcome, parts, asked), asked)
    forecasts = tuple(fold_forecasts(estimator, X, outcome, fold, told) for fold in parts)
    return validation_of(forecasts, labels, told, asked, resamples, seed)


def fold_forecasts(
    estimator: SurvivalEstimator,
    X: Any,  # noqa: N803, ANN401
    outcome: Outcome,
    fold: Fold,
    horizons: tuple[float, ...],
) -> tuple[FoldForecast, ...]:
    """Return the forecasts for a fold's test spells by a copy of the estimator, fitted to its training spells.

    Parameters
    ----------
    estimator, X
        As in `cross_validated`.
    outcome : Outcome
        Of all spells, with causes.
    fold : Fold
        Which to fit to; its ``train_outcome`` is used where given.
    horizons : tuple of float
        From `models.fold_forecast.told_horizons`.

    Returns
    -------
    tuple of FoldForecast
        Of an end of any cause, then of each; see `models.cause_forecast.every_forecast`.
    """
    train = outcome[fold.train] if fold.train_outcome is None else fold.train_outcome
    fitted = clone(estimator).fit(X[fold.train], structured(train))
    causes = int(outcome.event.max())
    return every_forecast(fitted, train, X[fold.test], outcome[fold.test], fold.test, causes, horizons)


def held_out_validation(
    fitted: SurvivalEstimator,
    train_y: object,
    X: Any,  # noqa: N803, ANN401
    y: object,
    horizons: Iterable[float],
    *,
    clusters: Groups,
    resamples: int = 200,
    seed: int = 0,
) -> CrossValidation:
    """Return the quality of a fitted estimator on spells that were held out: as `cross_validated`, without a new fit.

    Parameters
    ----------
    fitted : SurvivalEstimator
        Fitted already.
    train_y : structured ndarray, DataFrame or Outcome
        Of the spells it was fitted to: for the weights, and for the one curve it is compared with.
    X, y, clusters
        Of the held-out spells.
    horizons, resamples, seed
        As in `cross_validated`.

    Raises
    ------
    EstimatorInputError
        As `cross_validated`.
    """
    train, outcome, labels = read_outcome(train_y), read_outcome(y), np.asarray(clusters)
    _check(outcome, len(X), labels, resamples)
    asked = _asked(horizons)
    rows = np.arange(len(outcome))
    told = _told(told_horizons(outcome, [Fold(rows, rows, train)], asked), asked)
    causes = int(max(train.event.max(), outcome.event.max()))
    forecasts = every_forecast(fitted, train, X, outcome, rows, causes, told)
    return validation_of((forecasts,), labels, told, asked, resamples, seed)


def validation_of(
    forecasts: Sequence[tuple[FoldForecast, ...]],
    labels: NDArray[Any],
    told: tuple[float, ...],
    asked: tuple[float, ...],
    resamples: int,
    seed: int,
) -> CrossValidation:
    """Return the measures of forecasts that were made elsewhere, with intervals.

    Parameters
    ----------
    forecasts : sequence of tuple of FoldForecast
        Per fold, that of an end of any cause first; see `fold_forecasts`.
    labels : ndarray, shape (spells,)
        Cluster of every spell.
    told, asked : tuple of float
        Horizons of the forecasts, and all that were asked for.
    resamples, seed
        As in `cross_validated`.
    """
    return begun_validation(forecasts, labels, told, asked, resamples, seed, later)()


def begun_validation(
    forecasts: Sequence[tuple[FoldForecast, ...]],
    labels: NDArray[Any],
    told: tuple[float, ...],
    asked: tuple[float, ...],
    resamples: int,
    seed: int,
    submit: Submit,
) -> Callable[[], CrossValidation]:
    """Return what gives `validation_of` the forecasts, of which ``submit`` has the intervals of calibration."""
    whole, *by_cause = (tuple(each) for each in zip(*forecasts, strict=True))
    tested = labels[np.concatenate([forecast.rows for forecast in whole])]
    pending = [_calibration(each, tested, told, resamples, seed, submit) for each in (whole, *by_cause)]
    measured = [resampled_measures(each, labels, told, asked, resamples, seed) for each in (whole, *by_cause)]

    def finished() -> CrossValidation:
        calibration, *of_causes = (each.result() for each in pending)
        if not any(np.ptp(forecast.left, axis=0).any() for forecast in whole):
            # one curve per fold: forecasts differ between folds by chance alone, which is no slope
            calibration = tuple(_untold(each) if each.name == "slope" else each for each in calibration)
        return CrossValidation(
            measures=measured[0],
            calibration=calibration,
            causes=tuple(map(_of_cause, by_cause, measured[1:], of_causes)),
            horizons=told,
            coverage=INTERVAL_COVERAGE,
            spells=tested.size,
            clusters=np.unique(tested).size,
            resamples=resamples,
            seed=seed,
            labels=tested,
            forecasts=whole,
        )

    return finished


def _of_cause(
    forecasts: tuple[FoldForecast, ...], measures: tuple[Measure, ...], calibration: tuple[Measure, ...]
) -> CauseValidation:
    cause = forecasts[0].cause
    ended = sum(int((forecast.test.event == cause).sum()) for forecast in forecasts)
    return CauseValidation(cause, ended, measures, calibration, forecasts)


def _calibration(
    forecasts: Sequence[FoldForecast],
    tested: NDArray[Any],
    told: tuple[float, ...],
    resamples: int,
    seed: int,
    submit: Submit,
) -> Pending[tuple[Measure, ...]]:
    test = together([forecast.test for forecast in forecasts])
    left = np.concatenate([forecast.left for forecast in forecasts])
    cause = forecasts[0].cause
    return submit(resampled_calibration, test, left, tested, told, cause=cause, resamples=resamples, seed=seed)


def _untold(measure: Measure) -> Measure:
    return Measure(measure.name, measure.horizon, None, None, None)


def _asked(horizons: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted({float(horizon) for horizon in horizons}))


def _told(told: tuple[float, ...], asked: tuple[float, ...]) -> tuple[float, ...]:
    if not told:
        raise EstimatorInputError("horizons", asked, "at least one that training and test spells of each fold outlast")
    return told


def _check(outcome: Outcome, rows: int, labels: NDArray[Any], resamples: int) -> None:
    if rows != len(outcome):
        raise EstimatorInputError("X", f"{rows} rows", f"one row for each of {len(outcome)} spells")
    if labels.shape != (len(outcome),):
        raise EstimatorInputError("clusters", f"shape {labels.shape}", f"one value for each of {len(outcome)} spells")
    if resamples < 20:
        raise EstimatorInputError("resamples", resamples, "20 or more")
