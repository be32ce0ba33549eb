"""Survival of contracts by group: the model's curve beside Kaplan-Meier, with the number at risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError
from models.benchmarks import kaplan_meier, survival_at
from models.hazard import DiscreteTimeHazard
from models.uncertainty import INTERVAL_COVERAGE, survival_interval

Floats = NDArray[np.float64]
GroupName = Literal["population_band", "contract_form", "centrality_class", "career_stage"]
GROUPINGS: tuple[GroupName, ...] = ("population_band", "contract_form", "centrality_class", "career_stage")
FEWEST_SPELLS = 5
_STEP_YEARS = 0.5
_SPELLS_PER_GROUP = 120  # that the members are averaged over; the model itself is averaged over all


@dataclass(frozen=True, slots=True)
class GroupCurve:
    """Survival of the contracts of one group; all tuples have one value per time.

    Attributes
    ----------
    by, group : str, str
        What the contracts are grouped by, and the group.
    spells : int
        Contracts, at least `FEWEST_SPELLS`.
    times_years : tuple of float
        Half years from 0, up to the longest that the model observed.
    model, model_lower, model_upper : tuple of float
        The model's survival (0-1), averaged over the group's contracts, with its interval.
    kaplan_meier, kaplan_meier_lower, kaplan_meier_upper : tuple of float or None
        Of the same contracts. None where fewer than `FEWEST_SPELLS` are at risk; the bounds are None also where the
        curve is 1.
    at_risk : tuple of int or None
        Contracts observed to run at each time; None where that are fewer than `FEWEST_SPELLS`.
    coverage : float
        Nominal coverage of the intervals.
    """

    by: GroupName
    group: str
    spells: int
    times_years: tuple[float, ...]
    model: tuple[float, ...]
    model_lower: tuple[float, ...]
    model_upper: tuple[float, ...]
    kaplan_meier: tuple[float | None, ...]
    kaplan_meier_lower: tuple[float | None, ...]
    kaplan_meier_upper: tuple[float | None, ...]
    at_risk: tuple[int | None, ...]
    coverage: float


def curves_by_group(
    hazard: DiscreteTimeHazard,
    members: Sequence[DiscreteTimeHazard],
    spells: pl.DataFrame,
    by: Sequence[GroupName] = GROUPINGS,
) -> tuple[GroupCurve, ...]:
    """Return the curves of every group with enough contracts, in the order of the groups' names.

    Parameters
    ----------
    hazard, members : DiscreteTimeHazard, sequence of DiscreteTimeHazard
        Fitted to the spells, and to resampled ones.
    spells : DataFrame
        `features.frames.Spell` with the hazard's covariates and what is grouped by; for ``career_stage``
        ``years_since_specialist``, at the contract's start.
    by : sequence of str
        What to group by.

    Raises
    ------
    InvalidInputError
        If a column to group by is missing.
    """
    stage = pl.when(pl.col("years_since_specialist") < 0).then(pl.lit("trainee")).otherwise(pl.lit("specialist"))
    staged = spells.with_columns(career_stage=stage)
    if missing := [name for name in by if name not in staged.columns]:
        raise InvalidInputError("spells", spells.columns, f"also the columns {', '.join(missing)}")
    times = _half_years(float(hazard.breaks_[-1]))
    survival = hazard.predict_survival_function(staged.select(hazard.feature_names_in_), times)
    found = []
    for name in by:
        groups = staged[name].cast(pl.String).to_numpy()
        for group in sorted(set(groups.tolist())):
            rows = np.flatnonzero(groups == group)
            if rows.size >= FEWEST_SPELLS:
                found.append(_curve(name, group, staged[rows], survival[rows].mean(axis=0), times, members))
    return tuple(found)


def group_curve_from_document(values: dict[str, Any]) -> GroupCurve:
    """Return the curve that `dataclasses.asdict` turned into plain values."""
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return GroupCurve(**plain)


def _curve(
    by: GroupName,
    group: str,
    spells: pl.DataFrame,
    survival: Floats,
    times: Floats,
    members: Sequence[DiscreteTimeHazard],
) -> GroupCurve:
    covariates = spells[:: max(1, spells.height // _SPELLS_PER_GROUP)].select(members[0].feature_names_in_)
    drawn = np.stack([member.predict_survival_function(covariates, times).mean(axis=0) for member in members])
    lower, upper = survival_interval(survival, drawn)
    observed = kaplan_meier(spells, confidence=INTERVAL_COVERAGE)
    entry, end = (spells[name].to_numpy() for name in ("entry_years", "duration_years"))
    at_risk = ((entry <= times[:, None]) & (end > times[:, None])).sum(axis=1)
    shown = at_risk >= FEWEST_SPELLS
    return GroupCurve(
        by=by,
        group=group,
        spells=spells.height,
        times_years=tuple(times.tolist()),
        model=tuple(survival.tolist()),
        model_lower=tuple(lower.tolist()),
        model_upper=tuple(upper.tolist()),
        kaplan_meier=_where(shown, survival_at(observed, times)),
        kaplan_meier_lower=_where(shown, _bound_at(observed, times, "lower")),
        kaplan_meier_upper=_where(shown, _bound_at(observed, times, "upper")),
        at_risk=tuple(int(count) if enough else None for count, enough in zip(at_risk, shown, strict=True)),
        coverage=INTERVAL_COVERAGE,
    )


def _half_years(longest: float) -> Floats:
    return np.arange(int(longest / _STEP_YEARS + 1e-9) + 1, dtype=np.float64) * _STEP_YEARS


def _bound_at(curve: pl.DataFrame, times: Floats, column: str) -> Floats:
    steps = np.concatenate([[np.nan], curve[column].fill_null(float("nan")).to_numpy()])
    at = np.searchsorted(curve["time_years"].to_numpy(), times, side="right")
    return np.asarray(steps[at], dtype=np.float64)


def _where(shown: NDArray[np.bool_], values: Floats) -> tuple[float | None, ...]:
    usable = shown & np.isfinite(values)
    return tuple(float(value) if use else None for value, use in zip(values, usable, strict=True))
