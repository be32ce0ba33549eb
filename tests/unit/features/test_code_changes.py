"""Which codes were in force when, and what each change was."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from features.code_changes import ChangeKind, CodeHistory, classified_changes, code_history, structure_on
from features.errors import InvalidInputError
from features.snapshot import load_snapshot

GEONORGE = Path(__file__).parents[3] / ".." / "shared" / "data" / "fixtures" / "geonorge" / "fylkerkommuner_2020.json"


@pytest.fixture(scope="module")
def history() -> CodeHistory:
    return code_history(load_snapshot())


@pytest.fixture(scope="module")
def kinds(history: CodeHistory) -> pl.DataFrame:
    return classified_changes(history.changes)


@pytest.mark.parametrize(
    ("years", "count"),
    [
        (range(2011, 2012), 430),
        (range(2012, 2013), 429),
        (range(2013, 2017), 428),
        (range(2017, 2018), 426),
        (range(2018, 2020), 422),
        (range(2020, 2024), 356),
        (range(2024, 2027), 357),
    ],
)
def test_a_year_has_as_many_municipalities_as_norway_had(history: CodeHistory, years: range, count: int) -> None:
    assert [len(structure_on(year, history)) for year in years] == [count] * len(years)


def test_a_reform_takes_effect_on_its_day(history: CodeHistory) -> None:
    assert len(structure_on(date(2019, 12, 31), history)) == 422
    assert len(structure_on(date(2020, 1, 1), history)) == 356


def test_the_codes_of_2020_are_those_of_the_map(history: CodeHistory) -> None:
    if not GEONORGE.exists():
        pytest.skip("needs ../shared/data/fixtures/geonorge beside the repository")
    counties = json.loads(GEONORGE.read_text("utf-8"))
    codes = {place["kommunenummer"] for county in counties for place in county["kommuner"]}
    assert structure_on(2020, history) == codes


def test_the_code_for_not_stated_is_no_municipality(history: CodeHistory) -> None:
    assert "9999" not in structure_on(2016, history)


def test_years_before_the_first_change_are_refused(history: CodeHistory) -> None:
    with pytest.raises(InvalidInputError, match="2011 or later"):
        structure_on(2010, history)
    with pytest.raises(InvalidInputError, match="2011"):
        structure_on(date(2010, 12, 31), history)


def test_no_new_code_was_taken_by_another_municipality(history: CodeHistory) -> None:
    for (day,), steps in history.changes.partition_by("change_date", as_dict=True).items():
        before = structure_on(date(day.year - 1, 12, 31), history) if day.year > 2011 else set(steps["old_code"])
        assert not (set(steps["new_code"]) - set(steps["old_code"])) & (before - set(steps["old_code"])), day


@pytest.mark.parametrize(
    ("old", "new", "year", "kind"),
    [
        ("1736", "1736", 2011, ChangeKind.RENAMED),  # Snåsa, then Snåase - Snåsa
        ("1514", "1514", 2020, ChangeKind.RENAMED),
        ("1601", "5001", 2018, ChangeKind.RENUMBERED),
        ("3018", "3114", 2024, ChangeKind.RENUMBERED),  # also a new name
        ("5001", "5001", 2020, ChangeKind.MERGED),  # Trondheim kept its code, and Klæbu joined
        ("5030", "5001", 2020, ChangeKind.MERGED),
        ("1018", "4204", 2020, ChangeKind.MERGED),  # Søgne
        ("0704", "0704", 2017, ChangeKind.MERGED),  # Tønsberg, by a part of Stokke
        ("0720", "0704", 2017, ChangeKind.SPLIT_AND_MERGED),
        ("1850", "1806", 2020, ChangeKind.SPLIT_AND_MERGED),
        ("5012", "5056", 2020, ChangeKind.SPLIT_AND_MERGED),
        ("1507", "1508", 2024, ChangeKind.SPLIT),
        ("1507", "1580", 2024, ChangeKind.SPLIT),
    ],
)
def test_changes_are_told_apart(kinds: pl.DataFrame, old: str, new: str, year: int, kind: ChangeKind) -> None:
    found = kinds.filter(old_code=old, new_code=new, change_date=date(year, 1, 1))["kind"]
    assert found.to_list() == [kind]


def test_four_municipalities_were_split(kinds: pl.DataFrame) -> None:
    split = kinds.filter(pl.col("kind").is_in([ChangeKind.SPLIT, ChangeKind.SPLIT_AND_MERGED]))
    assert sorted(split["old_code"].unique()) == ["0720", "1507", "1850", "5012"]


def test_a_new_name_never_changes_a_code(kinds: pl.DataFrame) -> None:
    renamed = kinds.filter(kind=ChangeKind.RENAMED)
    assert renamed.height == 23  # counted by hand
    assert renamed.filter(pl.col("old_code") != pl.col("new_code")).is_empty()
    assert renamed.filter(pl.col("old_name") == pl.col("new_name")).is_empty()


def test_every_merge_and_split_has_the_inhabitants_of_its_parts(history: CodeHistory, kinds: pl.DataFrame) -> None:
    keys = ["change_date", "old_code", "new_code"]
    joint = kinds.filter(~pl.col("kind").is_in([ChangeKind.RENAMED, ChangeKind.RENUMBERED])).select(keys).unique()
    assert joint.join(history.parts, on=keys, how="anti").is_empty()
    assert history.parts.join(joint, on=keys, how="anti").is_empty()
