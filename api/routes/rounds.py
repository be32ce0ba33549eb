"""Allocation rounds: open, take in files, seal, draw, run, decide, and the log."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Depends, File, Path, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.problems import request_language
from api.reports.round_template import round_template_csv, round_template_xlsx
from api.round_import_words import row_sentence
from api.routes.answers import WHOLE_NUMBER, Box, CurrentWorld, Database, not_kept, problems
from api.routes.local_data import XLSX
from api.services import round_simulation, rounds
from api.services.round_columns import RoundFile
from api.services.round_couple_import import import_couples
from api.services.round_import import Judged, RowReject
from api.services.round_log import LogCheck, LogEntry
from api.services.round_run import run_round, start_second
from api.services.round_simulation import MOST_SIMULATED
from api.services.round_terms_import import import_terms, remove_terms
from api.services.round_views import (
    RoundPost,
    RoundProposal,
    RoundState,
    round_log,
    round_post,
    round_posts,
    round_proposals,
    round_state,
    rounds_shown,
)
from api.settings import DEFAULT_CANDIDATES, DEFAULT_SEED
from engine.posts import Post
from engine.round_figures import SMALLEST_COUNT
from features.local_data import LONGEST_NOTE

router = APIRouter(prefix="/rounds", tags=["rounds"])

Item = TypeVar("Item")

RoundId = Annotated[int, Path(ge=1, lt=2**63, description="Number of the round")]
Sheet = Annotated[UploadFile, File(description="The filled-in template, xlsx or csv, at most 1 MB")]
Seed = Annotated[int, Field(ge=0, lt=2**32), WHOLE_NUMBER]
Role = Annotated[str, Field(min_length=2, max_length=60, description="Key or name of a role; never a person's name")]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]

STEP = problems(400, 403, 404, 409, 413, 422)


class RoundAnswer(BaseModel, Generic[Item]):
    """An answer about a round."""

    data: Item


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewRound(_Body):
    """A round to open; a simulated one takes no real doctor, a real one nothing simulated."""

    name: Annotated[str, Field(min_length=1, max_length=rounds.LONGEST_NAME)]
    is_simulated: bool


class SimulatedPosts(_Body):
    """Seed of the simulated terms of posts."""

    seed: Seed = DEFAULT_SEED


class SimulatedDoctors(_Body):
    """How many doctors are simulated, how many couples of them look together, and the seed."""

    candidates: Annotated[int, Field(ge=SMALLEST_COUNT, le=MOST_SIMULATED), WHOLE_NUMBER] = DEFAULT_CANDIDATES
    couples: Annotated[int, Field(ge=0, le=MOST_SIMULATED // 2), WHOLE_NUMBER] = 0
    seed: Seed = DEFAULT_SEED


class Draw(_Body):
    """The lottery seed from a public draw, and who drew it; without a seed the program draws one."""

    lottery_seed: Annotated[str, Field(max_length=rounds.LONGEST_SEED)] = ""
    role: Role


class Decision(_Body):
    """Whether the proposal is followed, why, and who says so."""

    is_followed: bool
    reason: Reason
    role: Role


class Closing(_Body):
    """Why the round is closed."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """What is wrong with one cell, as a code and in words."""

    problem: RowReject
    message: str


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a file: with any rejected row nothing of it was taken in."""

    accepted: int
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class Codes:
    """Each doctor's own code by pseudonym, told this once; hand each doctor the own one only."""

    codes: dict[str, str]


@dataclass(frozen=True, slots=True)
class RoundLog:
    """The log and its check; the checksum of an entry is SHA-256 of [round, number, at, action, details, previous]."""

    entries: tuple[LogEntry, ...]
    check: LogCheck


IMPORTED: dict[int | str, dict[str, Any]] = STEP | {
    422: STEP[422] | {"model": RoundAnswer[TakenIn], "description": "Rows were rejected and nothing was taken in"}
}


@router.post("", status_code=201, responses=problems(400, 403, 413, 422))
def open_round(engine: Database, body: NewRound, response: Response) -> RoundAnswer[RoundState]:
    """Open a round."""
    number = rounds.open_round(engine, body.name, is_simulated=body.is_simulated, now=_now())
    response.headers["Location"] = f"/api/v1/rounds/{number}"
    return _state(engine, number)


@router.get("")
def all_rounds(engine: Database) -> RoundAnswer[list[RoundState]]:
    """Every round, the newest first."""
    return RoundAnswer(data=rounds_shown(engine))


@router.get(
    "/templates/{kind}.{form}",
    response_class=Response,
    responses=problems(404, 422)
    | {200: {"content": {XLSX: {}, "text/csv": {}}, "description": "The file to fill in, xlsx or csv"}},
)
def round_template(request: Request, kind: RoundFile, form: Literal["xlsx", "csv"]) -> Response:
    """The empty file of posts, what they share, doctors' formal qualifications, their wishes, or couples."""
    write, media = (round_template_xlsx, XLSX) if form == "xlsx" else (round_template_csv, "text/csv; charset=utf-8")
    name = f'attachment; filename="stabil-{kind}.{form}"'
    return Response(write(kind, request_language(request)), media_type=media, headers={"Content-Disposition": name})


@router.get("/{round_id}", responses=problems(404, 422))
def get_round(engine: Database, round_id: RoundId) -> RoundAnswer[RoundState]:
    """A round, how far it has come and what may be done now. Counts of fewer than five doctors are null."""
    return _state(engine, round_id)


@router.get("/{round_id}/posts", responses=problems(404, 422))
def get_posts(engine: Database, round_id: RoundId) -> RoundAnswer[list[Post]]:
    """The posts, as advertised."""
    return RoundAnswer(data=round_posts(engine, round_id))


@router.get("/{round_id}/posts/{post_id}", responses=problems(404, 422))
def get_post(engine: Database, round_id: RoundId, post_id: str) -> RoundAnswer[RoundPost]:
    """The employer's answer for one post: who is proposed, by tier and lottery; nothing of what doctors wish."""
    return RoundAnswer(data=round_post(engine, round_id, post_id))


@router.post("/{round_id}/posts/file", responses=IMPORTED)
def post_posts(
    request: Request, response: Response, engine: Database, world: CurrentWorld, round_id: RoundId, file: Sheet
) -> RoundAnswer[TakenIn]:
    """Take in a file of posts in place of those that are there."""
    judged = rounds.import_posts(engine, world, round_id, file.file.read(), _now())
    return taken_in(request, response, judged, RoundFile.POSTS)


@router.post("/{round_id}/posts/simulated", responses=STEP)
def simulate_posts(
    engine: Database, world: CurrentWorld, round_id: RoundId, body: SimulatedPosts
) -> RoundAnswer[RoundState]:
    """Take in a post for every municipality with lists without a GP; their terms are simulated."""
    round_simulation.simulate_posts(engine, world, round_id, seed=body.seed, now=_now())
    return _state(engine, round_id)


@router.post("/{round_id}/terms/file", responses=IMPORTED)
def post_terms(
    request: Request, response: Response, engine: Database, round_id: RoundId, file: Sheet
) -> RoundAnswer[TakenIn]:
    """Take in a file of what the posts share, in place of what is there; until the adverts are sealed."""
    judged = import_terms(engine, round_id, file.file.read(), _now())
    return taken_in(request, response, judged, RoundFile.TERMS)


@router.post("/{round_id}/terms/removal", responses=STEP)
def delete_terms(engine: Database, round_id: RoundId) -> RoundAnswer[RoundState]:
    """Take away what the posts share, until the adverts are sealed."""
    remove_terms(engine, round_id, _now())
    return _state(engine, round_id)


@router.post("/{round_id}/seal", responses=STEP)
def seal(engine: Database, round_id: RoundId) -> RoundAnswer[RoundState]:
    """Seal tiers, requirements, places and what the posts share with a checksum, before the first doctor is seen."""
    rounds.seal(engine, round_id, _now())
    return _state(engine, round_id)


@router.post("/{round_id}/candidates/file", responses=IMPORTED)
def post_candidates(
    request: Request, response: Response, engine: Database, round_id: RoundId, file: Sheet
) -> RoundAnswer[TakenIn]:
    """Take in a file of doctors' formal qualifications under pseudonyms; protected columns are refused."""
    judged = rounds.import_candidates(engine, round_id, file.file.read(), _now())
    return taken_in(request, response, judged, RoundFile.CANDIDATES)


@router.post("/{round_id}/candidates/simulated", responses=STEP)
def simulate_candidates(
    engine: Database, world: CurrentWorld, box: Box, round_id: RoundId, body: SimulatedDoctors
) -> RoundAnswer[RoundState]:
    """Take in doctors who do not exist, with their wishes."""
    round_simulation.simulate_doctors(
        engine,
        world,
        box,
        round_id,
        candidates=body.candidates,
        seed=body.seed,
        now=_now(),
        couples=body.couples,
    )
    return _state(engine, round_id)


@router.post("/{round_id}/candidates/codes", responses=STEP, dependencies=[Depends(not_kept)])
def issue_codes(engine: Database, round_id: RoundId) -> RoundAnswer[Codes]:
    """Make every doctor a new own code; it is told this once."""
    return RoundAnswer(data=Codes(rounds.issue_codes(engine, round_id, _now())))


@router.post("/{round_id}/wishes/file", responses=IMPORTED)
def post_wishes(
    request: Request,
    response: Response,
    engine: Database,
    world: CurrentWorld,
    box: Box,
    round_id: RoundId,
    file: Sheet,
) -> RoundAnswer[TakenIn]:
    """Take in a file of wishes, encrypted at once; no answer shows them but the doctor's own."""
    judged = rounds.import_wishes(engine, world, box, round_id, file.file.read(), _now())
    return taken_in(request, response, judged, RoundFile.WISHES)


@router.post("/{round_id}/couples/file", responses=IMPORTED)
def post_couples(
    request: Request,
    response: Response,
    engine: Database,
    world: CurrentWorld,
    box: Box,
    round_id: RoundId,
    file: Sheet,
) -> RoundAnswer[TakenIn]:
    """Take in a file of couples who have both agreed, encrypted at once; only the two see it again."""
    judged = import_couples(engine, world, box, round_id, file.file.read(), _now())
    return taken_in(request, response, judged, RoundFile.COUPLES)


@router.post("/{round_id}/draw", responses=STEP)
def draw(engine: Database, round_id: RoundId, body: Draw) -> RoundAnswer[RoundState]:
    """Fix the lottery seed, now that adverts and pseudonyms are fixed."""
    rounds.draw(engine, round_id, seed=body.lottery_seed, role=body.role, now=_now())
    return _state(engine, round_id)


@router.post("/{round_id}/run", responses=STEP)
def run(engine: Database, world: CurrentWorld, box: Box, round_id: RoundId) -> RoundAnswer[RoundState]:
    """Match doctors and posts; what comes out is a proposal that a person decides on."""
    run_round(engine, world, box, round_id, _now())
    return _state(engine, round_id)


@router.get("/{round_id}/proposals", responses=problems(404, 422))
def get_proposals(
    engine: Database,
    round_id: RoundId,
    post: Annotated[str | None, Query(max_length=20, description="The employer's post")] = None,
) -> RoundAnswer[tuple[RoundProposal, ...]]:
    """Proposals for one post; for all together only where no doctor is real."""
    return RoundAnswer(data=round_proposals(engine, round_id, post))


@router.post("/{round_id}/proposals/{proposal_id}/decision", responses=STEP)
def decide(
    engine: Database, round_id: RoundId, proposal_id: Annotated[int, Path(ge=1, lt=2**63)], body: Decision
) -> RoundAnswer[RoundState]:
    """Follow a proposal or not, with a reason either way; a decision is not changed afterwards."""
    rounds.decide(
        engine,
        round_id,
        proposal_id,
        is_followed=body.is_followed,
        reason=body.reason,
        role=body.role,
        now=_now(),
    )
    return _state(engine, round_id)


@router.post("/{round_id}/second", responses=STEP)
def second(engine: Database, box: Box, round_id: RoundId) -> RoundAnswer[RoundState]:
    """Begin the second turn, for doctors without a post and places that are not filled."""
    start_second(engine, box, round_id, _now())
    return _state(engine, round_id)


@router.post("/{round_id}/close", responses=STEP)
def close(engine: Database, round_id: RoundId, body: Closing) -> RoundAnswer[RoundState]:
    """Close the round for good, with a reason; wishes are deleted."""
    rounds.close(engine, round_id, reason=body.reason, now=_now())
    return _state(engine, round_id)


@router.get("/{round_id}/log", responses=problems(404, 422))
def get_log(engine: Database, round_id: RoundId) -> RoundAnswer[RoundLog]:
    """Every step that was taken, and whether the log is whole."""
    entries, check = round_log(engine, round_id)
    return RoundAnswer(data=RoundLog(tuple(entries), check))


@router.get("/{round_id}/log/check", responses=problems(404, 422))
def verify_log(engine: Database, round_id: RoundId) -> RoundAnswer[LogCheck]:
    """Compute every checksum of the log again."""
    return RoundAnswer(data=round_log(engine, round_id)[1])


def _state(engine: Database, round_id: int) -> RoundAnswer[RoundState]:
    return RoundAnswer(data=round_state(engine, round_id))


def taken_in(request: Request, response: Response, judged: Judged[Any], kind: RoundFile) -> RoundAnswer[TakenIn]:
    """What became of a file, in words; its status is 422 if anything was rejected."""
    language = request_language(request)
    if judged.rejected:
        response.status_code = 422
    rejected = tuple(RejectedRow(each, row_sentence(each, kind, language)) for each in judged.rejected)
    return RoundAnswer(data=TakenIn(0 if rejected else len(judged.accepted), rejected))


def _now() -> datetime:
    return datetime.now(UTC)
