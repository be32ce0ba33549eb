"""Which model expects an outcome from structure best, and whether the adjusted score is fair to small and large.

``python -m bench.adjusted_outcome`` prints four tables. The first is the fairness table of the expectation in use.
The second asks what that table shows where nothing is unfair: vacancy drawn from the fitted model. The third gives the
mean score by size. The fourth leaves each county out in turn: a penalised GLM, with and without
squares, and LightGBM, free and held monotone, each with its penalty or number of trees chosen by leaving out further
counties.
"""

from collections.abc import Mapping
from functools import partial
from time import process_time

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import logit

from features.adjusted_outcome import OUTCOMES, adjusted_outcomes, chance_range, explained_share
from features.catalogue import Catalogue, load_catalogue
from features.conjugate import Array, BetaBinomial, Family
from features.fairness import fairness, rank_correlation
from features.group_priors import Prior, fitted_strength
from features.indicators.compute import indicator_values
from features.peers import population_band
from features.shrinkage import Evidence, evidence, indicator_rows
from features.snapshot import load_snapshot
from features.structural_glm import CURVED, STRUCTURE, held_out_expectation, structure_matrix

RISES_WITH_REMOTENESS = {"patients_without_gp_share": 1, "list_length_mean": -1}
REMOTENESS = {"centrality_index": -1, "labour_market_reach": -1, "minutes_to_region_centre": 1}
"""Sign of each structural indicator's effect on remoteness; size may act either way."""

LEAVES = (2, 4)
TREES = (10, 20, 40, 80, 160)
INNER_FOLDS = 5
RESAMPLES = 2000
SIMULATIONS = 200


def squared_or_log_loss(family: Family, actual: Array, expected: Array) -> Array:
    """Loss of each place: half the deviance for shares, half the squared error for means."""
    if isinstance(family, BetaBinomial):
        linear = logit(np.clip(expected, 1e-9, 1 - 1e-9))
        return np.asarray(np.logaddexp(0, linear) - actual * linear)
    return (actual - expected) ** 2 / 2


def held_out_mean(found: Evidence, weight: Array, counties: NDArray[np.str_]) -> Array:
    """Mean of the other counties."""
    told = ~np.isnan(found.raw)
    expected = np.full(len(counties), np.nan)
    for county in np.unique(counties):
        others = told & (counties != county)
        expected[counties == county] = np.average(found.raw[others], weights=weight[others])
    return expected


def held_out_trees(
    found: Evidence, weight: Array, counties: NDArray[np.str_], structure: Array, monotone: list[int]
) -> Array:
    """Expectation of LightGBM fitted on the other counties; leaves and trees chosen by leaving out some of these."""
    told = ~np.isnan(found.raw)
    expected = np.full(len(counties), np.nan)
    for county in np.unique(counties):
        others = np.flatnonzero(told & (counties != county))
        fold = np.unique(counties[others], return_inverse=True)[1] % INNER_FOLDS
        losses = np.zeros((len(LEAVES), len(TREES)))
        for number in range(INNER_FOLDS):
            inside, outside = others[fold != number], others[fold == number]
            for row, leaves in enumerate(LEAVES):
                model = _trees(found, weight, structure, inside, leaves, max(TREES), monotone)
                for column, trees in enumerate(TREES):
                    guess = np.asarray(model.predict(structure[outside], num_iteration=trees))
                    each = squared_or_log_loss(found.family, found.raw[outside], guess)
                    losses[row, column] += weight[outside] @ each
        row, column = divmod(int(losses.argmin()), len(TREES))
        model = _trees(found, weight, structure, others, LEAVES[row], TREES[column], monotone)
        here = counties == county
        expected[here] = np.asarray(model.predict(structure[here]))
    return expected


def _trees(
    found: Evidence,
    weight: Array,
    structure: Array,
    rows: NDArray[np.intp],
    leaves: int,
    trees: int,
    monotone: list[int],
) -> lgb.Booster:
    settings = {
        "objective": "cross_entropy" if isinstance(found.family, BetaBinomial) else "regression",
        "num_leaves": leaves,
        "learning_rate": 0.05,
        "min_data_in_leaf": 20,
        "lambda_l2": 1.0,
        "monotone_constraints": monotone,
        "num_threads": 1,
        "deterministic": True,
        "verbose": -1,
    }
    scaled = weight[rows] / weight[rows].mean()
    return lgb.train(settings, lgb.Dataset(structure[rows], found.raw[rows], weight=scaled), trees)


def expectations(
    key: str, found: Evidence, rows: Mapping[str, Mapping[str, Array]], counties: NDArray[np.str_]
) -> dict[str, Array]:
    """Held-out expectation of every place by each model, and the weight of each place."""
    told = ~np.isnan(found.raw)
    family, size = found.family, np.where(told, found.size, 0.0)
    weight = family.spread_size(size, np.full_like(size, np.median(size[told])))
    linear, curved = structure_matrix(rows, ()), structure_matrix(rows, CURVED)
    sign = [RISES_WITH_REMOTENESS[key] * REMOTENESS.get(name, 0) for name in STRUCTURE]
    trees = partial(held_out_trees, found, weight, counties, linear[:, 1:])
    return {
        "weight": weight,
        "mean of the other counties": held_out_mean(found, weight, counties),
        "GLM": held_out_expectation(family, linear, found.raw, weight, counties).mean,
        "GLM with squares (used)": held_out_expectation(family, curved, found.raw, weight, counties).mean,
        "LightGBM": trees([0] * len(STRUCTURE)),
        "LightGBM, monotone": trees(sign),
    }


def print_models(values: pl.DataFrame, counties: NDArray[np.str_], catalogue: Catalogue) -> None:
    """Print the fourth table: held-out gain over the mean, and the loss beside the model in use."""
    rows = indicator_rows(values)
    print(
        "| outcome | model | loss less, % of the mean's | beside the one used (90 %) | explained, by lists |\n"
        "|---|---|---|---|---|"
    )
    for key in OUTCOMES:
        found = evidence(catalogue.indicator(key), rows[key])
        told = ~np.isnan(found.raw)
        by_model = expectations(key, found, rows, counties)
        weight = by_model.pop("weight")[told]
        losses = {
            name: weight * squared_or_log_loss(found.family, found.raw[told], expected[told])
            for name, expected in by_model.items()
        }
        plain = losses["mean of the other counties"]
        county = np.unique(counties[told], return_inverse=True)[1]
        sums = {name: np.bincount(county, loss) for name, loss in losses.items()}
        drawn = np.random.default_rng(1).integers(county.max() + 1, size=(RESAMPLES, county.max() + 1))
        used = sums["GLM with squares (used)"]
        for name, loss in losses.items():
            of_mean = sums["mean of the other counties"]
            beside = (used - sums[name])[drawn].sum(axis=1) / of_mean[drawn].sum(axis=1)
            low, high = 100 * np.percentile(beside, (5, 95))
            middle = 100 * (used - sums[name]).sum() / of_mean.sum()
            share = explained_share(found.raw, by_model[name], found.size, counties, np.random.default_rng(1)).share
            gain = 100 * (1 - loss.sum() / plain.sum())
            print(f"| {key} | {name} | {gain:.2f} | {middle:+.2f} ({low:+.2f}, {high:+.2f}) | {share:.3f} |")


def print_fairness(values: pl.DataFrame, outcomes: pl.DataFrame, catalogue: Catalogue) -> None:
    """Print the first table."""
    table = fairness(outcomes, values, catalogue, np.random.default_rng(1))
    print("| outcome | against | raw | adjusted | adjusted, ties broken at random |\n|---|---|---|---|---|")
    for row in table.iter_rows(named=True):
        shown = [
            f"{row[name]:+.3f} ({row[f'{name}_lower']:+.3f}, {row[f'{name}_upper']:+.3f})"
            for name in ("raw", "adjusted", "tie_free")
        ]
        print(f"| {row['outcome']} | {row['against']} | {' | '.join(shown)} |")


def print_ties(values: pl.DataFrame, outcomes: pl.DataFrame, catalogue: Catalogue) -> None:
    """Print the second table: correlation with population where vacancy is drawn from the fitted model itself."""
    rows = indicator_rows(values)
    found = evidence(catalogue.indicator(OUTCOMES[0]), rows[OUTCOMES[0]])
    told = ~np.isnan(found.raw)
    members = np.maximum(np.floor(found.size[told]), 1)
    population = rows["population"]["value"][told]
    expected = outcomes.filter(pl.col("outcome") == OUTCOMES[0]).drop_nulls("actual")["expected"].to_numpy()
    log_strength, log_variance = fitted_strength(found.family, found.raw[told], found.size[told], expected)
    strength = np.full_like(expected, np.exp(log_strength))
    prior = Prior(expected, np.zeros_like(expected), strength, log_strength, log_variance)
    rng = np.random.default_rng(1)
    correlations: dict[str, list[float]] = {"raw": [], "adjusted": [], "adjusted, ties broken at random": []}
    for _ in range(SIMULATIONS):
        drawn = rng.binomial(members.astype(int), rng.beta(strength * expected, strength * (1 - expected))) / members
        _, (lost, middle, won) = chance_range(found.family, drawn, members, prior)
        broken = lost + (won - lost) * rng.random(len(lost))
        for name, score in zip(correlations, (drawn, middle, broken), strict=True):
            correlations[name].append(float(-rank_correlation(score, population)))
    print("| fair outcomes, drawn | correlation with population, mean ± sd |\n|---|---|")
    for name, each in correlations.items():
        print(f"| {name} | {np.mean(each):+.3f} ± {np.std(each):.3f} |")


def print_scores(values: pl.DataFrame, outcomes: pl.DataFrame) -> None:
    """Print the third table: mean score by size, 50 everywhere if the expectation holds at every size."""
    population = values.filter(pl.col("indicator") == "population").select(
        "municipality_code", "value", band=population_band(pl.col("value"))
    )
    table = (
        outcomes.drop_nulls("actual")
        .join(population, on="municipality_code")
        .group_by("outcome", "band")
        .agg(
            pl.col("value").min(),
            pl.len(),
            pl.col("adjusted_score").mean(),
            inside=pl.col("actual").is_between(pl.col("normal_lower") - 1e-9, pl.col("normal_upper") + 1e-9).mean(),
        )
        .sort("outcome", "value")
    )
    print("| outcome | size | places | mean adjusted score | within normal range |\n|---|---|---|---|---|")
    for row in table.iter_rows(named=True):
        shown = f"{row['adjusted_score']:.1f} | {row['inside']:.3f}"
        print(f"| {row['outcome']} | {row['band']} | {row['len']} | {shown} |")


if __name__ == "__main__":
    facts, entries = load_snapshot(), load_catalogue()
    figures = indicator_values(facts, entries)
    county_codes = facts.municipalities.sort("municipality_code")["county_code"].to_numpy()
    start = process_time()
    adjusted = adjusted_outcomes(figures, facts.municipalities, entries, np.random.default_rng(1))
    print(f"both outcomes: {process_time() - start:.2f} s of processor time")
    for outcome, share in adjusted.explained.items():
        print(f"{outcome}: structure explains {share.share:.3f} ({share.lower:.3f}, {share.upper:.3f})")
    print_fairness(figures, adjusted.outcomes, entries)
    print_ties(figures, adjusted.outcomes, entries)
    print_scores(figures, adjusted.outcomes)
    print_models(figures, county_codes, entries)
