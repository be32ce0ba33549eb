"""Do the intervals of a post's restricted mean and causes hold the truth? ``python -m bench.post_forecast_coverage``.

Each seed simulates the published number of contracts anew and fits a model to it; the truth is what the simulator drew
from. Errors of one seed are shared by all its posts.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from bench.retention_settings import kinds_of_posts
from models.baselines import BandBaselines, calibrated_baselines
from models.calibration import national_calibration
from models.career_hazard import CareerAssumptions, cumulative_hazard
from models.mix import national_mix
from models.piecewise import Floats, area_under
from models.post_milestones import milestones_of
from models.posts import careers_of
from models.restricted_mean import mean_with_interval, restricted_means
from models.retention import fitted_retention_model, with_career_stage
from models.simulation import simulate_contracts

HORIZON_YEARS = 10.0
AT_YEARS = 5.0
SEEDS = (1, 2, 3, 4, 5, 6)


def true_curve(post: pl.DataFrame, times: Floats, baselines: BandBaselines, assumptions: CareerAssumptions) -> Floats:
    """Survival of one post that the simulator draws from, at each time."""
    baseline = baselines.by_band[post["population_band"].item()]
    careers = careers_of(post, assumptions)
    return np.array([np.exp(-cumulative_hazard(time, baseline, careers)).item() for time in times])


def covered(seed: int, kinds: pl.DataFrame) -> tuple[Floats, Floats, Floats, Floats]:
    """Whether each post's intervals of mean and of leaving the scheme hold the truth, and the errors of both."""
    mix, assumptions = national_mix(), CareerAssumptions.from_calibration()
    figures = national_calibration()
    baselines = calibrated_baselines(mix, assumptions, figures)
    left = baselines.left_scheme_share(mix, figures)
    model = fitted_retention_model(simulate_contracts(mix, seed=seed), seed=seed, is_simulated=True)
    posts = with_career_stage(kinds)
    means = restricted_means((model.hazard, *model.members), posts, HORIZON_YEARS)
    times = np.linspace(0.0, HORIZON_YEARS, 201)
    rows = []
    for place in range(kinds.height):
        curve = true_curve(kinds[place], times, baselines, assumptions)
        mean = mean_with_interval(means[:, place], HORIZON_YEARS)
        true_mean = float(area_under(times, -np.log(curve[None, :]))[0])
        milestone = next(each for each in milestones_of(model, posts[place], np.ones(1)) if each.years == AT_YEARS)
        cause = next(each for each in milestone.causes if each.cause == "left_scheme")
        true_share = left * (1 - float(np.interp(AT_YEARS, times, curve)))
        rows.append(
            (
                mean.lower <= true_mean <= mean.upper,
                cause.lower <= true_share <= cause.upper,
                mean.years - true_mean,
                cause.share - true_share,
            )
        )
    held_mean, held_cause, mean_error, cause_error = np.array(rows, dtype=np.float64).T
    return held_mean, held_cause, mean_error, cause_error


def main(seeds: Sequence[int] = SEEDS) -> None:
    """Print coverage and bias over the seeds."""
    kinds = kinds_of_posts()
    found = [covered(seed, kinds) for seed in seeds]
    held_mean, held_cause, mean_error, cause_error = (np.stack(part) for part in zip(*found, strict=True))
    print(f"{kinds.height} kinds of posts, {len(seeds)} seeds, nominal coverage 90 %")
    print(f"mean up to {HORIZON_YEARS:g} years: {held_mean.mean():.0%} held ({by_seed(held_mean)} by seed)")
    print(f"  bias {mean_error.mean():+.2f} years, mean absolute error {np.abs(mean_error).mean():.2f}")
    print(f"left the scheme within {AT_YEARS:g} years: {held_cause.mean():.0%} held ({by_seed(held_cause)} by seed)")
    print(f"  bias {cause_error.mean():+.3f}, mean absolute error {np.abs(cause_error).mean():.3f}")


def by_seed(held: Floats) -> str:
    """Lowest and highest coverage of a seed."""
    shares = held.mean(axis=1)
    return f"{shares.min():.0%}-{shares.max():.0%}"


if __name__ == "__main__":
    main()
