"""A doctor's own best places among the vacant lists. Nothing that a doctor says here is kept or logged."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import polars as pl

from api.services.kinds_of_post import post_outlook
from api.services.matching import FEWEST_CANDIDATES, simulated_sides
from api.services.profile import all_facts
from api.services.world import World
from engine.candidate_places import CandidatePlaces, candidate_places
from engine.candidates import Candidate
from engine.partner_scores import with_partner_scores
from engine.posts import Post
from engine.preferences import PARTNER_JOBS
from features.errors import UnknownKeyError
from features.indicators.partner_access import partner_access

MOST_OUTLOOKS = 20
"""Posts at the top of a list that tell how long doctors stay in posts like them."""


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """A doctor's own answer, and the posts it names.

    Numbers of vacant lists are public and real; the terms of the posts are simulated. ``has_jobs_by_occupation`` tells
    whether a partner's own occupation counts, or jobs of all kinds stand in for it.
    """

    places: CandidatePlaces
    posts: dict[str, Post]
    has_jobs_by_occupation: bool


def vacant_posts(world: World, today: date) -> dict[str, Post]:
    """Posts of the lists without a GP by their identifiers: the same as in a round with the run's seed."""
    posts = simulated_sides(world, candidates=FEWEST_CANDIDATES, seed=world.run.seed, today=today)[1]
    return {post.post_id: post for post in posts}


def vacant_post(world: World, post_id: str, today: date) -> Post:
    """One of the posts.

    Raises
    ------
    UnknownKeyError
        If there is no such post.
    """
    posts = vacant_posts(world, today)
    if post_id not in posts:
        raise UnknownKeyError("post", post_id, tuple(posts))
    return posts[post_id]


def has_jobs_by_occupation(world: World) -> bool:
    """Whether the snapshot tells of jobs by occupation group."""
    return bool(_scores(WorldKey(world))["factor"].str.starts_with(f"{PARTNER_JOBS}.").any())


def own_places(world: World, candidate: Candidate, today: date) -> OwnPlaces:
    """The best municipalities and posts for one doctor, with reasons, and what fits but for one thing.

    Raises
    ------
    UnknownKeyError
        If a factor is weighed that has no scores.
    """
    posts = vacant_posts(world, today)
    found = candidate_places(candidate, tuple(posts.values()), _scores(WorldKey(world)), today)
    facts = {place.code: place for place in all_facts(world)}
    told = {
        placed.post_id: post_outlook(world, posts[placed.post_id], facts[placed.municipality_code])
        for placed in found.posts[:MOST_OUTLOOKS]
    }
    placed = tuple(replace(placed, outlook=told.get(placed.post_id)) for placed in found.posts)
    return OwnPlaces(replace(found, posts=placed), posts, has_jobs_by_occupation(world))


@dataclass(frozen=True, slots=True)
class WorldKey:
    """A world that is equal to another of the same run."""

    world: World

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorldKey) and self.world.run == other.world.run

    def __hash__(self) -> int:
        return hash(self.world.run)


@lru_cache(maxsize=2)
def _scores(key: WorldKey) -> pl.DataFrame:
    return with_partner_scores(key.world.scores.factors, partner_access(key.world.snapshot))
