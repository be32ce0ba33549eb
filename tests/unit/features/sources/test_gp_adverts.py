"""GP posts are told apart from posts beside them, and their adverts' facts are counted from words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import CatalogueError
from features.sources.gp_adverts import FACTS, FILE, advert_words, facts_present, is_gp_post, read_advert_words


@pytest.mark.parametrize(
    ("title", "styrk08", "is_gp"),
    [
        ("Fastlege, 100 % – Frøya kommune", "2211", True),
        ("Ledig fastlegeheimel", "2211", True),
        ("ALIS i allmennmedisin", "2212", True),
        ("Kommunelege II", "2211", True),
        ("Lege", "2211", True),
        ("Leger søkes", "2211", True),
        ("Lege", "2212", False),
        ("Lege", None, False),
        ("Overlege ved medisinsk avdeling", "2212", False),
        ("Overlege allmennmedisin", "2211", False),
        ("Helsesekretær hos fastlegene", "3256", False),
        ("Helsesekretær hos fastlegene", "2211", False),
        ("Sykehjemslege", "2211", False),
        ("Legevaktslege", "2211", False),
        ("Fastlegevikar", "2211", False),
        ("Sykepleier ved fastlegekontor", None, False),
        ("Sveiser", "7212", False),
    ],
)
def test_titles_and_codes_tell_gp_posts(title: str, styrk08: str | None, is_gp: bool) -> None:  # noqa: FBT001
    assert is_gp_post(title, styrk08) is is_gp


def test_there_are_twenty_facts_each_found_by_some_word() -> None:
    assert len(advert_words().facts) == FACTS == 20


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("list_length", "Listetaket er 950"),
        ("new_list_support", "Nulliste med inntektsgaranti"),
        ("contract_form", "8.2-avtale eller fastlønn"),
        ("pay", "Lønn kr 1 100 000"),
        ("working_time", "80 % stilling"),
        ("colleagues", "Du får 6 fastleger rundt deg"),
        ("support_staff", "fem helsesekretærer"),
        ("equipment", "laboratorium og ultralyd"),
        ("on_call", "deltakelse i legevakt"),
        ("on_call_rota", "8-delt vakt"),
        ("specialist_training", "ALIS-avtale"),
        ("supervision", "individuell veileder"),
        ("courses", "kurs med permisjon"),
        ("municipal_duties", "20 % ved sykehjemmet"),
        ("relocation_support", "flyttegodtgjørelse"),
        ("housing", "vi skaffer bolig"),
        ("partner", "hjelp til ektefellen"),
        ("schools", "barnehageplass"),
        ("start", "tiltredelse etter avtale"),
        ("place", "20 minutter til flyplassen"),
    ],
)
def test_a_fact_is_found_in_an_ordinary_sentence(fact: str, text: str) -> None:
    assert advert_words().facts[fact].search(text.lower())


def test_an_empty_advert_tells_nothing_and_markup_is_no_fact() -> None:
    assert facts_present("") == 0
    assert facts_present('<a href="https://example.org/bolig-barnehage">Les mer</a>') == 0


@given(st.text(), st.text())
def test_more_text_never_tells_fewer_facts(text: str, more: str) -> None:
    plain, added = text.replace("<", ""), more.replace("<", "")
    assert 0 <= facts_present(plain) <= facts_present(f"{plain}\n{added}") <= FACTS


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[facts]", "[facts]\nweather = ['sol']", "facts"),
        ('titles = ["fastleg"', 'titles = ["(fastleg"', "titles"),
        ('titles = ["fastleg"', 'titler = ["fastleg"', "gp_post"),
        ("[source]", "[kilde]", "kilde"),
    ],
)
def test_a_wrong_file_is_refused_by_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = tmp_path / "gp_adverts.toml"
    path.write_text(FILE.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_advert_words(path)
    assert key in caught.value.key or caught.value.key == "source"
