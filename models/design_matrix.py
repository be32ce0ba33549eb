"""Covariates as the columns of a linear predictor: standardised numbers, categories, curves, products."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.covariates import Categories, covariate_matrix
from models.outcome import Floats

_WIDEST = 4.0  # standard deviations from the mean beyond which a number counts as that far
_FEWEST = 0.005  # share of spells that a level must have for a column of its own
_KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """How covariates become columns; made from the spells of a fit, kept for forecasts.

    Attributes
    ----------
    names : tuple of str
        Covariates in their order.
    categories : dict of str to tuple of str
        Levels of the categorical ones.
    fill : ndarray, shape (raw columns,)
        What stands for a missing number: the mean of the fit.
    raw : tuple of (int, float or None)
        Source of each linear column: place of the covariate, and the level whose indicator it is; None for the number
        itself, NaN for the indicator of a missing value.
    centre, scale : ndarray, shape (linear columns,)
        Mean and standard deviation in the fit.
    knots : tuple of (int, ndarray)
        Linear columns that get a curve, and its knots, standardised.
    curve_centre, curve_scale, curve_slope : ndarray
        Of the curve columns: mean, standard deviation, and the part that the straight line explains.
    products : tuple of (int, int)
        Places of the linear columns whose product is a column.
    """

    names: tuple[str, ...]
    categories: Categories
    fill: Floats
    raw: tuple[tuple[int, float | None], ...]
    centre: Floats
    scale: Floats
    knots: tuple[tuple[int, Floats], ...] = ()
    curve_centre: Floats | None = None
    curve_scale: Floats | None = None
    curve_slope: Floats | None = None
    products: tuple[tuple[int, int], ...] = ()

    @property
    def linear(self) -> int:
        """Number of linear columns, which come first."""
        return len(self.raw)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return what each linear column is: a covariate, one of its levels, or that it is missing."""
        return tuple(
            self.names[source]
            if level is None
            else f"{self.names[source]} missing"
            if np.isnan(level)
            else f"{self.names[source]} = {self.categories[self.names[source]][int(level)]}"
            for source, level in self.raw
        )

    def columns(self, table: pl.DataFrame) -> Floats:
        """Return the columns of some rows: linear ones, curves, products; shape (rows, columns)."""
        linear = self._linear_columns(covariate_matrix(table.select(self.names), self.categories))
        parts = [linear]
        if self.knots:
            assert self.curve_centre is not None
            assert self.curve_scale is not None
            assert self.curve_slope is not None
            curves = _curves(linear, self.knots)
            straight = np.column_stack(
                [np.repeat(linear[:, [column]], knots.size - 2, axis=1) for column, knots in self.knots]
            )
            parts.append((curves - self.curve_centre - straight * self.curve_slope) / self.curve_scale)
        if self.products:
            left, right = np.array(self.products).T
            parts.append(linear[:, left] * linear[:, right])
        return np.column_stack(parts)

    def _linear_columns(self, values: Floats) -> Floats:
        standard: Floats = (_raw_columns(values, self.raw, self.fill) - self.centre) / self.scale
        numbers = np.array([level is None for _, level in self.raw], dtype=bool)
        standard[:, numbers] = np.clip(standard[:, numbers], -_WIDEST, _WIDEST)
        return standard


def design_of(table: pl.DataFrame, categories: Categories, *, curves: bool) -> Design:
    """Return the design of the spells of a fit, without products.

    Numbers that hold two values or more are standardised; a category has a column per level but its most frequent,
    rare levels stand with the most frequent. A covariate with missing values has an indicator of that. Columns that do
    not vary are left out.

    Parameters
    ----------
    table : DataFrame
        Covariates, one row per spell.
    categories : dict
        Levels, of `models.covariates.seen_categories`.
    curves : bool
        Whether numbers with many values get a restricted cubic spline (Harrell 2015, section 2.4.5).
    """
    values = covariate_matrix(table, categories)
    known = ~np.isnan(values)
    counts = np.maximum(known.sum(axis=0), 1)
    fill = np.where(known, values, 0.0).sum(axis=0) / counts
    raw: list[tuple[int, float | None]] = []
    for place, name in enumerate(table.columns):
        column = values[:, place]
        if name in categories:
            raw.extend((place, level) for level in _frequent_levels(column))
        else:
            raw.append((place, None))
        if not known[:, place].all():
            raw.append((place, float("nan")))
    unscaled = _raw_columns(values, raw, fill)
    spread = unscaled.std(axis=0)
    kept = np.flatnonzero(spread > 1e-10 * np.maximum(1.0, np.abs(unscaled).max(axis=0, initial=0.0)))
    linear = Design(
        tuple(table.columns),
        categories,
        fill,
        tuple(raw[place] for place in kept),
        unscaled.mean(axis=0)[kept],
        spread[kept],
    )
    return _with_curves(linear, values) if curves else linear


def with_products(design: Design, pairs: tuple[tuple[str, str], ...]) -> Design:
    """Return the design with the products of pairs of its linear columns, by label; pairs it lacks are left out."""
    place = {label: index for index, label in enumerate(design.labels)}
    found = tuple((place[left], place[right]) for left, right in pairs if left in place and right in place)
    return replace(design, products=found)


def possible_pairs(design: Design) -> NDArray[np.int64]:
    """Return the pairs of linear columns of different covariates, shape (pairs, 2)."""
    sources = [source for source, _ in design.raw]
    pairs = [pair for pair in combinations(range(design.linear), 2) if sources[pair[0]] != sources[pair[1]]]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _raw_columns(values: Floats, raw: Sequence[tuple[int, float | None]], fill: Floats) -> Floats:
    columns = np.empty((values.shape[0], len(raw)))
    for place, (source, level) in enumerate(raw):
        column = values[:, source]
        if level is None:
            columns[:, place] = np.where(np.isnan(column), fill[source], column)
        else:
            columns[:, place] = np.isnan(column) if np.isnan(level) else column == level
    return columns


def _frequent_levels(column: Floats) -> list[float]:
    levels, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    enough = counts >= max(_FEWEST * column.size, 3)
    if counts.size:
        enough[int(np.argmax(counts))] = False
    return [float(level) for level in levels[enough]]


def _with_curves(linear: Design, values: Floats) -> Design:
    columns = linear._linear_columns(values)
    knots = []
    for place, (_, level) in enumerate(linear.raw):
        if level is not None:
            continue
        at = np.unique(np.quantile(columns[:, place], _KNOTS))
        if at.size >= 3 and np.diff(at).min() > 1e-6:
            knots.append((place, at))
    if not knots:
        return linear
    curves = _curves(columns, tuple(knots))
    straight = np.column_stack([np.repeat(columns[:, [place]], at.size - 2, axis=1) for place, at in knots])
    centre = curves.mean(axis=0)
    slope = ((curves - centre) * straight).mean(axis=0) / np.maximum((straight**2).mean(axis=0), 1e-12)
    bent = curves - centre - straight * slope
    return replace(
        linear,
        knots=tuple(knots),
        curve_centre=centre,
        curve_scale=np.maximum(bent.std(axis=0), 1e-9),
        curve_slope=slope,
    )


def _curves(linear: Floats, knots: tuple[tuple[int, Floats], ...]) -> Floats:
    return np.column_stack([_restricted_cubic(linear[:, place], at) for place, at in knots])


def _restricted_cubic(x: Floats, knots: Floats) -> Floats:
    """Return the curved columns of a cubic spline that is straight beyond its outer knots; as many as knots less 2."""
    last, before = knots[-1], knots[-2]
    unit = (last - knots[0]) ** 2

    def cubed(knot: float) -> Floats:
        power: Floats = np.maximum(x - knot, 0.0) ** 3
        return power

    columns = [
        (cubed(k) - cubed(before) * (last - k) / (last - before) + cubed(last) * (before - k) / (last - before)) / unit
        for k in knots[:-2]
    ]
    return np.column_stack(columns)
