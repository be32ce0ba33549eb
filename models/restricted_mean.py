"""Mean years in post up to a horizon."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.hazard import DiscreteTimeHazard
from models.uncertainty import survival_interval

Floats = NDArray[np.float64]
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class MeanYears:
    """Mean further years in post, counting no more than `horizon_years` of any contract, with its 90 % interval."""

    years: float
    lower: float
    upper: float
    horizon_years: float


def restricted_mean(
    hazard: DiscreteTimeHazard, posts: pl.DataFrame, horizon_years: float, *, stayed_years: float = 0.0
) -> Floats:
    """Return the mean further years in each post, counting no more than the horizon of any contract.

    It is the area under the survival curve up to the horizon, exact for a hazard that is constant between the model's
    borders. It is *not* the mean duration, which a model of thirteen years of observation cannot know.

    Parameters
    ----------
    hazard : DiscreteTimeHazard
        Fitted.
    posts : DataFrame, n rows
        Covariates at the contract's start.
    horizon_years : float
        Years from ``stayed_years``, > 0; the two together within what the model observed.
    stayed_years : float
        Years already stayed; the mean is given that.

    Returns
    -------
    ndarray, shape (n,)
        Years, above 0 and at most the horizon.

    References
    ----------
    Royston and Parmar 2013, BMC Med Res Methodol 13:152.

    Examples
    --------
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200})
    >>> y = pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 4.0] * 200, "event": True})
    >>> model = DiscreteTimeHazard(interval_years=1.0).fit(X, y)
    >>> small, large = restricted_mean(model, X[:2], 4.0)
    >>> bool(0 < small < large < 4)
    True
    """
    borders = np.asarray(hazard.breaks_, dtype=np.float64) - stayed_years
    within = borders[(borders > 0) & (borders < horizon_years)]
    times = np.concatenate([[0.0], within, [horizon_years]])
    survival = hazard.predict_survival_function(posts, times, stayed_years=stayed_years)
    return area_under(times, survival)


def restricted_means(
    hazards: Sequence[DiscreteTimeHazard], posts: pl.DataFrame, horizon_years: float, *, stayed_years: float = 0.0
) -> Floats:
    """Return `restricted_mean` by each of several hazards, shape (hazards, posts)."""
    return np.stack([restricted_mean(each, posts, horizon_years, stayed_years=stayed_years) for each in hazards])


def mean_with_interval(years: Floats, horizon_years: float) -> MeanYears:
    """Return a restricted mean with its interval; the model's own first, then those of its members.

    As a share of the horizon it lies between 0 and 1, where the interval of a survival curve fits.
    """
    share = years / horizon_years
    lower, upper = survival_interval(share[:1], share[1:, None])
    return MeanYears(float(years[0]), horizon_years * float(lower[0]), horizon_years * float(upper[0]), horizon_years)


def area_under(times_years: Floats, survival: Floats) -> Floats:
    """Return the area under curves whose hazard is constant between the times.

    Examples
    --------
    >>> area_under(np.array([0.0, 2.0]), np.array([[1.0, np.exp(-1.0)], [1.0, 1.0]])).round(3).tolist()
    [1.264, 2.0]
    """
    before, after = survival[:, :-1], survival[:, 1:]
    fall = np.log(np.maximum(before, _TINY)) - np.log(np.maximum(after, _TINY))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_height = np.where(fall > 1e-6, (before - after) / fall, (before + after) / 2)
    area: Floats = (mean_height * np.diff(times_years)).sum(axis=1)
    return area
