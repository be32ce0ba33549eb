"""Laws of spells from rows: every row is accounted for, and fast results equal slow, obvious ones."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from models.event_rows import COLUMNS, spells_from_events
from models.snapshot_rows import spells_from_snapshots

START = date(2020, 1, 1)
AS_OF = START + timedelta(days=12)
OBSERVED = START + timedelta(days=4)
Row = tuple[str, str, str, date, date | None, str | None]


class Stay(NamedTuple):
    first: date
    last: date
    ended: bool
    rows: int


days = st.integers(0, 14).map(lambda day: START + timedelta(days=day))
event_rows = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("12"),
        st.just("5037"),
        days,
        st.one_of(st.none(), days),
        st.sampled_from([None, None, "hospital", "15"]),
    ),
    max_size=14,
)


def frame_of(rows: list[Row]) -> pl.DataFrame:
    types = [pl.String, pl.String, pl.String, pl.Date, pl.Date, pl.String]
    return pl.DataFrame(rows, schema=dict(zip(COLUMNS, types, strict=True)), orient="row")


def slow_spells(rows: list[Row]) -> tuple[list[tuple[str, str, date, date, bool]], Counter[str]]:
    """Stays of the rows one after the other, with their first and last day, and the rejects."""
    rejects: Counter[str] = Counter()
    usable: list[tuple[int, Row]] = []
    for number, row in enumerate(rows):
        _, _, _, start, end, reason = row
        faults = {
            "reversed": end is not None and end < start,
            "start_in_future": start > AS_OF,
            "end_in_future": end is not None and end > AS_OF,
            "reason_without_end": end is None and reason is not None,
            "unknown_reason": reason == "15",
            "duplicate": any(row == other for _, other in usable),
        }
        fault = next((name for name, applies in faults.items() if applies), None)
        if fault:
            rejects[fault] += 1
        else:
            usable.append((number, row))
    stays: dict[tuple[str, str], list[Stay]] = {}
    for _, (person, post, _, start, end, _) in sorted(usable, key=lambda item: (item[1][3], item[0])):
        held = stays.setdefault((person, post), [])
        until = end or date.max
        if held and start < held[-1].last:
            rejects["overlap"] += 1
        elif held and held[-1].last != date.max and start <= held[-1].last + timedelta(days=1):
            held[-1] = Stay(held[-1].first, until, end is not None, held[-1].rows + 1)
        else:
            held.append(Stay(start, until, end is not None, 1))
    found = []
    for (person, post), held in stays.items():
        for stay in held:
            if stay.last < OBSERVED:
                rejects["ended_before_observation"] += stay.rows
            else:
                found.append((person, post, stay.first, min(stay.last, AS_OF), stay.ended))
    return sorted(found), rejects


@settings(max_examples=300, deadline=None)
@given(event_rows)
def test_spells_equal_slow_obvious_code(rows: list[Row]) -> None:
    table = spells_from_events(frame_of(rows), as_of=AS_OF, observed_from=OBSERVED)
    expected, rejects = slow_spells(rows)
    found = sorted(
        (person, post, start, start + timedelta(days=round(years * 365.25) - 1), event > 0)
        for person, post, start, years, event in table.spells.select(
            "person_id", "post_id", "start_date", "duration_years", "event"
        ).iter_rows()
    )
    assert found == expected
    assert table.reject_counts == dict(rejects)


@settings(max_examples=100, deadline=None)
@given(event_rows)
def test_every_row_is_in_a_spell_or_among_the_rejects(rows: list[Row]) -> None:
    table = spells_from_events(frame_of(rows), as_of=AS_OF, observed_from=OBSERVED)
    assert table.rows == len(rows) == table.spells.height + table.joined_rows + table.rejects.height
    assert table.rejects["row_number"].is_unique().all()
    assert (table.spells["entry_years"] < table.spells["duration_years"]).all()


@settings(max_examples=60, deadline=None)
@given(event_rows, st.randoms())
def test_the_order_of_the_persons_is_irrelevant(rows: list[Row], random: Random) -> None:
    people = list("ab")
    random.shuffle(people)
    sorted_by_person = [row for person in people for row in rows if row[0] == person]
    tables = [spells_from_events(frame_of(each), as_of=AS_OF) for each in (rows, sorted_by_person)]
    assert_frame_equal(tables[0].spells, tables[1].spells)
    assert tables[0].reject_counts == tables[1].reject_counts


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("12"), st.just("5037"), st.integers(0, 5)), max_size=30)
)
def test_snapshots_give_each_run_of_presence_once(seen: list[tuple[str, str, str, int]]) -> None:
    schema = ["person", "post", "municipality", "snapshot_date"]
    rows = pl.DataFrame(
        [(*row[:3], date(2015 + row[3], 1, 1)) for row in seen],
        schema=dict(zip(schema, [pl.String, pl.String, pl.String, pl.Date], strict=True)),
        orient="row",
    )
    years = sorted({row[3] for row in seen})
    runs = []
    for person, post in sorted({row[:2] for row in seen}):
        present = [any(row == (person, post, "5037", year) for row in seen) for year in years]
        for first, year in enumerate(years):
            if first and present[first] and not present[first - 1] and first < len(years) - 1:
                last = first
                while last + 1 < len(years) and present[last + 1]:
                    last += 1
                runs.append((person, date(2015 + year, 1, 1), last < len(years) - 1))
    table = spells_from_snapshots(rows)
    found = [(p, s, e > 0) for p, s, e in table.spells.select("person_id", "start_date", "event").iter_rows()]
    assert sorted(found) == sorted(runs)
    assert table.spells.height + table.joined_rows + table.rejects.height == len(seen)
