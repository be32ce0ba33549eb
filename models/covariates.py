"""Covariates as the numbers that the trees read."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.errors import EstimatorInputError

Categories = dict[str, tuple[str, ...]]


def seen_categories(covariates: pl.DataFrame) -> Categories:
    """Return the levels of each text, Categorical or Enum column: those that occur, sorted; all those of an Enum.

    Raises
    ------
    EstimatorInputError
        If a column is neither a number, a boolean nor a category.

    Examples
    --------
    >>> seen_categories(pl.DataFrame({"contract_form": ["salaried", None, "salaried"], "population": [1, 2, 3]}))
    {'contract_form': ('salaried',)}
    """
    categories: Categories = {}
    for name, dtype in covariates.schema.items():
        if isinstance(dtype, pl.Enum):
            categories[name] = tuple(dtype.categories)
        elif _is_category(dtype):
            categories[name] = tuple(sorted(covariates[name].cast(pl.String).drop_nulls().unique()))
        elif not (dtype.is_numeric() or dtype == pl.Boolean):
            raise EstimatorInputError(name, dtype, "a number, a boolean or a category")
    return categories


def with_levels(covariates: pl.DataFrame, categories: Categories) -> pl.DataFrame:
    """Return the covariates with categorical columns as Enum, so that a part of the rows tells all levels."""
    return covariates.with_columns(
        pl.col(name).cast(pl.String).cast(pl.Enum(levels)) for name, levels in categories.items()
    )


def columns_with_gaps(covariates: pl.DataFrame) -> tuple[str, ...]:
    """Return the columns that hold a null or NaN.

    Examples
    --------
    >>> columns_with_gaps(pl.DataFrame({"population": [1.0, float("nan")], "contract_form": ["salaried", "salaried"]}))
    ('population',)
    """
    return tuple(
        column.name
        for column in covariates.iter_columns()
        if column.null_count() or (column.dtype.is_float() and bool(column.is_nan().any()))
    )


def checked_gaps(covariates: pl.DataFrame, known: tuple[str, ...]) -> None:
    """Raise unless every column that lacks a value lacked one in the fit too; an estimator would read it as a number.

    Raises
    ------
    EstimatorInputError
        With the first such column.
    """
    if unknown := [name for name in columns_with_gaps(covariates) if name not in known]:
        raise EstimatorInputError(unknown[0], "a missing value", "a value in every row, as in the fit")


def covariate_matrix(covariates: pl.DataFrame, categories: Categories) -> NDArray[np.float64]:
    """Return the columns as floats: categories by their place in ``categories``, nulls as NaN.

    Raises
    ------
    EstimatorInputError
        If a column has another type than its categories tell, a level that they lack, or an infinite value.
    """
    return np.column_stack([_numbers(covariates[name], categories.get(name)) for name in covariates.columns])


def _numbers(column: pl.Series, levels: tuple[str, ...] | None) -> NDArray[np.float64]:
    if levels is None:
        if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
            raise EstimatorInputError(column.name, column.dtype, "a number or a boolean, as in the fit")
        numbers: NDArray[np.float64] = column.cast(pl.Float64).to_numpy()
        if np.isinf(numbers).any():
            raise EstimatorInputError(column.name, "an infinite value", "finite numbers")
        return numbers
    if not _is_category(column.dtype):
        raise EstimatorInputError(column.name, column.dtype, f"one of {', '.join(levels)}, as in the fit")
    text = column.cast(pl.String)
    if unseen := sorted(set(text.drop_nulls().unique()) - set(levels)):
        raise EstimatorInputError(column.name, unseen[0], f"one of {', '.join(levels)}")
    places = {level: float(place) for place, level in enumerate(levels)}
    codes: NDArray[np.float64] = text.replace_strict(places, default=None, return_dtype=pl.Float64).to_numpy()
    return codes


def _is_category(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.Enum)
