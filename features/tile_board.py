"""The grid that a tile map is laid out on.

Cells are numbered row by row. The rim of the grid stays empty, so that every tile has six sides to something.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from features.errors import InvalidInputError
from features.frames import Tile
from features.tile_map import ROW_HEIGHT, neighbouring_tiles, tile_centre
from features.tile_positions import Points


@dataclass(frozen=True, slots=True)
class Board:
    """Numbered cells of a grid with a rim that stays empty, and where each place would like to be.

    Attributes
    ----------
    width : int
        Cells in a row, the rim included.
    centres : array of shape (cells, 2)
        Centre of every cell in tile widths, as `features.tile_map.tile_centre`.
    beside : list of tuple of int
        The six cells that share a side with a cell, clockwise from the east; none for a cell of the rim.
    usable : list of int
        Cells that the optimal assignment may use.
    home : array of shape (places, 2)
        Where each place would like its tile's centre to be.
    """

    width: int
    centres: Points
    beside: list[tuple[int, ...]]
    usable: list[int]
    home: Points


def board_for(spread: Points, columns: int) -> Board:
    """Board of at most ``columns`` tiles a row, with room to move for places spread like these.

    Raises
    ------
    InvalidInputError
        If there are fewer than two columns.

    Examples
    --------
    >>> board = board_for(np.array([[0.0, 0.0], [1.0, 0.0]]), columns=3)
    >>> board.width, len(board.centres), board.home.round(1).tolist()
    (5, 45, [[1.5, 2.6], [2.5, 2.6]])
    """
    if columns < 2:
        raise InvalidInputError("columns", columns, "at least 2")
    rows = max(math.ceil(float(spread[:, 1].max()) / ROW_HEIGHT), math.ceil(len(spread) / (columns - 1))) + 6
    width, height = columns + 2, rows + 2
    positions = [(column, row) for row in range(height) for column in range(width)]
    # Odd rows are one tile shorter, so that turning them round (`tile_frame`) never adds a column.
    usable = [
        row * width + column for column, row in positions if 0 < column < width - 1 - (row & 1) and 0 < row < height - 1
    ]
    inside = set(usable)
    beside = [
        tuple(r * width + c for c, r in neighbouring_tiles(*tile)) if number in inside else ()
        for number, tile in enumerate(positions)
    ]
    centres = np.array([tile_centre(column, row) for column, row in positions])
    return Board(width, centres, beside, usable, spread + np.array([1.5, 3 * ROW_HEIGHT]))


def tile_frame(codes: pl.Series, cells: Sequence[int], board: Board) -> dy.DataFrame[Tile]:
    """Tile of each municipality from its cell, moved to the corner of the grid: least column 0, least row 0.

    Examples
    --------
    >>> board = board_for(np.array([[0.0, 0.0], [1.0, 0.0]]), columns=3)
    >>> tile_frame(pl.Series(["0301", "3201"]), [16, 17], board).rows()
    [('0301', 0, 0), ('3201', 1, 0)]
    """
    tiles = [divmod(cell, board.width) for cell in cells]
    top = min(row for row, _ in tiles)
    # A shift by an odd number of rows turns the half-tile offset round; odd rows then move one column on.
    turned = [(column + (row & 1) * (top & 1), row - top) for row, column in tiles]
    left = min(column for column, _ in turned)
    return Tile.validate(
        pl.DataFrame(
            {
                "municipality_code": codes,
                "column": pl.Series([column - left for column, _ in turned], dtype=pl.Int64),
                "row": pl.Series([row for _, row in turned], dtype=pl.Int64),
            }
        )
    )
