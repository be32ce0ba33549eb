"""Matches: a proposed allocation of simulated doctors to the real vacant lists, with its proof."""

from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.routes.answers import WHOLE_NUMBER, Answer, CurrentWorld, Database, problems
from api.services.match_terms import terms_of
from api.services.matching import FEWEST_CANDIDATES, MOST_CANDIDATES, MatchProposal, propose_match, saved_match
from api.settings import DEFAULT_CANDIDATES, DEFAULT_LOTTERY_SEED, DEFAULT_SEED
from engine.round_terms import NO_TERMS
from features.errors import UnknownKeyError

router = APIRouter(prefix="/matches", tags=["matches"])

ONE_AT_A_TIME = Lock()
"""A large round takes seconds of a processor; a second one waits."""


class MatchRequest(BaseModel):
    """What a round needs: how many simulated doctors, the published lottery seed and the seed of the simulation.

    `couples` pairs so many couples among the doctors, who then submit joint lists. `terms` is what posts share, as in
    the file of `stabil match --terms`: `limits`, `reversions`, `minimums`.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    candidates: Annotated[int, Field(ge=FEWEST_CANDIDATES, le=MOST_CANDIDATES), WHOLE_NUMBER] = DEFAULT_CANDIDATES
    lottery_seed: Annotated[str, Field(min_length=1, max_length=100)] = DEFAULT_LOTTERY_SEED
    seed: Annotated[int, Field(ge=0, lt=2**32), WHOLE_NUMBER] = DEFAULT_SEED
    couples: Annotated[int, Field(ge=0, le=MOST_CANDIDATES // 2), WHOLE_NUMBER] = 0
    terms: dict[str, Any] | None = None


@router.post("", status_code=201, responses=problems(400, 422))
def new_match(
    world: CurrentWorld, engine: Database, request: MatchRequest, response: Response
) -> Answer[MatchProposal]:
    """Run a round and keep the proposal; a person decides. Doctors and contract terms are simulated.

    All employers' answers come together because no doctor is real; a real round gives each employer its own answer
    only. The proof holds on the submitted lists; posts beyond a doctor's own limit are counted beside it, not checked.
    The lottery number of every proposed doctor can be computed again from seed and pseudonym. You choose the seed here;
    in a real round it is drawn after pseudonyms and tiers are fixed. Figures about fewer than five doctors are null.
    With couples or shared limits a stable matching need not exist; `stability` says what is known.
    """
    now = datetime.now(UTC)
    terms = NO_TERMS if request.terms is None else terms_of(world, request.terms, now.date())
    with ONE_AT_A_TIME:
        saved = propose_match(
            world,
            engine,
            candidates=request.candidates,
            lottery_seed=request.lottery_seed,
            seed=request.seed,
            now=now,
            couples=request.couples,
            terms=terms,
        )
    response.headers["Location"] = f"/api/v1/matches/{saved.match_id}"
    return Answer(run=world.run, data=saved.proposal)


@router.get("/{match_id}", responses=problems(404, 422))
def kept_match(
    world: CurrentWorld, engine: Database, match_id: Annotated[int, Path(ge=1, lt=2**63)]
) -> Answer[MatchProposal]:
    """A proposal as it was kept; the run named beside it is the one served now."""
    saved = saved_match(engine, match_id)
    if saved is None:
        raise UnknownKeyError("match", str(match_id), ())
    return Answer(run=world.run, data=saved.proposal)
