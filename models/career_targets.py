"""The published figures that simulated careers are held against, each with its tolerance."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from features.errors import CatalogueError
from models.benchmarks import kaplan_meier, median_with_interval
from models.calibration import Calibration, Figure, national_calibration, parsed_figures
from models.career_parameters import OPENING, REFERENCE_DAY
from models.career_rates import NEVER
from models.career_record import DAYS_PER_YEAR, SimulatedCareers
from models.career_snapshots import flow_in, stock_on
from models.mix import BAND_NAMES

_FILE = Path(__file__).with_name("career_targets.toml")
_STUDY_ENDS = date(2014, 5, 1)
_FLOW_YEAR = 2023
_NATIONAL = "national"
_SMALL_BANDS = BAND_NAMES[:2]
"""Municipalities below 5,000 inhabitants."""


class TargetRow(dy.Schema):
    """One published figure beside what the simulated careers make of it.

    ``lower`` and ``upper`` are the tolerance, ``tolerance`` says where it is from; ``met`` whether the simulated figure
    lies in it; ``evidence_class`` A (Norwegian register), A-derived, B (abroad) or C (assumption).
    """

    target = dy.String(primary_key=True)
    published = dy.Float64(min=0)
    lower = dy.Float64(min=0)
    upper = dy.Float64(min=0)
    simulated = dy.Float64(nullable=True)
    met = dy.Bool()
    evidence_class = dy.Enum(("A", "A-derived", "B", "C"))
    date = dy.Date()
    source = dy.String()
    tolerance = dy.String()


@dataclass(frozen=True, slots=True)
class Target:
    """A published figure with the bounds that count as met."""

    figure: Figure
    lower: float
    upper: float
    tolerance: str


@cache
def career_targets() -> Mapping[str, Target]:
    """Return every target by key, in the order of ``career_targets.toml``.

    Examples
    --------
    >>> career_targets()["vacant_share.national"].upper
    0.06
    """
    return parse_career_targets(_FILE.read_text(encoding="utf-8"), _FILE.name, national_calibration())


def parse_career_targets(text: str, file: str, calibration: Calibration) -> Mapping[str, Target]:
    """Read and check a file of targets; an entry names a figure of ``calibration.toml`` or holds one itself.

    Raises
    ------
    CatalogueError
        If the text is no TOML, or an entry has no bounds, no tolerance, no figure, or a value outside its bounds.
    """
    try:
        entries: dict[str, dict[str, Any]] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(file, "(file)", f"is no TOML: {error}") from error
    return {key: _target(file, key, entry, calibration) for key, entry in entries.items()}


def calibration_report(careers: SimulatedCareers) -> dy.DataFrame[TargetRow]:
    """Return every target with the simulated figure and whether it is met; nothing is left out.

    Planted levers and spikes move the figures: the targets are those of careers without a scenario.

    Examples
    --------
    >>> from models.career_simulation import simulate_careers
    >>> from models.mix import national_mix
    >>> report = calibration_report(simulate_careers(national_mix(), seed=1))
    >>> report.filter(pl.col("target") == "lists")["simulated"].item()
    5704.0
    """
    found = simulated_figures(careers)
    rows = [
        {
            "target": key,
            "published": target.figure.value,
            "lower": target.lower,
            "upper": target.upper,
            "simulated": (simulated := found[key]) if np.isfinite(found[key]) else None,
            "met": bool(target.lower <= simulated <= target.upper),
            "evidence_class": target.figure.evidence,
            "date": target.figure.date,
            "source": target.figure.source,
            "tolerance": target.tolerance,
        }
        for key, target in career_targets().items()
    ]
    return TargetRow.validate(pl.DataFrame(rows), cast=True)


def simulated_figures(careers: SimulatedCareers) -> dict[str, float]:
    """Return what the simulated careers give for each target; NaN where there is nobody to count."""
    return _durations(careers) | _stock_figures(careers) | _elapsed(careers) | _flows(careers) | _training(careers)


def study_contracts(careers: SimulatedCareers) -> pl.DataFrame:
    """Return the new contracts of 2 May 2001 to 1 May 2014, observed until then, as the published study saw them.

    The contracts that the scheme began with are left out: with them, 7,359 contracts and a median of 5.91 years
    cannot both hold, since some 3,700 lists had a doctor at once and 4,500 at the end.
    """
    ended = pl.col("event") & (pl.col("end_date") <= _STUDY_ENDS)
    last = pl.when(ended).then("end_date").otherwise(pl.lit(_STUDY_ENDS))
    return careers.spells.filter((pl.col("start_date") > OPENING) & (pl.col("start_date") < _STUDY_ENDS)).with_columns(
        event=ended, duration_years=(last - pl.col("start_date")).dt.total_days() / DAYS_PER_YEAR
    )


def _durations(careers: SimulatedCareers) -> dict[str, float]:
    new = study_contracts(careers)
    first = careers.spells.filter(pl.col("start_date") == OPENING).with_columns(
        stays=~(pl.col("event") & (pl.col("end_date") <= _STUDY_ENDS))
    )
    found = {"contracts": float(new.height)}
    for band in (_NATIONAL, BAND_NAMES[0], BAND_NAMES[-1]):
        found[f"contract_median_years.{band}"] = median_with_interval(kaplan_meier(_of(new, band))).median_years
        found[f"survivor_share_13y.{band}"] = _mean(_of(first, band)["stays"])
    return found


def _stock_figures(careers: SimulatedCareers) -> dict[str, float]:
    stock = stock_on(careers, REFERENCE_DAY)
    vacant, held = _vacant(stock), _held(stock)
    is_salaried = held["contract_form"] == "salaried"
    is_small = held["population_band"].cast(pl.String).is_in(_SMALL_BANDS)
    small = _of(stock, BAND_NAMES[0])
    return {
        "gps": float(held.height),
        "lists": float(stock.height),
        "vacant_share.national": vacant.height / stock.height,
        "vacant_share.under_2k": _vacant(small).height / max(small.height, 1),
        "long_vacant_share": _mean(vacant["vacant_years"] > 1),
        "list_length_mean": _mean(held["list_length"]),
        "salaried_share.national": _mean(is_salaried),
        "salaried_share.under_5k": _mean(is_salaried.filter(is_small)),
        "specialist_share": _mean(held["is_specialist"]),
    }


def _elapsed(careers: SimulatedCareers) -> dict[str, float]:
    found = {}
    for year in (2015, 2021, 2022):
        held = _held(stock_on(careers, date(year, 12, 31)))
        for band in (_NATIONAL, *BAND_NAMES) if year == 2021 else (_NATIONAL,):
            elapsed = _of(held, band)["elapsed_years"].to_numpy()
            found[f"elapsed_median_years.{band}_{year}"] = float(np.median(elapsed)) if elapsed.size else np.nan
    return found


def _flows(careers: SimulatedCareers) -> dict[str, float]:
    flow = flow_in(careers, _FLOW_YEAR)
    return {"exit_share_per_year": flow.left / flow.gps, "entry_share_per_year": flow.entered / flow.gps}


def _training(careers: SimulatedCareers) -> dict[str, float]:
    doctors = careers.doctors
    finished = (doctors.training_start < NEVER) & (doctors.approval < NEVER)
    years = (doctors.approval - doctors.training_start)[finished] / 12
    return {"alis_completion_median_years": float(np.median(years)) if years.size else np.nan}


def _of(frame: pl.DataFrame, band: str) -> pl.DataFrame:
    return frame if band == _NATIONAL else frame.filter(pl.col("population_band") == band)


def _held(stock: pl.DataFrame) -> pl.DataFrame:
    return stock.filter(pl.col("person_id").is_not_null())


def _vacant(stock: pl.DataFrame) -> pl.DataFrame:
    return stock.filter(pl.col("person_id").is_null())


def _mean(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).to_numpy().mean()) if values.len() else np.nan


def _target(file: str, key: str, entry: dict[str, Any], calibration: Calibration) -> Target:
    tolerance, name = entry.get("tolerance"), entry.get("figure")
    if not isinstance(tolerance, str) or not tolerance.strip():
        raise CatalogueError(file, key, "does not say where its tolerance is from")
    if not {"lower", "upper"} <= entry.keys():
        raise CatalogueError(file, key, "lacks lower or upper")
    bounds = {bound: entry[bound] for bound in ("lower", "upper")}
    if name is None:
        own = {part: value for part, value in entry.items() if part != "tolerance"}
        figure = parsed_figures(file, {"target": {key: own}}, {"target": (key,)})["target"][key]
    else:
        figure = replace(_known(file, key, str(name), calibration), **bounds)
    if not bounds["lower"] <= figure.value <= bounds["upper"]:
        raise CatalogueError(file, key, f"has value {figure.value} outside its tolerance")
    return Target(figure, bounds["lower"], bounds["upper"], tolerance)


def _known(file: str, key: str, name: str, calibration: Calibration) -> Figure:
    section, _, entry = name.partition(".")
    figures: Mapping[str, Figure] = getattr(calibration, section, {})
    if entry not in figures:
        raise CatalogueError(file, key, f"names the figure {name!r}, which calibration.toml does not have")
    return figures[entry]
