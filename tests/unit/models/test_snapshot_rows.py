from datetime import date

import polars as pl
import pytest

from models.outcome import read_outcome
from models.snapshot_rows import spells_from_snapshots
from models.spell_table import SpellTable

YEARS = 365.25


def table_of(*rows: tuple[object, ...]) -> SpellTable:
    schema = dict.fromkeys(("person", "post", "municipality", "snapshot_date"), pl.String)
    clock = [("x", "9", "0301", f"{year}-01-01") for year in range(2019, 2024)]  # so that each year has a snapshot
    return spells_from_snapshots(pl.DataFrame([*clock, *rows], schema=schema, orient="row"))


def seen(person: str, post: str, municipality: str, *years: int) -> list[tuple[object, ...]]:
    return [(person, post, municipality, f"{year}-01-01") for year in years]


def days(first: int, last: int) -> float:
    return (date(last, 1, 1) - date(first, 1, 1)).days / YEARS


def test_the_end_lies_after_the_last_snapshot_and_no_later_than_the_next() -> None:
    spell = table_of(*seen("a", "1", "5037", 2020, 2021)).spells.row(0, named=True)
    assert (spell["time_lower_years"], spell["duration_years"]) == (days(2020, 2021), days(2020, 2022))
    assert spell["cause"] == "not_stated"


def test_a_doctor_seen_once_may_have_left_the_next_day() -> None:
    outcome = read_outcome(table_of(*seen("a", "1", "5037", 2021)).outcome)
    assert (outcome.time_lower.tolist(), outcome.time.tolist()) == ([0.0], [days(2021, 2022)])


def test_who_is_in_the_last_snapshot_is_censored() -> None:
    spell = table_of(*seen("a", "1", "5037", 2020, 2021, 2022, 2023)).spells.row(0, named=True)
    assert spell["time_lower_years"] == spell["duration_years"] == days(2020, 2023)
    assert (spell["event"], spell["cause"]) == (0, None)


def test_who_appears_in_another_municipality_moved_there() -> None:
    moved = table_of(*seen("a", "1", "5037", 2020), *seen("a", "2", "5006", 2021, 2022, 2023)).spells
    assert moved["cause"].to_list() == ["other_municipality", None]
    assert moved["previous_spells"].to_list() == [0, 1]


def test_who_held_another_post_all_along_did_not_move_there() -> None:
    table = table_of(*seen("a", "1", "5037", 2020), *seen("a", "2", "5006", 2020, 2021, 2022, 2023))
    assert sorted(table.spells["cause"].to_list(), key=str) == [None, "not_stated"]


def test_who_is_away_in_one_snapshot_has_two_spells() -> None:
    table = table_of(*seen("a", "1", "5037", 2020, 2022))
    assert table.spells["spell_number"].to_list() == [1, 2]


def test_rows_that_cannot_be_used_are_counted() -> None:
    table = table_of(
        *seen("a", "1", "5037", 2019, 2020),
        *seen("b", "1", "5037", 2023),
        *seen("c", "1", "5037", 2020, 2020),
        ("d", "1", "5037", None),
        ("d", "1", "5037", "soon"),
        (None, "1", "5037", "2020-01-01"),
    )
    assert table.reject_counts == {
        "missing_person": 1,
        "missing_snapshot": 1,
        "unreadable_snapshot": 1,
        "duplicate": 1,
        "start_unknown": 7,  # the five of the clock, too
        "no_follow_up": 1,
    }
    assert table.spells.height + table.joined_rows + table.rejects.height == table.rows


def test_a_post_that_a_reform_renamed_goes_on() -> None:
    table = table_of(*seen("a", "1", "5012", 2020), *seen("a", "1", "5055", 2021, 2022, 2023))
    assert table.spells.select("municipality_code", "event").rows() == [("5055", 0)]


@pytest.mark.parametrize("snapshots", [0, 1])
def test_fewer_than_two_snapshots_tell_of_no_spell(snapshots: int) -> None:
    schema = {"person": pl.String, "post": pl.String, "municipality": pl.String, "snapshot_date": pl.Date}
    table = spells_from_snapshots(
        pl.DataFrame([("a", "1", "5037", date(2020, 1, 1))] * snapshots, schema=schema, orient="row")
    )
    assert (table.spells.height, table.rejects.height) == (0, snapshots)


def test_the_frame_of_spells_is_read_as_the_outcome_that_the_table_gives() -> None:
    table = table_of(*seen("a", "1", "5037", 2020, 2021), *seen("b", "2", "5037", 2021, 2022, 2023))
    of_frame, of_table = read_outcome(table.spells), read_outcome(table.outcome)
    for name in ("event", "time", "entry", "time_lower"):
        assert getattr(of_frame, name).tolist() == getattr(of_table, name).tolist()
    assert (of_frame.time_lower < of_frame.time).tolist() == [True, False]
