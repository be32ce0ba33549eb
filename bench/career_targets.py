"""The simulated careers beside every published figure, over many draws: ``python -m bench.career_targets [draws]``.

The mean tells whether the parameters aim right, the standard deviation how far one register scatters (two of them are
the tolerance where none is given with the figure), and the last column how many draws meet the target. A second table
holds the years in post beside what the register published of 2015-2021: figures that are no targets, but that the
parameters were looked at with.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import polars as pl

from api.services.chain import municipality_mix
from features.snapshot import load_snapshot
from models.career_record import SimulatedCareers
from models.career_simulation import simulate_careers
from models.career_snapshots import stock_on
from models.career_targets import calibration_report
from models.mix import BAND_NAMES

FIRST_SEED = 1000
"""Apart from the seeds of the tests and of the calibration."""

PUBLISHED_YEARS = range(2015, 2022)
PUBLISHED_MEDIANS = {
    "under_2k": (4.6, 3.8, 3.6, 3.3, 3.9, 4.2, 4.0),
    "2k_5k": (7.8, 7.2, 6.8, 6.2, 6.4, 5.9, 5.9),
    "5k_10k": (6.8, 6.4, 6.7, 6.2, 6.3, 6.7, 6.7),
    "10k_50k": (9.3, 8.9, 8.8, 8.4, 8.0, 7.8, 7.8),
    "over_50k": (11.6, 11.2, 10.8, 10.5, 9.9, 9.8, 9.8),
    "national": (9.5, 9.3, 8.9, 8.5, 8.4, 8.3, 8.3),
}
"""Median years in post at the end of 2015-2021 (Helsedirektoratet, annual report 2021, table 9.1)."""

PUBLISHED_MEANS = {2015: 8.9, 2021: 10.0}
"""Mean years in post (the same, section 9.2)."""


def draws_of(seeds: Iterable[int]) -> Iterator[tuple[int, SimulatedCareers]]:
    """Careers in the real municipalities, one after the other."""
    mix = municipality_mix(load_snapshot())
    for seed in seeds:
        yield seed, simulate_careers(mix, seed=seed)


def scatter(draws: int, first_seed: int = FIRST_SEED) -> pl.DataFrame:
    """One row per target: published, bounds, mean and standard deviation over draws, share of draws that meet it."""
    reports = pl.concat(
        calibration_report(careers).with_columns(seed=pl.lit(seed))
        for seed, careers in draws_of(range(first_seed, first_seed + draws))
    )
    simulated = pl.col("simulated")
    return reports.group_by("target", maintain_order=True).agg(
        pl.col("published", "lower", "upper", "evidence_class").first(),
        mean=simulated.mean(),
        sd=simulated.std(),
        met_share=pl.col("met").mean(),
    )


def years_in_post(careers: SimulatedCareers) -> Iterator[dict[str, object]]:
    """Median by size of municipality and national mean at the end of each published year."""
    for place, year in enumerate(PUBLISHED_YEARS):
        held = stock_on(careers, date(year, 12, 31)).filter(pl.col("person_id").is_not_null())
        for band, published in PUBLISHED_MEDIANS.items():
            rows = held if band == "national" else held.filter(pl.col("population_band") == band)
            median = float(np.median(rows["elapsed_years"].to_numpy()))
            yield {"figure": f"median.{band}", "year": year, "published": published[place], "simulated": median}
        if year in PUBLISHED_MEANS:
            mean = float(held["elapsed_years"].to_numpy().mean())
            yield {"figure": "mean.national", "year": year, "published": PUBLISHED_MEANS[year], "simulated": mean}


def other_figures(draws: int, first_seed: int = FIRST_SEED) -> pl.DataFrame:
    """One row per published figure of years in post: published, mean and standard deviation over draws."""
    rows = [row for _, careers in draws_of(range(first_seed, first_seed + draws)) for row in years_in_post(careers)]
    order = [f"median.{band}" for band in ("national", *BAND_NAMES)] + ["mean.national"]
    return (
        pl.DataFrame(rows)
        .with_columns(pl.col("figure").cast(pl.Enum(order)))
        .group_by("figure", "year")
        .agg(pl.col("published").first(), mean=pl.col("simulated").mean(), sd=pl.col("simulated").std())
        .sort("figure", "year")
    )


def main() -> None:
    """Print both tables."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with pl.Config(tbl_rows=100, tbl_cols=-1, fmt_str_lengths=60, tbl_width_chars=200, float_precision=3):
        print(scatter(draws))
        print(other_figures(draws))


if __name__ == "__main__":
    main()
