"""What a layout of tiles costs: the weights, who wants to lie beside whom, and what each kind of border costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from features.tile_positions import Pairs, Points, unit_vectors


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


def neighbour_links(pairs: Pairs, home: Points) -> list[list[tuple[int, float, float]]]:
    """For each place its neighbours, with the step (x, y) of one tile that should lead from the neighbour to it.

    Examples
    --------
    >>> import numpy as np
    >>> neighbour_links(np.array([[0, 1]]), np.array([[0.0, 0.0], [3.0, 0.0]]))
    [[(1, -1.0, -0.0)], [(0, 1.0, 0.0)]]
    """
    links: list[list[tuple[int, float, float]]] = [[] for _ in home]
    steps = unit_vectors(home[pairs[:, 1]] - home[pairs[:, 0]]).tolist()
    for (one, other), (x, y) in zip(pairs.tolist(), steps, strict=True):
        links[one].append((other, -x, -y))
        links[other].append((one, x, y))
    return links


def side_costs(county: Sequence[str], pairs: Pairs, options: TileMapOptions) -> list[list[float]]:
    """Cost of a side between two kinds of tile; a side between a fjord and an empty tile is free.

    A kind is a county or a fjord (a code that begins with ``~``), in the order of their codes; the last is the empty
    tile. ``county`` has the code of each place.

    Examples
    --------
    >>> import numpy as np
    >>> side_costs(["10", "11", "12"], np.array([[0, 1]]), TileMapOptions(border=1, strange_border=5, coast=2))[0]
    [0.0, 1, 5, 2]
    """
    real = {frozenset((county[one], county[other])) for one, other in pairs.tolist()}
    empty = "empty"

    def cost(one: str, other: str) -> float:
        if one == other:
            return 0.0
        beside_fjord = one.startswith("~") or other.startswith("~")
        if empty in (one, other):
            return 0.0 if beside_fjord else options.coast
        if beside_fjord:
            return options.fjord
        return options.border if frozenset((one, other)) in real else options.strange_border

    kinds = [*sorted(set(county)), empty]
    return [[cost(one, other) for other in kinds] for one in kinds]
