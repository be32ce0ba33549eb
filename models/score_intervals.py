"""Intervals of scores on held-out spells, by leaving out groups of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from features.errors import InvalidInputError
from models.uncertainty import INTERVAL_COVERAGE


@dataclass(frozen=True, slots=True)
class ScoreInterval:
    """A score with the bounds of its 90 % interval; sampling error of the held-out spells alone."""

    value: float
    lower: float
    upper: float


def jackknife_interval(
    score: Callable[[NDArray[np.int64]], float], rows: int, *, seed: int, groups: int = 20
) -> ScoreInterval:
    """Return a score of all rows with an interval from its values without each of some random groups.

    What the rows are scored with stays as it is: the interval says how much the score would vary with other held-out
    spells, and not with another fit.

    Parameters
    ----------
    score : callable
        Gives the score of the rows with these numbers.
    rows : int
        How many there are; at least two per group.
    seed : int
        Of the groups.
    groups : int
        2 or more; Student's t has one degree of freedom less.

    Raises
    ------
    InvalidInputError
        If there are fewer than two rows per group, or fewer than two groups.

    References
    ----------
    Kott 2001, J Off Stat 17(4):521-526 (delete-a-group jackknife).

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> found = jackknife_interval(lambda kept: float(values[kept].mean()), 4, seed=1, groups=2)
    >>> found.value, found.lower < 2.5 < found.upper
    (2.5, True)
    """
    if groups < 2 or rows < 2 * groups:
        raise InvalidInputError("groups", groups, f"2 or more, and at most half of the {rows} rows")
    place = np.random.default_rng(seed).permutation(rows) % groups
    every = np.arange(rows, dtype=np.int64)
    whole = score(every)
    without = np.array([score(every[place != group]) for group in range(groups)])
    error = float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum()))
    reach = float(student_t.ppf(0.5 + INTERVAL_COVERAGE / 2, df=groups - 1)) * error
    return ScoreInterval(whole, whole - reach, whole + reach)
