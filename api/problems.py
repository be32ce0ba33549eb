"""Turns errors into answers: problem+json (RFC 9457) for the API, a page for people."""

import re
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.errors import OUTLETS, answer_to
from api.pages.rendering import error_page, page_language
from api.security import guard, largest_body, secured
from api.translation import LANGUAGES, N_, translate
from features.catalogue import Language
from features.errors import StabilError

API = "/api/"
MEDIA_TYPE = "application/problem+json"

STATUS_TEXTS = {
    400: (N_("Ugyldig forespørsel"), N_("Forespørselen kunne ikke leses. Bruk adressen http://127.0.0.1.")),
    403: (N_("Ikke tillatt"), N_("Forespørselen kom fra en side på et annet nettsted. Bruk Stabils egne sider.")),
    404: (N_("Finnes ikke"), N_("Adressen «{path}» finnes ikke. Gå til forsiden eller se /docs.")),
    405: (N_("Ikke tillatt"), N_("«{path}» kan ikke brukes på denne måten. Se /docs.")),
    413: (
        N_("For stor forespørsel"),
        N_("Forespørselen er for stor eller uten oppgitt lengde. Send høyst {limit} kB."),
    ),
    422: (N_("Ugyldig verdi"), N_("Noe i forespørselen er feil: {problems}.")),
    500: (N_("Noe gikk galt"), N_("En feil hos oss stoppet forespørselen. Prøv igjen; loggen har detaljene.")),
}
"""Title and sentence for statuses that are not one of our own errors."""


def install_problem_answers(app: FastAPI) -> None:
    """Answer every error in one form."""
    app.add_exception_handler(StabilError, _answer_stabil_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(Exception, _answer_unexpected)
    app.middleware("http")(guard(_answer_http_error))


def problem_name(kind: type[StabilError]) -> str:
    """Name of a class of error in the ``type`` of its problem: unknown-municipality."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__.removesuffix("Error")).lower()


def problem_list() -> list[tuple[str, int, str]]:
    """Every kind of problem as name, status and title, for the documentation page."""
    return [(problem_name(kind), outlet.status, outlet.title) for kind, outlet in OUTLETS.items()]


def request_language(request: Request) -> Language:
    """Language of an answer: the path's for pages, the first known of Accept-Language for the API."""
    if not request.url.path.startswith(API):
        return page_language(request)
    wanted = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((language for tag in wanted for language in LANGUAGES if language == {"no": "nb"}.get(tag, tag)), "nb")


def _answer_stabil_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StabilError)
    answer = answer_to(error, request_language(request))
    return _answer(request, problem_name(type(error)), answer.status, answer.title, answer.detail)


def _answer_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()[:5])
    return _answer_status(request, 422, problems=problems)


def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _answer_status(request, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def _answer_unexpected(request: Request, _: Exception) -> Response:
    return secured(_answer_status(request, 500))  # unexpected errors are answered outside the guard


def _answer_status(request: Request, status: int, problems: str = "") -> Response:
    language = request_language(request)
    title, detail = STATUS_TEXTS.get(status, (HTTPStatus(status).phrase, HTTPStatus(status).description))
    path = request.url.path[:80]
    limit = largest_body(request.url.path) // 1024
    words = translate(detail, language, path=path, problems=problems, limit=limit)
    return _answer(request, "about:blank", status, translate(title, language), words)


def _answer(request: Request, kind: str, status: int, title: str, detail: str) -> Response:
    if not request.url.path.startswith(API):
        return error_page(request, status, title, detail)
    kind = kind if kind == "about:blank" else f"/docs#problem-{kind}"
    problem = {"type": kind, "title": title, "status": status, "detail": detail, "instance": request.url.path}
    headers = {"Content-Language": request_language(request), "Vary": "Accept-Language"}
    return JSONResponse(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)
