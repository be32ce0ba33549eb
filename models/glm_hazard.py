"""A penalised log-linear hazard with a free baseline: straight or curved effects, effects that drift, products."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.cox_newton import Problem, fitted_hazard, maximised, profile_likelihood
from models.design_matrix import Design, design_of, possible_pairs, with_products
from models.folds import folds_to_hold_out, inner_folds
from models.hazard_estimator import Covariates, HazardEstimator, fresh
from models.outcome import Floats
from models.time_grid import (
    PersonPeriods,
    baseline_hazard,
    grid_of,
    person_period_table,
)

_PENALTIES = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
_CURVE_FACTORS = (1.0, 10.0, 100.0)
_DRIFT_FACTORS = (1.0, 10.0)
_PRODUCT_FACTOR = 3.0
_NEVER = 1e8  # a penalty under which a coefficient is 0
_CLEAR = 3.0  # standard errors from 0 at which a product is tried


@dataclass(frozen=True, slots=True)
class Settings:
    """What inner validation chose.

    Attributes
    ----------
    penalty : float
        Ridge penalty of straight effects, in events.
    curve_factor, drift_factor : float
        Penalties of curves and drifts, as multiples; infinite where they are left out.
    products : tuple of (str, str)
        Labels of the linear columns whose product is a column.
    """

    penalty: float
    curve_factor: float
    drift_factor: float
    products: tuple[tuple[str, str], ...] = ()


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
            self.settings_ = _chosen(
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
        problem = problem if np.isfinite(self.settings_.drift_factor) else _without_drift(problem)
        theta = maximised(problem, _penalties(self.design_, problem.drifting, self.settings_))
        self.coefficients_ = fitted_hazard(problem, theta)
        return self

    def settled(self) -> Self:
        """Return an unfitted copy with the settings that this fit chose."""
        return fresh(self, settings=self.settings_)

    def linear_predictor(self, X: Covariates) -> Floats:  # noqa: N803
        """Return the sum of the effects that hold all the time, shape (rows,)."""
        columns = self.design_.columns(self._checked_covariates(X))
        return _bounded(columns @ self.coefficients_.beta)

    def _hazard(self, table: pl.DataFrame) -> Floats:
        columns, fit = self.design_.columns(table), self.coefficients_
        linear = _bounded(columns @ fit.beta)[:, None] + fit.log_baseline
        if fit.drift.size:
            linear = linear + (columns[:, : fit.drift.size] @ fit.drift)[:, None] * self.clock_
        hazard: Floats = np.exp(np.clip(linear, -60.0, 60.0))
        return hazard

    def _problem(self, design: Design, table: pl.DataFrame, periods: PersonPeriods, weights: Floats) -> Problem:
        columns = design.columns(table)
        return Problem(periods, weights, columns, design.linear if self.drifts else 0, self.clock_)


def _chosen(problem: Problem, design: Design, fold_of: NDArray[np.int64], *, products: int, drifts: bool) -> Settings:
    plain = _without_drift(problem)
    curve_factors = _CURVE_FACTORS if design.knots else (float("inf"),)
    best, score = Settings(_PENALTIES[0], float("inf"), float("inf")), -np.inf
    for factor in curve_factors:
        tried = [Settings(penalty, factor, float("inf")) for penalty in _PENALTIES]
        for settings, found in zip(tried, _validated(plain, design, fold_of, tried), strict=True):
            if found > score:
                best, score = settings, found
    if drifts and problem.drifting:
        tried = [Settings(best.penalty, best.curve_factor, factor) for factor in _DRIFT_FACTORS]
        for settings, found in zip(tried, _validated(problem, design, fold_of, tried), strict=True):
            if found > score:
                best, score = settings, found
    if products:
        theta = maximised(plain, _penalties(design, 0, best))
        if pairs := _promising_pairs(plain, design, theta, products):
            settings = Settings(best.penalty, best.curve_factor, best.drift_factor, pairs)
            richer = with_products(design, pairs)
            wide = np.column_stack([problem.columns, _products(problem.columns, richer.products)])
            drifting = problem.drifting if np.isfinite(best.drift_factor) else 0
            candidate = Problem(problem.periods, problem.weights, wide, drifting, problem.clock)
            if next(_validated(candidate, richer, fold_of, [settings])) > score:
                best = settings
    return best


def _validated(
    problem: Problem, design: Design, fold_of: NDArray[np.int64], tried: Sequence[Settings]
) -> Iterator[float]:
    """Yield the cross-validated profile log-likelihood of each setting, from strong to weak penalties."""
    folds = folds_to_hold_out(fold_of, problem.periods.ended)
    parts = [problem.part(fold_of != fold) for fold in folds]
    starts: list[Floats | None] = [None] * folds.size
    for settings in tried:
        penalties = _penalties(design, problem.drifting, settings)
        total = 0.0
        for place, part in enumerate(parts):
            theta = maximised(part, penalties, starts[place])
            starts[place] = theta
            total += profile_likelihood(problem, theta) - profile_likelihood(part, theta)
        yield total


def _penalties(design: Design, drifting: int, settings: Settings) -> Floats:
    curves = sum(knots.size - 2 for _, knots in design.knots)
    curve_penalty = settings.penalty * settings.curve_factor if np.isfinite(settings.curve_factor) else _NEVER
    drift_penalty = settings.penalty * settings.drift_factor if np.isfinite(settings.drift_factor) else _NEVER
    return np.concatenate(
        [
            np.full(design.linear, settings.penalty),
            np.full(curves, curve_penalty),
            np.full(len(design.products), settings.penalty * _PRODUCT_FACTOR),
            np.full(drifting, drift_penalty),
        ]
    )


def _without_drift(problem: Problem) -> Problem:
    return Problem(problem.periods, problem.weights, problem.columns, 0, problem.clock)


def _promising_pairs(problem: Problem, design: Design, theta: Floats, most: int) -> tuple[tuple[str, str], ...]:
    """Return the pairs whose product is most clearly lacking, by a score test that ignores the other columns."""
    pairs = possible_pairs(design)
    if not pairs.size:
        return ()
    fit = fitted_hazard(problem, theta)
    expected = (
        problem.weights
        * np.exp(_bounded(problem.columns @ theta))
        * (problem.periods.exposure @ np.exp(fit.log_baseline))
    )
    left_over = problem.weights * problem.periods.ended - expected
    linear = problem.columns[:, : design.linear]
    score = linear.T @ (left_over[:, None] * linear)
    spread = np.sqrt((linear**2).T @ (expected[:, None] * linear**2))
    clear = np.abs(score / np.maximum(spread, 1e-12))[pairs[:, 0], pairs[:, 1]]
    order = [place for place in np.argsort(-clear, kind="stable")[:most] if clear[place] > _CLEAR]
    labels = design.labels
    return tuple((labels[pairs[place, 0]], labels[pairs[place, 1]]) for place in order)


def _products(columns: Floats, pairs: tuple[tuple[int, int], ...]) -> Floats:
    left, right = np.array(pairs).T
    product: Floats = columns[:, left] * columns[:, right]
    return product


def _clock(periods: PersonPeriods, weights: Floats) -> Floats:
    middle = np.log((periods.breaks[:-1] + periods.breaks[1:]) / 2)
    events = periods.events(weights)
    mean = float(events @ middle / events.sum())
    spread = float(np.sqrt(events @ (middle - mean) ** 2 / events.sum()))
    clock: Floats = (middle - mean) / max(spread, 1e-9) if spread > 1e-9 else np.zeros(middle.size)
    return np.clip(clock, -3.0, 3.0)


def _bounded(linear: Floats) -> Floats:
    bounded: Floats = np.clip(linear, -30.0, 30.0)
    return bounded


def settings_document(settings: Settings) -> Mapping[str, Any]:
    """Return settings as plain values that JSON can hold."""
    return {
        "penalty": settings.penalty,
        "curve_factor": settings.curve_factor if np.isfinite(settings.curve_factor) else None,
        "drift_factor": settings.drift_factor if np.isfinite(settings.drift_factor) else None,
        "products": [list(pair) for pair in settings.products],
    }


def settings_from_document(values: Mapping[str, Any]) -> Settings:
    """Return the settings that `settings_document` turned into plain values."""
    return Settings(
        penalty=float(values["penalty"]),
        curve_factor=float("inf") if values["curve_factor"] is None else float(values["curve_factor"]),
        drift_factor=float("inf") if values["drift_factor"] is None else float(values["drift_factor"]),
        products=tuple((str(left), str(right)) for left, right in values["products"]),
    )
