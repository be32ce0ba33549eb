"""Addresses of a municipality's self-assessment: what it is and shows, opening, answering and closing a round."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.errors import answer_to
from api.pages.addresses import assessment_address, page_language, prefix
from api.pages.assessment import assessment_page, place_percent
from api.pages.assessment_form import ADVANTAGE, IMPORTANCE, Draft, Step, draft_in, field_name, steps_of, unmarked
from api.pages.own_data_form import Fault
from api.pages.own_data_routes import SentForm
from api.pages.rendering import render
from api.routes.answers import CurrentWorld, Database, get_world
from api.services.local_data import norwegian_day
from api.services.self_assessment import DAYS_BETWEEN_ROUNDS, answer_assessment, close_assessment, open_assessment
from api.translation import LANGUAGES, N_, translate
from features.catalogue import Language
from features.errors import AssessmentRoundError
from features.self_assessment import OUTERMOST, SMALLEST_SIDE, Side, load_questionnaire

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

CHOOSE_SIDE = N_("Velg hvilken side du svarer for.")
CONFIRM_CLOSING = N_("Kryss av for at runden skal lukkes.")
MISSING_MARKS = {
    ADVANTAGE: N_("Velg om dette er en fordel eller en utfordring."),
    IMPORTANCE: N_("Velg hvor viktig dette er."),
}

PRIVATE = {"Cache-Control": "no-store"}
"""The next one at the same machine must not find an answer with the browser's back button."""


def show_assessment(request: Request, code: str, melding: Annotated[str, Query()] = "") -> Response:
    """What a self-assessment is, the round that is open, and what closed ones show."""
    return _page(request, code, told=melding)


def open_round(request: Request, world: CurrentWorld, engine: Database, code: str) -> Response:
    """Open a round."""
    try:
        open_assessment(engine, world.snapshot, code, norwegian_day(datetime.now(UTC)))
    except AssessmentRoundError as error:
        return _refused(request, code, error)
    return _back(request, code, "aapnet")


def close_round(request: Request, world: CurrentWorld, engine: Database, code: str, form: SentForm) -> Response:
    """Close the open round for good."""
    day, language = norwegian_day(datetime.now(UTC)), page_language(request)
    if form.get("confirmed") != "yes":
        return _page(request, code, faults=(Fault("confirmed", "", translate(CONFIRM_CLOSING, language)),))
    try:
        close_assessment(engine, world.snapshot, code, day, without_result=form.get("without_result") == "yes")
    except AssessmentRoundError as error:
        return _refused(request, code, error)
    return _back(request, code, "lukket")


def show_sides(request: Request, code: str) -> Response:
    """The first question: which side one answers for."""
    return _step(request, code, Draft(None, {}), 0)


def take_step(request: Request, world: CurrentWorld, engine: Database, code: str, form: SentForm) -> Response:
    """The next or the previous class of statements, or the whole answer."""
    language, questionnaire = page_language(request), load_questionnaire()
    draft, steps = draft_in(form, questionnaire), steps_of(questionnaire)
    number = _number(form.get("step"), len(steps))
    if draft.side is None:
        return _step(request, code, draft, 0, (Fault(f"side-{Side.MANAGEMENT}", "", translate(CHOOSE_SIDE, language)),))
    if form.get("to") == "back":
        return _step(request, code, draft, max(number - 1, 0))
    asked = steps if number == len(steps) else steps[:number][-1:]
    lacking = next((step for step in asked if unmarked(step, draft)), None)
    if lacking is not None:
        return _step(request, code, draft, lacking.number, _missing(lacking, draft, language))
    if number < len(steps):
        return _step(request, code, draft, number + 1)
    try:
        answer_assessment(engine, world.snapshot, code, draft.side, draft.whole_marks)
    except AssessmentRoundError as error:
        return _refused(request, code, error)
    return _back(request, code, "svart")


def back_to_assessment(request: Request, code: str) -> Response:
    """Way back for who asks for an address that only takes what is sent to it, as after choosing another language."""
    return RedirectResponse(assessment_address(page_language(request), code), HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    code: str,
    *,
    told: str = "",
    refused: str = "",
    status: int = HTTPStatus.OK,
    faults: tuple[Fault, ...] = (),
) -> Response:
    today = norwegian_day(datetime.now(UTC))
    return render(
        request,
        "assessment.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else status,
        view=assessment_page(get_world(request), request.app.state.engine, code, today, page_language(request)),
        told=told,
        refused=refused,
        faults=faults,
        smallest=SMALLEST_SIDE,
        outermost=OUTERMOST,
        days_between=DAYS_BETWEEN_ROUNDS,
        place=place_percent,
        Side=Side,
    )


def _refused(request: Request, code: str, error: AssessmentRoundError) -> Response:
    answer = answer_to(error, page_language(request))
    return _page(request, code, refused=answer.detail, status=answer.status)


def _step(request: Request, code: str, draft: Draft, number: int, faults: tuple[Fault, ...] = ()) -> Response:
    questionnaire, today = load_questionnaire(), norwegian_day(datetime.now(UTC))
    steps = steps_of(questionnaire)
    step = steps[number - 1] if number else None
    answer = render(
        request,
        "assessment_answer.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        view=assessment_page(get_world(request), request.app.state.engine, code, today, page_language(request)),
        questionnaire=questionnaire,
        step=step,
        steps=steps,
        draft=draft,
        carried={} if step is None else _others(draft, step),
        marked=len(draft.whole_marks),
        faults=faults,
        wrong={fault.field: fault.sentence for fault in faults},
        field_name=field_name,
        Side=Side,
    )
    answer.headers.update(PRIVATE)
    return answer


def _others(draft: Draft, step: Step) -> dict[str, int]:
    """Marks of the other steps, to be sent along."""
    own = {field_name(scale, key) for key in step.statements for scale in (ADVANTAGE, IMPORTANCE)}
    return {name: mark for name, mark in draft.marks.items() if name not in own}


def _missing(step: Step, draft: Draft, language: Language) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            field_name(scale, key),
            step.statements[key].text.in_language(language),
            translate(MISSING_MARKS[scale], language),
        )
        for scale, key in unmarked(step, draft)
    )


def _number(sent: object, highest: int) -> int:
    text = str(sent)
    return min(int(text), highest) if text.isdecimal() and len(text) < 3 else 0


def _back(request: Request, code: str, told: str) -> Response:
    address = assessment_address(page_language(request), code)
    return RedirectResponse(f"{address}?{urlencode({'melding': told})}", HTTPStatus.SEE_OTHER)


for _language in LANGUAGES:
    _root = f"{prefix(_language)}/kommuner/{{code}}/egenvurdering"
    router.add_api_route(_root, show_assessment, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/aapne", open_round, methods=["POST"])
    router.add_api_route(f"{_root}/lukk", close_round, methods=["POST"])
    router.add_api_route(f"{_root}/svar", show_sides, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/svar", take_step, methods=["POST"])
    for _part in ("aapne", "lukk"):
        router.add_api_route(f"{_root}/{_part}", back_to_assessment, methods=["GET", "HEAD"])
