"""Addresses of allocation rounds: their list, one round step by step, each employer's answer, and the log."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api import round_words
from api.pages.addresses import page_language, prefix
from api.pages.rendering import render
from api.pages.round_answers import (
    RoundId,
    SentForm,
    acted,
    fault_of,
    moment_now,
    post_answer,
    round_answer,
    rounds_answer,
    text_of,
    to_round,
)
from api.pages.round_files import FILES
from api.pages.round_page import roles, round_href
from api.routes.answers import get_engine, get_wish_box, get_world
from api.services import rounds
from api.services.round_run import run_round, start_second
from api.services.round_views import round_log, round_state
from api.translation import LANGUAGES, N_, translate
from features.errors import InvalidInputError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def show_rounds(request: Request) -> Response:
    """Every round, and the form that opens one."""
    return rounds_answer(request)


def open_round(request: Request, form: SentForm) -> Response:
    """Open a round."""
    try:
        number = rounds.open_round(
            get_engine(request), text_of(form, "name"), is_simulated=text_of(form, "kind") != "real", now=moment_now()
        )
    except InvalidInputError as error:
        return rounds_answer(request, (fault_of(request, error),))
    return to_round(request, number)


def show_round(request: Request, round_id: RoundId) -> Response:
    """One round: where it stands, and what may be done now."""
    return round_answer(request, round_id)


def show_post(request: Request, round_id: RoundId, post_id: str) -> Response:
    """The employer's answer for one post."""
    return post_answer(request, round_id, post_id)


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


def give_codes(request: Request, round_id: RoundId) -> Response:
    """New own codes for all doctors, as a file that is given this once."""
    codes = rounds.issue_codes(get_engine(request), round_id, moment_now())
    language = page_language(request)
    headings = (translate(N_("Pseudonym"), language), translate(N_("Egen kode"), language))
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows([headings, *codes.items()])
    headers = {
        "Content-Disposition": f'attachment; filename="stabil-koder-{round_id}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(buffer.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def seal(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Seal the adverts."""
    return acted(request, round_id, form, lambda _r, number, _f: rounds.seal(get_engine(request), number, moment_now()))


def draw(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Fix the lottery seed."""
    return acted(request, round_id, form, _draw)


def run(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Make the proposal."""
    return acted(request, round_id, form, _run)


def second(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Begin the second turn."""
    return acted(
        request,
        round_id,
        form,
        lambda _r, number, _f: start_second(get_engine(request), get_wish_box(request), number, moment_now()),
    )


def close(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Close the round."""
    return acted(request, round_id, form, _close)


def decide(request: Request, round_id: RoundId, post_id: str, form: SentForm) -> Response:
    """Decide on one proposal of a post."""
    proposal = text_of(form, "proposal")
    try:
        if text_of(form, "is_followed") not in {"ja", "nei"}:
            raise InvalidInputError("is_followed", "", "ja or nei")
        rounds.decide(
            get_engine(request),
            round_id,
            int(proposal) if proposal.isdecimal() else 0,
            is_followed=text_of(form, "is_followed") == "ja",
            reason=text_of(form, "reason"),
            role=text_of(form, "role"),
            now=moment_now(),
        )
    except InvalidInputError as error:
        return post_answer(request, round_id, post_id, (fault_of(request, error, f"-{proposal}"),), form)
    return RedirectResponse(f"{round_href(page_language(request), round_id)}/stilling/{post_id}", HTTPStatus.SEE_OTHER)


def back_to_round(request: Request, round_id: RoundId) -> Response:
    """Way back for who asks for an address that only takes what is sent to it, as after choosing another language."""
    return to_round(request, round_id)


def _draw(request: Request, round_id: int, form: FormData) -> None:
    rounds.draw(
        get_engine(request), round_id, seed=text_of(form, "lottery_seed"), role=text_of(form, "role"), now=moment_now()
    )


def _run(request: Request, round_id: int, _: FormData) -> None:
    run_round(get_engine(request), get_world(request), get_wish_box(request), round_id, moment_now())


def _close(request: Request, round_id: int, form: FormData) -> None:
    rounds.close(get_engine(request), round_id, reason=text_of(form, "reason"), now=moment_now())


PARTS: dict[str, Callable[..., Response]] = {
    **FILES,
    "forsegle": seal,
    "koder": give_codes,
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
