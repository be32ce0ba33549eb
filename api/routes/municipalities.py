"""Municipalities: the list, one profile, and the scores as CSV."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.routes.answers import Answer, CurrentWorld, problems
from api.services.profile import (
    FactorResult,
    IndicatorResult,
    MunicipalityFacts,
    MunicipalityProfile,
    Placement,
    all_facts,
    factor_table,
    municipality_profile,
)
from features.catalogue import Factor, Indicator

router = APIRouter(tags=["municipalities"])

FactorKey = Annotated[str, Query(description="Key of a factor, see /factors", max_length=60)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorPlacement(Placement):
    """Placement on the factor with this key."""

    factor: str


@dataclass(frozen=True, slots=True)
class MunicipalityItem:
    """A municipality and how it is placed on every factor."""

    facts: MunicipalityFacts
    factors: list[FactorPlacement]


@router.get("/factors")
def list_factors(world: CurrentWorld) -> Answer[list[Factor]]:
    """All factors with labels, kind and the weights of their indicators."""
    return Answer(run=world.run, data=list(world.catalogue.factors.values()))


@router.get("/indicators")
def list_indicators(world: CurrentWorld) -> Answer[list[Indicator]]:
    """All indicators with labels, definition, unit, kind, direction and tables."""
    return Answer(run=world.run, data=list(world.catalogue.indicators.values()))


@router.get("/municipalities")
def list_municipalities(world: CurrentWorld) -> Answer[list[MunicipalityItem]]:
    """All 357 municipalities with their factor scores."""
    placed: dict[str, list[FactorPlacement]] = {}
    for row in world.scores.factors.iter_rows(named=True):
        placed.setdefault(row.pop("municipality_code"), []).append(FactorPlacement(**row))
    items = [MunicipalityItem(facts, placed[facts.code]) for facts in all_facts(world)]
    return Answer(run=world.run, data=items)


@router.get(
    "/municipalities.csv",
    response_class=Response,
    responses=problems(404, 422) | {200: {"content": {"text/csv": {}}, "description": "One row per municipality"}},
)
def municipalities_csv(world: CurrentWorld, factor: FactorKey) -> Response:
    """Scores of one factor in all municipalities, as CSV in UTF-8."""
    text = factor_table(world, factor).write_csv()
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{factor}.csv"'},
    )


@router.get("/municipalities/{code}", responses=problems(404, 422))
def one_municipality(world: CurrentWorld, code: str) -> Answer[MunicipalityProfile]:
    """Profile of one municipality: facts, factors, indicators with sources, expected outcome and peers."""
    return Answer(run=world.run, data=municipality_profile(world, code))


@router.get("/municipalities/{code}/factors", responses=problems(404, 422))
def one_municipality_factors(world: CurrentWorld, code: str) -> Answer[list[FactorResult]]:
    """Factor scores of one municipality beside the middle half of its peers."""
    return Answer(run=world.run, data=list(municipality_profile(world, code).factors))


@router.get("/municipalities/{code}/indicators", responses=problems(404, 422))
def one_municipality_indicators(world: CurrentWorld, code: str) -> Answer[list[IndicatorResult]]:
    """Indicators of one municipality with source table and date."""
    return Answer(run=world.run, data=list(municipality_profile(world, code).indicators))
