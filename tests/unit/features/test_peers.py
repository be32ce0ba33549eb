"""Peer groups: same class and band, wide enough to compare with."""

import polars as pl
import pytest

from features.peers import POPULATION_BANDS, SMALLEST_GROUP, peer_groups, population_band
from features.snapshot import load_snapshot


@pytest.fixture(scope="module")
def places() -> pl.DataFrame:
    snapshot = load_snapshot()
    newest = snapshot.population.filter(pl.col("year") == 2026)
    return snapshot.municipalities.join(newest, on="municipality_code").with_columns(
        band=population_band(pl.col("population"))
    )


@pytest.fixture(scope="module")
def groups(places: pl.DataFrame) -> pl.DataFrame:
    return peer_groups(places.drop("year", "population", "band"), places.select("municipality_code", "population"))


def test_bands_begin_at_their_lower_bound() -> None:
    population = pl.DataFrame({"population": [1.0, 1999.0, 2000.0, 4999.9, 5000.0, 10_000.0, 49_999.0, 50_000.0]})
    bands = population.select(population_band(pl.col("population"))).to_series().to_list()
    names = [name for name, _ in POPULATION_BANDS]
    assert [names.index(band) for band in bands] == [0, 0, 1, 1, 2, 3, 3, 4]


def test_everyone_is_in_the_own_group(groups: pl.DataFrame) -> None:
    assert groups.filter(pl.col("municipality_code") == pl.col("peer_code")).height == 357


def test_no_group_is_too_small(groups: pl.DataFrame) -> None:
    sizes = groups.group_by("municipality_code").len()["len"].to_list()
    assert min(sizes) >= SMALLEST_GROUP


def test_the_narrowest_group_that_is_large_enough_is_taken(places: pl.DataFrame, groups: pl.DataFrame) -> None:
    cell = places.group_by("centrality_class", "band").len(name="cell")
    basis = groups.unique("municipality_code").join(places, on="municipality_code")
    joined = basis.join(cell, on=["centrality_class", "band"])
    is_narrow = pl.col("basis").cast(pl.String) == "class_and_band"
    assert joined.filter(is_narrow != (pl.col("cell") >= SMALLEST_GROUP)).is_empty()


def test_peers_share_class_and_band(places: pl.DataFrame, groups: pl.DataFrame) -> None:
    own = places.select("municipality_code", "centrality_class", "band")
    narrow = groups.filter(pl.col("basis").cast(pl.String) == "class_and_band")
    joined = narrow.join(own, on="municipality_code").join(
        own, left_on="peer_code", right_on="municipality_code", suffix="_of_peer"
    )
    differs = (pl.col("centrality_class") != pl.col("centrality_class_of_peer")) | (
        pl.col("band") != pl.col("band_of_peer")
    )
    assert joined.filter(differs).is_empty()
