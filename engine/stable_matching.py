"""Deferred acceptance with capacities, from lists and orders; `engine.market` makes it from frames.

A market is given by three mappings: ``candidate_lists`` (candidate -> posts in own order, best first), ``post_orders``
(post -> acceptable candidates, best first) and ``capacities`` (post -> number of places). A pair is *mutually
acceptable* if each stands on the other's list.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from engine.market import Market, candidate_optimal, post_optimal
from features.errors import InvalidInputError, UnknownKeyError


def deferred_acceptance(
    candidate_lists: Mapping[str, Sequence[str]],
    post_orders: Mapping[str, Sequence[str]],
    capacities: Mapping[str, int],
) -> dict[str, str]:
    """Stable matching that every candidate likes best among all stable ones: candidate -> post, the matched only.

    Each candidate proposes down the own list; a post holds the best proposals up to its capacity and lets the worst
    go. The result does not depend on who proposes first. No candidate gains by listing other posts or another order
    than the true one. Time grows with total list length times the logarithm of the largest capacity.

    Raises
    ------
    InvalidInputError
        A list names someone twice, or a capacity is negative.
    UnknownKeyError
        A list names a post that has no order or capacity.

    References
    ----------
    Gale and Shapley (1962), College admissions and the stability of marriage, American Mathematical Monthly 69(1);
    Dubins and Freedman (1981), Machiavelli and the Gale-Shapley algorithm, American Mathematical Monthly 88(7);
    Roth and Peranson (1999), The redesign of the matching market for American physicians, American Economic Review
    89(4).

    Examples
    --------
    >>> deferred_acceptance(
    ...     {"anna": ["bykle", "valle"], "berit": ["bykle"]},
    ...     {"bykle": ["berit", "anna"], "valle": ["anna"]},
    ...     {"bykle": 1, "valle": 2},
    ... )
    {'anna': 'valle', 'berit': 'bykle'}
    """
    return _by_candidate(candidate_optimal(market_from_lists(candidate_lists, post_orders, capacities)))


def post_optimal_matching(
    candidate_lists: Mapping[str, Sequence[str]],
    post_orders: Mapping[str, Sequence[str]],
    capacities: Mapping[str, int],
) -> dict[str, str]:
    """Stable matching that every post likes best, and every candidate least, among all stable ones.

    The same candidates are matched as by `deferred_acceptance`, and every post gets as many.

    Raises
    ------
    InvalidInputError, UnknownKeyError
        As `deferred_acceptance`.

    References
    ----------
    Gale and Shapley (1962); Roth (1986), On the allocation of residents to rural hospitals, Econometrica 54(2).

    Examples
    --------
    >>> post_optimal_matching({"a": ["x", "y"], "b": ["y", "x"]}, {"x": ["b", "a"], "y": ["a", "b"]}, {"x": 1, "y": 1})
    {'a': 'y', 'b': 'x'}
    """
    return _by_candidate(post_optimal(market_from_lists(candidate_lists, post_orders, capacities)))


def market_from_lists(
    candidate_lists: Mapping[str, Sequence[str]],
    post_orders: Mapping[str, Sequence[str]],
    capacities: Mapping[str, int],
) -> Market:
    """Market whose posts rank candidates strictly: every place in a post's order is a tier of its own.

    Raises
    ------
    InvalidInputError, UnknownKeyError
        As `check_market`.
    """
    check_market(candidate_lists, post_orders, capacities)
    candidates, posts = sorted(candidate_lists), sorted(post_orders)
    ranks = {post: {candidate: rank for rank, candidate in enumerate(order)} for post, order in post_orders.items()}
    number = {post: at for at, post in enumerate(posts)}
    pairs = [(number[post], ranks[post].get(name, -1)) for name in candidates for post in candidate_lists[name]]
    post_and_tier = np.array(pairs, np.int32).reshape(-1, 2)
    return Market(
        candidate_ids=pl.Series(candidates, dtype=pl.String),
        post_ids=pl.Series(posts, dtype=pl.String),
        starts=np.cumsum([0, *(len(candidate_lists[name]) for name in candidates)], dtype=np.int64),
        post=np.ascontiguousarray(post_and_tier[:, 0]),
        tier=np.ascontiguousarray(post_and_tier[:, 1]),
        capacity=np.array([capacities[post] for post in posts], np.int64),
    )


def _by_candidate(matching: pl.DataFrame) -> dict[str, str]:
    return dict(matching.select("candidate_id", "post_id").rows())


def check_market(
    candidate_lists: Mapping[str, Sequence[str]],
    post_orders: Mapping[str, Sequence[str]],
    capacities: Mapping[str, int],
) -> None:
    """Raise if the lists, orders and capacities do not make a market.

    Raises
    ------
    InvalidInputError
        A list names someone twice, or a capacity is negative.
    UnknownKeyError
        A list names a post that has no order, or the posts of orders and capacities differ.
    """
    for key in post_orders.keys() ^ capacities.keys():
        raise UnknownKeyError("post", key, tuple(sorted(post_orders.keys() & capacities.keys())))
    for post, capacity in capacities.items():
        if capacity < 0:
            raise InvalidInputError(f"capacity of {post}", capacity, "0 or more")
    for owner, listed in (*candidate_lists.items(), *post_orders.items()):
        if _has_duplicates(listed):
            raise InvalidInputError(f"list of {owner}", listed, "each name once")
    for listed in candidate_lists.values():
        for post in listed:
            if post not in post_orders:
                raise UnknownKeyError("post", post, tuple(sorted(post_orders)))


def _has_duplicates(names: Iterable[Hashable]) -> bool:
    listed = list(names)
    return len(set(listed)) < len(listed)
