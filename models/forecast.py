"""How long a doctor stays in a post like this, in a place like this."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError
from models.assumption import Assumption
from models.hazard import DiscreteTimeHazard
from models.piecewise import curve_median
from models.posts import CONTRACT_FORMS
from models.retention import POST_COLUMNS, RetentionModel, with_career_stage
from models.uncertainty import INTERVAL_COVERAGE, survival_interval

_STEP_YEARS = 0.25
_MAX_TRAINING_YEARS = 10.0
_MAX_YEARS_SINCE = 45.0


@dataclass(frozen=True, slots=True)
class PostProfile:
    """A post and the formal career stage of a doctor who takes it; nothing about the person.

    Attributes
    ----------
    population : float
        Inhabitants of the municipality, > 0.
    centrality_class : int
        1 (most central) to 6.
    list_length : float or None
        Inhabitants on the list, > 0, if told. It describes the post and does not move the forecast: short lists are an
        answer to recruitment trouble, so a forecast that rose with the list would be read as advice to lengthen it.
    contract_form : {"self_employed", "cooperation_contract_8_2", "salaried"}
        Form of the contract.
    years_since_specialist : float
        At the contract's start; negative: years until a trainee is a specialist. Simulated careers run from -7 to 30;
        beyond that a model of simulated contracts forecasts what it does for the nearest of the two.

    Raises
    ------
    InvalidInputError
        If a value is out of range.
    """

    population: float
    centrality_class: int
    list_length: float | None
    contract_form: str
    years_since_specialist: float

    def __post_init__(self) -> None:
        for name in ("population", "list_length"):
            given = getattr(self, name)
            if not (given is None and name == "list_length") and not 0 < given < float("inf"):
                raise InvalidInputError(name, given, "a positive number of inhabitants")
        if self.centrality_class not in range(1, 7):
            raise InvalidInputError("centrality_class", self.centrality_class, "a whole number from 1 to 6")
        if self.contract_form not in CONTRACT_FORMS:
            raise InvalidInputError("contract_form", self.contract_form, f"one of {', '.join(CONTRACT_FORMS)}")
        if not -_MAX_TRAINING_YEARS <= self.years_since_specialist <= _MAX_YEARS_SINCE:
            raise InvalidInputError(
                "years_since_specialist",
                self.years_since_specialist,
                f"years between {-_MAX_TRAINING_YEARS:g} (still in training) and {_MAX_YEARS_SINCE:g}",
            )


@dataclass(frozen=True, slots=True)
class RetentionForecast:
    """Survival of a contract in a post, with intervals.

    Attributes
    ----------
    profile : PostProfile
        The post.
    stayed_years : float
        Years already stayed; everything is given that.
    times_years : tuple of float
        From 0, counted from ``stayed_years``.
    survival, lower, upper : tuple of float
        Probability (0-1) that the contract lasts beyond each time, with its interval.
    median_years, median_lower, median_upper : float or None
        Further years until the probability is one half; None where that lies beyond the longest duration observed.
    median_years_low_assumption, median_years_high_assumption : float or None
        The median where the assumption is at the lower and upper end of its range; None where not reached, and for
        observed spells.
    assumption : Assumption or None
        How much the hazard is assumed to rise at the specialist date; None for observed spells.
    coverage : float
        Nominal coverage of the intervals. They hold the sampling error of the spells, as the bootstrap shows it, and
        neither the assumptions nor the trees' pull toward the mean; see `models.uncertainty.survival_interval`.
    basis : {"simulated_contracts", "observed_spells"}
        What the model was trained on; a text key.
    is_simulated : bool
        Whether the forecast must be shown as simulated.
    """

    profile: PostProfile
    stayed_years: float
    times_years: tuple[float, ...]
    survival: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    median_years: float | None
    median_lower: float | None
    median_upper: float | None
    median_years_low_assumption: float | None
    median_years_high_assumption: float | None
    assumption: Assumption | None
    coverage: float
    basis: Literal["simulated_contracts", "observed_spells"]
    is_simulated: bool


def forecast_post(
    model: RetentionModel, profile: PostProfile, *, horizon_years: float | None = None, stayed_years: float = 0.0
) -> RetentionForecast:
    """Return the forecast for a post, in steps of a quarter of a year.

    Parameters
    ----------
    model : RetentionModel
        Trained model.
    profile : PostProfile
        The post, and the career stage at the contract's start.
    horizon_years : float, optional
        Last time shown, > 0; by default the longest that the model observed. Medians are searched up to that longest
        time in any case.
    stayed_years : float
        Years that a doctor has already stayed, >= 0: the profile still describes the contract's start.

    Raises
    ------
    InvalidInputError
        If the horizon or the years stayed lie beyond what the model observed.

    Examples
    --------
    >>> from models.mix import national_mix
    >>> from models.retention import train_retention_model
    >>> model = train_retention_model(national_mix(), seed=1, contracts=1500, members=2)
    >>> forecast = forecast_post(model, PostProfile(1500, 6, 500, "salaried", -1.5), horizon_years=5)
    >>> forecast.is_simulated, forecast.survival[0], forecast.median_years < 5
    (True, 1.0, True)
    """
    longest = float(model.hazard.breaks_[-1])
    if not 0 <= stayed_years < longest:
        raise InvalidInputError(
            "stayed_years", stayed_years, f"years from 0 to below {longest:g}, the longest observed"
        )
    left = longest - stayed_years
    shown = left if horizon_years is None else horizon_years
    if not 0 < shown <= left + 1e-9:
        raise InvalidInputError("horizon_years", horizon_years, f"years above 0, at most {left:g}")
    times = _quarters(left)
    post = covariates_of(profile)
    survival = model.hazard.predict_survival_function(post, times, stayed_years=stayed_years)[0]
    drawn = np.stack(
        [member.predict_survival_function(post, times, stayed_years=stayed_years)[0] for member in model.members]
    )
    lower, upper = survival_interval(survival, drawn)
    kept = times <= shown + 1e-9
    return RetentionForecast(
        profile=profile,
        stayed_years=stayed_years,
        times_years=tuple(times[kept].tolist()),
        survival=tuple(survival[kept].tolist()),
        lower=tuple(lower[kept].tolist()),
        upper=tuple(upper[kept].tolist()),
        median_years=curve_median(times, survival),
        median_lower=curve_median(times, lower),
        median_upper=curve_median(times, upper),
        median_years_low_assumption=_median(model.hazard_low_assumption, post, stayed_years),
        median_years_high_assumption=_median(model.hazard_high_assumption, post, stayed_years),
        assumption=model.assumption,
        coverage=INTERVAL_COVERAGE,
        basis="simulated_contracts" if model.is_simulated else "observed_spells",
        is_simulated=model.is_simulated,
    )


def _median(hazard: DiscreteTimeHazard | None, post: pl.DataFrame, stayed_years: float) -> float | None:
    if hazard is None:
        return None
    median = float(hazard.predict_median(post, stayed_years=stayed_years)[0])
    return median if np.isfinite(median) else None


def _quarters(longest_years: float) -> NDArray[np.float64]:
    steps = np.arange(int(longest_years / _STEP_YEARS + 1e-9) + 1, dtype=np.float64) * _STEP_YEARS
    rest = [longest_years] if longest_years - steps[-1] > 1e-9 else []
    return np.concatenate([steps, np.asarray(rest, dtype=np.float64)])


def covariates_of(profile: PostProfile) -> pl.DataFrame:
    """Return the one row of covariates that the model reads from a post."""
    return with_career_stage(pl.DataFrame({name: [getattr(profile, name)] for name in POST_COLUMNS}))
