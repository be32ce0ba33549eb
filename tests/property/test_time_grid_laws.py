"""Laws of the grid of time: rounded ends, and how many spells inner validation holds out."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.folds import folds_to_hold_out, inner_folds
from models.forest_hazard import ForestHazard
from models.glm_hazard import PenalisedHazard
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator
from models.incidence import aalen_johansen
from models.outcome import Outcome, read_outcome, survival_outcome
from models.time_grid import end_times, with_bounds

NOBODY = pl.DataFrame({"nothing": [0.0]})


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), rate=st.floats(0.05, 0.5), unit=st.sampled_from([0.25, 1.0, 12.0]))
@pytest.mark.parametrize(
    "estimator",
    [DiscreteTimeHazard(n_estimators=1), PenalisedHazard(drifts=False), ForestHazard(trees=2, leaf_events=1e4)],
    ids=["boosted", "penalised", "forest"],
)
def test_without_covariates_curves_of_rounded_ends_are_kaplan_and_meiers(
    estimator: HazardEstimator, seed: int, rate: float, unit: float
) -> None:
    """In a unit with the share q of ends, 2s with s = q/(2-q) stands for -log(1-q) = 2 artanh(s) = 2(s + s^3/3 + ...).

    Half an event, or less than one, that draws each interval to the rate of all, comes on top.
    """
    rng = np.random.default_rng(seed)
    lasted, followed = np.ceil(rng.exponential(1 / rate, 4000)), rng.integers(1, 7, 4000)
    y = survival_outcome(lasted <= followed, np.minimum(lasted, followed) * unit)
    model = estimator.fit(pl.DataFrame({"nothing": np.zeros(4000)}), y)
    steps = aalen_johansen(y)
    at_risk, x = steps["at_risk"].to_numpy(), (steps["events"] / steps["at_risk"]).to_numpy()
    enough = at_risk >= 200
    times, exact = steps["time_years"].to_numpy()[enough], -np.log1p(-x[enough]).cumsum()
    found = model.predict_cumulative_hazard(NOBODY, times)[0]
    s = x[enough] / (2 - x[enough])
    bound = np.cumsum(2 / 3 * s**3 / (1 - s**2) + 1.0 / at_risk[enough])
    assert (np.abs(found - exact) <= bound).all()


@given(
    times=st.lists(st.integers(1, 30), min_size=1, max_size=20),
    unit=st.sampled_from([1.0, 0.5, 1 / 12]),
    ended=st.booleans(),
)
def test_bounds_lie_one_unit_below_an_end_and_change_nothing_twice(
    times: list[int], unit: float, *, ended: bool
) -> None:
    time = np.array(times) * unit
    entry = np.zeros(time.size)
    entry[0] = 0.75 * time[0]
    outcome = Outcome(np.full(time.size, int(ended)), time, entry, time)
    once = with_bounds(outcome)
    twice = with_bounds(once)
    assert once.time_lower.tolist() == twice.time_lower.tolist()
    assert (once.time_lower >= entry).all()
    assert (once.time_lower <= time).all()
    if not ended:
        assert once.time_lower.tolist() == time.tolist()
    else:
        gaps = [abs(a - b) for a in times for b in times if a != b]
        wanted = np.maximum(time - min(gaps, default=0) * unit, entry)
        np.testing.assert_allclose(once.time_lower, wanted, atol=1e-9)
    assert (end_times(once) > entry).all()


def test_given_bounds_stay_and_exact_times_hardly_move() -> None:
    given_bounds = Outcome(np.ones(2, dtype=np.int64), np.array([3.0, 5.0]), np.zeros(2), np.array([1.0, 4.5]))
    assert with_bounds(given_bounds).time_lower.tolist() == [1.0, 4.5]
    exact = survival_outcome(np.ones(1000, dtype=bool), np.random.default_rng(1).exponential(5.0, 1000))
    np.testing.assert_allclose(end_times(with_bounds(read_outcome(exact))), exact["time"], atol=1e-3)


@given(spells=st.integers(2, 30_000), share=st.floats(0.05, 1.0), seed=st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_folds_held_out_are_all_or_the_fewest_that_hold_enough_ends(spells: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ended = rng.random(spells) < share
    y = read_outcome(survival_outcome(ended, rng.exponential(5.0, spells)))
    fold_of = inner_folds(y, 5, seed)
    held = folds_to_hold_out(fold_of, ended)
    assert held.tolist() == np.unique(fold_of)[: held.size].tolist()
    fewer = ended[np.isin(fold_of, held[:-1])].sum()
    assert fewer < 5_000
    assert held.size == np.unique(fold_of).size or ended[np.isin(fold_of, held)].sum() >= 5_000
