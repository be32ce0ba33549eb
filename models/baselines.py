"""Weibull baselines of the population bands, calibrated so that the published medians come out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np
import polars as pl
from scipy.optimize import brentq

from features.errors import InvalidInputError
from features.peers import population_band
from models.calibration import Calibration
from models.career_hazard import Baseline, CareerAssumptions, Careers, Floats, cumulative_hazard, duration_at
from models.mix import BAND_NAMES
from models.posts import careers_of, drawn_posts

_SEED = 20_140_501  # of the covariates that calibration averages over; the same in every run
_DRAWS_PER_BAND = 3_000
_SMALLEST, _LARGEST = BAND_NAMES[0], BAND_NAMES[-1]
INTERPOLATED_BANDS = BAND_NAMES[1:-1]
"""Bands without a published contract median: theirs is interpolated, not measured."""
_NODES, _WEIGHTS = np.polynomial.laguerre.laggauss(8)  # average over a unit-exponential hazard


@dataclass(frozen=True, slots=True)
class BandBaselines:
    """Baseline, target median and mean duration (years) of contracts per population band."""

    by_band: Mapping[str, Baseline]
    median_years: Mapping[str, float]
    mean_years: Mapping[str, float]

    def contracts_per_list(self, places: pl.DataFrame, window_years: float) -> Floats:
        """Return how many contracts a list has in a window: the first, and one more per mean duration."""
        return 1 + window_years / self._mean(places)

    def left_scheme_share(self, mix: pl.DataFrame, calibration: Calibration) -> float:
        """Return the share of ended contracts whose doctor leaves the scheme instead of moving to another contract.

        The published yearly exits from the scheme, divided by the yearly ends of contracts in a stock with this mix.
        """
        lists = mix["lists"].to_numpy()
        ends = float((lists / self._mean(mix)).sum() / lists.sum())
        return min(1.0, calibration.scheme["exit_share_per_year"].value / ends)

    def _mean(self, places: pl.DataFrame) -> Floats:
        bands = places.select(population_band(pl.col("population"))).to_series()
        if missing := sorted(set(bands) - self.mean_years.keys()):
            raise InvalidInputError("baselines", sorted(self.mean_years), f"also the bands {', '.join(missing)}")
        mean: Floats = bands.replace_strict(dict(self.mean_years), return_dtype=pl.Float64).to_numpy()
        return mean


def calibrated_baselines(mix: pl.DataFrame, assumptions: CareerAssumptions, calibration: Calibration) -> BandBaselines:
    """Return baselines whose marginal medians are the published ones.

    The smallest and largest band hit their own medians, and their shapes are those of the Weibull curve through the
    median and the published survivors after thirteen years. So the medians are no check of the simulator, and the
    survivors of these two bands hardly one. The three bands between are *interpolated*: their medians lie on the curve
    ``median = smallest * (largest / smallest) ** (w ** g)``, where ``w`` is the band's relative distance in the
    published elapsed tenures and ``g`` is chosen so that the mix of all contracts hits the national median; shapes
    follow ``w``. Root-finding on survival averaged over a fixed draw of covariates: no event is drawn, so the result
    is deterministic and free of event noise.

    The stock of contracts that follows is younger than the one published for 2021: contracts of 2001-2014 with a
    median of 5.91 years cannot fill a stock with a median of 8.3 (see ``elapsed_median_years`` in
    ``calibration.toml``). Elapsed tenures give the order and relative distance of the middle bands, not their level.

    Raises
    ------
    InvalidInputError
        If the mix lacks a population band, or the published figures cannot be reached under these assumptions.
    """
    careers = _careers_by_band(mix, assumptions, calibration)
    national = calibration.contract_median_years["national"].value
    lists = mix.group_by(population_band(pl.col("population")).alias("band")).agg(pl.col("lists").sum())
    weight = dict(lists.iter_rows())
    window = calibration.observation["window_years"].value

    def at(bend: float) -> BandBaselines:
        return _bent_baselines(bend, careers, calibration)

    def above_half(log_bend: float) -> float:
        bands = at(exp(log_bend))
        contracts = {band: weight[band] * (1 + window / bands.mean_years[band]) for band in BAND_NAMES}
        survival = {band: _survival(national, bands.by_band[band], careers[band]) for band in BAND_NAMES}
        return float(sum(contracts[band] * survival[band] for band in BAND_NAMES) / sum(contracts.values())) - 0.5

    expected = f"lists whose national median can be {national} years"
    return at(exp(_root(above_half, log(0.05), log(20.0), ("mix", dict(sorted(weight.items())), expected))))


def _careers_by_band(
    mix: pl.DataFrame, assumptions: CareerAssumptions, calibration: Calibration
) -> Mapping[str, Careers]:
    rng = np.random.default_rng(_SEED)
    careers = {}
    for band in BAND_NAMES:
        here = mix.filter(population_band(pl.col("population")) == band)
        if here.is_empty():
            raise InvalidInputError(
                "mix", f"no municipality in band {band}", "a whole country's mix, or the baselines of one"
            )
        posts = drawn_posts(here, here["lists"].to_numpy(), _DRAWS_PER_BAND, rng, calibration)
        careers[band] = careers_of(posts, assumptions)
    return careers


def _shape(band: str, calibration: Calibration) -> float:
    """Return the shape of the Weibull curve through a band's published median and survivors, which no mix is in."""
    median, survivors = (calibration.contract_median_years[band].value, calibration.survivor_share_13y[band].value)
    window = calibration.observation["window_years"].value
    return log(log(survivors) / log(0.5)) / log(window / median)


def _bent_baselines(bend: float, careers: Mapping[str, Careers], calibration: Calibration) -> BandBaselines:
    elapsed = {band: log(calibration.elapsed_median_years[band].value) for band in BAND_NAMES}
    low, high = (calibration.contract_median_years[band].value for band in (_SMALLEST, _LARGEST))
    shapes = [_shape(band, calibration) for band in (_SMALLEST, _LARGEST)]
    by_band, medians = {}, {}
    for band in BAND_NAMES:
        distance = (elapsed[band] - elapsed[_SMALLEST]) / (elapsed[_LARGEST] - elapsed[_SMALLEST])
        shape = shapes[0] + distance * (shapes[1] - shapes[0])
        medians[band] = low * (high / low) ** (distance**bend)
        by_band[band] = Baseline(shape, _scale_for(medians[band], shape, careers[band]))
    means = {band: _mean_duration(by_band[band], careers[band]) for band in BAND_NAMES}
    return BandBaselines(by_band, medians, means)


def _scale_for(median_years: float, shape: float, careers: Careers) -> float:
    def above_half(log_scale: float) -> float:
        return _survival(median_years, Baseline(shape, exp(log_scale)), careers) - 0.5

    around = log(median_years)
    return exp(_root(above_half, around - 4, around + 4, ("shape", shape, "a shape with which the median is reached")))


def _survival(time_years: float, baseline: Baseline, careers: Careers) -> float:
    return float(np.exp(-cumulative_hazard(time_years, baseline, careers)).mean())


def _mean_duration(baseline: Baseline, careers: Careers) -> float:
    each = (duration_at(np.full_like(careers.multiplier, node), baseline, careers).mean() for node in _NODES)
    return float(sum(weight * mean for weight, mean in zip(_WEIGHTS, each, strict=True)))


def _root(function: Callable[[float], float], low: float, high: float, otherwise: tuple[str, object, str]) -> float:
    """Return where a monotone function is 0; if that is not between the bounds, raise with what was given instead."""
    if function(low) * function(high) > 0:
        raise InvalidInputError(*otherwise)
    return float(brentq(function, low, high, xtol=1e-7))
