"""Laws of percentiles, reach and simulated values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from features.accessibility import Decay, decayed_reach, great_circle_km
from features.scoring import percentiles

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


@given(POINTS, st.floats(1, 100), st.floats(0.5, 5))
def test_reach_is_the_plain_sum_and_lies_between_own_and_all(
    points: list[tuple[float, float]], half_km: float, exponent: float
) -> None:
    lat, lon = (np.array(axis) for axis in zip(*points, strict=True))
    mass, distance = np.arange(1.0, len(points) + 1), great_circle_km(lat, lon)
    reach = decayed_reach(mass, distance, Decay(half_km, exponent, limit_km=5000.0))
    for place in range(len(points)):
        summed = sum(
            mass[other] / (1 + (distance[place, other] / half_km) ** exponent)
            for other in range(len(points))
            if distance[place, other] <= 5000
        )
        assert abs(reach[place] - summed) <= 1e-9 * mass.sum()
    assert (reach >= mass - 1e-9).all()
    assert (reach <= mass.sum() + 1e-9).all()
