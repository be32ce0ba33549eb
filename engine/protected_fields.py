"""The guard against protected and proxy fields in records about candidates."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from engine.rules import PARAMETERS
from features.errors import CatalogueError, StabilError

FILE = "protected_fields.toml"
INSIDE_WORDS_FROM = 6  # shorter words ("age", "sex") stand inside innocent ones ("language")
MEASURES = frozenset({"pct", "percent", "percentage", "share", "proportion", "andel", "prosent"})
UNREADABLE_KEY = "unreadable"
SPELLINGS = (("æ", "ae"), ("ø", "oe"), ("å", "aa"), ("ae", "a"), ("oe", "o"), ("aa", "a"))


@dataclass(frozen=True, slots=True)
class Ground:
    """A protected ground or proxy: the words it goes by, why it is kept out, and the law.

    ``words`` stand alone or, from six letters on, inside other words; ``stems`` begin or end a word (``alder`` in
    ``aldersgruppe``, ``barn`` in ``småbarn``). ``of_places`` are words of which a measured share tells of a place and
    not of a person: ``rural`` is a proxy, ``pct_rural`` a figure about a municipality.
    """

    key: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    of_places: tuple[str, ...]
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
        if entry.keys() - {"stems", "of_places"} != {"words", "reason", "source", "source_date"} or not all(
            entry.values()
        ):
            raise CatalogueError(FILE, key, "must have words, reason, source, source_date, maybe stems and of_places")
    return tuple(
        Ground(
            key,
            tuple(entry["words"]),
            tuple(entry.get("stems", ())),
            tuple(entry.get("of_places", ())),
            entry["reason"],
            entry["source"],
            entry["source_date"],
        )
        for key, entry in entries.items()
    )


def protected_fields(fields: Iterable[str]) -> tuple[ProtectedField, ...]:
    """Fields that name a protected ground or a proxy of one, in the order given.

    Names are compared without regard to case, digits, underscores, hyphens, camel case, width and accents of letters,
    and the spelling of æ, ø, å (``ae``, ``oe``, ``aa``). A name with letters beyond those (Cyrillic ones look alike)
    or with invisible characters is refused as unreadable. Of a mapping the keys are read at every depth. The guard
    reads names, not contents: it cannot see what a harmless name hides. It would rather refuse too much: it knows
    nothing of what a word means where it stands.

    References
    ----------
    Likestillings- og diskrimineringsloven §§ 6, 8, 29, 30; arbeidsmiljøloven §§ 9-3, 13-1, 13-4.

    Examples
    --------
    >>> [(hit.field, hit.ground.key) for hit in protected_fields(["language_level", "dateOfBirth", "KJOENN"])]
    [('dateOfBirth', 'age'), ('KJOENN', 'sex_and_gender')]
    >>> [hit.field for hit in protected_fields(["rural", "pct_rural"])]
    ['rural']
    >>> [hit.field for hit in protected_fields({"formal": [{"fte": 1, "age2": 40}]})]
    ['age2']
    """
    return tuple(ProtectedField(name, ground) for name in _names(fields) if (ground := _ground_of(name)) is not None)


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
    if found := tuple(hit for hit in protected_fields(fields) if hit.field not in exempt):
        raise ProtectedFieldError(found)


def _names(fields: object) -> Iterator[str]:
    """Give the names of an iterable, or the keys of a mapping and of all that lies within its values."""
    if isinstance(fields, Mapping):
        for key, value in fields.items():
            yield str(key)
            yield from _nested(value)
    elif isinstance(fields, Iterable):
        yield from (str(field) for field in fields)


def _nested(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _names(value)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _nested(item)


def _ground_of(field: str) -> Ground | None:
    plain = _plain(field)
    if not plain.isascii() or not plain.isprintable():
        return next(ground for ground in protected_grounds() if ground.key == UNREADABLE_KEY)
    words = re.findall(r"[a-z]+", plain)
    phrase, glued = f" {' '.join(words)} ", "".join(words)
    is_measure = not MEASURES.isdisjoint(words)
    hits = []
    for ground, word in _plain_words():
        if is_measure and word in ground.of_places:
            continue
        joined = word.replace(" ", "")
        if f" {word} " in phrase or joined == glued or (len(joined) >= INSIDE_WORDS_FROM and joined in glued):
            hits.append((len(joined), ground))
    for ground, stem in _plain_stems():
        if any(word.startswith(stem) or word.endswith(stem) for word in words):
            hits.append((len(stem), ground))
    return max(hits, key=lambda hit: hit[0])[1] if hits else None  # the longest: "sick leave" is health, not leave


@cache
def _plain_words() -> tuple[tuple[Ground, str], ...]:
    return tuple(
        (ground, " ".join(re.findall("[a-z]+", _plain(word))))
        for ground in protected_grounds()
        for word in ground.words
    )


@cache
def _plain_stems() -> tuple[tuple[Ground, str], ...]:
    return tuple((ground, _plain(stem)) for ground in protected_grounds() for stem in ground.stems)


def _plain(name: str) -> str:
    """Small letters without accents, in one spelling, camel case parted; other scripts stay as they are."""
    composed = unicodedata.normalize("NFKC", name)
    parted = re.sub(r"(?<=[a-zæøå0-9])(?=[A-ZÆØÅ])", " ", composed).casefold()
    for spelling, plain in SPELLINGS:
        parted = parted.replace(spelling, plain)
    return "".join(letter for letter in unicodedata.normalize("NFKD", parted) if not unicodedata.combining(letter))
