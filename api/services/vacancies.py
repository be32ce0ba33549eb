"""Vacant posts as doctors see them: who wants them, what would change that, and how long doctors stay."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock

from api.services.kinds_of_post import kept_forecast, post_profile
from api.services.match_answers import PostAnswer, explain_post
from api.services.places import WorldKey, vacant_post
from api.services.profile import MunicipalityFacts, all_facts
from api.services.world import World
from api.settings import DEFAULT_CANDIDATES, DEFAULT_LOTTERY_SEED
from engine.candidates import ContractForm
from engine.posts import Post
from models.forecast import RetentionForecast

ONE_AT_A_TIME = Lock()
"""The rounds behind one post take seconds of a processor; a second reader waits and then finds them kept."""


@dataclass(frozen=True, slots=True)
class VacantPost:
    """A vacant post and its municipality. The number of places is public and real, the terms are simulated."""

    post: Post
    facts: MunicipalityFacts


@dataclass(frozen=True, slots=True)
class FormStay:
    """How long contracts of one form last in posts of this kind, for a doctor who is a specialist from the start."""

    form: ContractForm
    forecast: RetentionForecast


def vacancy(world: World, post_id: str, today: date) -> VacantPost:
    """One vacant post.

    Raises
    ------
    UnknownKeyError
        If there is no such post.
    """
    post = vacant_post(world, post_id, today)
    facts = next(place for place in all_facts(world) if place.code == post.municipality_code)
    return VacantPost(post, facts)


def stays_by_form(world: World, facts: MunicipalityFacts) -> tuple[FormStay, ...]:
    """Forecasts for the kind of post under each form of contract that can be forecast."""
    profiles = {form: post_profile(world, facts, form) for form in ContractForm}
    return tuple(
        FormStay(form, kept_forecast(world.retention, profile))
        for form, profile in profiles.items()
        if profile is not None
    )


def doctors_view(world: World, post_id: str, today: date) -> PostAnswer:
    """How simulated doctors see a post, and what each lever would change; kept for the run and the day.

    Raises
    ------
    UnknownKeyError
        If there is no such post.
    """
    vacant_post(world, post_id, today)
    with ONE_AT_A_TIME:
        return _doctors_view(WorldKey(world), post_id, today)


@lru_cache(maxsize=256)
def _doctors_view(key: WorldKey, post_id: str, today: date) -> PostAnswer:
    return explain_post(
        key.world,
        post_id,
        candidates=DEFAULT_CANDIDATES,
        lottery_seed=DEFAULT_LOTTERY_SEED,
        seed=key.world.run.seed,
        today=today,
    )
