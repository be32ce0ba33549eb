"""Downloads: the tables of the snapshot and the frames of results, as CSV, Parquet and JSON, with their description."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response, StreamingResponse

from api.routes.answers import Answer, CurrentWorld, problems
from api.services.downloads import (
    MEDIA_TYPES,
    Dataset,
    Form,
    datasets,
    descriptor,
    download_chunks,
    download_frame,
    download_name,
    download_tag,
)

router = APIRouter(prefix="/data", tags=["data"])

TableName = Annotated[str, Path(description="Name of a table, see /data", max_length=60)]

CACHING = "public, no-cache"
"""Kept, but asked for again: the answer is short (304) until the figures are other ones."""

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The rows; `Link` leads to their description",
        "content": {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()},
    },
    304: {"description": "Unchanged since the answer with this ETag"},
}


@router.get("")
def list_datasets(world: CurrentWorld) -> Answer[list[Dataset]]:
    """Every table that can be downloaded: what it holds, its rows and what its columns mean.

    `rows` is null for a table that only a refresh brings, until it has.
    """
    return Answer(run=world.run, data=list(datasets(world)))


@router.get("/datapackage.json", responses={200: {"description": "A Frictionless data package"}})
def data_package(world: CurrentWorld) -> dict[str, Any]:
    """Everything that can be downloaded as a data package: sources, licences, checksums, columns with type and unit."""
    return descriptor(world)


@router.get("/{table}.{form}", response_class=Response, responses=problems(404, 422) | FILE)
def download(request: Request, world: CurrentWorld, table: TableName, form: Form) -> Response:
    """Rows of a table or a result, streamed: CSV in UTF-8, Parquet, or JSON as a list of objects.

    What only a municipality itself has told is left out, and so are scores that rest on it. Nothing is simulated but
    the intervals.
    """
    tag = f'"{download_tag(world, table, form)}"'
    headers = {"ETag": tag, "Cache-Control": CACHING}
    frame = download_frame(world, table)
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    return StreamingResponse(
        download_chunks(frame, form),
        media_type=MEDIA_TYPES[form],
        headers=headers
        | {
            "Content-Disposition": f'attachment; filename="{download_name(world, table, form)}"',
            "Link": '</api/v1/data/datapackage.json>; rel="describedby"',
        },
    )


def _has(request: Request, tag: str) -> bool:
    asked = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return tag in asked or "*" in asked
