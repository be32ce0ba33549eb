"""Independent proof that a matching is stable on given lists: every mutually acceptable pair is looked at.

*Mutually acceptable* means that each stands on the other's submitted list. What a cut list leaves out is not seen here.

This file shares no code with the algorithm it checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlockingPair:
    """A candidate and a post that would both rather have each other than what the matching gives them."""

    candidate_id: str
    post_id: str


@dataclass(frozen=True, slots=True)
class BlockingCouple:
    """A couple and a pair of posts that all would rather have than what the matching gives them."""

    members: tuple[str, str]
    posts: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class StabilityProof:
    """What the check found; ``pairs_checked`` is the number of pairs on both lists, all of them inspected.

    In a round with couples it counts their pairs of posts too. ``capacity_respected`` covers shared limits.
    """

    pairs_checked: int
    blocking_pairs: tuple[BlockingPair, ...]
    capacity_respected: bool
    individually_rational: bool
    blocking_couples: tuple[BlockingCouple, ...] = ()

    @property
    def blocking(self) -> int:
        """How many options block, of candidates who take part alone and of couples."""
        return len(self.blocking_pairs) + len(self.blocking_couples)

    @property
    def is_stable(self) -> bool:
        """Nothing blocks, no post above capacity, nobody matched against a list."""
        return not self.blocking and self.capacity_respected and self.individually_rational


def stability_proof(
    matching: Mapping[str, str],
    candidate_lists: Mapping[str, Sequence[str]],
    post_orders: Mapping[str, Sequence[str]],
    capacities: Mapping[str, int],
) -> StabilityProof:
    """Inspect every mutually acceptable pair, and that matches keep to capacities and to both sides' lists.

    A pair blocks if the candidate is unmatched or likes the post better than the own match, and the post has a free
    place or holds someone it ranks below the candidate.

    References
    ----------
    Gale and Shapley (1962); Gusfield and Irving (1989), The Stable Marriage Problem: Structure and Algorithms.

    Examples
    --------
    >>> lists, orders = {"anna": ["bykle"], "berit": ["bykle"]}, {"bykle": ["berit", "anna"]}
    >>> proof = stability_proof({"anna": "bykle"}, lists, orders, {"bykle": 1})
    >>> proof.pairs_checked, proof.blocking_pairs
    (2, (BlockingPair(candidate_id='berit', post_id='bykle'),))
    """
    place = {post: {candidate: rank for rank, candidate in enumerate(order)} for post, order in post_orders.items()}
    liking = {
        candidate: {post: rank for rank, post in enumerate(posts)} for candidate, posts in candidate_lists.items()
    }
    holds: dict[str, list[str]] = {}
    for candidate, post in matching.items():
        holds.setdefault(post, []).append(candidate)
    blocking, checked = [], 0
    for candidate, posts in candidate_lists.items():
        own = liking[candidate].get(matching.get(candidate, ""), len(posts))
        for rank, post in enumerate(posts):
            if candidate not in place.get(post, {}):
                continue
            checked += 1
            if rank < own and _wants(place[post], candidate, holds.get(post, []), capacities[post]):
                blocking.append(BlockingPair(candidate, post))
    return StabilityProof(
        pairs_checked=checked,
        blocking_pairs=tuple(sorted(blocking, key=lambda pair: (pair.candidate_id, pair.post_id))),
        capacity_respected=all(len(held) <= capacities.get(post, 0) for post, held in holds.items()),
        individually_rational=all(
            post in liking.get(candidate, {}) and candidate in place.get(post, {})
            for candidate, post in matching.items()
        ),
    )


def _wants(place: Mapping[str, int], candidate: str, held: Sequence[str], capacity: int) -> bool:
    below = len(place)  # someone the post never ranked counts as below everyone it did
    return len(held) < capacity or any(place.get(other, below) > place[candidate] for other in held if capacity)
