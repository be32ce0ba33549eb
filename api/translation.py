"""Translates the sentences people read: bokmål in the code, nynorsk and English in catalogues."""

from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from features.catalogue import Language

LANGUAGES: tuple[Language, ...] = ("nb", "nn", "en")
"""Languages of every page, error and command; the first is the language of the code."""

FOLDER = Path(__file__).parent / "translations"

KEYWORDS = ("_", "N_")
"""Names of the functions whose first argument the extraction reads; see `extraction` in the tests."""


def N_(text: str) -> str:  # noqa: N802
    """The text itself, marked as one to translate where it is shown."""
    return text


def translate(text: str, language: Language, **values: object) -> str:
    """The text in a language, with its {named} places filled; an unknown text stays in bokmål."""
    message = text if language == "nb" else str(catalog(language)[text].string if text in catalog(language) else text)
    return message.format(**values) if values else message


@cache
def catalog(language: Language) -> Catalog:
    """The committed catalogue of a language, read once; no compiled file is kept."""
    with (FOLDER / language / "LC_MESSAGES" / "stabil.po").open("rb") as file:
        return read_po(file, locale=language, domain="stabil", abort_invalid=True)
