"""Ranking of pools against a sort of all pairs."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import pool_ranking
from engine.pool_ranking import Best, Conditions, no_conditions, rank_pool, ranked_pairs
from features.errors import InvalidInputError

Table = np.ndarray[Any, Any]


def sorted_by_all(scores: Table, allowed: Table, k: int) -> list[list[tuple[int, float]]]:
    """The k best columns of every row, by a full sort: scores downwards, then columns upwards."""
    return [
        sorted(((int(j), float(row[j])) for j in np.flatnonzero(may)), key=lambda pair: (-pair[1], pair[0]))[:k]
        for row, may in zip(scores, allowed, strict=True)
    ]


def as_lists(best: Best) -> list[list[tuple[int, float]]]:
    return [
        [(int(row), float(score)) for row, score in zip(rows, scores, strict=True) if row >= 0]
        for rows, scores in zip(best.rows, best.scores, strict=True)
    ]


def random_conditions(rng: np.random.Generator, items: int) -> Conditions:
    asks = rng.integers(0, 4, items) & rng.integers(0, 4, items)
    return Conditions(rng.integers(0, 4, items) | rng.integers(0, 4, items), asks, rng.integers(0, 8, items))


def may_have(doctors: Conditions, posts: Conditions) -> Table:
    """Which pairs may have each other, bit by bit."""
    allowed = np.zeros((doctors.has.size, posts.has.size), bool)
    for i, j in np.ndindex(*allowed.shape):
        covers = all(
            mine >> bit & 1 or not asked >> bit & 1
            for mine, asked in ((doctors.has[i], posts.asks[j]), (posts.has[j], doctors.asks[i]))
            for bit in range(3)
        )
        allowed[i, j] = covers and any(doctors.groups[i] >> bit & posts.groups[j] >> bit & 1 for bit in range(3))
    return allowed


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(0, 60),
    st.sampled_from([0, 1, 7, 300, 700]),
    st.sampled_from([1, 2, 9, 40]),
    st.sampled_from([1, 3, 100]),
    st.integers(1, 3),
    st.sampled_from(["none", "random"]),
)
def test_the_best_of_both_sides_are_those_of_a_full_sort(
    seed: int, doctors: int, posts: int, k: int, largest: int, threads: int, conditions: str
) -> None:
    rng = np.random.default_rng(seed)
    weights, features = rng.integers(-largest, largest + 1, (doctors, 3)), rng.integers(0, 3, (posts, 3))
    scores = weights @ features.T  # whole numbers: exact in single precision, with many ties
    sides = random_conditions(rng, doctors), random_conditions(rng, posts)
    allowed = np.ones(scores.shape, bool) if conditions == "none" else may_have(*sides)
    with pytest.MonkeyPatch.context() as patch:  # several blocks, the last of them short
        patch.setattr(pool_ranking, "BLOCK_ROWS", 7)
        patch.setattr(pool_ranking, "BLOCK_COLUMNS", 290)
        found = (
            rank_pool(weights, features, k, threads=threads)
            if conditions == "none"
            else rank_pool(weights, features, k, doctors=sides[0], posts=sides[1], threads=threads)
        )
    assert as_lists(found.posts_of_doctors) == sorted_by_all(scores, allowed, k)
    assert as_lists(found.doctors_of_posts) == sorted_by_all(scores.T, allowed.T, k)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([50, 5_000]))
def test_scores_that_are_no_whole_numbers_come_out_best_first(seed: int, posts: int) -> None:
    rng = np.random.default_rng(seed)
    weights, features = rng.normal(size=(40, 32)), rng.normal(size=(posts, 32))
    exact = weights.astype(np.float32).astype(float) @ features.astype(np.float32).astype(float).T
    best = rank_pool(weights, features, 20).posts_of_doctors
    assert (np.diff(best.scores, axis=1) <= 0).all()
    assert np.allclose(best.scores, np.take_along_axis(exact, best.rows, axis=1), rtol=0, atol=1e-4)
    assert np.allclose(best.scores, -np.sort(-exact, axis=1)[:, :20], rtol=0, atol=1e-4)


def test_a_ranking_becomes_pairs_of_a_market() -> None:
    ranking = rank_pool(
        [[1.0], [2.0]], [[1.0], [3.0]], 2, posts=Conditions(np.zeros(2, int), np.arange(2), np.ones(2, int))
    )
    pairs = ranked_pairs(ranking.posts_of_doctors, pl.Series("candidate_id", [7, 8]), pl.Series("post_id", ["a", "b"]))
    assert pairs.rows() == [(7, "a", 1, 1.0), (8, "a", 1, 2.0)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (([[1.0]], [[1.0, 2.0]], 1), "features: got '2 columns'"),
        (([[1.0]], [[np.nan]], 1), "features: got 'shape"),
        (([[1.0]], [1.0], 1), "features: got 'shape"),
        (([[1.0]], [[1.0]], 0), "k: got 0"),
        (([[1e30]], [[1e30]], 1), "products up to 1.0e\\+60"),
    ],
)
def test_what_cannot_be_ranked_is_refused(
    arguments: tuple[list[list[float]], list[list[float]], int], told: str
) -> None:
    with pytest.raises(InvalidInputError, match=told):
        rank_pool(*arguments)


def test_conditions_must_fit_the_pool() -> None:
    with pytest.raises(InvalidInputError, match="conditions of 2"):
        rank_pool([[1.0]], [[1.0]], 1, doctors=no_conditions(2))
    with pytest.raises(InvalidInputError, match="whole numbers of 32 bits"):
        Conditions(np.array([2**40]), np.array([0]), np.array([0]))
    with pytest.raises(InvalidInputError, match="one length"):
        Conditions(np.array([1]), np.array([0, 1]), np.array([0]))
    with pytest.raises(InvalidInputError, match="threads: got -1"):
        rank_pool([[1.0]], [[1.0]], 1, threads=-1)
