from datetime import date
from pathlib import Path

import pytest

from engine.rules import PARAMETERS, Kind, read_rules
from features.errors import CatalogueError, InvalidInputError, UnknownKeyError

ENTRY = """
[hours]
label_nb = "Timer"
label_en = "Hours"
unit = "hours"
bounds = [0, 100]

[[hours.values]]
valid_from = 2020-01-01
value = 42
kind = "law"
source = "A law"
source_date = 2020-01-01
"""


def write(folder: Path, text: str) -> Path:
    (folder / "sample.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_valid_file_gives_the_value_its_source_and_its_day(tmp_path: Path) -> None:
    book = read_rules("sample", write(tmp_path, ENTRY))
    assert book.number("hours", date(2020, 1, 1)) == 42
    assert book.in_force("hours", date(2026, 1, 1)).kind is Kind.LAW


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('source = "A law"\n', "", "lacks source"),
        ("source_date = 2020-01-01\n", "", "lacks source_date"),
        ("valid_from = 2020-01-01\n", "", "lacks valid_from"),
        ('source = "A law"', 'source = " "', "empty source"),
        ("value = 42", "value = 420", "from 0 to 100"),
        ("value = 42", "value = true", "from 0 to 100"),
        ("value = 42", "value = [1]", "true/false, a number or text"),
        ('kind = "law"', 'kind = "rumour"', "law, figure, assumption"),
        ('unit = "hours"', 'unit = "hours"\ncolour = "red"', "unknown keys colour"),
        ("source_date = 2020-01-01", 'source_date = "2020"', "expected a date"),
        ("bounds = [0, 100]", "bounds = [100, 0]", "[lowest, highest]"),
        ("[[hours.values]]", "[hours.values]", "at least one [[values]]"),
        ("[hours]\n", "stray = 1\n[hours]\n", "'stray' is no table"),
        ("[hours]\n", "[hours\n", "cannot be read"),
    ],
)
def test_a_faulty_file_is_refused_with_file_and_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in ENTRY
    with pytest.raises(CatalogueError, match=r"sample\.toml") as caught:
        read_rules("sample", write(tmp_path, ENTRY.replace(old, new)))
    assert told in str(caught.value)


def test_two_values_for_one_day_are_refused(tmp_path: Path) -> None:
    twice = ENTRY + ENTRY[ENTRY.index("[[hours.values]]") :]
    with pytest.raises(CatalogueError, match="order of valid_from"):
        read_rules("sample", write(tmp_path, twice))


def test_a_day_before_the_first_value_a_missing_key_and_a_wrong_type_are_told_apart(tmp_path: Path) -> None:
    book = read_rules("sample", write(tmp_path, ENTRY))
    with pytest.raises(InvalidInputError, match="2020-01-01 or later"):
        book.in_force("hours", date(2019, 12, 31))
    with pytest.raises(UnknownKeyError):
        book.in_force("minutes", date(2026, 1, 1))
    with pytest.raises(CatalogueError, match="expected text"):
        book.text("hours", date(2026, 1, 1))
    with pytest.raises(CatalogueError, match="expected true or false"):
        book.required("hours", date(2026, 1, 1))
    with pytest.raises(CatalogueError, match="expected a number"):
        read_rules("eligibility").number("authorisation_required", date(2026, 1, 1))


@pytest.mark.parametrize("name", ["eligibility", "candidate_wishes", "simulated_round"])
def test_every_shipped_value_says_whether_it_is_an_assumption(name: str) -> None:
    for rule in read_rules(name, PARAMETERS).rules.values():
        for value in rule.values:
            assert ("assumption" in value.source.lower() or "derived" in value.source.lower()) == (
                value.kind is Kind.ASSUMPTION
            ), rule.key
