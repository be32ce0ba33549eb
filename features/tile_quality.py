"""How well a tile map keeps neighbours, counties and directions."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import spearmanr

from features.tile_assignment import checked_places, place_points
from features.tile_map import county_at, neighbouring_tiles, tile_centre, tile_distance
from features.tile_positions import neighbour_pairs


@dataclass(frozen=True, slots=True)
class TileMapQuality:
    """How well a tile map keeps what it draws.

    Attributes
    ----------
    columns, rows : int
        Size of the grid.
    height_to_width : float
        Aspect ratio of the drawing.
    mean_neighbour_distance : float
        Mean number of tile steps between neighbours (`neighbour_pairs`); 1 is best.
    adjacent_share : float
        Share (0-1) of neighbours whose tiles touch. A tile has six sides and a place often more neighbours, so 1 is
        out of reach.
    north_south, west_east : float
        Spearman correlation of the tiles' y with the places' true southing, and of x with easting.
    split_counties : tuple[str, ...]
        Counties that are not one group of touching tiles.
    county_pairs_lost, county_pairs_added : tuple[tuple[str, str], ...]
        Neighbour counties that do not touch, and counties that touch without being neighbours.
    inland_gaps : int
        Empty tiles with no way to the open sea.
    """

    columns: int
    rows: int
    height_to_width: float
    mean_neighbour_distance: float
    adjacent_share: float
    north_south: float
    west_east: float
    split_counties: tuple[str, ...]
    county_pairs_lost: tuple[tuple[str, str], ...]
    county_pairs_added: tuple[tuple[str, str], ...]
    inland_gaps: int


def tile_map_quality(tiles: pl.DataFrame, places: pl.DataFrame) -> TileMapQuality:
    """Figures on how well a tile map keeps neighbours, counties and directions.

    ``places`` has the columns that `features.tile_assignment.tile_map` takes.

    Examples
    --------
    >>> from features.tile_assignment import plain_tile_map
    >>> places = pl.DataFrame({"municipality_code": ["0301", "4601", "5001"], "county_code": ["03", "46", "50"],
    ...                        "lat": [59.92, 60.37, 63.42], "lon": [10.78, 5.33, 10.41]})
    >>> quality = tile_map_quality(plain_tile_map(places), places)
    >>> round(quality.mean_neighbour_distance, 2), round(quality.adjacent_share, 2), quality.split_counties
    (1.33, 0.67, ())
    """
    ordered = checked_places(places).join(tiles, on="municipality_code", how="left", maintain_order="left")
    points = place_points(ordered)
    positions: list[tuple[int, int]] = ordered.select("column", "row").rows()
    centres = np.array([tile_centre(column, row) for column, row in positions])
    county = ordered["county_code"].to_list()
    pairs: list[list[int]] = neighbour_pairs(points).tolist()
    steps = [tile_distance(positions[one], positions[other]) for one, other in pairs]
    real = _different({(county[one], county[other]) for one, other in pairs})
    counties = dict(zip(positions, county, strict=True))
    drawn = _different(
        (counties[tile], counties[beside])
        for tile in counties
        for beside in neighbouring_tiles(*tile)
        if beside in counties
    )
    columns, rows = int(ordered["column"].max()) + 1, int(ordered["row"].max()) + 1  # type: ignore[arg-type]
    width = float(np.ptp(centres[:, 0])) + 1
    height = float(np.ptp(centres[:, 1])) + 2 / math.sqrt(3)
    split = county_groups(tiles, places).filter(pl.col("groups") > 1)["county_code"]
    return TileMapQuality(
        columns=columns,
        rows=rows,
        height_to_width=height / width,
        mean_neighbour_distance=sum(steps) / len(steps),
        adjacent_share=steps.count(1) / len(steps),
        north_south=float(spearmanr(points[:, 1], centres[:, 1]).statistic),
        west_east=float(spearmanr(points[:, 0], centres[:, 0]).statistic),
        split_counties=tuple(split),
        county_pairs_lost=tuple(sorted(real - drawn)),
        county_pairs_added=tuple(sorted(drawn - real)),
        inland_gaps=inland_gaps(tiles),
    )


def county_groups(tiles: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Number of groups of touching tiles for each county: ``county_code``, ``groups``; 1 means whole.

    Examples
    --------
    >>> tiles = pl.DataFrame({"municipality_code": ["0301", "3301", "3303"], "column": [1, 0, 2], "row": [0, 0, 0]})
    >>> places = pl.DataFrame({"municipality_code": ["0301", "3301", "3303"], "county_code": ["03", "33", "33"]})
    >>> county_groups(tiles, places).rows()
    [('03', 1), ('33', 2)]
    """
    members: dict[str, set[tuple[int, int]]] = {}
    for position, county in county_at(tiles, places).items():
        members.setdefault(county, set()).add(position)
    rows = [(county, len(_tile_groups(members[county]))) for county in sorted(members)]
    return pl.DataFrame(rows, schema={"county_code": pl.String, "groups": pl.Int64}, orient="row")


def inland_gaps(tiles: pl.DataFrame) -> int:
    """Number of empty tiles that land closes in on all sides: holes, not fjords.

    Examples
    --------
    >>> ring = neighbouring_tiles(2, 2)
    >>> inland_gaps(pl.DataFrame({"column": [c for c, _ in ring], "row": [r for _, r in ring]}))
    1
    """
    land = set(tiles.select("column", "row").iter_rows())
    right, bottom = max(column for column, _ in land) + 1, max(row for _, row in land) + 1
    empty = {(column, row) for column in range(-1, right + 1) for row in range(-1, bottom + 1)} - land
    return sum(len(group) for group in _tile_groups(empty) if (-1, -1) not in group)


def _different(pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}


def _tile_groups(tiles: Iterable[tuple[int, int]]) -> list[set[tuple[int, int]]]:
    left, groups = set(tiles), []
    while left:
        group = {left.pop()}
        reached = list(group)
        while reached:
            new = left.intersection(neighbouring_tiles(*reached.pop()))
            left -= new
            group |= new
            reached.extend(new)
        groups.append(group)
    return groups
