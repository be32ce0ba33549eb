import math

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.errors import InvalidInputError
from features.tile_assignment import plain_tile_map, tile_map
from features.tile_costs import TileMapOptions
from features.tile_quality import county_groups, inland_gaps

QUICK = TileMapOptions(steps=3_000)


def some_places(count: int) -> pl.DataFrame:
    """Places in a slanted lattice, in two counties, west and east."""
    return pl.DataFrame(
        {
            "municipality_code": [f"{1000 + n}" for n in range(count)],
            "county_code": ["10" if n % 6 < 3 else "11" for n in range(count)],
            "lat": [60.0 + 0.3 * (n // 6) + 0.01 * (n % 6) for n in range(count)],
            "lon": [8.0 + 0.6 * (n % 6) + 0.05 * (n // 6) for n in range(count)],
        }
    )


def test_the_same_places_give_the_same_map_with_whole_counties() -> None:
    places = some_places(30)
    first = tile_map(places, options=QUICK)
    assert_frame_equal(first, tile_map(places, options=QUICK))
    assert county_groups(first, places)["groups"].to_list() == [1, 1]


def test_tiles_trading_places_mend_a_county_in_two_parts() -> None:
    lattice = some_places(36)
    places = lattice.with_columns(
        county_code=pl.when(pl.col("municipality_code").is_in(["1001", "1008"]))
        .then(pl.lit("12"))
        .otherwise("county_code")
    )
    assert county_groups(plain_tile_map(places), places)["groups"].to_list() == [1, 2, 2]
    assert county_groups(tile_map(places, options=TileMapOptions(steps=20_000)), places)["groups"].to_list() == [
        1,
        1,
        1,
    ]


def test_a_fjord_keeps_tiles_empty() -> None:
    places = some_places(36)
    fjord = {"fjord": ((60.6, 9.4), (60.9, 9.4))}
    tiles = tile_map(places, fjord, QUICK)
    assert tiles.height == 36
    assert inland_gaps(tile_map(places, options=QUICK)) == 0
    assert inland_gaps(tiles) >= 1


def test_one_municipality_gets_the_first_tile() -> None:
    assert tile_map(some_places(1), options=QUICK).rows() == [("1000", 0, 0)]


def test_twins_at_one_spot_get_different_tiles() -> None:
    places = some_places(8).with_columns(lat=pl.lit(60.0), lon=pl.lit(10.0))
    tiles = tile_map(places, options=QUICK)
    assert not tiles.select("column", "row").is_duplicated().any()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (some_places(3).drop("lat"), "columns"),
        (some_places(0), "at least one municipality"),
        (pl.concat([some_places(2), some_places(1)]), "each code once"),
        (some_places(2).with_columns(lat=pl.Series([60.0, None])), "1001"),
        (some_places(2).with_columns(lon=pl.Series([math.nan, 10.0])), "1000"),
    ],
)
def test_places_that_cannot_be_mapped_are_refused(wrong: pl.DataFrame, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        tile_map(wrong)


def test_a_grid_of_one_column_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least 2"):
        tile_map(some_places(3), options=TileMapOptions(columns=1))
