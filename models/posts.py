"""Simulated posts: where they are, their contract form, and the career stage of the doctor who takes one."""

import numpy as np
import polars as pl

from features.peers import population_band
from models.calibration import Calibration
from models.career_hazard import CareerAssumptions, Careers
from models.mix import BAND_NAMES

CONTRACT_FORMS: tuple[str, ...] = ("self_employed", "cooperation_contract_8_2", "salaried")
_YEARS_SINCE_SPECIALIST_MAX = 30.0
_LIST_LENGTH_RANGE = (200.0, 2500.0)


def drawn_posts(
    mix: pl.DataFrame, weights: np.ndarray, size: int, rng: np.random.Generator, calibration: Calibration
) -> pl.DataFrame:
    """Return posts drawn from the municipalities of a mix with probability proportional to the weights."""
    rows = rng.choice(mix.height, size=size, p=weights / weights.sum())
    places = mix.select("municipality_code", "population", "centrality_class")[rows]
    band = population_band(pl.col("population")).cast(pl.Enum(BAND_NAMES))
    return filled_posts(places.with_columns(population_band=band), rng, calibration)


def filled_posts(places: pl.DataFrame, rng: np.random.Generator, calibration: Calibration) -> pl.DataFrame:
    """Return the places with a random contract form, list length and career stage of the doctor who starts there.

    ``years_since_specialist`` counts at the start: negative while a trainee still has years to go.
    """
    size, career = places.height, calibration.career
    salaried, length = (
        places["population_band"]
        .cast(pl.String)
        .replace_strict({band: figure.value for band, figure in section.items()}, return_dtype=pl.Float64)
        .to_numpy()
        for section in (calibration.salaried_share, calibration.list_length_mean)
    )
    form = rng.random(size)
    cooperation = calibration.cooperation_share["national"].value
    is_trainee = rng.random(size) < career["trainee_share_at_start"].value
    years_left = career["training_years_left_max"].value * rng.random(size)
    years_since = rng.gamma(2.0, career["years_since_specialist_mean"].value / 2.0, size)
    lengths = rng.normal(length, career["list_length_sd"].value)
    return places.with_columns(
        list_length=pl.Series(np.clip(lengths, *_LIST_LENGTH_RANGE)),
        contract_form=pl.Series(
            np.select([form < salaried, form < salaried + cooperation], CONTRACT_FORMS[:0:-1], CONTRACT_FORMS[0])
        ).cast(pl.Enum(CONTRACT_FORMS)),
        years_since_specialist=pl.Series(
            np.where(is_trainee, -years_left, np.minimum(years_since, _YEARS_SINCE_SPECIALIST_MAX))
        ),
    )


def careers_of(posts: pl.DataFrame, assumptions: CareerAssumptions) -> Careers:
    """Return what the simulator's hazard takes from each post."""
    form = posts["contract_form"].cast(pl.String)
    ratios = {
        "self_employed": 1.0,
        "cooperation_contract_8_2": assumptions.cooperation_contract_8_2,
        "salaried": assumptions.salaried,
    }
    by_form = form.replace_strict(ratios, return_dtype=pl.Float64).to_numpy()
    by_centrality = assumptions.centrality_step ** (posts["centrality_class"].to_numpy() - 3.0)
    years_since = posts["years_since_specialist"].to_numpy()
    return Careers(
        multiplier=by_form * by_centrality,
        specialist_at_years=np.where(years_since < 0, -years_since, np.inf),
        bump=assumptions.specialist_bump,
        bump_years=assumptions.specialist_bump_years,
    )
