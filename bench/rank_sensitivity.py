"""How long rank intervals and Sobol shares take: ``python -m bench.rank_sensitivity``.

357 units, 60 indicators in 7 families, 1,000 simulated data sets, every choice of method open, some values missing and
a third of the indicators with long tails. No comparison: the peers for this (COINr, R) build the index anew for every
run.
"""

import resource
import time

import numpy as np

from features.composite.structure import nested_structure
from features.sensitivity import rank_sensitivity

UNITS, INDICATORS, FAMILIES, DRAWS = 357, 60, 7, 1000


def main() -> None:
    """Print seconds and peak memory."""
    rng = np.random.default_rng(0)
    families: dict[str, dict[str, float]] = {f"family {number}": {} for number in range(FAMILIES)}
    for number in range(INDICATORS):
        families[f"family {number % FAMILIES}"][f"indicator {number:02}"] = 1.0 + number % 3
    tree = nested_structure(families | {"index": dict.fromkeys(families, 1.0)})
    observed = 0.5 * rng.normal(size=UNITS) + rng.normal(size=(INDICATORS, UNITS))
    observed[::3] = np.exp(1.5 * observed[::3])
    observed[rng.random(observed.shape) < 0.03] = np.nan
    spread = 0.2 * np.nanstd(observed, axis=1)[:, None]
    data_draws = observed + spread * rng.standard_normal((DRAWS, INDICATORS, UNITS))
    for _ in range(3):
        started, worked = time.perf_counter(), time.process_time()
        found = rank_sensitivity(observed, tree, np.random.default_rng(1), data_draws=data_draws, draws=DRAWS)
        print(
            f"{found.draws} rankings, {found.runs} runs: {time.perf_counter() - started:.1f} s, "
            f"{time.process_time() - worked:.1f} s of processor time"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB, of which simulated data {data_draws.nbytes / 2**30:.2f} GiB")
    for choice, first, total in zip(found.choices, found.overall_first_order[0], found.overall_total[0], strict=True):
        print(f"{choice:14} alone {first:6.3f}, with interactions {total:6.3f}")


if __name__ == "__main__":
    main()
