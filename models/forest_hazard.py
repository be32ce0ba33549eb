"""A forest whose leaves hold hazards: trees split where observed and expected ends differ most."""

from collections.abc import Sequence
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from models.covariates import covariate_matrix
from models.design_matrix import Design, design_of
from models.errors import EstimatorInputError
from models.folds import folds_to_hold_out, inner_folds
from models.hazard_estimator import Covariates, HazardEstimator, fresh
from models.outcome import Floats
from models.time_grid import PersonPeriods, baseline_hazard, grid_of, person_period_table

_LEAF_EVENTS = (5.0, 15.0, 40.0)
_TREES_IN_VALIDATION = 30
_IN_BAG = 0.632
_PRIOR_EVENTS = 0.3  # by which every leaf is drawn to the hazard of all spells
_MOST_LEAVES = 1000


class ForestHazard(HazardEstimator):
    """Random forest for hazards: many deep trees on parts of the spells, whose leaves' events and exposure are added.

    A split is judged by the score statistic of a Poisson model, ``(observed - expected)^2 / expected``, which is the
    log-rank test of a survival tree up to its variance; LightGBM grows the trees, so the search for splits is over
    histograms. A forecast adds, over the trees, the events and the exposure in each interval of the leaves that the
    row falls into: hazards need be neither smooth nor proportional.

    Parameters
    ----------
    trees : int
        Number of trees.
    leaf_events : float, optional
        Expected events that a leaf must hold; chosen by cross-validated likelihood where not given.
    guides : int
        Number of linear combinations of some covariates that trees may also split on (oblique splits). Each is one
        Newton step of a Cox model on a bootstrap sample.
    features_share : float
        Share of the covariates that each split may choose from.
    intervals : int
        Most intervals of the grid.
    breaks : sequence of float, optional
        Borders from 0 to the longest duration, instead of quantiles of the event times.
    folds : int
        Folds of the inner validation.
    random_state, num_threads : int, int
        Seed, and threads of LightGBM.

    Attributes
    ----------
    leaf_events_ : float
        What was used.
    booster_ : lightgbm.Booster
        The trees; only their leaves are used.
    first_leaf_ : ndarray of int, shape (trees,)
        Row of the tables at which each tree's leaves begin.
    leaf_events_table_, leaf_exposure_table_ : ndarray, shape (leaves of all trees, intervals)
        Events and exposure.

    References
    ----------
    Ishwaran et al. 2008, Ann Appl Stat 2:841-860. Hothorn et al. 2004, Stat Med 23:77-91 (adding up leaves). Jaeger et
    al. 2019, Ann Appl Stat 13:1847-1883 (oblique splits).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200})
    >>> y = survival_outcome([True] * 400, [1.0, 4.0, 2.0, 8.0] * 100)
    >>> small, large = ForestHazard(trees=20).fit(X, y).predict_survival_function(X[:2], [2.5])[:, 0]
    >>> bool(small < 0.3 < 0.7 < large)
    True
    """

    def __init__(
        self,
        *,
        trees: int = 150,
        leaf_events: float | None = None,
        guides: int = 0,
        features_share: float = 0.5,
        intervals: int = 40,
        breaks: Sequence[float] | None = None,
        folds: int = 3,
        random_state: int = 0,
        num_threads: int = 1,
    ) -> None:
        self.trees = trees
        self.leaf_events = leaf_events
        self.guides = guides
        self.features_share = features_share
        self.intervals = intervals
        self.breaks = breaks
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
        """Fit the forest; arguments and errors as of `models.glm_hazard.PenalisedHazard.fit`."""
        table, outcome, weights = self._seen_spells(X, y, sample_weight)
        if table.height < 2:
            raise EstimatorInputError("X", "n_samples = 1", "two spells or more")
        self.breaks_ = grid_of(outcome, self.breaks, self.intervals, (), 0.0)
        periods = person_period_table(outcome, self.breaks_)
        self.baseline_ = baseline_hazard(periods, weights)
        if self.leaf_events is None:
            fold_of = inner_folds(outcome, self.folds, self.random_state, groups)
            self.leaf_events_ = self._validated_leaf_events(table, periods, weights, fold_of)
        else:
            self.leaf_events_ = self.leaf_events
        self._grow(table, periods, weights, self.leaf_events_, self.trees)
        return self

    def settled(self) -> Self:
        """Return an unfitted copy with the settings that this fit chose."""
        return fresh(self, leaf_events=self.leaf_events_)

    def _validated_leaf_events(
        self, table: pl.DataFrame, periods: PersonPeriods, weights: Floats, fold_of: NDArray[np.int64]
    ) -> float:
        sizes = [size for size in _LEAF_EVENTS if 4 * size <= self.n_events_] or [self.n_events_ / 4]
        if len(sizes) == 1:
            return float(sizes[0])
        scores = np.zeros(len(sizes))
        trial = fresh(self)
        trial.__dict__.update(
            {name: value for name, value in self.__dict__.items() if name.endswith("_") and name != "booster_"}
        )
        for fold in folds_to_hold_out(fold_of, periods.ended):
            held_out = np.flatnonzero(fold_of == fold)
            kept = np.flatnonzero(fold_of != fold)
            if weights[kept][periods.ended[kept]].sum() <= 0:
                continue
            for place, size in enumerate(sizes):
                trial._grow(table[kept], periods[kept], weights[kept], size, _TREES_IN_VALIDATION)
                hazard = trial._hazard(table[held_out])
                scores[place] += grid_likelihood(hazard, periods[held_out], weights[held_out])
        return float(sizes[int(np.argmax(scores))])

    def _grow(
        self, table: pl.DataFrame, periods: PersonPeriods, weights: Floats, leaf_events: float, trees: int
    ) -> None:
        expected = periods.exposure @ baseline_hazard(periods, weights)
        self._draw_guides(table, periods, weights, expected)
        matrix = self._matrix(table)
        used = np.flatnonzero((weights > 0) & (expected > 0))
        hessian = (weights * expected)[used]
        dataset = lgb.Dataset(
            matrix[used],
            label=periods.ended[used] / expected[used] - 1.0,
            weight=hessian,
            categorical_feature=[place for place, name in enumerate(table.columns) if name in self.categories_],
            params={"feature_pre_filter": False, "verbosity": -1, "min_data_in_bin": 1, "max_bin": 63},
        )
        self.booster_ = lgb.train(self._parameters(leaf_events, matrix.shape[1]), dataset, num_boost_round=trees)
        leaves = self._leaves(matrix)
        counts = leaves.max(axis=0) + 1  # a leaf holds rows of the fit, or no row at all
        self.first_leaf_ = np.concatenate([[0], np.cumsum(counts)[:-1]])
        places = leaves + self.first_leaf_
        rows, size = matrix.shape[0], int(counts.sum())
        flat = places.ravel()
        entry = np.repeat(np.arange(rows), leaves.shape[1])
        member = csr_array((np.repeat(weights, leaves.shape[1]), (flat, entry)), shape=(size, rows))
        self.leaf_exposure_table_ = np.asarray(member @ periods.exposure, dtype=np.float32)
        intervals = self.breaks_.size - 1
        ended = periods.ended
        cells = (places[ended] * intervals + periods.at[ended][:, None]).ravel()
        self.leaf_events_table_ = (
            np.bincount(cells, weights=np.repeat(weights[ended], leaves.shape[1]), minlength=size * intervals)
            .reshape(size, intervals)
            .astype(np.float32)
        )

    def _hazard(self, table: pl.DataFrame) -> Floats:
        places = self._leaves(self._matrix(table)) + self.first_leaf_
        events = np.zeros((table.height, self.breaks_.size - 1))
        exposure = np.zeros_like(events)
        for tree in range(places.shape[1]):
            events += self.leaf_events_table_[places[:, tree]]
            exposure += self.leaf_exposure_table_[places[:, tree]]
        width = np.diff(self.breaks_)
        alive = np.exp(-np.concatenate([[0.0], np.cumsum(self.baseline_ * width)[:-1]]))
        share = alive * -np.expm1(-self.baseline_ * width)
        prior = _PRIOR_EVENTS * places.shape[1] * share / share.sum()
        hazard: Floats = (events + prior) / (exposure + prior / self.baseline_)
        return hazard

    def _leaves(self, matrix: Floats) -> NDArray[np.int64]:
        found = self.booster_.predict(matrix, pred_leaf=True, num_threads=self.num_threads)
        leaves: NDArray[np.int64] = np.asarray(found, dtype=np.int64).reshape(matrix.shape[0], -1)
        return leaves

    def _draw_guides(self, table: pl.DataFrame, periods: PersonPeriods, weights: Floats, expected: Floats) -> None:
        self.guide_design_: Design | None = None
        self.guide_coefficients_ = np.empty((0, 0))
        if not self.guides:
            return
        design = design_of(table, self.categories_, curves=False)
        columns = design.columns(table)
        rng = np.random.default_rng(self.random_state)
        self.guide_design_ = design
        self.guide_coefficients_ = drawn_guides(columns, weights, expected, periods.ended, self.guides, rng)

    def _matrix(self, table: pl.DataFrame) -> Floats:
        covariates = covariate_matrix(table, self.categories_)
        if self.guide_design_ is None:
            return covariates
        return np.column_stack([covariates, self.guide_design_.columns(table) @ self.guide_coefficients_])

    def _parameters(self, leaf_events: float, features: int) -> dict[str, Any]:
        return {
            "objective": "regression",
            "boosting": "rf",
            "bagging_freq": 1,
            "bagging_fraction": _IN_BAG,
            # half the choice is made per tree, which spares the other columns' histograms, half per split
            "feature_fraction": min(1.0, max(self.features_share**0.5, 3.0 / features)),
            "feature_fraction_bynode": min(1.0, max(self.features_share**0.5, 3.0 / features)),
            "num_leaves": _MOST_LEAVES,
            "min_sum_hessian_in_leaf": leaf_events * _IN_BAG,
            "min_data_in_leaf": 3,
            "min_data_per_group": 3,
            "cat_smooth": 1.0,
            "lambda_l2": 0.0,
            "min_data_in_bin": 1,
            "max_bin": 63,
            "seed": self.random_state,
            "deterministic": True,
            "force_row_wise": True,
            "feature_pre_filter": False,
            "num_threads": self.num_threads,
            "verbosity": -1,
        }


def drawn_guides(
    columns: Floats, weights: Floats, expected: Floats, ended: NDArray[np.bool_], guides: int, rng: np.random.Generator
) -> Floats:
    """Return linear combinations of random parts of the columns, shape (columns, guides).

    Each is one ridge-penalised Newton step, from no effect, of a Poisson model on a bootstrap sample.
    """
    rows, width = columns.shape
    coefficients = np.zeros((width, guides))
    for guide in range(guides):
        size = int(rng.integers(min(2, width), width + 1))
        chosen = rng.choice(width, size=size, replace=False)
        drawn = weights * rng.multinomial(rows, np.full(rows, 1 / rows))
        part = columns[:, chosen]
        part = part - (drawn * expected) @ part / max(float(drawn @ expected), 1e-12)
        information = part.T @ ((drawn * expected)[:, None] * part) + np.eye(size) * max(1.0, 0.02 * drawn[ended].sum())
        coefficients[chosen, guide] = np.linalg.solve(information, part.T @ (drawn * (ended - expected)))
    return coefficients


def grid_likelihood(hazard: Floats, periods: PersonPeriods, weights: Floats) -> float:
    """Return the weighted log-likelihood of person-periods under hazards on their grid."""
    ended = periods.ended
    at = np.maximum(hazard[ended, periods.at[ended]], 1e-12)
    return float(weights[ended] @ np.log(at) - weights @ (hazard * periods.exposure).sum(axis=1))
