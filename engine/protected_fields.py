"""The guard against protected and proxy fields in records about candidates."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from engine.rules import PARAMETERS
from features.errors import CatalogueError, StabilError

FILE = "protected_fields.toml"
INSIDE_WORDS_FROM = 6  # shorter words ("age", "sex") stand inside innocent ones ("language")
SPELLINGS = (("æ", "ae"), ("ø", "oe"), ("å", "aa"), ("ae", "a"), ("oe", "o"), ("aa", "a"))


@dataclass(frozen=True, slots=True)
class Ground:
    """A protected ground or proxy: the words it goes by, why it is kept out, and the law."""

    key: str
    words: tuple[str, ...]
    reason: str
    source: str
    source_date: date


@dataclass(frozen=True, slots=True)
class ProtectedField:
    """A field of a record and the ground it was recognised as."""

    field: str
    ground: Ground


class ProtectedFieldError(StabilError):
    """A record about a candidate carries protected or proxy fields; nothing of it was taken in.

    Attributes
    ----------
    found : tuple[ProtectedField, ...]
        The fields, each with its ground.
    """

    def __init__(self, found: tuple[ProtectedField, ...]) -> None:
        self.found = found
        told = "; ".join(f"{hit.field!r}: {hit.ground.reason} ({hit.ground.source})" for hit in found)
        super().__init__(f"the record carries fields that may not be used in recruitment. {told}. Remove them.")


@cache
def protected_grounds() -> tuple[Ground, ...]:
    """All grounds of the guard list, as its file gives them.

    Raises
    ------
    CatalogueError
        An entry has unknown or missing keys, no words or no source.
    """
    entries = tomllib.loads((PARAMETERS / FILE).read_text(encoding="utf-8"))
    for key, entry in entries.items():
        if entry.keys() != {"words", "reason", "source", "source_date"} or not all(entry.values()):
            raise CatalogueError(FILE, key, "must have words, reason, source and source_date, and nothing else")
    return tuple(
        Ground(key, tuple(entry["words"]), entry["reason"], entry["source"], entry["source_date"])
        for key, entry in entries.items()
    )


def protected_fields(fields: Iterable[str]) -> tuple[ProtectedField, ...]:
    """Fields that name a protected ground or a proxy of one, in the order given.

    Names are compared without regard to case, underscores, hyphens, camel case, and the spelling of æ, ø, å
    (``ae``, ``oe``, ``aa``). The guard reads names, not contents: it cannot see what a harmless name hides.

    References
    ----------
    Likestillings- og diskrimineringsloven §§ 6, 8, 29, 30; arbeidsmiljøloven §§ 9-3, 13-1, 13-4.

    Examples
    --------
    >>> [(hit.field, hit.ground.key) for hit in protected_fields(["language_level", "dateOfBirth", "KJOENN"])]
    [('dateOfBirth', 'age'), ('KJOENN', 'sex_and_gender')]
    """
    return tuple(ProtectedField(field, ground) for field in fields if (ground := _ground_of(field)) is not None)


def reject_protected_fields(fields: Iterable[str], *, exempt: frozenset[str] = frozenset()) -> None:
    """Raise if any field names a protected ground; `exempt` holds exact names the candidate may give for own use.

    Raises
    ------
    ProtectedFieldError
        With every offending field and the reason.

    Examples
    --------
    >>> reject_protected_fields(["candidate_id", "authorised", "available_from"])
    >>> reject_protected_fields(["antall_barn"])
    Traceback (most recent call last):
    ...
    engine.protected_fields.ProtectedFieldError: ... 'antall_barn': family status and care responsibilities ...
    """
    if found := protected_fields(field for field in fields if field not in exempt):
        raise ProtectedFieldError(found)


def _ground_of(field: str) -> Ground | None:
    words = _words(field)
    phrase, glued = f" {' '.join(words)} ", "".join(words)
    hits = []
    for ground, plain in _plain_words():
        joined = plain.replace(" ", "")
        if f" {plain} " in phrase or joined == glued or (len(joined) >= INSIDE_WORDS_FROM and joined in glued):
            hits.append((len(joined), ground))
    return max(hits, key=lambda hit: hit[0])[1] if hits else None  # the longest: "sick leave" is health, not leave


@cache
def _plain_words() -> tuple[tuple[Ground, str], ...]:
    return tuple((ground, " ".join(_words(word))) for ground in protected_grounds() for word in ground.words)


def _words(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-zæøå0-9])(?=[A-ZÆØÅ])", " ", name).casefold()
    for spelling, plain in SPELLINGS:
        parted = parted.replace(spelling, plain)
    return re.findall(r"[a-z0-9]+", parted)
