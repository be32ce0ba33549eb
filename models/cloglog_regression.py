"""Weighted regression of a yes or no on the complementary log-log scale: differences are of log cumulative hazard."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST = 1e-9
_LINEAR_BOUNDS = (float(np.log(-np.log1p(-_LEAST))), float(np.log(-np.log(_LEAST))))
_STEPS, _HALVINGS = 100, 30
KNOT_QUANTILES = (0.1, 0.5, 0.9)  # Harrell 2015, Regression Modeling Strategies, table 2.3: three knots


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
    return knotted_columns(values, np.quantile(values, KNOT_QUANTILES), float(values.min()), float(values.max()))


def knotted_columns(values: Floats, knots: Floats, lowest: float, highest: float) -> Floats:
    """Return `spline_columns` for three knots; ``lowest`` and ``highest`` tell whether the values vary at all."""
    low, middle, high = knots
    straight = np.column_stack([np.ones(values.size), values])
    if not low < middle < high:
        return straight if lowest < highest else straight[:, :1]
    share = (high - middle) / (high - low), (middle - low) / (high - low)
    cubes = (np.maximum(values - knot, 0.0) ** 3 for knot in (low, middle, high))
    at_low, at_middle, at_high = cubes
    bend = (at_low - at_middle / share[0] + at_high * share[1] / share[0]) / (high - low) ** 2
    return np.column_stack([straight, bend])


def fitted_coefficients(design: Floats, happened: NDArray[np.bool_], weights: Floats, offset: Floats) -> Floats:
    """Return the coefficients that maximise the weighted binomial likelihood, by Newton steps, halved where needed.

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
    basis, triangle = np.linalg.qr(design)  # columns that are nearly alike make no step uncertain
    rows = _Rows(basis[happened], basis[~happened], weights[happened], weights[~happened])
    offsets = offset[happened], offset[~happened]
    known: Floats = np.zeros(design.shape[1])
    likelihood, slope, information = _derivatives(rows, known, offsets)
    for _ in range(_STEPS):
        step = np.linalg.lstsq(information, slope, rcond=None)[0]
        least = 1e-12 * (1 + abs(likelihood))
        if slope @ step <= least:  # twice what the step gains
            known = known + step
            break
        for _ in range(_HALVINGS):
            proposed = _derivatives(rows, known + step, offsets)
            if proposed[0] >= likelihood:
                break
            step /= 2
        else:
            break
        gained = proposed[0] - likelihood
        known, (likelihood, slope, information) = known + step, proposed
        if gained <= least:
            break
    coefficients: Floats = np.linalg.lstsq(triangle, known, rcond=None)[0]
    return coefficients


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Columns and weights of the rows that happened and of the others."""

    yes: Floats
    no: Floats
    yes_weight: Floats
    no_weight: Floats


def _derivatives(rows: _Rows, known: Floats, offsets: tuple[Floats, Floats]) -> tuple[float, Floats, Floats]:
    """Return the log-likelihood, its slope, and the observed information, which is never negative.

    With h the cumulative hazard exp(linear), the chance is 1 - exp(-h). Its logarithm has the derivative
    p = h / (exp(h) - 1), and that p * (1 - h - p); the logarithm of the other chance is -h, as its derivatives are.
    """
    yes, no = (
        np.exp(np.clip(np.einsum("ij,j->i", columns, known) + offset, *_LINEAR_BOUNDS))
        for columns, offset in zip((rows.yes, rows.no), offsets, strict=True)
    )
    growth = np.expm1(yes)
    pull, push = rows.yes_weight * (yes / growth), rows.no_weight * no
    likelihood = np.einsum("i,i", rows.yes_weight, np.log(growth) - yes) - push.sum()
    slope = np.einsum("i,ij->j", pull, rows.yes) - np.einsum("i,ij->j", push, rows.no)
    bend = pull * (yes + yes / growth - 1)
    information = _crossed(rows.yes, bend) + _crossed(rows.no, push)
    return float(likelihood), slope, information


def _crossed(columns: Floats, weights: Floats) -> Floats:
    # a product of so few columns is done before threads of the algebra library have met: einsum has none
    crossed: Floats = np.einsum("ij,ik->jk", columns, weights[:, None] * columns)
    return crossed
