"""Whether the predicted distribution of durations holds as a whole: D-calibration."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from models.checked_forecasts import checked_probabilities
from models.errors import EstimatorInputError
from models.outcome import read_outcome

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DCalibration:
    """Shares of spells by the predicted survival at their end.

    Attributes
    ----------
    shares : tuple of float
        Share (0-1) of the spells in each equal bin of predicted survival, from the lowest (predicted to have left long
        before) to the highest; all alike where the forecast holds.
    statistic, p_value : float
        Pearson's goodness of fit of equal shares, and the chance of one as large if the forecast holds.
    """

    shares: tuple[float, ...]
    statistic: float
    p_value: float


def d_calibration(
    y: object, survival_at_end: ArrayLike, *, survival_at_entry: ArrayLike | None = None, bins: int = 10
) -> DCalibration:
    """Return the D-calibration of predicted survival curves.

    If the forecast holds, survival at the time of the end is uniform between 0 and 1. A spell that was censored at
    predicted survival c is spread evenly over what lies below c. A spell under observation from a later entry is
    judged by its survival given entry. With many spells any small fault gives a small p; look at the shares.

    Parameters
    ----------
    y : structured ndarray, DataFrame or Outcome
        Spells; an end of any cause is an end.
    survival_at_end : array-like, shape (spells,)
        Predicted probability to last beyond the spell's own end, or its censoring.
    survival_at_entry : array-like, shape (spells,), optional
        The same beyond its entry; needed where entry is delayed.
    bins : int
        Number of bins, 2 or more.

    Raises
    ------
    EstimatorInputError
        If shapes differ, a value is no probability, ``bins`` is below 2, or entry is delayed and its survival missing.

    References
    ----------
    Haider, Hoehn, Davis and Greiner 2020, J Mach Learn Res 21(85):1-63, section 3.5 and appendix B.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> y = survival_outcome([True, True, False], [3.0, 1.0, 2.0])
    >>> d_calibration(y, [0.2, 0.8, 1.0], bins=2).shares
    (0.5, 0.5)
    """
    return shared_out(d_shares(y, survival_at_end, survival_at_entry=survival_at_entry, bins=bins))


def shared_out(placed: Floats) -> DCalibration:
    """Return the D-calibration of spells that are placed in bins already, by `d_shares`."""
    spells, bins = placed.shape
    counts, expected = placed.sum(axis=0), spells / bins
    statistic = float(((counts - expected) ** 2 / expected).sum())
    shares = tuple(float(share) for share in counts / spells)
    return DCalibration(shares, statistic, float(chi2.sf(statistic, bins - 1)))


def d_shares(
    y: object, survival_at_end: ArrayLike, *, survival_at_entry: ArrayLike | None = None, bins: int = 10
) -> Floats:
    """Return how much of each spell lies in each bin of predicted survival, shape (spells, bins); rows sum to 1.

    Arguments and errors as of `d_calibration`, which adds them up.
    """
    outcome = read_outcome(y)
    if bins < 2:
        raise EstimatorInputError("bins", bins, "2 or more")
    at_end = _column("survival_at_end", survival_at_end, len(outcome))
    if survival_at_entry is None:
        if outcome.entry.max() > 0:
            raise EstimatorInputError("survival_at_entry", None, "predicted survival at entry, where that is delayed")
    else:
        at_end = at_end / np.maximum(_column("survival_at_entry", survival_at_entry, len(outcome)), 1e-12)
    return _placed(np.clip(at_end, 0.0, 1.0), outcome.ended, bins)


def _placed(survival: Floats, ended: NDArray[np.bool_], bins: int) -> Floats:
    bin_of = np.minimum((survival * bins).astype(np.int64), bins - 1)
    placed = np.zeros((survival.size, bins))
    placed[np.arange(survival.size), bin_of] = ended
    borders = np.arange(bins + 1) / bins
    censored = survival[~ended, None]
    below = np.clip(censored - borders[:-1], 0.0, 1 / bins)  # how much of each bin lies below the spell's survival
    placed[~ended] = np.where(censored > 0, below / np.maximum(censored, 1e-300), np.arange(bins) == 0)
    return placed


def _column(name: str, values: ArrayLike, rows: int) -> Floats:
    return checked_probabilities(name, np.asarray(values, dtype=np.float64).reshape(-1, 1), rows, 1)[:, 0]
