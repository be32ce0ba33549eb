"""Addresses of a doctor's own page in a round: what is kept, the wishes, those with a partner, export and deletion."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import TypeAdapter
from starlette.datastructures import FormData

from api import round_words
from api.errors import OwnCodeError, answer_to
from api.match_words import REQUIREMENTS
from api.pages.addresses import page_language, prefix
from api.pages.own_data_form import Fault
from api.pages.rendering import render
from api.pages.round_answers import RoundId, SentForm, typed_texts
from api.pages.round_page import round_href
from api.reports.match import CHANGE, LEFT_OUT, WHY
from api.round_import_words import row_sentence
from api.routes.answers import get_engine, get_wish_box, get_world
from api.services.round_columns import COUPLES, WISHES, RoundFile
from api.services.round_joint import agree_to_joint, give_joint, withdraw_joint
from api.services.round_own import OwnData, erase, give_wishes, own_data
from api.services.round_views import round_state
from api.services.round_wish_texts import joint_texts, wish_texts
from api.translation import LANGUAGES
from features.catalogue import Language

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

OWN: TypeAdapter[OwnData] = TypeAdapter(OwnData)
FIELDS = tuple(column for column in WISHES if column.key != "candidate_id")
JOINT_FIELDS = tuple(column for column in COUPLES if column.key != "candidate_id")
JOINT = "par-"
"""What stands before the names of the fields about a couple."""


def ask_for_code(request: Request, round_id: RoundId) -> Response:
    """The form that asks for pseudonym and own code."""
    return _page(request, round_id, {})


def show_own(request: Request, round_id: RoundId, form: SentForm) -> Response:
    """Everything kept about the doctor, for that doctor alone."""
    typed = typed_texts(form)
    name, code, what = typed.get("candidate_id", "").strip(), typed.get("code", "").strip(), typed.get("what", "")
    engine, box = get_engine(request), get_wish_box(request)
    faults: tuple[Fault, ...] = ()
    is_saved = False
    try:
        if what == "slett":
            erase(engine, box, round_id, name, code, datetime.now(UTC))
            return _page(request, round_id, {}, is_deleted=True)
        if what in SAVING:
            faults = SAVING[what](request, round_id, form, name, code)
            is_saved = not faults
        own = own_data(engine, box, round_id, name, code)
    except OwnCodeError as error:
        return _page(
            request, round_id, typed, faults=(Fault("code", "", answer_to(error, page_language(request)).detail),)
        )
    if what == "hent":
        headers = {
            "Content-Disposition": f'attachment; filename="stabil-egne-data-{round_id}.json"',
            "Cache-Control": "no-store",
        }
        return Response(OWN.dump_json(own, indent=2), media_type="application/json", headers=headers)
    return _page(request, round_id, typed, own=own, faults=faults, is_saved=is_saved)


def _save_wishes(request: Request, round_id: int, form: FormData, name: str, code: str) -> tuple[Fault, ...]:
    typed = typed_texts(form)
    texts = {column.key: typed.get(column.key, "") for column in FIELDS}
    judged = give_wishes(
        get_engine(request),
        get_world(request),
        get_wish_box(request),
        round_id,
        name,
        code,
        texts,
        datetime.now(UTC),
    )
    language = page_language(request)
    return tuple(Fault(each.column, "", row_sentence(each, RoundFile.WISHES, language)) for each in judged.rejected)


def _save_joint(request: Request, round_id: int, form: FormData, name: str, code: str) -> tuple[Fault, ...]:
    typed = typed_texts(form)
    texts = {column.key: typed.get(f"{JOINT}{column.key}", "") for column in JOINT_FIELDS}
    engine, box, language = get_engine(request), get_wish_box(request), page_language(request)
    judged = give_joint(engine, get_world(request), box, round_id, name, code, texts, datetime.now(UTC))
    return tuple(
        Fault(f"{JOINT}{each.column}", "", row_sentence(each, RoundFile.COUPLES, language)) for each in judged.rejected
    )


def _agree(request: Request, round_id: int, form: FormData, name: str, code: str) -> tuple[Fault, ...]:
    offer = typed_texts(form).get("offer_id", "")
    agree_to_joint(get_engine(request), get_wish_box(request), round_id, name, code, offer, datetime.now(UTC))
    return ()


def _withdraw(request: Request, round_id: int, form: FormData, name: str, code: str) -> tuple[Fault, ...]:
    offer = typed_texts(form).get("offer_id", "")
    withdraw_joint(get_engine(request), get_wish_box(request), round_id, name, code, offer, datetime.now(UTC))
    return ()


SAVING = {"lagre": _save_wishes, "sammen": _save_joint, "bekreft": _agree, "trekk": _withdraw}
"""What a button of the page saves."""


def _page(
    request: Request,
    round_id: int,
    typed: dict[str, str],
    *,
    own: OwnData | None = None,
    faults: tuple[Fault, ...] = (),
    is_saved: bool = False,
    is_deleted: bool = False,
) -> Response:
    language = page_language(request)
    is_wrong = bool(faults)
    texts = typed if is_wrong and typed.get("what") == "lagre" else _wish_texts(own, language)
    joint = {f"{JOINT}{key}": text for key, text in _joint_texts(own, language).items()}
    answer = render(
        request,
        "round_own.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        state=round_state(get_engine(request), round_id),
        href=round_href(language, round_id),
        own=own,
        typed=typed,
        texts=texts,
        fields=FIELDS,
        joint_fields=JOINT_FIELDS,
        joint_prefix=JOINT,
        joint_wrong=any(fault.field.startswith(JOINT) for fault in faults),
        joint_typed=typed if is_wrong and typed.get("what") == "sammen" else joint,
        faults=faults,
        wrong={fault.field: fault.sentence for fault in faults},
        is_saved=is_saved,
        is_deleted=is_deleted,
        round_words=round_words,
        match_words={"why": WHY, "change": CHANGE, "requirements": REQUIREMENTS, "left_out": LEFT_OUT},
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wish_texts(own: OwnData | None, language: Language) -> dict[str, str]:
    return wish_texts(own.wishes, language) if own and own.wishes else {}


def _joint_texts(own: OwnData | None, language: Language) -> dict[str, str]:
    """What the doctor has said together with a partner, or nothing."""
    said = next((each for each in own.joint if each.is_agreed_by_me), None) if own else None
    return joint_texts(said, language) if said else {}


for _language in LANGUAGES:
    _root = f"{prefix(_language)}/runde/{{round_id}}/mine"
    router.add_api_route(_root, ask_for_code, methods=["GET", "HEAD"])
    router.add_api_route(_root, show_own, methods=["POST"])
