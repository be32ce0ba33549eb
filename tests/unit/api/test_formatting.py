from datetime import date
from typing import get_args

import pytest

from api.formatting import LOCALES, Formats
from features.catalogue import Language, Unit


def test_norwegian_numbers_have_a_comma_and_a_space_that_does_not_break() -> None:
    formats = Formats("nb")
    assert formats.number(1158) == "1\u00a0158"
    assert formats.number(1.25, 2) == "1,25"
    assert formats.percent(0.05) == "5,0\u00a0%"
    assert formats.percent_span(0.0, 0.25) == "0,0–25,0\u00a0%"


def test_english_numbers_have_a_point_and_a_comma() -> None:
    formats = Formats("en")
    assert formats.number(1158.5, 1) == "1,158.5"
    assert formats.percent(0.05) == "5.0%"
    assert formats.day(date(2026, 11, 21)) == "21 November 2026"


@pytest.mark.parametrize("language", LOCALES)
def test_a_value_that_rounds_to_zero_has_no_sign(language: Language) -> None:
    assert Formats(language).number(-0.0004, 2) in {"0,00", "0.00"}


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("persons", "3"),
        ("share", "312,0\u00a0%"),
        ("ratio", "3,12"),
        ("km", "3\u00a0km"),
        ("minutes", "3\u00a0min"),
        ("nok_per_year", "3\u00a0kr"),
        ("per_1000", "3,1\u00a0per\u00a01000"),
        ("per_km2", "3,1\u00a0per\u00a0km²"),
        ("fte", "3,1\u00a0årsverk"),
        ("hours_per_week", "3,1\u00a0t\u00a0per\u00a0uke"),
        ("days", "3\u00a0døgn"),
        ("percentage_points", "3,1\u00a0prosentpoeng"),
        ("nok_per_inhabitant", "3\u00a0kr\u00a0per\u00a0innbygger"),
        ("grade", "3,1"),
        ("count", "3"),
        ("applicants", "færre enn 5"),
    ],
)
def test_values_carry_their_unit(unit: Unit, shown: str) -> None:
    assert Formats("nb").value(3.12, unit) == shown


def test_few_applicants_are_not_counted_out() -> None:
    assert Formats("en").value(4.99, "applicants") == "fewer than 5"
    assert Formats("en").value(5, "applicants") == "5"


def test_every_unit_of_the_catalogue_can_be_shown() -> None:
    for unit in get_args(Unit):
        assert Formats("nn").value(1.0, unit)


def test_a_range_names_its_unit_once_and_has_no_dash_after_a_minus_sign() -> None:
    assert Formats("en").value_span(814_431, 841_514, "nok_per_year") == "NOK 814,431–841,514"
    assert Formats("nb").value_span(0.02, 0.11, "share") == "2,0–11,0\u00a0%"
    assert Formats("nb").value_span(-12.3, 2.7, "percentage_points").endswith("til 2,7 prosentpoeng")
    assert Formats("en").span(-5, 12) == "-5 to 12"


def test_a_range_of_few_applicants_shows_no_small_count() -> None:
    assert Formats("nb").value_span(1, 3, "applicants") == "færre enn 5"
    assert Formats("nb").value_span(3, 12, "applicants") == "0–12"
