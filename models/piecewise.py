"""Curves of a hazard that is constant within each interval."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from features.errors import InvalidInputError

Floats = NDArray[np.float64]
_TOLERANCE = 1e-12  # a product of fractions that should be exactly one half
_TINY = 1e-12


def cumulative_at(hazard: Floats, breaks: Floats, times: ArrayLike) -> Floats:
    """Return the cumulative hazard at times within the breaks.

    Parameters
    ----------
    hazard : ndarray, shape (rows, intervals)
        Events per year in each interval.
    breaks : ndarray, shape (intervals + 1,)
        Borders, years, from 0.
    times : array-like
        One row of times for all rows, or one for each.

    Returns
    -------
    ndarray, shape (rows, times)
        0 at time 0, never falling.

    Raises
    ------
    InvalidInputError
        If a time is negative, not finite, or beyond the last border.

    Examples
    --------
    >>> cumulative_at(np.array([[0.2, 0.4]]), np.array([0.0, 1.0, 2.0]), [0.5, 1.5]).round(3).tolist()
    [[0.1, 0.4]]
    """
    years = np.atleast_1d(np.asarray(times, dtype=np.float64))
    years = np.broadcast_to(years, (hazard.shape[0], years.shape[-1]))
    horizon = float(breaks[-1])
    if years.size and not (np.isfinite(years).all() and years.min() >= 0 and years.max() <= horizon + 1e-9):
        wrong = years[~((years >= 0) & (years <= horizon + 1e-9))].flat[0]
        raise InvalidInputError("times", float(wrong), f"years between 0 and {horizon:g}, the longest observed")
    at = interval_of(breaks, years, side="right")
    steps = np.cumsum(hazard * np.diff(breaks), axis=1)
    at_borders = np.concatenate([np.zeros((hazard.shape[0], 1)), steps], axis=1)
    within = np.take_along_axis(hazard, at, axis=1) * (years - breaks[at])
    cumulative: Floats = np.take_along_axis(at_borders, at, axis=1) + within
    return cumulative


def log_likelihood(hazard: Floats, breaks: Floats, duration_years: Floats, event: NDArray[np.bool_]) -> Floats:
    """Return each spell's log-likelihood under its hazard; spells observed from their start.

    Examples
    --------
    >>> hazard, breaks = np.array([[0.5, 1.0]]), np.array([0.0, 1.0, 2.0])
    >>> log_likelihood(hazard, breaks, np.array([1.5]), np.array([True])).tolist()
    [-1.0]
    """
    at = interval_of(breaks, duration_years, side="left")
    rate = np.maximum(np.take_along_axis(hazard, at[:, None], axis=1)[:, 0], _TINY)
    likelihood: Floats = event * np.log(rate) - cumulative_at(hazard, breaks, duration_years[:, None])[:, 0]
    return likelihood


def interval_of(breaks: Floats, years: Floats, *, side: str) -> NDArray[np.intp]:
    """Return the interval that holds each time; on a border the next one (``right``) or the one before (``left``)."""
    found = np.searchsorted(breaks, years, side="right" if side == "right" else "left") - 1
    at: NDArray[np.intp] = np.clip(found, 0, breaks.size - 2)
    return at


def first_half(survival: Floats) -> NDArray[np.intp]:
    """Return, per row, the first place at which survival is one half or lower; the number of places if none is.

    Examples
    --------
    >>> first_half(np.array([[1.0, 0.5, 0.2], [1.0, 0.9, 0.8]])).tolist()
    [1, 3]
    """
    below = survival <= 0.5 + _TOLERANCE
    places: NDArray[np.intp] = np.where(below.any(axis=1), below.argmax(axis=1), survival.shape[1])
    return places


def curve_medians(times_years: Floats, survival: Floats) -> Floats:
    """Return when each curve first falls to one half, log-linear between its points; infinite if it does not.

    Parameters
    ----------
    times_years : ndarray, shape (times,) or (rows, times)
        Rising; two or more.
    survival : ndarray, shape (rows, times)
        Never rising.
    """
    times = np.broadcast_to(times_years, survival.shape)
    at = first_half(survival)
    row, to = np.arange(survival.shape[0]), np.clip(at, 1, survival.shape[1] - 1)
    before, after = (-np.log(np.maximum(survival[row, place], _TINY)) for place in (to - 1, to))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip((np.log(2) - before) / (after - before), 0.0, 1.0)
    years = times[row, to - 1] + share * (times[row, to] - times[row, to - 1])
    medians: Floats = np.select([at == 0, at < survival.shape[1]], [times[:, 0], years], np.inf)
    return medians


def curve_median(times_years: Floats, survival: Floats) -> float | None:
    """Return when one curve first falls to one half, or None if it does not.

    Examples
    --------
    >>> curve_median(np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.5, 0.25]))
    1.0
    """
    median = float(curve_medians(times_years, survival[None, :])[0])
    return median if np.isfinite(median) else None


def restricted_means(hazard: Floats, breaks: Floats, stayed: Floats, horizon: float) -> Floats:
    """Return the mean further time until the end or the horizon, given the time already lasted; exact, per row.

    Parameters
    ----------
    hazard : ndarray, shape (rows, intervals)
        Events per unit of time in each interval.
    breaks : ndarray, shape (intervals + 1,)
        Borders from 0.
    stayed : ndarray, shape (rows,)
        Time already lasted.
    horizon : float
        Further time at which counting stops, > 0.

    Examples
    --------
    >>> hazard, breaks = np.array([[0.0, 0.0]]), np.array([0.0, 1.0, 3.0])
    >>> restricted_means(hazard, breaks, np.array([0.5]), 2.0).tolist()
    [2.0]
    """
    if not horizon > 0:
        raise InvalidInputError("horizon", horizon, "a time above 0")
    end = stayed[:, None] + horizon
    inner = np.clip(breaks[None, :], stayed[:, None], end)
    points = np.concatenate([stayed[:, None], inner, end], axis=1)
    points = np.sort(points, axis=1)
    cumulative = cumulative_at(hazard, breaks, points)
    return area_under(points, cumulative - cumulative[:, :1])


def area_under(times: Floats, cumulative: Floats) -> Floats:
    """Return the area under survival curves whose hazard is constant between the times; exact, per row.

    Parameters
    ----------
    times : ndarray, shape (times,) or (rows, times)
        Rising.
    cumulative : ndarray, shape (rows, times)
        Cumulative hazard at them; survival is ``exp(-cumulative)``.

    Examples
    --------
    >>> area_under(np.array([0.0, 2.0]), np.array([[0.0, 1.0], [0.0, 0.0]])).round(3).tolist()
    [1.264, 2.0]
    """
    width, fallen = np.diff(times, axis=-1), np.diff(cumulative, axis=1)
    # the integral of exp(-h t) over a width is (1 - exp(-h w)) / h
    small = fallen < 1e-9
    share = np.where(small, 1.0 - fallen / 2, -np.expm1(-fallen) / np.where(small, 1.0, fallen))
    area: Floats = (np.exp(-cumulative[:, :-1]) * width * share).sum(axis=1)
    return area
