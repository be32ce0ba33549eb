"""Travel times that are estimated from where places lie."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.accessibility import ROAD_FACTOR, great_circle_km

ROAD_KM_PER_HOUR = 60.0
"""Speed on the road that turns kilometres into time; an assumption, for towns, country roads and motorways alike."""

Matrix = NDArray[np.float64]


def minutes_of(road_km: Matrix) -> Matrix:
    """Minutes that a way of so many kilometres takes at `ROAD_KM_PER_HOUR`."""
    return 60 * road_km / ROAD_KM_PER_HOUR


def road_minutes(places: pl.DataFrame, targets: pl.DataFrame) -> Matrix:
    """Estimated minutes by road from every place to every target, shape (places, targets).

    Great-circle distance times `ROAD_FACTOR` at `ROAD_KM_PER_HOUR`: no fjord, ferry, mountain or timetable is in it.
    Both frames carry ``lat`` and ``lon`` in degrees.
    """
    lat, lon = (np.concatenate([frame[axis].to_numpy() for frame in (places, targets)]) for axis in ("lat", "lon"))
    return minutes_of(great_circle_km(lat, lon)[: places.height, places.height :] * ROAD_FACTOR)


def minutes_to_nearest(places: pl.DataFrame, targets: pl.DataFrame) -> pl.Series:
    """Estimated minutes by road from every place to the nearest target; null where there is no target at all."""
    minutes = road_minutes(places, targets).min(axis=1, initial=np.inf)
    return pl.Series(np.where(np.isinf(minutes), np.nan, minutes)).fill_nan(None)
