"""Takes the files of a round: posts, what they share, doctors, wishes and couples; or simulates them."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from api import round_words
from api.errors import ProtectedColumnError, answer_to
from api.pages.addresses import page_language
from api.pages.own_data_form import Fault
from api.pages.round_answers import RoundId, SentForm, acted, moment_now, round_answer, text_of, to_round
from api.round_import_words import column_name, row_sentence
from api.routes.answers import get_engine, get_wish_box, get_world
from api.services import round_simulation, rounds
from api.services.round_columns import RoundFile
from api.services.round_couple_import import import_couples
from api.services.round_import import Judged
from api.services.round_terms_import import import_terms, remove_terms
from api.settings import DEFAULT_SEED
from api.translation import translate
from features.errors import LocalFileError


def take_posts(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in posts from a file, or simulate them."""
    engine, world = get_engine(request), get_world(request)
    if text_of(form, "simulated"):
        round_simulation.simulate_posts(engine, world, round_id, seed=DEFAULT_SEED, now=moment_now())
        return to_round(request, round_id)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.POSTS,
        lambda content: rounds.import_posts(engine, world, round_id, content, moment_now()),
    )


def take_terms(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in what the posts share from a file, or take it away."""
    engine = get_engine(request)
    if text_of(form, "remove"):
        remove_terms(engine, round_id, moment_now())
        return to_round(request, round_id)
    return _from_file(
        request, round_id, form, RoundFile.TERMS, lambda content: import_terms(engine, round_id, content, moment_now())
    )


def take_doctors(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in doctors from a file, or simulate them."""
    engine = get_engine(request)
    if text_of(form, "simulated"):
        return acted(request, round_id, form, _simulate_doctors)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.CANDIDATES,
        lambda content: rounds.import_candidates(engine, round_id, content, moment_now()),
    )


def take_wishes(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in wishes from a file."""
    engine, world, box = get_engine(request), get_world(request), get_wish_box(request)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.WISHES,
        lambda content: rounds.import_wishes(engine, world, box, round_id, content, moment_now()),
    )


def take_couples(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Take in couples from a file."""
    engine, world, box = get_engine(request), get_world(request), get_wish_box(request)
    return _from_file(
        request,
        round_id,
        form,
        RoundFile.COUPLES,
        lambda content: import_couples(engine, world, box, round_id, content, moment_now()),
    )


def _simulate_doctors(request: Request, round_id: int, form: FormData) -> None:
    round_simulation.simulate_doctors(
        get_engine(request),
        get_world(request),
        get_wish_box(request),
        round_id,
        candidates=_whole(form, "candidates"),
        seed=DEFAULT_SEED,
        now=moment_now(),
        couples=_whole(form, "couples") if text_of(form, "couples") else 0,
    )


def _whole(form: FormData, name: str) -> int:
    """A whole number that was typed; -1 for anything else."""
    typed = text_of(form, name)
    return int(typed) if typed.isdecimal() and len(typed) < 6 else -1


def _from_file(
    request: Request, round_id: int, form: FormData, kind: RoundFile, take: Callable[[bytes], Judged[Any]]
) -> Response:
    """Take in a file; what is wrong with it is told row by row."""
    language, sent = page_language(request), form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        told = translate(round_words.FORM_FAULTS["file"], language)
        return round_answer(request, round_id, (Fault(f"file-{kind}", "", told),))
    try:
        judged = take(sent.file.read())
    except (LocalFileError, ProtectedColumnError) as error:
        return round_answer(request, round_id, (Fault(f"file-{kind}", "", answer_to(error, language).detail),))
    if judged.rejected:
        rejected = [
            (each.row, column_name(each.column, kind, language), row_sentence(each, kind, language))
            for each in judged.rejected
        ]
        return round_answer(request, round_id, rejected=rejected)
    return to_round(request, round_id)


FILES: Mapping[str, Callable[..., Response]] = {
    "stillinger": take_posts,
    "vilkar": take_terms,
    "leger": take_doctors,
    "onsker": take_wishes,
    "par": take_couples,
}
"""What each address of a round takes from a file."""
