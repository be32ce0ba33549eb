"""What adverts say is fixed before names are seen: a published seal that anybody can compute again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from engine.posts import Post
from engine.round_terms import NO_TERMS, RoundTerms
from features.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class AdvertSeal:
    """SHA-256 (64 hex digits) of what a round's adverts say, and when it was published."""

    sha256: str
    sealed_at: datetime


def advert_text(post: Post) -> str:
    """Everything an employer's order rests on, in one line: identifier, law's day, tiers, requirements and places.

    Examples
    --------
    >>> from datetime import date
    >>> from engine.candidates import ContractForm, LanguageLevel
    >>> from engine.posts import QualificationGroup, Requirements
    >>> start, tiers = date(2026, 8, 1), (frozenset({QualificationGroup.SPECIALIST}),)
    >>> asked, form = Requirements(LanguageLevel.B2, start, 0.5), ContractForm.SALARIED
    >>> advert_text(Post("P1", "5001", "50", form, 1, True, start, asked, tiers, start))[:54]
    '{"capacity":1,"fixed_term_months":null,"fte":[0.5,1.0]'
    """
    asked = post.requirements
    said = {
        "post_id": post.post_id,
        "capacity": post.capacity,
        "starts_on": post.starts_on.isoformat(),
        "fixed_term_months": post.fixed_term_months,
        "has_supervisor": post.has_supervisor,
        "supervision_hours_year": post.supervision_hours_year,
        "tiers": [sorted(tier) for tier in post.tiers],
        "tiers_set_on": post.tiers_set_on.isoformat(),
        "language_minimum": asked.language_minimum.name,
        "latest_start": asked.latest_start.isoformat(),
        "fte": [float(asked.fte_minimum), float(asked.fte_maximum)],
        "lis1_complete": asked.lis1_complete,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def terms_lines(terms: RoundTerms) -> list[str]:
    """All that posts of a round share, one line for each limit, reversion and least number, in order.

    Examples
    --------
    >>> from engine.round_terms import Reversion
    >>> terms_lines(RoundTerms(reversions=(Reversion("ALIS-1", "LIST-1"),)))
    ['{"from":"ALIS-1","to":"LIST-1"}']
    """
    limits = [
        {"limit": each.limit_id, "kind": each.kind, "capacity": each.capacity, "posts": sorted(each.posts)}
        for each in terms.limits
    ]
    reversions = [{"from": each.from_post, "to": each.to_post} for each in terms.reversions]
    minimums = [
        {"minimum": each.quota_id, "at_least": each.at_least, "posts": sorted(each.posts)} for each in terms.minimums
    ]
    said = (*limits, *reversions, *minimums)
    return sorted(json.dumps(each, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for each in said)


def seal_adverts(posts: Iterable[Post], sealed_at: datetime, terms: RoundTerms = NO_TERMS) -> AdvertSeal:
    """Seal of a round's adverts, to be published before the first candidate is seen; the order of posts is irrelevant.

    What the posts share is sealed with them. A round without such terms has the seal of its adverts alone.
    It binds the employers: tiers and requirements cannot follow who turned up. It says nothing of the candidates.

    Raises
    ------
    InvalidInputError
        A post's tiers are dated after the seal.

    References
    ----------
    Kvalifikasjonsprinsippet; domain section 5.2, point 3.
    """
    listed = sorted(posts, key=lambda post: post.post_id)
    if late := [post.post_id for post in listed if post.tiers_set_on > sealed_at.date()]:
        raise InvalidInputError(
            "tiers_set_on", late[0], f"tiers set by {sealed_at.date()}, when the adverts are sealed"
        )
    lines = "\n".join([*(advert_text(post) for post in listed), *terms_lines(terms)])
    return AdvertSeal(sha256(lines.encode()).hexdigest(), sealed_at)


def check_seal(posts: Iterable[Post], seal: AdvertSeal, names_seen_at: datetime, terms: RoundTerms = NO_TERMS) -> None:
    """Raise unless the adverts and what they share are those sealed, and the seal is older than the first name.

    Raises
    ------
    InvalidInputError
        Something an order rests on was changed after the seal, or names were seen before it.
    """
    if names_seen_at <= seal.sealed_at:
        raise InvalidInputError(
            "names_seen_at", names_seen_at, f"a time after the adverts were sealed, {seal.sealed_at}"
        )
    found = seal_adverts(posts, seal.sealed_at, terms).sha256
    if found != seal.sha256:
        raise InvalidInputError("adverts", found, f"the adverts sealed as {seal.sha256}, before names were seen")
