"""Computes every score from the snapshot."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.catalogue import Catalogue
from features.expected_outcome import expected_without_gp
from features.indicators.compute import indicator_values
from features.indicators.observations import newest, population_of
from features.peers import peer_groups
from features.scoring import factor_scores, indicator_scores
from features.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything that is scored: frames that obey `features.frames`.

    `explained` is the share of the variation in vacancy that structure explains outside the counties it was fitted on,
    with its 90 % interval.
    """

    values: pl.DataFrame
    percentiles: pl.DataFrame
    factors: pl.DataFrame
    outcomes: pl.DataFrame
    explained: float
    explained_lower: float
    explained_upper: float


def peers_of(snapshot: Snapshot) -> pl.DataFrame:
    """Peer groups of all municipalities by their newest population."""
    return peer_groups(snapshot.municipalities, population_of(snapshot).select("municipality_code", "population"))


def compute_scores(snapshot: Snapshot, catalogue: Catalogue, seed: int) -> Scores:
    """Indicators, percentiles, factor scores and expected outcome of every municipality."""
    score_rng, outcome_rng = np.random.default_rng(seed).spawn(2)
    values = indicator_values(snapshot, catalogue)
    expectation = expected_without_gp(
        values, snapshot.municipalities, newest(snapshot.gp_lists, "lists_total"), outcome_rng
    )
    return Scores(
        values=values,
        percentiles=indicator_scores(values, catalogue),
        factors=factor_scores(values, peers_of(snapshot), catalogue, score_rng),
        outcomes=expectation.outcomes,
        explained=expectation.explained,
        explained_lower=expectation.explained_lower,
        explained_upper=expectation.explained_upper,
    )
