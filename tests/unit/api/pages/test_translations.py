import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import api
from api.translation import KEYWORDS, LANGUAGES, catalog, translate
from features.catalogue import Language

API = Path(api.__file__).parent
PLACEHOLDER = re.compile(r"{(\w+)}")
TRANSLATED = LANGUAGES[1:]


def texts_of_the_code() -> set[str]:
    found = extract_from_dir(
        API,
        method_map=[("**.py", "python"), ("pages/templates/**.html", "jinja2")],
        options_map={},
        keywords=dict.fromkeys(KEYWORDS),
    )
    return {text for _, _, text, _, _ in found if isinstance(text, str)}


def texts_of_the_catalogue(language: Language) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalog(language) if message.id}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: Language) -> None:
    translated = {text for text, words in texts_of_the_catalogue(language).items() if words}
    assert sorted(texts_of_the_code() - translated) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language: Language) -> None:
    assert sorted(texts_of_the_catalogue(language).keys() - texts_of_the_code()) == []
    assert not catalog(language).obsolete


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_placeholders_of_the_text_and_no_fuzzy_mark(language: Language) -> None:
    def differing(pairs: Iterable[tuple[str, str]]) -> list[str]:
        return [text for text, words in pairs if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(words))]

    assert differing(texts_of_the_catalogue(language).items()) == []
    assert [message.id for message in catalog(language) if message.id and message.fuzzy] == []


def test_an_unknown_text_stays_in_bokmal() -> None:
    assert translate("Bare {what}", "en", what="dette") == "Bare dette"


def test_a_percent_sign_and_braces_in_values_are_left_alone() -> None:
    assert translate("Ingen kommune passer med «{query}»", "nn", query="100 % {x}") == (
        "Ingen kommune passar med «100 % {x}»"
    )


def test_a_percent_sign_stands_close_in_english_and_apart_in_norwegian() -> None:
    english = texts_of_the_catalogue("en").values()
    norwegian = texts_of_the_code() | set(texts_of_the_catalogue("nn").values())
    assert [text for text in english if re.search(r"[\d}]\s%", text)] == []
    assert [text for text in norwegian if re.search(r"[\d}]%", text)] == []
    assert any("90% interval" in text for text in english)


def test_no_text_uses_words_that_judge_persons() -> None:
    for language in LANGUAGES:
        texts = texts_of_the_code() if language == "nb" else set(texts_of_the_catalogue(language).values())
        assert [text for text in texts if re.search(r"varsel|flight risk|flukt", text, re.IGNORECASE)] == []
