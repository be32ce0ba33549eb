"""Peers: whom a municipality is compared with, in the way that is asked for."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.routes.answers import Answer, CurrentWorld, problems
from api.services.peers import DEFAULT_COUNT, MOST, PeerChoice, choose_peers
from features.peers import PeerWay

router = APIRouter(tags=["municipalities"])

Way = Annotated[PeerWay, Query(description="class: centrality and size; distance: and way to hospital; own: the codes")]
Codes = Annotated[tuple[str, ...], Query(description="Municipality codes of an own choice", max_length=MOST)]
Count = Annotated[int, Query(ge=1, le=MOST, description="How many are most alike")]


@router.get("/municipalities/{code}/peers", responses=problems(404, 422))
def peers(
    world: CurrentWorld, code: str, by: Way = PeerWay.CLASS, codes: Codes = (), count: Count = DEFAULT_COUNT
) -> Answer[PeerChoice]:
    """Peers of a municipality; those most alike come with what they are alike in and where they differ."""
    found = choose_peers(world.snapshot, world.scores.values, code, by, codes=codes, count=count)
    return Answer(run=world.run, data=found)
