import math
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.errors import ContractViolationError, InvalidInputError
from features.frames import Tile
from features.reference.build_tile_map import FOLDER, TILE_MAP, quality_report, read_places, refuse_broken, store
from features.tile_map import (
    TileMapOptions,
    TileMapQuality,
    border_segments,
    county_groups,
    inland_gaps,
    label_anchors,
    neighbour_pairs,
    neighbouring_tiles,
    plain_tile_map,
    projected_km,
    tile_centre,
    tile_distance,
    tile_map,
    tile_map_quality,
)

QUICK = TileMapOptions(steps=3_000)


@pytest.fixture(scope="module")
def places() -> pl.DataFrame:
    return read_places(FOLDER / "municipalities.csv")


@pytest.fixture(scope="module")
def tiles() -> pl.DataFrame:
    return pl.read_csv(TILE_MAP, schema_overrides={"municipality_code": pl.String})


@pytest.fixture(scope="module")
def quality(tiles: pl.DataFrame, places: pl.DataFrame) -> TileMapQuality:
    return tile_map_quality(tiles, places)


@pytest.fixture(scope="module")
def plain_quality(places: pl.DataFrame) -> TileMapQuality:
    return tile_map_quality(plain_tile_map(places), places)


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


def test_every_municipality_has_one_tile_of_its_own(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    Tile.validate(tiles)
    assert sorted(tiles["municipality_code"]) == sorted(places["municipality_code"])
    assert not tiles.select("column", "row").is_duplicated().any()
    assert tiles["column"].min() == tiles["row"].min() == 0


def test_every_county_is_one_group_of_touching_tiles(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    assert county_groups(tiles, places).rows() == [(county, 1) for county in sorted(set(places["county_code"]))]


def test_the_country_is_in_one_piece_without_holes(tiles: pl.DataFrame) -> None:
    everything = tiles.select("municipality_code", county_code=pl.lit("00"))
    assert county_groups(tiles, everything)["groups"].to_list() == [1]
    assert inland_gaps(tiles) == 0


def test_the_map_is_portrait_and_fits_a_phone(quality: TileMapQuality) -> None:
    assert quality.columns <= 24
    assert 1.2 <= quality.height_to_width <= 1.6


def test_the_map_keeps_directions(quality: TileMapQuality) -> None:
    assert quality.north_south > 0.99
    assert quality.west_east > 0.97


def test_the_map_keeps_neighbours_better_than_the_plain_assignment(
    quality: TileMapQuality, plain_quality: TileMapQuality
) -> None:
    assert quality.adjacent_share > plain_quality.adjacent_share + 0.04
    assert quality.mean_neighbour_distance < plain_quality.mean_neighbour_distance - 0.04
    assert plain_quality.split_counties


def test_few_neighbour_counties_are_drawn_apart(quality: TileMapQuality) -> None:
    assert len(quality.county_pairs_lost) <= 4
    assert len(quality.county_pairs_added) <= 1


def test_the_outline_reads_as_norway(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    joined = tiles.join(places, on="municipality_code").with_columns(x=pl.col("column") + 0.5 * (pl.col("row") % 2))
    middle = {
        county: (x, row)
        for county, x, row in joined.group_by("county_code").agg(pl.mean("x"), pl.mean("row")).iter_rows()
    }
    finnmark, troms, nordland, trondelag, agder = (middle[code] for code in ("56", "55", "18", "50", "42"))
    vestland, innlandet, oslo, akershus, buskerud = (middle[code] for code in ("46", "34", "03", "32", "33"))
    assert finnmark[0] > troms[0] > nordland[0] > trondelag[0] > vestland[0]
    assert finnmark[1] < troms[1] < nordland[1] < trondelag[1] < innlandet[1] < oslo[1] < agder[1]
    assert vestland[0] < buskerud[0] < oslo[0] < akershus[0]
    southern_half = joined.filter(pl.col("row") >= pl.col("row").max() / 2)
    assert southern_half.height > 0.6 * joined.height


def test_oslo_touches_akershus_and_the_sea_only(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    border = border_segments(tiles, places)
    oslo = border.filter((pl.col("county_code") == "03") | (pl.col("other_county_code") == "03"))
    assert oslo.height == 6
    assert set(oslo["other_county_code"]) <= {"32", "33", None}
    assert "32" in set(oslo["other_county_code"])


def test_the_centre_of_a_tile_lies_one_width_from_its_six_neighbours() -> None:
    for tile in ((4, 4), (4, 5)):
        assert len(set(neighbouring_tiles(*tile))) == 6
        for beside in neighbouring_tiles(*tile):
            assert math.dist(tile_centre(*tile), tile_centre(*beside)) == pytest.approx(1)
            assert tile_distance(tile, beside) == 1
            assert tile in neighbouring_tiles(*beside)


def test_projection_keeps_a_right_angle_right() -> None:
    (x0, y0), (x1, y1), (x2, y2) = projected_km(
        pl.Series([70.0, 70.01, 70.0]).to_numpy(), pl.Series([28.0, 28.0, 28.01]).to_numpy()
    ).tolist()
    north, east = (x1 - x0, y1 - y0), (x2 - x0, y2 - y0)
    cosine = (north[0] * east[0] + north[1] * east[1]) / (math.hypot(*north) * math.hypot(*east))
    assert cosine == pytest.approx(0, abs=1e-3)


def test_points_on_one_line_form_a_chain() -> None:
    points = pl.DataFrame({"x": [3.0, 0.0, 2.0, 1.0], "y": [3.0, 0.0, 2.0, 1.0]}).to_numpy()
    assert neighbour_pairs(points).tolist() == [[0, 2], [1, 3], [2, 3]]


def test_a_long_edge_past_another_point_joins_no_neighbours() -> None:
    points = pl.DataFrame({"x": [0.0, 10.0, 5.0], "y": [0.0, 0.0, 0.5]}).to_numpy()
    assert neighbour_pairs(points).tolist() == [[0, 2], [1, 2]]
    assert neighbour_pairs(points, clearance=0).tolist() == [[0, 1], [0, 2], [1, 2]]


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


def test_the_outline_of_every_county_is_closed(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    border = border_segments(tiles, places)
    for county in sorted(set(places["county_code"])):
        outline = border.filter((pl.col("county_code") == county) | (pl.col("other_county_code") == county))
        ends: dict[tuple[float, float], int] = {}
        for x1, y1, x2, y2 in outline.select(pl.col("x1", "y1", "x2", "y2").round(6) + 0.0).iter_rows():
            assert math.dist((x1, y1), (x2, y2)) == pytest.approx(1 / math.sqrt(3), abs=1e-5)
            for end in ((x1, y1), (x2, y2)):
                ends[end] = ends.get(end, 0) + 1
        assert set(ends.values()) == {2}


def test_border_segments_come_once_each(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    border = border_segments(tiles, places)
    middles = border.select(((pl.col("x1") + pl.col("x2")) / 2).round(4), ((pl.col("y1") + pl.col("y2")) / 2).round(4))
    assert not middles.is_duplicated().any()
    assert border.filter(pl.col("other_county_code") <= pl.col("county_code")).is_empty()


def test_every_label_lies_inside_its_own_county(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    anchors = label_anchors(tiles, places)
    assert anchors["county_code"].to_list() == sorted(set(places["county_code"]))
    assert anchors["clearance"].min() == pytest.approx(0.5)
    county = dict(places.select("municipality_code", "county_code").iter_rows())
    centres = [(tile_centre(column, row), county[code]) for code, column, row in tiles.iter_rows()]
    for code, x, y, _ in anchors.iter_rows():
        assert min(centres, key=lambda centre: math.dist(centre[0], (x, y)))[1] == code


def test_the_report_sets_both_maps_side_by_side(quality: TileMapQuality, plain_quality: TileMapQuality) -> None:
    report = quality_report(quality, plain_quality)
    assert f"{quality.adjacent_share:.3f}" in report
    assert f"{plain_quality.adjacent_share:.3f}" in report


def test_places_are_read_with_codes_as_text(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("municipality_code,name,county_code,lat,lon\n0301,Oslo,03,59.9,10.8\n", encoding="utf-8")
    assert read_places(file).rows() == [("0301", "03", 59.9, 10.8)]


def test_a_map_with_a_split_county_or_a_hole_is_refused(quality: TileMapQuality, plain_quality: TileMapQuality) -> None:
    refuse_broken(quality)
    with pytest.raises(ContractViolationError) as refusal:
        refuse_broken(plain_quality)
    assert refusal.value.counts["county_in_several_parts"] == len(plain_quality.split_counties)


def test_storing_leaves_the_new_file_alone_in_its_folder(tiles: pl.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "tile_map.csv"
    file.write_text("old", encoding="utf-8")
    store(tiles, file)
    assert file.read_bytes() == TILE_MAP.read_bytes()
    assert list(tmp_path.iterdir()) == [file]
