"""Forecasts for described posts, against the posts of the municipalities; nothing about persons is taken in."""

from collections.abc import Iterable
from functools import lru_cache

import polars as pl

from api.errors import PersonFieldError, UnknownPostFieldError
from api.services.chain import municipality_mix
from api.services.world import World
from engine.protected_fields import protected_fields
from models.forecast import PostProfile
from models.post_forecast import PostForecast, post_forecast
from models.retention import RetentionModel

FIELDS = (
    "population",
    "centrality_class",
    "contract_form",
    "years_since_specialist",
    "stayed_years",
    "list_length",
)
"""What a post is described with."""

Rows = tuple[tuple[str, float, int, float], ...]


def refuse_unknown_fields(names: Iterable[str] | dict[str, object]) -> None:
    """Raise if a description names a person, a protected ground, or something that posts do not have.

    Raises
    ------
    PersonFieldError, UnknownPostFieldError
        With the reason.
    """
    if found := protected_fields(names):
        raise PersonFieldError(found)
    if unknown := [name for name in names if name not in FIELDS]:
        raise UnknownPostFieldError(unknown[0], FIELDS)


def answer_for(world: World, profile: PostProfile, stayed_years: float = 0.0) -> PostForecast:
    """The forecast for a post, set against the country's posts; kept, as the same posts are asked about again."""
    rows: Rows = tuple(municipality_mix(world.snapshot).sort("municipality_code").iter_rows())
    return _kept(world.retention, rows, profile, stayed_years)


@lru_cache(maxsize=256)
def _kept(model: RetentionModel, rows: Rows, profile: PostProfile, stayed_years: float) -> PostForecast:
    columns = ["municipality_code", "population", "centrality_class", "lists"]
    return post_forecast(
        model, profile, stayed_years=stayed_years, mix=pl.DataFrame(rows, schema=columns, orient="row")
    )
