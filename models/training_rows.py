"""Spells as the weighted rows that LightGBM's Poisson regression is fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError
from models.covariates import Categories, columns_with_gaps, covariate_matrix, seen_categories
from models.piecewise import Floats
from models.spells import checked_spells, person_periods


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Person-periods in LightGBM's bins, and what a fitted hazard remembers of the spells.

    Attributes
    ----------
    dataset : lightgbm.Dataset
        Events per exposure, still without weights. Weighted by exposure, Poisson regression on them has the gradient
        and Hessian of the piecewise exponential likelihood; so a leaf's Hessian sum is its expected number of events.
    exposure, spell : ndarray
        Years, and place of the spell, of each person-period.
    ended : ndarray
        Whether each spell ended.
    breaks, covariates, categories, columns_with_gaps
        As `models.hazard.DiscreteTimeHazard` keeps them.
    """

    dataset: lgb.Dataset
    exposure: Floats
    spell: NDArray[np.int64]
    ended: NDArray[np.bool_]
    breaks: Floats
    covariates: tuple[str, ...]
    categories: Categories
    columns_with_gaps: tuple[str, ...]


def training_rows(
    covariates: pl.DataFrame,
    outcome: pl.DataFrame,
    *,
    breaks: Sequence[float],
    clocks: Sequence[str],
    parameters: Mapping[str, Any],
) -> TrainingRows:
    """Return the rows of spells with their covariates.

    Raises
    ------
    InvalidInputError
        If the frames do not fit each other or a value is impossible.
    """
    spells = checked_spells(outcome)
    if covariates.height != spells.height:
        raise InvalidInputError("X", f"{covariates.height} rows", f"as many rows as y, {spells.height}")
    if reserved := {"entry_years", "duration_years", "event", "elapsed_years"} & set(covariates.columns):
        raise InvalidInputError("X", sorted(reserved), "covariates only: the outcome belongs in y")
    categories = seen_categories(covariates)
    periods = person_periods(
        spells.hstack([pl.Series("_spell", np.arange(spells.height)), *covariates.iter_columns()]),
        breaks,
        clocks=clocks,
    )
    exposure = periods["exposure_years"].to_numpy()
    matrix = covariate_matrix(periods.select(covariates.columns), categories)
    dataset = lgb.Dataset(
        np.column_stack([matrix, periods["elapsed_years"].to_numpy()]),
        label=periods["event"].to_numpy() / exposure,
        feature_name=[*(f"f{i}" for i in range(covariates.width)), "elapsed_years"],
        categorical_feature=[covariates.columns.index(name) for name in categories],
        params=dict(parameters),
        free_raw_data=True,
    )
    return TrainingRows(
        dataset=dataset,
        exposure=exposure,
        spell=periods["_spell"].to_numpy(),
        ended=spells["event"].to_numpy(),
        breaks=np.asarray(breaks, dtype=np.float64),
        covariates=tuple(covariates.columns),
        categories=categories,
        columns_with_gaps=columns_with_gaps(covariates),
    )
