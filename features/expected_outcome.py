"""What share of inhabitants without a GP the structure of a place leads one to expect."""

from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from features.frames import ExpectedOutcome
from features.scoring import INTERVAL, column

STRUCTURE = ("population", "centrality_index", "labour_market_reach", "minutes_to_region_centre", "population_density")
"""Indicators that the expectation is built from: structural, and known for every municipality."""

FOLDS = 5
RESAMPLES = 60
SIMULATIONS = 2000
COUNTY_RESAMPLES = 500

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected outcome of every municipality and how much structure explains.

    Attributes
    ----------
    outcomes : dataframely.DataFrame[ExpectedOutcome]
        One row per municipality.
    explained, explained_lower, explained_upper : float
        Share of the variation between municipalities (weighted by lists) that the expectation explains in counties it
        was not fitted on, with the 90 % interval from resampling counties; 0 means no better than the national share,
        negative worse.
    """

    outcomes: dy.DataFrame[ExpectedOutcome]
    explained: float
    explained_lower: float
    explained_upper: float


def expected_without_gp(
    values: pl.DataFrame, municipalities: pl.DataFrame, lists: pl.DataFrame, rng: np.random.Generator
) -> Expectation:
    """Expected share of inhabitants on lists without a GP, from structural indicators alone.

    A logistic regression weighted by the number of lists, always fitted on other counties than the one it speaks
    about. The interval of the expectation comes from resampling municipalities; the normal range adds that whole
    lists fall vacant, more unevenly than independent coins would (beta-binomial, its correlation estimated from the
    residuals). The expectation is no goal and no forecast: it says what comparable structure goes together with.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`, with ``patients_without_gp_share`` and `STRUCTURE`.
    municipalities : polars.DataFrame
        Contract `features.frames.Municipality`.
    lists : polars.DataFrame
        ``municipality_code``, ``value``: number of lists.
    rng : numpy.random.Generator

    Returns
    -------
    Expectation

    References
    ----------
    The idea of expected against actual: Telemarksforsking, Attraktivitetsmodellen.
    """
    places = municipalities.sort("municipality_code").join(
        lists.select("municipality_code", lists="value"), on="municipality_code", how="left"
    )
    actual = column(values, "patients_without_gp_share", "value")
    known = ~np.isnan(actual)
    structure = _structure(values)
    size = places["lists"].to_numpy().astype(float)
    counties = places["county_code"].to_numpy()
    expected = _crossfit(structure, actual, size, counties, np.flatnonzero(known))
    resampled = np.stack(
        [
            _crossfit(structure, actual, size, counties, rng.choice(np.flatnonzero(known), size=known.sum()))
            for _ in range(RESAMPLES)
        ]
    )
    spread = np.percentile(resampled, INTERVAL, axis=0)
    correlation = _intra_class_correlation(actual[known], expected[known], size[known])
    normal = _normal_range(resampled, size, correlation, known, rng)
    return Expectation(
        ExpectedOutcome.validate(
            pl.DataFrame(
                {
                    "municipality_code": places["municipality_code"],
                    "actual": actual,
                    "expected": expected,
                    "expected_lower": np.minimum(spread[0], expected),
                    "expected_upper": np.maximum(spread[1], expected),
                    "normal_lower": normal[0],
                    "normal_upper": normal[1],
                }
            ).with_columns(
                pl.when(pl.lit(pl.Series(known))).then(pl.col(name)).fill_nan(None).alias(name)
                for name in ("actual", "expected", "expected_lower", "expected_upper", "normal_lower", "normal_upper")
            )
        ),
        _explained(actual[known], expected[known], size[known]),
        *_explained_interval(actual[known], expected[known], size[known], counties[known], rng),
    )


def _structure(values: pl.DataFrame) -> Array:
    raw = np.stack([column(values, key, "value") for key in STRUCTURE], axis=1)
    logged = np.where(np.array(STRUCTURE) == "centrality_index", raw, np.log1p(raw))
    standardised: Array = (logged - logged.mean(axis=0)) / logged.std(axis=0)
    return standardised


def _crossfit(
    structure: Array, actual: Array, size: Array, counties: NDArray[np.str_], rows: NDArray[np.intp]
) -> Array:
    """Expected share of every municipality from a fit on `rows` outside its group of counties."""
    expected = np.empty(len(actual))
    for _, held_out in GroupKFold(FOLDS).split(structure, groups=counties):
        fitting = rows[~np.isin(counties[rows], counties[held_out])]
        twice = np.concatenate([fitting, fitting])
        outcome = np.repeat([1, 0], len(fitting))
        weight = np.concatenate([actual[fitting], 1 - actual[fitting]]) * size[twice]
        model = LogisticRegression(solver="newton-cholesky").fit(structure[twice], outcome, sample_weight=weight)
        expected[held_out] = model.predict_proba(structure[held_out])[:, 1]
    return expected


def _intra_class_correlation(actual: Array, expected: Array, size: Array) -> float:
    """Correlation between lists of one municipality, by moments: 0 = independent, 1 = all or none vacant."""
    variance = expected * (1 - expected)
    excess = ((actual - expected) ** 2 * size / variance - 1).sum()
    return float(np.clip(excess / (size - 1).sum(), 0.0, 0.99))


def _normal_range(
    expectations: Array, size: Array, correlation: float, known: NDArray[np.bool_], rng: np.random.Generator
) -> Array:
    concentration = (1 - correlation) / max(correlation, 1e-6)
    bounds = np.full((2, len(size)), np.nan)
    for place in np.flatnonzero(known):
        mean = rng.choice(expectations[:, place], size=SIMULATIONS)
        propensity = rng.beta(mean * concentration, (1 - mean) * concentration)
        shares = rng.binomial(int(size[place]), propensity) / size[place]
        bounds[:, place] = np.percentile(shares, INTERVAL)
    return bounds


def _explained_interval(
    actual: Array, expected: Array, size: Array, counties: NDArray[np.str_], rng: np.random.Generator
) -> tuple[float, float]:
    members = [np.flatnonzero(counties == county) for county in np.unique(counties)]
    drawn = []
    for _ in range(COUNTY_RESAMPLES):
        rows = np.concatenate([members[index] for index in rng.integers(len(members), size=len(members))])
        drawn.append(_explained(actual[rows], expected[rows], size[rows]))
    lower, upper = np.percentile(drawn, INTERVAL)
    return float(lower), float(upper)


def _explained(actual: Array, expected: Array, size: Array) -> float:
    national = np.average(actual, weights=size)
    residual = np.average((actual - expected) ** 2, weights=size)
    return float(1 - residual / np.average((actual - national) ** 2, weights=size))
