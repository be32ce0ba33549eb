"""Ranks along the last axis, ties told apart from order; missing values keep out."""

import numpy as np
from numpy.typing import NDArray

from features.composite.structure import Matrix

SCORE_DIGITS = 9
"""Decimals in which two scores must agree to tie; floating-point noise stays below."""


def lowest_ranks(values: Matrix) -> Matrix:
    """Rank of every value, 1 for the smallest; ties share the lowest rank, NaN stays NaN.

    Examples
    --------
    >>> lowest_ranks(np.array([3.0, 1.0, np.nan, 3.0]))
    array([ 2.,  1., nan,  2.])
    """
    return _ranks(values)[0]


def middle_ranks(values: Matrix) -> Matrix:
    """Rank of every value, 1 for the smallest; ties share the middle of their ranks, NaN stays NaN.

    Examples
    --------
    >>> middle_ranks(np.array([3.0, 1.0, np.nan, 3.0]))
    array([2.5, 1. , nan, 2.5])
    """
    lowest, tied = _ranks(values)
    return lowest + (tied - 1) / 2


def competition_ranks(scores: Matrix) -> Matrix:
    """Rank of every score, 1 for the highest; equal scores share the lowest rank ("1, 2, 2, 4").

    Examples
    --------
    >>> competition_ranks(np.array([50.0, 90.0, 50.0, 20.0]))
    array([2., 1., 2., 4.])
    """
    return lowest_ranks(-np.round(scores, SCORE_DIGITS))


def _ranks(values: Matrix) -> tuple[Matrix, Matrix]:
    """Lowest rank of every value, and how many values share it."""
    rows = np.ascontiguousarray(values).reshape(-1, values.shape[-1])
    place = np.arange(values.shape[-1])
    starts = np.arange(len(rows))[:, None] * values.shape[-1]
    order, ascending = _ascending(rows, starts)
    ranks = np.where(np.isnan(ascending), np.nan, place + 1.0)
    lowest, shared = np.empty(rows.size), np.ones(rows.size)
    repeats = ascending[:, 1:] == ascending[:, :-1]
    tied = repeats.any(axis=1)
    if tied.any():
        first, last = _runs_of_equals(repeats[tied])
        ranks[tied] = np.where(np.isnan(ascending[tied]), np.nan, first + 1.0)
        shared[order[tied]] = last - first + 1.0
    lowest[order] = ranks
    return lowest.reshape(values.shape), shared.reshape(values.shape)


def _ascending(rows: Matrix, starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], Matrix]:
    """Positions in the flattened rows that put each row in order, NaN last, and the values in that order.

    Sorting values is four times as fast as sorting positions: the position is written into the last bits of a value,
    and rows that differ only there are sorted again.
    """
    count = rows.shape[1]
    mask = np.int64((1 << max(1, (count - 1).bit_length())) - 1)
    packed = np.where(np.isnan(rows), np.finfo(np.float64).max, rows)
    bits = packed.view(np.int64)
    np.bitwise_and(bits, ~mask, out=bits)
    np.bitwise_or(bits, np.arange(count), out=bits)
    packed.sort(axis=1)
    order = (bits & mask) + starts
    ascending = rows.ravel()[order]
    misplaced = (ascending[:, 1:] < ascending[:, :-1]).any(axis=1)
    if misplaced.any():
        order[misplaced] = np.argsort(rows[misplaced], axis=1) + starts[misplaced]
        ascending[misplaced] = rows.ravel()[order[misplaced]]
    return order, ascending


def _runs_of_equals(repeats: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last place of the run of equal values that each place belongs to."""
    place = np.arange(repeats.shape[1] + 1)
    edge = np.ones((len(repeats), 1), dtype=bool)
    begins = np.concatenate([edge, ~repeats], axis=1)
    ends = np.concatenate([~repeats, edge], axis=1)
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, place, place[-1])[:, ::-1], axis=1)[:, ::-1]
    return first, last
