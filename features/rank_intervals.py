"""How sure the national rank on each factor is, and whether figures or methods move it."""

from collections.abc import Mapping
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from features.catalogue import Catalogue, Indicator
from features.composite.imputation import Imputation
from features.composite.index import Method
from features.composite.normalisation import Normalisation
from features.composite.structure import IndexStructure, Matrix, Node, index_structure
from features.frames import RankDriver, RankInterval
from features.scoring import FEWEST_RANKED, goodness, placements
from features.sensitivity import DRAWS, Choices, SensitivityResult, rank_sensitivity
from features.shrinkage import Posterior

FIGURES = 100
"""Simulated data sets that the rankings are taken from."""

METHOD = Method(normalisation=Normalisation.PERCENTILE)
"""The method of the published score.

Its ranks are those of `features.scoring.factor_scores` but for a few places: there, municipalities without a score on
the factor still count in the percentiles of its indicators.
"""

CHOICES = Choices(
    imputation=(Imputation.NONE, Imputation.GROUP_MEDIAN),
    normalisation=(Normalisation.MINMAX, Normalisation.ZSCORE, Normalisation.PERCENTILE),
)
"""Every other choice that a reasonable person could have made; missing figures may be taken from the peers."""


@dataclass(frozen=True, slots=True)
class RankUncertainty:
    """Interval of every municipality's rank on every ranked factor, and what moves ranks on the factor in all."""

    intervals: dy.DataFrame[RankInterval]
    drivers: dy.DataFrame[RankDriver]


def rank_uncertainty(
    beliefs: Mapping[str, Posterior],
    factors: pl.DataFrame,
    bands: pl.DataFrame,
    catalogue: Catalogue,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> RankUncertainty:
    """Ranks on every factor under other figures and other, equally defensible methods.

    Parameters
    ----------
    beliefs : Mapping[str, Posterior]
        From `features.shrinkage.posteriors`.
    factors : polars.DataFrame
        Contract `features.frames.FactorScore`: who is ranked, and where.
    bands : polars.DataFrame
        ``municipality_code``, ``band``: group from which missing figures may be taken.
    rng : numpy.random.Generator
    draws : int
        Rankings behind the intervals.

    Returns
    -------
    RankUncertainty
        Intervals (90 %) are widened where needed to hold the published rank.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 7. Saisana, Saltelli & Tarantola 2005,
    J. R. Statist. Soc. A 168(2), 307-323.
    """
    ranked = factors.drop_nulls("rank_national")["factor"].unique().sort().to_list()
    structure = ranked_structure(ranked, beliefs, catalogue)
    observed = observed_figures(structure, beliefs, factors, catalogue)
    keys = [node.key.rpartition("/")[2] for node in structure.indicators]
    drawn = np.stack([_upward(beliefs[key].draws(rng, FIGURES), catalogue.indicator(key)) for key in keys], axis=1)
    drawn[:, np.isnan(observed)] = np.nan
    groups = bands.sort("municipality_code")["band"].rank("dense").to_numpy().astype(np.int64)
    found = rank_sensitivity(
        observed, structure, rng, CHOICES, data_draws=drawn, groups=groups, method=METHOD, draws=draws
    )
    codes = bands["municipality_code"].sort()
    return RankUncertainty(_intervals(found, codes, factors), _drivers(found))


def ranked_structure(ranked: list[str], beliefs: Mapping[str, Posterior], catalogue: Catalogue) -> IndexStructure:
    """One index for each factor, of the indicators that count in its score."""
    nodes = []
    for key in ranked:
        nodes.append(Node(key, None))
        nodes += [
            Node(f"{key}/{indicator}", key, weight)
            for indicator, weight in catalogue.factor(key).weights.items()
            if (~np.isnan(beliefs[indicator].estimate)).sum() >= FEWEST_RANKED
        ]
    return index_structure(nodes)


def observed_figures(
    structure: IndexStructure, beliefs: Mapping[str, Posterior], factors: pl.DataFrame, catalogue: Catalogue
) -> Matrix:
    """Estimates of the structure's indicators, more being better; a municipality counts in a factor that ranks it."""
    is_ranked = {
        key[0]: rows.sort("municipality_code")["rank_national"].is_not_null().to_numpy()
        for key, rows in factors.group_by("factor")
    }
    return np.stack(
        [
            np.where(is_ranked[factor], _upward(beliefs[key].estimate, catalogue.indicator(key)), np.nan)
            for factor, _, key in (node.key.partition("/") for node in structure.indicators)
        ]
    )


def _upward(values: Matrix, entry: Indicator) -> Matrix:
    """Values turned so that more is better, told by the municipality already between their goalposts."""
    return goodness(values, entry) if entry.goalposts is None else placements(values, entry)


def _intervals(found: SensitivityResult, codes: pl.Series, factors: pl.DataFrame) -> dy.DataFrame[RankInterval]:
    choices = np.array([choice.value for choice in found.choices])
    parts = []
    for row, factor in enumerate(found.aggregates):
        total = found.total[found.roots.index(factor)]
        told = ~np.isnan(total).any(axis=0)
        strongest = np.where(told, np.nan_to_num(total, nan=-1.0).argmax(axis=0), 0)
        parts.append(
            pl.DataFrame(
                {
                    "municipality_code": codes,
                    "factor": factor,
                    "rank_median": found.rank_median[row],
                    "rank_lower": found.rank_lower[row],
                    "rank_upper": found.rank_upper[row],
                    "driver": pl.Series(choices[strongest]).set(pl.Series(~told), None),
                    "driver_share": np.where(told, total.max(axis=0, initial=0.0), np.nan),
                }
            )
        )
    published = factors.drop_nulls("rank_national").select("municipality_code", "factor", "rank_national")
    return RankInterval.validate(
        pl.concat(parts)
        .fill_nan(None)
        .join(published, on=["municipality_code", "factor"])
        .drop_nulls("rank_median")
        .select(
            "municipality_code",
            "factor",
            "rank_median",
            pl.min_horizontal("rank_lower", "rank_national").cast(pl.Int64).alias("rank_lower"),
            pl.max_horizontal("rank_upper", "rank_national").cast(pl.Int64).alias("rank_upper"),
            pl.col("driver").cast(RankInterval.driver.dtype),
            pl.col("driver_share").clip(0, 1),
        )
        .sort("municipality_code", "factor")
    )


def _drivers(found: SensitivityResult) -> dy.DataFrame[RankDriver]:
    rows = [
        {
            "factor": factor,
            "choice": choice.value,
            "first_order": float(found.overall_first_order[root, place]),
            "total": float(found.overall_total[root, place]),
        }
        for root, factor in enumerate(found.roots)
        for place, choice in enumerate(found.choices)
    ]
    return RankDriver.validate(pl.DataFrame(rows).with_columns(pl.col("choice").cast(RankDriver.choice.dtype)))
