"""Whether a score follows what a municipality cannot change: its size and how central it lies."""

import dataframely as dy
import numpy as np
import polars as pl
from scipy.stats import rankdata

from features.catalogue import Catalogue
from features.conjugate import TAILS, Array
from features.frames import Fairness

AGAINST = ("population", "centrality_index")
RESAMPLES = 400

Generator = np.random.Generator


def fairness(
    outcomes: pl.DataFrame, values: pl.DataFrame, catalogue: Catalogue, rng: Generator
) -> dy.DataFrame[Fairness]:
    """Rank correlation of every outcome's raw and adjusted score with population and centrality.

    Where most places share one value (no vacancy), a rank correlation also shows how the ties fall: how likely a tie is
    depends on size. ``tie_free`` is without that: each tie is broken at random within what chance allows, over and over
    (randomised quantile residuals), so that its expectation is 0 if the adjustment is right.

    Parameters
    ----------
    outcomes : polars.DataFrame
        Contract `features.frames.AdjustedOutcome`.
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    rng : numpy.random.Generator
        Resamples municipalities and breaks ties.

    References
    ----------
    Dunn & Smyth 1996, Randomized quantile residuals, J. Comput. Graph. Stat. 5(3), 236-244.
    """
    known = outcomes.drop_nulls("actual")
    rows = [
        {"outcome": key, "against": against} | _row(known.filter(pl.col("outcome") == key), values, against, sign, rng)
        for key in known["outcome"].unique(maintain_order=True)
        for sign in [1.0 if catalogue.indicator(key).direction == "up" else -1.0]
        for against in AGAINST
    ]
    return Fairness.validate(pl.DataFrame(rows))


def rank_correlation(first: Array, second: Array) -> Array:
    """Spearman's correlation along the last axis.

    Examples
    --------
    >>> rank_correlation(np.array([[1.0, 2.0, 5.0]]), np.array([[0.0, 30.0, 20.0]]))
    array([0.5])
    """
    ranks = [rankdata(values, axis=-1) for values in (first, second)]
    off = [values - values.mean(axis=-1, keepdims=True) for values in ranks]
    norm = np.sqrt((off[0] ** 2).sum(axis=-1) * (off[1] ** 2).sum(axis=-1))
    correlation: Array = (off[0] * off[1]).sum(axis=-1) / norm
    return correlation


def _row(places: pl.DataFrame, values: pl.DataFrame, against: str, sign: float, rng: Generator) -> dict[str, float]:
    structural = values.filter(pl.col("indicator") == against).select("municipality_code", against="value")
    joined = places.join(structural, on="municipality_code")
    beside, score = joined["against"].to_numpy(), joined["adjusted_score"].to_numpy()
    actual = sign * joined["actual"].to_numpy()
    lost, won = joined["score_ties_lost"].to_numpy(), joined["score_ties_won"].to_numpy()
    broken = lost + (won - lost) * rng.random((RESAMPLES, len(beside)))
    drawn = rng.integers(len(beside), size=(RESAMPLES, len(beside)))
    tie_free = rank_correlation(broken, np.broadcast_to(beside, broken.shape)).mean()
    resampled = np.take_along_axis(broken, drawn, axis=1)
    return (
        _with_interval("raw", rank_correlation(actual, beside), rank_correlation(actual[drawn], beside[drawn]))
        | _with_interval("adjusted", rank_correlation(score, beside), rank_correlation(score[drawn], beside[drawn]))
        | _with_interval("tie_free", tie_free, rank_correlation(resampled, beside[drawn]))
    )


def _with_interval(name: str, correlation: Array, resampled: Array) -> dict[str, float]:
    lower, upper = np.percentile(resampled, (100 * TAILS / 2, 100 * (1 - TAILS / 2)))
    return {name: float(correlation), f"{name}_lower": float(lower), f"{name}_upper": float(upper)}
