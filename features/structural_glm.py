"""What the structure of a place leads one to expect of an outcome: a penalised GLM, always fitted on other counties."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from features.conjugate import TAILS, Array, BetaBinomial, Family
from features.errors import InvalidInputError

STRUCTURE = ("population", "centrality_index", "labour_market_reach", "minutes_to_region_centre", "population_density")
"""Indicators that expectations are built from: structural, not made of GP figures, and known for every municipality."""

CURVED = ("population", "centrality_index")
"""Those whose square enters as well; leaving counties out in turn, it improved both outcomes (bench/RESULTS.md)."""

UNLOGGED = ("centrality_index",)
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
NEWTON_STEPS = 30
CONVERGED = 1e-8


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Expectation of every place from fits on the counties that it does not lie in.

    Attributes
    ----------
    mean : numpy.ndarray
        The expectation, on the scale of the outcome.
    variance : numpy.ndarray
        Its variance from fitting on a sample, on the same scale.
    lower, upper : numpy.ndarray
        Bounds of its 90 % interval.
    penalty : numpy.ndarray
        Penalty chosen for the fit that speaks about the place.
    """

    mean: Array
    variance: Array
    lower: Array
    upper: Array
    penalty: Array


def structure_matrix(rows: Mapping[str, Mapping[str, Array]], curved: tuple[str, ...] = CURVED) -> Array:
    """Structure of every place: a column of ones, `STRUCTURE` standardised (sizes by their logarithm), and squares.

    Parameters
    ----------
    rows : Mapping[str, Mapping[str, numpy.ndarray]]
        From `features.shrinkage.indicator_rows`.
    curved : tuple[str, ...]
        Which squares to add.

    Raises
    ------
    InvalidInputError
        If a place lacks one of the structural figures.
    """
    raw = np.stack([rows[key]["value"] for key in STRUCTURE], axis=1)
    if np.isnan(raw).any():
        lacking = STRUCTURE[int(np.flatnonzero(np.isnan(raw).any(axis=0))[0])]
        raise InvalidInputError(
            "values", f"{lacking} without a value", "structure that is known for every municipality"
        )
    logged = _standardised(np.where(np.isin(STRUCTURE, UNLOGGED), raw, np.log1p(raw)))
    squares = _standardised(logged[:, [STRUCTURE.index(key) for key in curved]] ** 2)
    return np.concatenate([np.ones((len(raw), 1)), logged, squares], axis=1)


def held_out_expectation(
    family: Family,
    structure: Array,
    outcome: Array,
    weight: Array,
    counties: NDArray[np.str_],
    penalties: tuple[float, ...] = PENALTIES,
) -> HeldOut:
    """Expectation of every place from a ridge-penalised GLM fitted on the other counties.

    Logistic for shares, linear for means. The penalty of each fit is the one that predicts best when each of its own
    counties is left out in turn. The interval is that of the fit (sandwich estimate, places independent).

    Parameters
    ----------
    family : Family
        `BetaBinomial` for shares, `Normal` for means.
    structure : numpy.ndarray of shape (places, columns)
        From `structure_matrix`; the first column is not penalised.
    outcome, weight : numpy.ndarray
        A place whose outcome is NaN gets an expectation, but has no say in any.
    counties : numpy.ndarray
        County of every place.

    References
    ----------
    White 1982, Econometrica 50(1), 1-25 (sandwich variance). Stone 1974, J. R. Statist. Soc. B 36(2), 111-147
    (choosing and judging by what was left out).
    """
    told = ~np.isnan(outcome)
    figures = np.where(told, outcome, 0.0)
    scaled = np.where(told, weight, 0.0) / np.mean(weight[told])
    _, county = np.unique(counties, return_inverse=True)
    outside = scaled * (county != np.arange(county.max() + 1)[:, None])
    chosen = _chosen_penalties(family, structure, figures, scaled, county, np.array(penalties))
    coefficients = penalised_fits(family, structure, figures, outside, chosen)
    linear, variance = np.empty(len(figures)), np.empty(len(figures))
    for held_out, (fitted, weights, penalty) in enumerate(zip(coefficients, outside, chosen, strict=True)):
        rows = structure[county == held_out]
        linear[county == held_out] = rows @ fitted
        spread = _sandwich(family, structure, figures, weights, penalty, fitted)
        variance[county == held_out] = np.einsum("ij,jk,ik->i", rows, spread, rows)
    half = ndtri(1 - TAILS / 2) * np.sqrt(variance)
    mean = _mean(family, linear)
    return HeldOut(
        mean,
        variance * _slope(family, mean) ** 2,
        _mean(family, linear - half),
        _mean(family, linear + half),
        chosen[county],
    )


def penalised_fits(family: Family, structure: Array, outcome: Array, weights: Array, penalties: Array) -> Array:
    """Coefficients of many GLMs that differ in weights and penalty, shape (fits, columns).

    All take their Newton steps together: the moments of all fits are one product of matrices.

    Parameters
    ----------
    weights : numpy.ndarray of shape (fits, places)
    penalties : numpy.ndarray of shape (fits,)
    """
    columns = structure.shape[1]
    products = (structure[:, :, None] * structure[:, None, :]).reshape(len(structure), -1)
    penalised = np.eye(columns)
    penalised[0, 0] = 0.0
    coefficients = np.zeros((len(weights), columns))
    coefficients[:, 0] = _link(family, (weights @ outcome) / weights.sum(axis=1))
    for _ in range(NEWTON_STEPS):
        mean = _mean(family, coefficients @ structure.T)
        gradient = (weights * (outcome - mean)) @ structure - penalties[:, None] * (coefficients @ penalised)
        curvature = ((weights * _slope(family, mean)) @ products).reshape(-1, columns, columns)
        step = np.linalg.solve(curvature + penalties[:, None, None] * penalised, gradient[:, :, None])[:, :, 0]
        coefficients += step
        if np.abs(step).max() <= CONVERGED * (1 + np.abs(coefficients).max()):
            return coefficients
    raise InvalidInputError("outcome", f"no fit after {NEWTON_STEPS} steps", "shares or means that structure can fit")


def _chosen_penalties(
    family: Family, structure: Array, outcome: Array, weight: Array, county: NDArray[np.intp], penalties: Array
) -> Array:
    """Penalty of the fit that leaves out each county.

    A fit without two counties judges both: each is predicted for the sake of the other one's fit.
    """
    count = int(county.max()) + 1
    if len(penalties) == 1:
        return np.full(count, penalties[0])
    first, second = np.array(list(combinations(range(count), 2))).T
    outside = weight * ((county != first[:, None]) & (county != second[:, None]))
    fits = penalised_fits(
        family, structure, outcome, np.repeat(outside, len(penalties), axis=0), np.tile(penalties, len(outside))
    )
    linear = fits @ structure.T
    lost = (weight * (_cumulant(family, linear) - outcome * linear)) @ np.eye(count)[county]
    by_pair = lost.reshape(len(outside), len(penalties), count)
    pairs = np.arange(len(outside))
    total = np.zeros((count, len(penalties)))
    np.add.at(total, first, by_pair[pairs, :, second])
    np.add.at(total, second, by_pair[pairs, :, first])
    chosen: Array = penalties[total.argmin(axis=1)]
    return chosen


def _sandwich(family: Family, structure: Array, outcome: Array, weights: Array, penalty: float, fitted: Array) -> Array:
    """Variance of the coefficients of one fit."""
    mean = _mean(family, structure @ fitted)
    penalised = penalty * np.eye(len(fitted))
    penalised[0, 0] = 0.0
    bread = np.linalg.inv((structure.T * (weights * _slope(family, mean))) @ structure + penalised)
    scores = structure * (weights * (outcome - mean))[:, None]
    variance: Array = bread @ (scores.T @ scores) @ bread
    return variance


def _standardised(columns: Array) -> Array:
    standardised: Array = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    return standardised


def _link(family: Family, mean: Array) -> Array:
    return np.asarray(logit(mean)) if isinstance(family, BetaBinomial) else mean


def _mean(family: Family, linear: Array) -> Array:
    return np.asarray(expit(linear)) if isinstance(family, BetaBinomial) else linear


def _slope(family: Family, mean: Array) -> Array:
    return mean * (1 - mean) if isinstance(family, BetaBinomial) else np.ones_like(mean)


def _cumulant(family: Family, linear: Array) -> Array:
    """Log-likelihood is ``outcome * linear - cumulant``, up to a constant."""
    return np.logaddexp(0.0, linear) if isinstance(family, BetaBinomial) else linear**2 / 2
