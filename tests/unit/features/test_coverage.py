"""Coverage: what is known offline, after a refresh, and with the municipality's own answers."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.catalogue import Catalogue, load_catalogue
from features.coverage import ORIGINS, coverage_table, indicator_coverage, municipality_coverage
from features.indicators.compute import indicator_values
from features.snapshot import load_snapshot


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def values(catalogue: Catalogue) -> pl.DataFrame:
    return indicator_values(load_snapshot(), catalogue)


def test_the_weight_of_a_factor_is_told_once_and_in_full(catalogue: Catalogue, values: pl.DataFrame) -> None:
    table = coverage_table(catalogue, values)
    assert table["factor"].to_list() == list(catalogue.factors)
    for row in table.iter_rows(named=True):
        weights = catalogue.factor(row["factor"]).weights
        by_hand = {
            origin: sum(weight for key, weight in weights.items() if catalogue.indicator(key).origin == origin)
            / sum(weights.values())
            for origin in ORIGINS
        }
        assert row["indicators"] == len(weights)
        assert [row["offline"], row["refresh_adds"], row["local_adds"]] == pytest.approx(list(by_hand.values()))
        assert row["offline"] + row["refresh_adds"] + row["local_adds"] == pytest.approx(1)


def test_offline_a_municipality_with_every_public_figure_has_the_offline_share(
    catalogue: Catalogue, values: pl.DataFrame
) -> None:
    oslo = municipality_coverage(catalogue, values).filter(pl.col("municipality_code") == "0301")
    both = oslo.join(coverage_table(catalogue, values), on="factor")
    assert both.height == len(catalogue.factors)
    for row in both.iter_rows(named=True):
        assert row["coverage"] == row["snapshot"] == pytest.approx(row["offline"])
        assert row["live"] == row["local"] == 0


def test_data_of_every_origin_count_where_they_belong(catalogue: Catalogue, values: pl.DataFrame) -> None:
    everything = values.with_columns(value=pl.lit(1.0))
    for row in municipality_coverage(catalogue, everything).head(11).iter_rows(named=True):
        assert row["coverage"] == pytest.approx(1)
        assert row["snapshot"] + row["live"] + row["local"] == pytest.approx(1)
    table = coverage_table(catalogue, everything)
    assert table["with_data"].to_list() == pytest.approx([1.0] * table.height)


def test_a_lost_figure_takes_its_weight_along(catalogue: Catalogue, values: pl.DataFrame) -> None:
    lost = values.with_columns(
        value=pl.when((pl.col("municipality_code") == "0301") & (pl.col("indicator") == "population"))
        .then(None)
        .otherwise("value")
    )
    found = municipality_coverage(catalogue, lost).row(
        by_predicate=(pl.col("municipality_code") == "0301") & (pl.col("factor") == "size_growth"), named=True
    )
    assert found["coverage"] == pytest.approx(0.75)
    assert coverage_table(catalogue, lost).row(by_predicate=pl.col("factor") == "size_growth", named=True)[
        "with_data_lowest"
    ] == pytest.approx(0.75)


def test_every_indicator_tells_how_many_municipalities_have_a_value(catalogue: Catalogue, values: pl.DataFrame) -> None:
    counted = indicator_coverage(catalogue, values)
    assert counted["indicator"].to_list() == list(catalogue.indicators)
    assert counted["municipalities"].unique().to_list() == [357]
    by_origin = {origin: counted.filter(pl.col("origin") == origin)["with_value"].to_list() for origin in ORIGINS}
    assert min(by_origin["snapshot"]) > 200
    assert set(by_origin["live"]) == set(by_origin["local"]) == {0}


def test_the_order_of_rows_does_not_matter(catalogue: Catalogue, values: pl.DataFrame) -> None:
    shuffled = values.sample(fraction=1.0, shuffle=True, seed=5)
    for table in (coverage_table, municipality_coverage, indicator_coverage):
        assert_frame_equal(table(catalogue, shuffled), table(catalogue, values))
