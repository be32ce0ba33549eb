"""Kinds of posts: places of one size and one centrality class, so that a forecast never is about one municipality."""

from functools import lru_cache

import polars as pl

from api.services.profile import MunicipalityFacts
from api.services.world import World
from engine.candidates import ContractForm
from engine.post_outlook import PostOutlook
from engine.posts import Post
from features.indicators.observations import population_of
from features.peers import population_band
from models.forecast import PostProfile, RetentionForecast, forecast_post
from models.post_forecast import median_span
from models.posts import CONTRACT_FORMS
from models.retention import RetentionModel

SOURCE = "models.retention: discrete-time hazard of contracts, a newly finished specialist"


def typical_population(world: World, facts: MunicipalityFacts) -> float:
    """Middle number of inhabitants of the municipalities in the same band and centrality class."""
    places = world.snapshot.municipalities.join(population_of(world.snapshot), on="municipality_code")
    alike = places.filter(
        population_band(pl.col("population")) == facts.population_band,
        pl.col("centrality_class") == facts.centrality_class,
    )
    return float(alike.select(pl.col("population").median()).item())


def post_profile(world: World, facts: MunicipalityFacts, form: ContractForm) -> PostProfile | None:
    """Kind of post that a forecast is made for; None under a contract that no published figure tells the stay of."""
    if form not in CONTRACT_FORMS:
        return None
    return PostProfile(typical_population(world, facts), facts.centrality_class, None, form.value, 0.0)


def post_outlook(world: World, post: Post, facts: MunicipalityFacts) -> PostOutlook | None:
    """How long doctors stay in posts like this; None where nothing can be said."""
    profile = post_profile(world, facts, post.contract_form)
    if profile is None:
        return None
    forecast = kept_forecast(world.retention, profile)
    span = median_span(forecast)
    if span is None:
        return None
    return PostOutlook(post.post_id, span.lower, span.upper, forecast.is_simulated, SOURCE)


@lru_cache(maxsize=128)
def kept_forecast(model: RetentionModel, profile: PostProfile) -> RetentionForecast:
    """Forecast for a kind of post; kept, as there are few kinds."""
    return forecast_post(model, profile)
