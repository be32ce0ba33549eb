"""Which spells are held out together when settings are chosen inside a fit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import EstimatorInputError
from models.outcome import Outcome

_ENDS_TO_JUDGE_BY = 5_000


def inner_folds(outcome: Outcome, folds: int, random_state: int, groups: ArrayLike | None = None) -> NDArray[np.int64]:
    """Return the fold (0 to ``folds`` - 1) of each spell; alike in ended and censored spells, groups kept together.

    Parameters
    ----------
    outcome : Outcome
        Spells.
    folds : int
        How many, 2 or more; fewer where there are not as many spells or groups.
    random_state : int
        Seed.
    groups : array-like, optional
        Person or employer of each spell: the spells of one are held out together.

    Examples
    --------
    >>> from models.outcome import read_outcome, survival_outcome
    >>> y = read_outcome(survival_outcome([True, False] * 4, np.arange(1, 9)))
    >>> sorted(inner_folds(y, 2, 0, groups=[1, 1, 2, 2, 3, 3, 4, 4]).tolist())
    [0, 0, 0, 0, 1, 1, 1, 1]
    """
    rng = np.random.default_rng(random_state)
    rows = len(outcome)
    if groups is not None:
        names, member = np.unique(np.asarray(groups), return_inverse=True)
        if member.shape != (rows,):
            raise EstimatorInputError("groups", f"shape {member.shape}", f"one group for each of {rows} spells")
        count = max(2, min(folds, names.size))
        of_group = np.empty(names.size, dtype=np.int64)
        of_group[rng.permutation(names.size)] = np.arange(names.size) % count
        return of_group[member]
    count = max(2, min(folds, rows))
    fold = np.empty(rows, dtype=np.int64)
    # ordered by outcome and time with chance among likes, so that every fold sees the whole range
    order = np.lexsort((rng.random(rows), outcome.time, outcome.ended))
    blocks = np.arange(rows) // count
    within = np.concatenate([rng.permutation(count) for _ in range(int(blocks[-1]) + 1)])[:rows] if rows else blocks
    fold[order] = within
    return fold


def folds_to_hold_out(fold_of: NDArray[np.int64], ended: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the folds to hold out in turn: the first that together hold 5,000 ended spells, or all of them.

    Settings differ clearly by then; more folds would only cost time, which for many spells is nearly all of a fit's.

    Parameters
    ----------
    fold_of : ndarray of int, shape (spells,)
        Of `inner_folds`.
    ended : ndarray of bool, shape (spells,)
        Which spells ended.

    Examples
    --------
    >>> folds_to_hold_out(np.array([0, 1, 2, 0, 1, 2]), np.ones(6, dtype=bool)).tolist()
    [0, 1, 2]
    >>> folds_to_hold_out(np.arange(40_000) % 5, np.ones(40_000, dtype=bool)).tolist()
    [0]
    """
    folds, place = np.unique(fold_of, return_inverse=True)
    held = np.cumsum(np.bincount(place[ended], minlength=folds.size))
    enough: NDArray[np.int64] = folds[: int(np.searchsorted(held, _ENDS_TO_JUDGE_BY)) + 1]
    return enough
