"""A market of candidates and posts, made from frames of any size, and its two outermost stable matchings.

Three frames make a market; identifiers are texts or whole numbers.

============== ============================================================ ==============================
frame          columns                                                      grain
============== ============================================================ ==============================
``pairs``      ``candidate_id``, ``post_id``, ``place`` (lower is liked      a post on a candidate's list
               better), ``tier`` (0 or more, lower is better; null where
               the post does not take the candidate)
``candidates`` ``candidate_id``, ``lottery_place`` (lower is drawn first)   a candidate
``posts``      ``post_id``, ``capacity`` (0 or more)                        a post
============== ============================================================ ==============================

A *matching* is a frame of ``candidate_id``, ``post_id`` and ``choice``, one row per matched candidate: ``choice``
counts the posts on the candidate's own list from 1, those that do not take the candidate included.

The kernels, and numba with them, are loaded by the functions that use them. They are compiled for arrays that can be
written; those of Polars cannot, and would have them compiled once more.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.identifiers import Numbering
from engine.market_checks import check_frames
from features.errors import InvalidInputError

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
ROWS_AT_A_TIME = 1 << 18


@dataclass(frozen=True, slots=True)
class Market:
    """Pairs by candidate as arrays; candidates stand in the order of the lottery.

    The pairs of candidate ``c`` are ``starts[c]:starts[c + 1]``, in own order; ``post`` and ``tier`` are per pair, tier
    -1 where the post does not take the candidate; ``capacity`` is per post.
    """

    candidate_ids: pl.Series
    post_ids: pl.Series
    starts: Int64s
    post: Int32s
    tier: Int32s
    capacity: Int64s


def market_from_frames(pairs: pl.DataFrame, candidates: pl.DataFrame, posts: pl.DataFrame) -> Market:
    """Market of the three frames; the order of their rows does not matter.

    Memory beyond the frames is 20 bytes a pair while it is made and 8 afterwards, and a bounded block.

    Raises
    ------
    InvalidInputError
        A column is missing, empty in a row or of another kind; an identifier, a pair, a lottery place or a candidate's
        own place occurs twice; a pair names nobody in ``candidates`` or ``posts``; a capacity or tier is negative.

    Examples
    --------
    >>> pairs = pl.DataFrame({"candidate_id": ["anna", "anna", "berit"], "post_id": ["bykle", "valle", "bykle"],
    ...                       "place": [1, 2, 1], "tier": [1, 1, 0]})
    >>> doctors = pl.DataFrame({"candidate_id": ["anna", "berit"], "lottery_place": [1, 2]})
    >>> posts = pl.DataFrame({"post_id": ["bykle", "valle"], "capacity": [1, 1]})
    >>> candidate_optimal(market_from_frames(pairs, doctors, posts)).rows()
    [('anna', 'valle', 2), ('berit', 'bykle', 1)]
    """
    from engine import allocation_kernel as kernel

    check_frames(pairs, candidates, posts)
    drawn = candidates.select("candidate_id", "lottery_place").sort("lottery_place")["candidate_id"]
    owner = _owners(pairs["candidate_id"], Numbering(drawn, "candidate_id of candidates"))
    starts = np.zeros(drawn.len() + 1, np.int64)
    np.cumsum(_counts(owner, drawn.len()), out=starts[1:])
    lists = (np.empty_like(owner), np.empty_like(owner), np.empty_like(owner))
    free, numbering = starts[:-1].copy(), Numbering(posts["post_id"], "post_id of posts")
    for first in range(0, pairs.height, ROWS_AT_A_TIME):
        rows = pairs.slice(first, ROWS_AT_A_TIME)
        post = numbering.of(rows["post_id"], "pairs")
        place, tier = (
            rows[column].cast(pl.Int32).fill_null(-1).to_numpy(writable=True) for column in ("place", "tier")
        )
        kernel.place_pairs(owner[first : first + rows.height], post, place, tier, free, lists)
    post, place, tier = lists
    if (at := kernel.order_lists(starts, post, place, tier, posts.height)) >= 0:
        who, where = drawn[int(np.searchsorted(starts, at, "right")) - 1], posts["post_id"][int(post[at])]
        raise InvalidInputError("pairs", f"{who} and {where}, or their place, twice", "each post and place once")
    return Market(drawn, posts["post_id"], starts, post, tier, posts["capacity"].cast(pl.Int64).to_numpy(writable=True))


def candidate_optimal(market: Market) -> pl.DataFrame:
    """Stable matching that every candidate likes best among all stable ones.

    No candidate gains by listing other posts or another order than the true one. Time grows with the proposals made,
    times the logarithm of the largest capacity.

    References
    ----------
    Gale and Shapley (1962), College admissions and the stability of marriage, American Mathematical Monthly 69(1);
    Dubins and Freedman (1981), Machiavelli and the Gale-Shapley algorithm, American Mathematical Monthly 88(7).
    """
    from engine import allocation_kernel as kernel

    pairs, _ = kernel.propose_from_candidates(market.starts, market.post, market.tier, market.capacity)
    return _matching(market, pairs)


def post_optimal(market: Market) -> pl.DataFrame:
    """Stable matching that every post likes best among all stable ones, and every candidate least.

    Shown beside the proposal so that users see what it means which side proposes; candidates can gain here by
    listing other posts than they truly want.

    References
    ----------
    Gale and Shapley (1962); Roth and Sotomayor (1990), Two-sided Matching, sections 2.3 and 5.4.

    Examples
    --------
    >>> pairs = pl.DataFrame({"candidate_id": [1, 1, 2, 2], "post_id": [1, 2, 2, 1], "place": [1, 2, 1, 2],
    ...                       "tier": [1, 0, 1, 0]})
    >>> doctors = pl.DataFrame({"candidate_id": [1, 2], "lottery_place": [1, 2]})
    >>> market = market_from_frames(pairs, doctors, pl.DataFrame({"post_id": [1, 2], "capacity": [1, 1]}))
    >>> candidate_optimal(market)["choice"].to_list(), post_optimal(market)["choice"].to_list()
    ([1, 1], [2, 2])
    """
    from engine import allocation_kernel as kernel

    lists = kernel.post_lists(market.starts, market.post, market.tier, market.post_ids.len())
    return _matching(market, kernel.propose_from_posts(market.starts.size - 1, market.post, market.capacity, *lists))


def rank_distribution(matching: pl.DataFrame, candidates: int) -> pl.DataFrame:
    """How many candidates got their choice 1, 2, 3 …; ``choice`` null for those of all `candidates` who got none.

    Columns ``choice``, ``candidates``. Counts of few people are for the runner of a round, not for publishing.

    Examples
    --------
    >>> rank_distribution(pl.DataFrame({"choice": [1, 2, 1]}), 5).rows()
    [(1, 2), (2, 1), (None, 2)]
    """
    got = matching.group_by("choice").agg(pl.len().cast(pl.Int64).alias("candidates")).sort("choice")
    none = {"choice": [None], "candidates": [candidates - matching.height]}
    return pl.concat([got, pl.DataFrame(none, schema=got.schema)])


def _matching(market: Market, pairs: Int64s) -> pl.DataFrame:
    matched = np.flatnonzero(pairs >= 0)
    return pl.DataFrame(
        {
            "candidate_id": market.candidate_ids[matched],
            "post_id": market.post_ids[market.post[pairs[matched]]],
            "choice": pairs[matched] - market.starts[matched] + 1,
        }
    ).sort("candidate_id")


def _owners(candidate_ids: pl.Series, numbering: Numbering) -> Int32s:
    found = np.empty(candidate_ids.len(), np.int32)
    for first in range(0, found.size, ROWS_AT_A_TIME):
        found[first : first + ROWS_AT_A_TIME] = numbering.of(candidate_ids.slice(first, ROWS_AT_A_TIME), "pairs")
    return found


def _counts(numbers: Int32s, of: int) -> Int64s:
    counts = np.zeros(of, np.int64)
    for first in range(0, numbers.size, ROWS_AT_A_TIME):  # bincount widens what it counts
        counts += np.bincount(numbers[first : first + ROWS_AT_A_TIME], minlength=of)
    return counts
