"""Time to score the country with intervals, and to rank it 1,000 times under other figures and methods.

Run ``python -m bench.national_scoring``. The floor beside them is sorting the same number of values once each: ranks
cannot be had without.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from api.services.scores import peers_of
from features.adjusted_outcome import adjusted_outcomes
from features.catalogue import load_catalogue
from features.fairness import fairness
from features.indicators.compute import indicator_values
from features.indicators.observations import population_of
from features.peers import population_band
from features.rank_intervals import rank_uncertainty
from features.scoring import DRAWS, factor_scores, indicator_scores
from features.sensitivity import DRAWS as RANKINGS
from features.shrinkage import posteriors
from features.snapshot import load_snapshot

REPEATS = 5


def seconds(work: Callable[[], object]) -> float:
    """Median seconds of a few runs."""
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    snapshot, catalogue = load_snapshot(), load_catalogue()
    peers = peers_of(snapshot)
    bands = population_of(snapshot).select("municipality_code", band=population_band(pl.col("population")))
    codes = bands["municipality_code"].sort()
    rng = np.random.default_rng(1)
    values = indicator_values(snapshot, catalogue)
    beliefs = posteriors(values, peers, catalogue)
    factors = factor_scores(beliefs, codes, peers, catalogue, rng)
    adjusted = adjusted_outcomes(values, snapshot.municipalities, catalogue, rng)
    steps: dict[str, Callable[[], object]] = {
        "indicators": lambda: indicator_values(snapshot, catalogue),
        "drawn towards peers": lambda: posteriors(values, peers, catalogue),
        "places": lambda: indicator_scores(values, beliefs, catalogue),
        "factors with intervals": lambda: factor_scores(beliefs, codes, peers, catalogue, rng),
        "expected outcomes": lambda: adjusted_outcomes(values, snapshot.municipalities, catalogue, rng),
        "fairness": lambda: fairness(adjusted.outcomes, values, catalogue, rng),
    }
    taken = {name: seconds(work) for name, work in steps.items()}
    data = sum(not np.isnan(belief.estimate).all() for belief in beliefs.values())
    numbers = rng.normal(size=(DRAWS, data, len(codes)))
    floor = seconds(lambda: np.sort(numbers, axis=-1))
    print(f"{len(codes)} municipalities x {len(catalogue.indicators)} indicators ({data} with data), {DRAWS} draws")
    for name, value in taken.items():
        print(f"| {name} | {value:.2f} s |")
    print(f"| whole national scoring | {sum(taken.values()):.2f} s |")
    print(f"| floor: {numbers.size:,} values sorted | {floor:.2f} s | ratio {sum(taken.values()) / floor:.1f} |")
    ranked = seconds(lambda: rank_uncertainty(beliefs, factors, bands, catalogue, rng))
    print(f"| {RANKINGS:,} rankings of every factor, with shares | {ranked:.2f} s |")


if __name__ == "__main__":
    main()
