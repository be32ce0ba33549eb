"""A hazard whose expected ends equal the observed ones in every margin: shrinkage taken back."""

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from models.covariates import with_levels
from models.design_matrix import Design, design_of
from models.errors import EstimatorInputError
from models.fit_inputs import checked_weights
from models.hazard_estimator import Covariates, HazardEstimator, ended_weight, fresh, matching_outcome
from models.outcome import Floats, Outcome
from models.stacking import StackedHazard
from models.time_grid import person_period_table

_STEPS = 30
_ENOUGH = 1e-9
_PRIOR_EVENTS = 1.0  # ridge penalty of a standardised column: keeps a margin without ends finite
_FARTHEST = 10.0


class BalancedHazard(HazardEstimator):
    """Another hazard times ``exp(z @ effects)``, so that it foretells as many ends as there were in each margin.

    Whatever is validated for good forecasts of single spells is drawn towards the mean: boosting stops early, forests
    average, penalties shrink. The effect of a lever, and the curves of rare kinds of posts, are then told too small,
    and refits with the same pull do not show it in their spread. Here a Poisson regression of the observed on the
    expected ends, with the straight effects of all covariates in the first and the second half of the ends and hardly
    a penalty, takes the pull back: after it, posts with a lever and posts without have the ends that they had. It
    forecasts single spells slightly worse than what it is made of; use it for contrasts and intervals.

    Parameters
    ----------
    hazard : HazardEstimator, optional
        What is balanced; by default `models.stacking.StackedHazard`. It must have ``fit_reweighted``.

    Attributes
    ----------
    hazard_ : HazardEstimator
        Fitted.
    design_ : Design
        How covariates become columns ``z``.
    is_late_ : ndarray of bool, shape (intervals,)
        Intervals with the second half of the ends.
    effects_ : ndarray, shape (2, columns + 1)
        Logarithms of ratios per standard deviation, the last of all spells: the mean of both halves, and half of what
        the later differs by.

    References
    ----------
    Wüthrich 2020, Eur Actuar J 10:179-202 (balance). Kim, Ghorbani and Zou 2019, AIES: 247-254 (correcting a black box
    in subgroups). van der Laan and Rose 2011, Targeted Learning (updating a fit for a contrast).

    Examples
    --------
    >>> from models.hazard import DiscreteTimeHazard
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"has_supervisor": [True, False] * 100})
    >>> y = survival_outcome([True] * 200, [4.0, 1.0, 8.0, 2.0] * 50)
    >>> slow = DiscreteTimeHazard(n_estimators=2)
    >>> ratio = [np.divide(*model.fit(X, y).predict_hazard(X[:2])[:, 0]) for model in (slow, BalancedHazard(slow))]
    >>> bool(ratio[0] > 0.8 > 0.5 > ratio[1])
    True
    """

    def __init__(self, hazard: HazardEstimator | None = None) -> None:
        self.hazard = hazard

    def fit(
        self,
        X: Covariates,  # noqa: N803
        y: Any,  # noqa: ANN401
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the hazard and balance it; arguments and errors as of `models.glm_hazard.PenalisedHazard.fit`."""
        inner: Any = StackedHazard() if self.hazard is None else fresh(self.hazard)
        table, outcome, weights = self._seen_spells(X, y, sample_weight)
        inner.fit(table, outcome, weights, **({} if groups is None else {"groups": groups}))
        return self._balanced(inner, table, outcome, weights)

    def fit_reweighted(self, X: Covariates, y: Any, weights: Iterable[ArrayLike]) -> tuple[Self, ...]:  # noqa: N803, ANN401
        """Return one copy per weights: the hazard's own refit, balanced with these weights."""
        table = self._checked_covariates(X)
        outcome = matching_outcome(y, table.height)
        copies = []
        for each in weights:
            copy = fresh(self)
            copy._seen_covariates(table)
            (inner,) = self._inner().fit_reweighted(table, outcome, [each])
            copies.append(copy._balanced(inner, table, outcome, checked_weights(each, table.height)))
        return tuple(copies)

    def settled(self) -> Self:
        """Return an unfitted copy with the settings that this fit chose."""
        return fresh(self, hazard=self._inner().settled())

    def _inner(self) -> Any:  # noqa: ANN401
        if not hasattr(self.hazard_, "fit_reweighted"):
            raise EstimatorInputError("hazard", type(self.hazard_).__name__, "an estimator with fit_reweighted")
        return self.hazard_

    def opinions(self, X: Covariates) -> tuple[Floats, Floats]:  # noqa: N803
        """Return weights and hazards of the models that the hazard is made of, all balanced alike."""
        table = self._checked_covariates(X)
        weights, hazards = self.hazard_.opinions(table)
        return weights, hazards * self._ratio(table)

    def _balanced(self, inner: HazardEstimator, table: pl.DataFrame, outcome: Outcome, weights: Floats) -> Self:
        self.hazard_, self.breaks_, self.baseline_ = inner, inner.breaks_, inner.baseline_
        self.n_events_ = ended_weight(outcome, weights)
        leveled = with_levels(table, self.categories_)
        self.design_: Design = design_of(leveled, self.categories_, curves=False)
        periods = person_period_table(outcome, self.breaks_)
        before = np.cumsum(ends := periods.events(weights)) - ends
        self.is_late_ = before >= ends.sum() / 2
        columns, expected = _columns(self.design_, leveled), inner.predict_hazard(table) * periods.exposure
        halves = [expected @ half for half in (~self.is_late_, self.is_late_)]
        late = self.is_late_[periods.at]
        self.effects_ = balancing(
            np.concatenate([np.column_stack([columns, sign * columns]) for sign in (-1, 1)]),
            np.concatenate(halves),
            np.concatenate([periods.ended & ~late, periods.ended & late]),
            np.tile(weights, 2),
        ).reshape(2, -1)
        return self

    def _hazard(self, table: pl.DataFrame) -> Floats:
        hazard: Floats = self.hazard_._hazard(table) * self._ratio(table)
        return hazard

    def _ratio(self, table: pl.DataFrame) -> Floats:
        mean, change = self.effects_ @ _columns(self.design_, table).T
        sign = np.where(self.is_late_, 1.0, -1.0)
        ratio: Floats = np.exp(np.clip(mean[:, None] + sign * change[:, None], -_FARTHEST, _FARTHEST))
        return ratio


def balancing(columns: Floats, expected: Floats, ended: np.ndarray, weights: Floats) -> Floats:
    """Return the coefficients with which expected ends equal observed ones in every column.

    They maximise a Poisson likelihood of the ends with ``log(expected)`` as offset, less a ridge penalty of one event.

    Parameters
    ----------
    columns : ndarray, shape (spells, columns)
        Standardised, and one of ones.
    expected : ndarray, shape (spells,)
        Ends that the hazard foretells, >= 0.
    ended : ndarray of bool, shape (spells,)
        What happened.
    weights : ndarray, shape (spells,)
        Weight of each spell.

    Examples
    --------
    >>> columns, ended = np.column_stack([[1.0, -1.0] * 50, np.ones(100)]), np.array([True, False] * 50)
    >>> found = balancing(columns, np.full(100, 0.5), ended, np.ones(100))
    >>> bool(found[0] > 1)
    True
    """
    penalty = np.full(columns.shape[1], _PRIOR_EVENTS)
    theta = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        rate = weights * expected * np.exp(np.clip(columns @ theta, -_FARTHEST, _FARTHEST))
        slope = columns.T @ (weights * ended - rate) - penalty * theta
        step = np.linalg.solve(columns.T @ (rate[:, None] * columns) + np.diag(penalty), slope)
        theta = theta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(slope @ step)) < _ENOUGH:
            break
    return theta


def _columns(design: Design, table: pl.DataFrame) -> Floats:
    straight = design.columns(table)
    return np.column_stack([straight, np.ones(straight.shape[0])])
