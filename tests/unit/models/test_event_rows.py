from datetime import date

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidInputError
from models.event_rows import spells_from_events
from models.exit_causes import CAUSE_NUMBERS, ExitCause
from models.outcome import read_outcome
from models.spell_table import RowReject, SpellTable

AS_OF = date(2023, 12, 31)


def table_of(
    *rows: tuple[object, ...], observed_from: date | None = None, reasons: dict[str, str] | None = None
) -> SpellTable:
    schema = dict.fromkeys(("person", "post", "municipality", "start", "end", "reason"), pl.String)
    frame = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    return spells_from_events(frame, as_of=AS_OF, observed_from=observed_from, reasons=reasons)


def test_a_running_row_is_censored_at_the_end_of_the_last_day() -> None:
    spell = table_of(("a", "1", "5037", "2023-12-31", None, None)).spells.row(0, named=True)
    assert (spell["duration_years"], spell["event"], spell["cause"]) == (1 / 365.25, 0, None)


def test_both_days_of_a_row_count() -> None:
    spell = table_of(("a", "1", "5037", "2020-01-01", "2023-12-31", "retired")).spells.row(0, named=True)
    assert spell["duration_years"] == 4.0
    assert (spell["event"], spell["cause"]) == (CAUSE_NUMBERS["retired"], "retired")


@pytest.mark.parametrize(
    ("row", "reject"),
    [
        ((None, "1", "5037", "2020-01-01", None, None), RowReject.MISSING_PERSON),
        (("a", " ", "5037", "2020-01-01", None, None), RowReject.MISSING_POST),
        (("a", "1", None, "2020-01-01", None, None), RowReject.MISSING_MUNICIPALITY),
        (("a", "1", "Levanger", "2020-01-01", None, None), RowReject.UNREADABLE_MUNICIPALITY),
        (("a", "1", "5037", None, None, None), RowReject.MISSING_START),
        (("a", "1", "5037", "32.01.2020", None, None), RowReject.UNREADABLE_START),
        (("a", "1", "5037", "2020-01-01", "soon", None), RowReject.UNREADABLE_END),
        (("a", "1", "5037", "2020-01-02", "2020-01-01", None), RowReject.REVERSED),
        (("a", "1", "5037", "2024-01-01", None, None), RowReject.START_IN_FUTURE),
        (("a", "1", "5037", "2020-01-01", "2024-01-01", None), RowReject.END_IN_FUTURE),
        (("a", "1", "5037", "2020-01-01", None, "hospital"), RowReject.REASON_WITHOUT_END),
        (("a", "1", "5037", "2020-01-01", "2021-01-01", "15"), RowReject.UNKNOWN_REASON),
    ],
)
def test_a_row_that_cannot_be_used_comes_back_with_its_reason(row: tuple[object, ...], reject: RowReject) -> None:
    table = table_of(("b", "2", "5037", "2020-01-01", None, None), row)
    assert table.spells["person_id"].to_list() == ["b"]
    assert table.reject_counts == {reject.value: 1}
    back = table.rejects.row(0, named=True)
    assert back["row_number"] == 2
    assert tuple(back[name] for name in ("person", "post", "municipality", "start", "end", "reason")) == row


def test_an_own_code_stands_for_the_cause_it_is_given() -> None:
    row = ("a", "1", "5037", "01.02.2020", "31.01.2021", "15")
    table = table_of(row, reasons={"15": ExitCause.HOSPITAL})
    assert table.spells["cause"].to_list() == ["hospital"]
    with pytest.raises(InvalidInputError, match="one of other_municipality"):
        table_of(row, reasons={"15": "bankruptcy"})


def test_an_end_without_a_reason_is_an_end() -> None:
    table = table_of(("a", "1", "5037", "2020-01-01", "2021-01-01", None))
    assert table.spells["cause"].to_list() == ["not_stated"]
    assert read_outcome(table.outcome).ended.tolist() == [True]


def test_of_equal_rows_and_of_overlapping_rows_the_first_is_kept() -> None:
    table = table_of(
        ("a", "1", "5037", "2020-01-01", "2020-12-31", None),
        ("a", "1", "5037", "2020-06-01", "2021-12-31", None),
        ("a", "1", "5037", "2021-03-01", "2022-12-31", None),  # overlaps only what is rejected
        ("a", "1", "5037", "2020-01-01", "2020-12-31", None),
        ("b", "1", "5037", "2020-06-01", "2021-12-31", None),  # another person may share the post
        ("a", "2", "5037", "2020-06-01", "2021-12-31", None),  # and the person hold another one
    )
    assert table.rejects.select("row_number", "reject", "related_row").rows() == [
        (2, "overlap", 1),
        (4, "duplicate", 1),
    ]
    assert table.spells.select("person_id", "post_id", "spell_number").rows() == [
        ("a", "1", 1),
        ("a", "2", 2),
        ("a", "1", 3),
        ("b", "1", 1),
    ]


def test_nothing_can_follow_a_running_row_in_the_same_post() -> None:
    table = table_of(
        ("a", "1", "5037", "2020-01-01", None, None), ("a", "1", "5037", "2022-01-01", "2022-12-31", "hospital")
    )
    assert table.reject_counts == {"overlap": 1}
    assert table.spells["event"].to_list() == [0]


@pytest.mark.parametrize(("start", "spells"), [("2020-12-31", 1), ("2021-01-01", 1), ("2021-01-02", 2)])
def test_rows_without_a_day_between_them_are_one_spell(start: str, spells: int) -> None:
    table = table_of(
        ("a", "1", "5036", "2020-01-01", "2020-12-31", "other"), ("a", "1", "5037", start, "2021-12-31", "hospital")
    )
    assert (table.spells.height, table.joined_rows) == (spells, 2 - spells)
    last = table.spells.row(-1, named=True)
    assert (last["cause"], last["municipality_code"]) == ("hospital", "5037")


def test_what_ran_before_observation_began_is_delayed_entry() -> None:
    table = table_of(
        ("a", "1", "5037", "2018-01-01", None, None),
        ("a", "2", "5037", "2015-01-01", "2017-12-31", None),
        ("b", "3", "5037", "2021-01-01", None, None),
        observed_from=date(2020, 1, 1),
    )
    assert table.reject_counts == {"ended_before_observation": 1}
    entries = dict(table.spells.select("person_id", "entry_years").iter_rows())
    assert entries == {"a": 730 / 365.25, "b": 0.0}
    assert table.spells["previous_spells"].to_list() == [1, 0]


def test_a_spell_that_ends_on_the_first_day_of_observation_was_seen_for_a_day() -> None:
    table = table_of(("a", "1", "5037", "2019-01-01", "2020-01-01", None), observed_from=date(2020, 1, 1))
    spell = table.spells.row(0, named=True)
    assert spell["duration_years"] - spell["entry_years"] == pytest.approx(1 / 365.25)


def test_numbers_of_municipalities_get_their_zero_back_and_moments_become_days() -> None:
    frame = pl.DataFrame(
        {"person": [7], "post": [1], "municipality": [301], "start": [date(2020, 1, 1)], "end": [None]}
    )
    frame = frame.with_columns(pl.col("start").cast(pl.Datetime), reason=pl.lit(None))
    table = spells_from_events(frame, as_of=AS_OF)
    assert table.spells.select("person_id", "municipality_code", "duration_years").rows() == [("7", "0301", 4.0)]


def test_rows_of_another_shape_are_an_error() -> None:
    frame = pl.DataFrame({"person": ["a"], "post": ["1"]})
    with pytest.raises(InvalidInputError, match="municipality, start, end, reason"):
        spells_from_events(frame, as_of=AS_OF)
    numbers = frame.with_columns(municipality=pl.lit("5037"), start=pl.lit(2020), end=pl.lit(None), reason=pl.lit(None))
    with pytest.raises(InvalidInputError, match="dates, or text"):
        spells_from_events(numbers, as_of=AS_OF)
    lists = numbers.with_columns(start=pl.lit("2020-01-01"), reason=pl.lit(["hospital"]))
    with pytest.raises(InvalidInputError, match="text, numbers or dates"):
        spells_from_events(lists, as_of=AS_OF)
    with pytest.raises(InvalidInputError, match="no later than as_of"):
        table_of(("a", "1", "5037", "2020-01-01", None, None), observed_from=date(2024, 1, 1))


def test_no_rows_give_no_spells() -> None:
    table = table_of()
    assert (table.spells.height, table.rejects.height, table.joined_rows) == (0, 0, 0)


def test_the_outcome_is_what_the_table_shows() -> None:
    rng = np.random.default_rng(3)
    starts = [date(2015 + int(year), 1, 1).isoformat() for year in rng.integers(0, 8, 30)]
    table = table_of(*((str(row), "1", "5037", start, None, None) for row, start in enumerate(starts)))
    outcome = read_outcome(table.outcome)
    np.testing.assert_array_equal(outcome.time, table.spells["duration_years"].to_numpy())
