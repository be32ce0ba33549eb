"""What a doctor and a partner have said to each other, as each of the two may see it."""

from dataclasses import dataclass

from api.services.round_couples import Couple, couples_of, mirrored
from api.services.wish_box import WishBox
from api.storage.round_repository import RoundBook
from engine.joint_wishes import JointReach, PostPair


@dataclass(frozen=True, slots=True)
class OwnJoint:
    """Joint wishes as one member sees them.

    Attributes
    ----------
    own_ranking : tuple of (str or None, str or None), or None
        Pairs of the own post and the partner's; None where the list is made from the members' own lists.
    is_agreed_by_me, is_agreed_by_partner : bool
        The couple counts once both have agreed to exactly this.
    takes_part_together : bool
        Both have agreed, both have given own wishes, and neither has a post from the first turn.
    """

    offer_id: str
    partner_id: str
    reach: JointReach
    takes_one: bool
    own_ranking: tuple[PostPair, ...] | None
    is_agreed_by_me: bool
    is_agreed_by_partner: bool
    is_from_leaders: bool
    takes_part_together: bool


def own_joint(book: RoundBook, box: WishBox, name: str) -> tuple[OwnJoint, ...]:
    """All joint wishes that name a doctor; what both agreed to comes first, then the doctor's own."""
    able = able_together(book)
    found = [_seen_by(couple, name, able) for _, couple in couples_of(book, box) if name in couple.members]
    return tuple(sorted(found, key=lambda each: (not each.takes_part_together, not each.is_agreed_by_me)))


def partner_left(book: RoundBook, box: WishBox, name: str) -> str | None:
    """What to put the message away with that a partner left; None if nobody did."""
    told = (couple.offer_id for _, couple in couples_of(book, box) if couple.left_alone == name)
    return next(told, None)


def able_together(book: RoundBook) -> frozenset[str]:
    """Doctors who can take part in a couple: with own wishes, and without a post from an earlier turn."""
    placed = {row.candidate_id for row in book.proposals() if row.turn < book.row.turn and row.is_followed}
    return frozenset(row.candidate_id for row in book.candidates() if row.wishes) - placed


def _seen_by(couple: Couple, name: str, able: frozenset[str]) -> OwnJoint:
    assert couple.wishes is not None
    wishes = couple.wishes if couple.wishes.members[0] == name else mirrored(couple.wishes)
    partner = wishes.members[1]
    return OwnJoint(
        offer_id=couple.offer_id,
        partner_id=partner,
        reach=wishes.reach,
        takes_one=wishes.takes_one,
        own_ranking=wishes.own_ranking,
        is_agreed_by_me=name in couple.agreed,
        is_agreed_by_partner=partner in couple.agreed,
        is_from_leaders=couple.is_from_leaders,
        takes_part_together=couple.is_agreed and {name, partner} <= able,
    )
