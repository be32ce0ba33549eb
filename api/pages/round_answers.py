"""Answers of the pages of rounds: the list, one round, one post; and what was sent to them."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from api import round_words
from api.pages.addresses import page_language
from api.pages.own_data_form import Fault
from api.pages.rendering import render
from api.pages.round_page import choice_rows, municipality_names, post_places, roles, round_href, round_page, term_rows
from api.routes.answers import get_engine, get_world
from api.services.round_views import round_post, round_state, rounds_shown
from api.translation import translate
from features.errors import InvalidInputError
from features.local_data import LONGEST_NOTE

RoundId = Annotated[int, Path(ge=1, lt=2**63)]


async def _sent(request: Request) -> AsyncIterator[FormData]:
    async with request.form() as form:  # closes the files that came with it
        yield form


SentForm = Annotated[FormData, Depends(_sent)]
Act = Callable[[Request, int, FormData], object]


def acted(request: Request, round_id: int, form: FormData, act: Act) -> Response:
    """Do something with a round and go back to it; a wrong field is told where it stands."""
    try:
        act(request, round_id, form)
    except InvalidInputError as error:
        if error.name not in round_words.FORM_FAULTS:
            raise
        return round_answer(request, round_id, (fault_of(request, error),), form)
    return to_round(request, round_id)


def rounds_answer(request: Request, faults: tuple[Fault, ...] = ()) -> Response:
    """Every round, and the form that opens one."""
    return render(
        request,
        "rounds.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        rounds=rounds_shown(get_engine(request)),
        faults=faults,
        wrong={fault.field: fault.sentence for fault in faults},
        round_words=round_words,
    )


def round_answer(
    request: Request,
    round_id: int,
    faults: tuple[Fault, ...] = (),
    form: FormData | None = None,
    rejected: list[tuple[int, str, str]] | None = None,
) -> Response:
    """One round, with what is wrong with what was sent."""
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


def post_answer(
    request: Request, round_id: int, post_id: str, faults: tuple[Fault, ...] = (), form: FormData | None = None
) -> Response:
    """The employer's answer for one post."""
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


def fault_of(request: Request, error: InvalidInputError, suffix: str = "") -> Fault:
    """What is wrong with a field, in the words of the page; an error of no field is raised again."""
    if error.name not in round_words.FORM_FAULTS:
        raise error
    return Fault(error.name + suffix, "", translate(round_words.FORM_FAULTS[error.name], page_language(request)))


def typed_texts(form: FormData | None) -> dict[str, str]:
    """Texts that were sent, by field."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)} if form else {}


def text_of(form: FormData, name: str) -> str:
    """A text that was sent, without blanks at its ends."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def to_round(request: Request, round_id: int) -> Response:
    """Leads back to a round's page."""
    return RedirectResponse(round_href(page_language(request), round_id), HTTPStatus.SEE_OTHER)


def moment_now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)
