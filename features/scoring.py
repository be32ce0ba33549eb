"""Scores municipalities on factors: percentiles, their intervals, coverage and ranks."""

from collections.abc import Mapping

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

from features.catalogue import Catalogue, Clustered, Count, Exact, Factor, Indicator, Mean, Proportion, Relative
from features.frames import FactorScore, IndicatorScore

DRAWS = 400
"""Simulated data sets behind each interval."""

INTERVAL = (5.0, 95.0)
"""Percentiles of the simulated scores that bound the interval (90 %)."""

SMALLEST_COVERAGE = 0.5
"""Share of a factor's catalogue weight that must have data before it is scored; an assumption.

Kommunebarometeret asks for 0.6 of all its figures; a factor here has at most eight.
"""

Matrix = NDArray[np.float64]


def indicator_scores(values: pl.DataFrame, catalogue: Catalogue) -> dy.DataFrame[IndicatorScore]:
    """Percentile of every value among the municipalities with data, direction respected.

    100 is best placed, ties share the middle of their ranks. Indicators shown for context have no percentile.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    catalogue : Catalogue

    Returns
    -------
    dataframely.DataFrame[IndicatorScore]
        One row per municipality and indicator.
    """
    codes = values["municipality_code"].unique().sort()
    parts = [
        pl.DataFrame({"municipality_code": codes, "indicator": key}).with_columns(
            percentile=pl.Series(percentiles(goodness(column(values, key, "value"), entry)), dtype=pl.Float64).fill_nan(
                None
            )
        )
        for key, entry in catalogue.indicators.items()
    ]
    return IndicatorScore.validate(pl.concat(parts))


def factor_scores(
    values: pl.DataFrame,
    peers: pl.DataFrame,
    catalogue: Catalogue,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> dy.DataFrame[FactorScore]:
    """Score of every factor in every municipality with interval, coverage, national rank and rank among peers.

    A factor's composite is the weighted mean of the percentiles of the indicators that have data; its score is the
    percentile of that composite among the municipalities with data. Being a percentile, it says how a municipality is
    placed, not how good the place is.

    The interval repeats this on simulated data sets: every value is moved as chance moves a figure of that kind in a
    place of that size (`catalogue` says how), and an indicator without data takes the percentile of a random peer, or
    of anyone if no municipality has data. It is widened to hold the score. Small places and low coverage therefore
    have wide intervals.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    peers : polars.DataFrame
        Contract `features.frames.PeerGroup`.
    rng : numpy.random.Generator
    draws : int
        Simulated data sets.

    Returns
    -------
    dataframely.DataFrame[FactorScore]
        One row per municipality and factor.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators. Goldstein & Spiegelhalter 1996, J. R. Statist. Soc.
    A 159(3), on intervals of ranks.
    """
    codes = values["municipality_code"].unique().sort()
    wanted = {key for factor in catalogue.factors.values() for key in factor.weights}
    observed = {
        key: percentiles(goodness(column(values, key, "value"), catalogue.indicators[key])) for key in sorted(wanted)
    }
    group = _membership(codes, peers)
    simulated = {
        key: _simulated_percentiles(values, catalogue.indicators[key], group, rng, draws) for key in sorted(wanted)
    }
    return FactorScore.validate(
        pl.concat(
            [
                _score_factor(factor, codes, observed, simulated, group).select(list(FactorScore.columns()))
                for factor in catalogue.factors.values()
            ]
        ).sort("municipality_code", maintain_order=True)
    )


def column(values: pl.DataFrame, indicator: str, name: str) -> Matrix:
    """One column of an indicator's rows as an array in order of municipality code; missing is NaN."""
    rows = values.filter(pl.col("indicator") == indicator).sort("municipality_code")
    return rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def goodness(values: Matrix, indicator: Indicator) -> Matrix:
    """Values turned so that more is better; values inside a target band are equally good, context becomes NaN."""
    match indicator.direction:
        case "up":
            return values
        case "down":
            return -values
        case "band" if indicator.band is not None:
            low, high = indicator.band
            return -np.maximum(0.0, np.maximum(low - values, values - high))
        case _:
            return np.full_like(values, np.nan)


def percentiles(values: Matrix) -> Matrix:
    """Mid-rank percentile 0-100 along the last axis; NaN stays NaN and does not count.

    Examples
    --------
    >>> percentiles(np.array([3.0, 1.0, np.nan, 3.0]))
    array([66.66..., 16.66...,         nan, 66.66...])
    """
    count = np.sum(~np.isnan(values), axis=-1, keepdims=True)
    ranks = rankdata(values, axis=-1, nan_policy="omit")
    with np.errstate(invalid="ignore", divide="ignore"):
        scores: Matrix = 100 * (ranks - 0.5) / count
    return scores


def simulate_values(indicator: Indicator, rows: Mapping[str, Matrix], rng: np.random.Generator, draws: int) -> Matrix:
    """Values as chance would move them, shape (draws, municipalities); NaN where there is no value.

    Proportions and clustered shares are drawn from the Jeffreys posterior of a binomial share, counts from that of a
    Poisson rate, means and relative errors from a normal. A municipality with none of three lists vacant therefore
    does not count as sure to have none.

    Parameters
    ----------
    indicator : Indicator
    rows : Mapping[str, numpy.ndarray]
        ``value``, ``numerator``, ``denominator`` by municipality.
    """
    value, numerator, denominator = rows["value"], rows["numerator"], rows["denominator"]
    shape = (draws, len(value))
    known = ~np.isnan(value)
    match indicator.uncertainty:
        case Proportion() | Clustered() as share:
            size = share.size if isinstance(share, Clustered) else 1.0
            members = np.where(known, denominator, 1.0) / size
            successes = np.where(known, numerator, 0.0) / size
            drawn = rng.beta(successes + 0.5, np.maximum(members - successes, 0) + 0.5, size=shape)
        case Count(scale=scale):
            events, exposure = np.where(known, numerator, 0.0), np.where(np.isnan(denominator), 1.0, denominator)
            drawn = value + scale * (rng.gamma(events + 0.5, size=shape) - events) / exposure
        case Mean(sd=sd):
            drawn = value + sd / np.sqrt(np.where(known, denominator, 1.0)) * rng.standard_normal(shape)
        case Relative(sd=sd):
            drawn = value * np.exp(sd * rng.standard_normal(shape))
        case Exact():
            drawn = np.broadcast_to(value, shape)
    return np.where(known, drawn, np.nan)


def _simulated_percentiles(
    values: pl.DataFrame, indicator: Indicator, group: NDArray[np.bool_], rng: np.random.Generator, draws: int
) -> Matrix:
    rows = {name: column(values, indicator.key, name) for name in ("value", "numerator", "denominator")}
    known = ~np.isnan(rows["value"])
    if not known.any():
        return rng.uniform(0, 100, size=(draws, len(known)))
    drawn = percentiles(goodness(simulate_values(indicator, rows, rng, draws), indicator))
    for place in np.flatnonzero(~known):
        candidates = np.flatnonzero(group[place] & known)
        donors = rng.choice(candidates if candidates.size else np.flatnonzero(known), size=draws)
        drawn[:, place] = drawn[np.arange(draws), donors]
    return drawn


def _score_factor(
    factor: Factor,
    codes: pl.Series,
    observed: Mapping[str, Matrix],
    simulated: Mapping[str, Matrix],
    group: NDArray[np.bool_],
) -> pl.DataFrame:
    weights = np.array(list(factor.weights.values()))
    placed = np.stack([observed[key] for key in factor.weights])
    has_data = ~np.isnan(placed)
    coverage = (weights[:, None] * has_data).sum(axis=0) / weights.sum()
    with np.errstate(invalid="ignore"):
        composite = np.nansum(weights[:, None] * placed, axis=0) / (weights[:, None] * has_data).sum(axis=0)
    composite = np.where(coverage < SMALLEST_COVERAGE - 1e-9, np.nan, composite.round(9))  # equal means tie
    score = percentiles(composite)
    scored = ~np.isnan(score)
    drawn = np.tensordot(weights / weights.sum(), np.stack([simulated[key] for key in factor.weights]), axes=1)
    drawn[:, ~scored] = np.nan
    bounds = np.full((2, len(codes)), np.nan)
    bounds[:, scored] = np.percentile(percentiles(drawn)[:, scored], INTERVAL, axis=0)
    better = composite[None, :] > composite[:, None]
    rank_peers = np.where(scored, 1 + (better & group).sum(axis=1), np.nan)
    return pl.DataFrame(
        {
            "municipality_code": codes,
            "factor": factor.key,
            "score": score,
            "lower": np.fmin(bounds[0], score),
            "upper": np.fmax(bounds[1], score),
            "coverage": coverage,
            "rank_national": np.where(scored, 1 + better.sum(axis=1), np.nan),
            "ranked_national": scored.sum(),
            "rank_peers": rank_peers,
            "ranked_peers": (group & scored).sum(axis=1),
        }
    ).with_columns(
        pl.col("score", "lower", "upper").fill_nan(None),
        pl.col("rank_national", "rank_peers").fill_nan(None).cast(pl.Int64),
        pl.col("ranked_national", "ranked_peers").cast(pl.Int64),
    )


def _membership(codes: pl.Series, peers: pl.DataFrame) -> NDArray[np.bool_]:
    """Row = municipality, column = its peer, both in order of code."""
    position = {code: index for index, code in enumerate(codes)}
    members = np.zeros((len(codes), len(codes)), dtype=bool)
    for code, peer in peers.select("municipality_code", "peer_code").iter_rows():
        members[position[code], position[peer]] = True
    return members
