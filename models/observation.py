"""How likely a spell is to be under observation: the weights that undo censoring and delayed entry."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import EstimatorInputError
from models.outcome import Outcome, read_outcome

Floats = NDArray[np.float64]
_FLOOR = 1e-3  # what the published scores put in the place of a probability of 0


@dataclass(frozen=True, slots=True, eq=False)
class StepCurve:
    """A right-continuous step function of time that is 1 before its first step.

    Attributes
    ----------
    time : ndarray, shape (steps,)
        Rising.
    value : ndarray, shape (steps,)
        Value from each time on.
    """

    time: Floats
    value: Floats

    def at(self, times: ArrayLike) -> Floats:
        """Return the values at any times, the step at that very time included."""
        return self._value(np.searchsorted(self.time, times, side="right"))

    def before(self, times: ArrayLike) -> Floats:
        """Return the values just before any times."""
        return self._value(np.searchsorted(self.time, times, side="left"))

    def _value(self, steps: NDArray[np.intp]) -> Floats:
        values: Floats = np.concatenate([[1.0], self.value])[steps]
        return values


def survival_steps(y: object) -> StepCurve:
    """Return the Kaplan-Meier curve of spells, whatever ended them, with risk sets that allow for delayed entry.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> survival_steps(survival_outcome([True, False, True], [1.0, 2.0, 3.0])).value.round(3).tolist()
    [0.667, 0.0]
    """
    outcome = read_outcome(y)
    times, counts = np.unique(outcome.time[outcome.ended], return_counts=True)
    survival: Floats = np.cumprod(1 - counts / at_risk(outcome, times), dtype=np.float64)
    return StepCurve(times, survival)


def censoring_steps(y: object) -> StepCurve:
    """Return the Kaplan-Meier curve of the censoring times: the probability G to stay under observation.

    As in the published benchmark scores: event and censoring change places, nothing else, so a spell that ends at the
    time of a censoring still counts as at risk of it. With delayed entry a spell is in the risk sets from its entry,
    and ratios ``G(t) / G(entry)`` are the probability to be observed until t of a spell that is observed at entry.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> censoring_steps(survival_outcome([True, False, True], [1.0, 2.0, 3.0])).at([1.9, 2.0]).tolist()
    [1.0, 0.5]
    """
    outcome = read_outcome(y)
    return survival_steps(
        Outcome((~outcome.ended).astype(np.int64), outcome.time, outcome.entry, outcome.time_lower),
    )


def any_cause(y: object) -> Outcome:
    """Return the outcome in which every end, of whatever cause, is of cause 1.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> any_cause(survival_outcome([2, 0, 1], [1.0, 2.0, 3.0])).event.tolist()
    [1, 0, 1]
    """
    outcome = read_outcome(y)
    return Outcome(outcome.ended.astype(np.int64), outcome.time, outcome.entry, outcome.time_lower)


def followed_until(outcome: Outcome, time: float) -> Outcome:
    """Return the outcome of spells, all entered before a time, if observation had ended at it.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> then = followed_until(read_outcome(survival_outcome([True, True], [1.0, 3.0])), 2.0)
    >>> then.event.tolist(), then.time.tolist()
    ([1, 0], [1.0, 2.0])
    """
    ends = np.minimum(outcome.time, time)
    event = np.where(outcome.time > time, 0, outcome.event)
    return Outcome(event, ends, outcome.entry, np.minimum(outcome.time_lower, ends))


def floored(probability: Floats) -> Floats:
    """Return probabilities with 0.001 in the place of 0, as the published scores have it."""
    values: Floats = np.where(probability <= 0, _FLOOR, probability)
    return values


def at_risk(outcome: Outcome, times: ArrayLike) -> NDArray[np.int64]:
    """Return how many spells are under observation just before each time: entered before it, not yet gone."""
    entered = np.searchsorted(np.sort(outcome.entry), times, side="left")
    gone = np.searchsorted(np.sort(outcome.time), times, side="left")
    number: NDArray[np.int64] = entered - gone
    return number


@dataclass(frozen=True, slots=True, eq=False)
class ObservationShare:
    """The share of spells that would be under observation at a time if none had ended before it.

    ``P(entry < t <= censoring)``, up to a constant factor that weights do not need. Without delayed entry it is the
    probability not to be censored before t, with events taken to come before censorings at the same time; with it, the
    risk set divided by survival. It holds for all spells alike: entry and censoring must not depend on the duration or
    on what predicts it.

    Attributes
    ----------
    entry, time : ndarray
        Sorted entries and ends of the spells that it was estimated from.
    survival : StepCurve
        Their Kaplan-Meier curve.

    References
    ----------
    Wang 1991, J Am Stat Assoc 86(413):130-143 (the product-limit estimate with truncation: risk set over survival).
    """

    entry: Floats
    time: Floats
    survival: StepCurve

    def until(self, times: ArrayLike) -> Floats:
        """Return the share just before each time, > 0.

        Raises
        ------
        EstimatorInputError
            If nobody is under observation at a time, or survival has come to 0 before it.
        """
        moments = np.asarray(times, dtype=np.float64)
        return self._share(moments, self.survival.before(moments), "left")

    def beyond(self, times: ArrayLike) -> Floats:
        """Return the share just after each time, > 0; for the spells that last longer.

        Raises
        ------
        EstimatorInputError
            As `until`.
        """
        moments = np.asarray(times, dtype=np.float64)
        return self._share(moments, self.survival.at(moments), "right")

    def _share(self, times: Floats, survival: Floats, side: Literal["left", "right"]) -> Floats:
        observed = np.searchsorted(self.entry, times, side=side) - np.searchsorted(self.time, times, side=side)
        if not (possible := (observed > 0) & (survival > 0)).all():
            first = float(times[~possible].min())
            raise EstimatorInputError(
                "time", f"{first:g}, where no spell of the training rows is observed", "earlier times or horizons"
            )
        share: Floats = observed / (survival * self.time.size)
        return share


def observation_share(y: object) -> ObservationShare:
    """Return the share of spells under observation by time since their start.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells, usually those of the training rows.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> share = observation_share(survival_outcome([True, False, True, True], [1.0, 2.0, 3.0, 4.0]))
    >>> share.until([1.0, 3.0]).round(3).tolist()
    [1.0, 0.667]
    """
    outcome = read_outcome(y)
    return ObservationShare(np.sort(outcome.entry), np.sort(outcome.time), survival_steps(outcome))
