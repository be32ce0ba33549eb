"""Tile map: one equal hexagon per municipality, so that small places are seen as well as large ones.

The tiles stand with a corner up, in "odd-r" offset coordinates: row 0 is the northernmost, column 0 the westernmost,
and every odd row is shifted half a tile to the right. A tile is 1 wide (flat side to flat side), rows lie √3/2
apart, and y grows downwards as on a screen; `tile_centre` is the whole convention.

This module has what drawing a map takes; `features.tile_assignment` makes one.
"""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

ROW_HEIGHT = math.sqrt(3) / 2

# The sides of a tile, clockwise from the east: (column step in an even row, column step in an odd row, row step).
SIDES = ((1, 1, 0), (0, 1, 1), (-1, 0, 1), (-1, -1, 0), (-1, 0, -1), (0, 1, -1))


def tile_centre(column: int, row: int) -> tuple[float, float]:
    """Centre (x, y) of a tile in tile widths, y downwards.

    Examples
    --------
    >>> tile_centre(3, 0)
    (3.0, 0.0)
    >>> x, y = tile_centre(3, 1)
    >>> x, round(y, 3)
    (3.5, 0.866)
    """
    return column + 0.5 * (row & 1), row * ROW_HEIGHT


def neighbouring_tiles(column: int, row: int) -> tuple[tuple[int, int], ...]:
    """Six (column, row) that share a side with a tile, clockwise from the east; some may lie outside the grid.

    Examples
    --------
    >>> neighbouring_tiles(2, 2)
    ((3, 2), (2, 3), (1, 3), (1, 2), (1, 1), (2, 1))
    >>> neighbouring_tiles(2, 1)
    ((3, 1), (3, 2), (2, 2), (1, 1), (2, 0), (3, 0))
    """
    return tuple((column + (odd if row & 1 else even), row + down) for even, odd, down in SIDES)


def tile_distance(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Least number of steps from tile to touching tile between two (column, row).

    Examples
    --------
    >>> tile_distance((2, 2), (2, 1)), tile_distance((0, 0), (0, 4)), tile_distance((1, 3), (1, 3))
    (1, 4, 0)
    """
    (column, row), (other_column, other_row) = one, other
    across = (column - row // 2) - (other_column - other_row // 2)
    down = row - other_row
    return (abs(across) + abs(down) + abs(across + down)) // 2


def county_at(tiles: pl.DataFrame, places: pl.DataFrame) -> dict[tuple[int, int], str]:
    """County code of every tile, by its (column, row).

    Examples
    --------
    >>> tiles = pl.DataFrame({"municipality_code": ["0301", "3201"], "column": [0, 1], "row": [0, 0]})
    >>> places = pl.DataFrame({"municipality_code": ["0301", "3201"], "county_code": ["03", "32"]})
    >>> county_at(tiles, places)
    {(0, 0): '03', (1, 0): '32'}
    """
    joined = tiles.join(places.select("municipality_code", "county_code"), on="municipality_code", how="left")
    return {(column, row): county for column, row, county in joined.select("column", "row", "county_code").iter_rows()}


def border_segments(tiles: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Tile sides where a county ends, each once: the county borders and the coast, as straight lines.

    Returns
    -------
    DataFrame
        ``county_code``, ``other_county_code`` (null towards an empty tile; otherwise the greater code) and the ends
        ``x1``, ``y1``, ``x2``, ``y2`` in tile widths, as `tile_centre`. The whole outline of a county is the rows
        that name it in either column.

    Examples
    --------
    >>> tiles = pl.DataFrame({"municipality_code": ["0301", "3201"], "column": [0, 1], "row": [0, 0]})
    >>> places = pl.DataFrame({"municipality_code": ["0301", "3201"], "county_code": ["03", "32"]})
    >>> border_segments(tiles, places).filter(pl.col("other_county_code") == "32").select(
    ...     "county_code", pl.col("x1", "y1", "x2", "y2").round(3)).rows()
    [('03', 0.5, -0.289, 0.5, 0.289)]
    """
    counties = county_at(tiles, places)
    rows = [
        (county, other, *_side(*tile, side))
        for tile, county in sorted(counties.items(), key=lambda item: (item[0][1], item[0][0]))
        for side, beside in enumerate(neighbouring_tiles(*tile))
        if (other := counties.get(beside)) is None or other > county
    ]
    schema = {"county_code": pl.String, "other_county_code": pl.String}
    return pl.DataFrame(rows, schema=schema | dict.fromkeys(("x1", "y1", "x2", "y2"), pl.Float64), orient="row")


def label_anchors(tiles: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Point for each county's name: the tile centre or inner corner farthest from the county's border.

    Of several equally far in, the one nearest the county's middle.

    Returns
    -------
    DataFrame
        ``county_code``, ``x``, ``y`` and ``clearance`` (distance to the nearest border or coast), in tile widths.

    Examples
    --------
    >>> tiles = pl.DataFrame({"municipality_code": ["3301", "3303", "3305"], "column": [0, 1, 2], "row": [0, 0, 0]})
    >>> places = tiles.select("municipality_code", county_code=pl.lit("33"))
    >>> label_anchors(tiles, places).with_columns(pl.col("x", "y", "clearance").round(3)).rows()
    [('33', 1.0, 0.0, 0.5)]
    """
    segments = border_segments(tiles, places)
    by_county: dict[str, list[tuple[int, int]]] = {}
    for tile, county in county_at(tiles, places).items():
        by_county.setdefault(county, []).append(tile)
    rows = []
    for county in sorted(by_county):
        own = segments.filter((pl.col("county_code") == county) | (pl.col("other_county_code") == county))
        rows.append((county, *_innermost(by_county[county], own.select("x1", "y1", "x2", "y2").to_numpy())))
    schema = {"county_code": pl.String, "x": pl.Float64, "y": pl.Float64, "clearance": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _corner(column: int, row: int, number: int) -> tuple[float, float]:
    """Corner of a tile; side n runs from corner n to corner n + 1."""
    x, y = tile_centre(column, row)
    turn = math.radians(60 * number - 30)
    return x + math.cos(turn) / math.sqrt(3), y + math.sin(turn) / math.sqrt(3)


def _side(column: int, row: int, side: int) -> tuple[float, float, float, float]:
    return *_corner(column, row, side), *_corner(column, row, side + 1)


def _innermost(tiles: Sequence[tuple[int, int]], segments: NDArray[np.float64]) -> tuple[float, float, float]:
    centres = np.array([tile_centre(column, row) for column, row in tiles])
    corners = np.array([_corner(column, row, number) for column, row in tiles for number in range(6)])
    candidates = np.vstack([centres, corners])
    start, along = segments[:, :2], segments[:, 2:] - segments[:, :2]
    share = ((candidates[:, None] - start[None]) * along[None]).sum(axis=2) / (along**2).sum(axis=1)
    nearest = start[None] + share.clip(0.0, 1.0)[:, :, None] * along[None]
    clearance = np.linalg.norm(candidates[:, None] - nearest, axis=2).min(axis=1)
    off_centre = np.linalg.norm(candidates - centres.mean(axis=0), axis=1)
    # Rounded, so that rounding errors do not decide between equals.
    best = min(
        range(len(candidates)),
        key=lambda n: (-round(clearance[n], 6), round(off_centre[n], 6), *candidates[n].round(6).tolist()),
    )
    return float(candidates[best, 0]), float(candidates[best, 1]), float(clearance[best])
