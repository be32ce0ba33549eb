"""Matches: a proposed allocation of simulated doctors to the real vacant lists, with its proof."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.routes.answers import WHOLE_NUMBER, Answer, CurrentWorld, Database, problems
from api.services.matching import MOST_CANDIDATES, MatchProposal, propose_match

router = APIRouter(prefix="/matches", tags=["matches"])


class MatchRequest(BaseModel):
    """What a round needs: how many simulated doctors, the published lottery seed and the seed of the simulation."""

    model_config = ConfigDict(extra="forbid", strict=True)

    candidates: Annotated[int, Field(ge=1, le=MOST_CANDIDATES), WHOLE_NUMBER] = 200
    lottery_seed: Annotated[str, Field(min_length=1, max_length=100)] = "stabil"
    seed: Annotated[int, Field(ge=0, lt=2**32), WHOLE_NUMBER] = 2026


@router.post("", status_code=201, responses=problems(400, 422))
def new_match(world: CurrentWorld, engine: Database, request: MatchRequest) -> Answer[MatchProposal]:
    """Run a round and keep the proposal; a person decides. Doctors and contract terms are simulated."""
    proposal = propose_match(
        world,
        engine,
        candidates=request.candidates,
        lottery_seed=request.lottery_seed,
        seed=request.seed,
        now=datetime.now(UTC),
    )
    return Answer(run=world.run, data=proposal)
