"""Ranks along the last axis, ties told apart from order; missing values keep out."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from features.composite.structure import Matrix

Places = NDArray[np.int64]

SCORE_DIGITS = 9
"""Decimals in which two scores must agree to tie; floating-point noise stays below."""


def lowest_ranks(values: Matrix) -> Matrix:
    """Rank of every value, 1 for the smallest; ties share the lowest rank, NaN stays NaN.

    Examples
    --------
    >>> lowest_ranks(np.array([3.0, 1.0, np.nan, 3.0]))
    array([ 2.,  1., nan,  2.])
    """
    return _ranks(values, lambda first, last: first + 1.0)


def middle_ranks(values: Matrix) -> Matrix:
    """Rank of every value, 1 for the smallest; ties share the middle of their ranks, NaN stays NaN.

    Examples
    --------
    >>> middle_ranks(np.array([3.0, 1.0, np.nan, 3.0]))
    array([2.5, 1. , nan, 2.5])
    """
    return _ranks(values, lambda first, last: (first + last) * 0.5 + 1.0)


def competition_ranks(scores: Matrix) -> Matrix:
    """Rank of every score, 1 for the highest; equal scores share the lowest rank ("1, 2, 2, 4").

    Examples
    --------
    >>> competition_ranks(np.array([50.0, 90.0, 50.0, 20.0]))
    array([2., 1., 2., 4.])
    """
    return lowest_ranks(-np.round(scores, SCORE_DIGITS))


def _ranks(values: Matrix, shared: Callable[[Places, Places], NDArray[np.floating]]) -> Matrix:
    """Ranks, equal values sharing what `shared` makes of the first and last place they take."""
    rows = np.ascontiguousarray(values).reshape(-1, values.shape[-1])
    order, ascending = _quickly_sorted(rows)
    place = np.arange(values.shape[-1])
    ranks = np.broadcast_to(place + 1.0, rows.shape)
    rough = ~(ascending[:, 1:] > ascending[:, :-1]).all(axis=1) | np.isnan(ascending[:, -1])  # ties, gaps, misplaced
    if rough.any():
        order[rough], ascending[rough] = _mended(rows[rough], order[rough], ascending[rough])
        ranks = ranks.copy()
        ranks[rough] = shared(*_runs_of_equals(ascending[rough]))
        ranks[np.isnan(ascending)] = np.nan
    found = np.empty(rows.size)
    found[order + np.arange(len(rows))[:, None] * rows.shape[1]] = ranks
    return found.reshape(values.shape)


def _quickly_sorted(rows: Matrix) -> tuple[Places, Matrix]:
    """Places that put each row in order, NaN last, and the values in that order; nearly equal ones may be misplaced.

    Sorting values is four times as fast as sorting places: the place is written into the last bits of a value.
    """
    count = rows.shape[1]
    mask = np.int64((1 << max(1, (count - 1).bit_length())) - 1)
    packed = np.where(np.isnan(rows), np.finfo(np.float64).max, rows)
    bits = packed.view(np.int64)
    np.bitwise_and(bits, ~mask, out=bits)
    np.bitwise_or(bits, np.arange(count), out=bits)
    packed.sort(axis=1)
    order = bits & mask
    return order, np.take_along_axis(rows, order, axis=1)


def _mended(rows: Matrix, order: Places, ascending: Matrix) -> tuple[Places, Matrix]:
    misplaced = (ascending[:, 1:] < ascending[:, :-1]).any(axis=1)
    if misplaced.any():
        order[misplaced] = np.argsort(rows[misplaced], axis=1)
        ascending[misplaced] = np.take_along_axis(rows[misplaced], order[misplaced], axis=1)
    return order, ascending


def _runs_of_equals(ascending: Matrix) -> tuple[Places, Places]:
    """First and last place of the run of equal values that each place belongs to."""
    repeats = ascending[:, 1:] == ascending[:, :-1]
    place = np.arange(ascending.shape[1])
    edge = np.ones((len(ascending), 1), dtype=bool)
    begins = np.concatenate([edge, ~repeats], axis=1)
    ends = np.concatenate([~repeats, edge], axis=1)
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, place, place[-1])[:, ::-1], axis=1)[:, ::-1]
    return first, last
