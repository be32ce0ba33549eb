"""Training: what public figures tell of a place to become a specialist in. The rest only the municipality knows."""

import polars as pl

from features.indicators.observations import observed
from features.indicators.travel import minutes_to_nearest
from features.snapshot import Snapshot


def hospital_travel_min(snapshot: Snapshot) -> pl.DataFrame:
    """Estimated minutes by road to the nearest hospital with somatic emergency function."""
    minutes = minutes_to_nearest(snapshot.municipalities, snapshot.hospitals)
    year = snapshot.measure("hospitals.hospital")[1].newest_year
    return observed(snapshot.municipalities.with_columns(value=minutes, year=year))
