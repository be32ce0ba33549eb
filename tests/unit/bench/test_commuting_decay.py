from dataclasses import replace

import numpy as np
import pytest

from bench.commuting_decay import (
    FAMILIES,
    Matrix,
    balanced_flows,
    county_folds,
    detours,
    fitted,
    flow_matrix,
    gravity_fit,
    held_out,
)
from features.accessibility import COMMUTING_DECAY, DETOUR_SD, Decay, road_km
from features.errors import InvalidInputError
from features.snapshot import Snapshot, load_snapshot

TRUE = Decay(half_km=22.0, exponent=2.5, limit_km=1000.0)
LAW = FAMILIES["log-logistic"]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


@pytest.fixture
def distance_km() -> Matrix:
    spots = np.random.default_rng(3).uniform(0, 90, size=(12, 2))
    return np.asarray(np.linalg.norm(spots[:, None] - spots[None], axis=2))


@pytest.fixture
def flows(distance_km: Matrix) -> Matrix:
    """Flows that follow the true law, between workplaces and residences of very different size."""
    rng = np.random.default_rng(4)
    jobs, workers = rng.lognormal(size=(2, len(distance_km)))
    return np.asarray(1000 * jobs[:, None] * workers * TRUE.willingness(distance_km))


def test_the_law_that_made_the_flows_fits_best(flows: Matrix, distance_km: Matrix) -> None:
    fits = {
        half_km: gravity_fit(replace(TRUE, half_km=half_km).law(distance_km), flows, distance_km, 200)
        for half_km in (8.0, 15.0, 22.0, 40.0)
    }
    assert max(fits, key=lambda half_km: fits[half_km].log_likelihood) == TRUE.half_km
    true = fits[TRUE.half_km]
    assert true.r2 == pytest.approx(1)
    assert true.r2_log == pytest.approx(1)
    assert true.modelled_km == pytest.approx(true.observed_km)
    assert fits[8.0].modelled_km < true.observed_km < fits[40.0].modelled_km


def test_the_parameters_that_made_the_flows_are_found_again(flows: Matrix, distance_km: Matrix) -> None:
    half_km, exponent = fitted(LAW, flows, distance_km, 200)
    assert half_km == pytest.approx(TRUE.half_km, rel=0.01)
    assert exponent == pytest.approx(TRUE.exponent, rel=0.01)


def test_the_family_that_made_the_flows_does_best_on_residences_left_out(flows: Matrix, distance_km: Matrix) -> None:
    folds = [np.arange(len(flows)) % 3 == first for first in range(3)]
    true, exponential, power = (
        held_out(FAMILIES[name], flows, distance_km, 200, folds) for name in ("log-logistic", "exponential", "power")
    )
    assert len(true) == len(folds)
    assert all(own > max(others) for own, *others in zip(true, exponential, power, strict=True))


def test_the_log_likelihood_is_per_commuter_and_without_factorials(flows: Matrix, distance_km: Matrix) -> None:
    fit = gravity_fit(TRUE.law(distance_km), flows, distance_km, 200)
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


def test_every_county_is_left_out_once(snapshot: Snapshot) -> None:
    folds = county_folds(snapshot, flow_matrix(snapshot))
    assert np.sum(folds, axis=0).tolist() == [1] * 357
    counties = snapshot.municipalities.sort("municipality_code")["county_code"].to_numpy()
    for county in set(counties):
        assert sum(fold[counties == county].any() for fold in folds) == 1


@pytest.mark.parametrize("cap_km", [200.0, COMMUTING_DECAY.limit_km])
def test_the_law_in_use_fits_better_than_any_exponential_or_power(snapshot: Snapshot, cap_km: float) -> None:
    distance_km, flows = road_km(snapshot.municipalities.sort("municipality_code")), flow_matrix(snapshot)
    between = np.where(np.eye(len(flows), dtype=bool), 1.0, distance_km)
    others = [np.exp(-distance_km / decay) for decay in (14.0, 15.0, 20.0)]
    others += [between**-power for power in (2.4, 2.5)]
    in_use = gravity_fit(COMMUTING_DECAY.law(distance_km), flows, distance_km, cap_km)
    assert all(in_use.log_likelihood > gravity_fit(law, flows, distance_km, cap_km).log_likelihood for law in others)


def test_the_law_in_use_is_the_best_of_those_around_it(snapshot: Snapshot) -> None:
    distance_km, flows = road_km(snapshot.municipalities.sort("municipality_code")), flow_matrix(snapshot)
    moves = {(0.0, 0.0), (-2.0, 0.0), (2.0, 0.0), (0.0, -0.3), (0.0, 0.3), (-2.0, -0.3), (2.0, 0.3)}
    around = {
        move: replace(
            COMMUTING_DECAY, half_km=COMMUTING_DECAY.half_km + move[0], exponent=COMMUTING_DECAY.exponent + move[1]
        )
        for move in moves
    }
    found = {
        move: gravity_fit(law.law(distance_km), flows, distance_km, COMMUTING_DECAY.limit_km).log_likelihood
        for move, law in around.items()
    }
    assert max(found, key=lambda move: found[move]) == (0.0, 0.0)


def test_the_spread_of_detours_is_the_one_in_use(snapshot: Snapshot) -> None:
    logarithm, centre = detours(snapshot, road_km(snapshot.municipalities.sort("municipality_code")))
    away = centre != np.arange(len(centre))
    assert away.sum() == 198
    assert logarithm[away].std() == pytest.approx(DETOUR_SD, abs=0.001)
