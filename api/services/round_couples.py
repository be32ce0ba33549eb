"""Couples of a round: what two doctors want together, kept encrypted and counted once both have agreed to it."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from api.services.wish_box import WishBox
from api.storage.round_repository import RoundBook
from api.storage.round_tables import AllocationCoupleRow
from engine.joint_wishes import JointWishes

OWNER = "couple"
"""What is sealed into a couple's document in place of one doctor; no pseudonym looks like it."""


@dataclass(frozen=True, slots=True)
class Couple:
    """What is kept about two doctors who look together; private to the two.

    Attributes
    ----------
    offer_id : str
        Changes with every change of the wishes, so that nobody agrees to something else than what was shown.
    wishes : JointWishes or None
        None once a member left; then only `left_alone` is kept.
    agreed : tuple of str
        Members who have agreed to exactly these wishes.
    is_from_leaders : bool
        Whether those who lead the round brought it, and say that both agreed.
    left_alone : str or None
        The member who stayed when the other left, and is told so.
    """

    offer_id: str
    wishes: JointWishes | None
    agreed: tuple[str, ...] = ()
    is_from_leaders: bool = False
    left_alone: str | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """The two doctors; none once a member left."""
        return self.wishes.members if self.wishes else ()

    @property
    def is_agreed(self) -> bool:
        """Whether both have agreed."""
        return bool(self.members) and set(self.agreed) == set(self.members)


COUPLE: TypeAdapter[Couple] = TypeAdapter(Couple)
Kept = tuple[AllocationCoupleRow, Couple]


def couples_of(book: RoundBook, box: WishBox) -> list[Kept]:
    """All that is kept about couples of a round, with the rows it is kept in."""
    return [(row, COUPLE.validate_json(box.unlock(book.round_id, OWNER, row.document))) for row in book.couples()]


def joint_wishes_of(book: RoundBook, box: WishBox, takes_part: Collection[str]) -> list[JointWishes]:
    """Joint wishes that both members agreed to, where both take part; everybody else takes part alone."""
    kept = [couple.wishes for _, couple in couples_of(book, box) if couple.wishes and couple.is_agreed]
    return [wishes for wishes in kept if all(name in takes_part for name in wishes.members)]


def is_coupled_elsewhere(book: RoundBook, box: WishBox, name: str, partner: str) -> bool:
    """Whether a doctor has agreed with another partner than this one."""
    agreed = (couple.members for _, couple in couples_of(book, box) if couple.is_agreed)
    return any(name in members and partner not in members for members in agreed)


def put_offer(book: RoundBook, box: WishBox, wishes: JointWishes, by: str) -> None:
    """Keep a doctor's joint wishes in place of the own earlier ones; agreed at once if the partner said the same."""
    partner = _other(wishes.members, by)
    said = {couple.wishes for _, couple in couples_of(book, box) if partner in couple.agreed}
    _clear(book, box, {by}, between=frozenset(wishes.members))
    agreed = wishes.members if {wishes, mirrored(wishes)} & said else (by,)
    put_couple(book, box, Couple(secrets.token_hex(8), wishes, agreed))


def put_from_leaders(book: RoundBook, box: WishBox, joint: Sequence[JointWishes]) -> None:
    """Keep couples' wishes that those who lead the round brought, in place of all that their members said earlier."""
    members = frozenset(name for wishes in joint for name in wishes.members)
    for row, couple in couples_of(book, box):
        if members & {*couple.members, couple.left_alone}:
            _remove(book, box, (row, couple), members)
    for wishes in joint:
        put_couple(book, box, Couple(secrets.token_hex(8), wishes, wishes.members, is_from_leaders=True))


def agree(book: RoundBook, box: WishBox, name: str, offer_id: str) -> bool:
    """Agree to what was shown; False if it is no longer there, or the doctor has agreed with somebody else."""
    offered = (couple for _, couple in couples_of(book, box) if couple.offer_id == offer_id and name in couple.members)
    couple = next(offered, None)
    if couple is None or is_coupled_elsewhere(book, box, name, _other(couple.members, name)):
        return False
    _clear(book, box, {name}, between=frozenset(couple.members))
    put_couple(book, box, replace(couple, agreed=couple.members))
    return True


def withdraw(book: RoundBook, box: WishBox, name: str, offer_id: str) -> bool:
    """Take back or turn down an offer, or put away what was told; False if it is no longer there."""
    for row, couple in couples_of(book, box):
        if couple.offer_id == offer_id and name in (*couple.members, couple.left_alone):
            _remove(book, box, (row, couple), frozenset({name}))
            return True
    return False


def leave(book: RoundBook, box: WishBox, name: str) -> None:
    """Take away everything about a doctor who leaves the round; a partner who had agreed is told."""
    for row, couple in couples_of(book, box):
        if name in (*couple.members, couple.left_alone):
            _remove(book, box, (row, couple), frozenset({name}))


def mirrored(wishes: JointWishes) -> JointWishes:
    """The same wishes with the members, and every pair, the other way round."""
    pairs = wishes.own_ranking and tuple((second, first) for first, second in wishes.own_ranking)
    return replace(wishes, members=wishes.members[::-1], own_ranking=pairs)


def put_couple(book: RoundBook, box: WishBox, couple: Couple) -> None:
    """Store what two doctors want together, encrypted; the row itself tells neither who nor what."""
    book.add_couple(box.lock(book.round_id, OWNER, COUPLE.dump_json(couple).decode()))


def _clear(book: RoundBook, box: WishBox, names: Collection[str], between: frozenset[str]) -> None:
    """Take away what these doctors said or were told before, and all that stands between the two."""
    for row, couple in couples_of(book, box):
        said = {*couple.agreed, couple.left_alone} & set(names)
        if said or frozenset(couple.members) == between:
            _remove(book, box, (row, couple), between)


def _remove(book: RoundBook, box: WishBox, kept: Kept, by: frozenset[str]) -> None:
    """Take away what is kept about a couple; whoever had agreed to it and is not among `by` is told."""
    row, couple = kept
    book.remove_couple(row)
    for name in couple.agreed:
        if name not in by:
            put_couple(book, box, Couple(secrets.token_hex(8), None, left_alone=name))


def _other(members: Sequence[str], name: str) -> str:
    first, second = members
    return second if name == first else first
