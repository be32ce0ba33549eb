"""The best posts for every doctor and the best doctors for every post, among pools too large for a table of pairs.

The score of a pair is the doctor's weights times the post's features. It is worked out block by block and never kept
whole. Where weights are a doctor's wishes, the doctors per post tell something of those wishes: they are for whoever
runs the pool, never for an employer's answer.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from features.errors import InvalidInputError

Floats = NDArray[np.float32]
Wholes = NDArray[np.integer[Any]]
Int64s = NDArray[np.int64]
BLOCK_ROWS, BLOCK_COLUMNS = 64, 16_384
"""Doctors and posts of a block: its scores fill 2 MiB, what a processor's second cache holds."""

_EMPTY = np.iinfo(np.int64).min
_LAST_PLACE = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one side of a pool has and asks for, as 32 bits of whole numbers; one value per doctor or post.

    A doctor and a post may have each other if each ``has`` every bit that the other ``asks`` for, and if they share a
    bit of ``groups``: a doctor's are the groups it belongs to, a post's those it takes.

    Raises
    ------
    InvalidInputError
        The three are not of one length, or hold anything but whole numbers of 32 bits.
    """

    has: Wholes
    asks: Wholes
    groups: Wholes

    def __post_init__(self) -> None:
        for name in ("has", "asks", "groups"):
            _check_bits(name, getattr(self, name))
        if not self.has.shape == self.asks.shape == self.groups.shape == (self.has.size,):
            raise InvalidInputError(
                "conditions", f"shapes {self.has.shape}, {self.asks.shape}, {self.groups.shape}", "one length"
            )


def no_conditions(items: int) -> Conditions:
    """Conditions under which everybody may have everybody.

    Examples
    --------
    >>> no_conditions(2).groups
    array([-1, -1], dtype=int32)
    """
    nothing = np.zeros(items, np.int32)
    return Conditions(nothing, nothing, np.full(items, -1, np.int32))


@dataclass(frozen=True, slots=True)
class Best:
    """The best of the other side for every item, best first: rows from 0 and scores, shape (items, k).

    Where fewer than k may be had the rest is -1 and not a number.
    """

    rows: NDArray[np.int64]
    scores: Floats


@dataclass(frozen=True, slots=True)
class PoolRanking:
    """Both directions of a ranking."""

    posts_of_doctors: Best
    doctors_of_posts: Best


def rank_pool(
    weights: ArrayLike,
    features: ArrayLike,
    k: int,
    *,
    doctors: Conditions | None = None,
    posts: Conditions | None = None,
    threads: int | None = None,
) -> PoolRanking:
    """The `k` posts with the highest scores for every doctor and the `k` such doctors for every post.

    All pairs are scored, in single precision; among equal scores the lower row comes first. Pairs that may not have
    each other are left out before anything is counted. Both directions come from one pass. Memory beside arguments and
    result is 2 MiB of scores and 8 bytes per post and `k` for each thread.

    Parameters
    ----------
    weights, features
        Shapes (doctors, features) and (posts, features), finite.
    k
        At least 1.
    doctors, posts
        Conditions; left out, there are none.
    threads
        How many to use; left out, as many as there are processors.

    Raises
    ------
    InvalidInputError
        Shapes do not fit, values are not finite or so large that scores overflow, `k` or `threads` is below 1.

    Examples
    --------
    >>> ranking = rank_pool([[1, 0], [0, 1]], [[3, 1], [1, 2], [2, 2]], k=2)
    >>> ranking.posts_of_doctors.rows
    array([[0, 2],
           [1, 2]])
    >>> ranking.doctors_of_posts.scores
    array([[3., 1.],
           [2., 1.],
           [2., 2.]], dtype=float32)
    """
    wanted, offered = _matrix("weights", weights), _matrix("features", features)
    _check(wanted, offered, k, (doctors, posts))
    sides = None
    if doctors or posts:
        sides = (doctors or no_conditions(len(wanted)), posts or no_conditions(len(offered)))
    used = threads or os.cpu_count() or 1
    if used < 1:
        raise InvalidInputError("threads", threads, "at least 1")
    of_doctors = Best(np.empty((len(wanted), k), np.int64), np.empty((len(wanted), k), np.float32))
    blocks = iter(range(0, len(wanted), BLOCK_ROWS))
    by_feature = np.ascontiguousarray(offered.T)
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(used) as pool:
        work = [pool.submit(_rank_blocks, blocks, wanted, by_feature, sides, of_doctors) for _ in range(used)]
        keys = np.concatenate([each.result() for each in work], axis=1)
    of_posts = Best(np.empty((len(offered), k), np.int64), np.empty((len(offered), k), np.float32))
    _write(_best_first(keys)[:, :k], of_posts, 0)
    return PoolRanking(of_doctors, of_posts)


def ranked_pairs(best: Best, own_ids: pl.Series, other_ids: pl.Series) -> pl.DataFrame:
    """One direction of a ranking as a frame: a row for each item and each of its best.

    Columns: the name of `own_ids`, the name of `other_ids`, ``place`` (from 1), ``score``; with a tier added, pairs of
    `engine.market.market_from_frames`.

    Examples
    --------
    >>> best = rank_pool([[1, 0], [0, 1]], [[3, 1], [1, 2]], k=1).posts_of_doctors
    >>> ranked_pairs(best, pl.Series("candidate_id", ["a", "b"]), pl.Series("post_id", [4801, 4802])).rows()
    [('a', 4801, 1, 3.0), ('b', 4802, 1, 2.0)]
    """
    item, place = np.nonzero(best.rows >= 0)
    return pl.DataFrame([own_ids[item], other_ids[best.rows[item, place]], pl.Series("place", place + 1)]).with_columns(
        score=best.scores[item, place]
    )


def _rank_blocks(
    blocks: Iterator[int], weights: Floats, by_feature: Floats, sides: tuple[Conditions, Conditions] | None, best: Best
) -> Int64s:
    """Rank the doctors of blocks taken from the common queue; give the keys of the best of them for every post."""
    from engine.top_k_kernel import keep_best, rule_out

    k, posts = best.rows.shape[1], by_feature.shape[1]
    conditions = [_as_bits(side) for side in sides or ()]
    columns, scores = _nobody(posts, k), np.empty(BLOCK_ROWS * BLOCK_COLUMNS, np.float32)
    for first in blocks:
        block = weights[first : first + BLOCK_ROWS]
        rows = _nobody(len(block), k)
        for start in range(0, posts, BLOCK_COLUMNS):
            part = by_feature[:, start : start + BLOCK_COLUMNS]
            out = scores[: len(block) * part.shape[1]].reshape(len(block), part.shape[1])
            np.matmul(block, part, out=out)
            if conditions:
                rule_out(out, first, start, *conditions)
            keep_best(out, first, start, rows, columns)
        _write(_best_first(rows[0]), best, first)
    return columns[0]


def _as_bits(side: Conditions) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    return side.has.astype(np.int32), side.asks.astype(np.int32), side.groups.astype(np.int32)


def _nobody(items: int, k: int) -> tuple[Int64s, Int64s, Floats]:
    return np.full((items, k), _EMPTY), np.zeros(items, np.int64), np.full(items, -np.inf, np.float32)


def _best_first(keys: Int64s) -> Int64s:
    return np.sort(keys, axis=1)[:, ::-1]


def _write(keys: Int64s, best: Best, first: int) -> None:
    """Read rows and scores out of keys that stand best first."""
    high = (keys >> 32).astype(np.int32)
    scores = np.where(high >= 0, high, high ^ 0x7FFFFFFF).view(np.float32)
    is_empty = keys == _EMPTY
    at = slice(first, first + len(keys))
    best.rows[at] = np.where(is_empty, -1, _LAST_PLACE - (keys & _LAST_PLACE))
    best.scores[at] = np.where(is_empty, np.float32(np.nan), scores)


def _check_bits(name: str, values: Wholes) -> None:
    if values.size and (values.dtype.kind not in "iu" or not -(2**31) <= values.min() <= values.max() < 2**31):
        raise InvalidInputError(name, f"{values.dtype} up to {values.max()}", "whole numbers of 32 bits")


def _matrix(name: str, values: ArrayLike) -> Floats:
    found = np.ascontiguousarray(values, dtype=np.float32)
    if found.ndim != 2 or not np.isfinite(found).all():
        raise InvalidInputError(name, f"shape {found.shape}", "a table of finite numbers")
    return found


def _check(weights: Floats, features: Floats, k: int, sides: tuple[Conditions | None, Conditions | None]) -> None:
    if weights.shape[1] != features.shape[1]:
        raise InvalidInputError("features", f"{features.shape[1]} columns", f"{weights.shape[1]}, as weights have")
    if k < 1:
        raise InvalidInputError("k", k, "at least 1")
    for name, side, items in (("doctors", sides[0], len(weights)), ("posts", sides[1], len(features))):
        if side and side.has.size != items:
            raise InvalidInputError(name, f"conditions of {side.has.size}", f"one for each of {items}")
    largest = np.abs(weights).max(initial=0).astype(float) * np.abs(features).max(initial=0).astype(float)
    if largest * weights.shape[1] > np.finfo(np.float32).max:
        raise InvalidInputError("weights", f"products up to {largest:.1e}", "scores within single precision")
