"""A municipality's own figures: its template, its answers by JSON or by file, and their history."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.local_words import row_sentence
from api.problems import request_language
from api.reports.local_template import template_csv, template_xlsx
from api.routes.answers import Answer, CurrentWorld, Database, LocalChange, get_world, problems
from api.services.local_data import (
    MOST_STATEMENTS,
    ImportResult,
    LocalIndicator,
    Statement,
    judge_file,
    judge_statements,
    local_indicators,
    norwegian_day,
    only_judged,
    save_report,
    withdraw_local_value,
)
from api.services.local_template import minimum_template, whole_template
from features.catalogue import Language
from features.local_data import LONGEST_NOTE, LocalAnswer, RowProblem
from features.local_template import load_local_template

router = APIRouter(prefix="/municipalities/{code}", tags=["local values"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

AcceptValid = Annotated[bool, Query(description="Save the answers that are right although others are not")]
DryRun = Annotated[bool, Query(description="Judge and save nothing")]
Scope = Annotated[Literal["minimum", "all"], Query(description="The one-page minimum set, or all own figures")]
Wanted = Annotated[Language | None, Query(description="Language of the template; else that of Accept-Language")]


class StatementBody(BaseModel):
    """One answer, in the catalogue's unit: a share is 0-1. A role says it, never a person's name."""

    model_config = ConfigDict(extra="forbid")

    indicator: Annotated[str, Field(min_length=3, max_length=60, description="Key of an indicator of origin local")]
    value: Annotated[float, Field(allow_inf_nan=False)]
    valid_on: date
    said_by: Annotated[str, Field(min_length=2, max_length=60, description="Key or name of a role of the template")]
    count: Annotated[float | None, Field(gt=0, allow_inf_nan=False, description="What the value was formed over")] = (
        None
    )
    note: Annotated[str | None, Field(max_length=LONGEST_NOTE)] = None


class StatementsBody(BaseModel):
    """Answers of one municipality; saved all or none, unless `accept_valid`."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[list[StatementBody], Field(min_length=1, max_length=MOST_STATEMENTS)]
    accept_valid: bool = False


class WithdrawalBody(BaseModel):
    """Who takes an answer back, and why."""

    model_config = ConfigDict(extra="forbid")

    said_by: Annotated[str, Field(min_length=2, max_length=60)]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


@dataclass(frozen=True, slots=True)
class RejectedCell:
    """What is wrong with one cell, as a code and in words."""

    problem: RowProblem
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the answers; if any was rejected nothing was saved, unless `accept_valid`.

    `unchanged` ones say what is in force already and are not kept again.
    """

    saved: int
    unchanged: int
    accepted: tuple[LocalAnswer, ...]
    rejected: tuple[RejectedCell, ...]
    unanswered: int


REJECTED = problems(400, 403, 404, 413, 422)
REJECTED[422] = REJECTED[422] | {"model": Answer[Taken], "description": "Answers were rejected and nothing was saved"}


@router.get("/local-values", responses=problems(404, 422))
def get_local_values(world: CurrentWorld, engine: Database, code: str) -> Answer[list[LocalIndicator]]:
    """Every indicator that only the municipality can answer, with the answer in force and everything said before."""
    return Answer(run=world.run, data=list(local_indicators(engine, world.snapshot, world.catalogue, code)))


@router.put("/local-values", responses=REJECTED)
def put_local_values(
    request: Request, response: Response, engine: Database, changed: LocalChange, code: str, body: StatementsBody
) -> Answer[Taken]:
    """Add answers. They never overwrite: of those about the same day the last one counts, and all stay in the history.

    Rejected answers come back with the cell, a code and a sentence; then the status is 422 and nothing is saved.
    """
    world, now = get_world(request), datetime.now(UTC)
    statements = [Statement(**answer.model_dump()) for answer in body.answers]
    report = judge_statements(world.snapshot, world.catalogue, statements, code, norwegian_day(now))
    return _taken(request, response, save_report(engine, report, now, changed, accept_valid=body.accept_valid))


@router.post("/local-values/file", responses=REJECTED)
def post_local_file(
    request: Request,
    response: Response,
    engine: Database,
    changed: LocalChange,
    code: str,
    file: Annotated[UploadFile, File(description="The filled-in template, xlsx or csv, at most 1 MB")],
    *,
    accept_valid: AcceptValid = False,
    dry_run: DryRun = False,
) -> Answer[Taken]:
    """Read a filled-in template back; rows that cannot be taken in come with cell, code and sentence."""
    world, now = get_world(request), datetime.now(UTC)
    report = judge_file(world.snapshot, world.catalogue, file.file.read(), code, norwegian_day(now))
    if dry_run:
        judged = only_judged(engine, report, accept_valid=accept_valid)
        return _taken(request, response, replace(judged, saved=0))
    return _taken(request, response, save_report(engine, report, now, changed, accept_valid=accept_valid))


@router.post("/local-values/{indicator}/withdrawal", status_code=204, responses=problems(400, 403, 404, 413, 422))
def withdraw(
    world: CurrentWorld, engine: Database, changed: LocalChange, code: str, indicator: str, body: WithdrawalBody
) -> None:
    """Take back what was said about an indicator; it stays in the history, with the reason."""
    withdraw_local_value(
        engine,
        world.snapshot,
        world.catalogue,
        code,
        indicator,
        said_by=body.said_by,
        reason=body.reason,
        now=datetime.now(UTC),
        changed=changed,
    )


@router.get(
    "/local-template.{form}",
    response_class=Response,
    responses=problems(404, 422)
    | {200: {"content": {XLSX: {}, "text/csv": {}}, "description": "The template to fill in, xlsx or csv"}},
)
def local_template(
    request: Request,
    world: CurrentWorld,
    engine: Database,
    code: str,
    form: Literal["xlsx", "csv"],
    scope: Scope = "minimum",
    language: Wanted = None,
) -> Response:
    """The template that the municipality fills in, with the figures that are known beforehand."""
    make = minimum_template if scope == "minimum" else whole_template
    template = make(engine, world.snapshot, world.catalogue, world.scores.values, code)
    write, kind = (template_xlsx, XLSX) if form == "xlsx" else (template_csv, "text/csv; charset=utf-8")
    return Response(
        write(template, language or request_language(request)),
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="stabil-{code}.{form}"'},
    )


def _taken(request: Request, response: Response, result: ImportResult) -> Answer[Taken]:
    world, language, report = get_world(request), request_language(request), result.report
    if result.is_refused:
        response.status_code = 422
    return Answer(
        run=world.run,
        data=Taken(
            saved=result.saved,
            unchanged=result.unchanged,
            accepted=report.accepted,
            rejected=tuple(
                RejectedCell(problem, row_sentence(problem, world.catalogue, load_local_template(), language))
                for problem in report.rejected
            ),
            unanswered=report.unanswered,
        ),
    )
