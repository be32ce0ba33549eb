"""Laws of structural distance, and the distance by its definition, pair by pair."""

from random import Random

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from features.likeness import Dimensions, most_alike, structural_distances

DIMENSIONS: Dimensions = ((2, ("a",)), (1, ("b", "c")))
KEYS = ("a", "b", "c")
KNOWN = st.integers(-20, 20).map(float)
FULL = arrays(np.float64, st.tuples(st.integers(2, 12), st.just(3)), elements=KNOWN)
GAPPY = arrays(np.float64, st.tuples(st.integers(2, 12), st.just(3)), elements=st.one_of(KNOWN, st.just(np.nan)))


def frame(figures: NDArray[np.float64]) -> pl.DataFrame:
    codes = [f"{row:04d}" for row in range(len(figures))]
    return pl.DataFrame(
        [
            {"municipality_code": code, "indicator": key, "value": None if np.isnan(value) else value}
            for code, row in zip(codes, figures.tolist(), strict=True)
            for key, value in zip(KEYS, row, strict=True)
        ],
        schema={"municipality_code": pl.String, "indicator": pl.String, "value": pl.Float64},
    )


def distances(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    return structural_distances(frame(figures), DIMENSIONS)[1]


def place_by_counting(column: list[float], value: float) -> float:
    known = [other for other in column if not np.isnan(other)]
    return (sum(other < value for other in known) + sum(other == value for other in known) / 2) / len(known)


def distance_by_definition(figures: NDArray[np.float64], one: int, other: int) -> float:
    total = weight_sum = 0.0
    for weight, keys in DIMENSIONS:
        for key in keys:
            column = figures[:, KEYS.index(key)].tolist()
            if np.isnan(column[one]) or np.isnan(column[other]):
                continue
            total += (
                weight
                / len(keys)
                * abs(place_by_counting(column, column[one]) - place_by_counting(column, column[other]))
            )
            weight_sum += weight / len(keys)
    return total / weight_sum if weight_sum else np.nan


@settings(max_examples=40, deadline=None)
@given(GAPPY)
def test_the_distance_is_that_of_its_definition(figures: NDArray[np.float64]) -> None:
    expected = [[distance_by_definition(figures, i, j) for j in range(len(figures))] for i in range(len(figures))]
    np.testing.assert_allclose(distances(figures), expected, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(GAPPY)
def test_it_is_as_far_there_as_back_and_nowhere_to_oneself(figures: NDArray[np.float64]) -> None:
    found = distances(figures)
    np.testing.assert_array_equal(found, found.T)
    known = ~np.isnan(np.diag(found))
    assert (np.diag(found)[known] == 0).all()
    assert ((found >= 0) & (found <= 1))[~np.isnan(found)].all()


@settings(max_examples=40, deadline=None)
@given(FULL)
def test_a_detour_is_never_shorter_where_nothing_is_missing(figures: NDArray[np.float64]) -> None:
    found = distances(figures)
    assert (found[:, None, :] <= found[:, :, None] + found[None, :, :] + 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(GAPPY, st.tuples(*[st.sampled_from([1e-3, 0.5, 7.0, 1e6])] * 3), st.tuples(*[KNOWN] * 3))
def test_other_units_logarithms_and_signs_change_nothing(
    figures: NDArray[np.float64], scale: tuple[float, ...], shift: tuple[float, ...]
) -> None:
    changed = np.column_stack([figures[:, 0] * scale[0] + shift[0], np.exp(figures[:, 1]), -figures[:, 2]])
    np.testing.assert_allclose(distances(changed), distances(figures), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(GAPPY, st.randoms())
def test_the_order_of_the_rows_changes_nothing(figures: NDArray[np.float64], random: Random) -> None:
    order = list(range(len(figures)))
    random.shuffle(order)
    np.testing.assert_allclose(distances(figures[order]), distances(figures)[np.ix_(order, order)], atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(FULL)
def test_moving_one_municipality_away_in_one_feature_never_brings_it_nearer(figures: NDArray[np.float64]) -> None:
    assume(figures[0, 0] <= figures[1, 0])
    away = figures.copy()
    away[1, 0] = figures[:, 0].max() + 1
    assert distances(away)[0, 1] >= distances(figures)[0, 1] - 1e-12


@settings(max_examples=40, deadline=None)
@given(FULL)
def test_the_most_alike_are_the_nearest_by_sorting_all(figures: NDArray[np.float64]) -> None:
    values, found = frame(figures), distances(figures)
    expected = sorted(range(1, len(figures)), key=lambda row: (round(found[0, row], 12), row))[:3]
    told = most_alike("0000", values, 3, DIMENSIONS)
    assert [int(each.municipality_code) for each in told] == expected
