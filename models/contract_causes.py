"""Why contracts in posts end: the covariates and the contracts that the mix of causes is fitted to."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError
from models.cause_mix import CauseMix, cumulative_incidence, fitted_cause_mixes
from models.hazard_estimator import HazardEstimator

CAUSE = "exit_cause"


def cause_covariates(posts: pl.DataFrame) -> pl.DataFrame:
    """Return what the mix of causes is told by: size, centrality, contract form, and whether a trainee started.

    Examples
    --------
    >>> post = pl.DataFrame({"population": [10.0], "centrality_class": 6, "contract_form": "salaried"})
    >>> cause_covariates(post.with_columns(years_since_specialist=-2.0)).row(0)
    (1.0, 6, 'salaried', True)
    """
    return posts.select(
        log_population=pl.col("population").cast(pl.Float64).log10(),
        centrality_class="centrality_class",
        contract_form=pl.col("contract_form").cast(pl.String),
        is_trainee=pl.col("years_since_specialist") < 0,
    )


def contract_cause_mixes(spells: pl.DataFrame, weights: Sequence[NDArray[np.float64]]) -> tuple[CauseMix, ...]:
    """Return one mix of causes per weights, or none where the contracts tell no cause.

    Parameters
    ----------
    spells : DataFrame
        `features.frames.Spell` with the columns of posts and perhaps ``exit_cause``.
    weights : sequence of ndarray
        A weight per contract, running ones too.

    Raises
    ------
    InvalidInputError
        If an ended contract lacks its cause.
    """
    if CAUSE not in spells.columns:
        return ()
    ended = spells["event"].to_numpy()
    cause = spells[CAUSE].filter(spells["event"])
    if lacking := cause.null_count():
        raise InvalidInputError(CAUSE, f"{lacking} ended contracts without a cause", "a cause of every ended contract")
    listed = cause.dtype.categories if isinstance(cause.dtype, pl.Enum) else cause.unique().sort()
    return fitted_cause_mixes(
        cause_covariates(spells.filter("event")),
        spells["duration_years"].to_numpy()[ended],
        cause.cast(pl.String).to_list(),
        [each[ended] for each in weights],
        causes=tuple(listed.to_list()),
    )


def post_incidence(
    hazard: HazardEstimator,
    mix: CauseMix,
    posts: pl.DataFrame,
    times: NDArray[np.float64],
    *,
    stayed_years: float = 0.0,
) -> NDArray[np.float64]:
    """Return the probability of contracts to have ended of each cause by each time, shape (posts, times, causes).

    Parameters
    ----------
    hazard : HazardEstimator
        Of an end of any cause.
    mix : CauseMix
        Why contracts end; it is read in the middle of each step between two times, which should be short.
    posts : DataFrame
        The hazard's covariates, which hold those of `cause_covariates`, at the contract's start.
    times : ndarray
        Years, rising from 0; counted from ``stayed_years``.
    stayed_years : float
        Years already stayed in each post.
    """
    survival = hazard.predict_survival_function(posts, times, stayed_years=stayed_years)
    middles = stayed_years + (times[:-1] + times[1:]) / 2
    return cumulative_incidence(survival, mix.predict_proba(cause_covariates(posts), middles))
