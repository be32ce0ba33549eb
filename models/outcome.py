"""What was observed of each spell, in the form that scikit-survival's metrics read too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.errors import EstimatorInputError

Floats = NDArray[np.float64]
_FRAME = ("entry_years", "duration_years", "event", "time_lower_years")
_NEEDED = ("duration_years", "event")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Checked columns of an outcome; arrays of equal length, one value per spell.

    Attributes
    ----------
    event : ndarray of int
        0 where the spell was still running when last seen (censored), else the number of its cause, 1 where there is
        only one.
    time : ndarray
        End of the spell or of its observation, in years (or any other unit) since its start, > ``entry``.
    entry : ndarray
        When the spell came under observation, >= 0; later than 0 is delayed entry (left truncation).
    time_lower : ndarray
        The latest time at which the spell was known to run; equal to ``time`` unless the end is known only to lie in
        ``(time_lower, time]``, as with yearly snapshots.
    """

    event: NDArray[np.int64]
    time: Floats
    entry: Floats
    time_lower: Floats

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Whether each spell ended, of whatever cause."""
        ended: NDArray[np.bool_] = self.event > 0
        return ended

    def __len__(self) -> int:
        """Return the number of spells."""
        return int(self.event.size)

    def __getitem__(self, rows: slice | NDArray[np.int64] | NDArray[np.bool_]) -> "Outcome":
        """Return the outcome of some spells."""
        return Outcome(self.event[rows], self.time[rows], self.entry[rows], self.time_lower[rows])

    def of_cause(self, cause: int) -> "Outcome":
        """Return the outcome in which only one cause is an end and the others censor."""
        return Outcome((self.event == cause).astype(np.int64), self.time, self.entry, self.time_lower)


def survival_outcome(
    event: ArrayLike, time: ArrayLike, *, entry: ArrayLike | None = None, time_lower: ArrayLike | None = None
) -> NDArray[np.void]:
    """Return the structured array ``y`` that the estimators are fitted to.

    Parameters
    ----------
    event : array-like of bool or int, shape (n,)
        Whether the spell ended; or the number of its cause, 0 while it was still running.
    time : array-like, shape (n,)
        Duration, > 0.
    entry : array-like, optional
        When the spell came under observation, from 0 to below ``time``.
    time_lower : array-like, optional
        The latest time at which the spell was known to run, from ``entry`` to ``time``, where the end is known only to
        lie between the two.

    Returns
    -------
    ndarray, shape (n,)
        Fields ``event`` and ``time``, and ``entry`` and ``time_lower`` where given. With the first two alone it is the
        ``y`` of scikit-survival.

    Raises
    ------
    EstimatorInputError
        If lengths differ or a value is impossible.

    Examples
    --------
    >>> survival_outcome([True, False], [1.5, 4.0]).dtype.names
    ('event', 'time')
    >>> read_outcome(survival_outcome([2, 0], [1.5, 4.0], entry=[0.5, 0.0])).event.tolist()
    [2, 0]
    """
    events = np.asarray(event)
    kind: Any = bool if events.dtype == np.bool_ else np.int64
    columns = {"event": events, "time": np.asarray(time, dtype=np.float64)}
    given = {"entry": entry, "time_lower": time_lower}
    columns |= {name: np.asarray(value, dtype=np.float64) for name, value in given.items() if value is not None}
    for name, values in columns.items():
        if values.shape != events.shape or events.ndim != 1:
            raise EstimatorInputError(name, f"shape {values.shape}", f"one value per spell, shape ({events.size},)")
    y = np.empty(events.size, dtype=[("event", kind), *((name, np.float64) for name in columns if name != "event")])
    for name, values in columns.items():
        y[name] = values
    read_outcome(y)
    return y


def read_outcome(y: object) -> Outcome:
    """Return the checked columns of a structured ``y``, or of a frame of spells.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        As `survival_outcome` makes it, or a frame with ``duration_years``, ``event`` and perhaps
        ``entry_years`` and ``time_lower_years``.

    Raises
    ------
    EstimatorInputError
        If it is neither, or a value is impossible.
    """
    if isinstance(y, Outcome):
        return y
    if isinstance(y, pl.DataFrame):
        outcome = _from_frame(y)
    elif isinstance(y, np.ndarray) and y.dtype.names is not None and {"event", "time"} <= set(y.dtype.names):
        time = y["time"].astype(np.float64)
        outcome = Outcome(
            event=_events(y["event"]),
            time=time,
            entry=y["entry"].astype(np.float64) if "entry" in y.dtype.names else np.zeros(y.size),
            time_lower=y["time_lower"].astype(np.float64) if "time_lower" in y.dtype.names else time,
        )
    else:
        given = f"{type(y).__name__}" + (f" of dtype {y.dtype}" if isinstance(y, np.ndarray) else "")
        raise EstimatorInputError("y", given, "the structured array of models.outcome.survival_outcome(event, time)")
    _check(outcome)
    return outcome


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcomes of several parts as one."""
    return Outcome(
        event=np.concatenate([each.event for each in outcomes]),
        time=np.concatenate([each.time for each in outcomes]),
        entry=np.concatenate([each.entry for each in outcomes]),
        time_lower=np.concatenate([each.time_lower for each in outcomes]),
    )


def _from_frame(spells: pl.DataFrame) -> Outcome:
    if missing := [name for name in _NEEDED if name not in spells.columns]:
        raise EstimatorInputError("y", spells.columns, f"also the column {', '.join(missing)}")
    for name in _FRAME:
        if name not in spells.columns:
            continue
        dtype = spells.schema[name]
        if not (dtype.is_integer() or dtype == pl.Boolean if name == "event" else dtype.is_numeric()):
            raise EstimatorInputError(name, dtype, "a boolean column" if name == "event" else "a numeric column")
        if nulls := spells[name].null_count():
            raise EstimatorInputError(name, f"{nulls} missing values", "a value in every row")
    times = {name: spells[name].cast(pl.Float64).to_numpy() for name in _FRAME if name != "event" and name in spells}
    time = times["duration_years"]
    return Outcome(
        event=_events(spells["event"].to_numpy()),
        time=time,
        entry=times.get("entry_years", np.zeros(spells.height)),
        time_lower=times.get("time_lower_years", time),
    )


def _events(events: NDArray[Any]) -> NDArray[np.int64]:
    if events.dtype.kind not in "biu" and not np.array_equal(events, np.floor(events)):
        raise EstimatorInputError("event", "fractions", "booleans, or whole numbers of causes with 0 for censored")
    whole: NDArray[np.int64] = events.astype(np.int64)
    if whole.size and whole.min() < 0:
        raise EstimatorInputError("event", int(whole.min()), "0 for censored, 1 and up for causes")
    return whole


def _check(outcome: Outcome) -> None:
    if not len(outcome):
        raise EstimatorInputError("y", "no rows", "at least one spell")
    entry, lower, time = outcome.entry, outcome.time_lower, outcome.time
    possible = np.isfinite(entry) & np.isfinite(time) & (entry >= 0) & (time > entry)
    possible &= (lower >= entry) & (lower <= time)
    if not possible.all():
        first = int(np.argmin(possible))
        raise EstimatorInputError(
            "duration_years",
            f"{int((~possible).sum())} spells, the first (row {first}) with entry {entry[first]:g}, last known to run "
            f"{lower[first]:g} and duration {time[first]:g}",
            "0 <= entry <= last known to run <= duration, entry < duration, all finite",
        )
