"""What commands and the API tell a doctor's partner about jobs."""

import csv
import dataclasses
import io
import json
from pathlib import Path

import polars as pl
import pytest

from api.console import Output
from api.reports.partner_jobs import print_partner_jobs
from api.services.partner_jobs import PartnerJobs, occupation_groups, partner_jobs
from features.errors import UnknownKeyError, UnknownMunicipalityError
from features.indicators.partner_access import partner_access
from features.snapshot import Snapshot, load_snapshot

WITHOUT_FIGURES = "3305"


@pytest.fixture(scope="module")
def embedded() -> Snapshot:
    return load_snapshot()


@pytest.fixture(scope="module")
def snapshot(embedded: Snapshot) -> Snapshot:
    """Half the inhabitants at work; those of Kongsberg in industry, all others in health care."""
    jobs = (
        embedded.population.filter(pl.col("year") == 2024)
        .filter(pl.col("municipality_code") != WITHOUT_FIGURES)
        .select(
            "municipality_code",
            "year",
            industry=pl.when(pl.col("municipality_code") == "3303").then(pl.lit("10-33")).otherwise(pl.lit("86-88")),
            jobs=pl.col("population") / 2,
        )
    )
    described = dataclasses.replace(
        embedded.description("jobs"),
        measures=tuple(dataclasses.replace(one, newest_year=2024) for one in embedded.description("jobs").measures),
    )
    return dataclasses.replace(
        embedded,
        jobs=jobs,
        descriptions=(*embedded.descriptions, described),
        absent=tuple(table for table in embedded.absent if table.name != "jobs"),
    )


@pytest.fixture(scope="module")
def kongsberg(snapshot: Snapshot) -> PartnerJobs:
    return partner_jobs(snapshot, "3303")


def test_every_group_comes_with_index_interval_rank_and_jobs(kongsberg: PartnerJobs) -> None:
    assert [group.group for group in kongsberg.groups] == ["all", *(group.key for group in occupation_groups())]
    for group in kongsberg.groups:
        assert group.index is not None
        assert group.lower is not None
        assert group.upper is not None
        assert group.lower <= group.index <= group.upper
        assert group.ranked == 356
        assert group.jobs_within_reach is not None
        assert group.jobs_here is not None
        assert group.jobs_within_reach >= group.jobs_here


def test_an_engineer_is_first_where_a_nurse_is_last(kongsberg: PartnerJobs) -> None:
    groups = {group.group: group for group in kongsberg.groups}
    engineer, nurse = groups["engineering"], groups["health"]
    assert engineer.rank == 1
    assert engineer.percentile is not None
    assert engineer.percentile > 99
    assert nurse.index is not None
    assert nurse.index < 100
    assert nurse.index_as_commuted is not None
    assert nurse.index_as_commuted < 60


def test_the_index_is_a_hundred_times_the_ratio_to_the_country(snapshot: Snapshot, kongsberg: PartnerJobs) -> None:
    rows = partner_access(snapshot).filter(pl.col("municipality_code") == "3303")
    assert [group.index for group in kongsberg.groups] == pytest.approx((100 * rows["access"]).to_list())
    assert [group.upper for group in kongsberg.groups] == pytest.approx((100 * rows["upper"]).to_list())


def test_sources_are_named_with_their_years(kongsberg: PartnerJobs) -> None:
    told = {(source.table, source.year) for source in kongsberg.sources}
    assert {("13470", 2024), ("03321", 2017), ("aku_2010", 2010), ("aku_industries", 2010)} <= told


def test_a_municipality_without_figures_has_none(snapshot: Snapshot) -> None:
    answer = partner_jobs(snapshot, WITHOUT_FIGURES, "health")
    assert answer.missing_table is None
    (group,) = answer.groups
    assert (group.index, group.rank, group.percentile, group.jobs_here) == (None, None, None, None)


def test_without_the_table_the_answer_says_which(embedded: Snapshot) -> None:
    answer = partner_jobs(embedded, "5014")
    assert answer.missing_table == "jobs"
    assert answer.groups == ()
    assert answer.year is None


def test_strangers_are_refused(embedded: Snapshot) -> None:
    with pytest.raises(UnknownMunicipalityError):
        partner_jobs(embedded, "9999")
    with pytest.raises(UnknownKeyError):
        partner_jobs(embedded, "5014", "nurse")


def test_the_command_tells_what_to_do_without_the_table(embedded: Snapshot, capsys: pytest.CaptureFixture[str]) -> None:
    print_partner_jobs(partner_jobs(embedded, "5014"), "nb", Output.TABLE)
    assert "stabil data refresh --only jobs" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("language", "told"), [("nb", "Helse og"), ("nn", "som i landet"), ("en", "Country = 100")])
def test_the_table_speaks_three_languages(
    kongsberg: PartnerJobs, capsys: pytest.CaptureFixture[str], language: str, told: str
) -> None:
    assert language in ("nb", "nn", "en")
    print_partner_jobs(kongsberg, language, Output.TABLE)  # type: ignore[arg-type]
    out = capsys.readouterr().out
    assert told in out
    assert "13470 (2024)" in out


def test_the_table_says_that_occupations_are_estimated(
    kongsberg: PartnerJobs, capsys: pytest.CaptureFixture[str]
) -> None:
    print_partner_jobs(kongsberg, "nb", Output.TABLE)
    assert "en antakelse" in capsys.readouterr().out


def test_given_travel_times_are_told(snapshot: Snapshot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "times.csv"
    file.write_text("from_code,to_code,minutes\n3303,3301,40\n", "utf-8")
    answer = partner_jobs(snapshot, "3303", "health", file)
    assert answer.distances == "travel_times"
    print_partner_jobs(answer, "nb", Output.TABLE)
    assert "reisetabellen" in capsys.readouterr().out


def test_programs_get_plain_numbers(kongsberg: PartnerJobs, capsys: pytest.CaptureFixture[str]) -> None:
    print_partner_jobs(kongsberg, "nb", Output.CSV)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 13
    assert float(rows[1]["index"]) == pytest.approx(kongsberg.groups[1].index)
    print_partner_jobs(kongsberg, "nb", Output.JSON)
    answer = json.loads(capsys.readouterr().out)
    assert answer["jobs_by_group_are_estimated"] is True
    assert answer["groups"][1]["label"]["en"] == "Health and social work"
