"""Squared error of predicted survival and incidence, weighted for censoring: the Brier score over time."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.checked_forecasts import checked_probabilities, checked_times
from models.errors import EstimatorInputError
from models.observation import censoring_steps, floored
from models.outcome import Outcome, read_outcome

Floats = NDArray[np.float64]
_MOST_GONE = 0.8


def survival_brier(train_y: object, test_y: object, survival: ArrayLike, times: ArrayLike) -> Floats:
    """Return the Brier score of predicted survival at each time: 0 best, 0.25 a coin, lower is better.

    At time t a spell still observed beyond t adds ``(1 - S(t))**2 / G(t)``, one that ended by t adds
    ``S(t)**2 / G(its time)``, one censored by t adds nothing; the mean is over all test spells. ``G`` is
    `models.observation.censoring_steps` of the training spells, 0 replaced by 0.001. It estimates the mean squared
    error that would be seen without censoring, if censoring depends neither on duration nor on covariates. Exactly the
    score of the published benchmark.

    Parameters
    ----------
    train_y, test_y : structured ndarray, DataFrame or Outcome
        Spells observed from their start; whatever the cause, an end is an end.
    survival : array-like, shape (test spells, times)
        Predicted probability to last beyond each time.
    times : array-like
        Rising, in the unit of ``y``.

    Returns
    -------
    ndarray, shape (times,)

    Raises
    ------
    EstimatorInputError
        If shapes differ, a value is no probability, or a spell has delayed entry: see `entered_brier`.

    References
    ----------
    Graf et al. 1999, Stat Med 18:2529-2545. Burk et al. 2024, arXiv:2406.04098 (the benchmark).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, True, False], [1.0, 2.0, 4.0])
    >>> survival_brier(y, y, [[0.5], [0.5], [1.0]], [1.5]).round(3).tolist()
    [0.167]
    """
    train, test = read_outcome(train_y), read_outcome(test_y)
    _refuse_delayed_entry(train, test)
    moments = checked_times(times)
    predicted = checked_probabilities("survival", survival, len(test), moments.size)
    there, gone, at_time, at_end = observed_status(train, test, moments)
    squared = np.where(there, (1 - predicted) ** 2 / at_time, np.where(gone, predicted**2 / at_end, 0.0))
    score: Floats = squared.mean(axis=0)
    return score


def incidence_brier(train_y: object, test_y: object, incidence: ArrayLike, times: ArrayLike, *, cause: int) -> Floats:
    """Return the Brier score of a predicted cumulative incidence: that the spell has ended of one cause by each time.

    A spell that ended of another cause by t is one that will never end of this: it adds ``F(t)**2 / G(its time)``.

    Parameters
    ----------
    train_y, test_y, times
        As in `survival_brier`; ``event`` holds the numbers of causes.
    incidence : array-like, shape (test spells, times)
        Predicted probability to have ended of the cause by each time.
    cause : int
        Its number, 1 or more.

    Returns
    -------
    ndarray, shape (times,)

    Raises
    ------
    EstimatorInputError
        As in `survival_brier`.

    References
    ----------
    Schoop, Beyersmann, Schumacher and Binder 2011, Biometrical Journal 53(1):88-112.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([1, 2, 0], [1.0, 2.0, 4.0])
    >>> incidence_brier(y, y, [[0.5], [0.5], [0.0]], [3.0], cause=1).round(3).tolist()
    [0.167]
    """
    train, test = read_outcome(train_y), read_outcome(test_y)
    _refuse_delayed_entry(train, test)
    moments = checked_times(times)
    predicted = checked_probabilities("incidence", incidence, len(test), moments.size)
    there, gone, at_time, at_end = observed_status(train, test, moments)
    error = (predicted - (test.event == cause)[:, None]) ** 2
    squared = np.where(there, predicted**2 / at_time, np.where(gone, error / at_end, 0.0))
    score: Floats = squared.mean(axis=0)
    return score


def entered_brier(
    train_y: object, test_y: object, survival: ArrayLike, survival_at_entry: ArrayLike, times: ArrayLike
) -> Floats:
    """Return the Brier score for spells that came under observation late, of what was forecast at their entry.

    The estimand is conditional on being observed: at time t, the mean squared error of ``S(t) / S(entry)`` over the
    spells that came under observation before t and would be followed to t. It says how good the forecast is for those
    already in post when observation began; it is *not* the error over all spells ever begun, of which the short ones
    were never seen. Weights are ``G(entry) / G``, with ``G`` from risk sets that a spell joins at its entry. Entry and
    censoring may not depend on the further duration given the covariates. Without delayed entry it is `survival_brier`.

    Parameters
    ----------
    train_y, test_y, survival, times
        As in `survival_brier`.
    survival_at_entry : array-like, shape (test spells,)
        Predicted probability to last beyond the spell's own entry, > 0.

    Returns
    -------
    ndarray, shape (times,)
        Not a number where no test spell has entered before the time.

    Raises
    ------
    EstimatorInputError
        If shapes differ or a value is no probability.

    References
    ----------
    Graf et al. 1999, Stat Med 18:2529-2545, with the weights conditional on entry.
    """
    errors = entered_errors(train_y, test_y, survival, survival_at_entry, times)
    entered = np.isfinite(errors)
    with np.errstate(invalid="ignore"):
        score: Floats = np.where(entered, errors, 0.0).sum(axis=0) / entered.sum(axis=0)
    return score


def entered_errors(
    train_y: object, test_y: object, survival: ArrayLike, survival_at_entry: ArrayLike, times: ArrayLike
) -> Floats:
    """Return each spell's weighted squared error, of which `entered_brier` is the mean, shape (test spells, times).

    Not a number where the spell has not entered before the time. For resampling: the weights stay as they are.

    Raises
    ------
    EstimatorInputError
        As `entered_brier`.
    """
    train, test = read_outcome(train_y), read_outcome(test_y)
    moments = checked_times(times)
    predicted = checked_probabilities("survival", survival, len(test), moments.size)
    at_entry = checked_probabilities("survival_at_entry", np.asarray(survival_at_entry)[:, None], len(test), 1)
    given_entry = np.clip(predicted / np.maximum(at_entry, np.finfo(float).tiny), 0.0, 1.0)
    there, gone, at_time, at_end = observed_status(train, test, moments)
    from_entry = floored(censoring_steps(train).at(test.entry))[:, None]
    squared = np.where(there, (1 - given_entry) ** 2 / at_time, np.where(gone, given_entry**2 / at_end, 0.0))
    errors: Floats = np.where(test.entry[:, None] < moments, squared * from_entry, np.nan)
    return errors


def integrated_brier_score(train_y: object, test_y: object, survival: ArrayLike, times: ArrayLike) -> float:
    """Return the mean over time of `survival_brier`: trapezoid over the times, divided by last minus first.

    Raises
    ------
    EstimatorInputError
        As `survival_brier`, or if there are fewer than two times.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, True, False], [1.0, 2.0, 4.0])
    >>> integrated_brier_score(y, y, [[1.0, 0.5], [1.0, 0.5], [1.0, 0.5]], [0.5, 1.5])
    0.125
    """
    return time_average(survival_brier(train_y, test_y, survival, times), times)


def time_average(score: ArrayLike, times: ArrayLike) -> float:
    """Return the mean over time of a score: trapezoid over the times, divided by last minus first.

    Raises
    ------
    EstimatorInputError
        If there are fewer than two times, or not one score per time.

    Examples
    --------
    >>> time_average([0.0, 0.5, 0.5], [0.0, 1.0, 2.0])
    0.375
    """
    moments, values = checked_times(times), np.asarray(score, dtype=np.float64)
    if moments.size < 2 or values.shape != moments.shape:
        raise EstimatorInputError(
            "times", f"{moments.size} times, {values.size} scores", "a score per time, two or more"
        )
    return float(np.trapezoid(values, moments) / (moments[-1] - moments[0]))


def scored_times(test_y: object) -> Floats:
    """Return the published evaluation times: distinct times up to the first with fewer than a fifth still at risk.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> scored_times(survival_outcome([True] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    """
    ends = np.sort(read_outcome(test_y).time)
    times = np.unique(ends)
    gone = np.searchsorted(ends, times, side="left") / ends.size
    beyond = np.flatnonzero(gone > _MOST_GONE)
    kept: Floats = times[: beyond[0] + 1] if beyond.size else times
    return kept


def observed_status(
    train: Outcome, test: Outcome, times: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Floats, Floats]:
    """Return who is there and who is gone by each time, and G at the times and at each spell's own end."""
    censoring = censoring_steps(train)
    there = test.time[:, None] > times
    return there, test.ended[:, None] & ~there, floored(censoring.at(times)), floored(censoring.at(test.time))[:, None]


def _refuse_delayed_entry(*outcomes: Outcome) -> None:
    latest = max(float(outcome.entry.max()) for outcome in outcomes)
    if latest > 0:
        raise EstimatorInputError(
            "entry_years", f"delayed entry, up to {latest:g}", "spells observed from their start, or entered_brier"
        )
