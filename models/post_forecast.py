"""The whole answer to "how long do doctors stay in a post like this": curve, mean, causes, drivers and peers."""

from dataclasses import dataclass
from functools import partial
from math import ceil, floor
from typing import Final, Literal

import numpy as np
import polars as pl

from models.forecast import PostProfile, RetentionForecast, covariates_of, forecast_post
from models.mix import national_mix
from models.post_drivers import Driver, drivers_of
from models.post_milestones import Milestone, milestones_of
from models.post_mix import cells_of, posts_of
from models.post_peers import PeerForecast, peer_forecast
from models.restricted_mean import MeanYears, mean_with_interval, restricted_means
from models.retention import RetentionModel, with_career_stage

HORIZON_YEARS: Final = 10.0
Caution = Literal["list_length_moves_nothing", "simulated", "posts_not_persons"]


@dataclass(frozen=True, slots=True)
class YearSpan:
    """Whole years around the time by which half of the contracts have ended; `upper` None beyond what was observed."""

    lower: int
    upper: int | None


@dataclass(frozen=True, slots=True)
class PostForecast:
    """How long a doctor stays in a post like this, and what the model lets it depend on.

    It is a statement about posts and the formal career stage, never a score of a person, and may rank nobody.

    Attributes
    ----------
    forecast : RetentionForecast
        Curve with interval, and median.
    milestones : tuple of Milestone
        Survival and causes at 1, 3, 5 and 10 further years; None beyond what was observed.
    mean : MeanYears
        Restricted mean up to ten years, or up to the longest observed where that is nearer.
    span : YearSpan or None
        The median's interval in whole years, outward, for one plain sentence ("4-7 years"); None where even its lower
        bound is beyond what was observed.
    drivers : tuple of Driver
        Shapley values of the post's fields; they sum to ``mean.years - background_mean_years``.
    background_mean_years : float
        Restricted mean of the country's posts, each given that the doctor has stayed as long.
    peers : PeerForecast
        The same for posts in places of the same kind.
    cautions : tuple of str
        Reason codes of what must be said beside the forecast; ``list_length_moves_nothing`` if a list length was given.
    """

    forecast: RetentionForecast
    milestones: tuple[Milestone, ...]
    mean: MeanYears
    span: YearSpan | None
    drivers: tuple[Driver, ...]
    background_mean_years: float
    peers: PeerForecast
    cautions: tuple[Caution, ...]


def post_forecast(
    model: RetentionModel, profile: PostProfile, *, stayed_years: float = 0.0, mix: pl.DataFrame | None = None
) -> PostForecast:
    """Return the whole forecast for a post.

    Parameters
    ----------
    model : RetentionModel
        Trained model.
    profile : PostProfile
        The post, and the career stage at the contract's start. A list length moves nothing, and the answer says so.
    stayed_years : float
        Years that a doctor has already stayed; everything is given that.
    mix : DataFrame, optional
        `models.mix.MunicipalityMix` that background and peers are taken from; by default the country's.

    Raises
    ------
    InvalidInputError
        If the years stayed lie beyond what the model observed.

    Examples
    --------
    >>> from models.retention import train_retention_model
    >>> model = train_retention_model(national_mix(), seed=1, contracts=1500, members=2)
    >>> found = post_forecast(model, PostProfile(1500, 6, None, "salaried", -1.5))
    >>> found.mean.horizon_years, found.mean.years < found.background_mean_years
    (10.0, True)
    >>> round(sum(driver.years for driver in found.drivers) + found.background_mean_years - found.mean.years, 9) + 0
    0.0
    """
    forecast = forecast_post(model, profile, stayed_years=stayed_years)
    times = np.asarray(forecast.times_years)
    horizon = min(HORIZON_YEARS, float(times[-1]))
    posts, post = posts_of(national_mix() if mix is None else mix), covariates_of(profile)
    background = cells_of(posts)
    means = partial(_means, model, horizon, stayed_years)
    return PostForecast(
        forecast=forecast,
        milestones=milestones_of(model, post, np.ones(1), stayed_years=stayed_years),
        mean=mean_with_interval(means(post)[:, 0], horizon),
        span=median_span(forecast),
        drivers=drivers_of(profile, background, means),
        background_mean_years=float(means(background)[0] @ background["weight"].to_numpy()),
        peers=peer_forecast(model, profile, posts, times, horizon, stayed_years=stayed_years),
        cautions=_cautions(model, profile),
    )


def _means(model: RetentionModel, horizon_years: float, stayed_years: float, posts: pl.DataFrame) -> np.ndarray:
    hazards = (model.hazard, *model.members)
    return restricted_means(hazards, with_career_stage(posts), horizon_years, stayed_years=stayed_years)


def median_span(forecast: RetentionForecast) -> YearSpan | None:
    """Return the whole years around a forecast's median; None where even the lower bound was not observed."""
    if forecast.median_lower is None:
        return None
    upper = None if forecast.median_upper is None else ceil(forecast.median_upper)
    return YearSpan(floor(forecast.median_lower), upper)


def _cautions(model: RetentionModel, profile: PostProfile) -> tuple[Caution, ...]:
    listed: tuple[Caution, ...] = () if profile.list_length is None else ("list_length_moves_nothing",)
    simulated: tuple[Caution, ...] = ("simulated",) if model.is_simulated else ()
    return (*listed, *simulated, "posts_not_persons")
