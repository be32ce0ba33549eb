"""Laws of recalibration: a known fault is found, and a true forecast is left as it is."""

import numpy as np
import pytest

from models.errors import EstimatorInputError
from models.horizon_calibration import calibration_summary
from models.observation import any_cause
from models.outcome import Outcome, read_outcome, survival_outcome
from models.predicted_curves import PredictedCurves, predicted_curves, time_grid
from models.recalibration import Recalibrated, hazard_recalibration
from tests.group_rates import GroupRates


def rows(number: int, seed: int, latest_entry: float = 0.0) -> tuple[np.ndarray, Outcome]:
    """Four groups of exponential spells, some seen only from a later entry."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4, size=(number, 1)).astype(float)
    time = rng.exponential(1 / (0.1 * 1.6 ** x[:, 0]))
    entry = rng.uniform(0.0, 1.0, size=number) * latest_entry
    end = np.minimum(time, entry + rng.uniform(1.0, 9.0, size=number))
    seen = time > entry
    y = survival_outcome((time <= end)[seen], end[seen], entry=entry[seen])
    return x[seen], read_outcome(y)


@pytest.mark.parametrize(("pull", "stretch"), [(1.0, 1.0), (1.7, 1.0), (0.5, 1.0), (1.0, 1.5), (0.8, 0.6)])
def test_a_known_fault_of_the_hazard_is_undone(pull: float, stretch: float) -> None:
    x, y = rows(8_000, seed=1, latest_entry=2.0)
    wrong = GroupRates(pull, stretch).fit(*rows(8_000, seed=2))
    mended = Recalibrated(wrong).fit_held_out(x, y)
    assert mended.recalibration_.slope == pytest.approx(1 / stretch, abs=0.06 / stretch)
    true = GroupRates().fit(*rows(8_000, seed=2))
    at = [0.5, 2.0, 6.0]
    difference = mended.predict_survival_function(x, at) - true.predict_survival_function(x, at)
    assert np.abs(difference).max() < 0.03


def test_the_likelihood_is_highest_at_the_map_that_is_found() -> None:
    x, y = rows(800, seed=3, latest_entry=1.0)
    curves = predicted_curves(GroupRates(1.3, 1.2).fit(x, y), x, time_grid(y))
    found = hazard_recalibration(y, curves, pieces=2)

    def likelihood(slope: float, factors: np.ndarray) -> float:
        def hazard(times: np.ndarray) -> np.ndarray:
            steps = np.column_stack([np.minimum(times, found.borders[0]), times]).T
            first, last = (-np.log(curves.at_own(moment)) for moment in steps)
            accumulated: np.ndarray = factors[0] * first**slope + factors[1] * (last**slope - first**slope)
            return accumulated

        own = -np.log(curves.at_own(y.time))
        rate = factors[(y.time > found.borders[0]).astype(int)] * slope * own ** (slope - 1)
        return float((y.ended * np.log(rate)).sum() - (hazard(y.time) - hazard(y.entry)).sum())

    best = likelihood(found.slope, found.factors)
    for slope in (0.97, 1.03):
        assert likelihood(found.slope * slope, found.factors) < best
    for piece in (0, 1):
        for change in (0.9, 1.1):
            factors = found.factors.copy()
            factors[piece] *= change
            assert likelihood(found.slope, factors) < best


def test_a_change_over_time_is_met_by_pieces() -> None:
    x, y = rows(10_000, seed=4)
    true = GroupRates().fit(x, y)
    grid = np.linspace(0.0, float(y.time.max()), 200)
    late = np.where(grid < 2.0, grid, 2.0 + 2.5 * (grid - 2.0))  # the hazard is put too high after two years
    curves = PredictedCurves(grid, true.predict_survival_function(x, late))
    found = hazard_recalibration(y, curves, pieces=6)
    assert found.factors[0] / found.factors[-1] > 1.7
    assert found.borders.size == 5


def test_recalibration_across_folds_mends_an_estimator_that_overstates() -> None:
    x, y = rows(4_000, seed=5)
    unseen_x, unseen = rows(4_000, seed=6)
    mended = Recalibrated(GroupRates(2.0)).fit(x, y)
    wrong = GroupRates(2.0).fit(x, y)
    intercepts = []
    for model in (wrong, mended):
        left = 1 - model.predict_survival_function(unseen_x, [3.0])[:, 0]
        intercepts.append(abs(calibration_summary(any_cause(unseen), left, 3.0, cause=1).intercept))
    assert intercepts[0] > 0.5
    assert intercepts[1] < 0.1
    assert mended.predict(x).tolist() == wrong.predict(x).tolist()


def test_recalibrated_curves_start_at_one_and_never_rise() -> None:
    x, y = rows(500, seed=7)
    model = Recalibrated(GroupRates(0.7, 1.2), pieces=4).fit(x, y, groups=np.arange(len(y)) // 2)
    curves = model.predict_survival_function(x, [0.0, 0.1, 1.0, 1.0001, 3.0, 8.0])
    assert (curves[:, 0] == 1).all()
    assert (np.diff(curves, axis=1) <= 1e-12).all()
    assert model.predict_survival_function(x, [0.0]).tolist() == np.ones((len(y), 1)).tolist()


def test_curves_are_read_between_the_points_of_the_grid() -> None:
    curves = PredictedCurves(np.array([0.0, 1.0, 3.0]), np.array([[1.0, 0.5, 0.125], [1.0, 0.8, 0.2]]))
    assert curves.at([1.0, 2.0, 9.0])[0] == pytest.approx([0.5, 0.25, 0.125])
    assert curves.at_own([2.0, 1.0]) == pytest.approx([0.25, 0.8])
    assert curves.at_own([0.0, 3.0]).tolist() == pytest.approx([1.0, 0.2])


def test_what_cannot_be_recalibrated_is_refused() -> None:
    x, y = rows(100, seed=8)
    curves = predicted_curves(GroupRates().fit(x, y), x, time_grid(y))
    with pytest.raises(EstimatorInputError, match="pieces"):
        hazard_recalibration(y, curves, pieces=0)
    with pytest.raises(EstimatorInputError, match="one curve"):
        hazard_recalibration(y[:5], curves)
    with pytest.raises(EstimatorInputError, match="no ended spell"):
        hazard_recalibration(Outcome(0 * y.event, y.time, y.entry, y.time), curves)
