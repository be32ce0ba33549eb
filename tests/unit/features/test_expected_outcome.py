"""Expected outcome: from structure alone, never from the county it speaks about."""

import numpy as np
import polars as pl
import pytest

from features.catalogue import load_catalogue
from features.expected_outcome import Expectation, expected_without_gp
from features.indicators.compute import indicator_values
from features.indicators.observations import newest
from features.snapshot import Snapshot, load_snapshot
from features.structural_glm import STRUCTURE


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


@pytest.fixture(scope="module")
def values(snapshot: Snapshot) -> pl.DataFrame:
    return indicator_values(snapshot, load_catalogue())


def expect(values: pl.DataFrame, snapshot: Snapshot) -> Expectation:
    lists = newest(snapshot.gp_lists, "lists_total")
    return expected_without_gp(values, snapshot.municipalities, lists, np.random.default_rng(1))


@pytest.fixture(scope="module")
def expectation(values: pl.DataFrame, snapshot: Snapshot) -> Expectation:
    return expect(values, snapshot)


def test_only_structural_indicators_set_the_expectation() -> None:
    assert {load_catalogue().indicator(key).kind for key in STRUCTURE} == {"structural"}


def test_municipalities_without_figures_have_no_expectation(expectation: Expectation) -> None:
    missing = expectation.outcomes.filter(pl.col("actual").is_null())
    assert missing.height == 6
    assert missing["normal_upper"].null_count() == 6


def test_the_expectation_lies_within_its_interval(expectation: Expectation) -> None:
    known = expectation.outcomes.drop_nulls()
    within = pl.col("expected").is_between(pl.col("expected_lower"), pl.col("expected_upper"))
    assert known.filter(~within).is_empty()


def test_remote_places_are_expected_to_lack_more_gps(expectation: Expectation, snapshot: Snapshot) -> None:
    joined = expectation.outcomes.drop_nulls().join(snapshot.municipalities, on="municipality_code")
    by_class = joined.group_by("centrality_class").agg(pl.col("expected").mean()).sort("centrality_class")
    first, *_, last = by_class["expected"]
    assert last > 3 * first


def test_the_normal_range_holds_about_nine_in_ten(expectation: Expectation) -> None:
    known = expectation.outcomes.drop_nulls()
    within = known.filter(pl.col("actual").is_between(pl.col("normal_lower"), pl.col("normal_upper"))).height
    expected_misses, spread = 0.1 * known.height, np.sqrt(0.1 * 0.9 * known.height)
    assert abs(known.height - within - expected_misses) < 4 * spread


def test_one_gp_leaving_a_place_of_three_is_within_the_normal_range(
    expectation: Expectation, snapshot: Snapshot
) -> None:
    three = newest(snapshot.gp_lists, "lists_total").filter(pl.col("value") == 3)
    remote = snapshot.municipalities.filter(pl.col("centrality_class") == 6)
    ranges = expectation.outcomes.join(three, on="municipality_code", how="semi").join(
        remote, on="municipality_code", how="semi"
    )
    assert ranges.height >= 10
    share_of_places = (ranges["normal_upper"] >= 1 / 3 - 1e-9).to_numpy().mean()
    assert share_of_places > 0.9


def test_the_outcomes_of_a_county_do_not_move_its_expectations(
    values: pl.DataFrame, snapshot: Snapshot, expectation: Expectation
) -> None:
    in_county = pl.col("municipality_code").str.starts_with("50")
    changed = values.with_columns(
        pl.when(in_county & (pl.col("indicator") == "patients_without_gp_share") & pl.col("value").is_not_null())
        .then(0.5)
        .otherwise(pl.col("value"))
        .alias("value")
    )
    before, after = (
        outcomes.filter(in_county)["expected"]
        for outcomes in (expectation.outcomes, expect(changed, snapshot).outcomes)
    )
    assert before.len() > 30
    np.testing.assert_allclose(after.to_numpy(), before.to_numpy(), rtol=1e-12)


def test_what_structure_explains_is_the_drop_in_squared_error(expectation: Expectation, snapshot: Snapshot) -> None:
    known = expectation.outcomes.drop_nulls().join(
        newest(snapshot.gp_lists, "lists_total").select("municipality_code", lists="value"), on="municipality_code"
    )
    actual, expected, lists = (known[name].to_numpy() for name in ("actual", "expected", "lists"))
    national = (actual * lists).sum() / lists.sum()
    by_hand = 1 - (lists * (actual - expected) ** 2).sum() / (lists * (actual - national) ** 2).sum()
    assert expectation.explained == pytest.approx(by_hand)
    assert expectation.explained_lower < expectation.explained < expectation.explained_upper


def test_an_outcome_that_follows_structure_is_explained_and_noise_is_not(
    values: pl.DataFrame, snapshot: Snapshot
) -> None:
    index = values.filter(pl.col("indicator") == "centrality_index").select("municipality_code", index="value")
    is_outcome = (pl.col("indicator") == "patients_without_gp_share") & pl.col("value").is_not_null()
    structural = values.join(index, on="municipality_code").with_columns(
        value=pl.when(is_outcome).then(0.3 * (1 - pl.col("index") / 1000)).otherwise(pl.col("value"))
    )
    assert expect(structural.drop("index"), snapshot).explained > 0.8
    outcomes = values.filter(is_outcome).with_columns(pl.col("value").shuffle(seed=4))
    shuffled = pl.concat([values.filter(~is_outcome), outcomes])
    assert expect(shuffled, snapshot).explained_lower < 0
