"""Peer groups: same class and band, wide enough to compare with."""

import polars as pl
import pytest

from features.catalogue import load_catalogue
from features.errors import InvalidInputError, UnknownMunicipalityError
from features.indicators.compute import indicator_values
from features.peers import (
    HOSPITAL_BANDS,
    POPULATION_BANDS,
    SMALLEST_GROUP,
    chosen_peers,
    distance_peers,
    kostra_peers,
    peer_groups,
    population_band,
)
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


@pytest.fixture(scope="module")
def travel() -> pl.DataFrame:
    values = indicator_values(load_snapshot(), load_catalogue())
    return values.filter(pl.col("indicator") == "hospital_travel_min")


def test_peers_by_distance_share_class_size_and_way_to_hospital(places: pl.DataFrame, travel: pl.DataFrame) -> None:
    population = places.select("municipality_code", "population")
    groups = distance_peers(places.drop("year", "population", "band"), population, travel)
    assert groups["municipality_code"].n_unique() == 357
    assert groups.group_by("municipality_code").len()["len"].to_numpy().min() >= SMALLEST_GROUP
    lower = [bound for _, bound in HOSPITAL_BANDS]
    minutes = dict(travel.select("municipality_code", "value").iter_rows())
    own = {row["municipality_code"]: row for row in places.iter_rows(named=True)}
    narrow = groups.filter(pl.col("basis").cast(pl.String) == "class_band_and_distance")
    for code, peer in narrow.select("municipality_code", "peer_code").sample(500, seed=1).iter_rows():
        assert own[code]["centrality_class"] == own[peer]["centrality_class"]
        assert own[code]["band"] == own[peer]["band"]
        assert sum(minutes[code] >= bound for bound in lower) == sum(minutes[peer] >= bound for bound in lower)


def test_municipalities_without_a_travel_time_are_peers_of_each_other(
    places: pl.DataFrame, travel: pl.DataFrame
) -> None:
    population = places.select("municipality_code", "population")
    groups = distance_peers(places.drop("year", "population", "band"), population, travel.clear())
    assert set(groups.filter(pl.col("municipality_code") == "5014")["peer_code"]) == set(
        peer_groups(places.drop("year", "population", "band"), population).filter(
            pl.col("municipality_code") == "5014"
        )["peer_code"]
    )


def test_kostra_peers_share_the_group_and_oslo_is_alone(places: pl.DataFrame) -> None:
    groups = kostra_peers(places)
    group = dict(places.select("municipality_code", "kostra_group_2020").iter_rows())
    assert all(group[code] == group[peer] for code, peer in groups.select(pl.nth(0), pl.nth(1)).iter_rows())
    assert groups.height == sum(count**2 for count in places.group_by("kostra_group_2020").len()["len"])
    assert groups.filter(pl.col("municipality_code") == "0301")["peer_code"].to_list() == ["0301"]


def test_an_own_choice_holds_the_municipality_and_each_chosen_one_once(places: pl.DataFrame) -> None:
    changes = load_snapshot().municipality_code_changes
    chosen = chosen_peers("5014", ["5056", "5014", "5056"], changes, places)
    assert chosen["peer_code"].to_list() == ["5014", "5056"]
    with pytest.raises(UnknownMunicipalityError, match="Trondheim"):
        chosen_peers("5014", ["1601"], changes, places)
    with pytest.raises(InvalidInputError, match="at least one other"):
        chosen_peers("5014", ["5014"], changes, places)
