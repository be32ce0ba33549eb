"""Which municipalities are most like one municipality in what it cannot change, and in what they are alike."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

from features.errors import InvalidInputError, UnknownKeyError

Array = NDArray[np.float64]

Dimensions = tuple[tuple[float, tuple[str, ...]], ...]
"""Weight and indicators of each dimension; indicators that tell of the same thing share its weight."""

DIMENSIONS: Dimensions = (
    (2, ("population",)),
    (1, ("population_growth_5y",)),
    (2, ("centrality_index",)),
    (1, ("minutes_to_region_centre", "city_50k_km")),
    (2, ("hospital_travel_min",)),
    (1, ("aged_67_plus_share",)),
    (1, ("higher_education_share", "median_household_income")),
)
"""Structural indicators that are compared.

Size, centrality and the way to a hospital, which define peers, weigh double: an assumption. All structural indicators
at equal weight would count size and centrality several times over, as these correlate at 0.8 to 0.9.
"""

NEAR, FAR = 0.10, 0.25
"""Gaps up to which two municipalities count as alike in a feature, and from which as different."""

LEAST_COMPARED = 0.5
"""Share of the weight that must have figures on both sides before two municipalities are compared."""


class Closeness(StrEnum):
    """How a gap in one feature reads."""

    NEAR = "near"
    BETWEEN = "between"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class FeatureGap:
    """How far apart two municipalities are in one feature.

    Attributes
    ----------
    feature : str
        Key of the indicator; `own` and `other` are in its unit.
    gap : float
        Share (0-1) of the country's municipalities with figures that lie between the two.
    """

    feature: str
    own: float
    other: float
    gap: float
    closeness: Closeness


@dataclass(frozen=True, slots=True)
class Alike:
    """One municipality beside another.

    Attributes
    ----------
    distance : float
        0 (the same place in every feature) to 1; the mean of the gaps by weight.
    compared : float
        Share (0-1) of the weight that had figures on both sides.
    gaps : tuple[FeatureGap, ...]
        Every feature compared, the nearest first.
    """

    municipality_code: str
    distance: float
    compared: float
    gaps: tuple[FeatureGap, ...]


def most_alike(
    code: str, values: pl.DataFrame, count: int = 10, dimensions: Dimensions = DIMENSIONS
) -> tuple[Alike, ...]:
    """The municipalities nearest to one in structure, nearest first, with the reasons.

    The distance is Gower's: the weighted mean, over features, of how far apart two municipalities stand in the
    country's order. Ranks make it the same whatever unit, logarithm or outlier a feature has; each gap is a part of
    the sum, so the reasons are the distance and not a story told beside it. Features without figures on both sides
    are left out and the rest weighs more. It says nothing about how a municipality does, only what it is given.

    Parameters
    ----------
    code : str
        Of today's structure.
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`, with every indicator of `dimensions`.
    count : int
        How many to give; at least 1.
    dimensions : Dimensions
        What is compared, by weight.

    Raises
    ------
    UnknownKeyError
        If `values` lacks an indicator.
    InvalidInputError
        If `values` lacks the municipality, or fewer than one is asked for.

    References
    ----------
    Gower 1971, "A general coefficient of similarity and some of its properties", Biometrics 27(4).

    Examples
    --------
    >>> values = pl.DataFrame(
    ...     {
    ...         "municipality_code": ["0001", "0002", "0003"],
    ...         "indicator": ["population"] * 3,
    ...         "value": [900.0, 1000.0, 90000.0],
    ...     }
    ... )
    >>> [alike.municipality_code for alike in most_alike("0001", values, 2, ((1, ("population",)),))]
    ['0002', '0003']
    """
    if count < 1:
        raise InvalidInputError("count", count, "at least 1")
    codes, figures = _wide(values, dimensions)
    if code not in codes:
        raise InvalidInputError("code", code, "a municipality with a row in the values")
    own = codes.index(code)
    gaps = np.abs(_places(figures) - _places(figures)[own])
    distance, compared = _distance(gaps, _weights(dimensions))
    others = [row for row in range(len(codes)) if row != own and compared[row] >= LEAST_COMPARED]
    # Rounded, so that equal distances stay equal whichever way their parts were added.
    nearest = sorted(others, key=lambda row: (round(float(distance[row]), 12), codes[row]))[:count]
    keys = [key for _, group in dimensions for key in group]
    return tuple(
        Alike(
            codes[row],
            float(distance[row]),
            float(compared[row]),
            _reasons(keys, figures[own], figures[row], gaps[row]),
        )
        for row in nearest
    )


def structural_distances(values: pl.DataFrame, dimensions: Dimensions = DIMENSIONS) -> tuple[list[str], Array]:
    """Codes in order, and the distance between every pair of them, shape (n, n); NaN where nothing can be compared.

    Symmetric, 0 on the diagonal. Parameters and distance as in `most_alike`.
    """
    codes, figures = _wide(values, dimensions)
    places = _places(figures)
    distance, _ = _distance(np.abs(places[:, None] - places), _weights(dimensions))
    return codes, distance


def _wide(values: pl.DataFrame, dimensions: Dimensions) -> tuple[list[str], Array]:
    keys = [key for _, group in dimensions for key in group]
    known = set(values["indicator"])
    for key in keys:
        if key not in known:
            raise UnknownKeyError("indicator", key, tuple(sorted(known)))
    wide = (
        values.filter(pl.col("indicator").is_in(keys))
        .pivot("indicator", index="municipality_code", values="value")
        .sort("municipality_code")
    )
    figures = wide.select(pl.col(keys).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    return wide["municipality_code"].to_list(), figures


def _places(figures: Array) -> Array:
    """Place of each figure in the order of its feature, 0-1; equal figures share a place, missing ones have none."""
    places = np.full(figures.shape, np.nan)
    for feature in range(figures.shape[1]):
        known = ~np.isnan(figures[:, feature])
        places[known, feature] = (rankdata(figures[known, feature]) - 0.5) / max(known.sum(), 1)
    return places


def _weights(dimensions: Dimensions) -> Array:
    total = sum(weight for weight, _ in dimensions)
    return np.array([weight / total / len(keys) for weight, keys in dimensions for _ in keys])


def _distance(gaps: Array, weights: Array) -> tuple[Array, Array]:
    compared = (~np.isnan(gaps) * weights).sum(axis=-1)
    total = np.nansum(gaps * weights, axis=-1)
    return np.divide(total, compared, out=np.full(total.shape, np.nan), where=compared > 0), compared


def _reasons(keys: list[str], own: Array, other: Array, gaps: Array) -> tuple[FeatureGap, ...]:
    order = [feature for feature in np.argsort(gaps, kind="stable").tolist() if not np.isnan(gaps[feature])]
    return tuple(
        FeatureGap(
            keys[feature],
            float(own[feature]),
            float(other[feature]),
            float(gaps[feature]),
            _closeness(float(gaps[feature])),
        )
        for feature in order
    )


def _closeness(gap: float) -> Closeness:
    return Closeness.NEAR if gap <= NEAR else Closeness.FAR if gap >= FAR else Closeness.BETWEEN
