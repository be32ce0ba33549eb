"""Covariates as the columns of a linear predictor."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.covariates import Categories, seen_categories
from models.errors import EstimatorInputError
from models.outcome import Floats


@dataclass(frozen=True, slots=True, eq=False)
class LinearColumns:
    """How covariates become centred columns of unit spread.

    A number is one column; a category one column per level but the first. A missing value, and a level that the fit
    did not hold, take the mean of each of their columns in the fit: they say nothing, and nothing is learnt from them
    being missing.

    Attributes
    ----------
    covariates : tuple of str
        Covariates that were given, in their order.
    categories : dict of str to tuple of str
        Levels of the categorical ones.
    means, scales : ndarray, shape (columns,)
        Mean and standard deviation of each column over the known values of the fit; scale 1 where it is constant.
    """

    covariates: tuple[str, ...]
    categories: Categories
    means: Floats
    scales: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns: the number's, or the category's with its level after ``=``."""
        return tuple(name for covariate in self.covariates for name in _names(covariate, self.categories))

    def matrix(self, covariates: pl.DataFrame) -> Floats:
        """Return the columns of some rows, shape (rows, columns).

        Raises
        ------
        EstimatorInputError
            If a covariate is missing, infinite or of another type than in the fit.
        """
        standard = (_columns(covariates, self.covariates, self.categories) - self.means) / self.scales
        return np.where(np.isnan(standard), 0.0, standard)


def linear_columns(covariates: pl.DataFrame) -> LinearColumns:
    """Return how these covariates become columns.

    Examples
    --------
    >>> X = pl.DataFrame({"population": [1.0, 3.0, None], "contract_form": ["salaried", "self_employed", None]})
    >>> columns = linear_columns(X)
    >>> columns.names
    ('population', 'contract_form=self_employed')
    >>> columns.matrix(X).tolist()
    [[-1.0, -1.0], [1.0, 1.0], [0.0, 0.0]]
    """
    categories, names = seen_categories(covariates), tuple(covariates.columns)
    columns = _columns(covariates, names, categories)
    known = ~np.isnan(columns)
    count = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, columns, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, columns - means, 0.0) ** 2).sum(axis=0) / count)
    return LinearColumns(names, categories, means, np.where(spread > 1e-12 * (1 + np.abs(means)), spread, 1.0))


def _names(covariate: str, categories: Categories) -> list[str]:
    if covariate not in categories:
        return [covariate]
    return [f"{covariate}={level}" for level in categories[covariate][1:]]


def _columns(covariates: pl.DataFrame, names: Sequence[str], categories: Categories) -> Floats:
    if missing := [name for name in names if name not in covariates.columns]:
        raise EstimatorInputError("X", covariates.columns, f"also the covariates {', '.join(missing)}")
    parts = [_of(covariates[name], categories.get(name)) for name in names]
    return np.concatenate([np.empty((covariates.height, 0)), *parts], axis=1)


def _of(column: pl.Series, levels: tuple[str, ...] | None) -> Floats:
    if levels is None:
        if not (column.dtype.is_numeric() or column.dtype == pl.Boolean or column.dtype == pl.Null):
            raise EstimatorInputError(column.name, column.dtype, "a number or a boolean, as in the fit")
        numbers: Floats = column.cast(pl.Float64).to_numpy()
        if np.isinf(numbers).any():
            raise EstimatorInputError(column.name, "an infinite value", "finite numbers")
        return numbers[:, None]
    if column.dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        raise EstimatorInputError(column.name, column.dtype, "a category, as in the fit")
    text = column.cast(pl.String)
    known = text.is_in(list(levels)).fill_null(False).to_numpy()
    return (
        np.stack([np.where(known, (text == level).fill_null(False).to_numpy(), np.nan) for level in levels[1:]], axis=1)
        if levels[1:]
        else np.empty((len(column), 0))
    )
