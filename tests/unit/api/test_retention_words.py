import pytest

from api.retention_words import CAUSES, cause_name
from api.translation import LANGUAGES
from features.catalogue import Language
from models.career_record import CAUSES as CAREER_CAUSES
from models.exit_causes import ExitCause
from models.simulation import EXIT_CAUSES


@pytest.mark.parametrize("code", [*EXIT_CAUSES, *CAREER_CAUSES, *(cause.value for cause in ExitCause)])
def test_every_cause_of_the_models_has_words_in_every_language(code: str) -> None:
    assert code in CAUSES
    words = [cause_name(code, language) for language in LANGUAGES]
    assert not any("_" in word or "«" in word or "“" in word for word in words)
    assert words[0] != words[2]


@pytest.mark.parametrize(
    ("language", "shown"), [("nb", "«moved_state»"), ("nn", "«moved_state»"), ("en", "“moved_state”")]
)
def test_a_cause_of_somebodys_own_file_is_quoted_as_it_stands(language: Language, shown: str) -> None:
    assert cause_name("moved_state", language) == shown
    assert "{x}" in cause_name("{x}", language)
