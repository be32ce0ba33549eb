"""Which estimator and settings forecast held-out simulated contracts best, and how often intervals hold the truth.

``python -m bench.retention_settings`` prints three tables. The first two choose, and nothing but spells has a say:
trees of several settings by log-likelihood per ended contract, fourfold cross-validation for several seeds; then the
trees beside stacks, on municipalities that the fit did not see. The third only measures what was chosen: how often the
90 % intervals hold the simulator's true survival, over kinds of posts.

``python -m bench.retention_settings estimators`` prints the second alone.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import polars as pl

from api.services.chain import municipality_mix
from features.peers import population_band
from features.snapshot import load_snapshot
from models.balanced_hazard import BalancedHazard
from models.baselines import BandBaselines, calibrated_baselines
from models.calibration import national_calibration
from models.career_hazard import CareerAssumptions, cumulative_hazard
from models.fold_forecast import unseen_forecast
from models.hazard_estimator import HazardEstimator
from models.horizon_calibration import calibration_summary
from models.mix import BAND_NAMES, national_mix
from models.outcome import read_outcome
from models.piecewise import Floats, log_likelihood
from models.posts import careers_of
from models.quality import OUTCOME
from models.retention import COVARIATES, RetentionModel, default_hazard, fitted_retention_model, with_career_stage
from models.simulation import simulate_contracts
from models.splits import municipality_folds
from models.stacking import StackedHazard, default_members
from models.uncertainty import survival_interval

SETTINGS: tuple[tuple[int, float, int, float], ...] = (
    (30, 0.3, 4, 60.0),
    (60, 0.1, 3, 20.0),
    (100, 0.1, 3, 20.0),
    (50, 0.2, 3, 20.0),
    (100, 0.1, 4, 20.0),
    (200, 0.1, 3, 20.0),
    (100, 0.1, 8, 20.0),
    (150, 0.2, 2, 20.0),
)
"""Trees, learning rate, leaves, expected events per leaf; the first is what the others are compared with."""


def clocked_stack(spells: pl.DataFrame) -> StackedHazard:
    """The default stack with the product's trees in the place of its own."""
    trees = default_hazard(spells)
    members = [(name, trees if name == "boosted" else member) for name, member in default_members()]
    return StackedHazard(members=members)


ESTIMATORS: Mapping[str, Callable[[pl.DataFrame], HazardEstimator]] = {
    "trees with the clock (used)": default_hazard,
    "stack": lambda spells: StackedHazard(),
    "stack, its trees with the clock": clocked_stack,
    "balanced stack, its trees with the clock": lambda spells: BalancedHazard(clocked_stack(spells)),
}
"""The trees, whose years since the approval grow during the spell, and stacks, that know these years at the start."""

AT_YEARS: tuple[float, ...] = (1.0, 2.0, 5.0, 8.0, 10.0)
_FOLDS = 4


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a model's survival and 90 % intervals meet the simulator's truth, per kind of post and time.

    ``holds`` and ``error`` (predicted less true) have shape (kinds, times); ``kinds`` describes the rows.
    """

    kinds: pl.DataFrame
    holds: np.ndarray
    error: Floats


def held_out_likelihood(setting: tuple[int, float, int, float], seeds: tuple[int, ...]) -> Floats:
    """Log-likelihood per ended contract in each held-out fold of each seed."""
    trees, rate, leaves, events = setting
    scores = []
    for train, test in _folds(seeds):
        hazard = default_hazard(pl.concat([train, test])).set_params(
            n_estimators=trees, learning_rate=rate, num_leaves=leaves, min_leaf_events=events
        )
        hazard.fit(train.select(COVARIATES), train.select(OUTCOME))
        ended = test["event"].to_numpy()
        predicted = hazard.predict_hazard(test.select(COVARIATES))
        each = log_likelihood(predicted, hazard.breaks_, test["duration_years"].to_numpy(), ended)
        scores.append(each.sum() / ended.sum())
    return np.array(scores)


def unseen_scores(estimator: HazardEstimator, train: pl.DataFrame, test: pl.DataFrame) -> dict[str, float]:
    """How well a fit to the training spells forecasts the others, and the seconds of the fit."""
    begun = perf_counter()
    estimator.fit(train.select(COVARIATES), train.select(OUTCOME))
    seconds = perf_counter() - begun
    seen, unseen = read_outcome(train.select(OUTCOME)), read_outcome(test.select(OUTCOME))
    known = test.select(COVARIATES)
    forecast = unseen_forecast(estimator, seen, known, unseen, np.arange(test.height), (5.0,))
    left = 1 - forecast.curves.at([5.0])[:, 0]
    likelihood = log_likelihood(estimator.predict_hazard(known), estimator.breaks_, unseen.time, unseen.ended)
    summary = calibration_summary(unseen, left, 5.0, cause=1)
    return {
        "integrated_brier": forecast.measures((5.0,))["integrated_brier", None],
        "log_likelihood": float(likelihood.sum() / unseen.ended.sum()),
        "ici": summary.ici,
        "slope": float(summary.slope or np.nan),
        "seconds": seconds,
    }


def kinds_of_posts() -> pl.DataFrame:
    """Every cell of band and centrality that has lists, with two contract forms and four career stages."""
    forms = pl.DataFrame({"contract_form": ["self_employed", "salaried"]})
    stages = pl.DataFrame({"years_since_specialist": [0.0, 8.0, -2.0, -5.0]})
    band = population_band(pl.col("population")).cast(pl.Enum(BAND_NAMES))
    return national_mix().with_columns(population_band=band).join(forms, how="cross").join(stages, how="cross")


def true_survival(kinds: pl.DataFrame, baselines: BandBaselines, assumptions: CareerAssumptions) -> Floats:
    """Survival that the simulator draws from, shape (kinds, times)."""
    survival = np.zeros((kinds.height, len(AT_YEARS)))
    for band, baseline in baselines.by_band.items():
        here = (kinds["population_band"] == band).to_numpy()
        careers = careers_of(kinds.filter(pl.Series(here)), assumptions)
        survival[here] = np.column_stack([np.exp(-cumulative_hazard(year, baseline, careers)) for year in AT_YEARS])
    return survival


def coverage_of(model: RetentionModel, kinds: pl.DataFrame, truth: Floats) -> Coverage:
    """How the model's intervals meet the truth."""
    posts = with_career_stage(kinds).select(COVARIATES)
    curves = model.hazard.predict_survival_function(posts, AT_YEARS)
    drawn = np.stack([member.predict_survival_function(posts, AT_YEARS) for member in model.members])
    bounds = [survival_interval(curve, drawn[:, row]) for row, curve in enumerate(curves)]
    lower, upper = (np.stack([bound[side] for bound in bounds]) for side in (0, 1))
    return Coverage(kinds, (lower <= truth) & (truth <= upper), curves - truth)


def simulated_coverage(seeds: tuple[int, ...]) -> tuple[Coverage, ...]:
    """Coverage of a model for each seed."""
    assumptions, mix, kinds = CareerAssumptions.from_calibration(), national_mix(), kinds_of_posts()
    baselines = calibrated_baselines(mix, assumptions, national_calibration())
    truth = true_survival(kinds, baselines, assumptions)
    spells = (simulate_contracts(mix, seed=seed, baselines=baselines) for seed in seeds)
    models = (
        fitted_retention_model(each, seed=seed, is_simulated=True) for seed, each in zip(seeds, spells, strict=True)
    )
    return tuple(coverage_of(model, kinds, truth) for model in models)


def _folds(seeds: tuple[int, ...]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    assumptions = CareerAssumptions.from_calibration()
    baselines = calibrated_baselines(national_mix(), assumptions, national_calibration())
    for seed in seeds:
        spells = with_career_stage(simulate_contracts(national_mix(), seed=seed, baselines=baselines))
        fold = np.random.default_rng(seed).permutation(spells.height) % _FOLDS
        for number in range(_FOLDS):
            yield spells.filter(pl.Series(fold != number)), spells.filter(pl.Series(fold == number))


def print_settings(seeds: tuple[int, ...]) -> None:
    """Print the held-out likelihood of each setting, beside the first one."""
    print(
        "| trees | learning rate | leaves | events per leaf | held-out log-likelihood | beside the first, x 1000 | s |"
    )
    print("|---|---|---|---|---|---|---|")
    first: Floats | None = None
    for setting in SETTINGS:
        start = perf_counter()
        scores = held_out_likelihood(setting, seeds)
        first = scores if first is None else first
        better = 1000 * (scores - first)
        error = better.std(ddof=1) / better.size**0.5
        seconds = (perf_counter() - start) / scores.size
        row = f"{scores.mean():.4f} | {better.mean():+.1f} ± {error:.1f} | {seconds:.2f}"
        print(f"| {' | '.join(f'{value:g}' for value in setting)} | {row} |", flush=True)


def print_estimators(seeds: tuple[int, ...]) -> None:
    """Print how the trees and the stacks forecast municipalities that they did not see, beside the trees."""
    scores: dict[str, list[dict[str, float]]] = {name: [] for name in ESTIMATORS}
    for train, test in _unseen_municipalities(seeds):
        for name, made in ESTIMATORS.items():
            scores[name].append(unseen_scores(made(train), train, test))
    print(
        "| estimator | integrated Brier × 1000 | beside the trees | log-likelihood | beside the trees × 1000 "
        "| ICI at 5 years, % | slope at 5 years | s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    first = next(iter(scores.values()))
    for name, folds in scores.items():
        mean = {key: float(np.mean([fold[key] for fold in folds])) for key in folds[0]}
        brier, likelihood = (_beside(folds, first, key) for key in ("integrated_brier", "log_likelihood"))
        row = f"{1000 * mean['integrated_brier']:.2f} | {brier} | {mean['log_likelihood']:.4f} | {likelihood}"
        calibrated = f"{100 * mean['ici']:.2f} | {mean['slope']:.2f} | {mean['seconds']:.1f}"
        print(f"| {name} | {row} | {calibrated} |", flush=True)


def _beside(folds: list[dict[str, float]], first: list[dict[str, float]], key: str) -> str:
    further = 1000 * np.array([own[key] - other[key] for own, other in zip(folds, first, strict=True)])
    return f"{further.mean():+.2f} ± {further.std(ddof=1) / further.size**0.5:.2f}"


def _unseen_municipalities(seeds: tuple[int, ...]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    mix = municipality_mix(load_snapshot())
    baselines = calibrated_baselines(mix, CareerAssumptions.from_calibration(), national_calibration())
    for seed in seeds:
        spells = with_career_stage(simulate_contracts(mix, seed=seed, baselines=baselines))
        for fold in municipality_folds(spells["municipality_code"].to_numpy(), _FOLDS, seed):
            yield spells[fold.train], spells[fold.test]


def print_coverage(seeds: tuple[int, ...]) -> None:
    """Print how often the intervals hold the truth, by what the doctor's stage and the time are."""
    models = simulated_coverage(seeds)
    holds, errors = np.stack([one.holds for one in models]), np.stack([one.error for one in models])
    stages: Mapping[str, np.ndarray] = {
        f"years since specialist {stage:g}": (models[0].kinds["years_since_specialist"] == stage).to_numpy()
        for stage in models[0].kinds["years_since_specialist"].unique().sort()
    }
    print("| posts | truth held | mean error of S(5) | root mean square |\n|---|---|---|---|")
    for name, here in ({"all": np.ones(holds.shape[1], dtype=bool)} | dict(stages)).items():
        at_five = errors[:, here, AT_YEARS.index(5.0)]
        shares = f"{holds[:, here].mean():.3f} | {at_five.mean():+.4f} | {(at_five**2).mean() ** 0.5:.4f}"
        print(f"| {name} | {shares} |")
    for place, year in enumerate(AT_YEARS):
        print(f"| after {year:g} years | {holds[:, :, place].mean():.3f} | | |")
    print("by seed:", [round(float(one.holds.mean()), 3) for one in models])


if __name__ == "__main__":
    if sys.argv[1:] != ["estimators"]:
        print_settings(seeds=(1, 2, 3))
    print_estimators(seeds=(11, 12, 13))
    if sys.argv[1:] != ["estimators"]:
        print_coverage(seeds=(21, 22, 23, 24, 25, 26, 27, 28))
