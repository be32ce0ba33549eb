import math

import polars as pl
import pytest

from features.tile_map import border_segments, label_anchors, neighbouring_tiles, tile_centre, tile_distance


def test_the_centre_of_a_tile_lies_one_width_from_its_six_neighbours() -> None:
    for tile in ((4, 4), (4, 5)):
        assert len(set(neighbouring_tiles(*tile))) == 6
        for beside in neighbouring_tiles(*tile):
            assert math.dist(tile_centre(*tile), tile_centre(*beside)) == pytest.approx(1)
            assert tile_distance(tile, beside) == 1
            assert tile in neighbouring_tiles(*beside)


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


def test_oslo_touches_akershus_and_the_sea_only(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    border = border_segments(tiles, places)
    oslo = border.filter((pl.col("county_code") == "03") | (pl.col("other_county_code") == "03"))
    assert oslo.height == 6
    assert set(oslo["other_county_code"]) <= {"32", "33", None}
    assert "32" in set(oslo["other_county_code"])


def test_every_label_lies_inside_its_own_county(tiles: pl.DataFrame, places: pl.DataFrame) -> None:
    anchors = label_anchors(tiles, places)
    assert anchors["county_code"].to_list() == sorted(set(places["county_code"]))
    assert anchors["clearance"].min() == pytest.approx(0.5)
    county = dict(places.select("municipality_code", "county_code").iter_rows())
    centres = [(tile_centre(column, row), county[code]) for code, column, row in tiles.iter_rows()]
    for code, x, y, _ in anchors.iter_rows():
        assert min(centres, key=lambda centre: math.dist(centre[0], (x, y)))[1] == code
