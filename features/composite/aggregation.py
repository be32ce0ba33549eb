"""Puts scores together: children into their aggregate, level by level.

Missing scores are left out and the weights of the others grow: a mean over what is known.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.composite.ranking import SCORE_DIGITS, middle_ranks
from features.composite.structure import IndexStructure, Matrix, rows_of


class Aggregation(StrEnum):
    """How the children of an aggregate are put together.

    ``arithmetic``, ``geometric`` and ``harmonic`` are weighted means that let a high score make up for a low one
    wholly, in part and least. ``copeland`` sums over the other units the share of weight on which a unit outranks
    them, ties half: the row sum of the outranking matrix. How far it is ahead does not count, but the sum equals a
    weighted mean of ranks, so many units outranked on one child still make up for few on another. ``majority`` allows
    not even that: it counts the units beaten on more than half the weight. Under both, a unit that overtakes another
    on one child may lift a third above itself: comparisons depend on who else is compared.
    """

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"
    HARMONIC = "harmonic"
    COPELAND = "copeland"
    MAJORITY = "majority"


def aggregated(scores: Matrix, structure: IndexStructure, weights: Matrix, method: Aggregation) -> Matrix:
    """Scores of every aggregate, in the structure's order.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (..., indicators, units); missing is NaN. Positive for the geometric and the harmonic mean.
    weights : numpy.ndarray
        Shape (..., nodes): relative within each family. A weight of 0 leaves a child out.

    Returns
    -------
    numpy.ndarray
        Shape (..., aggregates, units).

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 6. COINr 1.1, ``Aggregate``: ``a_amean``,
    ``a_gmean``, ``a_hmean``, ``a_copeland``.
    """
    return aggregated_from(averageable(scores, method), structure, weights, method)


def averageable(scores: Matrix, method: Aggregation) -> Matrix:
    """Scores as the mean averages them: logarithms, inverses, shares of outranked units, or themselves."""
    return INWARD[method](scores) if method in INWARD else scores


def aggregated_from(leaves: Matrix, structure: IndexStructure, weights: Matrix, method: Aggregation) -> Matrix:
    """`aggregated` for indicators that `averageable` has prepared, which many sets of weights can share."""
    count = len(structure.indicators)
    shape = (*leaves.shape[:-2], len(structure.aggregates), leaves.shape[-1])
    above, found = np.empty(shape), np.empty(shape)
    for row, children in structure.families():
        below = _children(leaves, above, children)
        means = MEANS.get(method, weighted_mean)(below, weights[..., children])
        found[..., row - count, :] = OUTWARD[method](means) if method in OUTWARD else means
        above[..., row - count, :] = averageable(found[..., row - count, None, :], method)[..., 0, :]
    return found


def _children(leaves: Matrix, above: Matrix, children: NDArray[np.intp]) -> Matrix:
    """Scores of a family that may join indicators and aggregates; a view where it does not."""
    count = leaves.shape[-2]
    low, high = children[children < count], children[children >= count] - count
    if not high.size:
        return rows_of(leaves, low)
    return np.concatenate([rows_of(leaves, low), rows_of(above, high)], axis=-2) if low.size else rows_of(above, high)


def weighted_mean(scores: Matrix, weights: Matrix) -> Matrix:
    """Weighted arithmetic mean of the known scores; NaN where none is known.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (..., children, units).
    weights : numpy.ndarray
        Shape (..., children).

    Examples
    --------
    >>> weighted_mean(np.array([[10.0, 10.0], [40.0, np.nan]]), np.array([2.0, 1.0])).tolist()
    [20.0, 10.0]
    """
    missing = np.isnan(scores)
    across = weights[..., None, :]
    if missing.any():
        total = np.matmul(across, np.where(missing, 0.0, scores))[..., 0, :]
        known = np.matmul(across, (~missing).astype(float))[..., 0, :]
    else:
        total = np.matmul(across, scores)[..., 0, :]
        known = np.broadcast_to(weights.sum(axis=-1, keepdims=True), total.shape)
    means: Matrix = np.divide(total, known, out=np.full(total.shape, np.nan), where=known > 0)
    return means


def shares_outranked(scores: Matrix) -> Matrix:
    """Number of other units that a unit outranks on each child, a tie counting half.

    Where some have no score, the share among those that have one, times the number of other units.

    Examples
    --------
    >>> shares_outranked(np.array([[1.0, 3.0, 3.0, 2.0], [5.0, np.nan, 4.0, 6.0]])).tolist()
    [[0.0, 2.5, 2.5, 1.0], [1.5, nan, 0.0, 3.0]]
    """
    rivals = (~np.isnan(scores)).sum(axis=-1, keepdims=True) - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        # sums taken in another order must tie
        share = (middle_ranks(np.round(scores, SCORE_DIGITS)) - 1) / np.where(rivals > 0, rivals, np.nan)
    outranked: Matrix = share * (scores.shape[-1] - 1)
    return outranked


def majority_scores(scores: Matrix, weights: Matrix) -> Matrix:
    """Number of units that a unit beats, half for those it ties with; it beats one on more than half the weight.

    A pair is compared on the children that both have; without any they tie.

    References
    ----------
    Copeland 1951, A reasonable social welfare function. OECD/JRC 2008, ch. 6.3, on non-compensatory aggregation.

    Examples
    --------
    >>> majority_scores(np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [2.0, 1.0, 1.0]]), np.ones(3)).tolist()
    [2.0, 0.5, 0.5]
    """
    shape = (*scores.shape[:-2], scores.shape[-1])
    weights = np.broadcast_to(weights, scores.shape[:-1])
    flat = zip(scores.reshape(-1, *scores.shape[-2:]), weights.reshape(-1, weights.shape[-1]), strict=True)
    return np.array([_majority(*one) for one in flat]).reshape(shape)


def outranking_matrix(scores: Matrix, weights: Matrix) -> Matrix:
    """Share of weight (0-1) on which the row's unit is ahead of the column's, ties half; the diagonal is 0.

    A pair is compared on the children that both have; NaN without any.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (children, units).

    Examples
    --------
    >>> outranking_matrix(np.array([[1.0, 2.0], [4.0, 4.0]]), np.array([3.0, 1.0])).tolist()
    [[0.0, 0.125], [0.875, 0.0]]
    """
    ahead = np.zeros((scores.shape[-1], scores.shape[-1]))
    common = np.zeros_like(ahead)
    for child, weight in zip(np.round(scores, SCORE_DIGITS), weights, strict=True):
        known = ~np.isnan(child)
        ahead += weight * ((child[:, None] > child) + (child[:, None] == child) / 2)
        common += weight * (known[:, None] & known)
    shares: Matrix = np.divide(ahead, common, out=np.full(common.shape, np.nan), where=common > 0)
    np.fill_diagonal(shares, 0.0)
    return shares


def _majority(scores: Matrix, weights: Matrix) -> Matrix:
    shares = outranking_matrix(scores, weights).round(9)  # weights such as 0.1 + 0.2 must tie with 0.3
    np.fill_diagonal(shares, np.nan)
    present = (~np.isnan(scores)).any(axis=0)
    beaten = (shares > 0.5) + 0.5 * ((shares == 0.5) | np.isnan(shares))
    np.fill_diagonal(beaten, 0.0)
    return np.where(present, beaten[:, present].sum(axis=1), np.nan)


INWARD: Mapping[Aggregation, Callable[[Matrix], Matrix]] = {
    Aggregation.GEOMETRIC: np.log,
    Aggregation.HARMONIC: np.reciprocal,
    Aggregation.COPELAND: shares_outranked,
}

OUTWARD: Mapping[Aggregation, Callable[[Matrix], Matrix]] = {
    Aggregation.GEOMETRIC: np.exp,
    Aggregation.HARMONIC: np.reciprocal,
}

MEANS: Mapping[Aggregation, Callable[[Matrix, Matrix], Matrix]] = {Aggregation.MAJORITY: majority_scores}
"""Methods that are no weighted mean of what `averageable` gives."""

NEED_POSITIVE = frozenset({Aggregation.GEOMETRIC, Aggregation.HARMONIC})
"""Means that are not defined for scores of zero or less."""
