"""Mean years in post up to a horizon, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.hazard_estimator import HazardEstimator
from models.outcome import Floats
from models.uncertainty import survival_interval


@dataclass(frozen=True, slots=True)
class MeanYears:
    """Mean further years in post, counting no more than `horizon_years` of any contract, with its 90 % interval.

    It is the area under the survival curve up to the horizon, and *not* the mean duration, which a model of thirteen
    years of observation cannot know.

    References
    ----------
    Royston and Parmar 2013, BMC Med Res Methodol 13:152.
    """

    years: float
    lower: float
    upper: float
    horizon_years: float


def restricted_means(
    hazards: Sequence[HazardEstimator], posts: pl.DataFrame, horizon_years: float, *, stayed_years: float = 0.0
) -> Floats:
    """Return the mean further years in each post by each of several hazards, shape (hazards, posts).

    Parameters
    ----------
    hazards : sequence of fitted HazardEstimator
        The model's own, and those of its members.
    posts : DataFrame
        Covariates at the contract's start.
    horizon_years : float
        Years from ``stayed_years``, > 0; the two together within what the models observed.
    stayed_years : float
        Years already stayed; the mean is given that.
    """
    return np.stack([each.predict_restricted_mean(posts, horizon_years, stayed_years=stayed_years) for each in hazards])


def mean_with_interval(years: Floats, horizon_years: float) -> MeanYears:
    """Return a restricted mean with its interval; the model's own first, then those of its members.

    As a share of the horizon it lies between 0 and 1, where the interval of a survival curve fits.
    """
    share = years / horizon_years
    lower, upper = survival_interval(share[:1], share[1:, None])
    return MeanYears(float(years[0]), horizon_years * float(lower[0]), horizon_years * float(upper[0]), horizon_years)
