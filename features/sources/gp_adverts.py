"""Tells from an advertisement whether it seeks a GP, and which standard facts it gives; the text is not kept."""

import html
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from features.errors import CatalogueError

FILE = Path(__file__).with_suffix(".toml")

FACTS = 20
"""Number of standard facts, the denominator of an advertisement's completeness."""

GENERAL_PRACTITIONERS = "2211"
"""Their code of STYRK-08."""

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class AdvertWords:
    """Words that tell GP posts and standard facts; see the file for what they rest on.

    Attributes
    ----------
    styrk08 : frozenset[str]
        Occupations among which GP posts are classified.
    titles, plain_titles, other_titles : re.Pattern
        Titles of GP posts; of any doctor; of those who are no GP.
    facts : Mapping[str, re.Pattern]
        What tells each of the 20 facts.
    """

    styrk08: frozenset[str]
    titles: re.Pattern[str]
    plain_titles: re.Pattern[str]
    other_titles: re.Pattern[str]
    facts: Mapping[str, re.Pattern[str]]


def read_advert_words(path: Path = FILE) -> AdvertWords:
    """Words of a declarative file.

    Raises
    ------
    CatalogueError
        If a key is missing or unknown, a word is no regular expression, or the facts are not 20.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    for key in {"source", "gp_post", "facts"} ^ content.keys():
        raise CatalogueError(path.name, key, "is missing or unknown")
    post = content["gp_post"]
    for key in {"styrk08", "titles", "plain_titles", "other_titles"} ^ post.keys():
        raise CatalogueError(path.name, f"gp_post.{key}", "is missing or unknown")
    if len(content["facts"]) != FACTS:
        raise CatalogueError(path.name, "facts", f"has {len(content['facts'])} entries, expected {FACTS}")
    return AdvertWords(
        frozenset(post["styrk08"]),
        titles=_any_of(path, "titles", post["titles"]),
        plain_titles=_any_of(path, "plain_titles", post["plain_titles"]),
        other_titles=_any_of(path, "other_titles", post["other_titles"]),
        facts={key: _any_of(path, key, words) for key, words in content["facts"].items()},
    )


@cache
def advert_words() -> AdvertWords:
    """The program's own words, read once."""
    return read_advert_words()


def is_gp_post(title: str, styrk08: str | None) -> bool:
    """Whether an advertisement seeks a GP: by its title, unless its occupation is another.

    A plain "doctor" counts only where the occupation is that of general practitioners, and posts beside the GP's
    (secretaries, nurses, hospital doctors, locums) never do.

    Examples
    --------
    >>> is_gp_post("Fastlege – 2 hjemler ledig", "2211"), is_gp_post("Helsesekretær ved fastlegekontor", "3256")
    (True, False)
    >>> is_gp_post("Lege", "2211"), is_gp_post("Lege", "2212"), is_gp_post("Fastlegehjemmel", None)
    (True, False, True)
    """
    words, lower = advert_words(), title.lower()
    if words.other_titles.search(lower) or not (styrk08 is None or styrk08 in words.styrk08):
        return False
    plain = styrk08 == GENERAL_PRACTITIONERS and words.plain_titles.search(lower)
    return bool(plain or words.titles.search(lower))


def facts_present(text: str) -> int:
    """How many of the 20 standard facts a text mentions, 0-20; markup does not count.

    A word is enough: the number tells what the advertisement speaks of, not how well.

    Examples
    --------
    >>> facts_present("<p>Listelengde 900, 6-delt legevakt. Kommunen hjelper med bolig og barnehageplass.</p>")
    5
    """
    plain = html.unescape(_TAG.sub(" ", text)).lower()
    return sum(bool(pattern.search(plain)) for pattern in advert_words().facts.values())


def _any_of(path: Path, key: str, words: Any) -> re.Pattern[str]:  # noqa: ANN401 - TOML, of any shape until checked
    if not (isinstance(words, Sequence) and words and all(isinstance(word, str) and word for word in words)):
        raise CatalogueError(path.name, key, "is no list of words")
    try:
        return re.compile("|".join(f"(?:{word})" for word in words))
    except re.error as error:
        raise CatalogueError(path.name, key, f"is no regular expression ({error})") from None
