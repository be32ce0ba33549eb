"""Reads couples' joint wishes, from a file of those who lead the round or from a doctor's own form."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from api.services.round_columns import RoundFile
from api.services.round_couples import put_from_leaders
from api.services.round_import import ImportFault, Judged, Known, RejectedError, judged_form, judged_rows
from api.services.round_log import RoundAction
from api.services.round_steps import RoundStep
from api.services.rounds import advance, known_to, withheld
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import changing
from engine.joint_wishes import JointWishes

DEFAULT_PAIRS = 50


def import_couples(
    engine: Engine, world: World, box: WishBox, round_id: int, content: bytes, now: datetime
) -> Judged[JointWishes]:
    """Take in a file of couples, encrypted at once; the log tells no more of it than of other wishes."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.GIVE_WISHES)
        judged = judge_couples(content, known_to(world, book))
        if judged.rejected:
            book.discard()
            return judged
        put_from_leaders(book, box, judged.accepted)
        book.note(now, RoundAction.WISHES_IMPORTED, {"candidates": withheld(2 * len(judged.accepted))})
    return judged


def judge_couples(content: bytes, known: Known) -> Judged[JointWishes]:
    """Couples of a file; no doctor is in two of them."""
    coupled: set[str] = set()

    def read(values: dict[str, Any]) -> JointWishes:
        for name in ("candidate_id", "partner_id"):
            if values[name] in coupled:
                raise RejectedError(name, ImportFault.COUPLED_ELSEWHERE, values[name])
        wishes = _joint(values, known)
        coupled.update(wishes.members)
        return wishes

    return judged_rows(content, RoundFile.COUPLES, "candidate_id", read)


def judge_own_couple(
    texts: Mapping[str, str], candidate_id: str, known: Known, is_elsewhere: Callable[[str], bool]
) -> Judged[JointWishes]:
    """What one doctor wants together with a partner; `is_elsewhere` tells whether one is in a couple with another."""

    def read(values: dict[str, Any]) -> JointWishes:
        wishes = _joint(values, known)
        if is_elsewhere(values["partner_id"]):
            raise RejectedError("partner_id", ImportFault.COUPLED_ELSEWHERE, candidate_id)
        return wishes

    return judged_form(texts, candidate_id, RoundFile.COUPLES, read)


def _joint(values: dict[str, Any], known: Known) -> JointWishes:
    members = (values["candidate_id"], values["partner_id"])
    for name, column in zip(members, ("candidate_id", "partner_id"), strict=True):
        if name not in known.doctors:
            raise RejectedError(column, ImportFault.UNKNOWN_DOCTOR, name)
    if members[0] == members[1]:
        raise RejectedError("partner_id", ImportFault.OWN_PSEUDONYM, members[1])
    pairs = values.get("own_ranking", ())
    if absent := [post for pair in pairs for post in pair if post is not None and post not in known.posts]:
        raise RejectedError("own_ranking", ImportFault.UNKNOWN_POST, absent[0][:60])
    said = {name: value for name, value in values.items() if name not in ("candidate_id", "partner_id")}
    return JointWishes(members, list_limit=max(DEFAULT_PAIRS, len(pairs)), **said)
