"""Model, Kaplan-Meier and published median durations side by side, per population band."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.baselines import INTERPOLATED_BANDS
from models.benchmarks import kaplan_meier, median_with_interval
from models.calibration import Calibration, national_calibration
from models.hazard import DiscreteTimeHazard
from models.mix import BAND_NAMES
from models.piecewise import Floats, curve_median
from models.uncertainty import INTERVAL_COVERAGE, survival_interval

NATIONAL = "national"
_STEP_YEARS = 0.1
_SPELLS_PER_BAND = 120  # that the members are averaged over; the model itself is averaged over all


@dataclass(frozen=True, slots=True)
class BandMedian:
    """Median duration of contracts in a population band, years; None where a curve stays above one half.

    Of simulated contracts the published medians are the *calibration target*: that model and published figure agree
    shows that simulator and model work, and is no evidence about Norway. The bands without a published median are
    interpolated between the others; see `models.baselines.calibrated_baselines`.

    Attributes
    ----------
    band : str
        ``national`` or a population band.
    spells : int
        Contracts in the band.
    model, model_lower, model_upper : float or None
        Median of the survival that the model predicts, averaged over the contracts, with its 90 % bootstrap interval.
    kaplan_meier, kaplan_meier_lower, kaplan_meier_upper : float or None
        Of the same contracts, with its 90 % interval.
    published, published_source : float or None, str or None
        What the register showed, where published; the target of the simulator.
    is_interpolated : bool
        Whether the simulator's figure for this band is interpolated because none is published; false for observed
        spells.
    """

    band: str
    spells: int
    model: float | None
    model_lower: float | None
    model_upper: float | None
    kaplan_meier: float | None
    kaplan_meier_lower: float | None
    kaplan_meier_upper: float | None
    published: float | None
    published_source: str | None
    is_interpolated: bool


def median_by_population_band(
    hazard: DiscreteTimeHazard,
    members: Sequence[DiscreteTimeHazard],
    spells: pl.DataFrame,
    calibration: Calibration | None = None,
    *,
    is_simulated: bool,
) -> tuple[BandMedian, ...]:
    """Return the medians of the whole mix of contracts and of each band that has any, national first.

    The model's median of a group is the median of its *average* survival curve, which is what a Kaplan-Meier median
    estimates; it is not the average of medians. The published figures are only shown
    beside: the model sees nothing but spells.
    """
    figures = (calibration or national_calibration()).contract_median_years
    times = np.linspace(0.0, float(hazard.breaks_[-1]), round(float(hazard.breaks_[-1]) / _STEP_YEARS) + 1)
    covariates = spells.select(hazard.feature_names_in_)
    bands = spells["population_band"].cast(pl.String).to_numpy()
    names = [band for band in BAND_NAMES if (bands == band).any()]
    share = {band: float((bands == band).mean()) for band in names}
    model = hazard.predict_survival_function(covariates, times)
    curves = {band: model[bands == band].mean(axis=0) for band in names}
    thinned = np.concatenate([_evenly(np.flatnonzero(bands == band)) for band in names])
    drawn = [
        _by_band(member.predict_survival_function(covariates[thinned], times), bands[thinned], names)
        for member in members
    ]
    refits = {band: np.stack([curve[band] for curve in drawn]) for band in names}
    curves[NATIONAL] = model.mean(axis=0)
    refits[NATIONAL] = np.sum([share[band] * refits[band] for band in names], axis=0)
    table = []
    for band in (NATIONAL, *names):
        here = spells if band == NATIONAL else spells.filter(pl.Series(bands == band))
        lower, upper = survival_interval(curves[band], refits[band])
        observed = median_with_interval(kaplan_meier(here, confidence=INTERVAL_COVERAGE))
        published = figures.get(band)
        table.append(
            BandMedian(
                band=band,
                spells=here.height,
                model=curve_median(times, curves[band]),
                model_lower=curve_median(times, lower),
                model_upper=curve_median(times, upper),
                kaplan_meier=_finite(observed.median_years),
                kaplan_meier_lower=_finite(observed.lower),
                kaplan_meier_upper=_finite(observed.upper),
                published=published.value if published else None,
                published_source=published.source if published else None,
                is_interpolated=is_simulated and band in INTERPOLATED_BANDS,
            )
        )
    return tuple(table)


def _evenly(rows: np.ndarray) -> np.ndarray:
    thinned: np.ndarray = rows[:: max(1, rows.size // _SPELLS_PER_BAND)]
    return thinned


def _by_band(survival: Floats, bands: np.ndarray, names: Sequence[str]) -> dict[str, Floats]:
    return {band: survival[bands == band].mean(axis=0) for band in names}


def _finite(years: float) -> float | None:
    return years if np.isfinite(years) else None
