"""Discrete-time hazards: how likely a post is to lose its doctor in each interval since the contract's start.

Needs only Polars, scikit-learn and LightGBM.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from features.errors import InvalidInputError
from models.covariates import columns_with_gaps, covariate_matrix
from models.piecewise import Floats, cumulative_at, curve_medians
from models.spells import checked_spells, even_breaks
from models.training_rows import TrainingRows, training_rows

_ROWS_AT_ONCE = 400_000  # of person-periods in one prediction, to bound memory


class DiscreteTimeHazard(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Boosted trees for the hazard (events per year), constant within each interval since the contract's start.

    The trees maximise the likelihood of a piecewise constant hazard: one row per spell and interval, with the exact
    exposure. An interval that censoring cuts short counts for the part that was observed, which a binary
    "ended in this interval?" outcome would either count in full or throw away. Time since the start is a covariate,
    so hazards need not be proportional. It is *not* a score of a person: covariates describe posts and the formal
    career stage.

    Parameters
    ----------
    interval_years : float
        Width of the intervals, > 0. Ignored where ``breaks`` is given.
    breaks : sequence of float, optional
        Borders of the intervals in years, from 0 to at least the longest duration.
    clocks : sequence of str
        Numeric covariates, given at the contract's start, that grow by one a year.
    n_estimators, learning_rate, num_leaves : int, float, int
        Number of trees, their shrinkage, and leaves per tree.
    min_leaf_events : float
        Expected events that a leaf must hold at least.
    l2 : float
        Events by which each leaf is drawn to no effect.
    random_state : int
        Seed; the fit is deterministic.
    num_threads : int
        Threads of LightGBM.

    Attributes
    ----------
    booster_ : lightgbm.Booster
        The trees; their raw score is the logarithm of the hazard.
    breaks_ : ndarray, shape (n_intervals + 1,)
        Borders of the intervals, years.
    feature_names_in_ : tuple of str
        Covariates in the order of ``X``; the trees see ``elapsed_years`` after them.
    categories_ : dict of str to tuple of str
        Levels of each categorical covariate.
    columns_with_gaps_ : tuple of str
        Covariates that lacked a value in some spell of the fit; only these may lack one in a prediction.
    n_events_ : float
        (Weighted) ended spells in the fit.

    References
    ----------
    Friedman 1982, Ann Stat 10(1):101-113 (piecewise exponential models as Poisson regression). Tutz and Schmid 2016,
    Modeling Discrete Time-to-Event Data.

    Examples
    --------
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200})
    >>> y = pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 4.0] * 200, "event": True})
    >>> model = DiscreteTimeHazard(interval_years=1.0).fit(X, y)
    >>> model.predict_survival_function(X[:2], [0.0, 2.0]).round(1).tolist()
    [[1.0, 0.2], [1.0, 0.9]]
    """

    def __init__(
        self,
        *,
        interval_years: float = 0.5,
        breaks: Sequence[float] | None = None,
        clocks: Sequence[str] = (),
        n_estimators: int = 60,
        learning_rate: float = 0.1,
        num_leaves: int = 8,
        min_leaf_events: float = 30.0,
        l2: float = 1.0,
        random_state: int = 0,
        num_threads: int = 1,
    ) -> None:
        self.interval_years = interval_years
        self.breaks = breaks
        self.clocks = clocks
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_leaf_events = min_leaf_events
        self.l2 = l2
        self.random_state = random_state
        self.num_threads = num_threads

    def fit(self, X: pl.DataFrame, y: pl.DataFrame, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803
        """Fit the hazard to spells.

        Parameters
        ----------
        X : DataFrame
            Covariates at the contract's start, one row per spell: numbers, booleans, or text/Categorical/Enum columns,
            which are taken as categories. Nulls (and NaN) are allowed and carry their own meaning, for example "does
            not apply".
        y : DataFrame
            ``entry_years``, ``duration_years``, ``event``, one row per spell.
        sample_weight : array-like, optional
            Weight of each spell, >= 0.

        Raises
        ------
        InvalidInputError
            If the frames do not fit each other, a value is impossible, or no spell ended.
        """
        weights = _checked_weights(sample_weight, y.height)
        return self._fit_to(self._training_rows(X, y), weights)

    def fit_reweighted(self, X: pl.DataFrame, y: pl.DataFrame, weights: Iterable[ArrayLike]) -> tuple[Self, ...]:  # noqa: N803
        """Return one fitted copy per weights, each equal to a `fit` with them; the spells are prepared only once."""
        rows = self._training_rows(X, y)
        return tuple(clone(self)._fit_to(rows, _checked_weights(each, y.height)) for each in weights)

    def _training_rows(self, X: pl.DataFrame, y: pl.DataFrame) -> TrainingRows:  # noqa: N803
        spells = y.select(c for c in ("entry_years", "duration_years", "event") if c in y.columns)
        breaks = self.breaks
        if breaks is None:
            breaks = even_breaks(self.interval_years, float(checked_spells(spells)["duration_years"].to_numpy().max()))
        return training_rows(X, spells, breaks=breaks, clocks=self.clocks, parameters=self._parameters())

    def _fit_to(self, rows: TrainingRows, weights: Floats) -> Self:
        self.n_events_ = float(weights[rows.ended].sum())
        if self.n_events_ <= 0:
            raise InvalidInputError("event", "no ended spell", "at least one spell that ended")
        self.breaks_ = rows.breaks
        self.feature_names_in_ = rows.covariates
        self.categories_ = rows.categories
        self.columns_with_gaps_ = rows.columns_with_gaps
        rows.dataset.set_weight(rows.exposure * weights[rows.spell])
        self.booster_ = lgb.train(self._parameters(), rows.dataset, num_boost_round=self.n_estimators)
        return self

    def predict_hazard(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return events per year in each interval, shape (rows, intervals), >= 0.

        Raises
        ------
        InvalidInputError
            If a covariate is missing, of another type than in the fit, has an unseen category, or lacks a value where
            the fit had one in every spell: the trees would read that as 0.
        """
        check_is_fitted(self, "booster_")
        if missing := [name for name in self.feature_names_in_ if name not in X.columns]:
            raise InvalidInputError("X", X.columns, f"also the covariates {', '.join(missing)}")
        gaps = columns_with_gaps(X.select(self.feature_names_in_))
        if unknown := [name for name in gaps if name not in self.columns_with_gaps_]:
            raise InvalidInputError(unknown[0], "a missing value", "a value in every row, as in the fit")
        intervals = self.breaks_.size - 1
        step = max(1, _ROWS_AT_ONCE // intervals)
        parts = [self._hazard_of(X.slice(start, step)) for start in range(0, X.height, step)]
        return np.concatenate(parts) if parts else np.empty((0, intervals))

    def predict_cumulative_hazard(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the cumulative hazard at times since the contract's start.

        Parameters
        ----------
        X : DataFrame
            Covariates at the contract's start.
        times : array-like
            Years, from 0 to the last border of ``breaks_``: one row of times for all, or one row for each row of ``X``.

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

    def predict_survival_function(self, X: pl.DataFrame, times: ArrayLike, *, stayed_years: ArrayLike = 0.0) -> Floats:  # noqa: N803
        """Return the probability that the contract lasts beyond each time.

        Parameters
        ----------
        X : DataFrame
            Covariates at the contract's start.
        times : array-like
            Years, >= 0, counted from ``stayed_years``.
        stayed_years : float or array-like
            Years that the doctor has already stayed, one for all or one per row; the result is given that.

        Returns
        -------
        ndarray, shape (rows, times)
            Within [0, 1], 1 at time 0, never rising.

        Raises
        ------
        InvalidInputError
            If ``stayed_years`` plus a time is beyond the longest duration observed in the fit.
        """
        stayed = np.broadcast_to(np.asarray(stayed_years, dtype=np.float64), (X.height,))[:, None]
        years = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if years.size and not years.min() >= 0:
            raise InvalidInputError("times", float(years.min()), "years, 0 or more")
        hazard = self.predict_hazard(X)
        further = cumulative_at(hazard, self.breaks_, stayed + years) - cumulative_at(hazard, self.breaks_, stayed)
        survival: Floats = np.exp(-np.maximum(further, 0.0))
        return survival

    def predict_median(self, X: pl.DataFrame, *, stayed_years: ArrayLike = 0.0) -> Floats:  # noqa: N803
        """Return the years, counted from ``stayed_years``, until survival falls to one half.

        Infinite where that does not happen within the longest duration observed in the fit: nothing is extrapolated.
        """
        stayed = np.broadcast_to(np.asarray(stayed_years, dtype=np.float64), (X.height,))[:, None]
        further = np.maximum(self.breaks_ - stayed, 0.0)
        return curve_medians(further, self.predict_survival_function(X, further, stayed_years=stayed[:, 0]))

    def _hazard_of(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        middles = (self.breaks_[:-1] + self.breaks_[1:]) / 2
        intervals = middles.size
        repeated = X.select(self.feature_names_in_)[np.repeat(np.arange(X.height), intervals)].with_columns(
            elapsed_years=pl.Series(np.tile(middles, X.height))
        )
        periods = repeated.with_columns(pl.col(name).cast(pl.Float64) + pl.col("elapsed_years") for name in self.clocks)
        rates = self.booster_.predict(self._matrix(periods), num_threads=self.num_threads)
        hazard: Floats = np.asarray(rates, dtype=np.float64).reshape(X.height, intervals)
        return hazard

    def _matrix(self, periods: pl.DataFrame) -> Floats:
        covariates = covariate_matrix(periods.select(self.feature_names_in_), self.categories_)
        return np.column_stack([covariates, periods["elapsed_years"].to_numpy()])

    def _parameters(self) -> dict[str, Any]:
        return {
            "objective": "poisson",
            "poisson_max_delta_step": 1e-6,  # LightGBM multiplies the Hessian by its exponential
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_sum_hessian_in_leaf": self.min_leaf_events,
            "min_data_in_leaf": 1,
            "min_data_per_group": 1,
            "lambda_l2": self.l2,
            "seed": self.random_state,
            "deterministic": True,
            "force_row_wise": True,
            "feature_pre_filter": False,
            "num_threads": self.num_threads,
            "verbosity": -1,
        }


def _checked_weights(sample_weight: ArrayLike | None, rows: int) -> Floats:
    weights = np.ones(rows) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (rows,) or not (np.isfinite(weights) & (weights >= 0)).all():
        raise InvalidInputError("sample_weight", f"shape {weights.shape}", f"{rows} finite weights, 0 or more")
    return weights
