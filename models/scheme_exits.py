"""How many GPs of a simulated stock leave the scheme in a year."""

import numpy as np
import polars as pl

from models.calibration import Calibration
from models.stock import simulated_stock


def simulated_scheme_exits(
    mix: pl.DataFrame, *, seed: int, gps: int | None = None, calibration: Calibration | None = None
) -> int:
    """Return how many GPs of a simulated stock leave the scheme in one year.

    An identity, no check of the simulator against the register: the share of ended contracts whose doctor leaves the
    scheme is *computed* from the published exits (just over 300 in 2023, about 5.9 % of the stock), so that they come
    out whatever the durations are. It shows that stock, flow and share fit together.

    Examples
    --------
    >>> from models.mix import national_mix
    >>> 270 <= simulated_scheme_exits(national_mix(), seed=1) <= 380
    True
    """
    stock = simulated_stock(mix, seed=seed, posts=gps, calibration=calibration)
    return int(np.random.default_rng(seed).binomial(stock.ended_in_year, stock.left_scheme_share))
