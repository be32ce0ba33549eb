"""Clusters of spells drawn again, told as how often each spell counts: nothing is copied."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.outcome import Floats


def drawn_counts(parts: Sequence[NDArray[Any]], resamples: int, seed: int) -> Iterator[tuple[Floats, ...]]:
    """Yield, per draw and part, how often each spell of the part was drawn.

    In every part as many clusters are drawn, with replacement, as it has; the spells of a cluster count alike.

    Parameters
    ----------
    parts : sequence of ndarray, each of shape (spells,)
        Cluster of each spell, for example of the test spells of each fold.
    resamples, seed : int
        How often clusters are drawn, and the seed of it.

    Examples
    --------
    >>> (counts,) = next(drawn_counts([np.array(["Ås", "Ås", "Moss"])], 1, seed=1))
    >>> counts.tolist()
    [1.0, 1.0, 1.0]
    """
    rng = np.random.default_rng(seed)
    clusters = [np.unique(labels, return_inverse=True)[1] for labels in parts]
    for _ in range(resamples):
        yield tuple(_counts(cluster, rng) for cluster in clusters)


def _counts(cluster: NDArray[np.intp], rng: np.random.Generator) -> Floats:
    number = int(cluster.max()) + 1
    drawn = np.bincount(rng.integers(0, number, size=number), minlength=number)
    counts: Floats = drawn[cluster].astype(np.float64)
    return counts
