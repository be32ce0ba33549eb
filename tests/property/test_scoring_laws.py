"""Laws of percentiles, reach and simulated values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from features.accessibility import decayed_reach, great_circle_km
from features.catalogue import load_catalogue
from features.scoring import percentiles, simulate_values

FIGURES = st.one_of(st.integers(-50, 50).map(float), st.just(float("nan")))
VALUES = arrays(np.float64, st.integers(1, 40), elements=FIGURES)
LATITUDES = st.floats(-89, 89)
LONGITUDES = st.floats(-179, 179)
POINTS = st.lists(st.tuples(LATITUDES, LONGITUDES), min_size=1, max_size=6)


def percentile_by_counting(values: NDArray[np.float64], value: float) -> float:
    known = [other for other in values if not np.isnan(other)]
    below = sum(other < value for other in known)
    equal = sum(other == value for other in known)
    return float(100 * (below + equal / 2) / len(known))


@given(VALUES)
def test_percentiles_are_those_of_plain_counting(values: NDArray[np.float64]) -> None:
    for value, found in zip(values, percentiles(values), strict=True):
        if np.isnan(value):
            assert np.isnan(found)
        else:
            assert (
                found == percentile_by_counting(values, value)
                or abs(found - percentile_by_counting(values, value)) < 1e-9
            )


@given(VALUES)
def test_percentiles_of_known_values_average_to_fifty(values: NDArray[np.float64]) -> None:
    known = percentiles(values)[~np.isnan(values)]
    if known.size:
        assert abs(known.mean() - 50) < 1e-9


@given(VALUES)
def test_turning_the_values_round_turns_the_percentiles_round(values: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(percentiles(-values), 100 - percentiles(values), atol=1e-9)


@given(VALUES)
def test_a_growing_transformation_changes_no_percentile(values: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(percentiles(values**3 + values), percentiles(values), atol=1e-9)


@given(VALUES, st.integers(2, 5))
def test_rows_are_ranked_apart(values: NDArray[np.float64], rows: int) -> None:
    stacked = np.stack([values + shift for shift in range(rows)])
    np.testing.assert_allclose(percentiles(stacked), np.tile(percentiles(values), (rows, 1)), atol=1e-9)


@given(POINTS)
def test_distance_is_a_metric(points: list[tuple[float, float]]) -> None:
    lat, lon = (np.array(axis) for axis in zip(*points, strict=True))
    distance = great_circle_km(lat, lon)
    np.testing.assert_allclose(np.diag(distance), 0, atol=1e-6)
    np.testing.assert_allclose(distance, distance.T, atol=1e-6)
    detour = (distance[:, :, None] + distance[None, :, :]).min(axis=1)
    assert (distance <= detour + 1e-3).all()


@given(POINTS, st.floats(1, 100))
def test_reach_is_the_plain_sum_and_lies_between_own_and_all(points: list[tuple[float, float]], decay: float) -> None:
    lat, lon = (np.array(axis) for axis in zip(*points, strict=True))
    mass, distance = np.arange(1.0, len(points) + 1), great_circle_km(lat, lon)
    reach = decayed_reach(mass, distance, decay)
    for place in range(len(points)):
        summed = sum(mass[other] * np.exp(-distance[place, other] / decay) for other in range(len(points)))
        assert abs(reach[place] - summed) <= 1e-9 * mass.sum()
    assert (reach >= mass - 1e-9).all()
    assert (reach <= mass.sum() + 1e-9).all()


@given(st.integers(0, 200), st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_simulated_shares_stay_shares(successes: int, extra: int, seed: int) -> None:
    total = successes + extra
    rows = {
        "value": np.array([successes / total, np.nan]),
        "numerator": np.array([float(successes), np.nan]),
        "denominator": np.array([float(total), np.nan]),
    }
    drawn = simulate_values(load_catalogue().indicator("open_list_share"), rows, np.random.default_rng(seed), 50)
    assert ((drawn[:, 0] >= 0) & (drawn[:, 0] <= 1)).all()
    assert np.isnan(drawn[:, 1]).all()


@given(st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_simulated_counts_centre_on_the_count(count: int, seed: int) -> None:
    rows = {"value": np.array([count - 1.0]), "numerator": np.array([float(count)]), "denominator": np.array([np.nan])}
    drawn = simulate_values(load_catalogue().indicator("gp_colleagues"), rows, np.random.default_rng(seed), 4000)
    standard_error = np.sqrt(count + 0.5) / np.sqrt(4000)
    assert abs(drawn.mean() - (count - 1 + 0.5)) < 6 * standard_error
