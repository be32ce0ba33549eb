"""Jobs by month, municipality and occupation group from person-month rows, beside DuckDB and a bare scan.

Run ``python -m bench.features [ROWS]`` (50 million by default). The rows are generated: persons spread over the
municipalities as the inhabitants are, followed for ten years, some changing place or occupation each month. Each job
runs in a process of its own, several times in turn; times leave starting and imports out, memory is the process's peak.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from features.employment import commuting_shares, job_counts, job_table
from features.indicators.observations import population_of
from features.snapshot import load_snapshot

MONTHS = 120
PERIOD = (date(2015, 1, 1), date(2024, 12, 1))
MAJOR_GROUPS = ("123", "1234", "123456", "12345", "1234", "1234", "123", "12345", "123", "123456")
SUB_MAJOR_GROUPS = [f"{major}{minor}" for major, minors in enumerate(MAJOR_GROUPS) for minor in minors]
"""Two-digit groups of STYRK-08 (KLASS 7)."""
GROUP_OF = {f"{group}{unit}": group for group in SUB_MAJOR_GROUPS for unit in range(11, 20)}
MOVES_PLACE, MOVES_OCCUPATION = 0.01, 0.005
REPEATS = 3

QUERY = """
with counts as materialized (
    select month, workplace_code, occupation_group, count(*) as jobs
    from read_parquet('{files}') join occupations using (styrk08) group by all
),
reach as (
    select month, residence_code, occupation_group, sum(jobs * share) as reach
    from counts join flows using (workplace_code) group by all
)
select now.month, now.workplace_code as municipality_code, now.occupation_group, now.jobs,
    now.jobs - before.jobs as change_12m,
    now.jobs / sum(now.jobs) over (partition by now.month, now.workplace_code) as group_share,
    reach.reach
from counts as now
left join counts as before on before.workplace_code = now.workplace_code
    and before.occupation_group = now.occupation_group and before.month = now.month - interval 12 month
left join reach on reach.month = now.month and reach.residence_code = now.workplace_code
    and reach.occupation_group = now.occupation_group
"""


def generate(folder: Path, rows: int, seed: int = 1) -> None:
    """Write one Parquet file for each month."""
    rng = np.random.default_rng(seed)
    population = population_of(load_snapshot()).sort("municipality_code")
    weight = population["population"].to_numpy() / population["population"].sum()
    occupations, share = pl.Series(list(GROUP_OF)), rng.dirichlet(np.full(len(GROUP_OF), 0.5))
    persons = rows // MONTHS
    place = rng.choice(len(weight), size=persons, p=weight).astype(np.uint16)
    occupation = rng.choice(len(share), size=persons, p=share).astype(np.uint16)
    for number in range(MONTHS):
        moved, changed = rng.random(persons) < MOVES_PLACE, rng.random(persons) < MOVES_OCCUPATION
        place[moved] = rng.choice(len(weight), size=moved.sum(), p=weight)
        occupation[changed] = rng.choice(len(share), size=changed.sum(), p=share)
        month = date(PERIOD[0].year + number // 12, number % 12 + 1, 1)
        pl.DataFrame(
            {
                "person_id": np.arange(persons, dtype=np.uint32),
                "month": pl.Series([month]).new_from_index(0, persons),
                "workplace_code": population["municipality_code"].gather(place),
                "styrk08": occupations.gather(occupation),
            }
        ).write_parquet(folder / f"{month:%Y-%m}.parquet")


def ours(folder: Path) -> tuple[float, pl.DataFrame]:
    """The whole job with `features.employment`."""
    snapshot = load_snapshot()
    codes = snapshot.municipalities["municipality_code"].sort().to_list()
    started = time.perf_counter()
    counts = job_counts(pl.scan_parquet(folder / "*.parquet"), PERIOD, codes, GROUP_OF)
    table = job_table(counts, commuting_shares(snapshot.commuting, codes))
    return time.perf_counter() - started, table


def with_duckdb(folder: Path) -> tuple[float, pl.DataFrame]:
    """The same job as one SQL query; the result comes as arrays."""
    snapshot = load_snapshot()
    codes = snapshot.municipalities["municipality_code"].sort().to_list()
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        tables: Mapping[str, pl.DataFrame] = {
            "occupations": pl.DataFrame({"styrk08": list(GROUP_OF), "occupation_group": list(GROUP_OF.values())}),
            "flows": _flows(snapshot.commuting, codes),
        }
        for name, table in tables.items():
            file = Path(scratch, f"{name}.csv")
            table.write_csv(file)
            connection.execute(f"create table {name} as from read_csv('{file}', all_varchar=true)")
        connection.execute("alter table flows alter share type double")
        started = time.perf_counter()
        found = connection.sql(QUERY.format(files=str(folder / "*.parquet"))).fetchnumpy()
        seconds = time.perf_counter() - started
    columns = {name: np.ma.getdata(values) for name, values in found.items() if name != "change_12m"}
    return seconds, pl.DataFrame(columns)


def bare_scan(folder: Path) -> tuple[float, pl.DataFrame]:
    """The columns of the job read once, and nothing done with them but their largest value."""
    columns = ("month", "workplace_code", "styrk08")
    started = time.perf_counter()
    found = pl.scan_parquet(folder / "*.parquet").select(pl.col(*columns).max()).collect(engine="streaming")
    return time.perf_counter() - started, found


JOBS: Mapping[str, Callable[[Path], tuple[float, pl.DataFrame]]] = {
    "ours": ours,
    "DuckDB": with_duckdb,
    "bare scan": bare_scan,
}


def _flows(commuting: pl.DataFrame, codes: list[str]) -> pl.DataFrame:
    shares = commuting_shares(commuting, codes)
    residence, workplace = np.nonzero(shares)
    names = pl.Series(codes)
    return pl.DataFrame(
        {
            "residence_code": names.gather(residence),
            "workplace_code": names.gather(workplace),
            "share": shares[residence, workplace],
        }
    )


def report(seconds: float) -> None:
    """Print what `measure` reads."""
    # Not getrusage: its peak is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kib = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    print(json.dumps({"seconds": seconds, "gib": kib / 1024**2}))


def measure(job: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak GiB of one job in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.features", "--job", job, str(folder)], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    return found["seconds"], found["gib"]


def check_same(folder: Path) -> None:
    """Ours and DuckDB's jobs, shares and reach are the same figures."""
    keys = ["month", "municipality_code", "occupation_group"]
    own = ours(folder)[1].with_columns(pl.col(keys[1:]).cast(pl.String)).filter(pl.col("jobs") > 0)
    other = with_duckdb(folder)[1].with_columns(pl.col("month").cast(pl.Date), pl.col(keys[1:]).cast(pl.String))
    both = own.join(other, on=keys, how="full", suffix="_duckdb")
    if both.height != own.height or both.filter(pl.col("jobs") != pl.col("jobs_duckdb")).height:
        raise AssertionError("DuckDB counts other jobs")
    for name in ("group_share", "reach"):
        far = np.abs(both[name].to_numpy() - both[f"{name}_duckdb"].fill_null(0.0).to_numpy()).max()
        if not far < 1e-6:
            raise AssertionError(f"DuckDB finds another {name}, off by {far}")


def main(rows: int) -> None:
    """Measure three sizes and print the table."""
    print("| rows | ours | DuckDB | bare scan | DuckDB / ours | ours / scan | peak ours | peak DuckDB |")
    print("|---|---|---|---|---|---|---|---|")
    for size in (rows // 4, rows // 2, rows):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            generate(folder, size)
            runs = [{job: measure(job, folder) for job in JOBS} for _ in range(REPEATS)]
            seconds = {job: statistics.median(run[job][0] for run in runs) for job in JOBS}
            peak = {job: max(run[job][1] for run in runs) for job in JOBS}
            print(
                f"| {size:,} | {seconds['ours']:.2f} s | {seconds['DuckDB']:.2f} s | {seconds['bare scan']:.2f} s "
                f"| {seconds['DuckDB'] / seconds['ours']:.1f} | {seconds['ours'] / seconds['bare scan']:.1f} "
                f"| {peak['ours']:.2f} GiB | {peak['DuckDB']:.2f} GiB |",
                flush=True,
            )
            if size == rows // 4:
                check_same(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        report(JOBS[sys.argv[2]](Path(sys.argv[3]))[0])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000)
