from pathlib import Path

import polars as pl
import pytest

from features.errors import ContractViolationError
from features.frames import Tile
from features.reference.build_tile_map import TILE_MAP, quality_report, read_places, refuse_broken, store
from features.tile_assignment import plain_tile_map
from features.tile_quality import TileMapQuality, county_groups, inland_gaps, tile_map_quality


@pytest.fixture(scope="module")
def quality(tiles: pl.DataFrame, places: pl.DataFrame) -> TileMapQuality:
    return tile_map_quality(tiles, places)


@pytest.fixture(scope="module")
def plain_quality(places: pl.DataFrame) -> TileMapQuality:
    return tile_map_quality(plain_tile_map(places), places)


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
