"""Fills missing values of an indicator from the other units; whoever shows the result marks what was filled.

Every function works along the last axis: the units of one indicator.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.composite.structure import Matrix

Groups = NDArray[np.int64]
"""Number of the group that each unit belongs to."""


class Imputation(StrEnum):
    """What stands in for a missing value."""

    NONE = "none"
    MEAN = "mean"
    MEDIAN = "median"
    GROUP_MEAN = "group_mean"
    GROUP_MEDIAN = "group_median"


def imputed(values: Matrix, method: Imputation, groups: Groups | None = None) -> Matrix:
    """Values with the missing ones filled; an indicator (or group) without any value stays empty.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (..., units); missing is NaN.
    groups : numpy.ndarray, optional
        Group of every unit, for the two methods that stay within one; by default one group.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 3. COINr 1.1, ``Impute``: ``i_mean``,
    ``i_median``, ``i_mean_grp``, ``i_median_grp``.

    Examples
    --------
    >>> imputed(np.array([1.0, np.nan, 2.0, 6.0]), Imputation.MEDIAN).tolist()
    [1.0, 2.0, 2.0, 6.0]
    >>> imputed(np.array([1.0, np.nan, 2.0, 6.0]), Imputation.GROUP_MEAN, np.array([0, 0, 1, 1])).tolist()
    [1.0, 1.0, 2.0, 6.0]
    """
    if method is Imputation.NONE:
        return values
    missing = np.isnan(values)
    gaps = missing.any(axis=-1)
    if not gaps.any():
        return values
    rows, holes = values[gaps], missing[gaps]
    members = np.zeros(values.shape[-1], dtype=np.int64) if groups is None or method in WHOLE else groups
    for group in np.unique(members):
        middles = MIDDLES[method](rows[:, members == group])
        np.copyto(rows, middles[:, None], where=holes & (members == group))
    filled = values.copy()
    filled[gaps] = rows
    return filled


def known_means(values: Matrix) -> Matrix:
    """Mean of the values that are known; NaN where none is."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    means: Matrix = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return means


def known_medians(values: Matrix) -> Matrix:
    """Median of the values that are known; NaN where none is."""
    ascending = np.sort(values, axis=-1)  # NaN last
    count = (~np.isnan(values)).sum(axis=-1)[..., None]
    lower = np.take_along_axis(ascending, np.maximum(count - 1, 0) // 2, axis=-1)
    upper = np.take_along_axis(ascending, np.minimum(count // 2, values.shape[-1] - 1), axis=-1)
    middles: Matrix = ((lower + upper) / 2)[..., 0]
    return middles


WHOLE = (Imputation.MEAN, Imputation.MEDIAN)
"""Methods that look at all units."""

MIDDLES: Mapping[Imputation, Callable[[Matrix], Matrix]] = {
    Imputation.MEAN: known_means,
    Imputation.MEDIAN: known_medians,
    Imputation.GROUP_MEAN: known_means,
    Imputation.GROUP_MEDIAN: known_medians,
}
