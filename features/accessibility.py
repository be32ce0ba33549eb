"""How far apart municipalities are, and how much of the country and its jobs can be reached from each."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0
ROAD_FACTOR = 1.3
"""Road over great-circle distance; an assumption, common for sparsely built road networks."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decay:
    """How willingness to commute falls with road distance: log-logistic, 1 at home, and nothing beyond a limit.

    Attributes
    ----------
    half_km : float
        Road distance at which half the willingness is left.
    exponent : float
        How steeply it falls around there.
    limit_km : float
        Road distance beyond which nobody is counted as commuting daily.

    Examples
    --------
    >>> Decay(half_km=15.0, exponent=3.0, limit_km=90.0).willingness(np.array([0.0, 15.0, 30.0, 91.0])).round(3)
    array([1.   , 0.5  , 0.111, 0.   ])
    """

    half_km: float
    exponent: float
    limit_km: float

    def law(self, distance_km: Matrix) -> Matrix:
        """Willingness (0-1) by distance as if there were no limit."""
        willingness: Matrix = 1 / (1 + (distance_km / self.half_km) ** self.exponent)
        return willingness

    def willingness(self, distance_km: Matrix) -> Matrix:
        """Willingness (0-1) to commute each distance."""
        return np.where(distance_km <= self.limit_km, self.law(distance_km), 0.0)


COMMUTING_DECAY = Decay(half_km=15.0, exponent=2.9, limit_km=90.0)
"""The law in use, fitted on SSB 03321 (2017).

`bench/commuting_decay.py` repeats the fit; docs/decisions/0003-commuting-decay.md tells of the alternatives.
"""

DECAY_ERRORS = (0.076, 0.048)
"""Standard errors of the logarithms of the half distance and the exponent: one county left out at a time."""

DECAY_CORRELATION = 0.87
"""Correlation of these two errors."""

DETOUR_SD = 0.256
"""How far real ways stray from estimated ones: standard deviation of the logarithm.

Of the published minutes to the labour-market region's centre (SSB 2020) about the straight line through them, over the
198 municipalities that are no centre themselves; `bench/commuting_decay.py` measures it.
"""


def decay_deviations(decay: Decay = COMMUTING_DECAY) -> tuple[tuple[Decay, Decay], ...]:
    """Laws one standard error below and above the law in use, along each of two independent directions.

    A quantity computed with all of them has about the variance ``sum(((above - below) / 2) ** 2)`` (delta method).

    Examples
    --------
    >>> [len(pair) for pair in decay_deviations()]
    [2, 2]
    """
    half, exponent = DECAY_ERRORS
    rest = (1 - DECAY_CORRELATION**2) ** 0.5
    axes = ((half, DECAY_CORRELATION * exponent), (0.0, rest * exponent))
    return tuple((_moved(decay, -first, -second), _moved(decay, first, second)) for first, second in axes)


def great_circle_km(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> Matrix:
    """Great-circle distance in kilometres between every pair of points, shape (n, n).

    Parameters
    ----------
    lat, lon : numpy.ndarray of shape (n,)
        Degrees.

    Examples
    --------
    Oslo to Bergen is about 305 km.

    >>> great_circle_km(np.array([59.913, 60.393]), np.array([10.752, 5.324])).round()
    array([[  0., 305.],
           [305.,   0.]])
    """
    phi, lam = np.radians(lat), np.radians(lon)
    half_chord = (
        np.sin((phi[:, None] - phi) / 2) ** 2
        + np.cos(phi)[:, None] * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    )
    distance: Matrix = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half_chord, 0, 1)))
    return distance


def road_km(municipalities: pl.DataFrame) -> Matrix:
    """Estimated road distance in kilometres between the settlement centres of all municipalities, shape (n, n).

    Great-circle distance times `ROAD_FACTOR`: no fjord, ferry or mountain is in it. Rows and columns follow the rows
    of `municipalities` (contract `features.frames.Municipality`).
    """
    return great_circle_km(municipalities["lat"].to_numpy(), municipalities["lon"].to_numpy()) * ROAD_FACTOR


def decayed_reach(
    mass: NDArray[np.float64], distance_km: Matrix, decay: Decay = COMMUTING_DECAY
) -> NDArray[np.float64]:
    """Mass that can be reached from each place: sum over places of mass times willingness to go there.

    The place's own mass counts in full. This is no travel time and knows no competition for the mass.

    Parameters
    ----------
    mass : numpy.ndarray of shape (n,) or (n, g)
        For example inhabitants, or jobs by group; not negative.
    distance_km : numpy.ndarray of shape (n, n)
        From each place (row) to each place (column).
    decay : Decay

    Returns
    -------
    numpy.ndarray of the shape of `mass`
        In the unit of `mass`.

    References
    ----------
    Hansen 1959, "How accessibility shapes land use", J. Am. Inst. Planners 25(2).

    Examples
    --------
    >>> distance_km = np.array([[0.0, 15.0], [15.0, 0.0]])
    >>> decayed_reach(np.array([100.0, 1000.0]), distance_km, Decay(15.0, 3.0, 90.0))
    array([ 600., 1050.])
    """
    return decay.willingness(distance_km) @ mass


def two_step_reach(jobs: NDArray[np.float64], seekers: NDArray[np.float64], willingness: Matrix) -> NDArray[np.float64]:
    """Jobs that each seeker can reach, shared with all others who can reach them: two-step floating catchment.

    First every place's jobs are divided by the seekers who reach it, each counted by willingness; then every place
    gets the sum of those shares at the places reached from it, again by willingness. Where every job is reached by
    someone, ``(reach * seekers).sum(axis=0)`` is the number of jobs: nobody's job is counted twice. Jobs that nobody
    reaches count for nobody.

    Parameters
    ----------
    jobs : numpy.ndarray of shape (w,) or (w, g)
        By place of work, and by group if there are several; not negative. Groups do not compete with each other.
    seekers : numpy.ndarray of shape (r,) or (r, g)
        By place of residence; not negative.
    willingness : numpy.ndarray of shape (r, w)
        Weight (0-1) of the way from each place of residence (row) to each place of work (column).

    Returns
    -------
    numpy.ndarray of the shape of `seekers`
        Jobs per seeker. It says nothing of how many jobs there are.

    References
    ----------
    W. Luo and F. Wang (2003), *Measures of spatial accessibility to health care in a GIS environment*, Environment and
    Planning B 30(6), 865-884. W. Luo and Y. Qi (2009), *An enhanced two-step floating catchment area (E2SFCA) method*,
    Health & Place 15(4), 1100-1107 (weights by distance).

    Examples
    --------
    Fifteen jobs in the first place; the ten who live there share them with the ten next door, who count half.

    >>> willingness = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> two_step_reach(np.array([15.0, 0.0]), np.array([10.0, 10.0]), willingness)
    array([1. , 0.5])
    """
    return willingness @ jobs_per_competitor(jobs, seekers, willingness)


def jobs_per_competitor(
    jobs: NDArray[np.float64], seekers: NDArray[np.float64], willingness: Matrix
) -> NDArray[np.float64]:
    """Jobs of each place of work per seeker who reaches it, each counted by willingness: the first of the two steps.

    Parameters as in `two_step_reach`, the result has the shape of `jobs`; 0 where no seeker reaches the place.
    """
    competing = willingness.T @ seekers
    return np.divide(jobs, competing, out=np.zeros_like(competing), where=competing > 0)


def _moved(decay: Decay, half: float, exponent: float) -> Decay:
    return replace(decay, half_km=decay.half_km * np.exp(half), exponent=decay.exponent * np.exp(exponent))
