"""Laws of spells, curves and rankings: fast results equal slow, obvious ones."""

from itertools import pairwise
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from models.benchmarks import kaplan_meier, survival_at
from models.evaluation import concordance
from models.spells import person_periods

eighths = st.integers(0, 40).map(lambda eighth: eighth / 8)  # ties with borders and with each other are wanted


@st.composite
def spells(draw: st.DrawFn) -> pl.DataFrame:
    rows = draw(
        st.lists(st.tuples(eighths, eighths, st.booleans(), st.sampled_from([-2.0, 0.0, 3.5])), min_size=1, max_size=12)
    )
    return pl.DataFrame(
        {
            "spell_id": range(len(rows)),
            "entry_years": [row[0] for row in rows],
            "duration_years": [row[0] + row[1] + 0.125 for row in rows],
            "event": [row[2] for row in rows],
            "clock": [row[3] for row in rows],
        }
    )


@st.composite
def borders(draw: st.DrawFn) -> list[float]:
    return [0.0, *sorted(draw(st.sets(st.integers(1, 80).map(lambda eighth: eighth / 8), max_size=8))), 12.0]


def slow_person_periods(frame: pl.DataFrame, breaks: list[float]) -> list[tuple[int, float, int, float, float, bool]]:
    rows = []
    for spell_id, entry, duration, event, clock in frame.iter_rows():
        for interval, (start, stop) in enumerate(pairwise(breaks)):
            exposure = min(duration, stop) - max(entry, start)
            if exposure > 0:
                middle = (start + stop) / 2
                ends_here = event and start < duration <= stop
                rows.append((spell_id, clock + middle, interval, middle, exposure, ends_here))
    return rows


@settings(max_examples=60, deadline=None)
@given(spells(), borders())
def test_person_periods_equal_slow_obvious_code(frame: pl.DataFrame, breaks: list[float]) -> None:
    fast = person_periods(frame, breaks, clocks=["clock"])
    assert fast.columns == ["spell_id", "clock", "interval", "elapsed_years", "exposure_years", "event"]
    assert fast.rows() == slow_person_periods(frame, breaks)


@settings(max_examples=60, deadline=None)
@given(spells(), borders())
def test_events_and_exposure_are_preserved(frame: pl.DataFrame, breaks: list[float]) -> None:
    periods = person_periods(frame, breaks)
    assert periods["event"].sum() == frame["event"].sum()
    observed = (frame["duration_years"] - frame["entry_years"]).sum()
    assert periods["exposure_years"].sum() == pytest.approx(observed, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(spells(), borders(), st.randoms())
def test_the_order_of_the_spells_is_irrelevant(frame: pl.DataFrame, breaks: list[float], random: Random) -> None:
    order = list(range(frame.height))
    random.shuffle(order)
    shuffled = person_periods(frame[order], breaks).sort("spell_id", "interval")
    assert_frame_equal(shuffled, person_periods(frame, breaks).sort("spell_id", "interval"))
    if frame["event"].any():
        assert_frame_equal(kaplan_meier(frame[order]), kaplan_meier(frame))


@settings(max_examples=60, deadline=None)
@given(spells())
def test_the_kaplan_meier_curve_falls_within_zero_and_one_and_equals_slow_obvious_code(frame: pl.DataFrame) -> None:
    curve = kaplan_meier(frame)
    value = 1.0
    for row, time in zip(curve.iter_rows(named=True), curve["time_years"], strict=True):
        at_risk = sum(entry < time <= end for entry, end in frame.select("entry_years", "duration_years").iter_rows())
        ended = sum(event and end == time for end, event in frame.select("duration_years", "event").iter_rows())
        value *= 1 - ended / at_risk
        assert row["survival"] == pytest.approx(value, abs=1e-12)
        assert row["lower"] is None or 0 <= row["lower"] <= row["survival"] <= row["upper"] <= 1
    survival = survival_at(curve, np.linspace(0, 12, 30))
    assert (np.diff(survival) <= 0).all()
    assert survival.min() >= 0


@settings(max_examples=60, deadline=None)
@given(spells(), st.randoms())
def test_concordance_equals_slow_obvious_code(frame: pl.DataFrame, random: Random) -> None:
    risk = [random.choice([0, 1, 2]) for _ in range(frame.height)]
    columns = frame.select("entry_years", "duration_years", "event").rows()
    score, pairs = 0.0, 0
    for (_, end, event), mine in zip(columns, risk, strict=True):
        for (other_entry, other_end, other_event), theirs in zip(columns, risk, strict=True):
            outlasts = other_end > end or (other_end == end and not other_event)
            if event and other_entry < end and outlasts:
                pairs += 1
                score += 1.0 if mine > theirs else 0.5 if mine == theirs else 0.0
    if pairs:
        assert concordance(frame, risk) == pytest.approx(score / pairs)
