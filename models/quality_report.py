"""All that was measured of a forecast on unseen spells, in one value that can be written as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.cause_quality import CauseQuality, cause_qualities
from models.d_calibration import d_shares
from models.decision_curve import decision_curve
from models.dynamic_auc import status_weights, weighted_auc
from models.errors import EstimatorInputError
from models.horizon_calibration import CalibrationSummary, calibration_by, calibration_curve, calibration_summary
from models.observation import followed_until
from models.outcome import Outcome, together
from models.resampled_d_calibration import ResampledDCalibration, resampled_d_calibration
from models.resampled_measures import Measure
from models.small_groups import LEAST_SPELLS, shown_groups
from models.splits import Groups
from models.validation import CrossValidation

Floats = NDArray[np.float64]
REPORT_HORIZONS = (1.0, 3.0, 5.0, 10.0)
"""Years after which a report tells how good the forecast is."""
_BINS = 10
_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Predicted beside observed share (0-1) that has left by a horizon, in a group of spells.

    ``observed`` and its bounds are None where nobody of the group is followed so long; bounds are None too where none
    or all have left. ``auc`` is None where one side is empty.
    """

    group: str
    spells: int
    predicted: float
    observed: float | None
    observed_lower: float | None
    observed_upper: float | None
    coverage: float
    auc: float | None


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """Net benefit of acting from a threshold on, beside acting for all; acting for none is 0."""

    threshold: float
    acted_share: float
    net_benefit: float | None
    net_benefit_all: float | None


@dataclass(frozen=True, slots=True)
class HorizonQuality:
    """How good the forecast is at one horizon.

    Attributes
    ----------
    horizon : float
        Years since the start.
    brier, brier_one_curve, skill, auc : Measure
        See `models.resampled_measures.Measure`.
    ici, intercept, slope : Measure
        Calibration with intervals; see `models.resampled_calibration`.
    calibration : CalibrationSummary or None
        The same and quantiles of the distance; None where the horizon cannot be told, or all or none have left by it.
    bins, groups : tuple of CalibrationPoint
        By the size of the prediction, from ``"1"`` upward, and by group.
    decisions : tuple of NetBenefit
        By threshold.
    """

    horizon: float
    brier: Measure
    brier_one_curve: Measure
    skill: Measure
    auc: Measure
    ici: Measure
    intercept: Measure
    slope: Measure
    calibration: CalibrationSummary | None
    bins: tuple[CalibrationPoint, ...]
    groups: tuple[CalibrationPoint, ...]
    decisions: tuple[NetBenefit, ...]


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Quality of a forecast on spells it was not fitted to; plain values all through, for `dataclasses.asdict`.

    Attributes
    ----------
    spells, ended, clusters, folds, resamples : int
        Tested spells, those that ended, their persons or municipalities, fits, and draws behind each interval.
    coverage : float
        Of the intervals.
    harrell_c, uno_c, integrated_brier, integrated_brier_one_curve, integrated_skill : Measure
        Of the whole curve.
    d_calibration : ResampledDCalibration
        Over the whole distribution, up to the longest spell of each fit.
    causes : tuple of CauseQuality
        By cause, of those with enough ends; empty with one cause.
    horizons : tuple of HorizonQuality
        One per asked horizon.
    least_spells, withheld_groups, withheld_causes : int
        What a group, and the ends of a cause, must have to be shown, and how many were not: those with fewer, and the
        next smallest where the total would tell what was withheld.
    """

    spells: int
    ended: int
    clusters: int
    folds: int
    resamples: int
    coverage: float
    harrell_c: Measure
    uno_c: Measure
    integrated_brier: Measure
    integrated_brier_one_curve: Measure
    integrated_skill: Measure
    d_calibration: ResampledDCalibration
    causes: tuple[CauseQuality, ...]
    horizons: tuple[HorizonQuality, ...]
    least_spells: int
    withheld_groups: int
    withheld_causes: int


def quality_report(validation: CrossValidation, groups: Groups, *, causes: Sequence[str] = ()) -> QualityReport:
    """Return the report of a validation, by horizon and group.

    Calibration and net benefit are of the forecasts of all folds together; the measures with intervals are averaged
    over folds.

    Parameters
    ----------
    validation : CrossValidation
        From `models.cross_validation.cross_validated` or ``held_out_validation``.
    groups : sequence of str, shape (spells,)
        Size band, or another description of place or post, of all spells, in the order that they were validated in.
    causes : sequence of str
        Names of the causes, 1 first; their numbers where left out.

    Raises
    ------
    EstimatorInputError
        If there are too few groups for the spells, too few names for the causes, or fewer than five tested spells.
    """
    test = together([forecast.test for forecast in validation.forecasts])
    rows = np.concatenate([forecast.rows for forecast in validation.forecasts])
    labels = np.asarray(groups).astype(str)
    if labels.ndim != 1 or labels.size <= rows.max():
        raise EstimatorInputError("groups", f"shape {labels.shape}", "one group for each of the validated spells")
    if len(test) < LEAST_SPELLS:
        raise EstimatorInputError("validation", f"{len(test)} tested spells", f"{LEAST_SPELLS} or more")
    shown = shown_groups(labels[rows])
    asked = sorted({each.horizon for each in validation.measures if each.horizon is not None})
    by_cause, withheld_causes = cause_qualities(validation, causes, asked)
    return QualityReport(
        spells=len(test),
        ended=int(test.ended.sum()),
        clusters=validation.clusters,
        folds=len(validation.forecasts),
        resamples=validation.resamples,
        coverage=validation.coverage,
        harrell_c=validation.measure("harrell_c"),
        uno_c=validation.measure("uno_c"),
        integrated_brier=validation.measure("integrated_brier"),
        integrated_brier_one_curve=validation.measure("integrated_brier_one_curve"),
        integrated_skill=validation.measure("integrated_skill"),
        d_calibration=_d_calibration(validation),
        causes=by_cause,
        horizons=tuple(_at_horizon(validation, test, labels[rows], shown, horizon) for horizon in asked),
        least_spells=LEAST_SPELLS,
        withheld_groups=np.unique(labels[rows]).size - len(shown),
        withheld_causes=withheld_causes,
    )


def _at_horizon(
    validation: CrossValidation, test: Outcome, labels: NDArray[np.str_], shown: Sequence[str], horizon: float
) -> HorizonQuality:
    names = ("brier", "brier_one_curve", "skill", "auc")
    brier, one_curve, skill, auc = (validation.measure(name, horizon) for name in names)
    if horizon not in validation.horizons:
        ici, intercept, slope = (Measure(name, horizon, None, None, None) for name in ("ici", "intercept", "slope"))
        return HorizonQuality(
            horizon, brier, one_curve, skill, auc, ici, intercept, slope, None, bins=(), groups=(), decisions=()
        )
    column = validation.horizons.index(horizon)
    left = np.concatenate([forecast.left[:, column] for forecast in validation.forecasts])
    curve = calibration_curve(test, left, horizon, cause=1, bins=max(1, min(_BINS, len(test) // LEAST_SPELLS)))
    kept = np.isin(labels, shown)
    by_group = calibration_by(test[kept], left[kept], horizon, labels[kept], cause=1) if kept.any() else pl.DataFrame()
    decisions = decision_curve(test, left, horizon, _THRESHOLDS, cause=1).drop("net_benefit_none")
    return HorizonQuality(
        horizon=horizon,
        brier=brier,
        brier_one_curve=one_curve,
        skill=skill,
        auc=auc,
        ici=validation.measure("ici", horizon),
        intercept=validation.measure("intercept", horizon),
        slope=validation.measure("slope", horizon),
        calibration=_summary(test, left, horizon),
        bins=tuple(
            CalibrationPoint(group=str(row.pop("bin")), auc=None, **row)
            for row in curve.filter(pl.col("spells") >= LEAST_SPELLS).iter_rows(named=True)
        ),
        groups=tuple(
            CalibrationPoint(auc=_auc(test, left, horizon, labels == row["group"]), **row)
            for row in by_group.iter_rows(named=True)
        ),
        decisions=tuple(NetBenefit(**row) for row in decisions.iter_rows(named=True)),
    )


def _summary(test: Outcome, left: Floats, horizon: float) -> CalibrationSummary | None:
    gone, weight = status_weights(test, test, horizon, 1)
    return calibration_summary(test, left, horizon, cause=1) if 0 < weight[gone].sum() < weight.sum() else None


def _auc(test: Outcome, left: Floats, horizon: float, here: NDArray[np.bool_]) -> float | None:
    case, weight = status_weights(test, test[here], horizon, 1)
    auc = weighted_auc(left[here], case, weight)
    return auc if np.isfinite(auc) else None


def _d_calibration(validation: CrossValidation) -> ResampledDCalibration:
    """Return D-calibration over all folds; each fold's spells are followed to the longest of its fit."""
    placed, kept = [], []
    for forecast in validation.forecasts:
        longest = float(forecast.curves.times[-1])
        seen = forecast.test.entry < longest
        test, curves = followed_until(forecast.test[seen], longest), forecast.curves[seen]
        placed.append(d_shares(test, curves.at_own(test.time), survival_at_entry=curves.at_own(test.entry)))
        kept.append(seen)
    clusters = validation.labels[np.concatenate(kept)]
    return resampled_d_calibration(
        np.concatenate(placed), clusters, resamples=validation.resamples, seed=validation.seed
    )
