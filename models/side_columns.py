"""An estimator that reads weights and groups from columns of its covariates, so that validation can pass them on."""

from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone

from models.hazard_estimator import HazardEstimator
from models.outcome import Floats

WEIGHT, GROUP = "__weight", "__group"
"""Columns beside the covariates; none of them is a covariate of the fit."""


class SideColumns(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Fits another estimator with the weights and groups that stand beside the covariates.

    Validation by fold passes rows of ``X`` alone. What weights a spell, and which spells are held out together when
    settings are chosen inside a fit, goes along in the columns `WEIGHT` and `GROUP`, where they are there.

    Parameters
    ----------
    estimator : estimator
        Any of the project's; only those that choose settings inside the fit are given the groups.

    Attributes
    ----------
    fitted_ : estimator
        Fitted to the other columns.

    Examples
    --------
    >>> from models.cox import CoxRegression
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"vacant_share": [0.0, 0.0, 0.5, 0.5], WEIGHT: [1.0, 2.0, 1.0, 1.0]})
    >>> model = SideColumns(CoxRegression()).fit(X, survival_outcome([1, 1, 1, 1], [2.0, 5.0, 1.0, 3.0]))
    >>> model.fitted_.coefficients_["column"].to_list()
    ['vacant_share']
    """

    def __init__(self, estimator: Any) -> None:  # noqa: ANN401
        self.estimator = estimator

    def fit(self, X: pl.DataFrame, y: object) -> Self:  # noqa: N803
        """Fit to the covariates, weights and groups."""
        weights = X[WEIGHT].to_numpy() if WEIGHT in X.columns else np.ones(X.height)
        has_groups = GROUP in X.columns and isinstance(self.estimator, HazardEstimator)
        given = {"groups": X[GROUP].to_numpy()} if has_groups else {}
        self.fitted_ = clone(self.estimator).fit(_covariates(X), y, weights, **given)
        return self

    def predict(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return the estimator's risk, shape (rows,)."""
        risk: Floats = self.fitted_.predict(_covariates(X))
        return risk

    def predict_survival_function(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the estimator's survival, shape (rows, times)."""
        survival: Floats = self.fitted_.predict_survival_function(_covariates(X), times)
        return survival

    def predict_cumulative_incidence(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the estimator's incidences, shape (rows, causes, times)."""
        incidence: Floats = self.fitted_.predict_cumulative_incidence(_covariates(X), times)
        return incidence


def _covariates(X: pl.DataFrame) -> pl.DataFrame:  # noqa: N803
    return X.drop(WEIGHT, GROUP, strict=False)
