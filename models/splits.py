"""Honest splits of spells: by person, by municipality, and forward in time."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import EstimatorInputError
from models.outcome import Outcome, read_outcome

Ints = NDArray[np.int64]
_DAYS_PER_YEAR = 365.25
Groups = Sequence[object] | NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """Rows to fit to and rows to test on.

    Attributes
    ----------
    train, test : ndarray of int
        Rows; none is in both.
    train_outcome : Outcome or None
        What was known of the training rows when the fit was to be made; None where that is their whole outcome.
    """

    train: Ints
    test: Ints
    train_outcome: Outcome | None = None


def person_folds(person_ids: Groups, n: int, seed: int) -> tuple[Fold, ...]:
    """Return folds in which all spells of a person are on the same side.

    A person who is both in the fit and in the test lets a model recognise instead of predict. The split does not depend
    on the order of the rows; folds have about equally many spells.

    Parameters
    ----------
    person_ids : sequence, shape (spells,)
        Whose spell each is; only equality counts.
    n : int
        Folds, from 2 to the number of persons.
    seed : int
        Of the assignment.

    Raises
    ------
    EstimatorInputError
        If an identity is missing, or ``n`` is out of bounds.

    Examples
    --------
    >>> folds = person_folds(["a", "a", "b", "c"], 2, seed=1)
    >>> sorted(len(fold.test) for fold in folds)
    [2, 2]
    """
    return _group_folds("person_ids", person_ids, n, seed)


def municipality_folds(municipalities: Groups, n: int, seed: int) -> tuple[Fold, ...]:
    """Return folds in which all spells in a municipality are on the same side.

    The test is of places that the model never saw. A person with spells in several municipalities can be on both sides.

    Parameters
    ----------
    municipalities : sequence, shape (spells,)
        Code of the municipality of each spell.
    n : int
        Folds, from 2 to the number of municipalities.
    seed : int
        Of the assignment.

    Raises
    ------
    EstimatorInputError
        As `person_folds`.
    """
    return _group_folds("municipalities", municipalities, n, seed)


def forward_split(y: object, start: ArrayLike | Sequence[date], cut: date) -> Fold:
    """Return a split in time: fit to what was known before a day, test on the spells that began on it or later.

    A spell that began before the day and was still running is censored at it, whatever happened later; one that had not
    come under observation by then is left out. An end that is known only to lie in an interval across the day was not
    known: the spell is censored when it was last known to run.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells; times in years.
    start : array-like of dates, shape (spells,)
        Day on which each spell's clock started.
    cut : date
        The day.

    Raises
    ------
    EstimatorInputError
        If a date is missing, or nothing is left on one side.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, True, True], [1.0, 4.0, 2.0])
    >>> fold = forward_split(y, [date(2015, 1, 1), date(2017, 1, 1), date(2020, 1, 1)], date(2019, 1, 1))
    >>> fold.train_outcome.event.tolist(), fold.train_outcome.time.round(2).tolist(), fold.test.tolist()
    ([1, 0], [1.0, 2.0], [2])
    """
    outcome = read_outcome(y)
    begun = np.asarray(start, dtype="datetime64[D]")
    if begun.shape != (len(outcome),) or np.isnat(begun).any():
        raise EstimatorInputError("start", f"shape {begun.shape}", f"a date for each of {len(outcome)} spells")
    known = (np.datetime64(cut, "D").astype(np.int64) - begun.astype(np.int64)) / _DAYS_PER_YEAR
    ended = outcome.ended & (outcome.time <= known)
    time = np.where(ended, outcome.time, np.minimum(outcome.time_lower, known))
    seen = np.flatnonzero((known > 0) & (time > outcome.entry))
    test = np.flatnonzero(known <= 0)
    if not seen.size or not test.size:
        raise EstimatorInputError("cut", cut.isoformat(), "a day with spells known before it and begun after it")
    lower = np.minimum(outcome.time_lower, time)
    then = Outcome(np.where(ended, outcome.event, 0), time, outcome.entry, lower)
    return Fold(seen, test, then[seen])


def _group_folds(name: str, groups: Groups, n: int, seed: int) -> tuple[Fold, ...]:
    labels = np.asarray(groups)
    if labels.ndim != 1 or any(label is None or label != label for label in labels.tolist()):
        raise EstimatorInputError(name, "a missing value", "one value per spell")
    distinct, group_of, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if not 2 <= n <= distinct.size:
        raise EstimatorInputError("n", n, f"from 2 to {distinct.size}, the number of different {name}")
    fold_of = _balanced(sizes, n, seed)[group_of]
    return tuple(Fold(np.flatnonzero(fold_of != each), np.flatnonzero(fold_of == each)) for each in range(n))


def _balanced(sizes: Ints, n: int, seed: int) -> Ints:
    """Return the fold of each group: large groups first, each to the fold with the fewest spells."""
    shuffled = np.random.default_rng(seed).permutation(sizes.size)
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    loads = [(0, fold) for fold in range(n)]
    folds = np.zeros(sizes.size, dtype=np.int64)
    for group in order:
        load, fold = heapq.heappop(loads)
        folds[group] = fold
        heapq.heappush(loads, (load + int(sizes[group]), fold))
    return folds
