"""Squared errors of a cause's incidence for spells with delayed entry, and their means over spells and time."""

import numpy as np
from numpy.typing import ArrayLike

from models.brier import observed_status, time_average
from models.checked_forecasts import checked_probabilities, checked_times
from models.observation import censoring_steps, floored
from models.outcome import Floats, read_outcome


def entered_incidence_errors(
    train_y: object,
    test_y: object,
    incidence: ArrayLike,
    at_entry: tuple[ArrayLike, ArrayLike],
    times: ArrayLike,
    *,
    cause: int,
) -> Floats:
    """Return each spell's weighted squared error of a cause's incidence given its entry, shape (test spells, times).

    The forecast is ``(F(t) - F(entry)) / S(entry)``: the probability of one under observation at its entry to have
    ended of the cause by t. Weights, and what the mean tells, as of `models.brier.entered_brier`; without delayed
    entry the mean is `models.brier.incidence_brier`. Not a number where the spell has not entered before the time.

    Parameters
    ----------
    train_y, test_y, incidence, times, cause
        As in `models.brier.incidence_brier`.
    at_entry : (array-like, array-like), shape (test spells,) each
        Predicted incidence of the cause, and survival, at the spell's own entry.

    Raises
    ------
    EstimatorInputError
        If shapes differ or a value is no probability.
    """
    train, test = read_outcome(train_y), read_outcome(test_y)
    moments = checked_times(times)
    predicted = checked_probabilities("incidence", incidence, len(test), moments.size)
    before, there_at_entry = (
        checked_probabilities(name, np.asarray(values)[:, None], len(test), 1)
        for name, values in zip(("incidence_at_entry", "survival_at_entry"), at_entry, strict=True)
    )
    given_entry = np.clip((predicted - before) / np.maximum(there_at_entry, np.finfo(float).tiny), 0.0, 1.0)
    there, gone, at_time, at_end = observed_status(train, test, moments)
    from_entry = floored(censoring_steps(train).at(test.entry))[:, None]
    error = (given_entry - (test.event == cause)[:, None]) ** 2
    squared = np.where(there, given_entry**2 / at_time, np.where(gone, error / at_end, 0.0))
    errors: Floats = np.where(test.entry[:, None] < moments, squared * from_entry, np.nan)
    return errors


def mean_errors(errors: Floats) -> Floats:
    """Return the mean error over the spells that have entered before each time; not a number where none has."""
    known = np.isfinite(errors)
    with np.errstate(invalid="ignore"):
        mean: Floats = np.where(known, errors, 0.0).sum(axis=0) / known.sum(axis=0)
    return mean


def counted_mean_errors(errors: Floats, counts: Floats) -> Floats:
    """Return `mean_errors` of spells that count as often as they were drawn, shape (draws, times).

    Parameters
    ----------
    errors : ndarray, shape (spells, times)
        Not a number where a spell has not entered.
    counts : ndarray, shape (draws, spells)
        How often each spell was drawn.
    """
    known = np.isfinite(errors)
    if known.all():
        means: Floats = counts @ errors / counts.sum(axis=1)[:, None]
        return means
    entered, total = counts @ known.astype(np.float64), counts @ np.where(known, errors, 0.0)
    return np.where(entered > 0, total / np.maximum(entered, 1.0), np.nan)


def known_average(score: Floats, times: Floats) -> float:
    """Return `models.brier.time_average` over the times with a score, not a number where these are fewer than two.

    Spells that are drawn again may all have entered after the first times.

    Examples
    --------
    >>> known_average(np.array([np.nan, 0.1, 0.3]), np.array([0.5, 1.0, 2.0]))
    0.2
    """
    known = np.isfinite(score)
    return time_average(score[known], times[known]) if known.sum() > 1 else float("nan")
