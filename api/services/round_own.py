"""What a doctor does with the own data in a round: read, change wishes, take out, delete."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import Engine

from api.errors import OwnCodeError
from api.services.round_couples import leave
from api.services.round_import import Judged, judge_own_wishes
from api.services.round_log import RoundAction
from api.services.round_own_joint import OwnJoint, own_joint, partner_left
from api.services.round_run import ANSWER
from api.services.round_steps import RoundStage, RoundStep
from api.services.rounds import QUALIFICATIONS, WISHES, advance, known_to, put_wishes, settle
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import RoundBook, changing, reading
from api.storage.round_tables import AllocationCandidateRow, AllocationProposalRow
from engine.candidate_view import CandidateView
from engine.candidates import Qualifications, Wishes


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything kept about one doctor in a round; for that doctor alone.

    `wishes` is None before they are given and after the round is closed, `answer` before the proposal is made.
    `was_followed` and `reason` tell what was decided about the own proposal. `joint` is what the doctor and a partner
    have said to each other; `partner_left` is not None where a partner left, and then tells what to put it away with.
    """

    round_id: int
    round_name: str
    is_simulated: bool
    qualifications: Qualifications
    wishes: Wishes | None
    answer: CandidateView | None
    was_followed: bool | None
    reason: str | None
    can_change_wishes: bool
    joint: tuple[OwnJoint, ...]
    partner_left: str | None


def own_data(engine: Engine, box: WishBox, round_id: int, candidate_id: str, code: str) -> OwnData:
    """Everything kept about a doctor.

    Raises
    ------
    OwnCodeError
        Pseudonym and code do not belong together.
    """
    with reading(engine, round_id) as book:
        row = own_row(book, candidate_id, code)
        wishes = row.wishes and WISHES.validate_json(box.unlock(round_id, candidate_id, row.wishes))
        answer = row.answer and ANSWER.validate_json(box.unlock(round_id, candidate_id, row.answer))
        decided = _decided(book, candidate_id)
        return OwnData(
            round_id=round_id,
            round_name=book.row.name,
            is_simulated=book.row.is_simulated,
            qualifications=QUALIFICATIONS.validate_json(row.qualifications),
            wishes=wishes or None,
            answer=answer or None,
            was_followed=decided.is_followed if decided else None,
            reason=decided.reason if decided else None,
            can_change_wishes=book.stage is RoundStage.CANDIDATES_IN,
            joint=own_joint(book, box, candidate_id),
            partner_left=partner_left(book, box, candidate_id),
        )


def _decided(book: RoundBook, candidate_id: str) -> AllocationProposalRow | None:
    """The proposal that a doctor's answer is about: the one that was followed, else that of the latest run."""
    proposals = [each for each in book.proposals() if each.candidate_id == candidate_id]
    runs = [turn for turn in (1, 2) if (run := book.run(turn)) is not None and run.inputs_sha256]
    return next((each for each in proposals if each.is_followed or each.turn == max(runs, default=1)), None)


def give_wishes(
    engine: Engine,
    world: World,
    box: WishBox,
    round_id: int,
    candidate_id: str,
    code: str,
    texts: Mapping[str, str],
    now: datetime,
) -> Judged[Wishes]:
    """Put a doctor's wishes in place of the earlier ones; the log tells neither who nor what."""
    with changing(engine, round_id) as book:
        own_row(book, candidate_id, code)
        advance(book, RoundStep.GIVE_WISHES)
        judged = judge_own_wishes(texts, candidate_id, known_to(world, book))
        if judged.rejected:
            book.discard()
            return judged
        put_wishes(book, box, judged.accepted[0])
        book.note(now, RoundAction.WISHES_GIVEN, {})
    return judged


def erase(engine: Engine, box: WishBox, round_id: int, candidate_id: str, code: str, now: datetime) -> None:
    """Delete everything kept about a doctor but what the log says under the pseudonym; a partner goes on alone."""
    with changing(engine, round_id) as book:
        own_row(book, candidate_id, code)
        leave(book, box, candidate_id)
        book.erase_candidate(candidate_id)
        _forget_partner(book, box, candidate_id)
        book.note(now, RoundAction.CANDIDATE_DELETED, {"candidate": candidate_id})
        settle(book)


def _forget_partner(book: RoundBook, box: WishBox, erased: str) -> None:
    """Take an erased doctor out of a partner's answer; all answers are opened, since no mark tells whose it is."""
    for row in book.candidates():
        if row.answer is None:
            continue
        answer = ANSWER.validate_json(box.unlock(book.round_id, row.candidate_id, row.answer))
        if answer.joint is not None and answer.joint.partner_id == erased:
            alone = replace(answer, joint=None, position=None, list_length=0)
            row.answer = box.lock(book.round_id, row.candidate_id, ANSWER.dump_json(alone).decode())


def own_row(book: RoundBook, candidate_id: str, code: str) -> AllocationCandidateRow:
    """The doctor's row, for who has the doctor's code."""
    row = book.candidate(candidate_id)
    known = row.code_sha256 if row is not None and row.code_sha256 is not None else ""
    if not compare_digest(known, sha256(code.encode()).hexdigest()) or row is None:
        raise OwnCodeError
    return row
