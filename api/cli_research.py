"""Commands for research: methods of the project on anybody's figures."""

from pathlib import Path
from typing import Annotated

import typer

from api.console import Output, counted_progress
from api.settings import Settings, with_values
from features.errors import InvalidInputError, UnknownKeyError

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


@research.command("solve")
def solve(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="INSTANCE", help="JSON with proposers, posts with tiers, perhaps couples and what posts share."
        ),
    ],
    out: Annotated[
        Path | None, typer.Argument(metavar="[OUT]", help="New or earlier JSON file for the answer; - prints it.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="Time limit for the search.")] = 60.0,
    seed: Annotated[int | None, typer.Option(help="Seed of the order in which couples enter.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, or write it to OUT.")] = False,
) -> None:
    """A stable matching with couples and ties, a proof that none exists, or the fewest blocking pairs found."""
    from api.reports.research_solve import print_solution
    from api.services.research_solve import solve_file, write_answer

    settings: Settings = with_values(context.obj, {"seed": seed})
    answer = solve_file(file, seconds=seconds, seed=settings.seed)
    if out is not None and str(out) != "-":
        write_answer(answer, out)
        print_solution(answer, settings.language, Output.TABLE)
    else:
        print_solution(answer, settings.language, Output.JSON if as_json or out is not None else Output.TABLE)


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


@research.command("fit")
def fit(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Spells, one per row: CSV or Parquet.")],
    event: Annotated[
        str, typer.Option(help="Column: 0/1, true/false, or codes of causes; 0, empty and censored are no end.")
    ],
    out: Annotated[Path, typer.Option(help="New or empty folder for the files.")],
    time: Annotated[
        str | None, typer.Option(help="Column: how long the spell lasted or was seen; else start and end make years.")
    ] = None,
    entry: Annotated[str | None, typer.Option(help="Column: when it came under observation, since its start.")] = None,
    time_lower: Annotated[
        str | None, typer.Option(help="Column: until when it is known to have run, where its end is vague.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="Column: day it started.")] = None,
    end: Annotated[str | None, typer.Option(help="Column: day it ended; empty while it runs.")] = None,
    person: Annotated[str | None, typer.Option(help="Column: whose it is; never written anywhere.")] = None,
    group: Annotated[str | None, typer.Option(help="Column: municipality or employer.")] = None,
    covariates: Annotated[
        str | None, typer.Option(help="Columns, with commas between; else all numbers, booleans and few texts.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Column: weight of the row.")] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Held out together: person, group, forward:2019-01-01 or random; else the first that can."),
    ] = None,
    folds: Annotated[int, typer.Option(help="Parts that are held out in turn.")] = 5,
    horizons: Annotated[str, typer.Option(help="Times to measure at, in the unit of the file.")] = "1,3,5,10",
    estimators: Annotated[
        str, typer.Option(help="Some of km, cox, glm, lightgbm, stack, with commas between.")
    ] = "km,cox,glm,lightgbm,stack",
    curves_by: Annotated[str | None, typer.Option(help="Column whose groups get an observed curve each.")] = None,
    resamples: Annotated[int, typer.Option(help="Draws behind each interval, 20 or more.")] = 200,
    jobs: Annotated[int, typer.Option(help="Processes at a time; what is found does not hang on it.")] = 1,
    seed: Annotated[int | None, typer.Option(help="Seed of everything drawn.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Kaplan-Meier, Cox, penalised regression, boosted trees and their stack on spells of your own, unseen ones."""
    from api.reports.research_fit import print_fit
    from api.reports.research_page import curves_figure, report_page
    from api.services.research_document import report_document
    from api.services.research_fit import FitRequest, fit_and_compare
    from api.services.research_fit_files import require_free, write_files
    from models.research_spells import SpellRoles

    settings: Settings = with_values(context.obj, {"seed": seed})
    roles = SpellRoles(
        time=time,
        event=event,
        entry=entry,
        time_lower=time_lower,
        start=start,
        end=end,
        person=person,
        group=group,
        weights=weights,
        curves_by=curves_by,
        covariates=None if covariates is None else listed(covariates),
    )
    request = FitRequest(
        file=file,
        roles=roles,
        split=split,
        folds=folds,
        horizons=numbers("--horizons", horizons),
        estimators=listed(estimators),
        out=out,
        resamples=resamples,
        seed=settings.seed,
        jobs=jobs,
    )
    require_free(out)
    with counted_progress() as advance:
        result = fit_and_compare(request, advance)
    document = report_document(result)
    page, figure = (make(result, settings.language) for make in (report_page, curves_figure))
    files = write_files(result, document, page, figure)
    print_fit(result, document, files, settings.language, Output.JSON if as_json else Output.TABLE)


def listed(text: str) -> tuple[str, ...]:
    """The words of a text with commas between."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def numbers(option: str, text: str) -> tuple[float, ...]:
    """The numbers of a text with commas between; `InvalidInputError` if one is none."""
    try:
        return tuple(map(float, listed(text)))
    except ValueError as error:
        raise InvalidInputError(option, text, "numbers with commas between, such as 1,3,5,10") from error


def spelt(option: str, given: str) -> str:
    """The choice that a spelling means; `UnknownKeyError` if it means none."""
    for choice, spellings in SPELLINGS[option].items():
        if _bare(given) in map(_bare, spellings):
            return choice
    raise UnknownKeyError(f"--{option}", given, tuple(SPELLINGS[option]))


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
