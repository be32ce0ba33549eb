"""Why a forecast is what it is: what each covariate adds to the mean years in post, exactly and for any estimator."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.errors import InvalidInputError
from models.hazard_estimator import HazardEstimator
from models.shapley import coalition_worths, game_values

MOST_COVARIATES = 10
_BACKGROUND = 50


@dataclass(frozen=True, slots=True)
class Contributions:
    """What each covariate adds to the forecast of one post, in mean years up to a horizon.

    Attributes
    ----------
    years : dict of str to float
        Added years (< 0: taken away) per covariate; with ``expected_years`` they add up to ``forecast_years``.
    expected_years : float
        Mean forecast of the background: what one would say of a post of which nothing is known.
    forecast_years : float
        The model's restricted mean for the post.
    horizon : float
        Years at which counting stops.
    """

    years: dict[str, float]
    expected_years: float
    forecast_years: float
    horizon: float


def forecast_contributions(
    model: HazardEstimator,
    row: pl.DataFrame,
    background: pl.DataFrame,
    horizon: float,
    *,
    most_background: int = _BACKGROUND,
    seed: int = 0,
) -> Contributions:
    """Return exact Shapley values of one forecast of the restricted mean.

    The worth of some covariates is the mean forecast of posts that have them from the row and the others from a
    sample of the background (interventional Shapley values). All 2^k sets are evaluated; nothing is drawn but
    the sample. It explains the model, not what would happen to a post.

    Parameters
    ----------
    model : fitted HazardEstimator
        Any, of at most 10 covariates.
    row : DataFrame
        One post.
    background : DataFrame
        Posts to compare with, such as those of the fit or the peer group.
    horizon : float
        Years at which counting stops, > 0, at most the longest duration of the fit.
    most_background, seed : int, int
        Size of the sample of the background, and its seed.

    Raises
    ------
    InvalidInputError
        If there is not one row, no background, more than 10 covariates, or the horizon is beyond what was observed.

    References
    ----------
    Shapley 1953, Ann Math Stud 28:307-317. Lundberg and Lee 2017, NeurIPS 30. Janzing, Minorics and Blöbaum 2020,
    AISTATS 108:2907-2916 (why interventional).

    Examples
    --------
    >>> from models.hazard import DiscreteTimeHazard
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200, "noise": [0.0, 0.0, 1.0, 1.0] * 100})
    >>> y = survival_outcome([True] * 400, [1.0, 4.0, 1.0, 4.0] * 100)
    >>> found = forecast_contributions(DiscreteTimeHazard(n_estimators=100).fit(X, y), X[:1], X, 4.0)
    >>> bool(found.years["population"] < -0.5), round(found.years["noise"], 6)
    (True, 0.0)
    """
    names = model._names()
    if row.height != 1:
        raise InvalidInputError("row", f"{row.height} rows", "one post")
    if not background.height:
        raise InvalidInputError("background", "no rows", "posts to compare with")
    if len(names) > MOST_COVARIATES:
        raise InvalidInputError("covariates", len(names), f"at most {MOST_COVARIATES}: every set of them is evaluated")
    sample = background.select(names)
    if sample.height > most_background:
        chosen = np.random.default_rng(seed).choice(sample.height, size=most_background, replace=False)
        sample = sample[np.sort(chosen)]
    own = row.select(names).cast(sample.schema)
    worth = coalition_worths(
        lambda rows: model.predict_restricted_mean(rows, horizon)[None, :],
        own,
        sample,
        np.full(sample.height, 1 / sample.height),
    )
    years = game_values(worth)[0].tolist()
    return Contributions(dict(zip(names, years, strict=True)), float(worth[0, 0]), float(worth[0, -1]), horizon)
