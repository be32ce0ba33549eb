"""Self-assessment: the questionnaire, answers that leave no trace of who gave them, and what closed rounds show."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.routes.answers import WHOLE_NUMBER, Answer, CurrentWorld, Database, problems
from api.services.local_data import norwegian_day
from api.services.self_assessment import (
    AssessmentRound,
    answer_assessment,
    assessment_rounds,
    close_assessment,
    open_assessment,
)
from features.self_assessment import Questionnaire, Side, load_questionnaire

router = APIRouter(tags=["self-assessment"])

ROUNDS = "/municipalities/{code}/self-assessment"


class Mark(BaseModel):
    """Advantage (-2 great challenge to 2 great advantage) and importance (1 to 4) of one statement."""

    model_config = ConfigDict(extra="forbid", strict=True)

    advantage: Annotated[int, Field(ge=-2, le=2), WHOLE_NUMBER]
    importance: Annotated[int, Field(ge=1, le=4), WHOLE_NUMBER]


class AnswerBody(BaseModel):
    """One person's answer: a side, and a mark for every statement; nothing about the person."""

    model_config = ConfigDict(extra="forbid")

    side: Side
    marks: Annotated[dict[Annotated[str, Field(max_length=60)], Mark], Field(max_length=100)]


class ClosingBody(BaseModel):
    """Whether to close a round that can show nothing."""

    model_config = ConfigDict(extra="forbid")

    without_result: bool = False


@router.get("/self-assessment/questionnaire")
def questionnaire(world: CurrentWorld) -> Answer[Questionnaire]:
    """What both sides are asked, in bokmål, nynorsk and English, and the marks that can be given."""
    return Answer(run=world.run, data=load_questionnaire())


@router.get(ROUNDS, responses=problems(404, 422))
def rounds(world: CurrentWorld, engine: Database, code: str) -> Answer[list[AssessmentRound]]:
    """Rounds of a municipality, the newest first; only closed ones show a result, each side from five answers on.

    An open round tells whether a side has enough answers, never how many.
    """
    return Answer(run=world.run, data=list(assessment_rounds(engine, world.snapshot, code)))


@router.post(ROUNDS, status_code=201, responses=problems(403, 404, 409, 422))
def open_round(world: CurrentWorld, engine: Database, code: str) -> Answer[AssessmentRound]:
    """Open a round; at most one at a time, and not sooner than ninety days after the last one."""
    return Answer(run=world.run, data=open_assessment(engine, world.snapshot, code, norwegian_day(datetime.now(UTC))))


@router.post(f"{ROUNDS}/answers", status_code=204, responses=problems(400, 403, 404, 409, 413, 422))
def answer(world: CurrentWorld, engine: Database, code: str, body: AnswerBody) -> None:
    """Take one person's answer. It is kept without name, address or time, and deleted when the round closes."""
    marks = {key: (mark.advantage, mark.importance) for key, mark in body.marks.items()}
    answer_assessment(engine, world.snapshot, code, body.side, marks)


@router.post(f"{ROUNDS}/closing", responses=problems(400, 403, 404, 409, 413, 422))
def close_round(
    world: CurrentWorld, engine: Database, code: str, body: ClosingBody | None = None
) -> Answer[AssessmentRound]:
    """Close the open round for good: the result is kept, the answers are deleted, those of a side under five unseen."""
    without = body is not None and body.without_result
    day = norwegian_day(datetime.now(UTC))
    return Answer(run=world.run, data=close_assessment(engine, world.snapshot, code, day, without_result=without))
