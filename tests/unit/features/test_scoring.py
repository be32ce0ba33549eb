"""Scores: percentiles with direction, intervals that know small numbers, coverage and ranks."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from features.catalogue import Catalogue, load_catalogue
from features.indicators.compute import indicator_values
from features.indicators.observations import population_of
from features.peers import peer_groups
from features.scoring import (
    FEWEST_RANKED,
    SMALLEST_COVERAGE,
    factor_scores,
    goodness,
    indicator_scores,
    placements,
)
from features.shrinkage import posteriors
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
    return scored(values, peers, catalogue)


def scored(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue, seed: int = 1, draws: int = 400
) -> pl.DataFrame:
    codes = values["municipality_code"].unique().sort()
    beliefs = posteriors(values, peers, catalogue)
    return factor_scores(beliefs, codes, peers, catalogue, np.random.default_rng(seed), draws)


def placed(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    return indicator_scores(values, posteriors(values, peers, catalogue), catalogue)


def told(values: pl.DataFrame, indicator: str, by_code: dict[str, float]) -> pl.DataFrame:
    """The values with some municipalities' own answers to one indicator."""
    answers = pl.DataFrame({"municipality_code": list(by_code), "told": list(by_code.values())}).with_columns(
        indicator=pl.lit(indicator)
    )
    return values.join(answers, on=["municipality_code", "indicator"], how="left").select(
        pl.col(values.columns).exclude("value"), value=pl.coalesce("told", "value")
    )


def test_every_municipality_has_a_row_for_every_factor(scores: pl.DataFrame, catalogue: Catalogue) -> None:
    assert scores.height == 357 * len(catalogue.factors)


def test_scores_lie_within_their_interval(scores: pl.DataFrame) -> None:
    with_score = scores.drop_nulls("score")
    assert with_score.filter((pl.col("score") < pl.col("lower")) | (pl.col("score") > pl.col("upper"))).is_empty()


def test_intervals_need_hardly_be_widened_to_hold_the_score(scores: pl.DataFrame) -> None:
    uncertain = scores.drop_nulls("score").filter(pl.col("upper") - pl.col("lower") > 1)
    at_an_end = (pl.col("score") == pl.col("lower")) | (pl.col("score") == pl.col("upper"))
    assert uncertain.height > 1500
    assert uncertain.filter(at_an_end).height / uncertain.height < 0.02


def test_municipalities_without_gp_figures_are_not_scored_on_them(scores: pl.DataFrame) -> None:
    for factor in ("workload", "vacancy"):
        own = scores.filter((pl.col("factor") == factor) & pl.col("score").is_null())
        assert own["municipality_code"].sort().to_list() == GP_MISSING
        assert own["rank_national"].null_count() == own.height


def test_coverage_is_the_share_of_weight_with_data(scores: pl.DataFrame, catalogue: Catalogue) -> None:
    oslo = scores.filter(pl.col("municipality_code") == "0301")
    for row in oslo.iter_rows(named=True):
        weights = catalogue.factor(row["factor"]).weights
        offline = sum(weights[key] for key in weights if catalogue.indicator(key).origin == "snapshot")
        assert row["coverage"] == pytest.approx(offline / sum(weights.values()))


def test_nothing_is_scored_on_too_little(scores: pl.DataFrame) -> None:
    assert scores.filter((pl.col("coverage") < SMALLEST_COVERAGE) & pl.col("score").is_not_null()).is_empty()


def test_intervals_are_wider_in_small_municipalities(scores: pl.DataFrame, values: pl.DataFrame) -> None:
    size = values.filter(pl.col("indicator") == "population").select("municipality_code", population="value")
    width = scores.join(size, on="municipality_code").with_columns(width=pl.col("upper") - pl.col("lower"))
    for factor in ("professional_community", "workload", "vacancy"):
        of_factor = width.filter(pl.col("factor") == factor).drop_nulls("width")
        small = of_factor.filter(pl.col("population") < 2000)["width"].to_numpy().mean()
        large = of_factor.filter(pl.col("population") >= 50_000)["width"].to_numpy().mean()
        assert small > large, factor


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
        row = scored(frame, peers, catalogue).row(
            by_predicate=(pl.col("municipality_code") == "0301") & (pl.col("factor") == "partner_jobs"), named=True
        )
        return float(row["upper"] - row["lower"])

    assert width(lost) > width(values)


def test_ranks_agree_with_scores(scores: pl.DataFrame) -> None:
    ranked = scores.drop_nulls("rank_national")
    assert ranked["factor"].n_unique() >= 7
    for factor in ranked["factor"].unique():
        ordered = ranked.filter(pl.col("factor") == factor).sort("rank_national")
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
    once, again = (scored(values, peers, catalogue, seed=7, draws=20) for _ in range(2))
    assert once.equals(again)


def test_the_order_of_rows_does_not_matter(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> None:
    shuffled = values.sample(fraction=1.0, shuffle=True, seed=3)
    straight, mixed = (scored(frame, peers, catalogue, seed=7, draws=20) for frame in (values, shuffled))
    assert straight.equals(mixed)


def test_direction_is_respected(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> None:
    beliefs = posteriors(values, peers, catalogue)
    codes = values["municipality_code"].unique().sort()
    places = indicator_scores(values, beliefs, catalogue)
    for indicator, descending in (("reported_offences_per_1000", True), ("labour_market_reach", False)):
        estimate = pl.DataFrame({"municipality_code": codes, "estimate": beliefs[indicator].estimate}).fill_nan(None)
        of_indicator = places.filter(pl.col("indicator") == indicator).join(estimate, on="municipality_code")
        assert of_indicator.drop_nulls("estimate").sort("estimate")["percentile"].is_sorted(descending=descending)


def test_one_vacant_list_of_three_places_nobody_below_a_third_of_three_hundred(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue
) -> None:
    small, large = "1144", "0301"
    figures = {small: (1.0, 3.0), large: (100.0, 300.0)}
    changed = values.with_columns(
        **{
            name: pl.when(
                (pl.col("indicator") == "vacant_list_share") & pl.col("municipality_code").is_in(list(figures))
            )
            .then(pl.col("municipality_code").replace_strict(new, default=None, return_dtype=pl.Float64))
            .otherwise(name)
            for name, new in (
                ("numerator", {code: counted for code, (counted, _) in figures.items()}),
                ("denominator", {code: lists for code, (_, lists) in figures.items()}),
                ("value", {code: counted / lists for code, (counted, lists) in figures.items()}),
            )
        }
    )
    places = placed(changed, peers, catalogue).filter(pl.col("indicator") == "vacant_list_share")
    of = dict(places.select("municipality_code", "percentile").iter_rows())
    assert of[small] > of[large]


def test_inside_a_target_band_all_are_equally_good(catalogue: Catalogue) -> None:
    entry = catalogue.indicator("list_length_mean")
    good = goodness(np.array([170.0, 500.0, 1000.0, 1200.0]), entry)
    assert good.tolist() == [0.0, 0.0, 0.0, -200.0]


def test_context_is_not_scored(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> None:
    context = placed(values, peers, catalogue).filter(pl.col("indicator") == "aged_67_plus_share")
    assert context["percentile"].null_count() == context.height


def test_what_only_the_municipality_tells_is_placed_between_goalposts(catalogue: Catalogue) -> None:
    for entry in catalogue.indicators.values():
        if entry.goalposts is not None:
            poor, good = entry.goalposts
            assert placements(np.array([poor, (poor + good) / 2, good]), entry) == pytest.approx([0, 50, 100])


def test_a_municipality_that_answers_alone_is_scored_but_not_ranked(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue
) -> None:
    answered = values
    for key in catalogue.factor("workplace").weights:
        entry = catalogue.indicator(key)
        assert entry.goalposts is not None
        answered = told(answered, key, {"5014": entry.goalposts[1]})
    workplace = scored(answered, peers, catalogue, draws=50).filter(pl.col("factor") == "workplace")
    own = workplace.row(by_predicate=pl.col("municipality_code") == "5014", named=True)
    assert own["score"] == pytest.approx(100, abs=1)  # shares told without their denominator are pulled a little
    assert (own["basis"], own["rank_national"], own["ranked_national"]) == ("goalposts", None, 0)
    assert workplace["score"].count() == 1


def test_enough_municipalities_that_answer_are_ranked(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue
) -> None:
    codes = values["municipality_code"].unique().sort()[:FEWEST_RANKED].to_list()
    answered = values
    for key in catalogue.factor("workplace").weights:
        posts = catalogue.indicator(key).goalposts
        assert posts is not None
        steps = np.linspace(posts[0], posts[1], len(codes))
        answered = told(answered, key, dict(zip(codes, steps.tolist(), strict=True)))
    workplace = scored(answered, peers, catalogue, draws=50).filter(pl.col("factor") == "workplace")
    assert workplace["basis"].unique().to_list() == ["percentile"]
    assert workplace["rank_national"].count() == FEWEST_RANKED


def test_a_better_answer_never_lowers_the_score(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue
) -> None:
    tried = 0
    for factor in (catalogue.factor("workplace"), catalogue.factor("training"), catalogue.factor("leadership")):
        entries = {key: catalogue.indicator(key) for key in factor.weights}
        alone = catalogue.model_copy(update={"factors": {factor.key: factor}, "indicators": entries})
        middle = values.filter(pl.col("indicator").is_in(list(entries)))
        for key, entry in entries.items():
            if entry.goalposts is not None:
                middle = told(middle, key, {"5014": sum(entry.goalposts) / 2})
        for key, entry in entries.items():
            if entry.kind == "lever" and entry.goalposts is not None:
                answers = entry.goalposts
                found = [
                    scored(told(middle, key, {"5014": answer}), peers, alone, draws=2)
                    .filter(pl.col("municipality_code") == "5014")["score"]
                    .item(0)
                    for answer in answers
                ]
                assert found[0] < found[1], key
                tried += 1
    assert tried > 20


def test_one_answer_leaves_everybody_elses_scores_and_intervals(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue, scores: pl.DataFrame
) -> None:
    entry = catalogue.indicator("contract_options")
    assert entry.goalposts is not None
    for answer in entry.goalposts:
        again = scored(told(values, entry.key, {"5014": answer}), peers, catalogue)
        both = scores.join(again, on=["municipality_code", "factor"], suffix="_again").drop_nulls("rank_national")
        assert both["rank_national"].to_list() == both["rank_national_again"].to_list()
        moved = (both["upper"] - both["upper_again"]).abs().to_numpy().mean()
        assert moved < 1, "another answer must not make anybody surer"


def test_ceilings_raised_on_paper_make_no_place_better(catalogue: Catalogue, peers: pl.DataFrame) -> None:
    snapshot = load_snapshot()
    code = "5501"
    of_ceilings = pl.col("measure").is_in(["list_capacity", "list_capacity_calculated", "reserve_capacity_index"])
    raised = dataclasses.replace(
        snapshot,
        gp_lists=snapshot.gp_lists.with_columns(
            value=pl.when((pl.col("municipality_code") == code) & of_ceilings)
            .then(pl.col("value") * 1.5)
            .otherwise("value")
        ),
    )
    before, after = (
        indicator_scores(given, posteriors(given, peers, catalogue), catalogue)
        for given in (indicator_values(facts, catalogue) for facts in (snapshot, raised))
    )
    places = before.join(after, on=["municipality_code", "indicator"], suffix="_after").drop_nulls("percentile")
    own = places.filter(pl.col("municipality_code") == code)
    assert own.filter(pl.col("percentile") != pl.col("percentile_after")).height >= 2
    assert own.filter(pl.col("percentile_after") > pl.col("percentile") + 1e-9).is_empty()
