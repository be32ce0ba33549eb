"""The forecast of posts in places of the same kind."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.peers import population_band
from models.forecast import PostProfile
from models.post_milestones import Milestone, milestones_of
from models.restricted_mean import MeanYears, mean_with_interval, restricted_means
from models.retention import RetentionModel, with_career_stage
from models.uncertainty import survival_interval

Floats = NDArray[np.float64]
FEWEST_LISTS = 5
PeerBasis = Literal["band_and_class", "band", "country"]


@dataclass(frozen=True, slots=True)
class PeerForecast:
    """The average forecast of the posts of a peer group: every contract form and career stage by its share.

    Attributes
    ----------
    basis : {"band_and_class", "band", "country"}
        Posts in places of the same size band and centrality class; of the same band, or of the whole country, where
        those are fewer than `FEWEST_LISTS`.
    population_band, centrality_class : str, int
        Of the post that they are peers of.
    lists : int
        Lists that the average is over.
    times_years, survival, lower, upper : tuple of float
        Curve with its interval, as in `models.forecast.RetentionForecast`.
    milestones : tuple of Milestone
        At 1, 3, 5 and 10 years.
    mean : MeanYears
        Restricted mean.
    """

    basis: PeerBasis
    population_band: str
    centrality_class: int
    lists: int
    times_years: tuple[float, ...]
    survival: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    milestones: tuple[Milestone, ...]
    mean: MeanYears


def peer_forecast(
    model: RetentionModel,
    profile: PostProfile,
    posts: pl.DataFrame,
    times_years: Floats,
    horizon_years: float,
    *,
    stayed_years: float = 0.0,
) -> PeerForecast:
    """Return the average forecast of the post's peers, each given that the doctor has stayed as long.

    Parameters
    ----------
    model : RetentionModel
        Trained model.
    profile : PostProfile
        The post whose size band and centrality class count.
    posts : DataFrame
        `models.post_mix.posts_of`.
    times_years : ndarray
        Of the curve.
    horizon_years, stayed_years : float
        As in `models.restricted_mean.restricted_means`.
    """
    band = str(pl.select(population_band(pl.lit(profile.population))).item())
    basis, alike = _peers(posts, band, profile.centrality_class)
    weights = (alike["weight"] / alike["weight"].sum()).to_numpy()
    covariates, hazards = with_career_stage(alike), (model.hazard, *model.members)
    curves = np.stack(
        [
            weights @ each.predict_survival_function(covariates, times_years, stayed_years=stayed_years)
            for each in hazards
        ]
    )
    lower, upper = survival_interval(curves[0], curves[1:])
    means = restricted_means(hazards, covariates, horizon_years, stayed_years=stayed_years) @ weights
    return PeerForecast(
        basis=basis,
        population_band=band,
        centrality_class=profile.centrality_class,
        lists=_lists(alike),
        times_years=tuple(times_years.tolist()),
        survival=tuple(curves[0].tolist()),
        lower=tuple(lower.tolist()),
        upper=tuple(upper.tolist()),
        milestones=milestones_of(model, covariates, weights, stayed_years=stayed_years),
        mean=mean_with_interval(means, horizon_years),
    )


def _peers(posts: pl.DataFrame, band: str, centrality_class: int) -> tuple[PeerBasis, pl.DataFrame]:
    same_band = posts.filter(pl.col("population_band") == band)
    alike = same_band.filter(pl.col("centrality_class") == centrality_class)
    if _lists(alike) >= FEWEST_LISTS:
        return "band_and_class", alike
    return ("band", same_band) if _lists(same_band) >= FEWEST_LISTS else ("country", posts)


def _lists(posts: pl.DataFrame) -> int:
    return round(float(posts.unique("municipality_code")["lists"].sum()))
