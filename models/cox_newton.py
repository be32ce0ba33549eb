"""Newton's method for a penalised log-linear hazard on a grid of time, its baseline profiled out."""

from dataclasses import dataclass

import numpy as np

from models.outcome import Floats
from models.time_grid import PersonPeriods

_STEPS = 25
_ENOUGH = 1e-6
_LARGEST = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class LinearHazard:
    """Coefficients and baseline: in interval k the hazard is ``exp(log_baseline[k] + x @ beta + c[k] * z @ drift)``.

    Attributes
    ----------
    beta : ndarray, shape (columns,)
        Effects that hold all the time.
    drift : ndarray, shape (drifting columns,)
        How much effects change per unit of the clock ``c``.
    log_baseline : ndarray, shape (intervals,)
        Logarithm of the hazard of a row of zeros.
    """

    beta: Floats
    drift: Floats
    log_baseline: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A weighted set of person-periods with its columns.

    Attributes
    ----------
    periods : PersonPeriods
        Exposure and ends.
    weights : ndarray, shape (spells,)
        Weight of each spell.
    columns : ndarray, shape (spells, columns)
        Standardised.
    drifting : int
        How many of the columns, from the first, may change their effect over time.
    clock : ndarray, shape (intervals,)
        The clock of such changes.
    """

    periods: PersonPeriods
    weights: Floats
    columns: Floats
    drifting: int
    clock: Floats

    def part(self, rows: np.ndarray) -> "Problem":
        """Return the problem of some spells."""
        return Problem(self.periods[rows], self.weights[rows], self.columns[rows], self.drifting, self.clock)


def maximised(problem: Problem, penalties: Floats, start: Floats | None = None) -> Floats:
    """Return the coefficients (effects, then drifts) with the highest penalised profile likelihood.

    Parameters
    ----------
    problem : Problem
        Spells.
    penalties : ndarray, shape (columns + drifting,)
        Ridge penalty of each coefficient, > 0, in the unit of the log-likelihood.
    start : ndarray, optional
        Where to begin.
    """
    theta = np.zeros(problem.columns.shape[1] + problem.drifting) if start is None else start.copy()
    value, gradient, hessian = _derivatives(problem, theta)
    value -= 0.5 * float(penalties @ theta**2)
    for _ in range(_STEPS):
        slope = gradient - penalties * theta
        step = np.linalg.solve(hessian + np.diag(penalties), slope)
        gain = float(slope @ step)
        if gain < _ENOUGH:
            break
        length = 1.0
        while True:
            tried = theta + length * step
            new_value, new_gradient, new_hessian = _derivatives(problem, tried)
            new_value -= 0.5 * float(penalties @ tried**2)
            if new_value >= value - 1e-9 or length < 1e-3:
                break
            length /= 2
        theta, value, gradient, hessian = tried, new_value, new_gradient, new_hessian
    return theta


def profile_likelihood(problem: Problem, theta: Floats) -> float:
    """Return the log-likelihood of the coefficients with the baseline that suits them best (grouped Cox)."""
    p, q = problem.columns.shape[1], problem.drifting
    linear = np.clip(problem.columns @ theta[:p], -_LARGEST, _LARGEST)
    events = problem.periods.events(problem.weights)
    own, risk = _own_and_risk(problem, linear, theta[p:] if q else None)
    return float(own - events[events > 0] @ np.log(risk[events > 0]))


def fitted_hazard(problem: Problem, theta: Floats) -> LinearHazard:
    """Return the coefficients with the baseline that belongs to them, drawn by half an event to the overall rate."""
    p, q = problem.columns.shape[1], problem.drifting
    linear = np.clip(problem.columns @ theta[:p], -_LARGEST, _LARGEST)
    events = problem.periods.events(problem.weights)
    _, risk = _own_and_risk(problem, linear, theta[p:] if q else None)
    rate = max(events.sum(), 0.5) / risk.sum()
    return LinearHazard(theta[:p].copy(), theta[p:].copy(), np.log((events + 0.5) / (risk + 0.5 / rate)))


def _own_and_risk(problem: Problem, linear: Floats, drift: Floats | None) -> tuple[float, Floats]:
    periods, ended = problem.periods, problem.periods.ended
    if drift is None:
        risk: Floats = (problem.weights * np.exp(linear)) @ periods.exposure
        return float(problem.weights[ended] @ linear[ended]), risk
    moving = problem.columns[:, : problem.drifting] @ drift
    rates = np.exp(np.clip(linear[:, None] + moving[:, None] * problem.clock, -_LARGEST, _LARGEST))
    risk = problem.weights @ (periods.exposure * rates)
    own = linear[ended] + moving[ended] * problem.clock[periods.at[ended]]
    return float(problem.weights[ended] @ own), risk


def _derivatives(problem: Problem, theta: Floats) -> tuple[float, Floats, Floats]:
    x, periods, weights = problem.columns, problem.periods, problem.weights
    p, q = x.shape[1], problem.drifting
    ended = periods.ended
    events = periods.events(weights)
    linear = np.clip(x @ theta[:p], -_LARGEST, _LARGEST)
    if not q:
        rates = weights * np.exp(linear)
        risk = rates @ periods.exposure
        share = np.where(events > 0, events / np.maximum(risk, 1e-300), 0.0)
        expected = rates * (periods.exposure @ share)
        value = float(weights[ended] @ linear[ended]) - _total(events, risk)
        gradient = x[ended].T @ weights[ended] - x.T @ expected
        means = (periods.exposure * rates[:, None]).T @ x * share[:, None]
        return value, gradient, (x * expected[:, None]).T @ x - _outer(means, events)
    z, clock = x[:, :q], problem.clock
    moving = z @ theta[p:]
    rates = (
        periods.exposure
        * np.exp(np.clip(linear[:, None] + moving[:, None] * clock, -_LARGEST, _LARGEST))
        * weights[:, None]
    )
    risk = rates.sum(axis=0)
    share = np.where(events > 0, events / np.maximum(risk, 1e-300), 0.0)
    rates *= share
    moments = [rates.sum(axis=1), rates @ clock, rates @ clock**2]
    at = clock[periods.at[ended]]
    value = float(weights[ended] @ (linear[ended] + moving[ended] * at)) - _total(events, risk)
    gradient = np.concatenate(
        [
            x[ended].T @ weights[ended] - x.T @ moments[0],
            z[ended].T @ (weights[ended] * at) - z.T @ moments[1],
        ]
    )
    cross = (x * moments[1][:, None]).T @ z
    hessian = np.block([[(x * moments[0][:, None]).T @ x, cross], [cross.T, (z * moments[2][:, None]).T @ z]])
    flat = rates.T @ x
    means = np.column_stack([flat, flat[:, :q] * clock[:, None]])
    return value, gradient, hessian - _outer(means, events)


def _total(events: Floats, risk: Floats) -> float:
    some = events > 0
    return float(events[some] @ np.log(risk[some]))


def _outer(means: Floats, events: Floats) -> Floats:
    some = events > 0
    scaled = means[some] / np.sqrt(events[some])[:, None]
    product: Floats = scaled.T @ scaled
    return product
