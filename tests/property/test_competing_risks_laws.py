"""Laws of competing causes: all shares sum to 1, and without covariates they are the estimates of Aalen-Johansen."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.competing_risks import CauseSpecificHazards
from models.errors import EstimatorInputError, SavedModelError
from models.forest_hazard import ForestHazard
from models.glm_hazard import PenalisedHazard
from models.glm_settings import Settings
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator, fresh
from models.incidence import aalen_johansen, incidence_at
from models.observation import any_cause
from models.outcome import read_outcome, survival_outcome
from models.persistence import hazard_document, hazard_from_document, hazard_from_json, hazard_to_json
from models.stacking import StackedHazard
from models.time_grid import event_quantile_breaks

SETTLED = PenalisedHazard(settings=Settings(penalty=10.0, curve_factor=np.inf, drift_factor=1.0))
KINDS: list[HazardEstimator] = [
    PenalisedHazard(),
    DiscreteTimeHazard(n_estimators=20),
    ForestHazard(trees=10),
    StackedHazard(members=[("linear", PenalisedHazard()), ("boosted", DiscreteTimeHazard(n_estimators=10))]),
]
every = pytest.mark.parametrize("estimator", KINDS, ids=lambda each: type(each).__name__)


def made_up(rows: int, seed: int, *, causes: int = 2, late: float = 0.0) -> tuple[pl.DataFrame, np.ndarray]:
    """Spells with a hazard per cause; ``size`` raises the first and lowers the others; half may enter late."""
    rng = np.random.default_rng(seed)
    size = rng.normal(size=rows)
    hazards = np.column_stack([0.15 * np.exp((0.7 if cause == 0 else -0.4) * size) for cause in range(causes)])
    end = rng.exponential(1 / hazards.sum(axis=1))
    drawn = (rng.random(rows)[:, None] * hazards.sum(axis=1)[:, None] > np.cumsum(hazards, axis=1)).sum(axis=1)
    censored, entry = rng.uniform(0.5, 9, rows), rng.uniform(0, 1, rows) * late * (rng.random(rows) < 0.5)
    time, event = np.minimum(end, censored), np.where(end <= censored, np.minimum(drawn, causes - 1) + 1, 0)
    seen = time > entry
    X = pl.DataFrame({"size": size, "form": np.where(size > 0, "a", "b")}).filter(pl.Series(seen))
    return X, survival_outcome(event[seen], time[seen], entry=entry[seen])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), rows=st.integers(30, 150), causes=st.integers(1, 4), late=st.sampled_from([0.0, 3.0])
)
def test_survival_and_incidences_sum_to_one_and_never_fall(seed: int, rows: int, causes: int, late: float) -> None:
    X, y = made_up(rows, seed, causes=causes, late=late)
    if not (y["event"] > 0).any():
        return
    model = CauseSpecificHazards(SETTLED, causes=causes).fit(X, y)
    times = np.linspace(0, model.breaks_[-1], 37)
    incidence, survival = model.predict_cumulative_incidence(X, times), model.predict_survival_function(X, times)
    np.testing.assert_allclose(incidence.sum(axis=1) + survival, 1.0, atol=1e-12)
    assert incidence.shape == (X.height, causes, times.size)
    assert (incidence[:, :, 0] == 0).all()
    assert (np.diff(incidence, axis=2) >= -1e-12).all()
    for cause in range(1, causes + 1):
        if not (y["event"] == cause).any():
            assert (incidence[:, cause - 1] == 0).all()


@every
def test_every_kind_of_estimator_can_be_the_hazard_of_a_cause(estimator: HazardEstimator) -> None:
    X, y = made_up(400, 3, late=2.0)
    model = CauseSpecificHazards(estimator).fit(X, y, np.ones(X.height), groups=np.arange(X.height) // 2)
    times = np.linspace(0, model.breaks_[-1], 20)
    left = model.predict_cumulative_incidence(X, times)
    np.testing.assert_allclose(left.sum(axis=1) + model.predict_survival_function(X, times), 1.0, atol=1e-12)
    line = pl.DataFrame({"size": [-2.0, 2.0], "form": ["b", "a"]})
    first, second = model.predict(line, cause=1), model.predict(line, cause=2)
    assert first[1] > first[0]
    assert second[1] < second[0]


@every
def test_with_one_cause_it_is_the_estimator_itself(estimator: HazardEstimator) -> None:
    X, y = made_up(300, 5, causes=1, late=2.0)
    alone, model = fresh(estimator).fit(X, y), CauseSpecificHazards(estimator).fit(X, y)
    times = np.linspace(0, alone.breaks_[-1], 30)
    survival = alone.predict_survival_function(X, times)
    np.testing.assert_allclose(model.predict_survival_function(X, times), survival, atol=1e-12)
    np.testing.assert_allclose(model.predict_cumulative_incidence(X, times)[:, 0], 1 - survival, atol=1e-12)
    np.testing.assert_allclose(model.predict(X), alone.predict(X), atol=1e-12)
    assert model.breaks_.tolist() == alone.breaks_.tolist()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), causes=st.integers(1, 3), late=st.sampled_from([0.0, 2.0]))
def test_without_covariates_it_is_aalen_johansen_as_far_as_a_grid_can_tell(seed: int, causes: int, late: float) -> None:
    """In an interval d ends count d over a number at risk between m, those there all of it, and n, those there at all.

    So the cumulative hazards of both estimates differ by at most the sum of d (1/m - 1/n), and where Kaplan and Meier
    have 1 - x for exp(-x), by that too. Half an event draws each interval to the rate of all, under which e ends were
    expected of m: that moves it by at most max(e, d) / 2me. A share is survival times hazard, so twice the bound holds.
    """
    y = made_up(1500, seed, causes=causes, late=late)[1]
    grid = tuple(event_quantile_breaks(any_cause(y), 40).tolist())
    model = CauseSpecificHazards(fresh(SETTLED, breaks=grid)).fit(pl.DataFrame({"nothing": np.zeros(y.size)}), y)
    outcome, low, high = read_outcome(y), model.breaks_[:-1, None], model.breaks_[1:, None]
    stayed = (outcome.time > high) | (~outcome.ended & (outcome.time == high))
    all_of_it = ((outcome.entry <= low) & stayed).sum(axis=1)
    at_all = ((outcome.entry < high) & (outcome.time > low)).sum(axis=1)
    ends = (outcome.ended & (outcome.time > low) & (outcome.time <= high)).sum(axis=1)
    least = np.maximum(all_of_it, 1)
    rate = outcome.ended.sum() / (outcome.time - outcome.entry).sum()
    expected = least * np.diff(model.breaks_) * rate
    pull = np.maximum(expected, ends) / (2 * least * expected)
    bound = np.concatenate([[0.0], np.cumsum(ends * (1 / least - 1 / at_all) + pull)[:-1]])
    steps = aalen_johansen(any_cause(y))
    x = np.minimum((steps["events"] / steps["at_risk"]).to_numpy(), 0.999)
    apart = np.concatenate([[0.0], np.cumsum(-np.log1p(-x) - x)])
    bound += apart[np.searchsorted(steps["time_years"].to_numpy(), model.breaks_[:-1], side="right")]
    curves, nobody = aalen_johansen(y), pl.DataFrame({"nothing": [0.0]})
    for cause in range(1, causes + 1):
        found = model.predict_cumulative_incidence(nobody, model.breaks_[:-1])[0, cause - 1]
        assert (np.abs(found - incidence_at(curves, cause, model.breaks_[:-1])) <= 2 * bound + 1e-9).all()
    assert np.median(bound) < 0.1  # it says something


def test_vague_ends_of_other_causes_censor_where_they_are_taken_to_have_been() -> None:
    rng = np.random.default_rng(2)
    end = rng.exponential(3.0, 6000)
    event = np.where(end < 8, rng.integers(1, 3, 6000), 0)
    lower, upper = np.minimum(np.floor(end), 8), np.minimum(np.floor(end) + 1, 8)
    y = survival_outcome(event, np.maximum(upper, 0.5), time_lower=lower)
    model = CauseSpecificHazards(SETTLED).fit(pl.DataFrame({"nothing": np.zeros(6000)}), y)
    first, second = model.predict_cumulative_incidence(pl.DataFrame({"nothing": [0.0]}), [5.0])[0, :, 0]
    # half of all ends each: 0.5 (1 - exp(-5/3)), standard error 0.0063
    assert first == pytest.approx(0.5 * -np.expm1(-5 / 3), abs=0.025)
    assert second == pytest.approx(first, abs=0.025)


def test_the_risk_of_a_cause_counts_who_leaves_for_another_first() -> None:
    """Where the hazard of the second cause is high, few are left to end of the first, however equal its hazard."""
    rng = np.random.default_rng(1)
    hurried = rng.integers(0, 2, 4000)
    first, second = rng.exponential(5.0, 4000), rng.exponential(np.where(hurried == 1, 0.5, 50.0))
    time = np.minimum(np.minimum(first, second), 6.0)
    event = np.select([time == 6.0, first < second], [0, 1], 2)
    X = pl.DataFrame({"hurried": hurried})
    model = CauseSpecificHazards(PenalisedHazard()).fit(X, survival_outcome(event, time))
    calm, other = model.predict(pl.DataFrame({"hurried": [0, 1]}), cause=1)
    assert calm > other + 0.5


@every
def test_a_saved_model_predicts_the_same_to_the_last_digit(estimator: HazardEstimator) -> None:
    X, y = made_up(200, 7)
    model = CauseSpecificHazards(estimator, causes=3).fit(X, y)
    again = hazard_from_json(hazard_to_json(model))
    assert isinstance(again, CauseSpecificHazards)
    times = np.linspace(0, model.breaks_[-1], 9)
    assert (again.predict_cumulative_incidence(X, times) == model.predict_cumulative_incidence(X, times)).all()
    assert (again.predict(X, cause=2) == model.predict(X, cause=2)).all()
    assert hazard_to_json(again) == hazard_to_json(model)
    assert type(again.estimator) is type(estimator)


def test_a_changed_file_is_refused() -> None:
    X, y = made_up(200, 7)
    document = hazard_document(CauseSpecificHazards(SETTLED).fit(X, y))
    document["state"]["members"] = document["state"]["members"][:1]
    with pytest.raises(SavedModelError, match="checksum"):
        hazard_from_document(document)


def test_bad_calls_say_what_was_expected() -> None:
    X, y = made_up(100, 1, causes=3)
    with pytest.raises(EstimatorInputError, match="3 or more"):
        CauseSpecificHazards(SETTLED, causes=2).fit(X, y)
    model = CauseSpecificHazards(SETTLED).fit(X, y)
    with pytest.raises(EstimatorInputError, match="from 1 to 3"):
        model.predict(X, cause=4)
    with pytest.raises(EstimatorInputError, match="times up to"):
        model.predict_cumulative_incidence(X, [1e3])
    with pytest.raises(EstimatorInputError, match="at least one spell that ended"):
        CauseSpecificHazards(SETTLED).fit(X, survival_outcome(np.zeros(y.size, dtype=int), y["time"]))
