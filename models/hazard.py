"""Discrete-time hazards from boosted trees: how likely an end is in each interval since the start.

Needs only Polars, scikit-learn and LightGBM.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.covariates import covariate_matrix
from models.errors import EstimatorInputError
from models.folds import folds_to_hold_out, inner_folds
from models.hazard_estimator import Covariates, HazardEstimator, fresh
from models.outcome import Floats, Outcome
from models.spells import even_breaks
from models.time_grid import PersonPeriods, baseline_hazard, grid_of, longest_time, person_period_table

_MOST_TREES = 500
_PATIENCE = 40
_RESERVED = {"entry_years", "duration_years", "event", "elapsed_years"}


class DiscreteTimeHazard(HazardEstimator):
    """Boosted trees for the hazard (events per unit of time), constant within each interval since the start.

    The trees maximise the likelihood of a piecewise constant hazard: one row per spell and step of time, with the
    events that the hazard of all spells leads one to expect there, so they start from the marginal curve and learn
    what differs from it. An interval that censoring cuts short counts for the part that was observed, which a binary
    "ended in this interval?" outcome would either count in full or throw away. Time since the start is a covariate, so
    hazards need not be proportional. It is *not* a score of a person: covariates describe posts and the formal career
    stage.

    Parameters
    ----------
    intervals : int
        Most intervals of the grid; their borders are quantiles of the event times.
    interval_years : float, optional
        Even width of the intervals, > 0, instead of quantiles.
    breaks : sequence of float, optional
        Borders of the intervals, from 0 to at least the longest duration, instead of both.
    time_steps : int, optional
        Steps of time that the trees tell apart: intervals are joined to at most so many, which makes the fit fast and
        does not touch the marginal curve. None: every interval. With ``clocks`` it is always every interval.
    clocks : sequence of str
        Numeric covariates, given at the start, that grow by one per unit of time.
    monotone : mapping of str to {-1, 1}, optional
        Covariates that may only lower (-1) or raise (1) the hazard, all else equal.
    interactions : sequence of sequences of str, optional
        Groups of covariates (and ``elapsed_years``) that may act together; what is in no common group adds up on the
        log scale. None: all may.
    n_estimators : int or "auto"
        Number of trees; "auto" takes the number with the best cross-validated likelihood.
    learning_rate, num_leaves : float, int
        Shrinkage, and leaves per tree.
    min_leaf_events : float
        Expected events that a leaf must hold at least.
    l2 : float
        Events by which each leaf is drawn to no effect.
    features_share : float
        Share of the covariates that each tree may use.
    folds : int
        Folds of the inner validation.
    random_state : int
        Seed; the fit is deterministic.
    num_threads : int
        Threads of LightGBM.

    Attributes
    ----------
    booster_ : lightgbm.Booster
        The trees; their raw score is the logarithm of the hazard's ratio to the marginal one.
    n_estimators_ : int
        Trees used.

    References
    ----------
    Friedman 1982, Ann Stat 10(1):101-113 (piecewise exponential models as Poisson regression). Tutz and Schmid 2016,
    Modeling Discrete Time-to-Event Data.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200})
    >>> y = survival_outcome([True] * 400, [1.0, 4.0, 2.0, 8.0] * 100)
    >>> model = DiscreteTimeHazard(interval_years=1.0, n_estimators=200).fit(X, y)
    >>> small, large = model.predict_survival_function(X[:2], [2.0])[:, 0]
    >>> bool(small < 0.3 < 0.7 < large)
    True
    """

    def __init__(
        self,
        *,
        intervals: int = 40,
        interval_years: float | None = None,
        breaks: Sequence[float] | None = None,
        time_steps: int | None = 10,
        clocks: Sequence[str] = (),
        monotone: Mapping[str, Literal[-1, 1]] | None = None,
        interactions: Sequence[Sequence[str]] | None = None,
        n_estimators: int | Literal["auto"] = "auto",
        learning_rate: float = 0.05,
        num_leaves: int = 5,
        min_leaf_events: float = 8.0,
        l2: float = 2.0,
        features_share: float = 0.7,
        folds: int = 5,
        random_state: int = 0,
        num_threads: int = 1,
    ) -> None:
        self.intervals = intervals
        self.interval_years = interval_years
        self.breaks = breaks
        self.time_steps = time_steps
        self.clocks = clocks
        self.monotone = monotone
        self.interactions = interactions
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_leaf_events = min_leaf_events
        self.l2 = l2
        self.features_share = features_share
        self.folds = folds
        self.random_state = random_state
        self.num_threads = num_threads

    def fit(
        self,
        X: Covariates,  # noqa: N803
        y: Any,  # noqa: ANN401
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the hazard to spells; arguments and errors as of `models.glm_hazard.PenalisedHazard.fit`."""
        table, outcome, weights = self._seen_spells(X, y, sample_weight)
        if reserved := _RESERVED & set(table.columns):
            raise EstimatorInputError("X", sorted(reserved), "covariates only: the outcome belongs in y")
        self._check_columns(table)
        self.breaks_ = self._grid(outcome)
        periods = person_period_table(outcome, self.breaks_)
        self.baseline_ = baseline_hazard(periods, weights)
        self.step_of_ = self._steps(periods, weights)
        rows = _Rows(self, table, periods, weights)
        if self.n_estimators == "auto":
            fold_of = inner_folds(outcome, self.folds, self.random_state, groups)
            self.n_estimators_ = rows.validated_trees(fold_of)
        else:
            self.n_estimators_ = int(self.n_estimators)
        self.booster_ = rows.grown(self.n_estimators_)
        return self

    def fit_reweighted(self, X: Covariates, y: Any, weights: Iterable[ArrayLike]) -> tuple[Self, ...]:  # noqa: N803, ANN401
        """Return one fitted copy per weights, each equal to a `fit` with them."""
        return tuple(fresh(self).fit(X, y, each) for each in weights)

    def settled(self) -> Self:
        """Return an unfitted copy with the settings that this fit chose."""
        return fresh(self, n_estimators=self.n_estimators_)

    def contributions(self, X: Covariates, interval: int) -> Floats:  # noqa: N803
        """Return what each covariate adds to the logarithm of the hazard in an interval.

        Returns
        -------
        ndarray, shape (rows, covariates + 2)
            One column per covariate, then elapsed time, then the mean; the row sums are the logarithm of the ratio of
            the hazard to the marginal one (Shapley values of the trees, LightGBM's ``pred_contrib``).
        """
        table = self._checked_covariates(X)
        matrix = self._matrix(table, self._middles()[interval])
        found: Floats = np.asarray(self.booster_.predict(matrix, pred_contrib=True, num_threads=self.num_threads))
        return found

    def _hazard(self, table: pl.DataFrame) -> Floats:
        middles, steps = self._middles(), np.unique(self.step_of_)
        hazard = np.empty((table.height, self.baseline_.size))
        base = covariate_matrix(table, self.categories_)
        for step in steps:
            here = np.flatnonzero(self.step_of_ == step)
            ratio = self.booster_.predict(self._at(base, table.columns, middles[here[0]]), num_threads=self.num_threads)
            hazard[:, here] = np.asarray(ratio)[:, None] * self.baseline_[here]
        return hazard

    def _matrix(self, table: pl.DataFrame, elapsed: float) -> Floats:
        return self._at(covariate_matrix(table, self.categories_), table.columns, elapsed)

    def _at(self, base: Floats, names: list[str], elapsed: float) -> Floats:
        matrix = np.column_stack([base, np.full(base.shape[0], elapsed)])
        for name in self.clocks:
            matrix[:, names.index(name)] += elapsed
        return matrix

    def _grid(self, outcome: Outcome) -> Floats:
        if self.breaks is None and self.interval_years is not None:
            return np.asarray(even_breaks(self.interval_years, longest_time(outcome)))
        return grid_of(outcome, self.breaks, self.intervals, (), 0.0)

    def _steps(self, periods: PersonPeriods, weights: Floats) -> NDArray[np.int64]:
        intervals = self.breaks_.size - 1
        if self.time_steps is None or self.clocks or intervals <= self.time_steps:
            return np.arange(intervals)
        events = periods.events(weights)
        before = np.cumsum(events) - events
        step: NDArray[np.int64] = np.minimum(
            (before * self.time_steps / max(events.sum(), 1e-12)).astype(np.int64), self.time_steps - 1
        )
        return np.unique(step, return_inverse=True)[1]

    def _middles(self) -> Floats:
        """Return, for each interval, the middle of the step of time that it belongs to."""
        first = np.searchsorted(self.step_of_, self.step_of_, side="left")
        last = np.searchsorted(self.step_of_, self.step_of_, side="right")
        middles: Floats = (self.breaks_[first] + self.breaks_[last]) / 2
        return middles

    def _check_columns(self, table: pl.DataFrame) -> None:
        for name in self.clocks:
            if name not in table.columns or not table.schema[name].is_numeric():
                raise EstimatorInputError("clocks", name, "a numeric covariate")
        for name, sign in (self.monotone or {}).items():
            if name not in table.columns or name in self.categories_ or sign not in (-1, 1):
                raise EstimatorInputError("monotone", f"{name}: {sign}", "numeric covariates with -1 or 1")
        known = {*table.columns, "elapsed_years"}
        for name in (name for group in self.interactions or () for name in group):
            if name not in known:
                raise EstimatorInputError("interactions", name, "names of covariates, or elapsed_years")

    def _parameters(self, columns: list[str]) -> dict[str, Any]:
        names = [*columns, "elapsed_years"]
        parameters: dict[str, Any] = {
            "objective": "poisson",
            "poisson_max_delta_step": 1e-6,  # LightGBM multiplies the Hessian by its exponential
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_sum_hessian_in_leaf": self.min_leaf_events,
            "min_data_in_leaf": 1,
            "min_data_per_group": 1,
            "lambda_l2": self.l2,
            "feature_fraction": self.features_share,
            "seed": self.random_state,
            "deterministic": True,
            "force_row_wise": True,
            "feature_pre_filter": False,
            "num_threads": self.num_threads,
            "verbosity": -1,
        }
        if self.monotone:
            parameters["monotone_constraints"] = [self.monotone.get(name, 0) for name in names]
        if self.interactions is not None:
            parameters["interaction_constraints"] = [
                [names.index(name) for name in group] for group in self.interactions
            ]
        return parameters


class _Rows:
    """Spells as the weighted rows of a Poisson regression of observed on expected ends."""

    def __init__(self, model: DiscreteTimeHazard, table: pl.DataFrame, periods: PersonPeriods, weights: Floats) -> None:
        steps = int(model.step_of_.max()) + 1
        joined = np.zeros((model.step_of_.size, steps))
        joined[np.arange(model.step_of_.size), model.step_of_] = model.baseline_
        expected = periods.exposure @ joined
        self.spell, step = np.nonzero((expected > 0) & (weights > 0)[:, None])
        expected = expected[self.spell, step]
        self.ended = periods.ended[self.spell] & (model.step_of_[periods.at[self.spell]] == step)
        middles = model._middles()[np.searchsorted(model.step_of_, np.arange(steps))]
        matrix = np.column_stack([covariate_matrix(table, model.categories_)[self.spell], middles[step]])
        for name in model.clocks:
            matrix[:, table.columns.index(name)] += middles[step]
        self.parameters = model._parameters(table.columns)
        self.dataset = lgb.Dataset(
            matrix,
            label=self.ended / expected,
            weight=expected * weights[self.spell],
            feature_name=[*(f"f{place}" for place in range(table.width)), "elapsed_years"],
            categorical_feature=[table.columns.index(name) for name in model.categories_],
            params=self.parameters,
            free_raw_data=False,
        )

    def validated_trees(self, fold_of: NDArray[np.int64]) -> int:
        of_row = fold_of[self.spell]
        folds = [
            (np.flatnonzero(of_row != fold), np.flatnonzero(of_row == fold))
            for fold in folds_to_hold_out(of_row, self.ended)
        ]
        found = lgb.cv(
            self.parameters | {"metric": "poisson"},
            self.dataset,
            num_boost_round=_MOST_TREES,
            folds=folds,
            callbacks=[lgb.early_stopping(_PATIENCE, verbose=False)],
        )
        means = found["valid poisson-mean"]
        assert isinstance(means, list)
        return len(means)

    def grown(self, trees: int) -> lgb.Booster:
        return lgb.train(self.parameters, self.dataset, num_boost_round=trees)
