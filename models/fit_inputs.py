"""What the reference estimators are given, checked the same way for all."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from models.errors import EstimatorInputError
from models.outcome import Floats, Outcome, read_outcome


def checked_fit(covariates: pl.DataFrame, y: object, sample_weight: ArrayLike | None) -> tuple[Outcome, Floats]:
    """Return the outcome and the weight of each spell.

    Raises
    ------
    EstimatorInputError
        If covariates, outcome and weights differ in length, a value is impossible, or no spell with a weight ended.
    """
    outcome = read_outcome(y)
    if covariates.height != len(outcome) and covariates.width:
        raise EstimatorInputError("X", f"{covariates.height} rows", f"as many rows as y, {len(outcome)}")
    weights = checked_weights(sample_weight, len(outcome))
    if not (outcome.ended & (weights > 0)).any():
        raise EstimatorInputError("event", "no ended spell", "at least one spell that ended")
    return outcome, weights


def checked_weights(sample_weight: ArrayLike | None, spells: int) -> Floats:
    """Return the weight of each spell, 1 by default.

    Raises
    ------
    EstimatorInputError
        If there is not one for each spell, or one is negative or not finite.
    """
    weights = np.ones(spells) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (spells,) or not (np.isfinite(weights) & (weights >= 0)).all():
        raise EstimatorInputError("sample_weight", f"shape {weights.shape}", f"{spells} finite weights, 0 or more")
    return weights


def checked_times(times: ArrayLike) -> Floats:
    """Return times at which curves are asked for, as a row.

    Raises
    ------
    EstimatorInputError
        If one is negative or not a number.
    """
    years = np.atleast_1d(np.asarray(times, dtype=np.float64))
    if years.ndim != 1 or not (years >= 0).all():
        raise EstimatorInputError("times", times, "a row of years, 0 or more")
    return years
