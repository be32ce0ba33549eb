"""Answers what municipalities ask: whether finished specialists leave."""

from dataclasses import dataclass, replace

import numpy as np

from features.errors import InvalidInputError
from models.assumption import Assumption
from models.forecast import PostProfile, covariates_of
from models.hazard import DiscreteTimeHazard
from models.piecewise import Floats
from models.retention import RetentionModel
from models.uncertainty import INTERVAL_COVERAGE, survival_interval


@dataclass(frozen=True, slots=True)
class DepartureAfterTraining:
    """Who leaves within some years after becoming a specialist in the post, and who would have left anyway.

    Attributes
    ----------
    profile : PostProfile
        The post, and the years until the trainee is a specialist.
    specialist_at_years : float
        Years from the contract's start to the specialist date; everything is given that the doctor is still there.
    within_years : float
        Years counted from the specialist date.
    share, share_lower, share_upper : float
        Share (0-1) that leaves within those years, with its interval.
    share_low_assumption, share_high_assumption : float or None
        The same with the assumption at the lower and the upper end of its range; None for observed spells.
    comparison_share, comparison_lower, comparison_upper : float
        Share that leaves in the same years of the contract among doctors who were specialists when they came to the
        same post.
    comparison_share_low_assumption, comparison_share_high_assumption : float or None
        The comparison at the ends of the range: calibration to the published medians moves it, too.
    assumption : Assumption or None
        What the difference between share and comparison rests on; None for observed spells.
    coverage : float
        Nominal coverage of the intervals: sampling error alone, not the assumption, whose ends stand beside.
    is_simulated : bool
        Whether the answer must be shown as simulated.
    """

    profile: PostProfile
    specialist_at_years: float
    within_years: float
    share: float
    share_lower: float
    share_upper: float
    share_low_assumption: float | None
    share_high_assumption: float | None
    comparison_share: float
    comparison_lower: float
    comparison_upper: float
    comparison_share_low_assumption: float | None
    comparison_share_high_assumption: float | None
    assumption: Assumption | None
    coverage: float
    is_simulated: bool


def departure_after_training(
    model: RetentionModel, profile: PostProfile, within_years: float = 2.0
) -> DepartureAfterTraining:
    """Return which share of the doctors who become specialists in a post leaves soon after.

    It is no forecast for a person, and of a simulated model no finding: the difference to doctors hired as
    specialists is what ``model.assumption`` puts in. With the assumption at 1.0 the two shares are about equal.

    Parameters
    ----------
    model : RetentionModel
        Trained model.
    profile : PostProfile
        A post with a trainee: ``years_since_specialist`` below 0 at the contract's start.
    within_years : float
        Years after the specialist date, > 0.

    Raises
    ------
    InvalidInputError
        If the profile is a specialist's, or the years reach beyond the longest duration that the model observed.

    Examples
    --------
    >>> from models.mix import national_mix
    >>> from models.retention import train_retention_model
    >>> model = train_retention_model(national_mix(), seed=1, contracts=3000, members=2)
    >>> answer = departure_after_training(model, PostProfile(12_000, 4, 900, "self_employed", -3.0))
    >>> answer.share_low_assumption < answer.share < answer.share_high_assumption
    True
    """
    if not profile.years_since_specialist < 0:
        raise InvalidInputError(
            "years_since_specialist", profile.years_since_specialist, "years below 0: a doctor still in training"
        )
    stayed = -profile.years_since_specialist
    longest = float(model.hazard.breaks_[-1]) - stayed
    if not 0 < within_years <= longest:
        raise InvalidInputError("within_years", within_years, f"years above 0, at most {longest:g} for this post")
    hired = replace(profile, years_since_specialist=0.0)
    share, comparison = (_share_with_interval(model, post, stayed, within_years) for post in (profile, hired))
    low, high = model.hazard_low_assumption, model.hazard_high_assumption
    return DepartureAfterTraining(
        profile=profile,
        specialist_at_years=stayed,
        within_years=within_years,
        share=share[0],
        share_lower=share[1],
        share_upper=share[2],
        share_low_assumption=None if low is None else 1 - _staying(low, profile, stayed, within_years),
        share_high_assumption=None if high is None else 1 - _staying(high, profile, stayed, within_years),
        comparison_share=comparison[0],
        comparison_lower=comparison[1],
        comparison_upper=comparison[2],
        comparison_share_low_assumption=None if low is None else 1 - _staying(low, hired, stayed, within_years),
        comparison_share_high_assumption=None if high is None else 1 - _staying(high, hired, stayed, within_years),
        assumption=model.assumption,
        coverage=INTERVAL_COVERAGE,
        is_simulated=model.is_simulated,
    )


def _share_with_interval(
    model: RetentionModel, profile: PostProfile, stayed_years: float, within_years: float
) -> tuple[float, float, float]:
    staying = _staying(model.hazard, profile, stayed_years, within_years)
    drawn: Floats = np.array([[_staying(member, profile, stayed_years, within_years)] for member in model.members])
    lower, upper = survival_interval(np.array([staying]), drawn)
    return 1 - staying, 1 - float(upper[0]), 1 - float(lower[0])


def _staying(hazard: DiscreteTimeHazard, profile: PostProfile, stayed_years: float, within_years: float) -> float:
    post = covariates_of(profile)
    return float(hazard.predict_survival_function(post, [within_years], stayed_years=stayed_years)[0, 0])
