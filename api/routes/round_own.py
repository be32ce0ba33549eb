"""A doctor's own data in a round: read, change the wishes, take out, delete."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.routes.answers import Box, CurrentWorld, Database, not_kept, problems
from api.routes.rounds import RoundAnswer, RoundId, TakenIn, taken_in
from api.services.round_columns import RoundFile
from api.services.round_joint import agree_to_joint, give_joint, withdraw_joint
from api.services.round_own import OwnData, erase, give_wishes, own_data

router = APIRouter(prefix="/rounds/{round_id}/own", tags=["rounds"], dependencies=[Depends(not_kept)])

OWN = problems(400, 403, 404, 409, 413, 422)


class OwnCode(BaseModel):
    """Pseudonym and own code; sent in the body, so that no address and no log of addresses holds them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    candidate_id: Annotated[str, Field(min_length=1, max_length=20)]
    code: Annotated[str, Field(min_length=1, max_length=60)]


class OwnWishes(OwnCode):
    """New wishes as texts, by the keys of the wishes file: {"own_ranking": "FROYA-1 > OSLO-1"}."""

    wishes: Annotated[dict[str, Annotated[str, Field(max_length=4000)]], Field(max_length=20)]


class OwnJointWishes(OwnCode):
    """What two doctors want together as texts, by the keys of the couples file: {"partner_id": "K2"}."""

    joint: Annotated[dict[str, Annotated[str, Field(max_length=4000)]], Field(max_length=10)]


class OwnOffer(OwnCode):
    """Joint wishes as they stood when they were read; another `offer_id` is something else."""

    offer_id: Annotated[str, Field(min_length=1, max_length=40)]


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


@router.post("/joint", responses=OWN)
def give_joint_wishes(
    request: Request,
    response: Response,
    engine: Database,
    world: CurrentWorld,
    box: Box,
    round_id: RoundId,
    body: OwnJointWishes,
) -> RoundAnswer[TakenIn]:
    """Name a partner and what the two want together; it counts once the partner has agreed to exactly this."""
    judged = give_joint(engine, world, box, round_id, body.candidate_id, body.code, body.joint, datetime.now(UTC))
    return taken_in(request, response, judged, RoundFile.COUPLES)


@router.post("/joint/agreement", responses=OWN)
def agree(engine: Database, box: Box, round_id: RoundId, body: OwnOffer) -> RoundAnswer[OwnData]:
    """Agree to a partner's joint wishes as they stand under their `offer_id`."""
    agree_to_joint(engine, box, round_id, body.candidate_id, body.code, body.offer_id, datetime.now(UTC))
    return RoundAnswer(data=own_data(engine, box, round_id, body.candidate_id, body.code))


@router.post("/joint/withdrawal", responses=OWN)
def withdraw(engine: Database, box: Box, round_id: RoundId, body: OwnOffer) -> RoundAnswer[OwnData]:
    """Take joint wishes back or turn them down; a partner who had agreed takes part alone and is told."""
    withdraw_joint(engine, box, round_id, body.candidate_id, body.code, body.offer_id, datetime.now(UTC))
    return RoundAnswer(data=own_data(engine, box, round_id, body.candidate_id, body.code))


@router.post("/deletion", status_code=204, responses=OWN)
def delete_own(engine: Database, box: Box, round_id: RoundId, body: OwnCode) -> None:
    """Delete everything kept about a doctor but what the log says under the pseudonym; a partner goes on alone."""
    erase(engine, box, round_id, body.candidate_id, body.code, datetime.now(UTC))
