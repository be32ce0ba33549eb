"""Tiles trade places, as annealing metal does, until counties are whole and neighbours close.

References
----------
S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi (1983), *Optimization by Simulated Annealing*, Science 220, 671-680.
"""

import math
import random
from collections.abc import Sequence

from features.tile_board import Board
from features.tile_costs import TileMapOptions, neighbour_links, side_costs
from features.tile_positions import Pairs

EMPTY = -1


def annealed_cells(
    start: Sequence[int], county: Sequence[str], pairs: Pairs, board: Board, options: TileMapOptions
) -> list[int]:
    """Cell of each place after ``options.steps`` trial moves; no move ever splits a county further.

    Parameters
    ----------
    start : sequence of int
        Cell of each place at the outset, all different.
    county : sequence of str
        County code of each place. A code that begins with ``~`` is a fjord: its places are water.
    pairs : array of shape (pairs, 2)
        Neighbouring places (`features.tile_positions.neighbour_pairs`).
    board : Board
        The cells, and where each place would like to be.
    options : TileMapOptions
        Effort and weights.
    """
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
        self, start: Sequence[int], county: Sequence[str], pairs: Pairs, board: Board, options: TileMapOptions
    ) -> None:
        codes = sorted(set(county))
        self.options = options
        self.beside = board.beside
        self.x: list[float] = board.centres[:, 0].tolist()
        self.y: list[float] = board.centres[:, 1].tolist()
        self.home: list[list[float]] = board.home.tolist()
        # Counties in order; the last kind stands for the empty tile.
        self.empty_kind = len(codes)
        self.kind = [codes.index(code) for code in county]
        self.links = neighbour_links(pairs, board.home)
        self.side_cost = side_costs(county, pairs, options)
        self.cell_of = list(start)
        self.place_at = [EMPTY] * len(board.centres)
        self.kind_at = [self.empty_kind] * len(board.centres)
        self.cells: list[set[int]] = [set() for _ in codes]
        for place, cell in enumerate(start):
            self.place_at[cell] = place
            self.kind_at[cell] = self.kind[place]
            self.cells[self.kind[place]].add(cell)
        self.groups = [self._count_groups(cells) for cells in self.cells]

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
        hoped = self.options.whole * sum(self.groups[kind] - 1 for kind in touched)
        threshold = -temperature * math.log(1.0 - draw.random())
        if change - hoped > threshold:
            self._shift(path[::-1])
            return
        groups = {kind: self._count_groups(self.cells[kind]) for kind in touched}
        gained = self.options.whole * sum(self.groups[kind] - count for kind, count in groups.items())
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
