"""Addresses of allocation rounds: their list, one round step by step, each employer's answer, and the log."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from api import round_words
from api.errors import ProtectedColumnError, answer_to
from api.pages.addresses import page_language, prefix
from api.pages.own_data_form import Fault
from api.pages.rendering import render
from api.pages.round_page import choice_rows, municipality_names, post_places, roles, round_href, round_page, term_rows
from api.round_import_words import column_name, row_sentence
from api.routes.answers import get_engine, get_wish_box, get_world
from api.services import round_simulation, rounds
from api.services.round_columns import RoundFile
from api.services.round_couple_import import import_couples
from api.services.round_import import Judged
from api.services.round_run import run_round, start_second
from api.services.round_terms_import import import_terms, remove_terms
from api.services.round_views import round_log, round_post, round_state, rounds_shown
from api.settings import DEFAULT_SEED
from api.translation import LANGUAGES, translate
from features.errors import InvalidInputError, LocalFileError
from features.local_data import LONGEST_NOTE

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

RoundId = Annotated[int, Path(ge=1, lt=2**63)]


async def _sent(request: Request) -> AsyncIterator[FormData]:
    async with request.form() as form:  # closes the files that came with it
        yield form


SentForm = Annotated[FormData, Depends(_sent)]
Act = Callable[[Request, int, FormData], object]


def show_rounds(request: Request) -> Response:
    """Every round, and the form that opens one."""
    return _rounds(request)


def open_round(request: Request, form: SentForm) -> Response:
    """Open a round."""
    try:
        number = rounds.open_round(
            get_engine(request), _text(form, "name"), is_simulated=_text(form, "kind") != "real", now=_now()
        )
    except InvalidInputError as error:
        return _rounds(request, (_fault(request, error),))
    return _to_round(request, number)


def show_round(request: Request, round_id: RoundId) -> Response:
    """One round: where it stands, and what may be done now."""
    return _round(request, round_id)


def show_post(request: Request, round_id: RoundId, post_id: str) -> Response:
    """The employer's answer for one post."""
    return _post(request, round_id, post_id)


def show_log(request: Request, round_id: RoundId) -> Response:
    """Every step that was taken, and whether the log is whole."""
    entries, check = round_log(get_engine(request), round_id)
    return render(
        request,
        "round_log.html",
        state=round_state(get_engine(request), round_id),
        href=round_href(page_language(request), round_id),
        entries=[(entry, datetime.fromisoformat(entry.at), json.loads(entry.details)) for entry in entries],
        check=check,
        roles=dict(roles(page_language(request))),
        round_words=round_words,
    )


def take_posts(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in posts from a file, or simulate them."""
    engine, world = get_engine(request), get_world(request)
    if _text(form, "simulated"):
        round_simulation.simulate_posts(engine, world, round_id, seed=DEFAULT_SEED, now=_now())
        return _to_round(request, round_id)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.POSTS,
        lambda content: rounds.import_posts(engine, world, round_id, content, _now()),
    )


def take_terms(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in what the posts share from a file, or take it away."""
    engine = get_engine(request)
    if _text(form, "remove"):
        remove_terms(engine, round_id, _now())
        return _to_round(request, round_id)
    return _from_file(
        request, round_id, form, RoundFile.TERMS, lambda content: import_terms(engine, round_id, content, _now())
    )


def take_doctors(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in doctors from a file, or simulate them."""
    engine = get_engine(request)
    if _text(form, "simulated"):
        return _acted(request, round_id, form, _simulate_doctors)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.CANDIDATES,
        lambda content: rounds.import_candidates(engine, round_id, content, _now()),
    )


def take_wishes(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in wishes from a file."""
    engine, world, box = get_engine(request), get_world(request), get_wish_box(request)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.WISHES,
        lambda content: rounds.import_wishes(engine, world, box, round_id, content, _now()),
    )


def take_couples(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in couples from a file."""
    engine, world, box = get_engine(request), get_world(request), get_wish_box(request)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.COUPLES,
        lambda content: import_couples(engine, world, box, round_id, content, _now()),
    )


def give_codes(request: Request, round_id: RoundId) -> Response:
    """New own codes for all doctors, as a file that is given this once."""
    codes = rounds.issue_codes(get_engine(request), round_id, _now())
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows([("candidate_id", "code"), *codes.items()])
    headers = {
        "Content-Disposition": f'attachment; filename="stabil-koder-{round_id}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(buffer.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def seal(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Seal the adverts."""
    return _acted(request, round_id, form, lambda _r, number, _f: rounds.seal(get_engine(request), number, _now()))


def draw(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Fix the lottery seed."""
    return _acted(request, round_id, form, _draw)


def run(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Make the proposal."""
    return _acted(request, round_id, form, _run)


def second(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Begin the second turn."""
    return _acted(
        request,
        round_id,
        form,
        lambda _r, number, _f: start_second(get_engine(request), get_wish_box(request), number, _now()),
    )


def close(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Close the round."""
    return _acted(request, round_id, form, _close)


def decide(request: Request, round_id: RoundId, post_id: str, form: SentForm) -> Response:
    """Decide on one proposal of a post."""
    proposal = _text(form, "proposal")
    try:
        if _text(form, "is_followed") not in {"ja", "nei"}:
            raise InvalidInputError("is_followed", "", "ja or nei")
        rounds.decide(
            get_engine(request),
            round_id,
            int(proposal) if proposal.isdecimal() else 0,
            is_followed=_text(form, "is_followed") == "ja",
            reason=_text(form, "reason"),
            role=_text(form, "role"),
            now=_now(),
        )
    except InvalidInputError as error:
        return _post(request, round_id, post_id, (_fault(request, error, f"-{proposal}"),), form)
    return RedirectResponse(f"{round_href(page_language(request), round_id)}/stilling/{post_id}", HTTPStatus.SEE_OTHER)


def back_to_round(request: Request, round_id: RoundId) -> Response:
    """Way back for who asks for an address that only takes what is sent to it, as after choosing another language."""
    return _to_round(request, round_id)


def _simulate_doctors(request: Request, round_id: int, form: FormData) -> None:
    round_simulation.simulate_doctors(
        get_engine(request),
        get_world(request),
        get_wish_box(request),
        round_id,
        candidates=_whole(form, "candidates"),
        seed=DEFAULT_SEED,
        now=_now(),
        couples=_whole(form, "couples") if _text(form, "couples") else 0,
    )


def _whole(form: FormData, name: str) -> int:
    """A whole number that was typed; -1 for anything else."""
    typed = _text(form, name)
    return int(typed) if typed.isdecimal() and len(typed) < 6 else -1


def _draw(request: Request, round_id: int, form: FormData) -> None:
    rounds.draw(get_engine(request), round_id, seed=_text(form, "lottery_seed"), role=_text(form, "role"), now=_now())


def _run(request: Request, round_id: int, _: FormData) -> None:
    run_round(get_engine(request), get_world(request), get_wish_box(request), round_id, _now())


def _close(request: Request, round_id: int, form: FormData) -> None:
    rounds.close(get_engine(request), round_id, reason=_text(form, "reason"), now=_now())


def _acted(request: Request, round_id: int, form: FormData, act: Act) -> Response:
    """Do something with a round and go back to it; a wrong field is told where it stands."""
    try:
        act(request, round_id, form)
    except InvalidInputError as error:
        if error.name not in round_words.FORM_FAULTS:
            raise
        return _round(request, round_id, (_fault(request, error),), form)
    return _to_round(request, round_id)


def _from_file(
    request: Request, round_id: int, form: FormData, kind: RoundFile, take: Callable[[bytes], Judged[Any]]
) -> Response:
    """Take in a file; what is wrong with it is told row by row."""
    language, sent = page_language(request), form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        told = translate(round_words.FORM_FAULTS["file"], language)
        return _round(request, round_id, (Fault(f"file-{kind}", "", told),))
    try:
        judged = take(sent.file.read())
    except (LocalFileError, ProtectedColumnError) as error:
        return _round(request, round_id, (Fault(f"file-{kind}", "", answer_to(error, language).detail),))
    if judged.rejected:
        rejected = [
            (each.row, column_name(each.column, kind, language), row_sentence(each, kind, language))
            for each in judged.rejected
        ]
        return _round(request, round_id, rejected=rejected)
    return _to_round(request, round_id)


def _rounds(request: Request, faults: tuple[Fault, ...] = ()) -> Response:
    return render(
        request,
        "rounds.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        rounds=rounds_shown(get_engine(request)),
        faults=faults,
        wrong={fault.field: fault.sentence for fault in faults},
        round_words=round_words,
    )


def _round(
    request: Request,
    round_id: int,
    faults: tuple[Fault, ...] = (),
    form: FormData | None = None,
    rejected: list[tuple[int, str, str]] | None = None,
) -> Response:
    return render(
        request,
        "round.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults or rejected else HTTPStatus.OK,
        view=round_page(get_engine(request), get_world(request), round_id, page_language(request)),
        faults=faults,
        wrong={fault.field: fault.sentence for fault in faults},
        typed=typed_texts(form),
        rejected=rejected or [],
        choice_rows=choice_rows,
        round_words=round_words,
        longest_note=LONGEST_NOTE,
    )


def _post(
    request: Request, round_id: int, post_id: str, faults: tuple[Fault, ...] = (), form: FormData | None = None
) -> Response:
    language, shown = page_language(request), round_post(get_engine(request), round_id, post_id)
    state = round_state(get_engine(request), round_id)
    return render(
        request,
        "round_post.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        state=state,
        shown=shown,
        terms=term_rows(shown.terms, post_places(get_engine(request), get_world(request), round_id), language),
        municipality=municipality_names(get_world(request))[shown.post.municipality_code],
        roles=roles(language),
        href=round_href(language, round_id),
        faults=faults,
        wrong={fault.field: fault.sentence for fault in faults},
        typed=typed_texts(form),
        round_words=round_words,
        longest_note=LONGEST_NOTE,
    )


def _fault(request: Request, error: InvalidInputError, suffix: str = "") -> Fault:
    if error.name not in round_words.FORM_FAULTS:
        raise error
    return Fault(error.name + suffix, "", translate(round_words.FORM_FAULTS[error.name], page_language(request)))


def typed_texts(form: FormData | None) -> dict[str, str]:
    """Texts that were sent, by field."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)} if form else {}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _to_round(request: Request, round_id: int) -> Response:
    return RedirectResponse(round_href(page_language(request), round_id), HTTPStatus.SEE_OTHER)


def _now() -> datetime:
    return datetime.now(UTC)


PARTS: dict[str, Callable[..., Response]] = {
    "stillinger": take_posts,
    "vilkar": take_terms,
    "forsegle": seal,
    "leger": take_doctors,
    "koder": give_codes,
    "onsker": take_wishes,
    "par": take_couples,
    "trekning": draw,
    "forslag": run,
    "andre-omgang": second,
    "lukk": close,
}

for _language in LANGUAGES:
    _root = f"{prefix(_language)}/runde"
    router.add_api_route(_root, show_rounds, methods=["GET", "HEAD"])
    router.add_api_route(_root, open_round, methods=["POST"])
    router.add_api_route(f"{_root}/{{round_id}}", show_round, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/{{round_id}}/logg", show_log, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/{{round_id}}/stilling/{{post_id}}", show_post, methods=["GET", "HEAD"])
    router.add_api_route(f"{_root}/{{round_id}}/stilling/{{post_id}}", decide, methods=["POST"])
    for _part, _act in PARTS.items():
        router.add_api_route(f"{_root}/{{round_id}}/{_part}", _act, methods=["POST"])
        router.add_api_route(f"{_root}/{{round_id}}/{_part}", back_to_round, methods=["GET", "HEAD"])
