"""Tile map: one equal hexagon per municipality, so that small places are seen as well as large ones.

The tiles stand with a corner up, in "odd-r" offset coordinates: row 0 is the northernmost, column 0 the westernmost,
and every odd row is shifted half a tile to the right. A tile is 1 wide (flat side to flat side), rows lie √3/2
apart, and y grows downwards as on a screen; `tile_centre` is the whole convention.

How the map is made: neighbours come from a Delaunay triangulation of the places; the places are spread until
neighbours lie one tile apart in their true direction; an optimal assignment puts each place on its own tile; then
tiles trade places, as annealing metal does, until counties are whole and neighbours close. Fjords may be given as
places that keep their tiles empty: without them Oslofjorden and Vestfjorden would close, and with them goes what
makes the outline Norway.

References
----------
G. McNeill and S. A. Hale (2017), *Generating Tile Maps*, Computer Graphics Forum 36(3), 435-445: spread, then assign.
S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi (1983), *Optimization by Simulated Annealing*, Science 220, 671-680.
"""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import Delaunay, QhullError
from scipy.stats import spearmanr

from features.errors import InvalidInputError
from features.frames import Tile

Points = NDArray[np.float64]
Pairs = NDArray[np.int64]

ROW_HEIGHT = math.sqrt(3) / 2
EARTH_RADIUS_KM = 6371.0
CENTRAL_MERIDIAN = 15.0
EMPTY = -1

# The sides of a tile, clockwise from the east: (column step in an even row, column step in an odd row, row step).
SIDES = ((1, 1, 0), (0, 1, 1), (-1, 0, 1), (-1, -1, 0), (-1, 0, -1), (0, 1, -1))

# (lat, lon) along the middle of the two fjords that the eye looks for, from the mouth inwards.
NORWEGIAN_FJORDS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "Oslofjorden": ((59.00, 10.65), (59.22, 10.65), (59.42, 10.57), (59.56, 10.58), (59.73, 10.56), (59.87, 10.66)),
    "Vestfjorden": ((66.80, 11.20), (67.10, 12.20), (67.40, 13.20), (67.75, 13.90), (68.00, 14.60), (68.25, 15.35)),
}
NO_FJORDS: Mapping[str, tuple[tuple[float, float], ...]] = {}


@dataclass(frozen=True, slots=True)
class TileMapOptions:
    """What the layout strives for; every weight is a cost, in the same arbitrary unit.

    Attributes
    ----------
    columns : int
        Greatest number of columns, at least 2.
    steps, seed : int
        Number of trial moves after the optimal assignment, and the seed of their random order. The default seed was
        chosen by eye among the first ten: all keep counties whole, this one draws the fjords and the coast best.
    near : float
        For each tile width by which two neighbours are more than one tile apart.
    direction : float
        For the squared distance (tile widths) between a neighbour and the spot one tile off in its true direction.
    home : float
        For the squared distance (tile widths) between a tile and the place's spread position.
    border, strange_border : float
        For each side between two counties, and between two counties that do not meet in reality.
    coast, fjord : float
        For each side between a municipality and an empty tile, and a fjord.
    whole : float
        For each part of a county beyond the first.
    """

    columns: int = 24
    steps: int = 400_000
    seed: int = 7
    near: float = 1.5
    direction: float = 0.3
    home: float = 0.1
    border: float = 0.5
    strange_border: float = 2.0
    coast: float = 1.0
    fjord: float = 0.3
    whole: float = 10.0


DEFAULT_OPTIONS = TileMapOptions()


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


def projected_km(lat: Points, lon: Points) -> Points:
    """Places on a plane: x east and y south, in km, one row per place.

    Transverse Mercator on a sphere around 15° E (the meridian of UTM zone 33): true in angle, which is what the
    layout uses; off by up to half a per cent in length, which does not matter here. Not for measuring distances.

    Examples
    --------
    >>> projected_km(np.array([60.0, 70.0]), np.array([15.0, 25.0])).round(0).tolist()
    [[0.0, -6672.0], [379.0, -7815.0]]
    """
    parallel, meridian = np.radians(lat), np.radians(lon - CENTRAL_MERIDIAN)
    x = np.arctanh(np.cos(parallel) * np.sin(meridian))
    y = np.arctan2(np.tan(parallel), np.cos(meridian))
    return EARTH_RADIUS_KM * np.column_stack([x, -y])


def neighbour_pairs(points: Points, clearance: float = 0.7) -> Pairs:
    """Pairs of neighbouring points: Delaunay edges with no third point between.

    A triangulation also joins points far apart along its hull, as across the open sea. An edge stays if a
    circle around its middle, ``clearance`` times half its length in radius, holds no other point: 0 keeps all
    edges, 1 gives the Gabriel graph. At 0.7 the pairs come closest to the municipalities that share a border.

    Returns
    -------
    array of shape (pairs, 2)
        Row numbers, the smaller first, in order; the graph is connected.

    References
    ----------
    K. R. Gabriel and R. R. Sokal (1969), *A New Statistical Approach to Geographic Variation Analysis*,
    Systematic Zoology 18(3), 259-278.

    Examples
    --------
    >>> neighbour_pairs(np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.5]])).tolist()
    [[0, 2], [1, 2]]
    """
    edges = _delaunay_edges(points)
    if not len(edges):
        return edges
    start, end = points[edges[:, 0]], points[edges[:, 1]]
    radius = clearance / 2 * np.linalg.norm(end - start, axis=1)
    distance = np.linalg.norm(((start + end) / 2)[:, None] - points[None], axis=2)
    distance[np.arange(len(edges))[:, None], edges] = np.inf
    # The tolerance lets an edge between twins (radius zero) stay.
    kept: Pairs = edges[distance.min(axis=1) >= radius - 1e-9]
    return kept


def spread_positions(points: Points, pairs: Pairs, columns: int) -> Points:
    """Positions, in tile widths, at which neighbours lie about one tile apart in their true direction.

    A crowded region grows and an empty one shrinks. The positions minimise the squared distance of every neighbour
    from the spot one tile off in its true direction (a linear system); then they are narrowed to ``columns`` and
    those closer than a tile pushed apart. Both coordinates start at 0.

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [100.0, 0.0], [103.0, 0.0]])
    >>> spread_positions(points, np.array([[0, 1], [1, 2]]), 24).round(2).tolist()
    [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    """
    count = len(points)
    one, other = pairs[:, 0], pairs[:, 1]
    step = _unit(points[other] - points[one])
    laplacian = 1e-6 * np.eye(count)
    np.add.at(laplacian, (one, one), 1.0)
    np.add.at(laplacian, (other, other), 1.0)
    np.add.at(laplacian, (one, other), -1.0)
    np.add.at(laplacian, (other, one), -1.0)
    pull = np.zeros((count, 2))
    np.add.at(pull, other, step)
    np.add.at(pull, one, -step)
    positions = np.asarray(np.linalg.solve(laplacian, pull), dtype=np.float64)
    positions -= positions.min(axis=0)
    width = max(columns - 1.5, 0.0)
    positions *= min(1.0, width / max(float(positions[:, 0].max()), 1.0))
    for _ in range(150):
        apart = positions[:, None] - positions[None]
        distance = np.linalg.norm(apart, axis=2)
        np.fill_diagonal(distance, np.inf)
        push = np.clip(1.0 - distance, 0.0, None) / np.maximum(distance, 1e-6)
        positions += 0.25 * (push[:, :, None] * apart).sum(axis=1)
        positions[:, 0] = positions[:, 0].clip(0.0, width)
    spread: Points = positions - positions.min(axis=0)
    return spread


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


def plain_tile_map(places: pl.DataFrame, options: TileMapOptions = DEFAULT_OPTIONS) -> dy.DataFrame[Tile]:
    """Tile map by the optimal assignment alone, blind to counties: the yardstick for `tile_map`.

    Parameters and errors are those of `tile_map`.

    Examples
    --------
    >>> places = pl.DataFrame({"municipality_code": ["0301", "4601"], "county_code": ["03", "46"],
    ...                        "lat": [59.92, 60.37], "lon": [10.78, 5.33]})
    >>> plain_tile_map(places).rows()
    [('0301', 1, 0), ('4601', 0, 0)]
    """
    ordered = _checked_places(places)
    points = _points(ordered)
    board = _board(spread_positions(points, neighbour_pairs(points), options.columns), options.columns)
    cells = assigned_tiles(board.home, board.centres[board.usable])
    return _tile_frame(ordered, [board.usable[cell] for cell in cells], board)


def tile_map(
    places: pl.DataFrame,
    fjords: Mapping[str, Iterable[tuple[float, float]]] = NO_FJORDS,
    options: TileMapOptions = DEFAULT_OPTIONS,
) -> dy.DataFrame[Tile]:
    """Tile map that keeps neighbours near and each county together.

    Same places, fjords and options give the same map, whatever the order of the rows. Counties come out whole where the
    places of a county lie together; `county_groups` tells. The map is *not* to be measured on: distance and area mean
    nothing, direction a little.

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
    ordered = _checked_places(places)
    water = [(f"~{name}", lat, lon) for name, course in sorted(fjords.items()) for lat, lon in course]
    water_points = projected_km(np.array([lat for _, lat, _ in water]), np.array([lon for _, _, lon in water]))
    points = np.vstack([_points(ordered), water_points])
    pairs = neighbour_pairs(points)
    board = _board(spread_positions(points, pairs, options.columns), options.columns)
    start = [board.usable[cell] for cell in assigned_tiles(board.home, board.centres[board.usable])]
    county = [*ordered["county_code"].to_list(), *(name for name, _, _ in water)]
    cells = _annealed(start, county, pairs, board, options)
    return _tile_frame(ordered, cells[: ordered.height], board)


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
    for position, county in _county_at(tiles, places).items():
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


def tile_map_quality(tiles: pl.DataFrame, places: pl.DataFrame) -> TileMapQuality:
    """Figures on how well a tile map keeps neighbours, counties and directions.

    ``places`` has the columns that `tile_map` takes.

    Examples
    --------
    >>> places = pl.DataFrame({"municipality_code": ["0301", "4601", "5001"], "county_code": ["03", "46", "50"],
    ...                        "lat": [59.92, 60.37, 63.42], "lon": [10.78, 5.33, 10.41]})
    >>> quality = tile_map_quality(plain_tile_map(places), places)
    >>> round(quality.mean_neighbour_distance, 2), round(quality.adjacent_share, 2), quality.split_counties
    (1.33, 0.67, ())
    """
    ordered = _checked_places(places).join(tiles, on="municipality_code", how="left", maintain_order="left")
    points = _points(ordered)
    positions: list[tuple[int, int]] = ordered.select("column", "row").rows()
    centres = np.array([tile_centre(column, row) for column, row in positions])
    county = ordered["county_code"].to_list()
    pairs: list[list[int]] = neighbour_pairs(points).tolist()
    steps = [tile_distance(positions[one], positions[other]) for one, other in pairs]
    real = _different({(county[one], county[other]) for one, other in pairs})
    county_at = dict(zip(positions, county, strict=True))
    drawn = _different(
        (county_at[tile], county_at[beside])
        for tile in county_at
        for beside in neighbouring_tiles(*tile)
        if beside in county_at
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
    county_at = _county_at(tiles, places)
    rows = [
        (county, other, *_side(*tile, side))
        for tile, county in sorted(county_at.items(), key=lambda item: (item[0][1], item[0][0]))
        for side, beside in enumerate(neighbouring_tiles(*tile))
        if (other := county_at.get(beside)) is None or other > county
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
    for tile, county in _county_at(tiles, places).items():
        by_county.setdefault(county, []).append(tile)
    rows = []
    for county in sorted(by_county):
        own = segments.filter((pl.col("county_code") == county) | (pl.col("other_county_code") == county))
        rows.append((county, *_innermost(by_county[county], own.select("x1", "y1", "x2", "y2").to_numpy())))
    schema = {"county_code": pl.String, "x": pl.Float64, "y": pl.Float64, "clearance": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _unit(vectors: Points) -> Points:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1.0)


def _delaunay_edges(points: Points) -> Pairs:
    if len(points) < 2:
        return np.empty((0, 2), dtype=np.int64)
    try:
        mesh = Delaunay(points)
    except QhullError:
        # Fewer than three points, or all on one line: they form a chain.
        along = np.linalg.svd(points - points.mean(axis=0))[2][0]
        order = np.lexsort((np.arange(len(points)), points @ along))
        edges = np.column_stack([order[:-1], order[1:]])
    else:
        corners = mesh.simplices
        # A point left out because it lies on another one is joined to that one.
        edges = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]], mesh.coplanar[:, [0, 2]]])
    return np.unique(np.sort(edges.astype(np.int64), axis=1), axis=0)


def _checked_places(places: pl.DataFrame) -> pl.DataFrame:
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


def _points(places: pl.DataFrame) -> Points:
    return projected_km(places["lat"].to_numpy(), places["lon"].to_numpy())


@dataclass(frozen=True, slots=True)
class _Board:
    """Numbered cells of a grid with a rim that stays empty, and where each place would like to be."""

    width: int
    centres: Points
    beside: list[tuple[int, ...]]
    usable: list[int]
    home: Points


def _board(spread: Points, columns: int) -> _Board:
    if columns < 2:
        raise InvalidInputError("columns", columns, "at least 2")
    rows = max(math.ceil(float(spread[:, 1].max()) / ROW_HEIGHT), math.ceil(len(spread) / (columns - 1))) + 6
    width, height = columns + 2, rows + 2
    positions = [(column, row) for row in range(height) for column in range(width)]
    # Odd rows are one tile shorter, so that turning them round (`_tile_frame`) never adds a column.
    usable = [
        row * width + column for column, row in positions if 0 < column < width - 1 - (row & 1) and 0 < row < height - 1
    ]
    inside = set(usable)
    beside = [
        tuple(r * width + c for c, r in neighbouring_tiles(*tile)) if number in inside else ()
        for number, tile in enumerate(positions)
    ]
    centres = np.array([tile_centre(column, row) for column, row in positions])
    return _Board(width, centres, beside, usable, spread + np.array([1.5, 3 * ROW_HEIGHT]))


def _annealed(
    start: Sequence[int], county: Sequence[str], pairs: Pairs, board: _Board, options: TileMapOptions
) -> list[int]:
    """Cell of each place after ``options.steps`` trial moves; no move ever splits a county further."""
    layout = _Layout(start, county, pairs, board, options)
    draw = random.Random(options.seed)
    hot, cold = 5.0, 0.15
    for step in range(options.steps):
        path = layout.random_path(draw)
        if path:
            layout.shift_if_good(path, hot * (cold / hot) ** (step / options.steps), draw)
    return layout.cell_of


class _Layout:
    """The one thing here that changes: which place sits on which cell, and what that costs."""

    def __init__(
        self, start: Sequence[int], county: Sequence[str], pairs: Pairs, board: _Board, options: TileMapOptions
    ) -> None:
        codes = sorted(set(county))
        self.beside = board.beside
        self.whole = options.whole
        self.x: list[float] = board.centres[:, 0].tolist()
        self.y: list[float] = board.centres[:, 1].tolist()
        self.home: list[tuple[float, float]] = [(float(x), float(y)) for x, y in board.home]
        self.options = options
        # The last kind stands for the empty tile.
        self.empty_kind = len(codes)
        self.kind = [codes.index(code) for code in county]
        self.links = self._links(pairs, board.home, len(start))
        self.side_cost = self._side_costs(codes, pairs, options)
        self.cell_of = list(start)
        self.place_at = [EMPTY] * len(board.centres)
        self.kind_at = [self.empty_kind] * len(board.centres)
        self.cells: list[set[int]] = [set() for _ in codes]
        for place, cell in enumerate(start):
            self.place_at[cell] = place
            self.kind_at[cell] = self.kind[place]
            self.cells[self.kind[place]].add(cell)
        self.groups = [self._count_groups(cells) for cells in self.cells]

    @staticmethod
    def _links(pairs: Pairs, home: Points, count: int) -> list[list[tuple[int, float, float]]]:
        """For each place its neighbours, with the step of one tile that should lead from the neighbour to it."""
        links: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
        step = _unit(home[pairs[:, 1]] - home[pairs[:, 0]]).tolist()
        for (one, other), (x, y) in zip(pairs.tolist(), step, strict=True):
            links[one].append((other, -x, -y))
            links[other].append((one, x, y))
        return links

    def _side_costs(self, codes: Sequence[str], pairs: Pairs, options: TileMapOptions) -> list[list[float]]:
        """Cost of a side between two kinds of tile; water costs nothing beside water."""
        real = {frozenset((self.kind[one], self.kind[other])) for one, other in pairs.tolist()}
        is_fjord = [code.startswith("~") for code in codes]

        def cost(one: int, other: int) -> float:
            if one == other:
                return 0.0
            if self.empty_kind in (one, other):
                return 0.0 if is_fjord[min(one, other)] else options.coast
            if is_fjord[one] or is_fjord[other]:
                return options.fjord
            return options.border if frozenset((one, other)) in real else options.strange_border

        kinds = range(len(codes) + 1)
        return [[cost(one, other) for other in kinds] for one in kinds]

    def _count_groups(self, cells: set[int]) -> int:
        left, groups = set(cells), 0
        while left:
            groups += 1
            reached = [left.pop()]
            while reached:
                for cell in self.beside[reached.pop()]:
                    if cell in left:
                        left.remove(cell)
                        reached.append(cell)
        return groups

    def random_path(self, draw: random.Random) -> list[int]:
        """Cells whose tiles may move on by one: a trade with a near tile, or a row of tiles pushed into a gap."""
        place = draw.randrange(len(self.cell_of))
        cell = self.cell_of[place]
        chance = draw.random()
        links = self.links[place]
        if chance < 0.5 and links:
            target = self.beside[self.cell_of[links[draw.randrange(len(links))][0]]][draw.randrange(6)]
            return [target, cell] if self._may_hold_land(target, cell) else []
        side = draw.randrange(6)
        if chance < 0.75:
            target = self.beside[cell][side]
            return [target, cell] if self._may_hold_land(target, cell) else []
        if all(self.place_at[beside] != EMPTY for beside in self.beside[cell]):
            return []
        path = [cell]
        while self.place_at[path[-1]] != EMPTY:
            path.append(self.beside[path[-1]][side])
        return path[::-1] if self.beside[path[-1]] else []

    def _may_hold_land(self, target: int, cell: int) -> bool:
        """Whether the target is inside the rim, another cell, and not out at sea alone."""
        return (
            target != cell
            and bool(self.beside[target])
            and (
                self.place_at[target] != EMPTY
                or any(self.place_at[beside] != EMPTY and beside != cell for beside in self.beside[target])
            )
        )

    def cost(self, path: Sequence[int]) -> float:
        """Share of the total cost that depends on what lies on these cells."""
        options, x, y, place_at, kind_at = self.options, self.x, self.y, self.place_at, self.kind_at
        on_path = set(path)
        total = 0.0
        for cell in path:
            sides = self.side_cost[kind_at[cell]]
            for beside in self.beside[cell]:
                total += sides[kind_at[beside]] * (0.5 if beside in on_path else 1.0)
            place = place_at[cell]
            if place == EMPTY:
                continue
            here_x, here_y = x[cell], y[cell]
            home_x, home_y = self.home[place]
            total += options.home * ((here_x - home_x) ** 2 + (here_y - home_y) ** 2)
            for other, step_x, step_y in self.links[place]:
                there = self.cell_of[other]
                dx, dy = here_x - x[there], here_y - y[there]
                miss = options.direction * ((dx - step_x) ** 2 + (dy - step_y) ** 2)
                miss += options.near * max(0.0, math.sqrt(dx * dx + dy * dy) - 1.0)
                total += miss * (0.5 if there in on_path else 1.0)
        return total

    def shift_if_good(self, path: list[int], temperature: float, draw: random.Random) -> None:
        """Move every tile of the path on by one, unless that costs too much or splits a county further."""
        before = self.cost(path)
        kinds = [self.kind_at[cell] for cell in path]
        self._shift(path)
        change = self.cost(path) - before
        touched = {kind for kind in kinds if kind != self.empty_kind} if len(set(kinds)) > 1 else set()
        hoped = self.whole * sum(self.groups[kind] - 1 for kind in touched)
        threshold = -temperature * math.log(1.0 - draw.random())
        if change - hoped > threshold:
            self._shift(path[::-1])
            return
        groups = {kind: self._count_groups(self.cells[kind]) for kind in touched}
        gained = self.whole * sum(self.groups[kind] - count for kind, count in groups.items())
        split = any(count > self.groups[kind] for kind, count in groups.items())
        if split or change - gained > threshold:
            self._shift(path[::-1])
            return
        for kind, count in groups.items():
            self.groups[kind] = count

    def _shift(self, path: Sequence[int]) -> None:
        """The tile on each cell moves to the one before it, and the first to the last."""
        places = [self.place_at[cell] for cell in path]
        for cell in path:
            if self.kind_at[cell] != self.empty_kind:
                self.cells[self.kind_at[cell]].remove(cell)
        for cell, place in zip(path, [*places[1:], places[0]], strict=True):
            self.place_at[cell] = place
            if place == EMPTY:
                self.kind_at[cell] = self.empty_kind
            else:
                self.cell_of[place] = cell
                self.kind_at[cell] = self.kind[place]
                self.cells[self.kind[place]].add(cell)


def _tile_frame(places: pl.DataFrame, cells: Sequence[int], board: _Board) -> dy.DataFrame[Tile]:
    tiles = [divmod(cell, board.width) for cell in cells]
    top = min(row for row, _ in tiles)
    # A shift by an odd number of rows turns the half-tile offset round; odd rows then move one column on.
    turned = [(column + (row & 1) * (top & 1), row - top) for row, column in tiles]
    left = min(column for column, _ in turned)
    return Tile.validate(
        pl.DataFrame(
            {
                "municipality_code": places["municipality_code"],
                "column": pl.Series([column - left for column, _ in turned], dtype=pl.Int64),
                "row": pl.Series([row for _, row in turned], dtype=pl.Int64),
            }
        )
    )


def _county_at(tiles: pl.DataFrame, places: pl.DataFrame) -> dict[tuple[int, int], str]:
    joined = tiles.join(places.select("municipality_code", "county_code"), on="municipality_code", how="left")
    return {(column, row): county for column, row, county in joined.select("column", "row", "county_code").iter_rows()}


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


def _corner(column: int, row: int, number: int) -> tuple[float, float]:
    """Corner of a tile; side n runs from corner n to corner n + 1."""
    x, y = tile_centre(column, row)
    turn = math.radians(60 * number - 30)
    return x + math.cos(turn) / math.sqrt(3), y + math.sin(turn) / math.sqrt(3)


def _side(column: int, row: int, side: int) -> tuple[float, float, float, float]:
    return *_corner(column, row, side), *_corner(column, row, side + 1)


def _innermost(tiles: Sequence[tuple[int, int]], segments: Points) -> tuple[float, float, float]:
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
