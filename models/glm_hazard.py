"""A penalised log-linear hazard with a free baseline: straight or curved effects, effects that drift, products."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from models.cox_newton import Problem, fitted_hazard, maximised
from models.design_matrix import Design, design_of, with_products
from models.folds import inner_folds
from models.glm_settings import Settings, bounded, chosen_settings, penalties_of, without_drift
from models.hazard_estimator import Covariates, HazardEstimator, fresh
from models.outcome import Floats
from models.time_grid import (
    PersonPeriods,
    baseline_hazard,
    grid_of,
    person_period_table,
)


class PenalisedHazard(HazardEstimator):
    """Cox's model on a grid of time, with a ridge penalty, chosen by cross-validation, and what may be lacking in it.

    The baseline is free in every interval and has no penalty. Straight effects get a ridge penalty; curves (restricted
    cubic splines), drifts (effects that change with the logarithm of time) and products of two covariates get a
    stronger one, and enter only where that raises the cross-validated profile likelihood.

    Parameters
    ----------
    curves : bool
        Whether numbers may have curved effects.
    drifts : bool
        Whether straight effects may change over time.
    products : int
        Most products of two covariates.
    intervals : int
        Most intervals of the grid; their borders are quantiles of the event times.
    breaks : sequence of float, optional
        Borders from 0 to the longest duration, instead of quantiles.
    spikes : sequence of float
        Times at which many end at once, such as the end of an obligation: each gets an interval, and so a baseline
        term, of its own.
    spike_width : float
        Half the width of such an interval.
    folds : int
        Folds of the inner validation.
    settings : Settings, optional
        Settings to use instead of inner validation.
    random_state : int
        Seed of the folds.

    Attributes
    ----------
    settings_ : Settings
        What was chosen.
    design_ : Design
        How covariates become columns.
    coefficients_ : LinearHazard
        Effects and baseline.

    References
    ----------
    Cox 1972, J R Stat Soc B 34:187-220. Verweij and van Houwelingen 1993, Stat Med 12:2305-2314 (cross-validated
    likelihood). Friedman 1982, Ann Stat 10:101-113 (the grid).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200})
    >>> y = survival_outcome([True] * 400, [1.0, 4.0, 2.0, 8.0] * 100)
    >>> small, large = PenalisedHazard().fit(X, y).predict_survival_function(X[:2], [2.5])[:, 0]
    >>> bool(small < 0.3 < 0.7 < large)
    True
    """

    def __init__(
        self,
        *,
        curves: bool = False,
        drifts: bool = True,
        products: int = 0,
        intervals: int = 40,
        breaks: Sequence[float] | None = None,
        spikes: Sequence[float] = (),
        spike_width: float = 0.05,
        folds: int = 5,
        settings: Settings | None = None,
        random_state: int = 0,
    ) -> None:
        self.curves = curves
        self.drifts = drifts
        self.products = products
        self.intervals = intervals
        self.breaks = breaks
        self.spikes = spikes
        self.spike_width = spike_width
        self.folds = folds
        self.settings = settings
        self.random_state = random_state

    def fit(
        self,
        X: Covariates,  # noqa: N803
        y: Any,  # noqa: ANN401
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the hazard.

        Parameters
        ----------
        X : DataFrame or array, shape (spells, covariates)
            Covariates at the start; text, Categorical and Enum columns are categories, gaps are allowed.
        y : structured array
            Of `models.outcome.survival_outcome`; every cause of an end counts as the end.
        sample_weight : array-like, optional
            Weight of each spell, >= 0.
        groups : array-like, optional
            Person or employer of each spell, held out together in the inner validation.

        Raises
        ------
        EstimatorInputError
            If X and y do not fit each other, a value is impossible, or no spell ended.
        """
        table, outcome, weights = self._seen_spells(X, y, sample_weight)
        self.breaks_ = grid_of(outcome, self.breaks, self.intervals, self.spikes, self.spike_width)
        periods = person_period_table(outcome, self.breaks_)
        self.baseline_ = baseline_hazard(periods, weights)
        self.clock_ = _clock(periods, weights)
        design = design_of(table, self.categories_, curves=self.curves)
        if self.settings is None:
            fold_of = inner_folds(outcome, self.folds, self.random_state, groups)
            self.settings_ = chosen_settings(
                self._problem(design, table, periods, weights),
                design,
                fold_of,
                products=self.products,
                drifts=self.drifts,
            )
        else:
            self.settings_ = self.settings
        self.design_ = with_products(design, self.settings_.products)
        problem = self._problem(self.design_, table, periods, weights)
        problem = problem if np.isfinite(self.settings_.drift_factor) else without_drift(problem)
        theta = maximised(problem, penalties_of(self.design_, problem.drifting, self.settings_))
        self.coefficients_ = fitted_hazard(problem, theta)
        return self

    def settled(self) -> Self:
        """Return an unfitted copy with the settings that this fit chose."""
        return fresh(self, settings=self.settings_)

    def linear_predictor(self, X: Covariates) -> Floats:  # noqa: N803
        """Return the sum of the effects that hold all the time, shape (rows,)."""
        columns = self.design_.columns(self._checked_covariates(X))
        return bounded(columns @ self.coefficients_.beta)

    def _hazard(self, table: pl.DataFrame) -> Floats:
        columns, fit = self.design_.columns(table), self.coefficients_
        linear = bounded(columns @ fit.beta)[:, None] + fit.log_baseline
        if fit.drift.size:
            linear = linear + (columns[:, : fit.drift.size] @ fit.drift)[:, None] * self.clock_
        hazard: Floats = np.exp(np.clip(linear, -60.0, 60.0))
        return hazard

    def _problem(self, design: Design, table: pl.DataFrame, periods: PersonPeriods, weights: Floats) -> Problem:
        columns = design.columns(table)
        return Problem(periods, weights, columns, design.linear if self.drifts else 0, self.clock_)


def _clock(periods: PersonPeriods, weights: Floats) -> Floats:
    middle = np.log((periods.breaks[:-1] + periods.breaks[1:]) / 2)
    events = periods.events(weights)
    mean = float(events @ middle / events.sum())
    spread = float(np.sqrt(events @ (middle - mean) ** 2 / events.sum()))
    clock: Floats = (middle - mean) / max(spread, 1e-9) if spread > 1e-9 else np.zeros(middle.size)
    return np.clip(clock, -3.0, 3.0)
