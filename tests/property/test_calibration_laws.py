"""Laws of calibration: what holds for a forecast that is true, and for one that is wrong in a known way."""

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter

from models.benchmarks import kaplan_meier
from models.cloglog_regression import cloglog, spline_columns
from models.d_calibration import d_calibration
from models.errors import EstimatorInputError
from models.horizon_calibration import calibration_by, calibration_curve, calibration_summary, smooth_observed
from models.incidence import aalen_johansen
from models.observation import survival_steps
from models.outcome import Outcome, read_outcome, survival_outcome

AT = 4.0
SHAPE = 1.3


def forecast(rows: int, seed: int, latest_entry: float = 0.0) -> tuple[Outcome, np.ndarray]:
    """Weibull spells with two causes, under observation from a delayed entry, and their true yearly scale."""
    rng = np.random.default_rng(seed)
    scale = 5 * np.exp(rng.normal(size=rows) * 0.6)
    time = scale * rng.exponential(size=rows) ** (1 / SHAPE)
    entry = rng.uniform(0.0, 1.0, size=rows) * latest_entry
    end = np.minimum(time, entry + rng.uniform(1.0, 12.0, size=rows))
    seen = time > entry
    cause = np.where(time <= end, 1 + (rng.random(rows) < 0.4), 0)
    return read_outcome(survival_outcome(cause[seen], end[seen], entry=entry[seen])), scale[seen]


def lasting(scale: np.ndarray, time: np.ndarray | float, factor: float = 1.0, slope: float = 1.0) -> np.ndarray:
    """Survival whose log cumulative hazard is moved by a factor and stretched by a slope."""
    hazard: np.ndarray = (time / scale) ** SHAPE
    survival: np.ndarray = np.exp(-factor * hazard**slope)
    return survival


whole = st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(1, 6))


@settings(max_examples=100, deadline=None)
@given(st.lists(whole, min_size=2, max_size=20))
def test_incidences_of_all_causes_and_survival_sum_to_one(rows: list[tuple[int, int, int]]) -> None:
    event, entry, length = (np.array(column) for column in zip(*rows, strict=True))
    assume(event.any())
    y = survival_outcome(event, entry + length, entry=entry)
    total = aalen_johansen(y).group_by("time_years").agg(pl.col("incidence").sum()).sort("time_years")
    survival = survival_steps(y).at(total["time_years"].to_numpy())
    assert total["incidence"].to_numpy() + survival == pytest.approx(1.0)


@settings(max_examples=100, deadline=None)
@given(st.lists(whole, min_size=2, max_size=20))
def test_one_cause_gives_the_kaplan_meier_curve_and_its_interval(rows: list[tuple[int, int, int]]) -> None:
    event, entry, length = (np.array(column) for column in zip(*rows, strict=True))
    assume(event.any())
    spells = pl.DataFrame({"entry_years": entry, "duration_years": entry + length, "event": event > 0})
    curve, other = kaplan_meier(spells), aalen_johansen(spells)
    assert other["incidence"].to_numpy() == pytest.approx(1 - curve["survival"].to_numpy())
    for mine, theirs in (("lower", "upper"), ("upper", "lower")):
        bound = 1 - curve[theirs].fill_null(np.nan).to_numpy()
        assert other[mine].fill_null(np.nan).to_numpy() == pytest.approx(bound, abs=1e-6, nan_ok=True)


def test_the_incidence_and_its_variance_agree_with_lifelines() -> None:
    y, _ = forecast(400, seed=1)
    theirs = AalenJohansenFitter(calculate_variance=True).fit(y.time, y.event, event_of_interest=2)
    curve = aalen_johansen(y, confidence=0.95).filter(pl.col("cause") == 2)
    at = np.searchsorted(theirs.cumulative_density_.index, curve["time_years"].to_numpy())
    assert curve["incidence"].to_numpy() == pytest.approx(theirs.cumulative_density_.to_numpy()[at, 0])
    lower = np.asarray(theirs.confidence_interval_.iloc[at, 0], dtype=float)
    known = curve["lower"].is_not_null().to_numpy() & np.isfinite(lower)
    assert known.sum() > 50
    assert curve["lower"].fill_null(0.0).to_numpy()[known] == pytest.approx(lower[known], abs=0.01)


def test_a_true_forecast_is_calibrated_with_causes_and_delayed_entry() -> None:
    y, scale = forecast(20_000, seed=2, latest_entry=2.0)
    ended = 1 - lasting(scale, AT)
    summary = calibration_summary(y, 0.4 * ended, AT, cause=2)
    assert summary.intercept == pytest.approx(0.0, abs=0.06)
    assert summary.slope == pytest.approx(1.0, abs=0.06)
    assert summary.e50 <= summary.e90 < 0.02
    assert summary.ici < 0.01
    table = calibration_curve(y, 0.4 * ended, AT, cause=2)
    assert table["bin"].to_list() == list(range(1, 11))
    inside = (table["observed_lower"] < table["predicted"]) & (table["predicted"] < table["observed_upper"])
    assert inside.sum() >= 7


@pytest.mark.parametrize(("factor", "slope"), [(1.5, 1.0), (0.6, 1.0), (1.0, 1.4)])
def test_a_forecast_that_is_wrong_in_a_known_way_shows_it(factor: float, slope: float) -> None:
    y, scale = forecast(20_000, seed=3)
    all_ends = Outcome((y.event > 0).astype(np.int64), y.time, y.entry, y.time)
    ended = 1 - lasting(scale, AT, factor, slope)
    summary = calibration_summary(all_ends, ended, AT, cause=1)
    assert summary.slope == pytest.approx(1 / slope, abs=0.05)
    if slope == 1.0:
        assert summary.intercept == pytest.approx(-np.log(factor), abs=0.04)
    true = 1 - lasting(scale, AT)
    assert summary.ici == pytest.approx(np.abs(ended - true).mean(), abs=0.01)
    assert np.abs(smooth_observed(all_ends, ended, AT, cause=1) - true).max() < 0.06


def test_a_forecast_without_differences_has_no_slope() -> None:
    y, _ = forecast(500, seed=4)
    summary = calibration_summary(y, np.full(len(y), 0.3), AT, cause=1)
    assert summary.slope is None
    assert summary.ici == pytest.approx(summary.e90)


def test_a_group_has_an_observed_share_if_it_is_followed_so_long_or_has_all_ended() -> None:
    y = survival_outcome([True, False, True, True, True], [1.0, 1.5, 1.0, 6.0, 2.0])
    table = calibration_by(y, np.full(5, 0.5), AT, ["short", "short", "long", "long", "gone"], cause=1)
    assert table.select("group", "observed").rows() == [("gone", 1.0), ("long", 0.5), ("short", None)]


def test_an_impossible_horizon_or_group_is_refused() -> None:
    y, _ = forecast(100, seed=4)
    with pytest.raises(EstimatorInputError, match="some have ended"):
        calibration_summary(y, np.full(len(y), 0.5), 0.0001, cause=1)
    with pytest.raises(EstimatorInputError, match="groups"):
        calibration_by(y, np.full(len(y), 0.5), AT, ["a"], cause=1)
    with pytest.raises(EstimatorInputError, match="incidence"):
        calibration_curve(y, np.full(len(y), 1.5), AT, cause=1)
    with pytest.raises(EstimatorInputError, match="bins"):
        calibration_curve(y, np.full(len(y), 0.5), AT, cause=1, bins=0)


def test_a_spline_is_straight_beyond_its_outer_knots() -> None:
    values = np.linspace(-3.0, 3.0, 601)
    bend = spline_columns(values)[:, 2]
    assert np.abs(np.diff(bend, n=2)[-50:]).max() < 1e-9
    assert np.abs(np.diff(bend, n=2)[:50]).max() < 1e-9
    assert bend.max() > 0.1


def slow_d_shares(survival: np.ndarray, ended: np.ndarray, bins: int) -> list[float]:
    """Share of each bin by the published formula, one spell and bin at a time."""
    counts = [0.0] * bins
    for value, is_end in zip(survival, ended, strict=True):
        own = min(int(value * bins), bins - 1)
        if is_end:
            counts[own] += 1
            continue
        counts[own] += (value - own / bins) / value
        for lower in range(own):
            counts[lower] += 1 / bins / value
    return [count / survival.size for count in counts]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.booleans()), min_size=1, max_size=20), st.integers(2, 10))
def test_d_calibration_equals_slow_obvious_code(rows: list[tuple[float, bool]], bins: int) -> None:
    survival, ended = (np.array(column) for column in zip(*rows, strict=True))
    result = d_calibration(survival_outcome(ended, np.ones(ended.size)), survival, bins=bins)
    assert result.shares == pytest.approx(slow_d_shares(survival, ended, bins))
    assert sum(result.shares) == pytest.approx(1.0)


def test_d_calibration_accepts_the_truth_at_its_level_and_refuses_a_wrong_hazard() -> None:
    p_values = []
    for seed in range(60):
        y, scale = forecast(600, seed=seed, latest_entry=2.0)
        at_end, at_entry = lasting(scale, y.time), lasting(scale, y.entry)
        p_values.append(d_calibration(y, at_end, survival_at_entry=at_entry).p_value)
    assert np.mean(np.array(p_values) < 0.1) < 0.2
    y, scale = forecast(5_000, seed=1)
    assert d_calibration(y, lasting(scale, y.time, factor=1.5)).p_value < 1e-6
    with pytest.raises(EstimatorInputError, match="entry"):
        d_calibration(survival_outcome([True], [2.0], entry=[1.0]), [0.5])
    with pytest.raises(EstimatorInputError, match="bins"):
        d_calibration(y, lasting(scale, y.time), bins=1)


def test_the_log_log_scale_is_the_log_of_the_cumulative_hazard() -> None:
    hazard = np.array([0.01, 1.0, 3.0])
    assert cloglog(1 - np.exp(-hazard)) == pytest.approx(np.log(hazard))
    assert np.isfinite(cloglog(np.array([0.0, 1.0]))).all()


def test_the_curve_keeps_equal_predictions_together() -> None:
    y, _ = forecast(300, seed=5)
    predicted = np.where(np.arange(len(y)) % 3 == 0, 0.2, 0.5)
    table = calibration_curve(y, predicted, AT, cause=1)
    assert table["predicted"].to_list() == pytest.approx([0.2, 0.5])
    assert table["spells"].sum() == len(y)
