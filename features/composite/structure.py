"""The tree of a composite indicator: indicators, the aggregates above them, and what each weighs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.errors import InvalidInputError

Matrix = NDArray[np.float64]

Band = tuple[float, float]
"""Lower and upper bound; an open side is infinite."""


@dataclass(frozen=True, slots=True)
class Node:
    """One indicator or aggregate.

    Attributes
    ----------
    parent : str or None
        Key of the aggregate it belongs to; None for the top of an index.
    weight : float
        Relative to the other children of the same parent.
    direction : int
        1 if more is better, -1 if less is; only indicators have one.
    band : tuple[float, float] or None
        Target band: values inside are equally good.
    goalposts : tuple[float, float] or None
        Values that get the lowest and the highest score whatever the data say (swapped where less is better).
    """

    key: str
    parent: str | None
    weight: float = 1.0
    direction: int = 1
    label: str | None = None
    band: Band | None = None
    goalposts: Band | None = None


@dataclass(frozen=True, slots=True)
class IndexStructure:
    """Every indicator and aggregate in a fixed order: the rows of all matrices of scores.

    The order does not depend on the order they were given in: siblings stand together by key, aggregates follow their
    children.
    """

    indicators: tuple[Node, ...]
    aggregates: tuple[Node, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Indicators, then aggregates, children before their parents."""
        return self.indicators + self.aggregates

    @property
    def roots(self) -> tuple[str, ...]:
        """Aggregates that belong to nothing: the indices themselves."""
        return tuple(node.key for node in self.aggregates if node.parent is None)

    def rows(self) -> Mapping[str, int]:
        """Row of every node."""
        return {node.key: row for row, node in enumerate(self.nodes)}

    def families(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Row of every aggregate with the rows of its children, in the order to compute them."""
        rows = self.rows()
        parents = np.array([-1 if node.parent is None else rows[node.parent] for node in self.nodes])
        for node in self.aggregates:
            yield rows[node.key], np.flatnonzero(parents == rows[node.key])

    def levels(self) -> NDArray[np.int64]:
        """Level of every node: 1 for indicators, otherwise one above its highest child."""
        levels = np.ones(len(self.nodes), dtype=np.int64)
        for row, children in self.families():
            levels[row] = 1 + levels[children].max()
        return levels

    def directions(self) -> Matrix:
        """Direction of every indicator."""
        return np.array([float(node.direction) for node in self.indicators])


def index_structure(nodes: Iterable[Node]) -> IndexStructure:
    """Structure of a composite indicator; a node that is somebody's parent is an aggregate.

    Raises
    ------
    InvalidInputError
        If a key comes twice, a parent is missing, nodes run in a circle, an indicator belongs to nothing, a weight is
        not positive or a direction not 1 or -1.

    Examples
    --------
    >>> tree = index_structure([Node("top", None), Node("a", "top", 2), Node("b", "top", direction=-1)])
    >>> [node.key for node in tree.nodes], tree.levels().tolist(), tree.roots
    (['a', 'b', 'top'], [1, 1, 2], ('top',))
    """
    given = tuple(nodes)
    by_key = {node.key: node for node in given}
    if len(by_key) < len(given):
        raise InvalidInputError("indicators", len(given) - len(by_key), "every key once")
    for node in given:
        _require_sound(node, by_key)
    depth = _depths(by_key)
    parents = {node.parent for node in given}
    heights = _heights(by_key, sorted(by_key, key=lambda key: -depth[key]))
    indicators = sorted(
        (node for node in given if node.key not in parents), key=lambda node: (str(node.parent), node.key)
    )
    aggregates = sorted(
        (node for node in given if node.key in parents),
        key=lambda node: (heights[node.key], str(node.parent), node.key),
    )
    if not aggregates or any(node.parent is None for node in indicators):
        raise InvalidInputError("indicators", "an indicator without parent", "every indicator under an aggregate")
    return IndexStructure(tuple(indicators), tuple(aggregates))


def nested_structure(
    weights: Mapping[str, Mapping[str, float]], directions: Mapping[str, int] | None = None
) -> IndexStructure:
    """Structure from the weights of each aggregate's children, such as factors and their indicators.

    Parameters
    ----------
    weights : Mapping[str, Mapping[str, float]]
        Aggregate to child to weight. An aggregate that is nobody's child is the top of an index of its own.
    directions : Mapping[str, int], optional
        Of indicators for which less is better (-1).

    Examples
    --------
    >>> nested_structure({"community": {"doctors": 2.0, "open_lists": 1.0}}).roots
    ('community',)
    """
    directions = directions or {}
    children = {child for family in weights.values() for child in family}
    tops = [Node(key, None) for key in weights if key not in children]
    rest = [
        Node(child, parent, weight, directions.get(child, 1))
        for parent, family in weights.items()
        for child, weight in family.items()
    ]
    return index_structure(tops + rest)


def rows_of(matrix: Matrix, rows: NDArray[np.intp]) -> Matrix:
    """Rows of the last axis but one; a view where they stand together, which spares a copy of each draw."""
    if rows.size and rows[-1] - rows[0] + 1 == rows.size:
        return matrix[..., rows[0] : rows[-1] + 1, :]
    return matrix[..., rows, :]


def _require_sound(node: Node, by_key: Mapping[str, Node]) -> None:
    if node.parent is not None and node.parent not in by_key:
        raise InvalidInputError(f"parent of {node.key}", node.parent, "the key of another row")
    if not 0 < node.weight < np.inf:
        raise InvalidInputError(f"weight of {node.key}", node.weight, "a positive number")
    if node.direction not in (-1, 1):
        raise InvalidInputError(f"direction of {node.key}", node.direction, "1 or -1")


def _depths(by_key: Mapping[str, Node]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for key in by_key:
        path: list[str] = []
        at: str | None = key
        while at is not None and at not in depths:
            if at in path:
                raise InvalidInputError("indicators", " - ".join([*path, at]), "parents that do not run in a circle")
            path.append(at)
            at = by_key[at].parent
        start = 0 if at is None else depths[at] + 1
        depths |= {step: start + place for place, step in enumerate(reversed(path))}
    return depths


def _heights(by_key: Mapping[str, Node], deepest_first: list[str]) -> dict[str, int]:
    heights = dict.fromkeys(by_key, 1)
    for key in deepest_first:
        parent = by_key[key].parent
        if parent is not None:
            heights[parent] = max(heights[parent], heights[key] + 1)
    return heights
