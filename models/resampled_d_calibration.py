"""D-calibration with intervals, and with a p-value that knows of clusters and censoring."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from models.d_calibration import DCalibration, shared_out
from models.drawn_clusters import drawn_counts
from models.outcome import Floats
from models.resampled_measures import Measure, measure_of


@dataclass(frozen=True, slots=True)
class ResampledDCalibration:
    """D-calibration of spells that belong together in clusters.

    Attributes
    ----------
    plain : DCalibration
        As if every spell stood alone and were followed to its end.
    shares : tuple of Measure
        Named ``d_share``: ``plain.shares`` with their intervals; all alike, 1 / bins, where the forecast holds.
    design_effect : float
        How much more the shares vary between draws of clusters than shares of as many spells that stand alone and are
        followed to their end. Clusters raise it; censoring lowers it, as a censored spell is spread over bins.
    p_value : float
        Of the statistic divided by the design effect, in the place of ``plain.p_value``.

    References
    ----------
    Rao and Scott 1981, J Am Stat Assoc 76(374):221-230 (first-order correction of Pearson's statistic).
    """

    plain: DCalibration
    shares: tuple[Measure, ...]
    design_effect: float
    p_value: float


def resampled_d_calibration(
    placed: Floats, clusters: NDArray[Any], *, resamples: int, seed: int
) -> ResampledDCalibration:
    """Return D-calibration with the intervals that clusters drawn again give.

    Parameters
    ----------
    placed : ndarray, shape (spells, bins)
        From `models.d_calibration.d_shares`.
    clusters : ndarray, shape (spells,)
        Person or municipality of each spell.
    resamples, seed : int
        How often clusters are drawn, and the seed of it.

    Examples
    --------
    >>> alone, twice = np.eye(4)[np.arange(400) % 4], np.repeat(np.eye(4)[np.arange(200) % 4], 2, axis=0)
    >>> of_ones = resampled_d_calibration(alone, np.arange(400), resamples=400, seed=1)
    >>> of_pairs = resampled_d_calibration(twice, np.arange(400) // 2, resamples=400, seed=1)
    >>> round(of_ones.design_effect), round(of_pairs.design_effect)
    (1, 2)
    """
    draws = (counts for (counts,) in drawn_counts([clusters], resamples, seed))
    drawn = np.stack([counts @ placed / counts.sum() for counts in draws])
    plain, (spells, bins) = shared_out(placed), placed.shape
    alone = (1 - 1 / bins) / bins / spells  # variance of a share of 1 / bins among spells that stand alone
    design_effect = float(drawn.var(axis=0, ddof=1).mean() / alone)
    corrected = plain.statistic / max(design_effect, np.finfo(float).tiny)
    return ResampledDCalibration(
        plain=plain,
        shares=tuple(measure_of(("d_share", None), share, drawn[:, place]) for place, share in enumerate(plain.shares)),
        design_effect=design_effect,
        p_value=float(chi2.sf(corrected, bins - 1)),
    )
