"""How many GPs leave the scheme in a year: the simulator held against a published flow."""

import numpy as np
import polars as pl

from models.baselines import calibrated_baselines
from models.calibration import Calibration, national_calibration
from models.career_hazard import CareerAssumptions
from models.mix import checked_mix
from models.posts import drawn_posts, filled_posts
from models.simulation import drawn_durations


def simulated_scheme_exits(
    mix: pl.DataFrame, *, seed: int, gps: int | None = None, calibration: Calibration | None = None
) -> int:
    """Return how many GPs of a simulated stock leave the scheme in one year.

    A sanity figure: just over 300 left in 2023, about 5.9 % of the stock. Every post is refilled at once for forty
    years, then one year is counted; vacancies are not simulated.

    Examples
    --------
    >>> from models.mix import national_mix
    >>> 270 <= simulated_scheme_exits(national_mix(), seed=1) <= 380
    True
    """
    figures = calibration or national_calibration()
    ratios = CareerAssumptions.from_calibration(figures)
    checked = checked_mix(mix)
    bands = calibrated_baselines(checked, ratios, figures)
    rng = np.random.default_rng(seed)
    stock = int(figures.scheme["gps"].value) if gps is None else gps
    posts = drawn_posts(checked, checked["lists"].to_numpy(), stock, rng, figures)
    places = ["municipality_code", "population", "population_band", "centrality_class"]
    burn_in, ended, clock = 40.0, 0, np.zeros(stock)
    while clock.size:
        clock = clock + drawn_durations(posts, bands, ratios, rng)
        ended += int(((clock > burn_in) & (clock <= burn_in + 1)).sum())
        keep = clock <= burn_in + 1
        posts, clock = filled_posts(posts.filter(pl.Series(keep)).select(places), rng, figures), clock[keep]
    return int(rng.binomial(ended, bands.left_scheme_share(checked, figures)))
