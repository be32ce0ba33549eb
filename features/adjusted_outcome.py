"""Outcomes beside what the structure of a place leads one to expect: what is left is performance and chance."""

from collections.abc import Mapping
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, ndtr, ndtri

from features.catalogue import Catalogue, Indicator
from features.conjugate import TAILS, Array, BetaBinomial, Family, Normal
from features.errors import InvalidInputError
from features.frames import AdjustedOutcome
from features.group_priors import Prior, fitted_strength, updated
from features.shrinkage import Evidence, evidence, indicator_rows
from features.structural_glm import HeldOut, held_out_expectation, structure_matrix

OUTCOMES = ("patients_without_gp_share", "list_length_mean")
"""Vacancy and list pressure.

Pressure is the mean list length: its size differs between places and structure explains most of that. Capacity use does
not tell places apart (half of them lie within 100-106 % room), because each doctor sets the ceiling.
"""

COUNTY_RESAMPLES = 500

SMALLEST_STRENGTH = 1e-3
"""Of a beta distribution so uncertain that its variance could not be had otherwise."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Share of the variation between municipalities that structure explains in counties it was not fitted on.

    Weighted by lists, with the 90 % interval from resampling counties; 0 means no better than the national mean,
    negative worse.
    """

    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class AdjustedOutcomes:
    """Every municipality's outcomes beside their expectation, and how much structure explains of each outcome."""

    outcomes: dy.DataFrame[AdjustedOutcome]
    explained: Mapping[str, Explained]


def adjusted_outcomes(
    values: pl.DataFrame,
    municipalities: pl.DataFrame,
    catalogue: Catalogue,
    rng: np.random.Generator,
    outcomes: tuple[str, ...] = OUTCOMES,
) -> AdjustedOutcomes:
    """Outcomes less what structure leads one to expect, with intervals.

    The expectation comes from a penalised GLM on `features.structural_glm.STRUCTURE` that never saw the county it
    speaks about. It is no goal and no forecast: it says what comparable structure goes together with. The published
    value is drawn towards it as far as chance may explain the distance, so that one departure from a place with three
    lists is not taken for bad performance.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    municipalities : polars.DataFrame
        Contract `features.frames.Municipality`.
    rng : numpy.random.Generator
        Resamples counties.
    outcomes : tuple[str, ...]
        Indicators whose uncertainty is that of a share or a mean.

    Raises
    ------
    InvalidInputError
        If an outcome is neither a share nor a mean.

    References
    ----------
    The idea of expected against actual: Telemarksforsking, Attraktivitetsmodellen. Spiegelhalter 2005, Funnel plots for
    comparing institutional performance, Statist. Med. 24(8), 1185-1202 (over-dispersed limits).
    """
    rows = indicator_rows(values)
    places = municipalities.sort("municipality_code")
    counties = places["county_code"].to_numpy()
    structure = structure_matrix(rows)
    parts, explained = [], {}
    for key in outcomes:
        entry = catalogue.indicator(key)
        found = evidence(entry, rows[key])
        expected, prior = _expectation(entry, found, structure, counties)
        parts.append(_rows(places["municipality_code"], entry, found, expected, prior))
        explained[key] = explained_share(found.raw, expected.mean, found.size, counties, rng)
    return AdjustedOutcomes(
        AdjustedOutcome.validate(pl.concat(parts).sort("municipality_code", maintain_order=True)), explained
    )


def explained_share(
    actual: Array, expected: Array, size: Array, counties: NDArray[np.str_], rng: np.random.Generator
) -> Explained:
    """One less the squared error of the expectation over that of the national mean, places weighted by `size`."""
    told = ~np.isnan(actual)
    actual, expected, size = actual[told], expected[told], size[told]
    _, county = np.unique(counties[told], return_inverse=True)
    moments = np.stack([size, size * actual, size * actual**2, size * (actual - expected) ** 2], axis=1)
    by_county = np.eye(county.max() + 1)[county].T @ moments
    drawn = rng.integers(len(by_county), size=(COUNTY_RESAMPLES, len(by_county)))
    sums = np.concatenate([by_county.sum(axis=0)[None], by_county[drawn].sum(axis=1)])
    weights, first, second, error = sums.T
    shares = 1 - error / (second - first**2 / weights)
    lower, upper = np.percentile(shares[1:], (100 * TAILS / 2, 100 * (1 - TAILS / 2)))
    return Explained(float(shares[0]), float(lower), float(upper))


def _expectation(
    entry: Indicator, found: Evidence, structure: Array, counties: NDArray[np.str_]
) -> tuple[HeldOut, Prior]:
    """Expectation of every place and, where it has a figure, what is believed about it before looking at the figure.

    A place's say in the expectation grows with what its figure rests on, but to no more than twice that of the median
    place, since places of the same structure differ by more than chance. Estimating how much they differ would let the
    outcomes of a county into its own expectation; held-out likelihood hardly moves with the weights.
    """
    if not isinstance(found.family, BetaBinomial | Normal) or found.is_logarithm:
        raise InvalidInputError("outcomes", entry.key, "indicators that are a share or a mean")
    family, told = found.family, ~np.isnan(found.raw)
    raw, size = found.raw[told], found.size[told]
    weight = np.where(told, family.spread_size(found.size, np.full_like(found.size, np.median(size))), 0.0)
    expected = held_out_expectation(family, structure, found.raw, weight, counties)
    mean = expected.mean[told]
    log_strength, log_variance = fitted_strength(family, raw, size, mean)
    return expected, Prior(
        mean, expected.variance[told], family.strength(log_strength, mean), log_strength, log_variance
    )


def _rows(codes: pl.Series, entry: Indicator, found: Evidence, expected: HeldOut, prior: Prior) -> pl.DataFrame:
    told = ~np.isnan(found.raw)
    raw, size = found.raw[told], found.size[told]
    shrunk, variance, own = updated(found.family, raw, size, prior)
    # An expectation set too high draws the shrunk value up with it, by less than it takes from the residual.
    residual_variance = variance + (own**2 - (1 - own) ** 2) * prior.mean_variance
    below, above = found.family.interval(shrunk, residual_variance)
    residual = shrunk - prior.mean
    normal, below_figure = chance_range(found.family, raw, size, prior)
    normal = np.clip(normal, *entry.bounds)
    worse = 100 * (below_figure if entry.direction == "up" else 1 - below_figure[::-1])
    columns = {
        "actual": raw,
        "shrunk": shrunk,
        "expected": prior.mean,
        "expected_lower": expected.lower[told],
        "expected_upper": expected.upper[told],
        "normal_lower": normal[0],
        "normal_upper": normal[1],
        "residual": residual,
        "residual_lower": np.minimum(below - prior.mean, residual),
        "residual_upper": np.maximum(above - prior.mean, residual),
        "adjusted_score": worse[1],
        "score_ties_lost": worse[0],
        "score_ties_won": worse[2],
    }
    rows = pl.DataFrame({"municipality_code": codes.filter(pl.Series(told)), "outcome": entry.key} | columns)
    everywhere = pl.DataFrame({"municipality_code": codes, "outcome": entry.key})
    return everywhere.join(rows, on=["municipality_code", "outcome"], how="left", maintain_order="left")


def chance_range(family: Family, raw: Array, size: Array, prior: Prior) -> tuple[Array, Array]:
    """What chance does in places of this structure and size: the range that holds 90 %, and where the figure falls.

    For shares, whole members (lists) count: beta-binomial. A figure between two whole numbers of members takes its
    place between theirs.

    Returns
    -------
    range : numpy.ndarray of shape (2, places)
    below : numpy.ndarray of shape (3, places)
        Share of such places that lie below the figure; with half of those that tie with it; with all of them.
    """
    spread = family.prior_variance(prior.strength, prior.mean) + prior.mean_variance
    if not isinstance(family, BetaBinomial):
        deviation = np.sqrt(1 / size + spread)
        half = ndtri(1 - TAILS / 2) * deviation
        return np.stack([prior.mean - half, prior.mean + half]), np.tile(ndtr((raw - prior.mean) / deviation), (3, 1))
    members = np.maximum(np.floor(size), 1.0)  # rounded up, a list would be less than a list
    probability = _beta_binomial(
        members, prior.mean, np.maximum(prior.mean * (1 - prior.mean) / spread - 1, SMALLEST_STRENGTH)
    )
    reached = probability.cumsum(axis=1)
    bounds = np.stack([(reached < tail).sum(axis=1) for tail in (TAILS / 2, 1 - TAILS / 2)])
    hits = raw * members
    whole = np.minimum(np.floor(hits), members - 1).astype(int)
    part, place = hits - whole, np.arange(len(raw))
    up_to, tied = (
        (1 - part) * column[place, whole] + part * column[place, whole + 1] for column in (reached, probability)
    )
    below = np.clip(np.stack([up_to - tied, up_to - tied / 2, up_to]), 0.0, 1.0)
    return np.minimum(bounds, members) / members, below


def _beta_binomial(members: Array, mean: Array, strength: Array) -> Array:
    """Probability of 0, 1, 2, ... members, shape (places, most members + 1)."""
    number = np.arange(members.max() + 1)[None, :]
    possible = number <= members[:, None]
    hits, total = np.where(possible, number, 0.0), members[:, None]
    a, b = (mean * strength)[:, None], ((1 - mean) * strength)[:, None]
    ways = gammaln(total + 1) - gammaln(hits + 1) - gammaln(total - hits + 1)
    logarithm = ways + gammaln(hits + a) + gammaln(total - hits + b) - gammaln(total + a + b) - betaln(a, b)
    return np.where(possible, np.exp(logarithm), 0.0)
