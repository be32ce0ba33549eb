import numpy as np
import pytest

from bench.commuting_decay import DECAYS_KM, Matrix, balanced_flows, flow_matrix, gravity_fit
from features.accessibility import COMMUTING_DECAY_KM, road_km
from features.errors import InvalidInputError
from features.snapshot import load_snapshot

TRUE_DECAY_KM = 22.0


@pytest.fixture
def distance_km() -> Matrix:
    spots = np.random.default_rng(3).uniform(0, 90, size=(12, 2))
    return np.asarray(np.linalg.norm(spots[:, None] - spots[None], axis=2))


@pytest.fixture
def flows(distance_km: Matrix) -> Matrix:
    """Flows that follow the true decay, between workplaces and residences of very different size."""
    rng = np.random.default_rng(4)
    jobs, workers = rng.lognormal(size=(2, len(distance_km)))
    return np.asarray(1000 * jobs[:, None] * workers * np.exp(-distance_km / TRUE_DECAY_KM))


def test_the_decay_that_made_the_flows_fits_best(flows: Matrix, distance_km: Matrix) -> None:
    fits = {decay: gravity_fit(np.exp(-distance_km / decay), flows, distance_km, 200) for decay in DECAYS_KM}
    assert max(fits, key=lambda decay: fits[decay].log_likelihood) == TRUE_DECAY_KM
    true = fits[TRUE_DECAY_KM]
    assert true.r2 == pytest.approx(1)
    assert true.modelled_km == pytest.approx(true.observed_km)
    assert fits[10.0].modelled_km < true.observed_km < fits[40.0].modelled_km


def test_the_log_likelihood_is_per_commuter_and_without_factorials(flows: Matrix, distance_km: Matrix) -> None:
    fit = gravity_fit(np.exp(-distance_km / TRUE_DECAY_KM), flows, distance_km, 200)
    others = flows[~np.eye(len(flows), dtype=bool)]
    assert fit.log_likelihood == pytest.approx((others * np.log(others) - others).sum() / others.sum())


def test_pairs_beyond_the_cap_and_people_who_stay_at_home_do_not_count(flows: Matrix, distance_km: Matrix) -> None:
    law = np.exp(-distance_km / 15)
    left_out = (distance_km > 60) | np.eye(len(flows), dtype=bool)
    assert left_out.sum() > len(flows)
    changed = np.where(left_out, 1e6, flows)
    assert gravity_fit(law, changed, distance_km, 60) == gravity_fit(law, flows, distance_km, 60)


def test_balanced_flows_have_the_observed_sums(flows: Matrix, distance_km: Matrix) -> None:
    flows[2], flows[:, 5] = 0.0, 0.0
    balanced = balanced_flows(np.exp(-distance_km / 40), flows)
    assert balanced.sum(axis=0) == pytest.approx(flows.sum(axis=0), abs=1e-5 * flows.sum())
    assert balanced.sum(axis=1) == pytest.approx(flows.sum(axis=1), abs=1e-5 * flows.sum())


def test_sums_that_cannot_be_reached_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="sums not reached"):
        balanced_flows(np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[3.0, 1.0], [1.0, 1.0]]))


def test_the_constant_in_use_is_the_best_of_the_exponentials_within_200_km() -> None:
    snapshot = load_snapshot()
    distance_km, flows = road_km(snapshot.municipalities.sort("municipality_code")), flow_matrix(snapshot)
    fits = {decay: gravity_fit(np.exp(-distance_km / decay), flows, distance_km, 200) for decay in DECAYS_KM}
    assert max(fits, key=lambda decay: fits[decay].log_likelihood) == COMMUTING_DECAY_KM
