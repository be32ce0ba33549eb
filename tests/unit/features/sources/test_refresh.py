"""A new snapshot holds the older files byte for byte where nothing came in, and only tables that fit."""

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import (
    AnswerFault,
    ContractViolationError,
    SourceAnswerError,
    SourceUnavailableError,
    StabilError,
    UnavailableReason,
)
from features.snapshot import CONTRACTS, EMBEDDED, Snapshot, load_snapshot
from features.sources.refresh import FetchedTable, Outcome, SetAside, TableResult, count_changes, refreshed_snapshot

TODAY = date(2026, 12, 1)
DOWN = SourceUnavailableError("SSB", "https://example.org", UnavailableReason.TIMEOUT)


@pytest.fixture(scope="module")
def base() -> Snapshot:
    return load_snapshot()


def fetched(frame: pl.DataFrame, **more: object) -> FetchedTable:
    return FetchedTable(frame, "SSB", "https://example.org", "2027", "Fetched.", **more)  # type: ignore[arg-type]


def refreshed(base: Snapshot, tables: Mapping[str, FetchedTable | StabilError], folder: Path) -> dict[str, TableResult]:
    return {table.name: table for table in refreshed_snapshot(base, EMBEDDED, tables, folder, TODAY)}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def jobs(base: Snapshot) -> pl.DataFrame:
    return base.municipalities.select(
        "municipality_code", year=pl.lit(2025, dtype=pl.Int64), industry=pl.lit("86-88"), jobs=pl.lit(120.0)
    )


def next_year(base: Snapshot) -> pl.DataFrame:
    newest = base.population.filter(pl.col("year") == 2026)
    return pl.concat(
        [base.population, newest.with_columns(year=pl.lit(2027, dtype=pl.Int64), population=pl.col("population") + 7)]
    )


def test_changed_tables_are_written_and_all_others_copied(base: Snapshot, tmp_path: Path) -> None:
    folder = tmp_path / "ref"
    results = refreshed(base, {"population": fetched(next_year(base)), "jobs": fetched(jobs(base))}, folder)
    renewed = load_snapshot(folder)
    assert (renewed.version, renewed.created) == ("2026-12-01", "2026-12-01")
    assert renewed.population["year"].max() == 2027
    assert renewed.jobs.height == 357
    assert {table.name for table in renewed.absent} == {"doctor_agreements", "vacancies"}
    described = renewed.description("population")
    assert (described.fetched, described.vintage, described.note) == ("2026-12-01", "2027", "Fetched.")
    assert described.measures[0].newest_year == 2027
    assert renewed.measure("jobs.jobs")[1].newest_year == 2025
    for name, content in contents(EMBEDDED).items():
        if name.endswith(".csv") and name != "population.csv":
            assert (folder / name).read_bytes() == content, name
    assert results["population"] == TableResult(
        name="population",
        publisher="SSB",
        outcome=Outcome.CHANGED,
        rows_before=2495,
        rows_after=2852,
        added=357,
        newest_before="2026",
        newest_after="2027",
    )
    assert (results["jobs"].outcome, results["jobs"].added) == (Outcome.ADDED, 357)
    assert results["commuting"].outcome is Outcome.NOT_ASKED
    assert list(results) == list(CONTRACTS)


def test_nothing_but_the_folder_is_left_behind(base: Snapshot, tmp_path: Path) -> None:
    refreshed(base, {"jobs": fetched(jobs(base))}, tmp_path / "ref")
    assert [path.name for path in tmp_path.iterdir()] == ["ref"]


def test_the_same_rows_in_another_order_are_no_change(base: Snapshot, tmp_path: Path) -> None:
    shuffled = base.gp_lists.sample(fraction=1, shuffle=True, seed=1)
    result = refreshed(base, {"gp_lists": fetched(shuffled)}, tmp_path / "ref")["gp_lists"]
    assert (result.outcome, result.added, result.removed, result.changed) == (Outcome.UNCHANGED, 0, 0, 0)
    assert (tmp_path / "ref" / "gp_lists.csv").read_bytes() == (EMBEDDED / "gp_lists.csv").read_bytes()
    assert load_snapshot(tmp_path / "ref").description("gp_lists").fetched == "2026-12-01"


def test_a_failed_source_keeps_its_table_and_says_why(base: Snapshot, tmp_path: Path) -> None:
    results = refreshed(base, {"gp_lists": DOWN, "jobs": fetched(jobs(base))}, tmp_path / "ref")
    assert (results["gp_lists"].outcome, results["gp_lists"].error) == (Outcome.KEPT, DOWN)
    assert results["gp_lists"].rows_after == base.gp_lists.height
    assert load_snapshot(tmp_path / "ref").gp_lists.equals(base.gp_lists)


def test_if_every_source_fails_the_folder_stays_byte_for_byte(base: Snapshot, tmp_path: Path) -> None:
    folder = tmp_path / "ref"
    shutil.copytree(EMBEDDED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    before = contents(folder)
    broken = fetched(base.population.with_columns(population=pl.lit(-1)))
    results = refreshed(base, {"gp_lists": DOWN, "population": broken}, folder)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["ref"]
    assert {name for name, result in results.items() if result.outcome is Outcome.KEPT} == {"gp_lists", "population"}


def test_rows_that_break_the_contract_refuse_the_whole_table(base: Snapshot, tmp_path: Path) -> None:
    twice = pl.concat([jobs(base), jobs(base).head(1)])
    results = refreshed(base, {"jobs": fetched(twice), "population": fetched(next_year(base))}, tmp_path / "ref")
    error = results["jobs"].error
    assert isinstance(error, ContractViolationError)
    assert error.counts == {"primary_key": 2}
    assert load_snapshot(tmp_path / "ref").jobs.is_empty()


def test_a_table_without_its_columns_is_refused(base: Snapshot, tmp_path: Path) -> None:
    results = refreshed(base, {"jobs": fetched(jobs(base).drop("industry"))}, tmp_path / "ref")
    assert isinstance(results["jobs"].error, ContractViolationError)
    assert not (tmp_path / "ref").exists()


@pytest.mark.parametrize("rows", [0, 1, 321])
def test_a_table_that_lost_a_tenth_of_its_municipalities_is_refused(base: Snapshot, tmp_path: Path, rows: int) -> None:
    error = refreshed(base, {"jobs": fetched(jobs(base).head(rows))}, tmp_path / "ref")["jobs"].error
    assert isinstance(error, SourceAnswerError)
    assert error.what is AnswerFault.SHAPE


def test_a_measure_that_vanished_refuses_the_table(base: Snapshot, tmp_path: Path) -> None:
    fewer = base.gp_lists.filter(pl.col("measure") != "open_lists")
    error = refreshed(base, {"gp_lists": fetched(fewer)}, tmp_path / "ref")["gp_lists"].error
    assert isinstance(error, SourceAnswerError)
    assert "open_lists" in error.detail


def test_a_table_that_does_not_fit_the_others_is_kept_and_the_rest_renewed(base: Snapshot, tmp_path: Path) -> None:
    gone = next_year(base).filter(~((pl.col("municipality_code") == "5014") & (pl.col("year") == 2027)))
    results = refreshed(base, {"population": fetched(gone), "jobs": fetched(jobs(base))}, tmp_path / "ref")
    assert isinstance(results["population"].error, ContractViolationError)
    assert results["jobs"].outcome is Outcome.ADDED
    assert load_snapshot(tmp_path / "ref").population.equals(base.population)


def test_figures_later_than_the_newest_population_wait_for_it(base: Snapshot, tmp_path: Path) -> None:
    late = base.gp_lists.with_columns(pl.col("year") + 2)
    results = refreshed(base, {"gp_lists": fetched(late), "population": DOWN}, tmp_path / "ref")
    assert isinstance(results["gp_lists"].error, ContractViolationError)
    both = {"gp_lists": fetched(late), "population": fetched(next_year(base))}
    assert refreshed(base, both, tmp_path / "ref")["gp_lists"].outcome is Outcome.CHANGED


def test_what_was_left_out_is_told(base: Snapshot, tmp_path: Path) -> None:
    table = fetched(jobs(base), left_out={SetAside.SHARED: 4})
    assert refreshed(base, {"jobs": table}, tmp_path / "ref")["jobs"].left_out == {SetAside.SHARED: 4}


def test_a_dated_table_tells_its_newest_day(base: Snapshot, tmp_path: Path) -> None:
    vacancy = {
        "ad_id": "a",
        "municipality_code": "5014",
        "published": date(2026, 11, 3),
        "expires": None,
        "occupation_group": "health",
        "styrk08": None,
        "positions": 1,
        "is_gp_post": True,
        "facts_present": 7,
    }
    frame = pl.DataFrame([vacancy], schema=CONTRACTS["vacancies"].create_empty().schema)
    result = refreshed(base, {"vacancies": fetched(frame)}, tmp_path / "ref")["vacancies"]
    assert (result.outcome, result.newest_after) == (Outcome.ADDED, "2026-11-03")
    renewed = load_snapshot(tmp_path / "ref")
    assert renewed.vacancies.equals(frame)
    assert renewed.measure("vacancies.facts_present")[1].newest_year == 2026


def test_a_second_refresh_starts_from_the_first(base: Snapshot, tmp_path: Path) -> None:
    folder, tables = tmp_path / "ref", {"jobs": fetched(jobs(base)), "population": fetched(next_year(base))}
    refreshed(base, tables, folder)
    before = contents(folder)
    again = refreshed_snapshot(load_snapshot(folder), folder, tables, folder, TODAY)
    assert {table.outcome for table in again} == {Outcome.UNCHANGED, Outcome.NOT_ASKED}
    assert contents(folder) == before


def test_every_offered_measure_is_described_with_unit_and_source(base: Snapshot) -> None:
    for table in base.absent:
        assert table.measures, table.name
        assert all(measure.unit and measure.label for measure in table.measures)
        assert {measure.source for measure in table.measures} <= set(table.tables)
    package = json.loads((EMBEDDED / "offered_tables.json").read_text("utf-8"))
    assert {resource["name"] for resource in package["resources"]} == {table.name for table in base.absent}


@settings(max_examples=25, deadline=None)
@given(
    removed=st.sets(st.integers(0, 356), max_size=20),
    changed=st.sets(st.integers(0, 356), max_size=20),
    added=st.integers(0, 5),
    order=st.randoms(use_true_random=False),
)
def test_counts_of_changes_are_those_that_were_made(
    removed: set[int], changed: set[int], added: int, order: Random
) -> None:
    codes = [f"{1000 + number}" for number in range(357)]
    old = [(code, 2025, "86-88", 1.0) for code in codes]
    new = [(*row[:3], 2.0 if place in changed else 1.0) for place, row in enumerate(old) if place not in removed]
    new += [(code, 2025, "85", 1.0) for code in codes[:added]]
    order.shuffle(new)
    before, after = (
        pl.DataFrame(rows, schema=CONTRACTS["jobs"].create_empty().schema, orient="row") for rows in (old, new)
    )
    assert count_changes("jobs", before, after) == (added, len(removed), len(changed - removed))


def test_a_value_that_went_missing_is_a_change_and_one_that_stays_missing_is_none() -> None:
    schema = CONTRACTS["vacancies"].create_empty().schema
    row = ("a", "5014", date(2026, 11, 3), None, "health", "2211", 1, True, 7)
    before = pl.DataFrame([row], schema=schema, orient="row")
    assert count_changes("vacancies", before, before) == (0, 0, 0)
    assert count_changes("vacancies", before, before.with_columns(facts_present=None)) == (0, 0, 1)
