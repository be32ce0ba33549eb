"""Health: is the program up and what does it serve."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.routes.answers import CurrentWorld
from api.services.world import RunRecord

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """State of the program and the run it serves."""

    status: Literal["ok"]
    run: RunRecord


@router.get("/health")
def health(world: CurrentWorld) -> Health:
    """The program is up; the run whose results it serves."""
    return Health(status="ok", run=world.run)
