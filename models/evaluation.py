"""How good a forecast is on spells that it has not seen: ranking, Brier score, calibration."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from features.errors import InvalidInputError
from models.brier import integrated_brier_score, scored_times
from models.discrimination import harrell_c
from models.horizon_calibration import calibration_by
from models.spells import checked_spells

Floats = NDArray[np.float64]


def split_spells(spells: pl.DataFrame, *, test_share: float, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return training and test spells; whole spells go one way, whatever the order of the rows.

    Raises
    ------
    InvalidInputError
        If ``test_share`` is outside (0, 1) or leaves one part empty.

    Examples
    --------
    >>> train, test = split_spells(pl.DataFrame({"spell_id": range(10)}), test_share=0.2, seed=1)
    >>> train.height, test.height
    (8, 2)
    """
    held_out = round(test_share * spells.height) if 0 < test_share < 1 else 0
    if not 0 < held_out < spells.height:
        raise InvalidInputError("test_share", test_share, f"a share that splits {spells.height} spells in two parts")
    ordered = spells.sort("spell_id")
    is_test = pl.Series(np.random.default_rng(seed).permutation(spells.height) < held_out)
    return ordered.filter(~is_test), ordered.filter(is_test)


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


def calibration_by_group(test: pl.DataFrame, predicted: ArrayLike, *, group: str, at_years: float) -> pl.DataFrame:
    """Return predicted beside observed survival at a time, per group.

    Grain: one row per group, sorted: ``group``, ``spells``, ``predicted`` (mean over the group's spells), ``observed``
    (Kaplan-Meier; null if no spell of the group is followed so long) with its interval
    ``observed_lower``/``observed_upper`` (null if none or all ended before) and the interval's ``coverage``, 0.90.
    """
    frame = checked_spells(test)
    left = 1 - np.asarray(predicted, dtype=np.float64)
    table = calibration_by(frame, left, at_years, frame[group].cast(pl.String).to_numpy(), cause=1)
    return table.select(
        "group",
        "spells",
        predicted=1 - pl.col("predicted"),
        observed=1 - pl.col("observed"),
        observed_lower=1 - pl.col("observed_upper"),
        observed_upper=1 - pl.col("observed_lower"),
        coverage="coverage",
    )
