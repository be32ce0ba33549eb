"""Penalties, drifts and products of a penalised hazard, chosen by its cross-validated profile likelihood."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cox_newton import Problem, fitted_hazard, maximised, profile_likelihood
from models.design_matrix import Design, possible_pairs, with_products
from models.folds import folds_to_hold_out
from models.outcome import Floats

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


def chosen_settings(
    problem: Problem, design: Design, fold_of: NDArray[np.int64], *, products: int, drifts: bool
) -> Settings:
    """Return the settings with the highest cross-validated profile likelihood.

    Parameters
    ----------
    problem : Problem
        All spells, on the columns of ``design``.
    design : Design
        Without products.
    fold_of : ndarray of int, shape (spells,)
        Of `models.folds.inner_folds`.
    products : int
        Most products of two columns.
    drifts : bool
        Whether effects may drift.
    """
    plain = without_drift(problem)
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
        theta = maximised(plain, penalties_of(design, 0, best))
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
        penalties = penalties_of(design, problem.drifting, settings)
        total = 0.0
        for place, part in enumerate(parts):
            theta = maximised(part, penalties, starts[place])
            starts[place] = theta
            total += profile_likelihood(problem, theta) - profile_likelihood(part, theta)
        yield total


def penalties_of(design: Design, drifting: int, settings: Settings) -> Floats:
    """Return the ridge penalty of each coefficient: straight ones, curves, products, drifts."""
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


def without_drift(problem: Problem) -> Problem:
    """Return the problem with effects that hold all the time."""
    return Problem(problem.periods, problem.weights, problem.columns, 0, problem.clock)


def _promising_pairs(problem: Problem, design: Design, theta: Floats, most: int) -> tuple[tuple[str, str], ...]:
    """Return the pairs whose product is most clearly lacking, by a score test that ignores the other columns."""
    pairs = possible_pairs(design)
    if not pairs.size:
        return ()
    fit = fitted_hazard(problem, theta)
    expected = (
        problem.weights
        * np.exp(bounded(problem.columns @ theta))
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


def bounded(linear: Floats) -> Floats:
    """Return linear predictors within bounds that their exponentials can bear."""
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
