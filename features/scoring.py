"""Scores municipalities on factors: percentiles of what the figures let one believe, intervals, coverage and ranks."""

from collections.abc import Mapping

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue import Catalogue, Indicator
from features.composite.ranking import middle_ranks
from features.frames import FactorScore, IndicatorScore
from features.shrinkage import Posterior

DRAWS = 400
"""Simulated data sets behind each interval."""

INTERVAL = (5.0, 95.0)
"""Percentiles of the simulated scores that bound the interval (90 %)."""

SMALLEST_COVERAGE = 0.5
"""Share of a factor's catalogue weight that must have data before it is scored; an assumption.

Kommunebarometeret asks for 0.6 of all its figures; a factor here has at most eight.
"""

FEWEST_RANKED = 30
"""Municipalities with a score below which a placement among them says nothing; an assumption.

Indicators that only municipalities can tell are then scored against goalposts, and so is a factor made of them.
"""

Matrix = NDArray[np.float64]


def indicator_scores(
    values: pl.DataFrame, beliefs: Mapping[str, Posterior], catalogue: Catalogue
) -> dy.DataFrame[IndicatorScore]:
    """Place of every indicator on a scale of 0-100, direction respected.

    A public indicator gets its percentile among the municipalities with data: 100 is best placed, ties share the middle
    of their ranks. What is ranked is the value drawn towards the peers (`features.shrinkage`), so that one departure
    does not move a municipality with three doctors from first to last. An indicator that only the municipality can tell
    is scored between its goalposts instead: 0 is poor, 100 good. Indicators shown for context have neither.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    beliefs : Mapping[str, Posterior]
        From `features.shrinkage.posteriors`.
    catalogue : Catalogue

    Returns
    -------
    dataframely.DataFrame[IndicatorScore]
        One row per municipality and indicator.
    """
    codes = values["municipality_code"].unique().sort()
    parts = []
    for key, entry in catalogue.indicators.items():
        name, other = ("percentile", "goalpost_score") if entry.goalposts is None else ("goalpost_score", "percentile")
        placed = pl.Series(placements(beliefs[key].estimate, entry)).fill_nan(None)
        parts.append(
            pl.DataFrame({"municipality_code": codes, "indicator": key, name: placed}).with_columns(
                pl.lit(None, dtype=pl.Float64).alias(other)
            )
        )
    return IndicatorScore.validate(pl.concat(part.select(list(IndicatorScore.columns())) for part in parts))


def factor_scores(
    beliefs: Mapping[str, Posterior],
    codes: pl.Series,
    peers: pl.DataFrame,
    catalogue: Catalogue,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> dy.DataFrame[FactorScore]:
    """Score of every factor in every municipality with interval, coverage, national rank and rank among peers.

    A factor's composite is the weighted mean of the places (0-100) of the indicators that have data; its score is the
    percentile of that composite among the municipalities with data. Being a percentile, it says how a municipality is
    placed, not how good the place is. An indicator that fewer than `FEWEST_RANKED` municipalities have does not count:
    one that tells something about itself would be set beside others that were not asked. Where fewer than
    `FEWEST_RANKED` have a composite, the score is the composite of everything told, on the scale of the goalposts, and
    there are no ranks.

    The interval repeats this on simulated data sets: every value is drawn from what its figure and its peers let one
    believe; a municipality without data takes the place of a random peer (or of anyone if no peer has data), and an
    indicator that does not count takes any place at all. It is widened to hold the score. Small places and low coverage
    therefore have wide intervals.

    Parameters
    ----------
    beliefs : Mapping[str, Posterior]
        From `features.shrinkage.posteriors`.
    codes : polars.Series
        Municipality codes in the order of the beliefs.
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
    group = _membership(codes, peers)
    parts = []
    for factor in catalogue.factors.values():
        entries = {key: catalogue.indicators[key] for key in factor.weights}
        placed = np.stack([placements(beliefs[key].estimate, entry) for key, entry in entries.items()])
        weights = np.array(list(factor.weights.values()))
        has_data = ~np.isnan(placed)
        counts = has_data.sum(axis=1) >= FEWEST_RANKED
        composite = _composite(placed, weights, counts)
        if (~np.isnan(composite)).sum() < FEWEST_RANKED:
            counts = np.ones_like(counts)
            composite = _composite(placed, weights, counts)
        spread = np.zeros((draws, len(codes)))
        if not np.isnan(composite).all():
            shares = (weights / weights.sum()).tolist()
            for share, is_counted, (key, entry) in zip(shares, counts.tolist(), entries.items(), strict=True):
                anywhere = rng.uniform(0, 100, size=spread.shape)
                drawn = _simulated(beliefs[key], entry, group, rng, draws) if is_counted else anywhere
                spread += share * np.where(np.isnan(drawn), anywhere, drawn)
        coverage = weights @ has_data / weights.sum()
        parts.append(_factor_rows(factor.key, codes, composite, coverage, spread, group))
    return FactorScore.validate(
        pl.concat(part.select(list(FactorScore.columns())) for part in parts)
        .with_columns(pl.col("basis").cast(FactorScore.basis.dtype))
        .sort("municipality_code", maintain_order=True)
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


def placements(values: Matrix, indicator: Indicator) -> Matrix:
    """Place 0-100 along the last axis: between goalposts where the indicator has them, else the percentile."""
    if indicator.goalposts is None:
        return percentiles(goodness(values, indicator))
    poor, good = goodness(np.array(indicator.goalposts), indicator)
    between: Matrix = np.clip(100 * (goodness(values, indicator) - poor) / (good - poor), 0, 100)
    return between


def percentiles(values: Matrix) -> Matrix:
    """Mid-rank percentile 0-100 along the last axis; NaN stays NaN and does not count.

    Examples
    --------
    >>> percentiles(np.array([3.0, 1.0, np.nan, 3.0]))
    array([66.66..., 16.66...,         nan, 66.66...])
    """
    count = np.sum(~np.isnan(values), axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores: Matrix = 100 * (middle_ranks(values) - 0.5) / count
    return scores


def _simulated(
    belief: Posterior, indicator: Indicator, group: NDArray[np.bool_], rng: np.random.Generator, draws: int
) -> Matrix:
    """Places as they may be; those without data take a peer's, or stay NaN where too few have data to be compared."""
    known = ~np.isnan(belief.estimate)
    drawn = placements(belief.draws(rng, draws), indicator)
    if known.sum() < FEWEST_RANKED:
        return drawn
    for place in np.flatnonzero(~known):
        candidates = np.flatnonzero(group[place] & known)
        donors = rng.choice(candidates if candidates.size else np.flatnonzero(known), size=draws)
        drawn[:, place] = drawn[np.arange(draws), donors]
    return drawn


def _composite(placed: Matrix, weights: Matrix, counts: NDArray[np.bool_]) -> Matrix:
    """Weighted mean place of each municipality over the indicators that count, NaN where too little has data."""
    has_data = ~np.isnan(placed) & counts[:, None]
    known = weights @ has_data
    with np.errstate(invalid="ignore"):
        composite = (weights @ np.where(has_data, placed, 0.0)) / known
    too_little = known < (SMALLEST_COVERAGE - 1e-9) * weights.sum()
    return np.where(too_little, np.nan, composite.round(9))  # equal means tie


def _factor_rows(
    key: str, codes: pl.Series, composite: Matrix, coverage: Matrix, drawn: Matrix, group: NDArray[np.bool_]
) -> pl.DataFrame:
    scored = ~np.isnan(composite)
    is_ranked = scored.sum() >= FEWEST_RANKED
    score, spread = composite, drawn[:, scored]
    if is_ranked:
        score, spread = percentiles(composite), percentiles(spread)
    bounds = np.full((2, len(codes)), np.nan)
    if scored.any():
        bounds[:, scored] = np.percentile(np.ascontiguousarray(spread.T), INTERVAL, axis=1)
    better = composite[None, :] > composite[:, None]
    ranked = scored & is_ranked
    return pl.DataFrame(
        {
            "municipality_code": codes,
            "factor": key,
            "basis": "percentile" if is_ranked else "goalposts",
            "score": score,
            "lower": np.fmin(bounds[0], score),
            "upper": np.fmax(bounds[1], score),
            "coverage": coverage.clip(0, 1),
            "rank_national": np.where(ranked, 1 + better.sum(axis=1), np.nan),
            "ranked_national": ranked.sum(),
            "rank_peers": np.where(ranked, 1 + (better & group).sum(axis=1), np.nan),
            "ranked_peers": (group & ranked).sum(axis=1),
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
