"""Simulated careers as files for research, with the truth behind them."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

import dataframely as dy
import polars as pl

from api.services.chain import municipality_mix
from api.services.simulation_columns import readme
from features.catalogue import Language
from features.errors import InvalidInputError
from features.snapshot import Snapshot
from features.sources.folder_swap import put_in_place, sole_writer, workplace_of
from models.career_parameters import OPENING, REFERENCE_DAY
from models.career_record import CAUSES, SimulatedCareers, event_rows, observed_since
from models.career_scenario import Scenario
from models.career_simulation import simulate_careers
from models.career_targets import TargetRow, calibration_report
from models.career_truth import truth_of
from models.posts import CONTRACT_FORMS

LONGEST_YEARS = REFERENCE_DAY.year - OPENING.year

FILES = ("spells.parquet", "spells.csv", "events.csv", "truth.json", "targets.csv", "README.txt")

TRUTH_AT_YEARS = (1.0, 3.0, 5.0, 10.0)
TRUTH_START = date(2010, 1, 1)
"""Start of the contracts whose true curves are written: turnover changes through the years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRequest:
    """What to simulate and where to put it.

    Attributes
    ----------
    out : Path
        A new or empty folder.
    years : int
        How many years before the reference day the register begins.
    """

    out: Path
    years: int
    seed: int
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """What was simulated; `observed_from` is the day on which the register begins."""

    request: SimulationRequest
    observed_from: date
    spells: int
    ended: int
    doctors: int
    posts: int
    targets: dy.DataFrame[TargetRow]


def write_simulation(request: SimulationRequest, snapshot: Snapshot, language: Language) -> SimulationResult:
    """Simulate careers in the real municipalities and write them to a folder: all files or none."""
    if not 1 <= request.years <= LONGEST_YEARS:
        raise InvalidInputError("--years", request.years, f"1-{LONGEST_YEARS}")
    _require_free(request.out)
    careers = simulate_careers(municipality_mix(snapshot), seed=request.seed, scenario=request.scenario)
    observed_from = date(REFERENCE_DAY.year - request.years, REFERENCE_DAY.month, REFERENCE_DAY.day)
    spells = observed_since(careers, observed_from)
    result = SimulationResult(
        request=request,
        observed_from=observed_from,
        spells=spells.height,
        ended=int(spells["event"].sum()),
        doctors=spells["person_id"].n_unique(),
        posts=spells["post_id"].n_unique(),
        targets=calibration_report(careers),
    )
    _write(request.out, result, careers, spells, language)
    return result


def truth_document(careers: SimulatedCareers) -> dict[str, Any]:
    """The truth as plain values: what was planted, rates, municipality effects, and true curves of typical posts."""
    truth, parameters = truth_of(careers), careers.parameters
    profiles = typical_profiles(careers)
    horizon = TRUTH_AT_YEARS[-1]
    survival = truth.survival(profiles, TRUTH_AT_YEARS)
    incidence = truth.cumulative_incidence(profiles, TRUTH_AT_YEARS)
    means = truth.restricted_mean(profiles, horizon)
    rows = profiles.with_columns(pl.col("start_date").cast(pl.String)).to_dicts()
    curves = [
        row
        | {"survival": survival[at].tolist(), "restricted_mean_years": float(means[at])}
        | {"incidence": {cause: incidence[at, number].tolist() for number, cause in enumerate(CAUSES)}}
        for at, row in enumerate(rows)
    ]
    contrasts = {
        name: {"planted_hazard_ratio": ratio}
        | {f"{key}_{horizon:g}y": value for key, value in _mean_row(truth.lever_contrast(profiles, name, horizon))}
        for name, ratio in truth.lever_ratios.items()
    }
    return {
        "is_simulated": True,
        "scenario": {
            "levers": [{part: getattr(lever, part) for part in lever.__slots__} for lever in careers.scenario.levers],
            "spikes": [{part: getattr(spike, part) for part in spike.__slots__} for spike in careers.scenario.spikes],
        },
        "levers": contrasts,
        "at_years": list(TRUTH_AT_YEARS),
        "typical_posts": curves,
        "municipality_effects": dict(truth.municipality_effects),
        "parameters": {
            "single": dict(parameters.single),
            "by_band": {name: values.tolist() for name, values in parameters.by_band.items()},
            "by_month": {name: values.tolist() for name, values in parameters.by_month.items()},
        },
    }


def typical_profiles(careers: SimulatedCareers) -> pl.DataFrame:
    """One profile per population band and contract form, of a newly approved specialist, without levers."""
    places = (
        careers.posts.places.group_by("population_band")
        .agg(pl.col("population").mean(), pl.col("centrality_class").mean().round().cast(pl.Int64))
        .sort("population_band")
    )
    return places.join(pl.DataFrame({"contract_form": CONTRACT_FORMS}), how="cross").with_columns(
        years_since_specialist=pl.lit(0.0), stage_years=pl.lit(0.0), start_date=pl.lit(TRUTH_START)
    )


def _mean_row(frame: pl.DataFrame) -> list[tuple[str, float]]:
    return [(column.name, float(column.to_numpy().mean())) for column in frame.iter_columns()]


def _require_free(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInputError("--out", out, "a new or empty folder")


def _write(
    out: Path, result: SimulationResult, careers: SimulatedCareers, spells: pl.DataFrame, language: Language
) -> None:
    folder = out.absolute()
    new = workplace_of(folder)
    try:
        with sole_writer(folder):
            try:
                new.mkdir()
                spells.write_parquet(new / "spells.parquet")
                spells.write_csv(new / "spells.csv")
                event_rows(spells).write_csv(new / "events.csv")
                document = json.dumps(truth_document(careers), ensure_ascii=False, indent=1, allow_nan=False)
                (new / "truth.json").write_text(document + "\n", encoding="utf-8")
                result.targets.write_csv(new / "targets.csv")
                request = result.request
                text = readme(spells.columns, request.scenario, result.observed_from, request.seed, language)
                (new / "README.txt").write_text(text, encoding="utf-8")
                put_in_place(new, folder)
            finally:
                rmtree(new, ignore_errors=True)
                folder.with_name(f".{folder.name}.lock").unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInputError("--out", out, f"a folder that can be written to ({error.strerror})") from error
