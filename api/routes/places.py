"""A doctor's own best places. What is sent is neither stored nor logged, and is never any employer's to see."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.routes.answers import WHOLE_NUMBER, Answer, CurrentWorld, problems
from api.services.local_data import norwegian_day
from api.services.matching import weighed_factors
from api.services.places import own_places, vacant_post
from api.services.world import World
from engine.candidate_places import CandidatePlaces
from engine.candidate_records import OWN_FACTORS, OWN_WISH_FIELDS
from engine.candidates import (
    Candidate,
    ContractForm,
    LanguageLevel,
    PartnerOccupation,
    PostKind,
    Qualifications,
    Wishes,
)
from engine.protected_fields import reject_protected_fields
from features.errors import UnknownKeyError
from features.occupation_groups import load_occupation_groups

router = APIRouter(prefix="/places", tags=["places"])

MOST_RANKED = 500
OWN = "K1"
"""Name of the doctor in the engine; nobody else is there."""

Whole = Annotated[int, WHOLE_NUMBER, Field(ge=1, strict=True)]
Weight = Annotated[float, Field(ge=0, le=1000)]
Points = Annotated[float, Field(ge=0, le=100)]
County = Annotated[str, Field(pattern=r"^[0-9]{2}$")]


class OwnQualifications(BaseModel):
    """Formal qualifications, only to see which posts can be had."""

    model_config = ConfigDict(extra="forbid")

    authorised: Annotated[bool, Field(strict=True)] = True
    lis1_complete: Annotated[bool, Field(strict=True)] = True
    is_specialist: Annotated[bool, Field(strict=True)] = False
    in_training: Annotated[bool, Field(strict=True, description="Registered, or starting it with the post")] = False
    language_level: Annotated[str, Field(pattern=r"^(NONE|A1|A2|B1|B2|C1|C2)$", description="Documented")] = "NONE"
    available_from: Annotated[date | None, Field(description="Today if not given")] = None
    fte: Annotated[float, Field(gt=0, le=1)] = 1.0


class OwnWishes(BaseModel):
    """Weights order the places, limits keep them off; an own ranking of posts overrides both."""

    model_config = ConfigDict(extra="forbid")

    factor_weights: Annotated[dict[str, Weight], Field(min_length=1, description="Weight by factor, in any scale")]
    factor_limits: Annotated[dict[str, Points], Field(description="Least points of a municipality by factor")] = {}
    partner_occupation_group: PartnerOccupation = PartnerOccupation.NONE
    partner_occupation: Annotated[str | None, Field(description="Key of an occupation group")] = None
    contract_forms: Annotated[frozenset[ContractForm], Field(min_length=1)] = frozenset(ContractForm)
    unwanted_kinds: frozenset[PostKind] = frozenset()
    counties: Annotated[frozenset[County] | None, Field(description="County codes; all if not given")] = None
    latest_start: date | None = None
    oncall_rota_min: Annotated[Whole | None, Field(description="N of: on call at most one time in N")] = None
    list_length_max: Annotated[Whole | None, Field(description="Inhabitants")] = None
    wants_supervisor: Annotated[bool, Field(strict=True)] = False
    own_ranking: Annotated[
        tuple[str, ...] | None,
        Field(max_length=MOST_RANKED, description="Identifiers of vacant posts, best first; no others are then listed"),
    ] = None


class PlacesRequest(BaseModel):
    """A doctor's wishes and formal qualifications; nothing else about the doctor is taken in."""

    model_config = ConfigDict(extra="forbid")

    wishes: OwnWishes
    qualifications: OwnQualifications = OwnQualifications()


async def refuse_protected(request: Request) -> None:
    """Refuse protected fields before anything else is said about the request."""
    try:
        body = await request.json()
    except ValueError:
        return  # no JSON: what reads the body next tells so
    if isinstance(body, dict):
        reject_protected_fields(body, exempt=OWN_WISH_FIELDS | OWN_FACTORS)


@router.post("", responses=problems(400, 404, 422), dependencies=[Depends(refuse_protected)])
def best_places(world: CurrentWorld, asked: PlacesRequest, response: Response) -> Answer[CandidatePlaces]:
    """The municipalities and vacant posts that suit a doctor's own wishes best, and those that fit but for one thing.

    The points of every wish add up to a place's score. How long doctors stay in posts like the first ones stands
    beside them and orders nothing. Numbers of vacant lists are real, the posts' terms are simulated. Nothing that is
    sent is stored or logged.
    """
    today = norwegian_day(datetime.now(UTC))
    _check_keys(world, asked.wishes, today)
    response.headers["Cache-Control"] = "no-store"
    return Answer(run=world.run, data=own_places(world, _candidate(asked, today), today).places)


def _check_keys(world: World, wishes: OwnWishes, today: date) -> None:
    known = tuple(weighed_factors(world))
    for factor in (*wishes.factor_weights, *wishes.factor_limits):
        if factor not in known:
            raise UnknownKeyError("factor", factor, known)
    for post_id in wishes.own_ranking or ():
        vacant_post(world, post_id, today)
    if wishes.partner_occupation is not None:
        load_occupation_groups().group(wishes.partner_occupation)


def _candidate(asked: PlacesRequest, today: date) -> Candidate:
    formal, wishes = asked.qualifications, asked.wishes
    own = formal.model_dump() | {
        "candidate_id": OWN,
        "language_level": LanguageLevel[formal.language_level],
        "available_from": formal.available_from or today,
    }
    wanted = wishes.model_dump() | {
        "candidate_id": OWN,
        "factor_weights": tuple(wishes.factor_weights.items()),
        "factor_limits": tuple(wishes.factor_limits.items()),
        "list_limit": 1,  # of a round; here the whole list is told
    }
    return Candidate(Qualifications(**own), Wishes(**wanted), simulated=False)
