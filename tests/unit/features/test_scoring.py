"""Scores: percentiles with direction, intervals that know small numbers, coverage and ranks."""

import numpy as np
import polars as pl
import pytest

from features.catalogue import Catalogue, load_catalogue
from features.indicators.compute import indicator_values
from features.indicators.observations import population_of
from features.peers import peer_groups
from features.scoring import SMALLEST_COVERAGE, factor_scores, goodness, indicator_scores, simulate_values
from features.snapshot import load_snapshot

GP_MISSING = ["1853", "3336", "4220", "5514", "5518", "5528"]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def values(catalogue: Catalogue) -> pl.DataFrame:
    return indicator_values(load_snapshot(), catalogue)


@pytest.fixture(scope="module")
def peers() -> pl.DataFrame:
    snapshot = load_snapshot()
    return peer_groups(snapshot.municipalities, population_of(snapshot).select("municipality_code", "population"))


@pytest.fixture(scope="module")
def scores(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    return factor_scores(values, peers, catalogue, np.random.default_rng(1))


def test_every_municipality_has_a_row_for_every_factor(scores: pl.DataFrame, catalogue: Catalogue) -> None:
    assert scores.height == 357 * len(catalogue.factors)


def test_scores_lie_within_their_interval(scores: pl.DataFrame) -> None:
    scored = scores.drop_nulls("score")
    assert scored.filter((pl.col("score") < pl.col("lower")) | (pl.col("score") > pl.col("upper"))).is_empty()


def test_municipalities_without_gp_figures_are_not_scored_on_them(scores: pl.DataFrame) -> None:
    for factor in ("flexibility", "workload", "vacancy"):
        own = scores.filter((pl.col("factor") == factor) & pl.col("score").is_null())
        assert own["municipality_code"].sort().to_list() == GP_MISSING
        assert own["rank_national"].null_count() == own.height


def test_coverage_is_the_share_of_weight_with_data(scores: pl.DataFrame, catalogue: Catalogue) -> None:
    oslo = scores.filter(pl.col("municipality_code") == "0301")
    for row in oslo.iter_rows(named=True):
        weights = catalogue.factor(row["factor"]).weights
        local = sum(weights[key] for key in weights if catalogue.indicator(key).origin == "local")
        assert row["coverage"] == pytest.approx(1 - local / sum(weights.values()))


def test_nothing_is_scored_on_too_little(scores: pl.DataFrame) -> None:
    assert scores.filter((pl.col("coverage") < SMALLEST_COVERAGE) & pl.col("score").is_not_null()).is_empty()


def test_intervals_are_wider_in_small_municipalities(scores: pl.DataFrame, values: pl.DataFrame) -> None:
    size = values.filter(pl.col("indicator") == "population").select("municipality_code", population="value")
    width = scores.join(size, on="municipality_code").with_columns(width=pl.col("upper") - pl.col("lower"))
    for factor in ("professional_community", "workload", "vacancy"):
        of_factor = width.filter(pl.col("factor") == factor).drop_nulls("width")
        small = of_factor.filter(pl.col("population") < 2000)["width"].to_numpy().mean()
        large = of_factor.filter(pl.col("population") >= 50_000)["width"].to_numpy().mean()
        assert small > 1.3 * large, factor


def test_an_interval_grows_when_an_indicator_is_lost(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue
) -> None:
    lost = values.with_columns(
        pl.when((pl.col("municipality_code") == "0301") & (pl.col("indicator") == "minutes_to_region_centre"))
        .then(None)
        .otherwise(pl.col("value"))
        .alias("value")
    )

    def width(frame: pl.DataFrame) -> float:
        scored = factor_scores(frame, peers, catalogue, np.random.default_rng(1))
        row = scored.row(
            by_predicate=(pl.col("municipality_code") == "0301") & (pl.col("factor") == "partner_jobs"), named=True
        )
        return float(row["upper"] - row["lower"])

    assert width(lost) > width(values)


def test_ranks_agree_with_scores(scores: pl.DataFrame) -> None:
    for factor in scores["factor"].unique():
        ordered = scores.filter(pl.col("factor") == factor).drop_nulls("score").sort("rank_national")
        assert ordered["score"].is_sorted(descending=True)
        assert ordered["rank_national"][0] == 1
        assert ordered["ranked_national"].unique().to_list() == [ordered.height]


def test_rank_among_peers_counts_better_peers(scores: pl.DataFrame, peers: pl.DataFrame) -> None:
    group = peers.filter(pl.col("municipality_code") == "5014")["peer_code"]
    among = scores.filter((pl.col("factor") == "workload") & pl.col("municipality_code").is_in(group.implode()))
    own = among.row(by_predicate=pl.col("municipality_code") == "5014", named=True)
    assert own["rank_peers"] == 1 + among.filter(pl.col("score") > own["score"]).height
    assert own["ranked_peers"] == among["score"].count()


def test_the_same_seed_gives_the_same_scores(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> None:
    once, again = (factor_scores(values, peers, catalogue, np.random.default_rng(7), draws=20) for _ in range(2))
    assert once.equals(again)


def test_the_order_of_rows_does_not_matter(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> None:
    shuffled = values.sample(fraction=1.0, shuffle=True, seed=3)
    straight, mixed = (
        factor_scores(frame, peers, catalogue, np.random.default_rng(7), draws=20) for frame in (values, shuffled)
    )
    assert straight.equals(mixed)


def test_direction_is_respected(values: pl.DataFrame, catalogue: Catalogue) -> None:
    placed = indicator_scores(values, catalogue).join(values, on=["municipality_code", "indicator"])
    offences = placed.filter(pl.col("indicator") == "reported_offences_per_1000").drop_nulls("value")
    reach = placed.filter(pl.col("indicator") == "labour_market_reach")
    assert offences.sort("value")["percentile"].is_sorted(descending=True)
    assert reach.sort("value")["percentile"].is_sorted()


def test_inside_a_target_band_all_are_equally_good(catalogue: Catalogue) -> None:
    entry = catalogue.indicator("list_length_mean")
    good = goodness(np.array([170.0, 500.0, 1000.0, 1200.0]), entry)
    assert good.tolist() == [0.0, 0.0, 0.0, -200.0]


def test_context_is_not_scored(values: pl.DataFrame, catalogue: Catalogue) -> None:
    placed = indicator_scores(values, catalogue).filter(pl.col("indicator") == "aged_67_plus_share")
    assert placed["percentile"].null_count() == placed.height


def test_no_vacant_list_of_three_is_less_sure_than_of_six_hundred(catalogue: Catalogue) -> None:
    rows = {
        "value": np.array([0.0, 0.0]),
        "numerator": np.array([0.0, 0.0]),
        "denominator": np.array([3.0, 611.0]),
    }
    entry = catalogue.indicator("vacant_list_share")
    drawn = simulate_values(entry, rows, np.random.default_rng(1), 4000)
    small, large = np.percentile(drawn, 95, axis=0)
    assert small > 0.33, "one doctor of three leaving must lie within the interval"
    assert large < 0.01
