"""Brings indicators to scores that can be put together, higher always better.

Every function works along the last axis: the units of one indicator.
"""

from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.composite.ranking import lowest_ranks, middle_ranks
from features.composite.structure import IndexStructure, Matrix

Scale = tuple[float, float]

PERCENT: Scale = (0.0, 100.0)

POSITIVE: Scale = (1.0, 100.0)
"""Scale for the geometric and the harmonic mean, which no zero survives."""


class Normalisation(StrEnum):
    """How figures become scores."""

    MINMAX = "minmax"
    ZSCORE = "zscore"
    RANK = "rank"
    PERCENTILE = "percentile"
    BAND = "band"
    GOALPOSTS = "goalposts"


def normalised(values: Matrix, structure: IndexStructure, method: Normalisation, scale: Scale = PERCENT) -> Matrix:
    """Scores of every indicator, its direction turned first; an indicator that does not differ gets none.

    Under ``band`` and ``goalposts`` an indicator that declares none falls back to min-max.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (..., indicators, units) in the structure's order; missing is NaN.
    scale : tuple[float, float]
        Ends of the scale; ranks and z-scores have their own and do not use it.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 5. COINr 1.1, ``Normalise``: ``n_minmax``,
    ``n_zscore``, ``n_rank``, ``n_dist2targ``, ``n_goalposts``.
    """
    turned = values * structure.directions()[:, None]
    match method:
        case Normalisation.ZSCORE:
            return z_scores(turned)
        case Normalisation.RANK:
            return rank_scores(turned)
        case Normalisation.PERCENTILE:
            return percentile_scores(turned)
        case Normalisation.BAND:
            return _banded(values, min_max(turned, scale), structure, scale)
        case Normalisation.GOALPOSTS:
            return _between_posts(values, min_max(turned, scale), structure, scale)
        case Normalisation.MINMAX:
            return min_max(turned, scale)


def min_max(values: Matrix, scale: Scale = PERCENT) -> Matrix:
    """Values stretched so that the smallest gets the scale's lower end and the largest its upper one.

    Examples
    --------
    >>> min_max(np.array([2.0, 4.0, np.nan, 10.0]))
    array([  0.,  25.,  nan, 100.])
    """
    low = np.fmin.reduce(values, axis=-1, keepdims=True)
    spread = np.fmax.reduce(values, axis=-1, keepdims=True) - low
    spread = np.where(spread > 0, spread, np.nan)
    scores: Matrix = (values - low) / spread * (scale[1] - scale[0]) + scale[0]
    return scores


def z_scores(values: Matrix) -> Matrix:
    """Distance from the mean in standard deviations of the sample (n - 1).

    Examples
    --------
    >>> z_scores(np.array([1.0, 2.0, 3.0]))
    array([-1.,  0.,  1.])
    """
    missing = np.isnan(values)
    count = values.shape[-1] - missing.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = values - np.where(missing, 0.0, values).sum(axis=-1, keepdims=True) / count
        squares = np.where(missing, 0.0, off * off).sum(axis=-1, keepdims=True)
        scores: Matrix = off / np.sqrt(squares / (count - 1))
    return np.where(_spread(values), scores, np.nan)


def rank_scores(values: Matrix) -> Matrix:
    """Rank from below: 1 for the worst, the number of units with a value for the best; ties share the lowest.

    As in COINr, an indicator that few units have a value for gives them low ranks beside one that all have;
    `percentile_scores` is without that.

    Examples
    --------
    >>> rank_scores(np.array([5.0, 7.0, 7.0, 1.0]))
    array([2., 3., 3., 1.])
    """
    return np.where(_spread(values), lowest_ranks(values), np.nan)


def percentile_scores(values: Matrix) -> Matrix:
    """Share (0-100) of the units with a value that lie below, ties counted half: comparable where values are missing.

    Examples
    --------
    >>> percentile_scores(np.array([5.0, 7.0, np.nan, 1.0]))
    array([50.        , 83.33333333,         nan, 16.66666667])
    """
    count = np.sum(~np.isnan(values), axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = 100 * (middle_ranks(values) - 0.5) / count
    return np.where(_spread(values), scores, np.nan)


def band_scores(values: Matrix, low: float, high: float, scale: Scale = PERCENT) -> Matrix:
    """Upper end of the scale within the band, falling with the distance from it to the lower end farthest away.

    Examples
    --------
    >>> band_scores(np.array([2.0, 5.0, 8.0, 12.0]), 4, 8).tolist()
    [50.0, 100.0, 100.0, 0.0]
    """
    distance = _distances(values, low, high)
    farthest = np.fmax.reduce(distance, axis=-1, keepdims=True)
    share = 1 - distance / np.where(farthest > 0, farthest, 1.0)
    scores: Matrix = share * (scale[1] - scale[0]) + scale[0]
    return scores


def towards_bands(values: Matrix, structure: IndexStructure) -> tuple[Matrix, IndexStructure]:
    """Banded indicators as minus their distance from the band, so that every normalisation suits them.

    Returns
    -------
    tuple[numpy.ndarray, IndexStructure]
        The values, and the structure in which these indicators have no band left and more is better.
    """
    turned = values.copy()
    for row, node in enumerate(structure.indicators):
        if node.band is not None:
            turned[..., row, :] = -_distances(values[..., row, :], *node.band)
    plain = tuple(node if node.band is None else replace(node, band=None, direction=1) for node in structure.indicators)
    return turned, replace(structure, indicators=plain)


def goalpost_scores(values: Matrix, low: float, high: float, scale: Scale = PERCENT) -> Matrix:
    """Way from the lower goalpost to the upper one, cut off at both.

    Examples
    --------
    >>> goalpost_scores(np.array([-1.0, 0.0, 5.0, 20.0]), 0, 10).tolist()
    [0.0, 0.0, 50.0, 100.0]
    """
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    scores: Matrix = share * (scale[1] - scale[0]) + scale[0]
    return scores


def _distances(values: Matrix, low: float, high: float) -> Matrix:
    distance: Matrix = np.maximum(0.0, np.maximum(low - values, values - high))
    return distance


def _banded(values: Matrix, scores: Matrix, structure: IndexStructure, scale: Scale) -> Matrix:
    for row, node in enumerate(structure.indicators):
        if node.band is not None:
            scores[..., row, :] = band_scores(values[..., row, :], *node.band, scale)
    return scores


def _between_posts(values: Matrix, scores: Matrix, structure: IndexStructure, scale: Scale) -> Matrix:
    for row, node in enumerate(structure.indicators):
        if node.goalposts is not None:
            low, high = node.goalposts if node.direction > 0 else node.goalposts[::-1]
            scores[..., row, :] = goalpost_scores(values[..., row, :], low, high, scale)
    return scores


def _spread(values: Matrix) -> NDArray[np.bool_]:
    lowest, highest = (reduce(values, axis=-1, keepdims=True) for reduce in (np.fmin.reduce, np.fmax.reduce))
    differs: NDArray[np.bool_] = highest > lowest
    return differs
