"""The assignment of greatest fit, against every assignment of small markets."""

from collections import Counter
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.optimal_assignment import optimal_assignment
from engine.pair_stability import pair_stability
from features.errors import InvalidInputError

FITS = st.one_of(st.none(), st.integers(-3, 20), st.floats(0, 10, width=32))
PAIRS = pl.DataFrame({"candidate_id": ["a", "b"], "post_id": ["x", "x"], "fit": [2.0, 3.0]})
POSTS = pl.DataFrame({"post_id": ["x"], "capacity": [1]})


def frames(fits: list[list[float | None]], capacities: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    pairs = [(i, j, float(fit)) for i, row in enumerate(fits) for j, fit in enumerate(row) if fit is not None]
    schema = {"candidate_id": pl.Int64, "post_id": pl.Int64, "fit": pl.Float64}
    posts = pl.DataFrame(
        {"post_id": range(len(capacities)), "capacity": capacities}, {"post_id": pl.Int64, "capacity": pl.Int64}
    )
    return pl.DataFrame(pairs, schema, orient="row"), posts


def greatest_fit(fits: list[list[float | None]], capacities: list[int]) -> float:
    """Greatest total over every way to give each candidate a post or none."""
    best = 0.0
    for chosen in product([*range(len(capacities)), None], repeat=len(fits)):
        held = Counter(post for post in chosen if post is not None)
        own = [row[post] for row, post in zip(fits, chosen, strict=True) if post is not None]
        if all(fit is not None for fit in own) and all(held[post] <= capacities[post] for post in held):
            best = max(best, sum(fit for fit in own if fit is not None))
    return best


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 3).flatmap(
        lambda posts: st.tuples(
            st.lists(st.lists(FITS, min_size=posts, max_size=posts), max_size=5),
            st.lists(st.integers(0, 2), min_size=posts, max_size=posts),
        )
    )
)
def test_no_assignment_within_capacity_fits_better(market: tuple[list[list[float | None]], list[int]]) -> None:
    fits, capacities = market
    pairs, posts = frames(fits, capacities)
    found = optimal_assignment(pairs, posts)
    assert found["candidate_id"].is_unique().all()
    for post, held in Counter(found["post_id"].to_list()).items():
        assert held <= capacities[post]
    for candidate, post, fit in found.rows():
        assert fits[candidate][post] == fit
    assert found["fit"].sum() == pytest.approx(greatest_fit(fits, capacities), abs=1e-9)


def test_the_greatest_fit_can_cost_a_blocking_pair() -> None:
    pairs = pl.DataFrame(
        {
            "candidate_id": ["a", "a", "b"],
            "post_id": ["x", "y", "x"],
            "fit": [9.0, 8.0, 5.0],
            "place": [1, 2, 1],
            "tier": 0,
        }
    )
    doctors = pl.DataFrame({"candidate_id": ["a", "b"], "lottery_place": [1, 2]})
    posts = pl.DataFrame({"post_id": ["x", "y"], "capacity": [1, 1]})
    proof = pair_stability(optimal_assignment(pairs, posts), pairs, doctors, posts)
    assert proof.blocking_pairs.rows() == [("a", "x")]
    assert proof.capacity_respected
    assert proof.individually_rational


@pytest.mark.parametrize(
    ("pairs", "posts", "told"),
    [
        (pl.concat([PAIRS, PAIRS]), POSTS, "a pair twice"),
        (PAIRS.with_columns(fit=float("inf")), POSTS, "fit: got"),
        (PAIRS.with_columns(fit=pl.lit(None, pl.Float64)), POSTS, "fit: got"),
        (PAIRS, POSTS.with_columns(capacity=-1), "negative capacity"),
        (PAIRS, POSTS.with_columns(post_id=pl.lit("z")), "got 'x', expected a post_id of posts"),
    ],
)
def test_what_cannot_be_assigned_is_refused(pairs: pl.DataFrame, posts: pl.DataFrame, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        optimal_assignment(pairs, posts)
