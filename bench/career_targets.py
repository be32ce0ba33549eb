"""The simulated careers beside every published figure, over many draws: ``python -m bench.career_targets [draws]``.

The mean tells whether the parameters aim right, the standard deviation how far one register scatters (two of them are
the tolerance where none is given with the figure), and the last column how many draws meet the target.
"""

import sys

import polars as pl

from api.services.chain import municipality_mix
from features.snapshot import load_snapshot
from models.career_simulation import simulate_careers
from models.career_targets import calibration_report

FIRST_SEED = 1000
"""Apart from the seeds of the tests."""


def scatter(draws: int, first_seed: int = FIRST_SEED) -> pl.DataFrame:
    """One row per target: published, bounds, mean and standard deviation over draws, share of draws that meet it."""
    mix = municipality_mix(load_snapshot())
    seeds = range(first_seed, first_seed + draws)
    reports = pl.concat(
        calibration_report(simulate_careers(mix, seed=seed)).with_columns(seed=pl.lit(seed)) for seed in seeds
    )
    simulated = pl.col("simulated")
    return reports.group_by("target", maintain_order=True).agg(
        pl.col("published", "lower", "upper", "evidence_class").first(),
        mean=simulated.mean(),
        sd=simulated.std(),
        met_share=pl.col("met").mean(),
    )


def main() -> None:
    """Print the table."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with pl.Config(tbl_rows=100, tbl_cols=-1, fmt_str_lengths=60, tbl_width_chars=200, float_precision=3):
        print(scatter(draws))


if __name__ == "__main__":
    main()
