"""Discrete-time hazards: how likely a post is to lose its doctor in each interval since the contract's start.

Needs only Polars, scikit-learn and LightGBM.
"""

from collections.abc import Sequence
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from features.errors import InvalidInputError
from models.covariates import Categories, covariate_matrix, seen_categories
from models.spells import checked_spells, even_breaks, person_periods

Floats = NDArray[np.float64]
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
    [[1.0, 0.1], [1.0, 0.9]]
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
            which are taken as categories. Nulls are allowed.
        y : DataFrame
            ``entry_years``, ``duration_years``, ``event``, one row per spell.
        sample_weight : array-like, optional
            Weight of each spell, >= 0.

        Raises
        ------
        InvalidInputError
            If the frames do not fit each other, a value is impossible, or no spell ended.
        """
        spells = checked_spells(y.select(c for c in ("entry_years", "duration_years", "event") if c in y.columns))
        if X.height != spells.height:
            raise InvalidInputError("X", f"{X.height} rows", f"as many rows as y, {spells.height}")
        if reserved := {"entry_years", "duration_years", "event", "elapsed_years"} & set(X.columns):
            raise InvalidInputError("X", sorted(reserved), "covariates only: the outcome belongs in y")
        weights = _checked_weights(sample_weight, spells.height)
        self.n_events_ = float(weights[spells["event"].to_numpy()].sum())
        if self.n_events_ <= 0:
            raise InvalidInputError("event", "no ended spell", "at least one spell that ended")
        longest = float(spells["duration_years"].max())  # type: ignore[arg-type]
        self.breaks_ = np.asarray(self.breaks if self.breaks is not None else even_breaks(self.interval_years, longest))
        self.feature_names_in_ = tuple(X.columns)
        self.categories_: Categories = seen_categories(X)
        periods = person_periods(
            spells.hstack([pl.Series("_spell", np.arange(X.height)), *X.iter_columns()]),
            tuple(self.breaks_),
            clocks=self.clocks,
        )
        exposure = periods["exposure_years"].to_numpy()
        # Weighted Poisson regression of events per exposure, weighted by exposure, has the gradient and Hessian of the
        # piecewise exponential likelihood; so a leaf's Hessian sum is its expected number of events.
        dataset = lgb.Dataset(
            self._matrix(periods),
            label=periods["event"].to_numpy() / exposure,
            weight=exposure * weights[periods["_spell"].to_numpy()],
            feature_name=[*(f"f{i}" for i in range(X.width)), "elapsed_years"],
            categorical_feature=[self.feature_names_in_.index(name) for name in self.categories_],
            free_raw_data=True,
        )
        self.booster_ = lgb.train(self._parameters(), dataset, num_boost_round=self.n_estimators)
        return self

    def predict_hazard(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return events per year in each interval, shape (rows, intervals), >= 0.

        Raises
        ------
        InvalidInputError
            If a covariate is missing, of another type than in the fit, or has an unseen category.
        """
        check_is_fitted(self, "booster_")
        if missing := [name for name in self.feature_names_in_ if name not in X.columns]:
            raise InvalidInputError("X", X.columns, f"also the covariates {', '.join(missing)}")
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
        hazard = self.predict_hazard(X)
        years = np.atleast_1d(np.asarray(times, dtype=np.float64))
        years = np.broadcast_to(years, (X.height, years.shape[-1]))
        horizon = float(self.breaks_[-1])
        if years.size and not (np.isfinite(years).all() and years.min() >= 0 and years.max() <= horizon + 1e-9):
            wrong = years[~((years >= 0) & (years <= horizon + 1e-9))].flat[0]
            raise InvalidInputError("times", float(wrong), f"years between 0 and {horizon:g}, the longest observed")
        at = np.clip(np.searchsorted(self.breaks_, years, side="right") - 1, 0, hazard.shape[1] - 1)
        full = _at_borders(hazard, self.breaks_)
        into = np.take_along_axis(hazard, at, axis=1) * (years - self.breaks_[at])
        cumulative: Floats = np.take_along_axis(full, at, axis=1) + into
        return cumulative

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
        further = self.predict_cumulative_hazard(X, stayed + years) - self.predict_cumulative_hazard(X, stayed)
        survival: Floats = np.exp(-np.maximum(further, 0.0))
        return survival

    def predict_median(self, X: pl.DataFrame, *, stayed_years: ArrayLike = 0.0) -> Floats:  # noqa: N803
        """Return the years, counted from ``stayed_years``, until survival falls to one half.

        Infinite where that does not happen within the longest duration observed in the fit: nothing is extrapolated.
        """
        stayed = np.broadcast_to(np.asarray(stayed_years, dtype=np.float64), (X.height,))
        hazard = self.predict_hazard(X)
        full = _at_borders(hazard, self.breaks_)
        wanted = self.predict_cumulative_hazard(X, stayed[:, None])[:, 0] + np.log(2)
        at = np.minimum((full[:, 1:] < wanted[:, None]).sum(axis=1), hazard.shape[1] - 1)
        row = np.arange(X.height)
        with np.errstate(divide="ignore"):
            years = self.breaks_[at] + (wanted - full[row, at]) / hazard[row, at]
        median: Floats = np.where(full[:, -1] >= wanted, years - stayed, np.inf)
        return median

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
            "poisson_max_delta_step": 0.1,
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


def _at_borders(hazard: Floats, breaks: Floats) -> Floats:
    steps = np.cumsum(hazard * np.diff(breaks), axis=1)
    return np.concatenate([np.zeros((hazard.shape[0], 1)), steps], axis=1)


def _checked_weights(sample_weight: ArrayLike | None, rows: int) -> Floats:
    weights = np.ones(rows) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (rows,) or not (np.isfinite(weights) & (weights >= 0)).all():
        raise InvalidInputError("sample_weight", f"shape {weights.shape}", f"{rows} finite weights, 0 or more")
    return weights
