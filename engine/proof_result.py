"""What the proof of a round gives, and the market that it works out from a round's inputs."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.stability import StabilityProof

Lists = dict[str, tuple[str, ...]]
Standing = tuple[int, str]
"""Tier of an advert, best first, and lottery number: how a post ranks somebody, on one scale for all posts."""


@dataclass(frozen=True, slots=True)
class SubmittedMarket:
    """Both sides' lists as the inputs give them.

    ``candidate_lists`` end at each candidate's own limit; ``beyond_limit`` holds the posts after it that the candidate
    wants and qualifies for. ``standings`` hold, for each post, everyone who qualifies there.
    """

    candidate_lists: Lists
    beyond_limit: Lists
    standings: Mapping[str, Mapping[str, Standing]]
    capacities: dict[str, int]

    @property
    def post_orders(self) -> Lists:
        """Everyone who qualifies for a post, by tier and lottery number."""
        return {post: tuple(sorted(standing, key=standing.__getitem__)) for post, standing in self.standings.items()}


@dataclass(frozen=True, slots=True)
class SubmittedLimit:
    """At most so many in these posts together, of these people or, if None, of everybody."""

    capacity: int
    posts: frozenset[str]
    people: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """What the limits on candidates' own lists left outside the proof.

    ``pairs`` counts pairs of a candidate and a post that the candidate wants and qualifies for but ranked beyond the
    own limit; for a couple, pairs of posts beyond the limit of the joint list. ``candidates`` counts those who have
    such pairs; ``unmatched_with_free_place`` candidates without a proposal who have one with a post that still has a
    free place: a longer list could have given them that post.
    """

    pairs: int
    candidates: int
    unmatched_with_free_place: int


@dataclass(frozen=True, slots=True)
class RoundProof:
    """Stability on the submitted lists, how many candidates have a pair that was checked, and what limits left out.

    Where a cap was set for least numbers, stability holds with the cap, and ``blocking_without_cap`` counts what blocks
    without it: the price.
    """

    stability: StabilityProof
    candidates_checked: int
    own_limits: OwnLimits
    blocking_without_cap: int | None = None
