"""Makes a tile map: every municipality on a tile of its own, near its neighbours and within its county.

Neighbours come from a Delaunay triangulation of the places; the places are spread until neighbours lie one tile apart
in their true direction (`features.tile_positions`); an optimal assignment puts each place on its own tile; then tiles
trade places until counties are whole and neighbours close (`features.tile_annealing`). Fjords may be given as places
that keep their tiles empty: without them Oslofjorden and Vestfjorden would close, and with them goes what makes the
outline Norway.
"""

from collections.abc import Iterable, Mapping

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from features.errors import InvalidInputError
from features.frames import Tile
from features.tile_annealing import annealed_cells
from features.tile_board import Board, board_for, tile_frame
from features.tile_costs import TileMapOptions
from features.tile_positions import Pairs, Points, neighbour_pairs, projected_km, spread_positions

# (lat, lon) along the middle of the two fjords that the eye looks for, from the mouth inwards.
NORWEGIAN_FJORDS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "Oslofjorden": ((59.00, 10.65), (59.22, 10.65), (59.42, 10.57), (59.56, 10.58), (59.73, 10.56), (59.87, 10.66)),
    "Vestfjorden": ((66.80, 11.20), (67.10, 12.20), (67.40, 13.20), (67.75, 13.90), (68.00, 14.60), (68.25, 15.35)),
}
NO_FJORDS: Mapping[str, tuple[tuple[float, float], ...]] = {}
DEFAULT_OPTIONS = TileMapOptions()


def tile_map(
    places: pl.DataFrame,
    fjords: Mapping[str, Iterable[tuple[float, float]]] = NO_FJORDS,
    options: TileMapOptions = DEFAULT_OPTIONS,
) -> dy.DataFrame[Tile]:
    """Tile map that keeps neighbours near and each county together.

    Same places, fjords and options give the same map, whatever the order of the rows. Counties come out whole where the
    places of a county lie together; `features.tile_quality.county_groups` tells. The map is *not* to be measured on:
    distance and area mean nothing, direction a little.

    Parameters
    ----------
    places : DataFrame
        One row per municipality: ``municipality_code``, ``county_code``, ``lat``, ``lon`` (degrees).
    fjords : mapping of name to (lat, lon) points
        Each point keeps one tile empty, and each fjord's tiles together.
    options : TileMapOptions
        Width, effort and weights.

    Raises
    ------
    InvalidInputError
        If a column is missing, there is no row, a code comes twice, a value is missing or the options leave fewer
        than two columns.

    Examples
    --------
    >>> places = pl.DataFrame({"municipality_code": ["0301", "4601", "5001"], "county_code": ["03", "46", "50"],
    ...                        "lat": [59.92, 60.37, 63.42], "lon": [10.78, 5.33, 10.41]})
    >>> tile_map(places, options=TileMapOptions(steps=50)).height
    3
    """
    ordered = checked_places(places)
    water = [(f"~{name}", lat, lon) for name, course in sorted(fjords.items()) for lat, lon in course]
    water_points = projected_km(np.array([lat for _, lat, _ in water]), np.array([lon for _, _, lon in water]))
    points = np.vstack([place_points(ordered), water_points])
    pairs = neighbour_pairs(points)
    board, start = _start(points, pairs, options.columns)
    county = [*ordered["county_code"].to_list(), *(name for name, _, _ in water)]
    cells = annealed_cells(start, county, pairs, board, options)
    return tile_frame(ordered["municipality_code"], cells[: ordered.height], board)


def plain_tile_map(places: pl.DataFrame, columns: int = DEFAULT_OPTIONS.columns) -> dy.DataFrame[Tile]:
    """Tile map by the optimal assignment alone, blind to counties: the yardstick for `tile_map`.

    Places and errors are those of `tile_map`; ``columns`` is the greatest number of columns.

    Examples
    --------
    >>> places = pl.DataFrame({"municipality_code": ["0301", "4601"], "county_code": ["03", "46"],
    ...                        "lat": [59.92, 60.37], "lon": [10.78, 5.33]})
    >>> plain_tile_map(places).rows()
    [('0301', 1, 0), ('4601', 0, 0)]
    """
    ordered = checked_places(places)
    points = place_points(ordered)
    board, cells = _start(points, neighbour_pairs(points), columns)
    return tile_frame(ordered["municipality_code"], cells, board)


def assigned_tiles(positions: Points, centres: Points) -> NDArray[np.int64]:
    """Row number in ``centres`` for each position: all different, with the least sum of squared distances.

    Raises
    ------
    InvalidInputError
        If there are fewer centres than positions.

    References
    ----------
    D. F. Crouse (2016), *On implementing 2D rectangular assignment algorithms*, IEEE Transactions on Aerospace and
    Electronic Systems 52(4), 1679-1696.

    Examples
    --------
    >>> assigned_tiles(np.array([[0.4, 0.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 0.0]])).tolist()
    [1, 0]
    """
    if len(centres) < len(positions):
        raise InvalidInputError("centres", len(centres), f"at least {len(positions)}, one for each position")
    cost = ((positions[:, None] - centres[None]) ** 2).sum(axis=2)
    return linear_sum_assignment(cost)[1].astype(np.int64)


def checked_places(places: pl.DataFrame) -> pl.DataFrame:
    """Code, county and coordinates of the places, ordered by code.

    Raises
    ------
    InvalidInputError
        If a column is missing, there is no row, a code comes twice or a value is missing.
    """
    needed = ("municipality_code", "county_code", "lat", "lon")
    missing = [column for column in needed if column not in places.columns]
    if missing:
        raise InvalidInputError("places", places.columns, f"the columns {', '.join(needed)}")
    ordered = places.select(needed).sort("municipality_code")
    if ordered.is_empty():
        raise InvalidInputError("places", "no row", "at least one municipality")
    if ordered["municipality_code"].is_duplicated().any():
        twice = ordered.filter(pl.col("municipality_code").is_duplicated())["municipality_code"].unique().sort()
        raise InvalidInputError("municipality_code", twice.to_list(), "each code once")
    usable = pl.all_horizontal(pl.all().is_not_null(), pl.col("lat", "lon").is_finite())
    if not ordered.select(usable.all()).item():
        without = ordered.filter(~usable.fill_null(value=False))["municipality_code"]
        raise InvalidInputError("places", without.to_list(), "county and coordinates for every municipality")
    return ordered


def place_points(places: pl.DataFrame) -> Points:
    """Places on the plane of `features.tile_positions.projected_km`, one row each."""
    return projected_km(places["lat"].to_numpy(), places["lon"].to_numpy())


def _start(points: Points, pairs: Pairs, columns: int) -> tuple[Board, list[int]]:
    """Board, and the cell of each place by the optimal assignment."""
    board = board_for(spread_positions(points, pairs, columns), columns)
    return board, [board.usable[number] for number in assigned_tiles(board.home, board.centres[board.usable])]
