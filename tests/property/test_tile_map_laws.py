import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.tile_assignment import assigned_tiles, plain_tile_map, tile_map
from features.tile_costs import TileMapOptions
from features.tile_map import border_segments, label_anchors, neighbouring_tiles, tile_centre, tile_distance
from features.tile_positions import neighbour_pairs
from features.tile_quality import county_groups

QUICK = TileMapOptions(columns=6, steps=300)
SPOTS = st.tuples(st.floats(58, 71), st.floats(4, 31), st.sampled_from(["10", "11", "12"]))
TILES = st.tuples(st.integers(0, 30), st.integers(0, 40))


def frame(spots: list[tuple[float, float, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(f"{1000 + n}", county, lat, lon) for n, (lat, lon, county) in enumerate(spots)],
        schema=["municipality_code", "county_code", "lat", "lon"],
        orient="row",
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(SPOTS, min_size=1, max_size=25))
def test_every_place_gets_its_own_tile_within_the_grid(spots: list[tuple[float, float, str]]) -> None:
    tiles = tile_map(frame(spots), options=QUICK)
    assert tiles["municipality_code"].to_list() == [f"{1000 + n}" for n in range(len(spots))]
    assert not tiles.select("column", "row").is_duplicated().any()
    assert tiles["column"].min() == tiles["row"].min() == 0
    assert tiles["column"].to_numpy().max() < QUICK.columns


@settings(deadline=None, max_examples=40)
@given(st.lists(SPOTS, min_size=1, max_size=25))
def test_trading_places_never_splits_a_county_further(spots: list[tuple[float, float, str]]) -> None:
    places = frame(spots)
    before = county_groups(plain_tile_map(places, QUICK.columns), places)["groups"].to_list()
    after = county_groups(tile_map(places, options=QUICK), places)["groups"].to_list()
    assert all(new <= old for new, old in zip(after, before, strict=True))


@settings(deadline=None, max_examples=25)
@given(st.lists(SPOTS, min_size=2, max_size=15), st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(spots: list[tuple[float, float, str]], seed: int) -> None:
    places = frame(spots)
    shuffled = places.sample(fraction=1, shuffle=True, seed=seed)
    assert_frame_equal(tile_map(places, options=QUICK), tile_map(shuffled, options=QUICK))


@given(
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=4),
    st.lists(TILES, min_size=4, max_size=6, unique=True),
)
def test_the_assignment_costs_as_little_as_the_best_of_all(
    positions: list[tuple[float, float]], tiles: list[tuple[int, int]]
) -> None:
    spots, centres = np.array(positions), np.array([tile_centre(*tile) for tile in tiles])
    cost = ((spots[:, None] - centres[None]) ** 2).sum(axis=2)
    best = min(
        sum(cost[row, column] for row, column in enumerate(choice))
        for choice in itertools.permutations(range(len(tiles)), len(positions))
    )
    chosen = assigned_tiles(spots, centres)
    assert len(set(chosen.tolist())) == len(positions)
    assert cost[np.arange(len(positions)), chosen].sum() == pytest.approx(best)


@given(TILES, TILES, TILES)
def test_steps_between_tiles_are_a_distance(one: tuple[int, int], two: tuple[int, int], three: tuple[int, int]) -> None:
    assert (tile_distance(one, two) == 0) == (one == two)
    assert tile_distance(one, two) == tile_distance(two, one)
    assert tile_distance(one, three) <= tile_distance(one, two) + tile_distance(two, three)
    if one != two:
        assert min(tile_distance(beside, two) for beside in neighbouring_tiles(*one)) == tile_distance(one, two) - 1


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=30))
def test_neighbours_hold_all_points_together(points: list[tuple[float, float]]) -> None:
    pairs = neighbour_pairs(np.array(points)).tolist()
    reached, new = {0}, [0]
    while new:
        point = new.pop()
        beside = {other for pair in pairs if point in pair for other in pair} - reached
        reached |= beside
        new.extend(beside)
    assert len(reached) == len(points)


@settings(deadline=None)
@given(st.dictionaries(TILES, st.sampled_from(["10", "11", "12"]), min_size=1, max_size=30))
def test_borders_and_labels_exist_for_any_map(county_at: dict[tuple[int, int], str]) -> None:
    codes = [f"{1000 + n}" for n in range(len(county_at))]
    tiles = pl.DataFrame(
        {
            "municipality_code": codes,
            "column": [column for column, _ in county_at],
            "row": [row for _, row in county_at],
        }
    )
    places = pl.DataFrame({"municipality_code": codes, "county_code": list(county_at.values())})
    sides = sum(
        county_at.get(beside) != county for tile, county in county_at.items() for beside in neighbouring_tiles(*tile)
    )
    border = border_segments(tiles, places)
    assert border.height + border["other_county_code"].is_not_null().sum() == sides
    anchors = label_anchors(tiles, places)
    assert anchors["county_code"].to_list() == sorted(set(county_at.values()))
    assert anchors["clearance"].to_numpy().min() >= 0.5 - 1e-9
