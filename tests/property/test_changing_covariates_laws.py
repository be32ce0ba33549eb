"""Laws of spells that are cut where a covariate changes: nothing is lost, and values are those of the moment."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import InvalidInputError
from models.changing_covariates import split_at_changes
from models.spells import person_periods

eighths = st.integers(0, 24).map(lambda eighth: eighth / 8)


@st.composite
def spells_and_changes(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = draw(st.lists(st.tuples(eighths, eighths, st.integers(0, 2), st.integers(0, 9)), min_size=1, max_size=6))
    spells = pl.DataFrame(
        {
            "spell_id": [10 * place for place in range(len(rows))],
            "entry_years": [row[0] for row in rows],
            "duration_years": [row[0] + row[1] + 0.125 for row in rows],
            "event": [row[2] for row in rows],
            "list_length": [row[3] for row in rows],
        }
    )
    moments = st.tuples(st.sampled_from(spells["spell_id"].to_list()), st.integers(-8, 60).map(lambda e: e / 8))
    keys = draw(st.lists(moments, max_size=12, unique=True))
    values = draw(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=len(keys), max_size=len(keys)))
    changes = pl.DataFrame(
        [(key, at, value, value) for (key, at), value in zip(keys, values, strict=True)],
        schema={"spell_id": pl.Int64, "at_years": pl.Float64, "list_length": pl.Int64, "has_supervisor": pl.Int64},
        orient="row",
    )
    return spells, changes


def value_at(spell: dict[str, float], changes: pl.DataFrame, time: float, name: str) -> float | None:
    """The value just after a time, found by going through the changes one by one."""
    value, latest = spell.get(name), float("-inf")
    for change in changes.iter_rows(named=True):
        if change["spell_id"] == spell["spell_id"] and latest < change["at_years"] <= time:
            value, latest = change[name], change["at_years"]
    return value


@settings(max_examples=200, deadline=None)
@given(spells_and_changes())
def test_exposure_and_events_are_kept(given_frames: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    spells, changes = given_frames
    rows = split_at_changes(spells, changes)
    kept = rows.group_by("spell_id", maintain_order=True).agg(
        pl.col("entry_years").min(),
        pl.col("duration_years").max(),
        pl.col("event").sum(),
        exposure=(pl.col("duration_years") - pl.col("entry_years")).sum(),
    )
    assert kept.drop("exposure").rows() == spells.drop("list_length").rows()
    assert kept["exposure"].to_list() == (spells["duration_years"] - spells["entry_years"]).to_list()
    assert (rows["duration_years"] > rows["entry_years"]).all()


@settings(max_examples=200, deadline=None)
@given(spells_and_changes())
def test_every_stretch_has_the_values_of_its_beginning(given_frames: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    spells, changes = given_frames
    of = {spell["spell_id"]: spell for spell in spells.iter_rows(named=True)}
    for row in split_at_changes(spells, changes).iter_rows(named=True):
        for name in ("list_length", "has_supervisor"):
            assert row[name] == value_at(of[row["spell_id"]], changes, row["entry_years"], name)
        inside = changes.filter(
            pl.col("spell_id") == row["spell_id"],
            pl.col("at_years").is_between(row["entry_years"], row["duration_years"], closed="none"),
        )
        assert inside.is_empty()


@settings(max_examples=60, deadline=None)
@given(spells_and_changes())
def test_the_rows_can_be_cut_into_person_periods(given_frames: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    spells, changes = given_frames
    spells = spells.with_columns(pl.col("event") > 0)
    breaks = [0.0, 1.0, 2.0, 7.0]
    whole, cut = (person_periods(frame, breaks) for frame in (spells, split_at_changes(spells, changes)))
    totals = [
        frame.group_by("interval").agg(pl.col("exposure_years").sum(), pl.col("event").sum()).sort("interval")
        for frame in (whole, cut)
    ]
    assert totals[0].rows() == totals[1].rows()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"spell_id": [2], "at_years": [1.0]}, "given spells only"),
        ({"spell_id": [1, 1], "at_years": [1.0, 1.0]}, "one row with all values"),
        ({"spell_id": [1], "at_years": [float("nan")]}, "years since"),
        ({"spell_id": [1], "at_years": [1.0], "event": [True]}, "outcome belongs"),
        ({"spell_id": [1]}, "also the column at_years"),
    ],
)
def test_changes_that_cannot_be_placed_are_an_error(changes: dict[str, list[float]], message: str) -> None:
    spells = pl.DataFrame({"spell_id": [1], "entry_years": [0.0], "duration_years": [2.0], "event": [True]})
    with pytest.raises(InvalidInputError, match=message):
        split_at_changes(spells, pl.DataFrame(changes))


def test_an_end_between_two_snapshots_cannot_be_cut() -> None:
    spells = pl.DataFrame({"spell_id": [1], "entry_years": 0.0, "duration_years": 2.0, "event": 1})
    vague = spells.with_columns(time_lower_years=pl.lit(1.0))
    with pytest.raises(InvalidInputError, match="exact ends"):
        split_at_changes(vague, pl.DataFrame({"spell_id": [1], "at_years": [1.0]}))
