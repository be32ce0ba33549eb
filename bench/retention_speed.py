"""Time and memory of fitting and of predicting curves, beside scikit-survival's forest and gradient boosting.

``python -m bench.retention_speed scale`` fits one and two million person-periods and predicts a million curves;
``python -m bench.retention_speed peers --peers DIR`` compares with scikit-survival at sizes that it can manage, by the
integrated Brier score of held-out spells too. scikit-survival is GPL and no dependency: install it in a folder of its
own (``pip install --target DIR --no-deps scikit-survival ecos osqp joblib numexpr``) and name the folder.

``python -m bench.retention_speed fife --peers DIR`` compares with FIFE on a yearly panel of a million rows. FIFE 1.6.2
fails with LightGBM 4.7 (``train()`` lost an argument that it passes): DIR must hold LightGBM 4.5 and come first.

Spells are generated: eight covariates, of which five act, one curved and two together; ends noted by month. Each job
runs in a process of its own with one thread; times are seconds of the processor, so that what else runs there does not
count, and leave imports and the making of spells out; memory is the process's peak.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.brier import integrated_brier_score
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator
from models.outcome import Floats, read_outcome, survival_outcome
from models.stacking import StackedHazard
from models.time_grid import person_period_table

COVARIATES = 8
CURVES = 1_000_000
HELD_OUT = 5_000
SIZES = (2_000, 5_000, 10_000, 50_000)
AT = np.arange(1.0, 9.0)
LIMIT_SECONDS = 2_400
_CHUNK = 500
OURS: Mapping[str, Callable[[], HazardEstimator]] = {"trees": DiscreteTimeHazard, "stack": StackedHazard}
PEERS = ("forest", "gradient boosting")


PANEL_YEARS, PANEL_SPELLS = 10, 290_000


def made_up_spells(rows: int, seed: int) -> tuple[Floats, Any]:
    """Covariates and outcome of so many spells."""
    x, time_years, censored = _made_up_times(rows, seed)
    months = np.ceil(np.minimum(time_years, censored) * 12)
    return x, survival_outcome(time_years <= censored, months / 12)


def _made_up_times(rows: int, seed: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, COVARIATES))
    log = -1.7 + 0.5 * x[:, 0] - 0.3 * x[:, 1] + 0.4 * np.abs(x[:, 2]) + 0.4 * (x[:, 3] > 0) * x[:, 4]
    shape = np.where(x[:, 1] > 0, 0.8, 1.2)
    time_years = (rng.exponential(size=rows) / np.exp(log)) ** (1 / shape)
    return x, time_years, rng.uniform(1.0, 12.0, rows)


def fit_ours(name: str, rows: int, curves: int) -> dict[str, float]:
    """Seconds of a fit and of predicting curves, person-periods, integrated Brier score."""
    x, y = made_up_spells(rows, 1)
    table, model = _frame(x), OURS[name]()
    started = time.process_time()
    model.fit(table, y)
    fitted = time.process_time()
    test, test_y = made_up_spells(HELD_OUT, 2)
    asking = time.process_time()
    survival = model.predict_survival_function(_frame(test), AT)
    found = {"fit": fitted - started, "predict": time.process_time() - asking}
    found["brier"] = integrated_brier_score(y, test_y, survival, AT)
    found["cells"] = float((person_period_table(read_outcome(y), model.breaks_).exposure > 0).sum())
    if curves:
        asked = _frame(made_up_spells(curves, 3)[0])
        started = time.process_time()
        for start in range(0, curves, 50_000):
            model.predict_survival_function(asked.slice(start, 50_000), AT)
        found["curves"] = time.process_time() - started
    return found


def fit_peer(name: str, rows: int) -> dict[str, float]:
    """The same of an estimator of scikit-survival."""
    try:
        ensemble: Any = import_module("sksurv.ensemble")
    except ImportError as error:
        raise SystemExit(f"{error}: pip install --target DIR --no-deps scikit-survival; then --peers DIR") from error
    x, y = made_up_spells(rows, 1)
    model = (
        ensemble.RandomSurvivalForest(n_estimators=100, min_samples_leaf=15, max_features="sqrt", random_state=0)
        if name == "forest"
        else ensemble.GradientBoostingSurvivalAnalysis(n_estimators=100, learning_rate=0.1, max_depth=3, random_state=0)
    )
    started = time.process_time()
    model.fit(x, y)
    fitted = time.process_time()
    test, test_y = made_up_spells(HELD_OUT, 2)
    asking = time.process_time()
    survival = np.concatenate([_at_times(model, test[start : start + _CHUNK]) for start in range(0, HELD_OUT, _CHUNK)])
    return {
        "fit": fitted - started,
        "predict": time.process_time() - asking,
        "brier": integrated_brier_score(y, test_y, survival, AT),
    }


def fit_panel_trees(rows: int) -> dict[str, float]:
    """Seconds of our fit to spells of whole years."""
    train, test = _panel(rows, 1), _panel(HELD_OUT, 2)
    model = DiscreteTimeHazard(interval_years=1.0)
    started = time.process_time()
    model.fit(_frame(train.x), train.outcome)
    fitted = time.process_time()
    brier = integrated_brier_score(train.outcome, test.outcome, model.predict_survival_function(_frame(test.x), AT), AT)
    return {"fit": fitted - started, "cells": float(train.rows.sum()), "brier": brier}


def fit_fife(rows: int) -> dict[str, float]:
    """Seconds of FIFE's fit to the panel of the same spells (one model per horizon); the held-out ones it only sees."""
    pandas: Any = import_module("pandas")
    modelers: Any = import_module("fife.lgb_modelers")
    processors: Any = import_module("fife.processors")
    train, test = _panel(rows, 1), _panel(HELD_OUT, 2)
    x, ends = np.concatenate([train.x, test.x]), np.concatenate([train.rows, test.rows])
    spell = np.repeat(np.arange(ends.size), ends)
    first = np.repeat(np.concatenate([train.begun, test.begun]) - np.cumsum(ends) + ends, ends)
    year = np.arange(spell.size) + first
    panel = pandas.DataFrame(
        {"id": spell, "year": year} | {f"x{place}": x[spell, place] for place in range(COVARIATES)}
    )
    config = {"INDIVIDUAL_IDENTIFIER": "id", "TIME_IDENTIFIER": "year"}
    processor = processors.PanelDataProcessor(data=panel, config=config)
    processor.build_processed_data()
    data = processor.data
    held_out = data["id"] >= rows
    data["_test"] |= held_out
    modeler = modelers.LGBSurvivalModeler(config=config, data=data)
    started = time.process_time()
    modeler.build_model(n_intervals=AT.size, parallelize=False)
    fitted = time.process_time()
    asked = held_out & ~data["id"].duplicated()
    survival = np.empty((HELD_OUT, AT.size))
    survival[data["id"][asked].to_numpy() - rows] = modeler.predict(subset=asked, cumulative=True)
    brier = integrated_brier_score(train.outcome, test.outcome, survival, AT)
    return {"fit": fitted - started, "cells": float(train.rows.sum()), "brier": brier}


PANEL: Mapping[str, Callable[[int], dict[str, float]]] = {"trees, yearly": fit_panel_trees, "FIFE": fit_fife}


def measured(job: str, rows: int, curves: int, peers: str | None) -> dict[str, float] | None:
    """What a job found in a process of its own, with its peak memory; None if it took too much of the processor."""
    start = ["-m", "bench.retention_speed"]
    if job == "FIFE" and peers:
        # its LightGBM must be imported before ours; other peers must not bring a numpy of their own
        start = ["-c", f"import sys; sys.path.insert(0, {peers!r}); from bench.retention_speed import main; main()"]
    command = [sys.executable, *start, "job", "--name", job, "--rows", str(rows), "--curves", str(curves)]
    command += ["--peers", peers] if peers else []
    done = subprocess.run(
        ["bash", "-c", f'ulimit -t {LIMIT_SECONDS}; exec "$@"', "job", *command],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
        return None
    if done.returncode:
        raise SystemExit(f"{job} failed, as told above")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def scale() -> None:
    """Print the table of a million and two million person-periods."""
    print("| estimator | spells | person-periods | fit | peak | a million curves |\n|---|---|---|---|---|---|")
    for name in OURS:
        for rows in (50_000, 100_000):
            found = measured(name, rows, CURVES if rows == 50_000 else 0, None)
            if found is None:
                print(f"| {name} | {rows:,} | – | over {LIMIT_SECONDS} s | – | – |", flush=True)
                continue
            curves = f"{found['curves']:.1f} s" if "curves" in found else "–"
            print(
                f"| {name} | {rows:,} | {found['cells']:,.0f} | {found['fit']:.1f} s | {found['gib']:.2f} GiB "
                f"| {curves} |",
                flush=True,
            )


def compare(peers: str | None, sizes: tuple[int, ...]) -> None:
    """Print the table beside scikit-survival; what would take too long, by growth with the square, is left out."""
    print("| spells | estimator | fit | 5,000 curves | integrated Brier | peak | fit / trees | fit / stack |")
    print("|---|---|---|---|---|---|---|---|")
    foreseen = dict.fromkeys((*OURS, *PEERS), 0.0)  # seconds per squared spell
    for rows in sizes:
        found = {
            name: measured(name, rows, 0, peers) for name, each in foreseen.items() if each * rows**2 < LIMIT_SECONDS
        }
        foreseen = {name: each["fit"] / rows**2 if (each := found.get(name)) else float("inf") for name in foreseen}
        for name, each in found.items():
            if each is None:
                print(f"| {rows:,} | {name} | over {LIMIT_SECONDS} s | – | – | – | – | – |", flush=True)
                continue
            ratios = [f"{each['fit'] / own['fit']:.1f}" if (own := found.get(ours)) else "–" for ours in OURS]
            print(
                f"| {rows:,} | {name} | {each['fit']:.1f} s | {each['predict']:.2f} s | {each['brier']:.4f} "
                f"| {each['gib']:.2f} GiB "
                f"| {' | '.join(ratios)} |",
                flush=True,
            )


def compare_panel(peers: str | None, rows: int) -> None:
    """Print our trees' and FIFE's time on one panel; FIFE prints its progress in between."""
    print("| estimator | panel rows | fit | integrated Brier | peak |\n|---|---|---|---|---|")
    for name in PANEL:
        found = measured(name, rows, 0, peers)
        if found is None:
            print(f"| {name} | – | over {LIMIT_SECONDS} s | – | – |", flush=True)
            continue
        print(
            f"| {name} | {found['cells']:,.0f} | {found['fit']:.1f} s | {found['brier']:.4f} "
            f"| {found['gib']:.2f} GiB |",
            flush=True,
        )


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["scale", "peers", "fife", "job"])
    parser.add_argument("--peers", help="folder that holds scikit-survival")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--name")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--curves", type=int, default=0)
    given: Any = parser.parse_args()
    if given.peers:
        sys.path.append(given.peers)
    if given.what == "scale":
        scale()
    elif given.what == "peers":
        compare(given.peers, tuple(given.sizes))
    elif given.what == "fife":
        compare_panel(given.peers, given.rows or PANEL_SPELLS)
    else:
        print(json.dumps(_job(given.name, given.rows, given.curves) | {"gib": _peak_gib()}))


def _job(name: str, rows: int, curves: int) -> dict[str, float]:
    if name in OURS:
        return fit_ours(name, rows, curves)
    return PANEL[name](rows) if name in PANEL else fit_peer(name, rows)


@dataclass(frozen=True, slots=True)
class _Panel:
    """Spells noted once a year: covariates, rows, year of the first, and what is known of how long they lasted."""

    x: Floats
    rows: NDArray[np.int64]
    begun: NDArray[np.int64]
    outcome: Any


def _panel(spells: int, seed: int) -> _Panel:
    x, time_years, censored = _made_up_times(spells, seed)
    seen = np.minimum(np.ceil(censored), PANEL_YEARS).astype(np.int64)
    lasted = np.ceil(time_years)
    # who is there in the panel's last year is known to have lasted until then, not through it
    outcome = survival_outcome(lasted < seen, np.minimum(lasted, seen - 1.0))
    return _Panel(x, np.minimum(lasted, seen).astype(np.int64), PANEL_YEARS - seen, outcome)


def _frame(values: Floats) -> pl.DataFrame:
    return pl.DataFrame(values, schema=[f"x{place}" for place in range(values.shape[1])])


def _at_times(model: Any, rows: Floats) -> Floats:  # noqa: ANN401
    steps = model.predict_survival_function(rows, return_array=True)
    at: Floats = steps[:, np.searchsorted(model.unique_times_, AT, side="right") - 1]
    return at


def _peak_gib() -> float:
    # Not getrusage: its peak is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024**2


if __name__ == "__main__":
    main()
