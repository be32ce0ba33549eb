"""Laws of balanced hazards and of the intervals from clusters that are drawn again."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.balanced_hazard import BalancedHazard
from models.bootstrap import bootstrap_members, cluster_weights, curve_interval, disagreement, restricted_mean_interval
from models.errors import EstimatorInputError
from models.forest_hazard import ForestHazard
from models.glm_hazard import PenalisedHazard
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator
from models.outcome import survival_outcome
from models.stacking import StackedHazard

RATE, RATIO = 0.3, 0.5


def careers(places: int, per_place: int, seed: int, *, sd: float = 0.0) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """Exponential spells in municipalities that differ by a frailty of mean 1; the lever halves the hazard."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(places), per_place)
    effect = np.exp(sd * rng.normal(size=places) - sd**2 / 2)[place]
    has = rng.random(place.size) < 0.5
    time = rng.exponential(1 / (RATE * effect * np.where(has, RATIO, 1.0)))
    censored = rng.uniform(2.0, 9.0, place.size)
    X = pl.DataFrame({"has_supervisor": has, "noise": rng.normal(size=place.size)})
    return X, survival_outcome(time <= censored, np.minimum(time, censored)), place


def small_stack() -> StackedHazard:
    return StackedHazard(
        members=[("straight", PenalisedHazard(drifts=False)), ("boosted", DiscreteTimeHazard(n_estimators=40))],
        weights=[0.5, 0.5],
        intervals=10,
    )


@given(
    st.lists(st.integers(0, 5), min_size=3, max_size=40).filter(lambda found: len(set(found)) > 1), st.integers(0, 9)
)
def test_spells_of_one_cluster_are_weighed_alike_and_the_mean_is_one(cluster: list[int], seed: int) -> None:
    for weights in cluster_weights([cluster], 3, seed):
        assert weights.mean() == pytest.approx(1.0)
        assert (weights > 0).all()
        assert all(np.ptp(weights[np.array(cluster) == each]) == 0 for each in set(cluster))


def test_the_names_of_clusters_do_not_matter() -> None:
    numbers = [3, 1, 1, 2, 3]
    words = [f"place {number}" for number in numbers]
    for left, right in zip(cluster_weights([numbers], 4, 7), cluster_weights([words], 4, 7), strict=True):
        np.testing.assert_array_equal(left, right)


def test_cluster_weights_have_the_variance_of_drawing_with_replacement() -> None:
    drawn = np.stack(list(cluster_weights([np.arange(400)], 400, 1)))
    assert drawn.var(axis=0).mean() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("clusters", [[], [["a", "a"]], [["a", None]], [["a", "b"], ["a", "b", "c"]]])
def test_clusters_that_cannot_be_drawn_are_refused(clusters: list[list[str]]) -> None:
    with pytest.raises(EstimatorInputError, match="clusters"):
        next(cluster_weights(clusters, 1, 1))


@settings(max_examples=30)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6))
def test_disagreement_is_the_weighted_standard_deviation(said: list[float]) -> None:
    weights = np.arange(1, len(said) + 1) / sum(range(1, len(said) + 1))
    slow = sum(
        w * (x - sum(v * y for v, y in zip(weights, said, strict=True))) ** 2
        for w, x in zip(weights, said, strict=True)
    )
    assert disagreement(weights, np.array(said)) == pytest.approx(slow**0.5, abs=1e-9)


def test_a_balanced_hazard_expects_as_many_ends_as_there_were_in_every_margin() -> None:
    X, y, _ = careers(60, 20, seed=1)
    model = BalancedHazard(ForestHazard(trees=20, leaf_events=40.0)).fit(X, y)
    expected = model.predict_cumulative_hazard(X, y["time"][:, None])[:, 0]
    for has in (True, False):
        rows = (X["has_supervisor"] == has).to_numpy()
        assert expected[rows].sum() == pytest.approx(y["event"][rows].sum(), rel=0.01)


def test_balancing_takes_back_the_pull_on_a_planted_lever() -> None:
    found: dict[str, list[float]] = {"pulled": [], "balanced": []}
    for seed in range(6):
        X, y, _ = careers(60, 20, seed=seed)
        pulled = DiscreteTimeHazard(n_estimators=10, intervals=8)
        asked = pl.DataFrame({"has_supervisor": [True, False], "noise": [0.0, 0.0]})
        for name, model in (("pulled", pulled), ("balanced", BalancedHazard(pulled))):
            at_five = model.fit(X, y).predict_cumulative_hazard(asked, [5.0])[:, 0]
            found[name].append(at_five[0] / at_five[1])
    assert np.mean(found["pulled"]) > 1.2 * RATIO
    assert np.mean(found["balanced"]) == pytest.approx(RATIO, rel=0.1)


def test_one_refit_with_the_weights_of_the_fit_is_the_fit() -> None:
    X, y, _ = careers(30, 10, seed=3)
    model = BalancedHazard(small_stack()).fit(X, y)
    (again,) = model.fit_reweighted(X, y, [np.ones(X.height)])
    np.testing.assert_allclose(again.predict_hazard(X), model.predict_hazard(X))


@pytest.mark.parametrize(
    "estimator", [DiscreteTimeHazard(n_estimators=30), small_stack(), BalancedHazard(small_stack())]
)
def test_intervals_hold_the_estimate_and_keep_to_what_is_possible(estimator: HazardEstimator) -> None:
    X, y, place = careers(30, 10, seed=4)
    model = estimator.fit(X, y)
    members = bootstrap_members(model, X, y, clusters=[place], members=4, seed=1)
    curve = curve_interval(model, members, X[:5], [0.0, 1.0, 4.0])
    assert ((curve.lower <= curve.value + 1e-12) & (curve.value <= curve.upper + 1e-12)).all()
    assert (np.diff(curve.lower, axis=1) <= 1e-12).all()
    assert (np.diff(curve.upper, axis=1) <= 1e-12).all()
    mean = restricted_mean_interval(model, members, X[:5], 4.0)
    assert ((mean.lower > 0) & (mean.lower < mean.value) & (mean.value < mean.upper) & (mean.upper < 4)).all()


def test_drawing_municipalities_tells_their_differences_and_drawing_spells_does_not() -> None:
    X, y, place = careers(40, 25, seed=5, sd=0.8)
    model = small_stack().fit(X, y)
    wide = {}
    for name, clusters in (("place", place), ("spell", np.arange(place.size))):
        members = bootstrap_members(model, X, y, clusters=[clusters], members=25, seed=1)
        drawn = [member.predict_restricted_mean(X, 4.0).mean() for member in members]
        wide[name] = np.std(drawn)
    assert wide["place"] > 1.5 * wide["spell"]


def test_intervals_hold_the_known_truth_about_as_often_as_they_say() -> None:
    asked = pl.DataFrame({"has_supervisor": [True, False], "noise": [0.0, 0.0]})
    rates = np.array([RATE * RATIO, RATE])
    true = np.exp(-rates[:, None] * [1.0, 3.0])
    true_mean = (1 - np.exp(-rates * 4.0)) / rates
    holds, means = [], []
    for seed in range(25):
        X, y, place = careers(30, 10, seed=100 + seed)
        model = BalancedHazard(small_stack()).fit(X, y)
        members = bootstrap_members(model, X, y, clusters=[place], members=10, seed=seed)
        curve = curve_interval(model, members, asked, [1.0, 3.0])
        holds.append((curve.lower <= true) & (true <= curve.upper))
        mean = restricted_mean_interval(model, members, asked, 4.0)
        means.append((mean.lower <= true_mean) & (true_mean <= mean.upper))
    assert 0.82 <= np.mean(holds) <= 1.0
    assert 0.82 <= np.mean(means) <= 1.0
