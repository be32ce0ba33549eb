"""Treats outliers, so that a few extreme units do not set the scale of an indicator.

Every function works along the last axis: the units of one indicator.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.composite.structure import Matrix

SKEWNESS_LIMIT = 2.0
KURTOSIS_LIMIT = 3.5
"""An indicator whose skewness and kurtosis both pass these limits has outliers (JRC practice, COINr's default)."""

MOST_WINSORISED = 5
"""Values moved inwards before the logarithm is tried instead."""

LOG_SHIFT = 0.01
"""Share of the range added before the logarithm, so that the smallest value has one."""


class Treatment(StrEnum):
    """What is done to an indicator with outliers; one without is left alone."""

    NONE = "none"
    AUTO = "auto"
    WINSORISE = "winsorise"
    LOG = "log"


def treated(values: Matrix, treatment: Treatment) -> Matrix:
    """Values after treatment; indicators without outliers come back as they are.

    ``auto`` winsorises, and where outliers remain takes the logarithm of the original values instead.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (..., units); missing is NaN.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 3 and ch. 4. COINr 1.1, ``Treat``: skewness
    over 2 and kurtosis over 3.5, up to 5 values winsorised, else ``log_CT``. For low outliers the logarithm is
    mirrored (``log_CT_plus``), because ``log_CT`` would draw them further out.

    Examples
    --------
    >>> treated(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100]), Treatment.AUTO)[-2:].tolist()
    [10.0, 10.0]
    """
    outlying = has_outliers(values)
    if treatment is Treatment.NONE or not outlying.any():
        return values
    moved = values.copy()
    moved[outlying] = TREATMENTS[treatment](values[outlying])
    return moved


def has_outliers(values: Matrix) -> NDArray[np.bool_]:
    """Whether an indicator's skewness and kurtosis both pass their limits; False with fewer than 4 known values."""
    return _passes_limits(*skewness_and_kurtosis(values))


def skewness_and_kurtosis(values: Matrix) -> tuple[Matrix, Matrix]:
    """Sample skewness and excess kurtosis of the known values (G1 and G2, as spreadsheets give them).

    NaN with fewer than 3 (4) known values or without spread.

    References
    ----------
    Joanes & Gill 1998, Comparing measures of sample skewness and kurtosis, The Statistician 47(1).

    Examples
    --------
    >>> skew, kurt = skewness_and_kurtosis(np.array([1.0, 2.0, 3.0, 10.0]))
    >>> round(float(skew), 3), round(float(kurt), 3)
    (1.764, 3.228)
    """
    missing = np.isnan(values)
    n = values.shape[-1] - missing.sum(axis=-1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        if missing.any():
            mean = np.where(missing, 0.0, values).sum(axis=-1) / n
            off = np.where(missing, 0.0, values - mean[..., None])
        else:
            off = values - values.mean(axis=-1, keepdims=True)
        squared = off * off
        m2 = squared.sum(axis=-1) / n
        m3 = np.einsum("...u,...u->...", squared, off) / n
        m4 = np.einsum("...u,...u->...", squared, squared) / n
        skew = np.where(n < 3, np.nan, m3 / m2**1.5 * np.sqrt(n * (n - 1)) / (n - 2))
        excess = m4 / m2**2 - 3
        kurt = np.where(n < 4, np.nan, ((n + 1) * excess + 6) * (n - 1) / ((n - 2) * (n - 3)))
    return skew, kurt


def winsorised(values: Matrix) -> Matrix:
    """Values with the outermost moved to the next one, one after the other, until the outliers are gone.

    The side is the one that the skewness points to, tied values move together, and no more is moved once five have
    been. An indicator is never moved until all its values are equal.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (indicators, units).
    """
    moved = values.copy()
    ends = np.zeros((2, *values.shape), dtype=bool)
    skew, kurt = skewness_and_kurtosis(moved)
    rows = np.flatnonzero(_passes_limits(skew, kurt))
    while rows.size:
        now, low_end = moved[rows], (skew[rows] < 0).astype(int)
        turned = np.where(low_end[:, None], -now, now)
        at_end = turned == np.fmax.reduce(turned, axis=-1)[:, None]
        following = np.fmax.reduce(np.where(at_end, -np.inf, turned), axis=-1)
        spreads = following > np.fmin.reduce(turned, axis=-1)
        rows, low_end, at_end = rows[spreads], low_end[spreads], at_end[spreads]
        following = np.where(low_end, -following[spreads], following[spreads])
        moved[rows] = np.where(at_end, following[:, None], now[spreads])
        ends[low_end, rows] = at_end
        rows = rows[ends[:, rows].sum(axis=(0, 2)) < MOST_WINSORISED]
        skew[rows], kurt[rows] = skewness_and_kurtosis(moved[rows])
        rows = rows[_passes_limits(skew[rows], kurt[rows])]
    return moved


def logged(values: Matrix) -> Matrix:
    """Logarithm of the distance from the end away from the outliers, plus a hundredth of the range; order is kept."""
    low, high = np.fmin.reduce(values, axis=-1), np.fmax.reduce(values, axis=-1)
    shift = LOG_SHIFT * (high - low)
    upward = skewness_and_kurtosis(values)[0] >= 0
    with np.errstate(invalid="ignore", divide="ignore"):
        from_low = np.log(values - low[..., None] + shift[..., None])
        from_high = -np.log(high[..., None] - values + shift[..., None])
    logs: Matrix = np.where(upward[..., None], from_low, from_high)
    return logs


def winsorised_or_logged(values: Matrix) -> Matrix:
    """Winsorised values; where outliers remain, the logarithm of the original ones."""
    moved = winsorised(values)
    outlying = has_outliers(moved)
    moved[outlying] = logged(values[outlying])
    return moved


def _passes_limits(skew: Matrix, kurt: Matrix) -> NDArray[np.bool_]:
    outlying: NDArray[np.bool_] = (np.abs(skew) >= SKEWNESS_LIMIT) & (kurt >= KURTOSIS_LIMIT)
    return outlying


TREATMENTS: Mapping[Treatment, Callable[[Matrix], Matrix]] = {
    Treatment.AUTO: winsorised_or_logged,
    Treatment.WINSORISE: winsorised,
    Treatment.LOG: logged,
}
