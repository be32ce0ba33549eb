"""Finds municipalities by what people type: name, number, old name, old number or postal code."""

import difflib
import re
import unicodedata
from dataclasses import dataclass

import polars as pl

from api.services.profile import MunicipalityFacts
from features.municipality_codes import successors
from features.snapshot import Snapshot

LONGEST_QUERY = 80
"""Characters of a query that are looked at; no municipality's name is longer."""

MOST_HITS = 30

ALPHABET = str.maketrans({"æ": "{", "ø": "|", "å": "}"})


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Municipalities that a query may mean.

    `exact` is the only one it can mean; `became` those that an old name or number became, `postal` the one that a
    postal code lies in, `hits` the names that contain it or the number that it is, `close` the names that look like it.
    """

    query: str
    exact: str | None = None
    became: tuple[MunicipalityFacts, ...] = ()
    postal: tuple[MunicipalityFacts, ...] = ()
    hits: tuple[MunicipalityFacts, ...] = ()
    close: tuple[MunicipalityFacts, ...] = ()


def norwegian_order(text: str) -> str:
    """Sort key that puts æ, ø and å last, as the Norwegian alphabet does."""
    return text.casefold().translate(ALPHABET)


def suggestion(place: MunicipalityFacts, facts: tuple[MunicipalityFacts, ...]) -> str:
    """What the search box offers for a municipality: its name, with the number where two share the name."""
    is_shared = sum(other.name == place.name for other in facts) > 1
    return f"{place.name} ({place.code})" if is_shared else place.name


def find_municipality(query: str, facts: tuple[MunicipalityFacts, ...], snapshot: Snapshot) -> SearchResult:
    """Municipalities that a query may mean; the query comes back shortened and trimmed."""
    asked = " ".join(query[:LONGEST_QUERY].split())
    by_code = {place.code: place for place in facts}
    numbered = re.search(r"(?<!\d)(\d{4})(?!\d)", asked)
    code = numbered.group(1) if numbered else ""
    postal = _postal(code, by_code, snapshot) if code else ()
    # Four digits alone may mean a postal code; with a name beside them they are the number that the box suggested.
    if code in by_code and (asked != code or all(place.code == code for place in postal)):
        return SearchResult(asked, exact=code)
    if code in by_code:
        return SearchResult(asked, hits=(by_code[code],), postal=postal)
    changes, today = snapshot.municipality_code_changes, snapshot.municipalities
    if code:
        became = tuple(by_code[new] for new, _ in successors(code, changes, today))
        return SearchResult(asked, became=became, postal=postal)
    wanted = _folded(asked)
    if not wanted:
        return SearchResult(asked)
    named = [place for place in facts if _folded(place.name) == wanted]
    if len(named) == 1:
        return SearchResult(asked, exact=named[0].code)
    old_codes = [
        old for old, name in changes.select("old_code", "old_name").unique().iter_rows() if _folded(name) == wanted
    ]
    became_codes = {new for old in old_codes for new, _ in successors(old, changes, today)}
    hits = named or sorted(
        (place for place in facts if wanted in _folded(place.name)),
        key=lambda place: (not _folded(place.name).startswith(wanted), norwegian_order(place.name)),
    )
    near = [] if hits or became_codes else difflib.get_close_matches(wanted, [_folded(p.name) for p in facts], 5, 0.7)
    return SearchResult(
        asked,
        became=tuple(by_code[new] for new in sorted(became_codes)) if not named else (),
        hits=tuple(hits[:MOST_HITS]),
        close=tuple(place for name in near for place in facts if _folded(place.name) == name),
    )


def _postal(code: str, by_code: dict[str, MunicipalityFacts], snapshot: Snapshot) -> tuple[MunicipalityFacts, ...]:
    found = snapshot.postal_codes.filter(pl.col("postal_code") == code)["municipality_code"].unique(maintain_order=True)
    return tuple(by_code[new] for new in found if new in by_code)


def _folded(text: str) -> str:
    """Letters and digits alone, lower case, without accents; æ, ø and å as they are often typed."""
    lower = text.casefold().removesuffix(" kommune").replace("æ", "ae").replace("ø", "o").replace("å", "a")
    plain = unicodedata.normalize("NFKD", lower.replace("aa", "a"))
    return "".join(letter for letter in plain if letter.isalnum())
