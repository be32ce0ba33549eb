"""The stack beside Cox regression, a forest and one curve on spells of real people, out of person and out of employer.

``python -m bench.real_spells DIR`` reads ``alda_physicians.csv``, ``us_obgyn_spells_state.parquet`` and
``wa_police_spells.parquet`` in a folder and prints the tables of RESULTS.md. Scikit-survival's random survival forest
joins where it can be imported and no spell enters late, which it cannot take; it knows no causes.

Nothing is tuned on these data. Sex and age stand in the files and are left out: no forecast of the project may rest on
them. The year of the start is left out too: it decides how long a spell could be seen, and the weights of the scores
want that not to depend on covariates. Larger files are subsampled by the unit that is held out, so that a run takes
minutes.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from models.comparison import Contender, compared
from models.competing_risks import CauseSpecificHazards
from models.forest_hazard import ForestHazard
from models.named_estimators import estimator_of
from models.observation import any_cause
from models.one_hot import linear_columns
from models.outcome import Floats, Outcome, read_outcome, survival_outcome
from models.resampled_measures import Measure
from models.splits import Fold, municipality_folds, person_folds

FOLDS = 5
MOST_SPELLS = 4000
RESAMPLES = 100
NAMES = {"km": "one curve", "cox": "Cox", "forest": "our forest", "stack": "stack", "rsf": "scikit-survival forest"}


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Spells, how they are held out, and what is measured."""

    title: str
    covariates: pl.DataFrame
    outcome: Outcome
    causes: tuple[str, ...]
    folds: tuple[Fold, ...]
    clusters: NDArray[Any]
    horizons: tuple[float, ...]


class SurvivalForest(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Scikit-survival's random survival forest, 200 trees of leaves of 15, as it is usually set up."""

    def fit(self, X: pl.DataFrame, y: Any) -> Self:  # noqa: N803, ANN401
        """Fit to covariates as numbers, one column per level."""
        from sksurv.ensemble import RandomSurvivalForest

        self.columns_ = linear_columns(X)
        outcome = any_cause(y)
        plain = survival_outcome(outcome.ended, outcome.time)
        self.forest_ = RandomSurvivalForest(n_estimators=200, min_samples_leaf=15, random_state=0)
        self.forest_.fit(self.columns_.matrix(X), plain)
        return self

    def predict(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return its risk."""
        risk: Floats = self.forest_.predict(self.columns_.matrix(X))
        return risk

    def predict_survival_function(self, X: pl.DataFrame, times: Any) -> Floats:  # noqa: N803, ANN401
        """Return its step functions at times."""
        curves = self.forest_.predict_survival_function(self.columns_.matrix(X), return_array=True)
        place = np.searchsorted(self.forest_.unique_times_, np.asarray(times, dtype=np.float64), side="right")
        survival: Floats = np.column_stack([np.ones(X.height), curves])[:, place]
        return survival


def physicians(folder: Path) -> Iterator[Task]:
    """Doctors at US community health centres: delayed entry, departures at whole years; one spell per person."""
    rows = pl.read_csv(folder / "alda_physicians.csv", try_parse_dates=True)
    outcome = read_outcome(survival_outcome(1 - rows["censor"].to_numpy(), rows["exit"], entry=rows["entry"]))
    people = rows["id"].to_numpy()
    covariates = rows.select("part_time")
    yield Task(
        "US community health physicians, out of person",
        covariates,
        outcome,
        ("left",),
        person_folds(people, FOLDS, 0),
        people,
        (1.0, 3.0, 5.0),
    )


def obstetricians(folder: Path) -> Iterator[Task]:
    """Doctors new in a US state, seen once a year; an end lies between two snapshots and counts in the middle."""
    every = pl.read_parquet(folder / "us_obgyn_spells_state.parquet").filter(
        pl.col("t") > 0, pl.col("entry") != "in_first_snapshot"
    )
    causes = ("moved_state", "left_register")
    for unit, name in (("doctor_id", "person"), ("state", "state")):
        rows = every if unit == "state" else every.filter(pl.Series(_chosen(every[unit], MOST_SPELLS)))
        rows = rows.sample(min(MOST_SPELLS, rows.height), seed=0) if unit == "state" else rows
        event = rows["exit"].replace_strict({each: at for at, each in enumerate(causes, 1)}, default=0)
        covariates = rows.select(
            "spell_no", "gyn_onc", "obgyn_in_county", "population", "pop_density_sq_mi", "pct_poverty",
            "rucc_2023", "pcp_per_100k", "pct_rural", pl.col("entry").cast(pl.Enum(["new_in_register", "moved_in"])),
        )  # fmt: skip
        units = rows[unit].to_numpy().astype(str)
        split = person_folds if unit == "doctor_id" else municipality_folds
        yield Task(
            f"US obstetricians new in a state, out of {name}",
            covariates,
            read_outcome(survival_outcome(event.to_numpy(), rows["t"].to_numpy())),
            causes,
            split(units, FOLDS, 0),
            units,
            (1.0, 3.0, 5.0),
        )


def police(folder: Path) -> Iterator[Task]:
    """Officers of municipal employers in Washington, observed from 2017: by employer, then those hired since."""
    every = pl.read_parquet(folder / "wa_police_spells.parquet").filter(
        "at_risk_2017", pl.col("t_years") > pl.col("entry_2017")
    )
    causes = (
        "moved_agency", "resigned_left_register", "retired", "terminated", "medical_or_death", "other_or_unspecified",
    )  # fmt: skip
    for title, rows in (
        ("Washington police, all in post since 2017 (delayed entry), out of employer", every),
        ("Washington police, hired since 2017, out of employer", every.filter(pl.col("entry_2017") == 0)),
    ):
        rows = rows.filter(pl.Series(_chosen(rows["agency_id"], MOST_SPELLS)))
        event = rows["exit"].replace_strict({each: at for at, each in enumerate(causes, 1)}, default=0)
        text = [pl.col(name).cast(pl.Enum(every[name].drop_nulls().unique().sort())) for name in ("agency_type",)]
        kind = pl.col("cert_type").fill_null("-")
        kinds = pl.Enum(every.select(kind.unique().sort()).to_series())
        covariates = rows.select(*text, kind.cast(kinds), "agency_officers_2017", "prior_agencies")
        units = rows["agency_id"].to_numpy().astype(str)
        outcome = survival_outcome(event.to_numpy(), rows["t_years"].to_numpy(), entry=rows["entry_2017"].to_numpy())
        folds = municipality_folds(units, FOLDS, 0)
        yield Task(title, covariates, read_outcome(outcome), causes, folds, units, (1.0, 3.0, 5.0))


def _chosen(units: pl.Series, most: int) -> NDArray[np.bool_]:
    """Return the rows of units drawn until their rows are as many as wanted."""
    names = units.unique().sort().sample(fraction=1.0, shuffle=True, seed=0)
    sizes = units.value_counts().rename({units.name: "unit"})
    drawn = pl.DataFrame({"unit": names}).join(sizes, on="unit", how="left", maintain_order="left")
    kept = drawn.filter(pl.col("count").cum_sum() <= most)["unit"]
    chosen: NDArray[np.bool_] = units.is_in(kept.implode()).to_numpy()
    return chosen


def run(task: Task) -> list[Contender]:
    """Compare the estimators of a task; the forest of scikit-survival only where it can be fitted."""
    count = len(task.causes)
    forest = ForestHazard(random_state=0)
    estimators: dict[str, Any] = {name: estimator_of(name, count, 0) for name in ("km", "cox", "stack")}
    estimators["forest"] = forest if count == 1 else CauseSpecificHazards(forest, causes=count)
    given: dict[str, Any] = {"clusters": task.clusters, "resamples": RESAMPLES, "seed": 0}
    done = list(compared(estimators, task.covariates, task.outcome, task.folds, task.horizons, **given).contenders)
    if _has_peer() and not task.outcome.entry.any():
        plain = any_cause(task.outcome)
        peer = compared({"rsf": SurvivalForest()}, task.covariates, plain, task.folds, task.horizons, **given)
        done.extend(peer.contenders)
    return done


def _has_peer() -> bool:
    try:
        import sksurv.ensemble  # noqa: F401
    except ImportError:
        return False
    return True


def print_task(task: Task, contenders: list[Contender]) -> None:
    """Print one table for an end of any cause, and one by cause."""
    ended, late = int(task.outcome.ended.sum()), int((task.outcome.entry > 0).sum())
    units = np.unique(task.clusters).size
    print(f"\n**{task.title}**: {len(task.outcome):,} spells of {units:,}, {ended:,} ended, {late:,} entered late.\n")
    print("| estimator | integrated Brier × 1000 | skill, % | Harrell's C | Uno's C | ICI at 3 years, % | s |")
    print("|---|---|---|---|---|---|---|")
    for each in contenders:
        measure = each.validation.measure
        cells = (
            _cell(measure("integrated_brier"), 1000, 1),
            _cell(measure("integrated_skill"), 100, 1),
            _cell(measure("harrell_c"), 1, 3),
            _cell(measure("uno_c"), 1, 3),
            _cell(measure("ici", 3.0), 100, 1),
            f"{each.seconds:.0f}",
        )
        print(f"| {NAMES[each.name]} | {' | '.join(cells)} |")
    if len(task.causes) == 1:
        return
    print("\n| cause (ends) | estimator | integrated Brier × 1000 | skill, % | C of the cause |\n|---|---|---|---|---|")
    for place, cause in enumerate(task.causes):
        ends = int((task.outcome.event == place + 1).sum())
        for each in (one for one in contenders if one.validation.causes):
            found = each.validation.causes[place].measure
            figures = (
                _cell(found("integrated_brier"), 1000, 1),
                _cell(found("integrated_skill"), 100, 1),
                _cell(found("harrell_c"), 1, 3),
            )
            print(f"| {cause} ({ends}) | {NAMES[each.name]} | {' | '.join(figures)} |")


def _cell(measure: Measure, times: float, digits: int) -> str:
    if measure.value is None:
        return "–"
    value = f"{measure.value * times:.{digits}f}"
    if measure.lower is None or measure.upper is None:
        return value
    return f"{value} ({measure.lower * times:.{digits}f}, {measure.upper * times:.{digits}f})"


def main() -> None:
    """Run every task and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for tasks in (physicians, obstetricians, police):
        for task in tasks(folder):
            begun = perf_counter()
            print_task(task, run(task))
            print(f"\n{perf_counter() - begun:.0f} s in all.", flush=True)


if __name__ == "__main__":
    main()
