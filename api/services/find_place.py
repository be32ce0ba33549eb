"""One municipality from what a person types: name, number, old name, old number or postal code."""

from api.services.municipality_search import SearchResult, find_municipality
from api.services.profile import MunicipalityFacts, facts_of
from features.errors import InvalidInputError, UnknownMunicipalityError
from features.snapshot import Snapshot


def require_place(typed: str, snapshot: Snapshot) -> MunicipalityFacts:
    """The municipality that the words mean.

    Raises
    ------
    InvalidInputError
        If they may mean several, or are only like the name of some; it names them.
    UnknownMunicipalityError
        If they are like nothing.
    """
    facts = facts_of(snapshot)
    found = find_municipality(typed, facts, snapshot)
    if found.exact is not None:
        return next(place for place in facts if place.code == found.exact)
    if typed.strip() in {place.code for place in found.hits}:  # four digits that are a postal code, too
        return found.hits[0]
    suggested = _suggested(found)
    if not suggested:
        raise UnknownMunicipalityError(typed)
    if len(suggested) == 1 and found.hits:
        return suggested[0]
    if found.became and not found.hits:
        raise UnknownMunicipalityError(typed, tuple((place.code, place.name) for place in found.became))
    raise InvalidInputError(
        "--municipality", typed, f"one of {', '.join(f'{place.code} {place.name}' for place in suggested)}"
    )


def _suggested(found: SearchResult) -> tuple[MunicipalityFacts, ...]:
    """Each municipality once, the likeliest first."""
    return tuple(dict.fromkeys((*found.hits, *found.became, *found.postal, *found.close)))
