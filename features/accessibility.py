"""How far apart municipalities are and how much of the country can be reached from each."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0
ROAD_FACTOR = 1.3
"""Road over great-circle distance; an assumption, common for sparsely built road networks."""

COMMUTING_DECAY_KM = 20.0
"""Road distance at which willingness to commute has fallen to 1/e, fitted on SSB 03321 (2017).

`bench/commuting_decay.py` repeats the fit; docs/decisions/0003-commuting-decay.md tells of the alternatives.
"""


def great_circle_km(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
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
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half_chord, 0, 1)))
    return distance


def road_km(municipalities: pl.DataFrame) -> NDArray[np.float64]:
    """Estimated road distance in kilometres between the settlement centres of all municipalities, shape (n, n).

    Great-circle distance times `ROAD_FACTOR`: no fjord, ferry or mountain is in it. Rows and columns follow the rows
    of `municipalities` (contract `features.frames.Municipality`).
    """
    return great_circle_km(municipalities["lat"].to_numpy(), municipalities["lon"].to_numpy()) * ROAD_FACTOR


def decayed_reach(
    mass: NDArray[np.float64], distance_km: NDArray[np.float64], decay_km: float = COMMUTING_DECAY_KM
) -> NDArray[np.float64]:
    """Mass that can be reached from each place: sum over places of ``mass * exp(-distance / decay)``.

    The place's own mass counts in full. This is no travel time and knows no competition for the mass.

    Parameters
    ----------
    mass : numpy.ndarray of shape (n,)
        For example inhabitants; not negative.
    distance_km : numpy.ndarray of shape (n, n)
    decay_km : float

    Returns
    -------
    numpy.ndarray of shape (n,)
        In the unit of `mass`.

    References
    ----------
    Hansen 1959, "How accessibility shapes land use", J. Am. Inst. Planners 25(2).

    Examples
    --------
    >>> decayed_reach(np.array([100.0, 1000.0]), np.array([[0.0, 20.0], [20.0, 0.0]])).round(1)
    array([ 467.9, 1036.8])
    """
    return np.exp(-distance_km / decay_km) @ mass
