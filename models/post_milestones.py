"""Survival and causes of ends at a few years, for one post or the average of several."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.contract_causes import post_incidence
from models.retention import RetentionModel
from models.uncertainty import survival_interval

Floats = NDArray[np.float64]
MILESTONE_YEARS: tuple[float, ...] = (1.0, 3.0, 5.0, 10.0)
_STEP_YEARS = 0.25


@dataclass(frozen=True, slots=True)
class CauseShare:
    """Share (0-1) of contracts that have ended of a cause, with its 90 % interval."""

    cause: str
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Milestone:
    """Survival after some years, and what the others ended of.

    Attributes
    ----------
    years : float
        Counted from the years already stayed.
    survival, lower, upper : float or None
        Share (0-1) that lasts beyond, with its interval; None beyond the longest duration observed.
    causes : tuple of CauseShare
        The shares sum with ``survival`` to 1. Empty beyond what was observed, and where the spells tell no causes.
    """

    years: float
    survival: float | None
    lower: float | None
    upper: float | None
    causes: tuple[CauseShare, ...]


def milestones_of(
    model: RetentionModel, posts: pl.DataFrame, weights: Floats, *, stayed_years: float = 0.0
) -> tuple[Milestone, ...]:
    """Return survival and causes of the weighted average of posts at `MILESTONE_YEARS`.

    Parameters
    ----------
    model : RetentionModel
        Trained model.
    posts : DataFrame, n rows
        The model's covariates at the contract's start.
    weights : ndarray, shape (n,)
        Sum to 1.
    stayed_years : float
        Years already stayed in each post.
    """
    left = float(model.hazard.breaks_[-1]) - stayed_years
    seen = [years for years in MILESTONE_YEARS if years <= left + 1e-9]
    beyond = tuple(Milestone(years, None, None, None, ()) for years in MILESTONE_YEARS if years not in seen)
    if not seen:
        return beyond
    times = np.arange(round(seen[-1] / _STEP_YEARS) + 1, dtype=np.float64) * _STEP_YEARS
    at = [round(years / _STEP_YEARS) for years in seen]
    curves = np.stack(
        [
            weights @ hazard.predict_survival_function(posts, times, stayed_years=stayed_years)
            for hazard in (model.hazard, *model.members)
        ]
    )
    lower, upper = survival_interval(curves[0], curves[1:])
    causes = _causes(model, posts, weights, times, stayed_years)[at] if model.causes else [()] * len(at)
    reached = (
        Milestone(years, float(curves[0, place]), float(lower[place]), float(upper[place]), tuple(shares))
        for years, place, shares in zip(seen, at, causes, strict=True)
    )
    return (*reached, *beyond)


def _causes(
    model: RetentionModel, posts: pl.DataFrame, weights: Floats, times: Floats, stayed_years: float
) -> NDArray[np.object_]:
    """Return a `CauseShare` for each time and cause."""
    assert model.causes is not None
    mixes = (model.causes, *model.cause_members)
    hazards = (model.hazard, *model.members)
    drawn = np.stack(
        [
            np.tensordot(weights, post_incidence(hazard, mix, posts, times, stayed_years=stayed_years), axes=1)
            for hazard, mix in zip(hazards, mixes, strict=True)
        ]
    )
    shares = np.empty(drawn.shape[1:], dtype=object)
    for place, cause in enumerate(model.causes.causes):
        free = 1 - drawn[:, :, place]  # falls from 1 as a survival curve does
        lower, upper = survival_interval(free[0], free[1:])
        for time in range(times.size):
            shares[time, place] = CauseShare(
                cause, float(drawn[0, time, place]), 1 - float(upper[time]), 1 - float(lower[time])
            )
    return shares
