"""The template's declaration: names that lead back to one thing only."""

from pathlib import Path

import pytest

from features.catalogue import load_catalogue
from features.errors import CatalogueError
from features.local_template import (
    FILE,
    Column,
    all_asked,
    indicator_called,
    load_local_template,
    minimum_set,
    short_codes,
)

TEXT = FILE.read_text("utf-8")


def changed(folder: Path, old: str, new: str) -> Path:
    assert old in TEXT
    path = folder / "local_template.toml"
    path.write_text(TEXT.replace(old, new, 1), "utf-8")
    return path


def test_the_minimum_set_is_the_twenty_two_items() -> None:
    asked = minimum_set(load_catalogue())
    assert len({entry.id for entry in asked}) == 22
    assert [entry.id for entry in asked][:4] == ["F01", "F03", "F04", "F06"]


def test_everything_that_only_the_municipality_can_answer_can_be_asked() -> None:
    catalogue = load_catalogue()
    local = {key for key, entry in catalogue.indicators.items() if entry.origin == "local"}
    assert local <= {entry.key for entry in all_asked(catalogue)}


def test_every_code_leads_back_to_its_indicator_alone() -> None:
    catalogue = load_catalogue()
    codes = short_codes(catalogue)
    assert len(set(codes.values())) == len(codes)
    for key, code in codes.items():
        for name in (key, code, code.upper()):
            assert indicator_called(name, catalogue) is catalogue.indicators[key]


def test_every_unit_has_words() -> None:
    units = load_local_template().units
    assert {entry.unit for entry in load_catalogue().indicators.values()} <= set(units)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('nb = "svar"', 'nb = "dato"', "bears the same name"),
        ('en = "finance"', 'en = "personnel"', "bears the same name"),
        ("[column.note]", "[column.colour]", "wrong"),
        ("[column.unit]", "[column.extra]", "wrong"),
        ("finance = {", 'finance = "x" #', "wrong"),
    ],
)
def test_a_wrong_declaration_fails_with_file_and_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(CatalogueError, match=reason) as caught:
        load_local_template(changed(tmp_path, old, new))
    assert caught.value.file == "local_template.toml"


def test_columns_stand_in_the_order_of_the_code(tmp_path: Path) -> None:
    first, second = TEXT.index("[column.code]"), TEXT.index("[column.indicator]")
    end = TEXT.index("[column.question]")
    path = tmp_path / "local_template.toml"
    path.write_text(TEXT[:first] + TEXT[second:end] + TEXT[first:second] + TEXT[end:], "utf-8")
    with pytest.raises(CatalogueError, match="other columns"):
        load_local_template(path)
    assert list(load_local_template().columns) == list(Column)
