"""Checks of the predictions that are scored."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import EstimatorInputError

Floats = NDArray[np.float64]
_ROUNDING = 1e-9


def checked_times(times: ArrayLike) -> Floats:
    """Return times as an array, after a check that they are finite, not negative and rising.

    Raises
    ------
    EstimatorInputError
        If they are not, or there are none.
    """
    moments = np.atleast_1d(np.asarray(times, dtype=np.float64))
    rising = moments.ndim == 1 and moments.size > 0 and bool(np.isfinite(moments).all() and moments[0] >= 0)
    if not rising or not (np.diff(moments) > 0).all():
        raise EstimatorInputError("times", moments.tolist(), "finite rising times, 0 or more")
    return moments


def checked_probabilities(name: str, predicted: ArrayLike, rows: int, times: int) -> Floats:
    """Return predicted probabilities, shape (rows, times), after a check.

    Raises
    ------
    EstimatorInputError
        If the shape is another, or a value is not within [0, 1].
    """
    values = np.asarray(predicted, dtype=np.float64)
    if values.shape != (rows, times):
        raise EstimatorInputError(name, f"shape {values.shape}", f"shape ({rows}, {times}): spells by times")
    if not ((values >= -_ROUNDING) & (values <= 1 + _ROUNDING)).all():
        raise EstimatorInputError(name, f"values from {values.min()} to {values.max()}", "probabilities, from 0 to 1")
    return values


def checked_risk(risk: ArrayLike, rows: int) -> Floats:
    """Return one finite risk per spell, higher where the end is expected sooner.

    Raises
    ------
    EstimatorInputError
        If there are more or fewer, or one is not finite.
    """
    values = np.asarray(risk, dtype=np.float64)
    if values.shape != (rows,) or not np.isfinite(values).all():
        raise EstimatorInputError("risk", f"shape {values.shape}", f"{rows} finite values")
    return values
