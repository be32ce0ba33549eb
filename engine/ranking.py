"""The post's side of a match: advertised tiers, then one published lottery."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from engine.candidates import Qualifications
from engine.eligibility import qualification_group
from engine.posts import Post
from features.errors import InvalidInputError


def lottery_number(seed: str, candidate_id: str) -> str:
    """Lottery number of a candidate: SHA-256 of ``<seed>:<candidate_id>`` in UTF-8, as 64 hex digits; lowest first.

    Anyone can compute it again: ``printf '%s' '<seed>:<candidate_id>' | sha256sum``. That shows that the numbers
    follow from the seed, not that the seed was fair: whoever picks it and knows the pseudonyms can try seeds until a
    wanted doctor is drawn first. A real round fixes pseudonyms and tiers first and publishes their checksum, then has
    the seed drawn by others, best from a public draw at an announced time. The engine takes the seed as given.

    Examples
    --------
    >>> lottery_number("2026-1", "K1")[:12]
    'd3303363ca3f'
    """
    return sha256(f"{seed}:{candidate_id}".encode()).hexdigest()


def lottery_places(seed: str, candidate_ids: Iterable[str]) -> dict[str, int]:
    """Place of each candidate in the round's one lottery: 1 is drawn first.

    One draw for all posts (single tie-breaking). The place depends on seed and pseudonyms only: not on the order of
    the input, on qualifications or on wishes.

    Raises
    ------
    InvalidInputError
        A pseudonym occurs twice.

    References
    ----------
    Abdulkadiroğlu, Pathak and Roth (2009), Strategy-proofness versus efficiency in matching with indifferences,
    American Economic Review 99(5).

    Examples
    --------
    >>> lottery_places("2026-1", ["K1", "K2", "K3"]) == lottery_places("2026-1", ["K3", "K1", "K2"])
    True
    """
    ids = list(candidate_ids)
    if len(set(ids)) < len(ids):
        raise InvalidInputError("candidate_ids", sorted(ids), "each candidate once")
    drawn = sorted(ids, key=lambda candidate_id: lottery_number(seed, candidate_id))
    return {candidate_id: place for place, candidate_id in enumerate(drawn, start=1)}


def tier_of(qualifications: Qualifications, post: Post) -> int | None:
    """Advertised tier of the doctor at the post, 1 is best; None outside the advertised groups."""
    group = qualification_group(qualifications)
    return next((number for number, tier in enumerate(post.tiers, start=1) if group in tier), None)


def post_order(post: Post, eligible: Iterable[Qualifications], places: Mapping[str, int]) -> tuple[str, ...]:
    """Eligible candidates in the post's strict order: advertised tier first, then lottery place.

    Nothing but formal qualifications enters: the types leave no room for wishes, protected attributes or a
    predicted stay. Doctors outside the advertised groups are left out.

    References
    ----------
    Kvalifikasjonsprinsippet; likestillings- og diskrimineringsloven § 29; domain section 5.2, point 3.
    """
    ranked = [
        (tier, places[doctor.candidate_id], doctor.candidate_id)
        for doctor in eligible
        if (tier := tier_of(doctor, post)) is not None
    ]
    return tuple(candidate_id for _, _, candidate_id in sorted(ranked))
