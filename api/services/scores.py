"""Computes every score from the snapshot and what municipalities say about themselves."""

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from features.adjusted_outcome import adjusted_outcomes
from features.catalogue import Catalogue
from features.fairness import fairness
from features.frames import ExplainedShare
from features.indicators.compute import indicator_values
from features.indicators.observations import population_of
from features.peers import peer_groups, population_band
from features.rank_intervals import rank_uncertainty
from features.scoring import factor_scores, indicator_scores
from features.shrinkage import posteriors, shrunk_frame
from features.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything that is scored: each frame obeys the contract of `features.frames` that `api.storage` names for it."""

    values: pl.DataFrame
    places: pl.DataFrame
    shrunk: pl.DataFrame
    factors: pl.DataFrame
    rank_intervals: pl.DataFrame
    rank_drivers: pl.DataFrame
    outcomes: pl.DataFrame
    explained: pl.DataFrame
    fairness: pl.DataFrame


def peers_of(snapshot: Snapshot) -> pl.DataFrame:
    """Peer groups of all municipalities by their newest population."""
    return peer_groups(snapshot.municipalities, population_of(snapshot).select("municipality_code", "population"))


def compute_scores(snapshot: Snapshot, catalogue: Catalogue, local: pl.DataFrame, seed: int) -> Scores:
    """Indicators, their places, factor scores with ranks, and outcomes beside their expectation, of every municipality.

    `local` obeys `features.frames.LocalValue`.
    """
    score_rng, rank_rng, outcome_rng, fairness_rng = np.random.default_rng(seed).spawn(4)
    values, peers = indicator_values(snapshot, catalogue, local), peers_of(snapshot)
    codes = values["municipality_code"].unique().sort()
    beliefs = posteriors(values, peers, catalogue)
    factors = factor_scores(beliefs, codes, peers, catalogue, score_rng)
    bands = population_of(snapshot).select("municipality_code", band=population_band(pl.col("population")))
    ranks = rank_uncertainty(beliefs, factors, bands, catalogue, rank_rng)
    adjusted = adjusted_outcomes(values, snapshot.municipalities, catalogue, outcome_rng)
    explained = [{"outcome": outcome} | asdict(share) for outcome, share in adjusted.explained.items()]
    return Scores(
        values=values,
        places=indicator_scores(values, beliefs, catalogue),
        shrunk=shrunk_frame(codes, beliefs),
        factors=factors,
        rank_intervals=ranks.intervals,
        rank_drivers=ranks.drivers,
        outcomes=adjusted.outcomes,
        explained=ExplainedShare.validate(pl.DataFrame(explained)),
        fairness=fairness(adjusted.outcomes, values, catalogue, fairness_rng),
    )
