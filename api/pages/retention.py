"""How long contracts last in posts of a kind: one size of place and one centrality class, never one municipality."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from api.pages.national import national_figures
from api.services.kinds_of_post import typical_population
from api.services.profile import MunicipalityFacts
from api.services.world import World
from models.band_medians import BandMedian
from models.calibration import national_calibration
from models.departure import DepartureAfterTraining, departure_after_training
from models.forecast import PostProfile, RetentionForecast, forecast_post
from models.posts import CONTRACT_FORMS
from models.retention import RetentionModel

HORIZON_YEARS = 10.0

YEARS_TO_SPECIALIST = 2

DEPARTURE_YEARS = 2.0
"""Years after the specialist date within which departures are counted."""

TABLE_YEARS = (0, 1, 2, 3, 4, 5, 7, 10)
"""Years that the table beside the chart shows."""

Stage = Literal["specialist", "trainee"]

STAGES: dict[Stage, float] = {"specialist": 0.0, "trainee": -float(YEARS_TO_SPECIALIST)}


@dataclass(frozen=True, slots=True)
class KindOfPost:
    """A kind of post: typical inhabitants of its band and class, and the band's commonest contract form."""

    population: float
    population_band: str
    centrality_class: int
    list_length: float
    contract_form: str


@dataclass(frozen=True, slots=True)
class RetentionView:
    """Forecasts for a kind of post, for a specialist new in it and for a trainee, and who leaves after the training.

    `forms` are forecasts for a specialist new in such a post, by contract form. `published` are the medians that the
    simulation is adjusted to.
    """

    kind: KindOfPost
    forecasts: dict[Stage, RetentionForecast]
    forms: dict[str, RetentionForecast]
    departure: DepartureAfterTraining
    published: tuple[BandMedian, ...]

    def at(self, stage: Stage, year: float) -> tuple[float, float, float]:
        """Share (0-1) of contracts that last beyond a year, with its bounds."""
        return _at(self.forecasts[stage], year)

    def of_form(self, form: str, year: float) -> tuple[float, float, float]:
        """The same for a specialist new in a post with a contract form."""
        return _at(self.forms[form], year)


def _at(forecast: RetentionForecast, year: float) -> tuple[float, float, float]:
    step = min(range(len(forecast.times_years)), key=lambda number: abs(forecast.times_years[number] - year))
    return forecast.survival[step], forecast.lower[step], forecast.upper[step]


def kind_of_post(world: World, facts: MunicipalityFacts) -> KindOfPost:
    """The kind of post that a municipality offers: every municipality of its band and class gets the same."""
    salaried = national_calibration().salaried_share[facts.population_band].value
    return KindOfPost(
        population=typical_population(world, facts),
        population_band=facts.population_band,
        centrality_class=facts.centrality_class,
        list_length=round(national_figures(world.snapshot).list_length_mean),
        contract_form="salaried" if salaried > 0.5 else "self_employed",
    )


@lru_cache(maxsize=64)
def retention_view(model: RetentionModel, kind: KindOfPost) -> RetentionView:
    """Forecasts for a kind of post; kept, as there are at most thirty kinds."""
    posts = {stage: _post(kind, years) for stage, years in STAGES.items()}
    return RetentionView(
        kind,
        {stage: forecast_post(model, post, horizon_years=HORIZON_YEARS) for stage, post in posts.items()},
        {
            form: forecast_post(model, replace(posts["specialist"], contract_form=form), horizon_years=HORIZON_YEARS)
            for form in CONTRACT_FORMS
        },
        departure_after_training(model, posts["trainee"], within_years=DEPARTURE_YEARS),
        tuple(band for band in model.bands if band.published is not None),
    )


def _post(kind: KindOfPost, years_since_specialist: float) -> PostProfile:
    return PostProfile(
        population=kind.population,
        centrality_class=kind.centrality_class,
        list_length=kind.list_length,
        contract_form=kind.contract_form,
        years_since_specialist=years_since_specialist,
    )
