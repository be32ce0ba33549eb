"""Addresses of a municipality's own figures: the form, the filled-in template, and taking an answer back."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from api.errors import answer_to
from api.local_words import row_sentence
from api.pages.addresses import own_data_address, page_language, prefix
from api.pages.own_data import file_page, own_data_page
from api.pages.own_data_form import Fault, Typed, faults_of, nothing_typed, typed_in, typed_rows
from api.pages.rendering import render
from api.routes.answers import CurrentWorld, Database, LocalChange, get_world
from api.services.local_data import (
    MOST_STATEMENTS,
    ImportResult,
    Statement,
    judge_file,
    judge_statements,
    judge_texts,
    norwegian_day,
    only_judged,
    save_report,
    withdraw_local_value,
)
from api.translation import LANGUAGES, N_, translate
from features.catalogue import Catalogue, Language
from features.errors import InvalidInputError, LocalFileError
from features.local_data import LONGEST_NOTE, RowProblem
from features.local_sheet import LARGEST_FILE
from features.local_template import SMALLEST_GROUP, load_local_template

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

STATEMENTS: TypeAdapter[list[Statement]] = TypeAdapter(list[Statement])

FILE_FIELD = "file"

CHOOSE_FILE = N_("Ingen fil er valgt. Velg den utfylte malen.")
CHOOSE_ROLE = N_("Velg rollen til den som trekker svaret tilbake.")
GIVE_REASON = N_("Skriv hvorfor svaret trekkes tilbake, med høyst {longest} tegn.")
NOT_ANSWERED = N_("Det er ikke noe svar å trekke tilbake. Kanskje noen alt har gjort det.")

WITHDRAWAL_FAULTS = {
    "said_by": ("withdraw-role", CHOOSE_ROLE),
    "reason": ("withdraw-reason", GIVE_REASON),
    "indicator": ("said", NOT_ANSWERED),
}
"""Field and sentence for each value that a withdrawal can be refused for."""


async def _sent(request: Request) -> FormData:
    return await request.form()


SentForm = Annotated[FormData, Depends(_sent)]

Count = Annotated[int | None, Query(ge=0, le=MOST_STATEMENTS)]


def show_own_data(
    request: Request, code: str, lagret: Count = None, uendret: Count = None, trukket: Annotated[str, Query()] = ""
) -> Response:
    """The form, and what the municipality has said."""
    return _page(request, code, saved=lagret, unchanged=uendret or 0, withdrawn=trukket)


def save_own_data(
    request: Request, world: CurrentWorld, engine: Database, changed: LocalChange, code: str, form: SentForm
) -> Response:
    """Save what was typed, all or nothing."""
    language, now, typed = page_language(request), datetime.now(UTC), typed_in(form)
    rows = typed_rows(typed, world.catalogue)
    texts = [dict(row) for _, row in rows]
    report = judge_texts(world.snapshot, world.catalogue, texts, code, norwegian_day(now))
    if not rows:
        return _page(request, code, typed=typed, faults=nothing_typed(language))
    result = save_report(engine, report, now, changed)
    if result.is_refused:
        keys = tuple(key for key, _ in rows)
        return _page(
            request, code, typed=typed, faults=faults_of(report.rejected, keys, typed, world.catalogue, language)
        )
    return _saved(request, code, result)


def show_file(
    request: Request,
    world: CurrentWorld,
    engine: Database,
    code: str,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """What a filled-in template says; nothing is saved before it is confirmed."""
    language = page_language(request)
    content = file.file.read() if file is not None and file.filename else None
    if content is None:
        return _page(request, code, faults=(Fault(FILE_FIELD, "", translate(CHOOSE_FILE, language)),))
    try:
        report = judge_file(world.snapshot, world.catalogue, content, code, norwegian_day(datetime.now(UTC)))
    except LocalFileError as error:
        return _page(request, code, faults=(Fault(FILE_FIELD, "", answer_to(error, language).detail),))
    return _file(request, code, only_judged(engine, report, accept_valid=True))


def save_file(
    request: Request, world: CurrentWorld, engine: Database, changed: LocalChange, code: str, form: SentForm
) -> Response:
    """Save the answers of a filled-in template that were shown, judged once more."""
    now = datetime.now(UTC)
    statements = _statements(form.get("statements"))
    report = judge_statements(world.snapshot, world.catalogue, statements, code, norwegian_day(now))
    result = save_report(engine, report, now, changed)
    return _file(request, code, result) if result.is_refused else _saved(request, code, result)


def withdraw(
    request: Request, world: CurrentWorld, engine: Database, changed: LocalChange, code: str, form: SentForm
) -> Response:
    """Take an answer back, with the reason."""
    language, typed = page_language(request), typed_in(form)
    indicator = typed.texts.get("indicator", "")
    try:
        withdraw_local_value(
            engine,
            world.snapshot,
            world.catalogue,
            code,
            indicator,
            said_by=typed.texts.get("withdraw-role", ""),
            reason=typed.texts.get("withdraw-reason", ""),
            now=datetime.now(UTC),
            changed=changed,
        )
    except InvalidInputError as error:
        field, sentence = WITHDRAWAL_FAULTS[error.name]
        name = field if error.name == "indicator" else f"{field}-{indicator}"
        about = world.catalogue.indicator(indicator).label.in_language(language)
        fault = Fault(name, about, translate(sentence, language, longest=LONGEST_NOTE))
        return _page(request, code, faults=(fault,), withdrawing=typed)
    return _back(request, code, trukket=indicator)


def back_to_own_data(request: Request, code: str) -> Response:
    """Way back for who asks for an address that only takes what is sent to it, as after choosing another language."""
    return _back(request, code)


def _page(
    request: Request,
    code: str,
    *,
    typed: Typed | None = None,
    faults: tuple[Fault, ...] = (),
    withdrawing: Typed | None = None,
    saved: int | None = None,
    unchanged: int = 0,
    withdrawn: str = "",
) -> Response:
    world, engine = get_world(request), request.app.state.engine
    withdrawn_entry = world.catalogue.indicators.get(withdrawn)
    return render(
        request,
        "own_data.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        view=own_data_page(world, engine, code, page_language(request)),
        columns=load_local_template().columns,
        typed=typed or Typed({}),
        withdrawing=withdrawing or Typed({}),
        faults=faults,
        wrong={fault.field: fault.sentence for fault in faults},
        today=norwegian_day(datetime.now(UTC)),
        longest_note=LONGEST_NOTE,
        smallest_group=SMALLEST_GROUP,
        largest_file=LARGEST_FILE,
        saved=saved,
        unchanged=unchanged,
        withdrawn=withdrawn_entry,
    )


def _file(request: Request, code: str, result: ImportResult) -> Response:
    world, language = get_world(request), page_language(request)
    view, template = file_page(world, result, code, language), load_local_template()
    return render(
        request,
        "own_data_file.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if result.report.rejected else HTTPStatus.OK,
        view=view,
        columns=template.columns,
        statements=STATEMENTS.dump_json(list(view.statements)).decode(),
        wrong=[
            (
                problem,
                _label(problem, world.catalogue, language),
                row_sentence(problem, world.catalogue, template, language),
            )
            for problem in result.report.rejected
        ],
    )


def _label(problem: RowProblem, catalogue: Catalogue, language: Language) -> str:
    return catalogue.indicators[problem.indicator].label.in_language(language) if problem.indicator else ""


def _statements(sent: object) -> list[Statement]:
    try:
        return STATEMENTS.validate_json(sent if isinstance(sent, str) else "")
    except ValidationError as error:
        raise InvalidInputError(
            "statements", error.errors()[0]["msg"], "the answers of a file that was shown"
        ) from error


def _saved(request: Request, code: str, result: ImportResult) -> Response:
    return _back(request, code, lagret=result.saved, uendret=result.unchanged)


def _back(request: Request, code: str, **told: object) -> Response:
    address = own_data_address(page_language(request), code)
    return RedirectResponse(f"{address}?{urlencode(told)}" if told else address, HTTPStatus.SEE_OTHER)


for _language in LANGUAGES:
    _root = f"{prefix(_language)}/kommuner/{{code}}/egne-tall"
    router.add_api_route(_root, show_own_data, methods=["GET", "HEAD"])
    router.add_api_route(_root, save_own_data, methods=["POST"])
    router.add_api_route(f"{_root}/fil", show_file, methods=["POST"])
    router.add_api_route(f"{_root}/lagre-fil", save_file, methods=["POST"])
    router.add_api_route(f"{_root}/trekk-tilbake", withdraw, methods=["POST"])
    for _part in ("fil", "lagre-fil", "trekk-tilbake"):
        router.add_api_route(f"{_root}/{_part}", back_to_own_data, methods=["GET", "HEAD"])
