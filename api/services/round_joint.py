"""What a doctor does about joint wishes with a partner: give them, agree to the partner's, or take them back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from api.services.round_couple_import import judge_own_couple
from api.services.round_couples import agree, is_coupled_elsewhere, put_offer, withdraw
from api.services.round_import import Judged
from api.services.round_log import RoundAction
from api.services.round_own import own_row
from api.services.round_steps import RoundStep, RoundStepError, StepFault
from api.services.rounds import advance, known_to
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import changing
from engine.joint_wishes import JointWishes


def give_joint(
    engine: Engine,
    world: World,
    box: WishBox,
    round_id: int,
    candidate_id: str,
    code: str,
    texts: Mapping[str, str],
    now: datetime,
) -> Judged[JointWishes]:
    """Name a partner and what the two want; it counts once the partner has agreed to exactly this."""
    with changing(engine, round_id) as book:
        own_row(book, candidate_id, code)
        advance(book, RoundStep.GIVE_WISHES)
        judged = judge_own_couple(
            texts,
            candidate_id,
            known_to(world, book),
            lambda partner: is_coupled_elsewhere(book, box, candidate_id, partner),
        )
        if judged.rejected:
            book.discard()
            return judged
        put_offer(book, box, judged.accepted[0], candidate_id)
        book.note(now, RoundAction.WISHES_GIVEN, {})
    return judged


def agree_to_joint(
    engine: Engine, box: WishBox, round_id: int, candidate_id: str, code: str, offer_id: str, now: datetime
) -> None:
    """Agree to a partner's joint wishes as they were shown.

    Raises
    ------
    RoundStepError
        They were changed or taken back meanwhile, or the doctor has agreed with somebody else.
    """
    with changing(engine, round_id) as book:
        own_row(book, candidate_id, code)
        advance(book, RoundStep.GIVE_WISHES)
        if not agree(book, box, candidate_id, offer_id):
            raise RoundStepError(RoundStep.GIVE_WISHES, book.stage, StepFault.CHANGED_MEANWHILE)
        book.note(now, RoundAction.WISHES_GIVEN, {})


def withdraw_joint(
    engine: Engine, box: WishBox, round_id: int, candidate_id: str, code: str, offer_id: str, now: datetime
) -> None:
    """Take joint wishes back or turn them down; a partner who had agreed then takes part alone and is told.

    Raises
    ------
    RoundStepError
        They were changed or taken back meanwhile.
    """
    with changing(engine, round_id) as book:
        own_row(book, candidate_id, code)
        advance(book, RoundStep.GIVE_WISHES)
        if not withdraw(book, box, candidate_id, offer_id):
            raise RoundStepError(RoundStep.GIVE_WISHES, book.stage, StepFault.CHANGED_MEANWHILE)
        book.note(now, RoundAction.WISHES_GIVEN, {})
