"""What posts of a round share, as the file says it and as the engine takes it; sealed with the adverts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter

from engine.round_terms import LimitKind, MinimumQuota, Reversion, RoundTerms, SharedLimit


class TermKind(StrEnum):
    """What a row of the terms file sets."""

    SUPERVISION = "supervision"
    INSTITUTION_SLOTS = "institution_slots"
    GROUP_SEATS = "group_seats"
    REGIONAL_QUOTA = "regional_quota"
    REVERSION = "reversion"
    MINIMUM = "minimum"


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the terms file; `number` is None for a reversion, whose places go from the first post to the second.

    `hours` are a year's supervision hours that the number was worked out from.
    """

    kind: TermKind
    term_id: str
    posts: tuple[str, ...]
    number: int | None = None
    hours: float | None = None


TERMS: TypeAdapter[tuple[Term, ...]] = TypeAdapter(tuple[Term, ...])


def stored_terms(document: str | None) -> tuple[Term, ...]:
    """Terms of a round as they are kept; none before they are brought."""
    return TERMS.validate_json(document) if document else ()


def round_terms(terms: Sequence[Term]) -> RoundTerms:
    """The terms as the engine takes them."""
    numbered = [(term, term.number) for term in terms if term.number is not None]
    return RoundTerms(
        limits=tuple(
            SharedLimit(term.term_id, LimitKind(term.kind.value), number, frozenset(term.posts))
            for term, number in numbered
            if term.kind is not TermKind.MINIMUM
        ),
        reversions=tuple(Reversion(*term.posts) for term in terms if term.kind is TermKind.REVERSION),
        minimums=tuple(
            MinimumQuota(term.term_id, number, frozenset(term.posts))
            for term, number in numbered
            if term.kind is TermKind.MINIMUM
        ),
    )
