"""Whether as many have left by a horizon as was predicted: in groups, as a curve, and in few numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.checked_forecasts import checked_probabilities
from models.cloglog_regression import cloglog, fitted_coefficients, from_cloglog, spline_columns
from models.dynamic_auc import status_weights
from models.errors import EstimatorInputError
from models.observed_incidence import ObservedIncidence, followed_to, observed_incidence
from models.outcome import Outcome, read_outcome
from models.uncertainty import INTERVAL_COVERAGE

Floats = NDArray[np.float64]
_NUMBERS = ("predicted", "observed", "observed_lower", "observed_upper", "coverage")


@dataclass(frozen=True, slots=True)
class CalibrationSummary:
    """Calibration at one horizon in a few numbers.

    Attributes
    ----------
    ici, e50, e90 : float
        Mean, median and 90th percentile, over the spells, of the distance (0-1) between the predicted probability and
        the smooth observed one; 0 best.
    intercept : float
        Log of observed over predicted cumulative hazard; 0 best, above 0 more left than predicted.
    slope : float or None
        Of observed on predicted log cumulative hazard; 1 best, below 1 predictions are too far apart. None where all
        predictions are alike.
    """

    ici: float
    e50: float
    e90: float
    intercept: float
    slope: float | None


def calibration_by(
    y: object, incidence: ArrayLike, time: float, groups: Sequence[str] | NDArray[np.str_], *, cause: int
) -> pl.DataFrame:
    """Return the predicted beside the observed share that has ended by a time, per group.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells; for an end of any cause give `models.observation.any_cause` of them and cause 1.
    incidence : array-like, shape (spells,)
        Predicted probability to have ended of the cause by the time.
    time : float
        The horizon.
    groups : sequence of str, shape (spells,)
        Group of each spell, for example its size band.
    cause : int
        Its number, 1 or more.

    Returns
    -------
    DataFrame
        One row per group, sorted: ``group``, ``spells``, ``predicted`` (mean over the group's spells), ``observed``
        (Aalen-Johansen; with one cause one minus Kaplan-Meier) with ``observed_lower``/``observed_upper`` (null where
        none or all have ended) and ``coverage``, 0.90. ``observed`` is null where no spell of the group is followed to
        the time. With delayed entry the mean is over spells that were observed, of which long ones are more.

    Raises
    ------
    EstimatorInputError
        If shapes differ or a value is no probability.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, False, True, False], [1.0, 3.0, 1.0, 3.0])
    >>> calibration_by(y, [0.4, 0.4, 0.5, 0.7], 2.0, ["a", "a", "b", "b"], cause=1)["observed"].to_list()
    [0.5, 0.5]
    """
    outcome = read_outcome(y)
    predicted = _predicted(incidence, outcome)
    labels = np.asarray(groups)
    if labels.shape != predicted.shape:
        raise EstimatorInputError("groups", f"shape {labels.shape}", f"one group per spell, shape {predicted.shape}")
    rows = [
        {"group": str(name), **_row(outcome[labels == name], predicted[labels == name], time, cause)}
        for name in np.unique(labels)
    ]
    return pl.DataFrame(rows, schema={"group": pl.String, "spells": pl.Int64, **dict.fromkeys(_NUMBERS, pl.Float64)})


def calibration_curve(y: object, incidence: ArrayLike, time: float, *, cause: int, bins: int = 10) -> pl.DataFrame:
    """Return the predicted beside the observed share that has ended by a time, in equal groups by prediction.

    Equal predictions stay together, so there may be fewer bins than asked for.

    Parameters
    ----------
    y, incidence, time, cause
        As in `calibration_by`.
    bins : int
        Groups of about equal numbers of spells, 1 or more.

    Returns
    -------
    DataFrame
        As `calibration_by`, with ``bin`` (from 1, rising with the prediction) in the place of ``group``.

    Raises
    ------
    EstimatorInputError
        As in `calibration_by`, or if ``bins`` is below 1.
    """
    outcome = read_outcome(y)
    predicted = _predicted(incidence, outcome)
    if bins < 1:
        raise EstimatorInputError("bins", bins, "1 or more")
    borders = np.unique(np.quantile(predicted, np.arange(1, bins) / bins))
    bin_of = np.searchsorted(borders, predicted, side="left")
    rows = [
        {"bin": place, **_row(outcome[bin_of == each], predicted[bin_of == each], time, cause)}
        for place, each in enumerate(np.unique(bin_of), start=1)
    ]
    return pl.DataFrame(rows, schema={"bin": pl.Int64, "spells": pl.Int64, **dict.fromkeys(_NUMBERS, pl.Float64)})


def smooth_observed(y: object, incidence: ArrayLike, time: float, *, cause: int) -> Floats:
    """Return the observed probability to have ended by a time as a smooth function of the predicted one, per spell.

    Binomial regression on a restricted cubic spline of the predicted log(-log) probability, with weights for censoring
    and delayed entry (`models.dynamic_auc.status_weights`). Austin et al. fit a hazard with such a spline; the direct
    regression at the horizon assumes nothing of other times and holds for competing causes as it stands.

    Parameters
    ----------
    y, incidence, time, cause
        As in `calibration_by`.

    Returns
    -------
    ndarray, shape (spells,)

    Raises
    ------
    EstimatorInputError
        As in `calibration_by`, or if by the time all or none have ended of the cause.

    References
    ----------
    Austin, Harrell and van Klaveren 2020, Stat Med 39(21):2714-2742. Scheike, Zhang and Gerds 2008, Biometrika
    95(1):205-220.
    """
    outcome = read_outcome(y)
    scale = cloglog(_predicted(incidence, outcome))
    return _smooth(scale, *_known_status(outcome, time, cause))


def calibration_summary(y: object, incidence: ArrayLike, time: float, *, cause: int) -> CalibrationSummary:
    """Return how far predicted and observed shares at a horizon lie apart, and in which direction.

    Parameters
    ----------
    y, incidence, time, cause
        As in `calibration_by`.

    Raises
    ------
    EstimatorInputError
        As in `smooth_observed`.

    References
    ----------
    Austin, Harrell and van Klaveren 2020, Stat Med 39(21):2714-2742 (ICI, E50, E90). van Houwelingen 2000, Stat Med
    19(24):3401-3415 (intercept and slope of the cumulative hazard).
    """
    outcome = read_outcome(y)
    predicted = _predicted(incidence, outcome)
    happened, weight = _known_status(outcome, time, cause)
    scale, ones = cloglog(predicted), np.ones((predicted.size, 1))
    distance = np.abs(predicted - _smooth(scale, happened, weight))
    intercept = fitted_coefficients(ones, happened, weight, scale)[0]
    slope = None
    if np.ptp(scale) > 0:
        line = np.column_stack([ones[:, 0], scale])
        slope = 1 + float(fitted_coefficients(line, happened, weight, scale)[1])
    e50, e90 = np.quantile(distance, [0.5, 0.9])
    return CalibrationSummary(float(distance.mean()), float(e50), float(e90), float(intercept), slope)


def _smooth(scale: Floats, happened: NDArray[np.bool_], weight: Floats) -> Floats:
    columns = spline_columns(scale)
    return from_cloglog(scale + columns @ fitted_coefficients(columns, happened, weight, scale))


def _row(outcome: Outcome, predicted: Floats, time: float, cause: int) -> dict[str, float | int | None]:
    told = followed_to(outcome, time)
    observed = observed_incidence(outcome, time, cause=cause, confidence=INTERVAL_COVERAGE)
    kept = observed if told else ObservedIncidence(np.nan, None, None)
    return {
        "spells": len(outcome),
        "predicted": float(predicted.mean()),
        "observed": kept.share if told else None,
        "observed_lower": kept.lower,
        "observed_upper": kept.upper,
        "coverage": INTERVAL_COVERAGE,
    }


def _known_status(outcome: Outcome, time: float, cause: int) -> tuple[NDArray[np.bool_], Floats]:
    happened, weight = status_weights(outcome, outcome, time, cause)
    if not 0 < weight[happened].sum() < weight.sum():
        raise EstimatorInputError("time", time, "a time by which some have ended of the cause, but not all")
    return happened, weight / weight.sum() * weight.size


def _predicted(incidence: ArrayLike, outcome: Outcome) -> Floats:
    column = np.asarray(incidence, dtype=np.float64).reshape(-1, 1)
    return checked_probabilities("incidence", column, len(outcome), 1)[:, 0]
