"""Commands for research: methods of the project on anybody's figures."""

from pathlib import Path
from typing import Annotated

import typer

from api.console import Output, counted_progress
from api.settings import Settings, with_values
from features.errors import UnknownKeyError

research = typer.Typer(help="Methods of the project on figures of your own.", no_args_is_help=True)

SPELLINGS = {
    "impute": {
        "none": ("none", "no"),
        "mean": ("mean", "i_mean"),
        "median": ("median", "i_median"),
        "group_mean": ("group", "group_mean", "i_mean_grp"),
        "group_median": ("group_median", "i_median_grp"),
    },
    "treat": {
        "none": ("none", "no"),
        "auto": ("auto", "coinr", "default", "skewkurt"),
        "winsorise": ("winsorise", "winsorize", "winsorised", "winsorized"),
        "log": ("log", "log_ct"),
    },
    "normalise": {
        "minmax": ("minmax", "n_minmax"),
        "zscore": ("zscore", "z", "zscores", "n_zscore", "standardise", "standardize"),
        "rank": ("rank", "ranks", "n_rank"),
        "percentile": ("percentile", "percentiles", "n_prank"),
        "band": ("band", "target", "targetband", "distance"),
        "goalposts": ("goalposts", "goalpost", "n_goalposts"),
    },
    "weights": {
        "given": ("given", "own"),
        "equal": ("equal",),
        "pca": ("pca",),
        "balanced": ("balanced", "balance", "optimised", "optimized"),
    },
    "aggregate": {
        "arithmetic": ("arithmetic", "amean", "a_amean", "mean", "linear"),
        "geometric": ("geometric", "gmean", "a_gmean"),
        "harmonic": ("harmonic", "hmean", "a_hmean"),
        "copeland": ("copeland", "a_copeland", "noncompensatory"),
        "majority": ("majority", "condorcet"),
    },
}
"""How each choice may be spelt; case, spaces, hyphens and underscores do not count."""


@research.command("index")
def index(
    context: typer.Context,
    values: Annotated[Path, typer.Option(help="CSV with unit, indicator, value and perhaps standard_error.")],
    indicators: Annotated[
        Path,
        typer.Option(
            help="CSV with indicator, parent, weight, direction (1 or -1) and perhaps label, low and high (target "
            "band), goalpost_low and goalpost_high. A row that is another's parent is an aggregate."
        ),
    ],
    groups: Annotated[Path | None, typer.Option(help="CSV with unit and group, for imputation within groups.")] = None,
    impute: Annotated[
        str, typer.Option(help="Missing values: none (weights of the others grow), mean, median, group, group-median.")
    ] = "none",
    treat: Annotated[
        str,
        typer.Option(
            help="Indicators with skewness over 2 and kurtosis over 3.5: none, auto (up to 5 values winsorised, else "
            "logarithm), winsorise, log."
        ),
    ] = "none",
    normalise: Annotated[
        str,
        typer.Option(
            "--normalise",
            "--normalize",
            help="minmax (0-100), zscore, rank (1 is worst), band (distance to a target), goalposts.",
        ),
    ] = "minmax",
    scale: Annotated[
        tuple[float, float] | None,
        typer.Option(help="Ends of the scale of minmax, band and goalposts; 1 100 before geometric or harmonic means."),
    ] = None,
    weights: Annotated[
        str, typer.Option(help="given (in the file), equal, pca (first component), balanced (equal influence).")
    ] = "given",
    aggregate: Annotated[
        str, typer.Option(help="arithmetic, geometric, harmonic, copeland (outranking) or majority (pairs won).")
    ] = "arithmetic",
    draws: Annotated[
        int, typer.Option(help="Rankings under other methods and figures behind the rank intervals; 0 for none.")
    ] = 1000,
    seed: Annotated[int | None, typer.Option(help="Seed of everything simulated.")] = None,
    correlations: Annotated[bool, typer.Option(help="Tell how indicators and aggregates vary together.")] = False,
    sensitivity: Annotated[bool, typer.Option(help="Tell which choice moves each unit's rank (JSON).")] = False,
    steps: Annotated[bool, typer.Option(help="Give every step from value to score (JSON).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """A composite indicator of any units: every aggregate with score, rank and rank interval."""
    from api.reports.index import print_index
    from api.services.index import IndexRequest, compute_index
    from features.composite.aggregation import Aggregation
    from features.composite.imputation import Imputation
    from features.composite.index import Method
    from features.composite.normalisation import Normalisation
    from features.composite.treatment import Treatment
    from features.composite.weighting import Weighting

    settings: Settings = with_values(context.obj, {"seed": seed})
    method = Method(
        imputation=Imputation(spelt("impute", impute)),
        treatment=Treatment(spelt("treat", treat)),
        normalisation=Normalisation(spelt("normalise", normalise)),
        weighting=Weighting(spelt("weights", weights)),
        aggregation=Aggregation(spelt("aggregate", aggregate)),
        scale=scale,
    )
    result = compute_index(
        IndexRequest(
            values=values, indicators=indicators, groups=groups, method=method, draws=draws, seed=settings.seed
        )
    )
    output = Output.JSON if as_json else Output.CSV if as_csv else Output.TABLE
    print_index(result, settings.language, output, correlations=correlations, sensitivity=sensitivity, steps=steps)


@research.command("benchmark")
def benchmark(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Folder with datasets/, column_types.json, test_folds.parquet and published_scores_mean.csv.",
        ),
    ],
    output: Annotated[Path, typer.Option("--json", help="JSON file for scores of every fold, means and ranks.")],
    datasets: Annotated[str | None, typer.Option(help="Data sets, with commas between; all by default.")] = None,
    jobs: Annotated[int, typer.Option(help="Folds at a time.")] = 2,
    resume: Annotated[bool, typer.Option("--resume", help="Keep the folds that the JSON file already holds.")] = False,
) -> None:
    """The default estimator on survival data sets, ranked among published learners; nothing is tuned per set."""
    from api.reports.research_benchmark import print_benchmark
    from api.services.research_benchmark import BenchmarkRequest, run_benchmark

    settings: Settings = context.obj
    names = None if datasets is None else [name.strip() for name in datasets.split(",") if name.strip()]
    with counted_progress() as advance:
        result = run_benchmark(BenchmarkRequest(folder, output, names, jobs, resume), advance)
    print_benchmark(result, settings.language)


@research.command("simulate")
def simulate(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="New or empty folder for the files.")],
    years: Annotated[
        int, typer.Option(help="Years before 1 May 2024 that the register covers, 1-23; older contracts enter late.")
    ] = 23,
    seed: Annotated[int | None, typer.Option(help="Seed of everything simulated.")] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="Lever to plant, lever=ratio[:share[:slope]]: hazard ratio, share of posts that have it, and log-odds "
            "of having it per step of centrality class; may be given several times."
        ),
    ] = None,
    spikes: Annotated[
        str | None,
        typer.Option(help="Ends of obligations, years:probability to leave within a month, such as 2:0.2,3:0.1."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Simulated careers of GPs with known truth, as files, beside every published figure they are calibrated to."""
    from api.reports.simulation import print_simulation
    from api.services.simulation import SimulationRequest, write_simulation
    from features.snapshot import load_snapshot
    from models.career_scenario import Scenario, parsed_lever, parsed_spikes

    settings: Settings = with_values(context.obj, {"seed": seed})
    planted = Scenario(
        levers=tuple(map(parsed_lever, scenario or ())), spikes=parsed_spikes(spikes) if spikes is not None else ()
    )
    request = SimulationRequest(out=out, years=years, seed=settings.seed, scenario=planted)
    result = write_simulation(request, load_snapshot(settings.reference_dir), settings.language)
    print_simulation(result, settings.language, Output.JSON if as_json else Output.TABLE)


def spelt(option: str, given: str) -> str:
    """The choice that a spelling means; `UnknownKeyError` if it means none."""
    for choice, spellings in SPELLINGS[option].items():
        if _bare(given) in map(_bare, spellings):
            return choice
    raise UnknownKeyError(f"--{option}", given, tuple(SPELLINGS[option]))


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
