from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from engine.market import Market, candidate_optimal, market_from_frames, post_optimal
from engine.pair_stability import pair_stability
from features.errors import InvalidInputError

PAIRS = pl.DataFrame({"candidate_id": [1, 1, 2], "post_id": [10, 20, 10], "place": [1, 2, 1], "tier": [1, None, 0]})
DOCTORS = pl.DataFrame({"candidate_id": [1, 2], "lottery_place": [1, 2]})
POSTS = pl.DataFrame({"post_id": [10, 20], "capacity": [1, 1]})


def random_frames(rng: np.random.Generator, candidates: int, posts: int) -> tuple[pl.DataFrame, ...]:
    liking = rng.random((candidates, posts)).argsort(axis=1)
    pairs = pl.DataFrame(
        {
            "candidate_id": np.repeat(np.arange(candidates), posts),
            "post_id": liking.ravel(),
            "place": np.tile(np.arange(posts), candidates),
            "tier": rng.integers(0, 3, candidates * posts),
        }
    )
    drawn = pl.DataFrame({"candidate_id": np.arange(candidates), "lottery_place": rng.permutation(candidates)})
    return pairs, drawn, pl.DataFrame({"post_id": np.arange(posts), "capacity": rng.integers(0, 9, posts)})


@pytest.mark.parametrize("solve", [candidate_optimal, post_optimal])
def test_long_lists_in_any_row_order_give_a_stable_matching(solve: Callable[[Market], pl.DataFrame]) -> None:
    pairs, drawn, posts = random_frames(np.random.default_rng(5), 300, 150)
    shuffled = pairs.sample(fraction=1, shuffle=True, seed=3)
    found = solve(market_from_frames(shuffled, drawn, posts))
    assert found.height == 300
    assert pair_stability(found, pairs, drawn, posts).is_stable
    assert found.equals(solve(market_from_frames(pairs, drawn, posts)))


def test_pairs_of_more_than_one_block_all_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, drawn, posts = random_frames(np.random.default_rng(6), 40, 12)
    whole = candidate_optimal(market_from_frames(pairs, drawn, posts))
    monkeypatch.setattr("engine.market.ROWS_AT_A_TIME", 7)
    monkeypatch.setattr("engine.pair_stability.ROWS_AT_A_TIME", 7)
    assert candidate_optimal(market_from_frames(pairs, drawn, posts)).equals(whole)
    assert pair_stability(whole, pairs, drawn, posts).pairs_checked == 480


def test_an_empty_market_has_an_empty_matching() -> None:
    market = market_from_frames(PAIRS.clear(), DOCTORS.clear(), POSTS.clear())
    assert candidate_optimal(market).is_empty()
    assert post_optimal(market).is_empty()
    assert pair_stability(candidate_optimal(market), PAIRS.clear(), DOCTORS.clear(), POSTS.clear()).is_stable


@pytest.mark.parametrize(
    ("pairs", "doctors", "posts", "told"),
    [
        (pl.concat([PAIRS, PAIRS[:1]]), DOCTORS, POSTS, "1 and 10, or their place, twice"),
        (PAIRS.with_columns(place=1), DOCTORS, POSTS, "or their place, twice"),
        (PAIRS, DOCTORS[:1], POSTS, "got 2, expected a candidate_id of candidates"),
        (PAIRS, DOCTORS, POSTS[:1], "got 20, expected a post_id of posts"),
        (PAIRS, DOCTORS, POSTS.with_columns(capacity=-1), "capacity: got -1, expected 0 to"),
        (PAIRS.with_columns(tier=-2), DOCTORS, POSTS, "tier: got -2, expected 0 to"),
        (PAIRS.with_columns(tier=2**23), DOCTORS, POSTS, "tier: got 8388608"),
        (PAIRS, DOCTORS.with_columns(lottery_place=4), POSTS, "lottery_place 4 twice"),
        (PAIRS, pl.concat([DOCTORS, DOCTORS[:1]]), POSTS, "candidate_id 1 twice"),
        (PAIRS, DOCTORS, pl.concat([POSTS, POSTS]), "post_id 10 twice"),
        (PAIRS.drop("place"), DOCTORS, POSTS, "expected also place"),
        (PAIRS.with_columns(place=0.5), DOCTORS, POSTS, "values of type Float64', expected whole numbers"),
        (PAIRS.with_columns(post_id=None), DOCTORS, POSTS, "values of type Null', expected texts or whole numbers"),
        (PAIRS.with_columns(place=pl.lit(None, pl.Int64)), DOCTORS, POSTS, "3 empty cells"),
        (PAIRS.cast({"post_id": pl.String}), DOCTORS, POSTS, "identifiers of type String', expected Int64"),
    ],
)
def test_what_makes_no_market_is_refused(
    pairs: pl.DataFrame, doctors: pl.DataFrame, posts: pl.DataFrame, told: str
) -> None:
    with pytest.raises(InvalidInputError, match=told):
        market_from_frames(pairs, doctors, posts)
