"""Who leaves after finishing the training, for a typical post of each size of municipality."""

from dataclasses import dataclass

import polars as pl

from api.services.world import World
from features.indicators.observations import population_of
from features.peers import POPULATION_BANDS, population_band
from models.departure import DepartureAfterTraining, departure_after_training
from models.forecast import PostProfile

YEARS_TO_SPECIALIST = 2.0
TYPICAL_CONTRACT_FORM = "self_employed"


@dataclass(frozen=True, slots=True)
class BandDeparture:
    """Departure after training in a typical post of a population band: its mean population and centrality class."""

    band: str
    departure: DepartureAfterTraining


def departures_by_band(world: World) -> tuple[BandDeparture, ...]:
    """Share that leaves within two years of becoming a specialist in the post, by size of municipality."""
    places = world.snapshot.municipalities.join(population_of(world.snapshot), on="municipality_code").with_columns(
        band=population_band(pl.col("population"))
    )
    list_length = world.scores.values.filter(pl.col("indicator") == "list_length_mean")["value"].drop_nulls().to_numpy()
    found = []
    for band, _ in POPULATION_BANDS:
        alike = places.filter(pl.col("band") == band)
        post = PostProfile(
            population=float(alike["population"].to_numpy().mean()),
            centrality_class=round(alike["centrality_class"].to_numpy().mean().item()),
            list_length=float(list_length.mean()),
            contract_form=TYPICAL_CONTRACT_FORM,
            years_since_specialist=-YEARS_TO_SPECIALIST,
        )
        found.append(BandDeparture(band, departure_after_training(world.retention, post)))
    return tuple(found)
