"""The envelope of every answer, and how a route gets at the results."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, BeforeValidator
from sqlalchemy import Engine
from starlette.responses import Response

from api.services.wish_box import WishBox
from api.services.world import RunRecord, World
from api.storage.repository import newest_local_entry

Item = TypeVar("Item")


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE_NUMBER = BeforeValidator(_whole)
"""Makes an integer field take what JSON calls an integer: 3 and 3.0, but not "3"."""


class Answer(BaseModel, Generic[Item]):
    """An answer and the run that its figures come from."""

    run: RunRecord
    data: Item


def get_world(request: Request) -> World:
    """The results that the program serves; computed again if a command has taken in own figures meanwhile."""
    state = request.app.state
    known = getattr(state, "newest_local_entry", None)
    if known is not None and newest_local_entry(state.engine) != known:
        state.on_local_values_changed()
    world: World = state.world
    return world


def get_engine(request: Request) -> Engine:
    """The open database."""
    engine: Engine = request.app.state.engine
    return engine


def get_local_change(request: Request) -> Callable[[], None]:
    """What is called after municipalities' own figures have changed: `app.state.on_local_values_changed`, if set."""
    changed: Callable[[], None] = getattr(request.app.state, "on_local_values_changed", lambda: None)
    return changed


def get_wish_box(request: Request) -> WishBox:
    """What locks doctors' wishes; its key is made at first use."""
    return WishBox(request.app.state.key_file)


CurrentWorld = Annotated[World, Depends(get_world)]
Database = Annotated[Engine, Depends(get_engine)]
Box = Annotated[WishBox, Depends(get_wish_box)]
LocalChange = Annotated[Callable[[], None], Depends(get_local_change)]


def not_kept(response: Response) -> None:
    """Tell browsers and programs between to keep no copy of the answer."""
    response.headers["Cache-Control"] = "no-store"


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI description of the error answers of a route."""
    texts = {
        400: "The request cannot be read",
        403: "The request comes from a page of another site",
        404: "Unknown municipality, factor or indicator",
        409: "The round is not in the state that this needs",
        413: "The request is too large",
        422: "A value is out of range",
    }
    schema = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
        },
    }
    return {
        status: {"description": texts[status], "content": {"application/problem+json": {"schema": schema}}}
        for status in statuses
    }
