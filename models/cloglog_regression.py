"""Weighted regression of a yes or no on the complementary log-log scale: differences are of log cumulative hazard."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST = 1e-9
_STEPS, _HALVINGS = 100, 30
_KNOT_QUANTILES = (0.1, 0.5, 0.9)  # Harrell 2015, Regression Modeling Strategies, table 2.3: three knots


def cloglog(probability: Floats) -> Floats:
    """Return ``log(-log(1 - p))``, with p held a billionth away from 0 and 1.

    Examples
    --------
    >>> cloglog(np.array([1 - np.exp(-1.0)])).tolist()
    [0.0]
    """
    kept = np.clip(probability, _LEAST, 1 - _LEAST)
    transformed: Floats = np.log(-np.log1p(-kept))
    return transformed


def from_cloglog(transformed: Floats) -> Floats:
    """Return the probabilities ``1 - exp(-exp(z))``."""
    probability: Floats = -np.expm1(-np.exp(np.clip(transformed, -40.0, 5.0)))
    return probability


def spline_columns(values: Floats) -> Floats:
    """Return columns 1, x, and a cubic that is straight beyond the outer knots; fewer where values hardly vary.

    References
    ----------
    Durrleman and Simon 1989, Stat Med 8(5):551-561 (restricted cubic splines).
    """
    low, middle, high = np.quantile(values, _KNOT_QUANTILES)
    straight = np.column_stack([np.ones(values.size), values])
    if not low < middle < high:
        return straight if values.min() < values.max() else straight[:, :1]
    share = (high - middle) / (high - low), (middle - low) / (high - low)
    cubes = (np.maximum(values - knot, 0.0) ** 3 for knot in (low, middle, high))
    at_low, at_middle, at_high = cubes
    bend = (at_low - at_middle / share[0] + at_high * share[1] / share[0]) / (high - low) ** 2
    return np.column_stack([straight, bend])


def fitted_coefficients(design: Floats, happened: NDArray[np.bool_], weights: Floats, offset: Floats) -> Floats:
    """Return the coefficients that maximise the weighted binomial likelihood, by scoring with halved steps.

    Parameters
    ----------
    design : ndarray, shape (rows, columns)
        Of full rank.
    happened : ndarray of bool, shape (rows,)
        What came of each row.
    weights : ndarray, shape (rows,)
        Non-negative; 0 where the outcome is unknown.
    offset : ndarray, shape (rows,)
        Part of the linear predictor that is given.

    References
    ----------
    Scheike, Zhang and Gerds 2008, Biometrika 95(1):205-220 (binomial regression with censoring weights).

    Examples
    --------
    >>> ones = np.ones((4, 1))
    >>> fitted = fitted_coefficients(ones, np.array([True, True, True, False]), np.ones(4), np.zeros(4))
    >>> from_cloglog(fitted).round(6).tolist()
    [0.75]
    """
    coefficients: Floats = np.zeros(design.shape[1])
    likelihood = _likelihood(design @ coefficients + offset, happened, weights)
    for _ in range(_STEPS):
        step = _scoring_step(design, design @ coefficients + offset, happened, weights)
        for _ in range(_HALVINGS):
            proposed = _likelihood(design @ (coefficients + step) + offset, happened, weights)
            if proposed >= likelihood:
                break
            step /= 2
        else:
            break
        coefficients, gained, likelihood = coefficients + step, proposed - likelihood, proposed
        if gained <= 1e-12 * (1 + abs(likelihood)):
            break
    return coefficients


def _scoring_step(design: Floats, linear: Floats, happened: NDArray[np.bool_], weights: Floats) -> Floats:
    chance = np.clip(from_cloglog(linear), _LEAST, 1 - _LEAST)
    slope = -(1 - chance) * np.log1p(-chance)
    information = weights * slope**2 / (chance * (1 - chance))
    root = np.sqrt(information)[:, None] * design
    target = np.sqrt(information) * (happened - chance) / slope
    return np.linalg.lstsq(root, target, rcond=None)[0].astype(np.float64)


def _likelihood(linear: Floats, happened: NDArray[np.bool_], weights: Floats) -> float:
    chance = np.clip(from_cloglog(linear), _LEAST, 1 - _LEAST)
    return float(weights @ np.where(happened, np.log(chance), np.log1p(-chance)))
