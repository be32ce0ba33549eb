"""Retention: forecasts for described posts and the model's quality. All careers behind it are simulated."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.routes.answers import WHOLE_NUMBER, Answer, CurrentWorld, problems
from models.band_medians import BandMedian
from models.departure import DepartureAfterTraining, departure_after_training
from models.forecast import PostProfile, RetentionForecast, forecast_post
from models.quality_report import QualityReport

router = APIRouter(prefix="/retention", tags=["retention"])


class Post(BaseModel):
    """A post; nothing about a person."""

    model_config = ConfigDict(extra="forbid", strict=True)

    population: Annotated[float, Field(gt=0, le=2_000_000, description="Inhabitants of the municipality")]
    centrality_class: Annotated[int, Field(ge=1, le=6, description="SSB's class, 1 is most central"), WHOLE_NUMBER]
    list_length: Annotated[
        float, Field(gt=0, le=5000, description="Inhabitants on the list; does not move the forecast")
    ]
    contract_form: Literal["self_employed", "cooperation_contract_8_2", "salaried"]


class TrainingPost(Post):
    """A post taken by a trainee."""

    years_since_specialist: Annotated[float, Field(ge=-6, lt=0, description="Years until specialist, negative")]
    within_years: Annotated[float, Field(gt=0, le=5, description="Years counted from the specialist date")] = 2.0


class PostDescription(Post):
    """A post and the formal career stage of a doctor who takes it."""

    years_since_specialist: Annotated[
        float, Field(ge=-10, le=45, description="At the start; negative: years until a trainee is a specialist")
    ]
    stayed_years: Annotated[float, Field(ge=0, le=12, description="Years already stayed in the post")] = 0.0


@dataclass(frozen=True, slots=True)
class RetentionSummary:
    """Median years in post by size of municipality, beside the published ones, and quality on held-out contracts."""

    is_simulated: bool
    contracts: int
    medians: tuple[BandMedian, ...]
    quality: QualityReport


@router.get("")
def retention_summary(world: CurrentWorld) -> Answer[RetentionSummary]:
    """Median years in post by size of municipality: model, Kaplan-Meier and published; careers are simulated."""
    model = world.retention
    return Answer(run=world.run, data=RetentionSummary(model.is_simulated, model.spells, model.bands, model.quality))


@router.post("/departures", responses=problems(400, 422))
def departure(world: CurrentWorld, post: TrainingPost) -> Answer[DepartureAfterTraining]:
    """Which share leaves within some years of becoming a specialist in the post; it rests on a stated assumption."""
    described = post.model_dump(exclude={"within_years"})
    found = departure_after_training(world.retention, PostProfile(**described), within_years=post.within_years)
    return Answer(run=world.run, data=found)


@router.post("/forecasts", responses=problems(400, 422))
def forecast(world: CurrentWorld, post: PostDescription) -> Answer[RetentionForecast]:
    """How long a doctor stays in a post like the one described, with intervals; careers are simulated."""
    described = post.model_dump(exclude={"stayed_years"})
    return Answer(
        run=world.run,
        data=forecast_post(world.retention, PostProfile(**described), stayed_years=post.stayed_years),
    )
