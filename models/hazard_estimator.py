"""What every estimator of a hazard on a grid of time can tell."""

from abc import abstractmethod
from typing import Any, Self, TypeVar

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from models.covariates import Categories, checked_gaps, columns_with_gaps, seen_categories
from models.errors import EstimatorInputError
from models.fit_inputs import checked_weights
from models.outcome import Floats, Outcome, read_outcome
from models.piecewise import cumulative_at, curve_medians, restricted_means
from models.time_grid import with_bounds

_ROWS_AT_ONCE = 20_000
Covariates = pl.DataFrame | ArrayLike
E = TypeVar("E", bound="HazardEstimator")


class HazardEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the estimators: from the hazard in each interval follow curves, medians, means and risks.

    Attributes
    ----------
    breaks_ : ndarray, shape (intervals + 1,)
        Borders of the intervals, in the unit of ``y``'s times; curves end at the last.
    baseline_ : ndarray, shape (intervals,)
        Hazard of all spells of the fit together, events per unit of time.
    feature_names_in_ : ndarray of str
        Covariates in the order of ``X``; only where ``X`` had names.
    categories_ : dict of str to tuple of str
        Levels of each categorical covariate.
    columns_with_gaps_ : tuple of str
        Covariates that lacked a value in some spell of the fit.
    n_events_ : float
        (Weighted) spells of the fit that ended.
    """

    breaks_: Floats
    baseline_: Floats
    categories_: Categories
    columns_with_gaps_: tuple[str, ...]
    n_events_: float

    @abstractmethod
    def fit(self, X: Covariates, y: Any, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803, ANN401
        """Fit to covariates and the structured outcome of `models.outcome.survival_outcome`."""

    @abstractmethod
    def _hazard(self, table: pl.DataFrame) -> Floats:
        """Return the hazard of checked covariates in each interval, shape (rows, intervals)."""

    def predict_hazard(self, X: Covariates) -> Floats:  # noqa: N803
        """Return events per unit of time in each interval, shape (rows, intervals), >= 0.

        Raises
        ------
        EstimatorInputError
            If a covariate is missing, of another type than in the fit, has an unseen category, or lacks a value where
            the fit had one in every spell.
        """
        table = self._checked_covariates(X)
        parts = [
            self._hazard(table.slice(start, _ROWS_AT_ONCE)) for start in range(0, max(table.height, 1), _ROWS_AT_ONCE)
        ]
        return np.concatenate(parts)

    def opinions(self, X: Covariates) -> tuple[Floats, Floats]:  # noqa: N803
        """Return what the models that this one consists of say: weights and hazards of each.

        Returns
        -------
        ndarray, shape (models,)
            Weights that add up to 1.
        ndarray, shape (models, rows, intervals)
            Their hazards; one model, itself, unless it is made of several.
        """
        return np.ones(1), self.predict_hazard(X)[None]

    def predict_cumulative_hazard(self, X: Covariates, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the cumulative hazard at times since the start.

        Parameters
        ----------
        X : DataFrame or array, shape (rows, covariates)
            Covariates at the start.
        times : array-like
            From 0 to the last border of ``breaks_``: one row of times for all, or one row for each row of ``X``.

        Returns
        -------
        ndarray, shape (rows, times)
            0 at time 0, never falling.

        Raises
        ------
        InvalidInputError
            If a time is negative, not finite, or beyond what was observed in the fit.
        """
        return cumulative_at(self.predict_hazard(X), self.breaks_, times)

    def predict_survival_function(self, X: Covariates, times: ArrayLike, *, stayed_years: ArrayLike = 0.0) -> Floats:  # noqa: N803
        """Return the probability to last beyond each time.

        Parameters
        ----------
        X : DataFrame or array, shape (rows, covariates)
            Covariates at the start.
        times : array-like
            Times >= 0, counted from ``stayed_years``.
        stayed_years : float or array-like
            Time already lasted, one for all or one per row; the result is given that.

        Returns
        -------
        ndarray, shape (rows, times)
            Within [0, 1], 1 at time 0, never rising.

        Raises
        ------
        InvalidInputError
            If ``stayed_years`` plus a time is beyond the longest duration observed in the fit.
        """
        return self._survival(self.predict_hazard(X), times, stayed_years)

    def predict_median(self, X: Covariates, *, stayed_years: ArrayLike = 0.0) -> Floats:  # noqa: N803
        """Return the time, counted from ``stayed_years``, until survival falls to one half.

        Infinite where that does not happen within the longest duration observed in the fit: nothing is extrapolated.
        """
        hazard = self.predict_hazard(X)
        stayed = np.broadcast_to(np.asarray(stayed_years, dtype=np.float64), (hazard.shape[0],))[:, None]
        further = np.maximum(self.breaks_ - stayed, 0.0)
        return curve_medians(further, self._survival(hazard, further, stayed[:, 0]))

    def predict_restricted_mean(self, X: Covariates, horizon: float, *, stayed_years: ArrayLike = 0.0) -> Floats:  # noqa: N803
        """Return the mean time until the end or the horizon, whichever comes first; both from ``stayed_years``.

        Raises
        ------
        InvalidInputError
            If ``stayed_years`` plus the horizon is beyond the longest duration observed in the fit.

        References
        ----------
        Royston and Parmar 2013, BMC Med Res Methodol 13:152.
        """
        hazard = self.predict_hazard(X)
        stayed = np.broadcast_to(np.asarray(stayed_years, dtype=np.float64), (hazard.shape[0],))
        return restricted_means(hazard, self.breaks_, stayed, float(horizon))

    def predict(self, X: Covariates) -> Floats:  # noqa: N803
        """Return a risk, shape (rows,): higher ends sooner.

        It is the probability (0-1) to have ended, averaged over the times at which spells of the fit ended: the
        chance to end before a spell drawn from all. So it is about the whole curve and not one horizon.
        """
        return self._risk(self.predict_hazard(X))

    def score(self, X: Covariates, y: Any) -> float:  # noqa: N803, ANN401
        """Return Harrell's C of `predict`: 0.5 is chance, 1 a perfect order."""
        from models.discrimination import harrell_c

        return harrell_c(y, self.predict(X))

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags

    def _survival(self, hazard: Floats, times: ArrayLike, stayed_years: ArrayLike) -> Floats:
        stayed = np.broadcast_to(np.asarray(stayed_years, dtype=np.float64), (hazard.shape[0],))[:, None]
        years = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if years.size and not years.min() >= 0:
            raise EstimatorInputError("times", float(years.min()), "times, 0 or more")
        further = cumulative_at(hazard, self.breaks_, stayed + years)
        if np.any(stayed > 0):
            further = further - cumulative_at(hazard, self.breaks_, stayed)
        survival: Floats = np.exp(-np.maximum(further, 0.0))
        return survival

    def _risk(self, hazard: Floats) -> Floats:
        width = np.diff(self.breaks_)
        alive = np.exp(-np.concatenate([[0.0], np.cumsum(self.baseline_ * width)[:-1]]))
        ending = alive * -np.expm1(-self.baseline_ * width)
        ended: Floats = -np.expm1(-np.cumsum(hazard * width, axis=1)) @ (ending / ending.sum())
        return ended

    def _seen_covariates(self, X: Covariates) -> pl.DataFrame:  # noqa: N803
        """Take in the covariates of a fit."""
        table = self._frame(X, reset=True)
        self.categories_ = seen_categories(table)
        self.columns_with_gaps_ = columns_with_gaps(table)
        return table

    def _seen_spells(
        self,
        X: Covariates,  # noqa: N803
        y: Any,  # noqa: ANN401
        sample_weight: ArrayLike | None,
    ) -> tuple[pl.DataFrame, Outcome, Floats]:
        """Take in and check what a fit is given: covariates, outcome (with bounds for every end) and weights."""
        table = self._seen_covariates(X)
        outcome = matching_outcome(y, table.height)
        weights = checked_weights(sample_weight, table.height)
        self.n_events_ = ended_weight(outcome, weights)
        return table, outcome, weights

    def _checked_covariates(self, X: Covariates) -> pl.DataFrame:  # noqa: N803
        check_is_fitted(self)
        table = self._frame(X, reset=False)
        checked_gaps(table, self.columns_with_gaps_)
        return table

    def _frame(self, X: Covariates, *, reset: bool) -> pl.DataFrame:  # noqa: N803
        if isinstance(X, pl.DataFrame):
            if not reset and (missing := [name for name in self._names() if name not in X.columns]):
                raise EstimatorInputError("X", X.columns, f"also the covariates {', '.join(missing)}")
            if reset:
                if not X.width:
                    raise EstimatorInputError("X", "no columns", "at least one covariate")
                self.feature_names_in_ = np.array(X.columns, dtype=object)
                self.n_features_in_ = X.width
            return X.select(self._names())
        if not reset and hasattr(X, "columns") is False and hasattr(self, "feature_names_in_") and self.categories_:
            raise EstimatorInputError("X", type(X).__name__, "a frame with the covariates by name, as in the fit")
        values = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        if np.isinf(values).any():
            raise EstimatorInputError("X", "an infinite value (infinity, inf)", "finite numbers")
        return pl.DataFrame(values, schema=self._names())

    def _names(self) -> list[str]:
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x{place}" for place in range(self.n_features_in_)]


def matching_outcome(y: Any, rows: int) -> Outcome:  # noqa: ANN401
    """Return the checked outcome, with bounds for every end, of as many spells as there are rows of covariates."""
    outcome = with_bounds(read_outcome(y))
    if len(outcome) != rows:
        raise EstimatorInputError("X", f"{rows} rows", f"as many rows as y, {len(outcome)}")
    return outcome


def ended_weight(outcome: Outcome, weights: Floats) -> float:
    """Return the weighted number of ended spells; an error if there is none."""
    if not weights.any():
        raise EstimatorInputError("sample_weight", "only zero weights", "a weight above zero for some spell")
    ended = float(weights[outcome.ended].sum())
    if ended <= 0:
        raise EstimatorInputError("event", "no ended spell", "at least one spell that ended")
    return ended


def fresh(estimator: E, **changed: Any) -> E:  # noqa: ANN401
    """Return an unfitted copy with some settings changed."""
    copy: E = clone(estimator)
    copy.set_params(**changed)
    return copy
