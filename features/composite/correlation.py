"""How indicators and aggregates vary together: what an index really measures."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from features.composite.structure import IndexStructure, Matrix

REDUNDANT_OVER = 0.9
"""Siblings that correlate more than this say nearly the same (COINr's ``get_corr_flags``)."""

COEFFICIENT_DIGITS = 12

FEWEST_UNITS = 3
"""Units with both scores below which no correlation is told."""


class Kinship(StrEnum):
    """How two correlated nodes belong together."""

    SIBLING = "sibling"
    PARENT = "parent"
    ANCESTOR = "ancestor"


class CorrelationFlag(StrEnum):
    """What should make the maker of an index think again."""

    NEGATIVE = "negative"
    REDUNDANT = "redundant"


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's correlation of a node with a sibling or with an aggregate that it belongs to.

    Attributes
    ----------
    correlation : float or None
        Over the units that have both scores; None with fewer than 3 or without spread.
    units : int
        Number of units that have both scores.
    flag : CorrelationFlag or None
        ``negative``: the two pull against each other, so the average hides both. ``redundant``: siblings over 0.9,
        the same thing counted twice.
    """

    node: str
    other: str
    kinship: Kinship
    correlation: float | None
    units: int
    flag: CorrelationFlag | None


def correlation_structure(scores: Matrix, structure: IndexStructure) -> tuple[Correlation, ...]:
    """Correlations within every family and between every node and the aggregates above it.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (nodes, units) in the structure's order.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 4. COINr 1.1, ``get_corr`` and
    ``get_corr_flags``.
    """
    coefficients = correlation_matrix(scores)
    known = ~np.isnan(scores)
    units = known.astype(int) @ known.T.astype(int)
    rows = structure.rows()
    found = []
    for node, other, kinship in _pairs(structure):
        at = rows[node], rows[other]
        value = None if np.isnan(coefficients[at]) else float(coefficients[at])
        found.append(Correlation(node, other, kinship, value, int(units[at]), _flag(value, kinship)))
    return tuple(found)


def correlation_matrix(scores: Matrix) -> Matrix:
    """Pearson's correlation of every pair of rows over the units that have both; NaN where it is undefined.

    Examples
    --------
    >>> correlation_matrix(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]])).round(6).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    known = ~np.isnan(scores)
    filled, present = np.where(known, scores, 0.0), known.astype(float)
    count = present @ present.T
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(known, scores - (filled.sum(axis=1) / present.sum(axis=1))[:, None], 0.0)
        # Means and sums over the units that both rows have: they differ from pair to pair.
        mean = (centred @ present.T) / count
        squares = (centred**2) @ present.T - count * mean**2
        products = centred @ centred.T - count * mean * mean.T
        spread = np.sqrt(np.maximum(squares, 0.0) * np.maximum(squares.T, 0.0))
        size = np.sqrt((centred**2) @ present.T * ((centred**2) @ present.T).T)
        defined = (count >= FEWEST_UNITS) & (spread > 1e-12 * np.maximum(size, 1e-300))
        coefficients = np.where(defined, products / spread, np.nan)
    # Rounded, so that a correlation of nothing is not called negative for its fifteenth decimal.
    return np.clip(coefficients, -1.0, 1.0).round(COEFFICIENT_DIGITS) + 0.0


def _pairs(structure: IndexStructure) -> Iterator[tuple[str, str, Kinship]]:
    nodes = structure.nodes
    for _, children in structure.families():
        keys = [nodes[row].key for row in children]
        yield from (
            (first, second, Kinship.SIBLING) for place, first in enumerate(keys) for second in keys[place + 1 :]
        )
    parents = {node.key: node.parent for node in nodes}
    for node in nodes:
        above, kinship = node.parent, Kinship.PARENT
        while above is not None:
            yield node.key, above, kinship
            above, kinship = parents[above], Kinship.ANCESTOR


def _flag(value: float | None, kinship: Kinship) -> CorrelationFlag | None:
    if value is None:
        return None
    if value < 0:
        return CorrelationFlag.NEGATIVE
    return CorrelationFlag.REDUNDANT if kinship is Kinship.SIBLING and value > REDUNDANT_OVER else None
