"""A stock of posts that are refilled for decades: contracts in force on a day, and those that ended in the year."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.baselines import BandBaselines, calibrated_baselines
from models.calibration import Calibration, national_calibration
from models.career_hazard import CareerAssumptions
from models.mix import checked_mix
from models.posts import drawn_posts, filled_posts
from models.simulation import drawn_durations

_BURN_IN_YEARS = 40.0
_PLACE = ("municipality_code", "population", "population_band", "centrality_class")


@dataclass(frozen=True, slots=True)
class Stock:
    """Simulated contracts in force at a year's end.

    Attributes
    ----------
    contracts : DataFrame
        One row per post: ``population_band``, ``elapsed_years`` since the contract's start and ``is_specialist`` (has
        been one from the start, or has become one since).
    ended_in_year : int
        Contracts that ended in the year before.
    left_scheme_share : float
        Share (0-1) of ended contracts whose doctor leaves the scheme.
    """

    contracts: pl.DataFrame
    ended_in_year: int
    left_scheme_share: float


def simulated_stock(
    mix: pl.DataFrame, *, seed: int, posts: int | None = None, calibration: Calibration | None = None
) -> Stock:
    """Return the contracts in force after forty-one years in which every post was refilled at once.

    Vacancies are not simulated. It is *not* the published stock: elapsed tenures come out shorter than in the register
    of 2021 and specialists more frequent, because every simulated trainee finishes; ``calibration.toml`` says so too.

    Parameters
    ----------
    mix : DataFrame
        `models.mix.MunicipalityMix` of the whole country.
    seed : int
        Same seed, same stock.
    posts : int, optional
        By default the number of GPs in the scheme.
    calibration : Calibration, optional
        By default the project's.
    """
    figures = calibration or national_calibration()
    ratios = CareerAssumptions.from_calibration(figures)
    checked = checked_mix(mix)
    bands = calibrated_baselines(checked, ratios, figures)
    rng = np.random.default_rng(seed)
    size = int(figures.scheme["gps"].value) if posts is None else posts
    open_posts = drawn_posts(checked, checked["lists"].to_numpy(), size, rng, figures)
    return _refilled(open_posts, bands, ratios, figures, rng, bands.left_scheme_share(checked, figures))


def _refilled(
    posts: pl.DataFrame,
    bands: BandBaselines,
    ratios: CareerAssumptions,
    figures: Calibration,
    rng: np.random.Generator,
    left_scheme_share: float,
) -> Stock:
    end, started = _BURN_IN_YEARS + 1, np.zeros(posts.height)
    ended, in_force = 0, []
    while posts.height:
        ends = started + drawn_durations(posts, bands, ratios, rng)
        ended += int(((ends > _BURN_IN_YEARS) & (ends <= end)).sum())
        is_over = ends <= end
        here = posts.with_columns(elapsed_years=pl.Series(end - started)).filter(pl.Series(~is_over))
        in_force.append(
            here.select(
                "population_band",
                "elapsed_years",
                is_specialist=pl.col("years_since_specialist") + pl.col("elapsed_years") >= 0,
            )
        )
        posts, started = filled_posts(posts.filter(pl.Series(is_over)).select(_PLACE), rng, figures), ends[is_over]
    return Stock(pl.concat(in_force), ended, left_scheme_share)
