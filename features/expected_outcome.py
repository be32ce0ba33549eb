"""What share of inhabitants without a GP the structure of a place leads one to expect.

The figures are those of `features.adjusted_outcome`, in the shape that storage and pages read so far.
"""

from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from features.adjusted_outcome import adjusted_outcomes
from features.catalogue import load_catalogue
from features.frames import ExpectedOutcome

OUTCOME = "patients_without_gp_share"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected outcome of every municipality and how much structure explains.

    Attributes
    ----------
    outcomes : dataframely.DataFrame[ExpectedOutcome]
        One row per municipality.
    explained, explained_lower, explained_upper : float
        As in `features.adjusted_outcome.Explained`.
    """

    outcomes: dy.DataFrame[ExpectedOutcome]
    explained: float
    explained_lower: float
    explained_upper: float


def expected_without_gp(
    values: pl.DataFrame, municipalities: pl.DataFrame, lists: pl.DataFrame, rng: np.random.Generator
) -> Expectation:
    """Expected share of inhabitants on lists without a GP, from structural indicators alone.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    municipalities : polars.DataFrame
        Contract `features.frames.Municipality`.
    lists : polars.DataFrame
        Not looked at: `values` hold the number of lists.
    rng : numpy.random.Generator
    """
    found = adjusted_outcomes(values, municipalities, load_catalogue(), rng, (OUTCOME,))
    explained = found.explained[OUTCOME]
    return Expectation(
        ExpectedOutcome.validate(found.outcomes.select(list(ExpectedOutcome.columns()))),
        explained.share,
        explained.lower,
        explained.upper,
    )
