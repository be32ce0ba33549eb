"""Comparison of municipalities, as JSON and CSV."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.reports.compare import comparison_csv
from api.routes.answers import Answer, CurrentWorld, problems
from api.services.compare import MOST, Comparison, compare

router = APIRouter(tags=["municipalities"])

Codes = Annotated[
    list[str], Query(alias="code", min_length=1, max_length=MOST, description="Municipality codes, one `code` each")
]


@router.get("/compare", responses=problems(404, 422))
def compared(world: CurrentWorld, codes: Codes) -> Answer[Comparison]:
    """Up to five municipalities side by side: scores with intervals, outcomes as expected and as they are, figures.

    `apart` names the pairs whose intervals do not overlap; every other difference may be due to chance.
    """
    return Answer(run=world.run, data=compare(world, codes))


@router.get(
    "/compare.csv",
    response_class=Response,
    responses=problems(404, 422) | {200: {"content": {"text/csv": {}}, "description": "One row per figure"}},
)
def compared_csv(world: CurrentWorld, codes: Codes) -> Response:
    """The same as CSV in UTF-8, one row per municipality and factor, outcome or indicator.

    Scores that rest on what a municipality said about itself are left out.
    """
    comparison = compare(world, codes)
    name = "-".join(place.code for place in comparison.municipalities)
    return Response(
        comparison_csv(comparison),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="stabil-{world.snapshot.version}-{name}.csv"',
        },
    )
