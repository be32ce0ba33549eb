"""The grid of time on which hazards are estimated, and what each spell adds to each of its intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import EstimatorInputError
from models.outcome import Floats, Outcome

_EVENTS_PER_INTERVAL = 5


@dataclass(frozen=True, slots=True, eq=False)
class PersonPeriods:
    """Exposure and end of each spell on a grid of time.

    Attributes
    ----------
    breaks : ndarray, shape (intervals + 1,)
        Rising borders from 0; intervals are open to the left and closed to the right.
    exposure : ndarray, shape (spells, intervals)
        Time under observation in each interval.
    at : ndarray of int, shape (spells,)
        Interval in which the observation of the spell ended.
    ended : ndarray of bool, shape (spells,)
        Whether the spell itself ended there.
    """

    breaks: Floats
    exposure: Floats
    at: NDArray[np.int64]
    ended: NDArray[np.bool_]

    def events(self, weights: Floats) -> Floats:
        """Return the weighted ends in each interval, shape (intervals,)."""
        found: Floats = np.bincount(
            self.at[self.ended], weights=weights[self.ended], minlength=self.breaks.size - 1
        ).astype(np.float64)
        return found

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "PersonPeriods":
        """Return the person-periods of some spells."""
        return PersonPeriods(self.breaks, self.exposure[rows], self.at[rows], self.ended[rows])


def with_bounds(outcome: Outcome) -> Outcome:
    """Return the outcome with a lower bound for every end: times are noted in some unit, and rounded up to it.

    An end noted as year 3 lies somewhere in that year. Taking it to lie at the year's end would make the hazard of a
    whole year too low by half its probability, and curves would lie above Kaplan-Meier's. The unit is the smallest
    difference between two times; exact times have next to none. Bounds that are there stay.

    Examples
    --------
    >>> from models.outcome import read_outcome, survival_outcome
    >>> y = read_outcome(survival_outcome([True, True, False], [1.0, 3.0, 2.0]))
    >>> with_bounds(y).time_lower.tolist()
    [0.0, 2.0, 2.0]
    """
    steps = np.diff(np.unique(outcome.time))
    unit = float(steps.min()) if steps.size else 0.0
    exact = outcome.ended & (outcome.time_lower >= outcome.time)
    lower = np.where(exact, np.maximum(outcome.time - unit, outcome.entry), outcome.time_lower)
    return Outcome(outcome.event, outcome.time, outcome.entry, lower)


def end_times(outcome: Outcome) -> Floats:
    """Return when each spell is taken to have ended: the middle of what is known, where only bounds are known."""
    middle: Floats = np.where(outcome.ended, (outcome.time_lower + outcome.time) / 2, outcome.time_lower)
    # a censored spell is known to have run until time_lower; without such a bound that is its time
    return np.maximum(middle, np.nextafter(outcome.entry, np.inf))


def longest_time(outcome: Outcome) -> float:
    """Return up to when something is known: the latest end, or latest time at which a spell was known to run."""
    return float(np.where(outcome.ended, outcome.time, end_times(outcome)).max())


def event_quantile_breaks(outcome: Outcome, intervals: int) -> Floats:
    """Return borders at observed event times, with about as many events in each interval.

    A survival curve is exact at its borders, so they lie on times at which spells had ended; the last is the longest.

    Examples
    --------
    >>> from models.outcome import read_outcome, survival_outcome
    >>> y = read_outcome(survival_outcome([True] * 40, [1.0, 2.0, 3.0, 4.0] * 10))
    >>> event_quantile_breaks(y, 20).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    found = np.sort(outcome.time[outcome.ended])
    longest = longest_time(outcome)
    steps = max(1, min(intervals, found.size // _EVENTS_PER_INTERVAL))
    if not found.size:
        return np.array([0.0, longest])
    places = np.ceil(np.arange(1, steps + 1) * found.size / steps).astype(np.int64) - 1
    borders: Floats = np.unique(np.concatenate([[0.0], found[places], [longest]]))
    return borders


def with_spikes(breaks: Floats, spikes: tuple[float, ...], width: float) -> Floats:
    """Return the borders with an interval of its own ``(spike - width, spike + width]`` around each spike.

    Examples
    --------
    >>> with_spikes(np.array([0.0, 1.0, 1.95, 4.0]), (2.0,), 0.1).tolist()
    [0.0, 1.0, 1.9, 2.1, 4.0]
    """
    kept = breaks
    for spike in spikes:
        kept = kept[(kept <= spike - width) | (kept >= spike + width)]
    edges = [edge for spike in spikes for edge in (spike - width, spike + width) if 0 < edge < breaks[-1]]
    borders: Floats = np.unique(np.concatenate([kept, edges]))
    return borders


def grid_of(
    outcome: Outcome, breaks: Sequence[float] | None, intervals: int, spikes: Sequence[float], spike_width: float
) -> Floats:
    """Return the borders of the grid: those given, or quantiles of the event times, with the spikes in their own."""
    if breaks is None:
        borders = event_quantile_breaks(outcome, intervals)
    else:
        borders = np.asarray(breaks, dtype=np.float64)
        rising = borders.ndim == 1 and borders.size >= 2 and borders[0] == 0 and bool(np.all(np.diff(borders) > 0))
        if not rising or not np.isfinite(borders[-1]):
            raise EstimatorInputError("breaks", tuple(breaks), "rising finite borders that start with 0, at least two")
        if (longest := float(outcome.time.max())) > borders[-1]:
            raise EstimatorInputError(
                "breaks", f"borders up to {borders[-1]:g}", f"up to the longest spell, {longest:g}"
            )
    return with_spikes(borders, tuple(spikes), spike_width) if len(spikes) else borders


def person_period_table(outcome: Outcome, breaks: Floats) -> PersonPeriods:
    """Return exposure and ends on the grid; time beyond the last border counts into the last interval.

    Examples
    --------
    >>> from models.outcome import read_outcome, survival_outcome
    >>> y = read_outcome(survival_outcome([True], [1.5], entry=[0.25]))
    >>> person_period_table(y, np.array([0.0, 1.0, 2.0])).exposure.tolist()
    [[0.75, 0.5]]
    """
    ends = end_times(outcome)
    lower, upper = breaks[:-1], breaks[1:].copy()
    upper[-1] = max(upper[-1], float(ends.max()))
    exposure = np.minimum(ends[:, None], upper) - np.maximum(outcome.entry[:, None], lower)
    at = np.clip(np.searchsorted(breaks, ends, side="left") - 1, 0, breaks.size - 2)
    return PersonPeriods(breaks, np.maximum(exposure, 0.0), at.astype(np.int64), outcome.ended)


def baseline_hazard(periods: PersonPeriods, weights: Floats) -> Floats:
    """Return the hazard of all spells together in each interval, drawn by one event towards the overall rate."""
    events, exposure = periods.events(weights), weights @ periods.exposure
    total = exposure.sum()
    rate = max(events.sum(), 0.5) / total
    hazard: Floats = (events + 0.5) / (exposure + 0.5 / rate)
    return hazard
