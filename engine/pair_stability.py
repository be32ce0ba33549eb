"""Independent proof of a matching between frames of any size: every mutually acceptable pair is looked at.

The frames are those of `engine.market`. This file shares no code with the algorithms that it checks, and works on
columns where `engine.stability` works on lists.
"""

from dataclasses import dataclass

import polars as pl

ROWS_AT_A_TIME = 1 << 21


@dataclass(frozen=True, slots=True)
class PairStability:
    """What the check found; ``blocking_pairs`` has columns ``candidate_id`` and ``post_id``, sorted."""

    pairs_checked: int
    blocking_pairs: pl.DataFrame
    capacity_respected: bool
    individually_rational: bool

    @property
    def is_stable(self) -> bool:
        """No blocking pair, no post above capacity, nobody matched twice or against a list."""
        return self.blocking_pairs.is_empty() and self.capacity_respected and self.individually_rational


def pair_stability(
    matching: pl.DataFrame, pairs: pl.DataFrame, candidates: pl.DataFrame, posts: pl.DataFrame
) -> PairStability:
    """Inspect every pair that both sides accept, and that matches keep to capacities and to both sides' lists.

    A pair blocks if the candidate is unmatched or likes the post better than the own match, and the post has a free
    place or holds somebody of a higher tier, or of the same and drawn later. Pairs are looked at in blocks.

    Parameters
    ----------
    matching
        Columns ``candidate_id``, ``post_id``; others are not looked at.
    pairs, candidates, posts
        As given to `engine.market.market_from_frames`.

    References
    ----------
    Gale and Shapley (1962); Gusfield and Irving (1989), The Stable Marriage Problem: Structure and Algorithms.

    Examples
    --------
    >>> pairs = pl.DataFrame({"candidate_id": ["a", "b"], "post_id": ["x", "x"], "place": [1, 1], "tier": [1, 0]})
    >>> doctors = pl.DataFrame({"candidate_id": ["a", "b"], "lottery_place": [1, 2]})
    >>> posts = pl.DataFrame({"post_id": ["x"], "capacity": [1]})
    >>> pair_stability(pl.DataFrame({"candidate_id": ["a"], "post_id": ["x"]}), pairs, doctors, posts).blocking_pairs
    shape: (1, 2)
    ┌──────────────┬─────────┐
    │ candidate_id ┆ post_id │
    │ ---          ┆ ---     │
    │ str          ┆ str     │
    ╞══════════════╪═════════╡
    │ b            ┆ x       │
    └──────────────┴─────────┘
    """
    held = _held(matching, pairs, candidates)
    own = held.select("candidate_id", own_place="place").unique("candidate_id")
    by_post = _worst_held(held, posts)
    checked, blocking = 0, []
    for first in range(0, pairs.height, ROWS_AT_A_TIME):
        block = pairs.slice(first, ROWS_AT_A_TIME).filter(pl.col("tier").is_not_null())
        checked += block.height
        blocking.append(
            block.join(own, on="candidate_id", how="left")
            .filter(pl.col("own_place").is_null() | (pl.col("place") < pl.col("own_place")))
            .join(by_post.filter(pl.col("capacity") > 0), on="post_id")
            .join(candidates, on="candidate_id")
            .filter(
                (pl.col("held") < pl.col("capacity"))
                | (pl.col("tier") < pl.col("worst_tier"))
                | ((pl.col("tier") == pl.col("worst_tier")) & (pl.col("lottery_place") < pl.col("worst_lottery")))
            )
            .select("candidate_id", "post_id")
        )
    found = pl.concat(blocking) if blocking else matching.select("candidate_id", "post_id").clear()
    return PairStability(
        pairs_checked=checked,
        blocking_pairs=found.sort("candidate_id", "post_id"),
        capacity_respected=bool((by_post["held"] <= by_post["capacity"]).all()),
        individually_rational=bool(held["tier"].is_not_null().all()) and held["candidate_id"].is_unique().all(),
    )


def _held(matching: pl.DataFrame, pairs: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Matches with the candidate's place and the post's tier, both null where it is on no list."""
    return (
        matching.select("candidate_id", "post_id")
        .join(pairs, on=["candidate_id", "post_id"], how="left")
        .join(candidates, on="candidate_id", how="left")
    )


def _worst_held(held: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Posts with how many they hold and the worst of them; whom a post does not take is above all its tiers."""
    tier = pl.col("tier").cast(pl.Int64).fill_null(2**31)
    worst = held.group_by("post_id").agg(
        pl.len().alias("held"),
        tier.max().alias("worst_tier"),
        pl.col("lottery_place").filter(tier == tier.max()).max().alias("worst_lottery"),
    )
    return posts.join(worst, on="post_id", how="left").with_columns(pl.col("held").fill_null(0))
