"""Forecasts for described posts, curves by group, and the model card. All careers behind them are simulated."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.problems import request_language
from api.routes.answers import WHOLE_NUMBER, Answer, CurrentWorld, problems
from api.services.post_forecast import answer_for, refuse_unknown_fields
from api.services.retention_curves import curves_csv, grouped_curves
from api.services.retention_report import RetentionReport, retention_report
from features.catalogue import Language
from models.forecast import PostProfile
from models.group_curves import GroupCurve, GroupName
from models.post_forecast import PostForecast

router = APIRouter(prefix="/retention", tags=["retention"])

CSV = "text/csv"


class DescribedPost(BaseModel):
    """A post, its place, and the formal career stage of a doctor who takes it; nothing about a person."""

    model_config = ConfigDict(extra="forbid", strict=True)

    population: Annotated[float, Field(gt=0, le=2_000_000, description="Inhabitants of the municipality")]
    centrality_class: Annotated[int, Field(ge=1, le=6, description="SSB's class, 1 is most central"), WHOLE_NUMBER]
    contract_form: Literal["self_employed", "cooperation_contract_8_2", "salaried"]
    years_since_specialist: Annotated[
        float, Field(ge=-10, le=45, description="At the start; negative: years until a trainee is a specialist")
    ] = 0.0
    stayed_years: Annotated[float, Field(ge=0, le=12, description="Years already stayed in the post")] = 0.0
    list_length: Annotated[
        float | None,
        Field(gt=0, le=5000, description="Inhabitants on the list; does not move the forecast, and the answer says so"),
    ] = None


async def refuse_persons(request: Request) -> None:
    """Refuse fields about persons before anything else is said about the request."""
    try:
        body = await request.json()
    except ValueError:
        return  # no JSON: what reads the body next tells so
    if isinstance(body, dict):
        refuse_unknown_fields(body)


@router.post("/posts", responses=problems(400, 422), dependencies=[Depends(refuse_persons)])
def forecast_of_post(world: CurrentWorld, post: DescribedPost) -> Answer[PostForecast]:
    """How long a doctor stays in a post like this: curve, mean, causes, drivers and peers, all with intervals.

    Fields about a person (name, sex, age, origin, family ...) are refused with the reason and the paragraph.
    """
    profile = PostProfile(**post.model_dump(exclude={"stayed_years"}))
    return Answer(run=world.run, data=answer_for(world, profile, post.stayed_years))


CURVES: dict[int | str, dict[str, Any]] = {200: {"description": "JSON, or CSV if asked for", "content": {CSV: {}}}}


@router.get("/curves", response_model=Answer[tuple[GroupCurve, ...]], responses=problems(422) | CURVES)
def curves(
    request: Request,
    world: CurrentWorld,
    by: Annotated[GroupName, Query(description="What contracts are grouped by")] = "population_band",
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format", description="Or by the Accept header")] = None,
) -> Any:  # noqa: ANN401  # an answer or a file
    """Survival by group with the numbers at risk: the model beside Kaplan-Meier; groups of five contracts or more.

    What rests on fewer than five contracts at risk is null.
    """
    asked = form or ("csv" if request.headers.get("accept", "").startswith(CSV) else "json")
    if asked == "json":
        return Answer(run=world.run, data=grouped_curves(world, by))
    name = f"stabil-{world.snapshot.version}-retention-{by}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Response(curves_csv(world, by), media_type=f"{CSV}; charset=utf-8", headers=headers)


@router.get("/report", responses=problems(422))
def report(
    request: Request,
    world: CurrentWorld,
    language: Annotated[Language | None, Query(description="Language of the sentences: nb, nn or en")] = None,
) -> Answer[RetentionReport]:
    """Model card: data, period, exclusions, quality with intervals, calibration, limits, intended and forbidden use.

    Measured on contracts in municipalities that the fit did not see, of any end and by cause. Sentences are in the
    language asked for, else that of Accept-Language.
    """
    return Answer(run=world.run, data=retention_report(world, language or request_language(request)))
