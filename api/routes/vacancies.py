"""Vacant posts: real numbers of lists without a GP with simulated terms, and how simulated doctors see each post."""

from datetime import UTC, datetime

from fastapi import APIRouter

from api.routes.answers import Answer, CurrentWorld, problems
from api.services.local_data import norwegian_day
from api.services.match_answers import PostAnswer
from api.services.places import vacant_posts
from api.services.vacancies import doctors_view
from engine.posts import Post

router = APIRouter(prefix="/posts", tags=["posts"])


@router.get("")
def vacant(world: CurrentWorld) -> Answer[tuple[Post, ...]]:
    """One post per municipality with lists without a GP; `capacity` is real, `simulated_fields` names what is not."""
    posts = vacant_posts(world, norwegian_day(datetime.now(UTC)))
    return Answer(run=world.run, data=tuple(posts.values()))


@router.get("/{post_id}/attractiveness", responses=problems(404, 422))
def attractiveness(world: CurrentWorld, post_id: str) -> Answer[PostAnswer]:
    """How many simulated doctors qualify for a post, rank it, have it among their best, get it, and what changes that.

    The mean of several simulated rounds. Figures behind which there are fewer than five doctors, or that a change of
    fewer than five made, are null. The first answer about a post takes some seconds.
    """
    return Answer(run=world.run, data=doctors_view(world, post_id, norwegian_day(datetime.now(UTC))))
