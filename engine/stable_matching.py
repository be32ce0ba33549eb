"""Candidate-proposing deferred acceptance with capacities.

A market is given by three mappings: ``candidate_lists`` (candidate -> posts in own order, best first), ``post_orders``
(post -> acceptable candidates, best first) and ``capacities`` (post -> number of places). A pair is *mutually
acceptable* if each stands on the other's list.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from heapq import heappush, heappushpop

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
    check_market(candidate_lists, post_orders, capacities)
    ranks = {post: {candidate: rank for rank, candidate in enumerate(order)} for post, order in post_orders.items()}
    held: dict[str, list[tuple[int, str]]] = {post: [] for post in post_orders}  # heaps, the worst held on top
    following = {candidate: iter(posts) for candidate, posts in candidate_lists.items()}
    free = list(candidate_lists)
    while free:
        candidate = free.pop()
        for post in following[candidate]:
            rank = ranks[post].get(candidate)
            if rank is None or capacities[post] == 0:
                continue
            if len(held[post]) < capacities[post]:
                heappush(held[post], (-rank, candidate))
                break
            _, rejected = heappushpop(held[post], (-rank, candidate))
            if rejected != candidate:
                free.append(rejected)
                break
    matched = {candidate: post for post, proposals in held.items() for _, candidate in proposals}
    return {candidate: matched[candidate] for candidate in sorted(matched)}


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
