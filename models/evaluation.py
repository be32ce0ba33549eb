"""How good a forecast is on a frame of spells that it has not seen: ranking and Brier score."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from models.brier import integrated_brier_score, scored_times
from models.discrimination import harrell_c
from models.spells import checked_spells

Floats = NDArray[np.float64]


def concordance(spells: pl.DataFrame, risk: ArrayLike) -> float:
    """Return Harrell's C: among comparable pairs, the share where the spell that ended first had the higher risk.

    A pair is comparable if one spell ended while the other was observed at risk and lasted longer (or was censored at
    that very time). Equal risks count one half. 0.5 is chance; with few covariates 0.60-0.68 is what to expect, and a
    value above 0.8 means that the outcome leaked into the covariates.

    Raises
    ------
    InvalidInputError
        If ``risk`` has another length or is not finite, or no pair is comparable.

    References
    ----------
    Harrell, Lee and Mark 1996, Stat Med 15(4):361-387.

    Examples
    --------
    >>> spells = pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 2.0, 3.0], "event": [True, True, False]})
    >>> concordance(spells, [3.0, 1.0, 2.0])
    0.6666666666666666
    """
    return harrell_c(checked_spells(spells), risk)


def brier_times(test: pl.DataFrame) -> Floats:
    """Return the evaluation times: the distinct durations up to the first with fewer than a fifth still at risk."""
    return scored_times(checked_spells(test))


def integrated_brier(train: pl.DataFrame, test: pl.DataFrame, survival: ArrayLike, times_years: ArrayLike) -> float:
    """Return the Brier score of predicted survival, weighted for censoring, averaged over time: 0 best, 0.25 a coin.

    Parameters
    ----------
    train, test : DataFrame
        Spells; the censoring distribution is the training rows' Kaplan-Meier.
    survival : array-like, shape (test rows, times)
        Predicted probability to last beyond each time.
    times_years : array-like
        Rising times, at least two; see `brier_times`.

    Raises
    ------
    InvalidInputError
        If shapes differ, or a spell has delayed entry: these weights do not allow for it.

    References
    ----------
    Graf et al. 1999, Stat Med 18:2529-2545.
    """
    return integrated_brier_score(checked_spells(train), checked_spells(test), survival, times_years)
