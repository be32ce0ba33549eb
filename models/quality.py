"""Quality of a hazard on spells that it did not see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import clone

from models.benchmarks import kaplan_meier, survival_at
from models.evaluation import brier_times, calibration_by_group, concordance, integrated_brier, split_spells
from models.hazard import DiscreteTimeHazard
from models.score_intervals import ScoreInterval, jackknife_interval

Floats = NDArray[np.float64]
OUTCOME: tuple[str, ...] = ("entry_years", "duration_years", "event")
CALIBRATION_AT_YEARS = 5.0
_TEST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class GroupCalibration:
    """Predicted and observed share (0-1) still in post after five years, in held-out spells of a population band.

    The observed share is a Kaplan-Meier estimate; ``coverage`` (0-1) is that of its interval.
    """

    group: str
    spells: int
    predicted: float
    observed: float
    observed_lower: float | None
    observed_upper: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class HeldOutQuality:
    """Quality on spells that the model did not see.

    Attributes
    ----------
    concordance : float
        Harrell's C of the predicted risk to leave within five years; 0.5 is chance.
    integrated_brier, integrated_brier_kaplan_meier : float
        Of the model, and of one curve for all; lower is better.
    spells : int
        Held-out spells.
    calibration : tuple of GroupCalibration
        By population band.
    concordance_interval, integrated_brier_interval, brier_gain : ScoreInterval
        The two scores with their intervals, and what the model gains on one curve for all: 1 minus the ratio of the
        two integrated Brier scores, above 0 where the covariates help.
    """

    concordance: float
    integrated_brier: float
    integrated_brier_kaplan_meier: float
    spells: int
    calibration: tuple[GroupCalibration, ...]
    concordance_interval: ScoreInterval
    integrated_brier_interval: ScoreInterval
    brier_gain: ScoreInterval


def held_out_quality(
    hazard: DiscreteTimeHazard, spells: pl.DataFrame, *, covariates: Sequence[str], group: str, seed: int
) -> HeldOutQuality:
    """Return the quality of a copy of the hazard, fitted to four fifths of the spells, on the rest.

    Parameters
    ----------
    hazard : DiscreteTimeHazard
        Fitted or not; it stays as it is.
    spells : DataFrame
        `features.frames.Spell` with the covariates and the group; without delayed entry.
    covariates, group : sequence of str, str
        Columns to predict from, and to tabulate calibration by.
    seed : int
        Of the split.
    """
    train, test = split_spells(spells, test_share=_TEST_SHARE, seed=seed)
    model = clone(hazard).fit(train.select(covariates), train.select(OUTCOME))
    times = brier_times(test)
    predicted = model.predict_survival_function(test.select(covariates), [CALIBRATION_AT_YEARS, *times])
    one_curve = np.broadcast_to(survival_at(kaplan_meier(train), times), (test.height, times.size))
    table = calibration_by_group(test, predicted[:, 0], group=group, at_years=CALIBRATION_AT_YEARS)
    told = table.drop_nulls("observed")  # bands of which nobody is followed so long have nothing to compare with

    def brier(kept: NDArray[np.int64], survival: Floats) -> float:
        return integrated_brier(train, test[kept], survival[kept], times)

    def interval(score: Callable[[NDArray[np.int64]], float]) -> ScoreInterval:
        return jackknife_interval(score, test.height, seed=seed)

    ranking = interval(lambda kept: concordance(test[kept], 1 - predicted[kept, 0]))
    own = interval(lambda kept: brier(kept, predicted[:, 1:]))
    return HeldOutQuality(
        concordance=ranking.value,
        integrated_brier=own.value,
        integrated_brier_kaplan_meier=integrated_brier(train, test, one_curve, times),
        spells=test.height,
        calibration=tuple(GroupCalibration(**row) for row in told.iter_rows(named=True)),
        concordance_interval=ranking,
        integrated_brier_interval=own,
        brier_gain=interval(lambda kept: 1 - brier(kept, predicted[:, 1:]) / brier(kept, one_curve)),
    )


def quality_from_document(values: dict[str, Any]) -> HeldOutQuality:
    """Return the quality that `dataclasses.asdict` turned into plain values."""
    groups = tuple(GroupCalibration(**group) for group in values["calibration"])
    intervals = {
        name: ScoreInterval(**values[name])
        for name in ("concordance_interval", "integrated_brier_interval", "brier_gain")
    }
    return HeldOutQuality(**{**values, "calibration": groups, **intervals})
