"""Weighted counts of pairs, in the time that sorting takes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def sums_below(first: Ints, rank: Ints, ranks: Ints, weights: Floats) -> tuple[Floats, Floats]:
    """Return, per query, the weight of the later points that rank lower, and of those that rank the same.

    All queries at once go down a wavelet tree: at each bit of the rank the points are parted, and a range of points
    stays a range. It takes O((points + queries) log ranks) and has no loop over points.

    Parameters
    ----------
    first : ndarray of int, shape (queries,)
        Place of the first point that counts, from 0 to the number of points; all from there on count.
    rank : ndarray of int, shape (queries,)
        Rank to compare with, >= 0.
    ranks : ndarray of int, shape (points,)
        Ranks, >= 0.
    weights : ndarray, shape (points,)
        What each point counts; sums of whole numbers are exact.

    References
    ----------
    Claude, Navarro and Ordonez 2015, Information Systems 47:15-32 (the wavelet matrix).

    Examples
    --------
    >>> lower, same = sums_below(np.array([0, 2]), np.array([2, 2]), np.array([1, 0, 2, 3]), np.ones(4))
    >>> lower.tolist(), same.tolist()
    ([2.0, 0.0], [1.0, 1.0])
    """
    if not ranks.size or first.min(initial=ranks.size) >= ranks.size:
        return np.zeros(first.size), np.zeros(first.size)
    start, stop = first.copy(), np.full_like(first, ranks.size)
    lower = np.zeros(first.size)
    highest = int(max(ranks.max(initial=0), rank.max(initial=0)))
    for bit in reversed(range(highest.bit_length())):
        is_low = (ranks >> bit) & 1 == 0
        lows_before = np.concatenate([[0], np.cumsum(is_low)])
        weight_before = _before(np.where(is_low, weights, 0.0))
        goes_high = (rank >> bit) & 1 == 1
        lower += np.where(goes_high, weight_before[stop] - weight_before[start], 0.0)
        low_start, low_stop = lows_before[start], lows_before[stop]
        start = np.where(goes_high, lows_before[-1] + start - low_start, low_start)
        stop = np.where(goes_high, lows_before[-1] + stop - low_stop, low_stop)
        parted = np.concatenate([np.flatnonzero(is_low), np.flatnonzero(~is_low)])
        ranks, weights = ranks[parted], weights[parted]
    weight_before = _before(weights)
    return lower, weight_before[stop] - weight_before[start]


def dense_ranks(values: Floats) -> Ints:
    """Return each value's rank among the distinct values, from 0.

    Examples
    --------
    >>> dense_ranks(np.array([2.5, -1.0, 2.5])).tolist()
    [1, 0, 1]
    """
    ranks: Ints = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return ranks


def _before(weights: Floats) -> Floats:
    total: Floats = np.concatenate([[0.0], np.cumsum(weights)])
    return total
