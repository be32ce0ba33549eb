"""Estimators compared on a researcher's own spells, with everything needed to judge the result."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import models
from api.services.research_file import read_rows
from api.services.worker_processes import worker_processes
from engine.protected_fields import protected_fields
from features.errors import InvalidInputError
from models.comparison import Comparison, compared
from models.errors import EstimatorInputError
from models.hazard_estimator import HazardEstimator
from models.named_estimators import ESTIMATORS, estimator_of
from models.observed_curves import curves_at, group_curves
from models.outcome import Outcome
from models.pending import Submit
from models.predicted_curves import structured
from models.quality_report import QualityReport, quality_report
from models.research_columns import without_lone_gaps
from models.research_folds import ResearchFolds, default_split, parsed_split, research_folds
from models.research_spells import ResearchSpells, SpellRoles, research_spells
from models.side_columns import GROUP, WEIGHT, SideColumns

ALL = "-"
"""The group of every spell where curves are told by nothing."""

_SAVED = ("stack", "lightgbm", "glm")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRequest:
    """A file, what its columns are, and what is wanted.

    Attributes
    ----------
    split : str or None
        See `models.research_folds.parsed_split`; None for the strictest that the columns allow.
    estimators : tuple of str
        Some of `models.named_estimators.ESTIMATORS`.
    jobs : int
        Processes at a time; what is found does not hang on it.
    """

    file: Path
    roles: SpellRoles
    split: str | None
    folds: int
    horizons: tuple[float, ...]
    estimators: tuple[str, ...]
    out: Path
    resamples: int
    seed: int
    jobs: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class FitResult:
    """What was found.

    Attributes
    ----------
    filled : tuple of str
        Covariates in which values were filled in, with a column that marks where.
    protected : dict of str to str
        Covariates, or the column that curves are told by, that name a protected ground, and the ground.
    reports : dict of str to QualityReport
        By estimator.
    curves, at_horizons : DataFrame
        Observed curves by group, and their figures at the horizons.
    model_name : str or None
        Estimator that was fitted to all spells; None where none that can be saved was asked for.
    model : HazardEstimator or None
        It.
    data_sha256, code_sha256, program_version : str
        Fingerprints of the file and of the models' source.
    """

    request: FitRequest
    spells: ResearchSpells
    folds: ResearchFolds
    covariates: tuple[str, ...]
    filled: tuple[str, ...]
    protected: dict[str, str]
    comparison: Comparison
    reports: dict[str, QualityReport]
    curves: pl.DataFrame
    at_horizons: pl.DataFrame
    model_name: str | None
    model: HazardEstimator | None
    data_sha256: str
    code_sha256: str
    program_version: str

    @property
    def simulated(self) -> bool:
        """Whether the file says of itself that it is simulated."""
        return "is_simulated" in self.spells.covariates.columns or "is_simulated" in self.spells.left_out


def fit_and_compare(request: FitRequest, advance: Callable[[int, int], None]) -> FitResult:
    """Compare the estimators on unseen spells, and fit the one to be saved to all; nothing is written."""
    names = _checked(request)
    rows, data_sha256 = read_rows(request.file)
    split = None if request.split is None else parsed_split(request.split)
    spells = research_spells(rows, request.roles, starts_needed=split is not None and split.kind == "forward")
    folds = research_folds(spells, split or default_split(spells), request.folds, request.seed)
    covariates, filled = without_lone_gaps(spells.covariates, folds.folds)
    beside = _beside(covariates, spells, folds)
    causes = len(spells.causes)
    saved = next((name for name in _SAVED if name in names), None)
    steps, done = len(names) * len(folds.folds) + (saved is not None), 0

    def step(_: str) -> None:
        nonlocal done
        done += 1
        advance(done, steps)

    advance(0, steps)
    groups = spells.curves_by if spells.curves_by is not None else np.full(len(spells.outcome), ALL)
    with worker_processes(request.jobs) as submit:
        whole = None if saved is None else submit(_fitted, saved, causes, request.seed, beside, spells.outcome)
        comparison = _compared(request, names, beside, spells, folds, step, submit)
        reports = {each.name: quality_report(each.validation, groups) for each in comparison.contenders}
        model = None if whole is None else whole.result()
        if saved is not None:
            step(saved)
    curves = group_curves(spells.outcome, groups, sample_weight=spells.weights)
    return FitResult(
        request=request,
        spells=spells,
        folds=folds,
        covariates=tuple(covariates.columns),
        filled=filled,
        protected=_protected(spells.covariates.columns, request.roles),
        comparison=comparison,
        reports=reports,
        curves=curves,
        at_horizons=curves_at(curves, spells.outcome, groups, request.horizons),
        model_name=saved,
        model=model,
        data_sha256=data_sha256,
        code_sha256=_code_sha256(),
        program_version=version("stabil"),
    )


def _fitted(name: str, causes: int, seed: int, beside: pl.DataFrame, outcome: Outcome) -> HazardEstimator:
    model: HazardEstimator = SideColumns(estimator_of(name, causes, seed)).fit(beside, structured(outcome)).fitted_
    return model


def predictions(result: FitResult) -> pl.DataFrame:
    """Forecasts for unseen spells by row of the file, without anything else that the file says of the row."""
    horizons, numbers = _told(result), result.spells.row_number
    parts = []
    for contender in result.comparison.contenders:
        for fold, forecast in enumerate(contender.validation.forecasts):
            survival = forecast.curves.at(horizons)
            columns: dict[str, Any] = {
                "row_number": numbers[forecast.rows],
                "fold": np.full(forecast.rows.size, fold + 1),
                "estimator": [contender.name] * forecast.rows.size,
                "risk": forecast.risk,
            }
            columns |= {f"survival_{horizon:g}": survival[:, place] for place, horizon in enumerate(horizons)}
            for code, cause in zip(result.spells.causes, contender.validation.causes, strict=False):
                left = cause.forecasts[fold].left
                columns |= {f"incidence_{code}_{horizon:g}": left[:, place] for place, horizon in enumerate(horizons)}
            parts.append(pl.DataFrame(columns))
    return pl.concat(parts).sort("estimator", "row_number")


def _told(result: FitResult) -> tuple[float, ...]:
    return result.comparison.contenders[0].validation.horizons


def _compared(
    request: FitRequest,
    names: tuple[str, ...],
    beside: pl.DataFrame,
    spells: ResearchSpells,
    folds: ResearchFolds,
    step: Callable[[str], None],
    submit: Submit,
) -> Comparison:
    estimators = {name: SideColumns(estimator_of(name, len(spells.causes), request.seed)) for name in names}
    try:
        return compared(
            estimators,
            beside,
            spells.outcome,
            folds.folds,
            request.horizons,
            clusters=folds.clusters,
            resamples=request.resamples,
            seed=request.seed,
            advance=step,
            submit=submit,
        )
    except EstimatorInputError as error:
        if error.name == "time" and spells.outcome.entry.any():
            expected = "more spells that were seen from early on, so that each end can be weighed"
            raise InvalidInputError("--entry", error.given, expected) from error
        raise


def _checked(request: FitRequest) -> tuple[str, ...]:
    names = tuple(name for name in ESTIMATORS if name in request.estimators)
    if unknown := [name for name in request.estimators if name not in ESTIMATORS]:
        raise InvalidInputError("--estimators", unknown[0], f"some of {', '.join(ESTIMATORS)}")
    if not names:
        raise InvalidInputError("--estimators", "", f"some of {', '.join(ESTIMATORS)}")
    if not request.horizons or min(request.horizons) <= 0:
        raise InvalidInputError("--horizons", request.horizons, "times above 0, such as 1,3,5,10")
    if request.resamples < 20:
        raise InvalidInputError("--resamples", request.resamples, "20 or more")
    return names


def _beside(covariates: pl.DataFrame, spells: ResearchSpells, folds: ResearchFolds) -> pl.DataFrame:
    """Return the covariates with weights, and with the groups that inner validation holds out together."""
    side = {} if spells.weights is None else {WEIGHT: pl.Series(spells.weights)}
    held = folds.clusters if folds.clustered_by != "row" else None
    return covariates.with_columns(**side, **({} if held is None else {GROUP: pl.Series(held)}))


def _protected(covariates: list[str], roles: SpellRoles) -> dict[str, str]:
    names = [*covariates, *([roles.curves_by] if roles.curves_by is not None else [])]
    return {hit.field: hit.ground.key for hit in protected_fields(dict.fromkeys(names))}


@cache
def _code_sha256() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(models.__path__[0]).glob("*")):
        if path.suffix in (".py", ".toml"):
            digest.update(path.read_bytes())
    return digest.hexdigest()
