"""A doctor's own data in a round: read, change the wishes, take out, delete."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.routes.answers import Box, CurrentWorld, Database, problems
from api.routes.rounds import RoundAnswer, RoundId, TakenIn, taken_in
from api.services.round_columns import RoundFile
from api.services.round_own import OwnData, erase, give_wishes, own_data

router = APIRouter(prefix="/rounds/{round_id}/own", tags=["rounds"])

OWN = problems(400, 403, 404, 409, 413, 422)


class OwnCode(BaseModel):
    """Pseudonym and own code; sent in the body, so that no address and no log of addresses holds them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    candidate_id: Annotated[str, Field(min_length=1, max_length=20)]
    code: Annotated[str, Field(min_length=1, max_length=60)]


class OwnWishes(OwnCode):
    """New wishes as texts, by the keys of the wishes file: {"own_ranking": "FROYA-1 > OSLO-1"}."""

    wishes: Annotated[dict[str, Annotated[str, Field(max_length=4000)]], Field(max_length=20)]


@router.post("", responses=OWN)
def read_own(engine: Database, box: Box, round_id: RoundId, body: OwnCode) -> RoundAnswer[OwnData]:
    """Everything kept about a doctor, for that doctor alone; also the export."""
    return RoundAnswer(data=own_data(engine, box, round_id, body.candidate_id, body.code))


@router.post("/wishes", responses=OWN)
def change_wishes(
    request: Request,
    response: Response,
    engine: Database,
    world: CurrentWorld,
    box: Box,
    round_id: RoundId,
    body: OwnWishes,
) -> RoundAnswer[TakenIn]:
    """Put new wishes in place of the earlier ones, until lots are drawn."""
    judged = give_wishes(engine, world, box, round_id, body.candidate_id, body.code, body.wishes, datetime.now(UTC))
    return taken_in(request, response, judged, RoundFile.WISHES)


@router.post("/deletion", status_code=204, responses=OWN)
def delete_own(engine: Database, round_id: RoundId, body: OwnCode) -> None:
    """Delete everything kept about a doctor but what the log says under the pseudonym."""
    erase(engine, round_id, body.candidate_id, body.code, datetime.now(UTC))
