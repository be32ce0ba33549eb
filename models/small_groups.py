"""Which groups are large enough to be shown, so that the others cannot be worked out."""

import numpy as np
from numpy.typing import NDArray

LEAST_SPELLS = 5
"""Spells that a group must have to be shown."""


def shown_groups(labels: NDArray[np.str_]) -> tuple[str, ...]:
    """Return the groups with five spells or more, but for those whose total would tell what is withheld."""
    names, sizes = np.unique(labels, return_counts=True)
    order = np.argsort(sizes, kind="stable")
    withheld = int((sizes < LEAST_SPELLS).sum())
    # a withheld total below the least is itself too small: the total less the groups that are shown tells it
    while 0 < withheld < names.size and sizes[order[:withheld]].sum() < LEAST_SPELLS:
        withheld += 1
    return tuple(str(name) for name in names[order[withheld:]])
