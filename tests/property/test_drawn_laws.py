"""Spells that count as often as they were drawn give what copies of them give."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cause_forecast import every_forecast
from models.competing_risks import CauseSpecificHazards
from models.counted_calibration import counted_calibration, counted_status
from models.counted_measures import counted_measures
from models.drawn_clusters import drawn_counts
from models.fold_forecast import FoldForecast
from models.glm_hazard import PenalisedHazard
from models.horizon_calibration import calibration_summary
from models.observation import any_cause
from models.outcome import Outcome, read_outcome, survival_outcome
from models.resampled_measures import resampled_measures

HORIZONS = (1.0, 3.0)
LATE = st.sampled_from([0.0, 2.0])


def made_up(rows: int, seed: int, *, late: float, whole_years: bool) -> tuple[pl.DataFrame, Outcome]:
    """Spells with two causes, delayed entry and, in whole years, many at the same time."""
    rng = np.random.default_rng(seed)
    size = rng.normal(size=rows)
    ends = rng.exponential(1 / np.column_stack([0.3 * np.exp(0.8 * size), np.full(rows, 0.15)]))
    end, censored = ends.min(axis=1), rng.uniform(1, 7, rows)
    time = np.minimum(end, censored)
    time = np.ceil(time) if whole_years else time
    entry = np.where(rng.random(rows) < 0.5, rng.uniform(0, late, rows), 0.0)  # half are seen from the start
    entry = np.floor(entry) if whole_years else entry
    event = np.where(end <= censored, ends.argmin(axis=1) + 1, 0)
    seen = time > entry
    y = read_outcome(survival_outcome(event[seen], time[seen], entry=entry[seen]))
    return pl.DataFrame({"size": size}).filter(pl.Series(seen)), y


def copied(forecast: FoldForecast, chosen: np.ndarray) -> FoldForecast:
    """The forecast of some of its spells, as often as they are named."""
    names = ("rows", "test", "risk", "left", "curves", "errors", "errors_one_curve")
    statuses = tuple((case[chosen], weight[chosen]) for case, weight in forecast.statuses)
    return replace(forecast, **{name: getattr(forecast, name)[chosen] for name in names}, statuses=statuses)


def same(fast: float, slow: float) -> bool:
    return bool(np.isclose(fast, slow, rtol=1e-9, atol=1e-12, equal_nan=True))


@given(seed=st.integers(0, 10_000), late=LATE, whole_years=st.booleans(), rows=st.integers(80, 150))
@settings(max_examples=15, deadline=None)
def test_measures_of_counted_spells_are_those_of_copies(
    *, seed: int, late: float, whole_years: bool, rows: int
) -> None:
    X, y = made_up(rows, seed, late=late, whole_years=whole_years)
    train, test = np.arange(len(y) // 2), np.arange(len(y) // 2, len(y))
    horizons = tuple(each for each in HORIZONS if each < min(y.time[train].max(), y.time[test].max()))
    fitted = CauseSpecificHazards(PenalisedHazard()).fit(X[train], y[train])
    forecasts = every_forecast(fitted, y[train], X[test], y[test], test, 2, horizons)
    for (counts,) in drawn_counts([test // 3], 3, seed):
        chosen = np.repeat(np.arange(test.size), counts.astype(np.int64))
        for forecast in forecasts:
            fast, slow = counted_measures(forecast, counts[None], horizons), copied(forecast, chosen).measures(horizons)
            assert fast.keys() == slow.keys()
            assert {key: same(float(fast[key][0]), slow[key]) for key in slow} == dict.fromkeys(slow, True)


@given(seed=st.integers(0, 10_000), late=LATE, whole_years=st.booleans(), cause=st.integers(1, 2))
@settings(max_examples=15, deadline=None)
def test_calibration_of_counted_spells_is_that_of_copies(
    *, seed: int, late: float, whole_years: bool, cause: int
) -> None:
    X, y = made_up(160, seed, late=late, whole_years=whole_years)
    left = np.clip(0.2 + 0.1 * X["size"].to_numpy() + np.linspace(0, 0.1, len(y)), 0.01, 0.95)
    status, ready = counted_status(y), counted_calibration(y, left, 2.0, cause)
    for (counts,) in drawn_counts([np.arange(len(y)) // 4], 5, seed):
        chosen = np.repeat(np.arange(len(y)), counts.astype(np.int64))
        survival, at_end = status.weights(counts)
        fast = ready.measured(counts, at_end, status.beyond(counts, survival, 2.0))
        summary = calibration_summary(y[chosen], left[chosen], 2.0, cause=cause)
        assert fast == pytest.approx((summary.ici, summary.intercept, summary.slope), rel=1e-6, abs=1e-7)


def test_a_draw_that_cannot_tell_calibration_gives_no_number() -> None:
    y = read_outcome(survival_outcome([0, 0, 1, 1], [1.0, 4.0, 1.5, 5.0]))
    ready, status = counted_calibration(y, np.full(4, 0.3), 2.0, 1), counted_status(y)
    for counts in ([1.0, 3.0, 0.0, 0.0], [0.0, 0.0, 4.0, 0.0]):
        survival, at_end = status.weights(np.array(counts))
        found = ready.measured(np.array(counts), at_end, status.beyond(np.array(counts), survival, 2.0))
        assert np.isnan(found).all()
    survival, at_end = status.weights(np.ones(4))
    ici, intercept, slope = ready.measured(np.ones(4), at_end, status.beyond(np.ones(4), survival, 2.0))
    assert np.isfinite([ici, intercept]).all()
    assert np.isnan(slope)


def test_intervals_are_of_the_same_draws_as_copies() -> None:
    seed = 3
    X, y = made_up(300, seed, late=1.0, whole_years=False)
    halves = np.arange(len(y)) < len(y) // 2
    clusters = np.arange(len(y)) // 2
    forecasts = []
    for test in (np.flatnonzero(halves), np.flatnonzero(~halves)):
        train = np.setdiff1d(np.arange(len(y)), test)
        fitted = PenalisedHazard().fit(X[train], any_cause(y[train]))
        forecasts.append(every_forecast(fitted, y[train], X[test], y[test], test, 1, HORIZONS)[0])
    found = {each.name: each for each in resampled_measures(forecasts, clusters, HORIZONS, HORIZONS, 20, seed)}
    parts, values = [clusters[each.rows] for each in forecasts], []
    for counts in drawn_counts(parts, 20, seed):
        rows = [np.repeat(np.arange(each.size), each.astype(np.int64)) for each in counts]
        c = [copied(*pair).measures(HORIZONS)["harrell_c", None] for pair in zip(forecasts, rows, strict=True)]
        values.append(np.average(c, weights=[each.size for each in rows]))
    assert found["harrell_c"].lower == pytest.approx(np.quantile(values, 0.05))
    assert found["harrell_c"].upper == pytest.approx(np.quantile(values, 0.95))


def test_clusters_are_drawn_as_often_as_there_are_and_whole() -> None:
    labels = np.array(["a", "b", "a", "c", "c", "c"])
    for (counts,) in drawn_counts([labels], 50, seed=2):
        per_cluster = {str(label): set(counts[labels == label].tolist()) for label in np.unique(labels)}
        assert all(len(each) == 1 for each in per_cluster.values())
        assert sum(each.pop() for each in per_cluster.values()) == 3
