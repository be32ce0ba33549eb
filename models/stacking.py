"""The default estimator: penalised, boosted and forest hazards, weighed by how well they foretell unseen spells."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from models.covariates import with_levels
from models.folds import folds_to_hold_out, inner_folds
from models.forest_hazard import ForestHazard
from models.glm_hazard import PenalisedHazard
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import Covariates, HazardEstimator, fresh
from models.outcome import Floats, Outcome
from models.time_grid import baseline_hazard, end_times, grid_of, person_period_table

_EVENTS_OF_EQUAL = 200.0
_AT_RISK = 0.2
_TREES_TO_WEIGH = 60


class Member(Protocol):
    """What the stack wants of a member."""

    def settled(self) -> Any:  # noqa: ANN401
        """Return an unfitted copy with the settings that the fit chose."""


class StackedHazard(HazardEstimator):
    """Survival as the weighted mean of several hazards' survival; the weights come from cross-validation.

    Members, unless others are given: a penalised hazard with straight effects, one with curves and products, boosted
    trees, a forest, and a forest with oblique splits. Each chooses its settings by inner validation; then every member
    foretells the spells of a fold from the others', and the weights (0 or more, adding up to 1) are those with the
    lowest Brier score of these forecasts, drawn towards equal ones as if 200 events had spoken for these. There is
    nothing to tune.

    Parameters
    ----------
    members : sequence of (str, HazardEstimator), optional
        Names and estimators; they must take ``breaks`` and have ``settled``.
    weights : sequence of float, optional
        Weights to use instead of cross-validation.
    folds : int
        Folds.
    intervals : int
        Most intervals of the grid.
    breaks : sequence of float, optional
        Borders from 0 to the longest duration, instead of quantiles of the event times.
    random_state, num_threads : int, int
        Seed, and threads of LightGBM.

    Attributes
    ----------
    members_ : list of HazardEstimator
        Fitted to all spells.
    names_ : list of str
        Their names.
    weights_ : ndarray, shape (members,)
        Weights.

    References
    ----------
    Wolpert 1992, Neural Networks 5:241-259. Golmakani and Polley 2020, Int J Biostat 16(2).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 100})
    >>> y = survival_outcome([True] * 200, [1.0, 4.0, 2.0, 8.0] * 50)
    >>> stack = StackedHazard().fit(X, y)
    >>> small, large = stack.predict_survival_function(X[:2], [2.5])[:, 0]
    >>> bool(small < 0.3 < 0.7 < large)
    True
    """

    def __init__(
        self,
        *,
        members: Sequence[tuple[str, HazardEstimator]] | None = None,
        weights: Sequence[float] | None = None,
        folds: int = 5,
        intervals: int = 40,
        breaks: Sequence[float] | None = None,
        random_state: int = 0,
        num_threads: int = 1,
    ) -> None:
        self.members = members
        self.weights = weights
        self.folds = folds
        self.intervals = intervals
        self.breaks = breaks
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
        """Fit members and weights; arguments and errors as of `models.glm_hazard.PenalisedHazard.fit`."""
        table, outcome, weights = self._seen_spells(X, y, sample_weight)
        table = with_levels(table, self.categories_)
        self.breaks_ = grid_of(outcome, self.breaks, self.intervals, (), 0.0)
        self.baseline_ = baseline_hazard(person_period_table(outcome, self.breaks_), weights)
        chosen = self.members if self.members is not None else default_members(self.random_state, self.num_threads)
        self.names_ = [name for name, _ in chosen]
        grid = tuple(self.breaks_.tolist())
        self.members_ = [
            fresh(member, breaks=grid).fit(table, outcome, weights, **({} if groups is None else {"groups": groups}))
            for _, member in chosen
        ]
        if self.weights is not None:
            given = np.asarray(self.weights, dtype=np.float64)
            self.weights_ = given / given.sum()
        elif len(chosen) == 1:
            self.weights_ = np.ones(1)
        else:
            fold_of = inner_folds(outcome, self.folds, self.random_state + 1, groups)
            self.weights_ = self._validated_weights(table, outcome, weights, fold_of)
        return self

    def fit_reweighted(self, X: Covariates, y: Any, weights: Iterable[ArrayLike]) -> tuple[Self, ...]:  # noqa: N803, ANN401
        """Return one fitted copy per weights, with the settings and the members' weights of this fit."""
        return tuple(self.settled().fit(X, y, each) for each in weights)

    def settled(self) -> Self:
        """Return an unfitted copy with the settings and weights that this fit chose; members of weight 0 left out."""
        kept = [place for place, weight in enumerate(self.weights_) if weight > 0]
        return fresh(
            self,
            members=[(self.names_[place], self.members_[place].settled()) for place in kept],
            weights=[float(self.weights_[place]) for place in kept],
            breaks=tuple(self.breaks_.tolist()),
        )

    def opinions(self, X: Covariates) -> tuple[Floats, Floats]:  # noqa: N803
        """Return the members' weights and hazards, of those with a weight above 0."""
        table = self._checked_covariates(X)
        heard = np.flatnonzero(self.weights_ > 0)
        return self.weights_[heard], np.stack([self.members_[place]._hazard(table) for place in heard])

    def predict(self, X: Covariates) -> Floats:  # noqa: N803
        """Return a risk, shape (rows,): higher ends sooner; the mean of the members' risks.

        For an order, members that see different things help each other most with equal shares.
        """
        table = self._checked_covariates(X)
        mean: Floats = np.mean([self._risk(member._hazard(table)) for member in self.members_], axis=0)
        return mean

    def _hazard(self, table: pl.DataFrame) -> Floats:
        width = np.diff(self.breaks_)
        survival = np.zeros((table.height, width.size))
        for weight, member in zip(self.weights_, self.members_, strict=True):
            if weight > 0:
                survival += weight * np.exp(-np.cumsum(member._hazard(table) * width, axis=1))
        cumulative = -np.log(np.maximum(survival, 1e-300))
        hazard: Floats = np.diff(np.concatenate([np.zeros((table.height, 1)), cumulative], axis=1), axis=1) / width
        return np.maximum(hazard, 0.0)

    def _validated_weights(
        self, table: pl.DataFrame, outcome: Outcome, weights: Floats, fold_of: NDArray[np.int64]
    ) -> Floats:
        survival = np.empty((len(self.members_), table.height, self.breaks_.size))
        folds = folds_to_hold_out(fold_of, outcome.ended)
        for fold in folds:
            held_out, kept = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
            if weights[kept][outcome.ended[kept]].sum() <= 0:
                return np.full(len(self.members_), 1 / len(self.members_))
            for place, member in enumerate(self.members_):
                refit = _quick(member.settled()).fit(table[kept], outcome[kept], weights[kept])
                hazard = refit._hazard(table[held_out])
                cumulative = np.cumsum(hazard * np.diff(self.breaks_), axis=1)
                survival[place, held_out] = np.exp(-np.concatenate([np.zeros((held_out.size, 1)), cumulative], axis=1))
        foretold = np.flatnonzero(np.isin(fold_of, folds))
        best = brier_weights(survival[:, foretold], outcome[foretold], weights[foretold], self.breaks_, self.baseline_)
        share = self.n_events_ / (self.n_events_ + _EVENTS_OF_EQUAL)
        mixed: Floats = share * best + (1 - share) / best.size
        return mixed


def default_members(random_state: int = 0, num_threads: int = 1) -> list[tuple[str, HazardEstimator]]:
    """Return names and estimators of the stack's members, unfitted."""
    seeded: dict[str, Any] = {"random_state": random_state, "num_threads": num_threads}
    return [
        ("linear", PenalisedHazard(products=5, random_state=random_state)),
        ("curved", PenalisedHazard(curves=True, products=10, random_state=random_state)),
        ("boosted", DiscreteTimeHazard(**seeded)),
        ("forest", ForestHazard(**seeded)),
        ("guided_forest", ForestHazard(guides=40, features_share=0.1, **seeded)),
    ]


def _quick(member: HazardEstimator) -> HazardEstimator:
    """Return the member with no more trees than it takes to weigh it."""
    trees = member.get_params().get("trees")
    return member if trees is None else fresh(member, trees=min(trees, _TREES_TO_WEIGH))


def brier_weights(survival: Floats, outcome: Outcome, weights: Floats, breaks: Floats, baseline: Floats) -> Floats:
    """Return the weights of the members' forecasts with the lowest Brier score, weighed for censoring.

    Parameters
    ----------
    survival : ndarray, shape (members, spells, intervals + 1)
        Forecasts of spells that the members did not see, at the borders.
    outcome : Outcome
        The spells.
    weights : ndarray, shape (spells,)
        Their weights.
    breaks, baseline : ndarray
        Borders, and hazard of all spells.

    Returns
    -------
    ndarray, shape (members,)
        0 or more, adding up to 1.
    """
    ends = end_times(outcome)
    still = np.array([(ends >= border).mean() for border in breaks])
    times = np.flatnonzero((still >= _AT_RISK) & (breaks > 0))
    if not times.size:
        times = np.array([1])
    censored = Outcome((~outcome.ended).astype(np.int64), ends, outcome.entry, ends)
    stays = np.exp(-np.concatenate([[0.0], np.cumsum(_censoring(censored, weights, breaks) * np.diff(breaks))]))
    members = survival.shape[0]
    square, linear = np.zeros((members, members)), np.zeros(members)
    at_end = np.interp(ends, breaks, stays)
    at_entry = np.interp(outcome.entry, breaks, stays)
    entered = np.stack([_at_entry(curve, outcome.entry, breaks) for curve in survival])
    for time in times:
        seen = outcome.entry < breaks[time]
        there = ends > breaks[time]
        factor = np.where(
            there, 1 / np.maximum(stays[time], 1e-3), np.where(outcome.ended, 1 / np.maximum(at_end, 1e-3), 0.0)
        )
        factor = np.where(seen, factor * at_entry * weights, 0.0)
        forecast = survival[:, :, time] / entered
        square += (forecast * factor) @ forecast.T
        linear += (forecast * factor) @ there
    square += np.eye(members) * 1e-9 * np.trace(square)
    lower = np.linalg.cholesky(square)
    heavy = 1e3 * np.sqrt(np.trace(square))
    design = np.vstack([lower.T, heavy * np.ones(members)])
    target = np.concatenate([np.linalg.solve(lower, linear), [heavy]])
    found, _ = nnls(design, target)
    weighed: Floats = found / found.sum()
    return weighed


def _censoring(censored: Outcome, weights: Floats, breaks: Floats) -> Floats:
    periods = person_period_table(censored, breaks)
    exposure = weights @ periods.exposure
    hazard: Floats = periods.events(weights) / np.maximum(exposure, 1e-12)
    return hazard


def _at_entry(survival: Floats, entry: Floats, breaks: Floats) -> Floats:
    if not entry.any():
        return np.ones(entry.size)
    place = np.clip(np.searchsorted(breaks, entry, side="right") - 1, 0, breaks.size - 2)
    rows = np.arange(entry.size)
    share = (entry - breaks[place]) / (breaks[place + 1] - breaks[place])
    log = np.log(np.maximum(survival, 1e-300))
    at: Floats = np.exp(log[rows, place] * (1 - share) + log[rows, place + 1] * share)
    return np.maximum(at, 1e-6)
