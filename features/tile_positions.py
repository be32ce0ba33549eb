"""Where the places of a tile map would like to be: on a plane, spread so that neighbours lie one tile apart.

References
----------
G. McNeill and S. A. Hale (2017), *Generating Tile Maps*, Computer Graphics Forum 36(3), 435-445: spread, then assign.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

from features.accessibility import EARTH_RADIUS_KM

Points = NDArray[np.float64]
Pairs = NDArray[np.int64]

CENTRAL_MERIDIAN = 15.0


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
    step = unit_vectors(points[other] - points[one])
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


def unit_vectors(vectors: Points) -> Points:
    """Vectors of length 1 in the same directions; a vector of length 0 stays.

    Examples
    --------
    >>> unit_vectors(np.array([[0.0, 2.0], [0.0, 0.0]])).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
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
