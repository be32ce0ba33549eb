"""The tile map as shapes that a template draws."""

import math
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from features.snapshot import Snapshot
from features.tile_map import ROW_HEIGHT, border_segments, label_anchors, tile_centre

TILE = 20.0
"""Width of a tile in the drawing's units."""

GAP = 0.95
"""Share of its cell that a tile fills, so that tiles are told apart without lines."""

MARGIN = 8.0

ROOM = 1.5
"""Tile widths from a county's name to its border that let the name stand on a small screen too."""

SCORE_BREAKS = (10, 25, 50, 75, 90)
"""Scores at which the map changes colour; a score is a percentile, so the outer classes hold a tenth each."""


@dataclass(frozen=True, slots=True)
class PlacedTile:
    """Where a municipality's tile stands."""

    code: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class CountyLabel:
    """A county's name and where it stands; `has_room` where it does not crowd its neighbours."""

    name: str
    x: float
    y: float
    has_room: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything about the map that does not depend on what it shows."""

    width: float
    height: float
    tile_points: str
    tiles: tuple[PlacedTile, ...]
    county_borders: str
    coast: str
    labels: tuple[CountyLabel, ...]


def tile_drawing(snapshot: Snapshot) -> Drawing:
    """Drawing of the snapshot's tile map."""
    joined = snapshot.tile_map.join(snapshot.municipalities, on="municipality_code")
    rows = joined.select("municipality_code", "column", "row", "county_code", "county_name").sort("municipality_code")
    return _drawing(tuple(rows.iter_rows()))


def score_class(score: float | None) -> int | None:
    """Number 0-5 of the colour class that a score falls into."""
    return None if score is None else sum(score >= limit for limit in SCORE_BREAKS)


@lru_cache(maxsize=4)
def _drawing(rows: tuple[tuple[str, int, int, str, str], ...]) -> Drawing:
    tiles = pl.DataFrame(
        rows, schema=["municipality_code", "column", "row", "county_code", "county_name"], orient="row"
    )
    places = tiles.select("municipality_code", "county_code")
    segments = border_segments(tiles, places)
    between = segments.filter(pl.col("other_county_code").is_not_null())
    names = dict(tiles.select("county_code", "county_name").iter_rows())
    columns, depth = tiles["column"].to_numpy().max(), tiles["row"].to_numpy().max()
    return Drawing(
        width=_x(float(columns) + 1.0) + MARGIN,
        height=_y(float(depth) * ROW_HEIGHT + 0.6) + MARGIN,
        tile_points=_hexagon(),
        tiles=tuple(
            PlacedTile(code, _x(tile_centre(column, row)[0]), _y(tile_centre(column, row)[1]))
            for code, column, row, *_ in rows
        ),
        county_borders=_path(between),
        coast=_path(segments.filter(pl.col("other_county_code").is_null())),
        labels=tuple(
            CountyLabel(names[row["county_code"]], _x(row["x"]), _y(row["y"]), row["clearance"] >= ROOM)
            for row in label_anchors(tiles, places).iter_rows(named=True)
        ),
    )


def _x(x: float) -> float:
    return round((x + 0.5) * TILE + MARGIN, 1)


def _y(y: float) -> float:
    return round((y + 0.6) * TILE + MARGIN, 1)


def _hexagon() -> str:
    radius = TILE / math.sqrt(3) * GAP
    turns = [math.radians(60 * corner - 30) for corner in range(6)]
    return " ".join(f"{radius * math.cos(turn):.2f},{radius * math.sin(turn):.2f}" for turn in turns)


def _path(segments: pl.DataFrame) -> str:
    ends = segments.select("x1", "y1", "x2", "y2").iter_rows()
    return "".join(f"M{_x(x1):g} {_y(y1):g}L{_x(x2):g} {_y(y2):g}" for x1, y1, x2, y2 in ends)
