"""How often an estimator's 90 % intervals hold the truth of simulated careers, and how well it finds a planted lever.

``python -m bench.simulator_study --runs 200 --out study.jsonl`` draws careers with other seeds, fits the estimator to
each, and compares its curves with the exact truth. Every finished run is a line of the file; a study that was stopped
goes on where it was. ``--estimator`` names one of `ESTIMATORS`, or ``package.module:function`` for one of your own: a
function of spells and a seed that returns a `Curves`.

Turnover is held level through the years, since an estimator without calendar time has no single truth otherwise.
Municipalities differ by what no covariate tells, and the truth is the average over them.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from api.services.chain import municipality_mix
from features.errors import InvalidInputError
from features.peers import POPULATION_BANDS, population_band
from features.snapshot import load_snapshot
from models.balanced_hazard import BalancedHazard
from models.benchmarks import kaplan_meier
from models.bootstrap import bootstrap_members, curve_interval
from models.career_parameters import OPENING, CareerParameters, career_parameters
from models.career_record import SimulatedCareers
from models.career_scenario import Lever, Scenario
from models.career_simulation import simulate_careers
from models.career_truth import truth_of
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import fresh
from models.piecewise import Floats
from models.quality import OUTCOME
from models.retention import CLOCKS, COVARIATES, default_hazard, with_career_stage
from models.stacking import StackedHazard, default_members
from models.uncertainty import INTERVAL_COVERAGE, survival_interval

AT_YEARS: tuple[float, ...] = (1.0, 3.0, 5.0, 8.0)
LEVER = "supervisor"
_HAS = f"has_{LEVER}"
_MEMBERS = 12
_INTERVALS = 20
STACK_COVARIATES = (
    "log_population",
    "centrality_class",
    "contract_form",
    "years_since_specialist",
    "years_since_specialist_in_post",
    _HAS,
)
_KINDS = ("population_band", "contract_form", "years_since_specialist", _HAS)


class Curves(Protocol):
    """A fitted estimator: survival with bounds of 90 % intervals, each of shape (profiles, times)."""

    def __call__(self, profiles: pl.DataFrame, times: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
        """Return survival, lower and upper bound."""
        ...


Estimator = Callable[[pl.DataFrame, int], Curves]


@dataclass(frozen=True, slots=True)
class Study:
    """What is repeated; runs of different studies are not mixed."""

    estimator: str
    lists: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Run:
    """One draw; rows are kinds of posts, columns `AT_YEARS`.

    Attributes
    ----------
    holds, error : list of list
        Whether the interval holds the truth; estimated less true survival.
    lever, true_lever : float
        Mean ratio of cumulative hazards up to the last time, with the lever against without.
    """

    seed: int
    spells: int
    holds: list[list[bool]]
    error: list[list[float]]
    lever: float
    true_lever: float


def level_turnover() -> CareerParameters:
    """The project's parameters with the same turnover in every year."""
    parameters = career_parameters()
    level = np.ones_like(parameters.by_month["turnover_factor"])
    return replace(parameters, by_month={**parameters.by_month, "turnover_factor": level})


def kinds_of_posts(careers: SimulatedCareers) -> pl.DataFrame:
    """Profiles of mean places: by band, contract form, stage (trainee, specialist) and lever."""
    band = population_band(pl.col("population"))
    places = careers.posts.places.group_by(band.alias("band")).agg(
        pl.col("population").mean(), pl.col("centrality_class").mean().round().cast(pl.Int64)
    )
    forms = pl.DataFrame({"contract_form": ["self_employed", "salaried"]})
    stages = pl.DataFrame({"years_since_specialist": [-2.0, 3.0]})
    levers = pl.DataFrame({_HAS: [False, True]})
    return (
        places.join(forms, how="cross")
        .join(stages, how="cross")
        .join(levers, how="cross")
        .sort("population", *_KINDS[1:])
        .with_columns(
            population_band=pl.col("band").cast(pl.Enum([name for name, _ in POPULATION_BANDS])),
            stage_years=pl.col("years_since_specialist"),
            start_date=pl.lit(OPENING.replace(year=2005)),
        )
        .drop("band")
    )


def trees(spells: pl.DataFrame, seed: int) -> Curves:
    """Boosted trees with the retention model's settings and the lever, intervals from bootstrap refits."""
    return _boosted(default_hazard(with_career_stage(spells)), spells, seed)


def large_trees(spells: pl.DataFrame, seed: int) -> Curves:
    """The same with 500 trees of eight leaves: too free for one register, able to follow any curve in a large one."""
    return _boosted(fresh(default_hazard(with_career_stage(spells)), n_estimators=500, num_leaves=8), spells, seed)


def _boosted(unfitted: DiscreteTimeHazard, spells: pl.DataFrame, seed: int) -> Curves:
    covariates = (*COVARIATES, _HAS)
    rows = with_career_stage(spells)
    rng = np.random.default_rng(seed)
    model: DiscreteTimeHazard = unfitted.fit(rows.select(covariates), rows.select(OUTCOME))
    drawn = (
        rng.multinomial(rows.height, np.full(rows.height, 1 / rows.height)).astype(np.float64) for _ in range(_MEMBERS)
    )
    members = model.fit_reweighted(rows.select(covariates), rows.select(OUTCOME), drawn)

    def curves(profiles: pl.DataFrame, times: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
        asked = with_career_stage(profiles).select(covariates)
        survival = model.predict_survival_function(asked, times)
        refits = np.stack([member.predict_survival_function(asked, times) for member in members], axis=1)
        bounds = [survival_interval(curve, refit) for curve, refit in zip(survival, refits, strict=True)]
        return survival, np.stack([low for low, _ in bounds]), np.stack([high for _, high in bounds])

    return curves


def stack(spells: pl.DataFrame, seed: int) -> Curves:
    """The stack, its trees told that the career stage moves on; intervals from refits to drawn municipalities."""
    return _resampled_municipalities(_stack(seed), spells, seed)


def balanced_stack(spells: pl.DataFrame, seed: int) -> Curves:
    """The same stack, its pull towards the mean taken back in every margin, in the fit and in each refit."""
    return _resampled_municipalities(BalancedHazard(_stack(seed)), spells, seed)


def _stack(seed: int) -> StackedHazard:
    members = [
        (name, fresh(member, clocks=CLOCKS, time_steps=None) if name == "boosted" else member)
        for name, member in default_members(seed)
    ]
    return StackedHazard(members=members, intervals=_INTERVALS, random_state=seed)


def _resampled_municipalities(unfitted: StackedHazard | BalancedHazard, spells: pl.DataFrame, seed: int) -> Curves:
    rows = with_log_population(spells)
    covariates, outcome = rows.select(STACK_COVARIATES), rows.select(OUTCOME)
    places = rows["municipality_code"].to_numpy()
    model = unfitted.fit(covariates, outcome, groups=places)
    members = bootstrap_members(model, covariates, outcome, clusters=[places], members=_MEMBERS, seed=seed)

    def curves(profiles: pl.DataFrame, times: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
        found = curve_interval(model, members, with_log_population(profiles).select(STACK_COVARIATES), times)
        return found.value, found.lower, found.upper

    return curves


def with_log_population(posts: pl.DataFrame) -> pl.DataFrame:
    """The posts with the career stage of `models.retention`, and population on the scale that straight effects want."""
    return with_career_stage(posts).with_columns(log_population=pl.col("population").log10())


def kaplan_meier_by_band(spells: pl.DataFrame, seed: int) -> Curves:
    """One Kaplan-Meier curve per population band and lever: what knows nothing else of the post. Draws nothing."""
    assert seed >= 0
    groups = spells.partition_by("population_band", _HAS, as_dict=True)
    fitted = {key: kaplan_meier(group, confidence=INTERVAL_COVERAGE) for key, group in groups.items()}

    def curves(profiles: pl.DataFrame, times: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
        keys = profiles.select("population_band", _HAS).rows()
        steps = [_steps(fitted[key], times) for key in keys]
        survival, lower, upper = (np.stack(part) for part in zip(*steps, strict=True))
        return survival, lower, upper

    return curves


ESTIMATORS: Mapping[str, Estimator] = {
    "trees": trees,
    "large_trees": large_trees,
    "stack": stack,
    "balanced_stack": balanced_stack,
    "kaplan_meier": kaplan_meier_by_band,
}


def estimator_named(name: str) -> Estimator:
    """One of `ESTIMATORS`, or the function that ``package.module:function`` names."""
    if name in ESTIMATORS:
        return ESTIMATORS[name]
    module, sign, function = name.partition(":")
    if not sign:
        raise InvalidInputError("estimator", name, f"{', '.join(ESTIMATORS)} or package.module:function")
    found: Estimator = getattr(import_module(module), function)
    return found


def run_once(study: Study, seed: int) -> Run:
    """Draw careers, fit, and compare with the truth."""
    scenario = Scenario((Lever(LEVER, study.ratio),))
    mix = municipality_mix(load_snapshot())
    careers = simulate_careers(mix, seed=seed, lists=study.lists, scenario=scenario, parameters=level_turnover())
    spells = careers.spells.filter(pl.col("start_date") > OPENING)
    kinds, truth, last = kinds_of_posts(careers), truth_of(careers), AT_YEARS[-1]
    curves = estimator_named(study.estimator)(spells, seed)
    survival, lower, upper = curves(kinds, AT_YEARS)
    true = truth.survival(kinds, AT_YEARS)
    has = kinds[_HAS].to_numpy()
    hazard = -np.log(np.maximum(survival[:, -1], 1e-9))
    return Run(
        seed=seed,
        spells=spells.height,
        holds=((lower <= true) & (true <= upper)).tolist(),
        error=(survival - true).tolist(),
        lever=float((hazard[has] / hazard[~has]).mean()),
        true_lever=float(truth.lever_contrast(kinds, LEVER, last)["hazard_ratio"].to_numpy().mean()),
    )


def finished_runs(path: Path, study: Study) -> dict[int, Run]:
    """The runs of a study that a file already holds, by seed; a line that was cut off is done again."""
    found = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            document = json.loads(line)
        except json.JSONDecodeError:
            continue
        if document["study"] == asdict(study):
            found[document["run"]["seed"]] = Run(**document["run"])
    return found


def studied(study: Study, runs: int, path: Path, processes: int) -> dict[int, Run]:
    """All runs of a study; each is kept as soon as it is done."""
    done = finished_runs(path, study)
    missing = [seed for seed in range(1, runs + 1) if seed not in done]
    if path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n"):
        path.write_bytes(path.read_bytes() + b"\n")
    # a forked process would inherit Polars' threads in whatever state they are
    with (
        ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool,
        path.open("a", encoding="utf-8") as file,
    ):
        for run in pool.map(partial(run_once, study), missing):
            file.write(json.dumps({"study": asdict(study), "run": asdict(run)}) + "\n")
            file.flush()
            done[run.seed] = run
    return {seed: done[seed] for seed in range(1, runs + 1)}


def summary(runs: Mapping[int, Run]) -> Iterator[str]:
    """Coverage and error by time, and the bias of the lever, with the error of the study itself."""
    holds = np.array([run.holds for run in runs.values()], dtype=np.float64)
    error = np.array([run.error for run in runs.values()])
    per_run = holds.mean(axis=(1, 2))
    yield f"runs {len(runs)}, spells {np.mean([run.spells for run in runs.values()]):.0f} each"
    yield f"coverage of 90 % intervals {holds.mean():.3f} (by run {per_run.min():.3f} to {per_run.max():.3f})"
    for at, years in enumerate(AT_YEARS):
        spread = f"root mean square {np.sqrt((error[..., at] ** 2).mean()):.3f}"
        yield f"  {years:g} years: coverage {holds[..., at].mean():.3f}, bias {error[..., at].mean():+.4f}, {spread}"
    ratio = np.array([run.lever / run.true_lever - 1 for run in runs.values()])
    share = np.array([np.log(run.lever) / np.log(run.true_lever) for run in runs.values()])
    wide = ratio.std(ddof=1) / len(runs) ** 0.5 if len(runs) > 1 else np.nan
    yield (
        f"lever: found {np.mean([run.lever for run in runs.values()]):.3f}, "
        f"true {np.mean([run.true_lever for run in runs.values()]):.3f}, bias of the ratio {ratio.mean():+.1%} "
        f"(standard error {wide:.1%}); share of the effect found {share.mean():.2f}"
    )


def main() -> None:
    """Run or continue a study and print its summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--estimator", default="trees")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--lists", type=int, default=1500)
    parser.add_argument("--ratio", type=float, default=0.7, help="hazard ratio of the planted lever")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    given: Any = parser.parse_args()
    study = Study(given.estimator, given.lists, given.ratio)
    for line in summary(studied(study, given.runs, given.out, given.processes)):
        print(line)


def _steps(curve: pl.DataFrame, times: tuple[float, ...]) -> list[Floats]:
    at = np.searchsorted(curve["time_years"].to_numpy(), np.asarray(times), side="right")
    filled = {
        "survival": curve["survival"],
        "lower": curve["lower"].fill_null(0.0),
        "upper": curve["upper"].fill_null(1.0),
    }
    return [np.concatenate([[1.0], column.to_numpy()])[at] for column in filled.values()]


if __name__ == "__main__":
    main()
