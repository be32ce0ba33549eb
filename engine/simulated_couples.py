"""Couples among simulated doctors, for rounds that show what joint lists do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from numpy.random import Generator

from engine.candidates import Candidate, PartnerOccupation
from engine.joint_wishes import JointReach, JointWishes
from engine.rules import read_rules
from features.errors import InvalidInputError


def simulate_couples(
    doctors: Sequence[Candidate], n: int, rng: Generator, *, today: date
) -> tuple[tuple[Candidate, ...], tuple[JointWishes, ...]]:
    """Pair `n` couples by lot, and give all doctors with the couples' joint wishes.

    Who is drawn has nothing to do with qualifications or wishes. The two share the counties and the rank of factors of
    one of them, since two who look for posts together have talked; a partner's jobs no longer count, for that is what
    the joint list is for. How many would take one post without the other is an assumption of
    ``parameters/simulated_round.toml``.

    Raises
    ------
    InvalidInputError
        `n` is negative, or there are not two doctors for each couple.

    Examples
    --------
    >>> from numpy.random import default_rng
    >>> from engine.simulated_candidates import simulate_candidates
    >>> doctors = simulate_candidates(4, ["50"], ["workload"], default_rng(1), today=date(2026, 1, 1))
    >>> _, couples = simulate_couples(doctors, 2, default_rng(1), today=date(2026, 1, 1))
    >>> sorted(member for couple in couples for member in couple.members) == [each.candidate_id for each in doctors]
    True
    """
    if not 0 <= 2 * n <= len(doctors):
        raise InvalidInputError("couples", n, f"0–{len(doctors) // 2}")
    share = read_rules("simulated_round").number("couple_takes_one_share", today)
    drawn = [int(at) for at in rng.permutation(len(doctors))[: 2 * n]]
    changed = dict(enumerate(doctors))
    couples = []
    for one, other in zip(drawn[::2], drawn[1::2], strict=True):
        changed[one], changed[other] = _couple(doctors[one], doctors[other])
        members = doctors[one].candidate_id, doctors[other].candidate_id
        couples.append(JointWishes(members, JointReach.SAME_LABOUR_MARKET, takes_one=bool(rng.random() < share)))
    return tuple(changed.values()), tuple(couples)


def _couple(one: Candidate, other: Candidate) -> tuple[Candidate, Candidate]:
    own = replace(one.wishes, partner_occupation_group=PartnerOccupation.NONE, partner_occupation=None)
    beside = replace(
        other.wishes,
        factor_weights=own.factor_weights,
        counties=own.counties,
        partner_occupation_group=PartnerOccupation.NONE,
        partner_occupation=None,
    )
    return replace(one, wishes=own), replace(other, wishes=beside)
