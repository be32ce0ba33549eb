"""A refresh against a local server that answers, throttles, fails half-way and sends rubbish."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import SecretStr

from api.reports.refresh import LEFT_OUT, OUTCOMES, print_in_use, print_refresh, print_refresh_json
from api.services.refresh import (
    REFRESHABLE,
    RefreshReport,
    feed_progress_file,
    in_use,
    refresh,
    target_folder,
)
from api.settings import Settings, refreshed_folder
from api.translation import LANGUAGES
from features.catalogue import load_catalogue
from features.errors import (
    ContractViolationError,
    InvalidInputError,
    SourceAnswerError,
    SourceUnavailableError,
    UnknownKeyError,
)
from features.indicators.compute import indicator_values
from features.snapshot import EMBEDDED, Snapshot, load_snapshot
from features.sources import klass, nav, ssb
from features.sources.folder_swap import fallback_of
from features.sources.refresh import Outcome, SetAside, TableResult
from features.sources.ssb import GP_LIST_MEASURES, INDUSTRIES, LeftOut
from features.sources.vacancy_rows import Rejection
from tests.px_table import Cell, PxTable, named
from tests.replay import ReplayServer, failed, ok, page, throttled

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TOKEN = "bm90LWEtcmVhbC1rZXk"
CHANGES = "/klass/classifications/131/changes.json"

Results = dict[str, TableResult]


@pytest.fixture(scope="module")
def base() -> Snapshot:
    return load_snapshot()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplayServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ReplayServer() as running:
        yield running


@pytest.fixture
def sources(server: ReplayServer, base: Snapshot) -> ReplayServer:
    """A server that answers for SSB, KLASS and NAV, one year further than the embedded snapshot."""
    for table in tables(base):
        table.serve(server)
    server.prepare(CHANGES, ok({"codeChanges": code_changes(base)}))
    lines = [{"_feed_entry": {"uuid": ad, "status": "ACTIVE", "title": "?"}} for ad in "ab"]
    feed = ok({"feed_url": f"{nav.FEED}/p1", "next_url": None, "items": lines})
    server.prepare(nav.FEED, feed)
    server.prepare(f"{nav.FEED}/p1", feed)
    server.prepare("/api/v1/feedentry/a", ok({"status": "ACTIVE", "ad_content": advertisement()}))
    teacher = {"title": "Lærer", "categoryList": [{"categoryType": "STYRK08", "code": "2341"}]}
    server.prepare("/api/v1/feedentry/b", ok({"status": "ACTIVE", "ad_content": advertisement() | teacher}))
    return server


def advertisement() -> dict[str, Any]:
    return {
        "published": "2026-11-20T08:00:00Z",
        "expires": "2026-12-20T00:00:00Z",
        "title": "Fastlege",
        "description": "Listelengde 900. Kontakt: Kari Nordmann.",
        "workLocations": [{"country": "NORGE", "postalCode": "7260", "municipal": "FRØYA"}],
        "categoryList": [{"categoryType": "STYRK08", "code": "2211"}],
        "positioncount": "1",
    }


def code_changes(base: Snapshot) -> list[dict[str, str]]:
    names = {
        "old_code": "oldCode",
        "old_name": "oldName",
        "new_code": "newCode",
        "new_name": "newName",
        "change_date": "changeOccurred",
    }
    return [
        {names[key]: str(value) for key, value in row.items()}
        for row in base.municipality_code_changes.iter_rows(named=True)
    ]


def tables(base: Snapshot) -> list[PxTable]:
    """SSB's tables as they are documented, with figures for the codes of today and, in 2015, for Trondheim's parts."""
    codes = base.municipalities["municipality_code"].to_list()
    today = named("0", *codes)
    renumbered = {
        new: old
        for old, new, day in base.municipality_code_changes.select("old_code", "new_code", "change_date").iter_rows()
        if day == date(2024, 1, 1)
    }
    with_parts = named("EAK", *codes, "1601", "1662")
    inhabitants = {
        (renumbered.get(code, code) if year < 2024 else code, str(year)): people
        for code, year, people in base.population.iter_rows()
    } | {(code, "2027"): people + 7 for code, _, people in base.population.filter(year=2026).iter_rows()}

    def people(key: dict[str, str]) -> Cell:
        known = inhabitants.get((key["Region"], key["Tid"]))
        if known is None:
            return 0.0
        quarter = known // 4
        return float(known - 3 * quarter if key["Alder"] == "030" else quarter)

    def in_time(key: dict[str, str], value: float) -> Cell:
        is_old = key["KOKkommuneregion0000"] in ("1601", "1662")
        return value if is_old == (key["Tid"] == "2015") else "."

    lists: dict[tuple[str, str], float] = {
        (code, measure): value
        for code, measure, value in base.gp_lists.filter(year=2025)
        .select("municipality_code", "measure", "value")
        .iter_rows()
    }

    def gp_figure(key: dict[str, str]) -> Cell:
        """Those of 2025 again in 2026; small numbers in 2015."""
        code, measure = key["KOKkommuneregion0000"], GP_LIST_MEASURES[key["ContentsCode"]]
        if key["Tid"] == "2015":
            return in_time(key, 2.0 + list(GP_LIST_MEASURES.values()).index(measure))
        return lists.get((code, measure), ".." if code in codes else ".")

    years = named(*(str(year) for year in range(2020, 2028)))
    kostra = named("2015", "2025", "2026")
    forms = {"sum": "Alle avtaleformer", "1": "Fastlønn", "2": "Næringsdrivende", "3": "Turnuslege/LIS1", "4": "Andre"}
    return [
        PxTable(
            "07459",
            {
                "Region": today | named(*renumbered.values()),
                "Alder": {age: f"{int(age)} år" for age in ("010", "030", "070", "080")},
                "ContentsCode": named("Personer1"),
                "Tid": years,
            },
            people,
            frozenset({"Alder"}),
        ),
        PxTable(
            "12005",
            {"KOKkommuneregion0000": with_parts, "ContentsCode": named(*GP_LIST_MEASURES), "Tid": kostra},
            gp_figure,
        ),
        PxTable(
            "11996",
            {
                "KOKkommuneregion0000": with_parts,
                "KOKavtaleform0000": forms,
                "KOKfunksjon0000": {"FGK10": "Sum", "120": "Administrasjon", "241": "Diagnose"},
                "ContentsCode": named("KOSlegeaarsverk0000"),
                "Tid": kostra,
            },
            lambda key: in_time(key, 1.5 if key["KOKavtaleform0000"] != "sum" else 6.0),
        ),
        PxTable(
            "13470",
            {
                "Region": today,
                "NACE2007": named("00-99", *INDUSTRIES),
                "ContentsCode": named("SysselsatteArb"),
                "Tid": named("2024", "2025"),
            },
            lambda key: float(len(key["NACE2007"]) * 10),
        ),
        PxTable(
            "09429",
            {
                "Region": today,
                "Nivaa": named("01", "02a", "03a", "04a"),
                "Kjonn": {"0": "Begge kjønn", "1": "Menn"},
                "ContentsCode": named("PersonerProsent"),
                "Tid": named("2024", "2025"),
            },
            lambda key: 20.3 if key["Nivaa"] == "03a" else 10.1,
        ),
        PxTable(
            "06944",
            {
                "Region": today,
                "HusholdType": {"0000": "Alle husholdninger"},
                "ContentsCode": named("SamletInntekt"),
                "Tid": named("2024", "2025"),
            },
            lambda key: 700_000.0 + int(key["Tid"]),
        ),
    ]


def settings(server: ReplayServer, **more: Any) -> Settings:
    local: dict[str, Any] = {
        "ssb_url": f"{server.url}/api",
        "klass_url": f"{server.url}/klass",
        "nav_url": server.url,
        "source_pause": 0,
        "nav_token": SecretStr(TOKEN),
    }
    return Settings(**local | more)


def renew(server: ReplayServer, folder: Path, *only: str, **more: Any) -> tuple[RefreshReport, Results]:
    report = refresh(
        settings(server, **more), into=folder, only=only, now=NOW, progress=lambda _: None, sleep=lambda _: None
    )
    return report, {table.name: table for table in report.tables}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def embedded_in(folder: Path) -> Path:
    shutil.copytree(EMBEDDED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder


def test_a_full_refresh_renews_every_table_that_has_a_source(
    sources: ReplayServer, base: Snapshot, tmp_path: Path
) -> None:
    report, results = renew(sources, tmp_path / "ref")
    assert report.errors == ()
    assert {name: results[name].outcome for name in REFRESHABLE} == {
        "municipality_code_changes": Outcome.UNCHANGED,
        "population": Outcome.CHANGED,
        "gp_lists": Outcome.CHANGED,
        "living_conditions": Outcome.CHANGED,
        "doctor_agreements": Outcome.ADDED,
        "jobs": Outcome.ADDED,
        "vacancies": Outcome.ADDED,
    }
    renewed = load_snapshot(tmp_path / "ref")
    assert (renewed.version, renewed.absent) == ("2026-12-01", ())
    assert (results["population"].newest_before, results["population"].newest_after) == ("2026", "2027")
    # Before 2024 nobody counted Ålesund without Haram: an estimate is no published figure.
    assert (results["population"].added, results["population"].removed, results["population"].changed) == (357, 4, 0)
    assert results["population"].left_out[SetAside.SHARED] == 8
    described = renewed.description("gp_lists")
    assert (described.vintage, described.fetched) == ("2026", "2026-12-01")
    assert "351 of the 357 municipalities have figures for 2026" in described.note
    assert renewed.jobs.filter(pl.col("municipality_code") == "5014").height == len(INDUSTRIES)
    assert renewed.vacancies.row(0, named=True) | {"facts_present": None} == {
        "ad_id": "a",
        "municipality_code": "5014",
        "published": date(2026, 11, 20),
        "expires": date(2026, 12, 20),
        "occupation_group": "health",
        "styrk08": "2211",
        "positions": 1,
        "is_gp_post": True,
        "facts_present": None,
    }


def test_what_a_refresh_adds_gives_the_live_indicators_their_values(sources: ReplayServer, tmp_path: Path) -> None:
    renew(sources, tmp_path / "ref")
    catalogue = load_catalogue()
    values = indicator_values(load_snapshot(tmp_path / "ref"), catalogue).drop_nulls("value")
    live = {key for key, entry in catalogue.indicators.items() if entry.origin == "live"}
    assert live
    assert live <= set(values["indicator"])


def test_history_is_brought_to_the_codes_of_today(sources: ReplayServer, tmp_path: Path) -> None:
    _, results = renew(sources, tmp_path / "ref", "gp_lists", "doctor_agreements")
    renewed = load_snapshot(tmp_path / "ref")
    old = renewed.gp_lists.filter(municipality_code="5001", year=2015)
    figures = dict(old.select("measure", "value").iter_rows())
    assert figures["gp_contracts"] == 2 * 2.0  # Trondheim and Klæbu
    assert figures["list_length_mean"] == figures["patients_on_lists_with_gp"] / figures["gp_contracts"]
    assert "list_length_mean_adjusted" not in figures
    assert results["gp_lists"].left_out[SetAside.INCOMPLETE] > 0
    agreements = renewed.doctor_agreements.filter(municipality_code="5001", year=2015, measure="fte_salaried")
    assert agreements["value"].to_list() == [2 * 2 * 1.5]  # two functions in each of the two


def test_living_conditions_are_renewed_measure_by_measure(
    sources: ReplayServer, base: Snapshot, tmp_path: Path
) -> None:
    renew(sources, tmp_path / "ref", "population", "living_conditions")
    renewed = load_snapshot(tmp_path / "ref").living_conditions
    figures = {
        measure: (year, value)
        for measure, year, value in renewed.filter(municipality_code="5014")
        .select("measure", "year", "value")
        .iter_rows()
    }
    assert figures["median_household_income_nok"] == (2025, 702_025.0)
    assert figures["higher_education_pct"] == (2025, 30.4)
    assert figures["population_growth_5y_pct"][0] == 2027
    kept = base.living_conditions.filter(pl.col("measure").is_in(["kindergartens", "reported_offences_per_1000"]))
    assert kept.join(renewed, on=kept.columns, how="anti").is_empty()


def test_a_second_refresh_reports_no_change(sources: ReplayServer, tmp_path: Path) -> None:
    renew(sources, tmp_path / "ref")
    before = contents(tmp_path / "ref")
    report, results = renew(sources, tmp_path / "ref", reference_dir=tmp_path / "ref")
    assert {table.outcome for table in results.values()} == {Outcome.UNCHANGED, Outcome.NOT_ASKED}
    assert contents(tmp_path / "ref") == before
    assert report.is_written


def test_throttling_is_waited_out(sources: ReplayServer, base: Snapshot, tmp_path: Path) -> None:
    sources.prepare(CHANGES, throttled("3"), throttled(), ok({"codeChanges": code_changes(base)}))
    slept: list[float] = []
    report = refresh(
        settings(sources),
        into=tmp_path / "ref",
        only=("municipality_code_changes",),
        now=NOW,
        progress=lambda _: None,
        sleep=slept.append,
    )
    assert (report.errors, slept[0]) == ((), 3.0)


def test_a_source_that_fails_half_way_keeps_its_table_and_the_others_are_renewed(
    sources: ReplayServer, base: Snapshot, tmp_path: Path
) -> None:
    sources.prepare("/api/tables/12005/data", failed())
    sources.prepare("/api/tables/12005/data", failed(), method="POST")
    folder = embedded_in(tmp_path / "ref")
    before = contents(folder)
    report, results = renew(sources, folder, "population", "gp_lists", "jobs")
    assert (results["gp_lists"].outcome, results["jobs"].outcome) == (Outcome.KEPT, Outcome.ADDED)
    assert [type(error) for error in report.errors] == [SourceUnavailableError]
    assert contents(folder)["gp_lists.csv"] == before["gp_lists.csv"]


def test_rubbish_from_everybody_leaves_the_folder_byte_for_byte(server: ReplayServer, tmp_path: Path) -> None:
    for number in ("07459", "12005", "06944", "11996", "13470", "07984"):
        server.prepare(f"/api/tables/{number}/metadata", page("<html>maintenance</html>"))
    server.prepare(CHANGES, ok({"codeChanges": [{"oldCode": "1"}, 7]}))
    server.prepare(nav.FEED, ok(["rubbish"]))
    folder = embedded_in(tmp_path / "ref")
    before = contents(folder)
    report, results = renew(server, folder)
    assert contents(folder) == before
    assert not report.is_written
    assert {name: results[name].outcome for name in REFRESHABLE} == dict.fromkeys(REFRESHABLE, Outcome.KEPT)
    assert {type(error) for error in report.errors} == {SourceAnswerError}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".ref.lock", "ref"]


def test_a_source_without_connection_is_tried_for_one_table_only(server: ReplayServer, tmp_path: Path) -> None:
    slept: list[float] = []
    report = refresh(
        settings(server, ssb_url="http://127.0.0.1:9/api", nav_token=None),
        into=tmp_path / "ref",
        only=("population", "gp_lists", "jobs"),
        now=NOW,
        progress=lambda _: None,
        sleep=slept.append,
    )
    assert len(report.errors) == 3
    assert len(slept) == 4  # between five attempts
    assert not (tmp_path / "ref").exists()


def test_the_older_industry_table_stands_in_for_the_newer(
    sources: ReplayServer, base: Snapshot, tmp_path: Path
) -> None:
    sources.prepare("/api/tables/13470/metadata", page("gone", 404))
    PxTable(
        "07984",
        {
            "Region": named("0", *base.municipalities["municipality_code"]),
            "NACE2007": named("00-99", *INDUSTRIES),
            "Kjonn": named("0"),
            "Alder": named("15-74"),
            "ContentsCode": named("SysselsatteArb"),
            "Tid": named("2024"),
        },
        lambda _: 30.0,
    ).serve(sources)
    renew(sources, tmp_path / "ref", "jobs")
    assert load_snapshot(tmp_path / "ref").description("jobs").tables == ("07984",)


def test_a_change_to_an_unknown_municipality_is_refused(sources: ReplayServer, base: Snapshot, tmp_path: Path) -> None:
    later = {
        "oldCode": "5014",
        "oldName": "Frøya",
        "newCode": "5099",
        "newName": "Øyan",
        "changeOccurred": "2026-01-01",
    }
    sources.prepare(CHANGES, ok({"codeChanges": [*code_changes(base), later]}))
    report, _ = renew(sources, tmp_path / "ref", "municipality_code_changes")
    assert isinstance(report.errors[0], ContractViolationError)


def test_a_broken_folder_is_mended_from_the_snapshot_in_use(sources: ReplayServer, tmp_path: Path) -> None:
    folder = embedded_in(tmp_path / "ref")
    (folder / "gp_lists.csv").write_text("half a", "utf-8")
    renew(sources, folder, "jobs")
    assert load_snapshot(folder).gp_lists.height == load_snapshot().gp_lists.height


def test_a_stop_while_folders_change_places_is_survived(sources: ReplayServer, tmp_path: Path) -> None:
    folder = tmp_path / "reference"
    renew(sources, folder, "jobs")
    folder.rename(fallback_of(folder))  # as a stop between the two renamings leaves it
    assert refreshed_folder(folder) == fallback_of(folder)
    renew(sources, folder, "jobs")
    assert refreshed_folder(folder) == folder
    assert not fallback_of(folder).exists()


def test_the_reading_of_the_feed_goes_on_where_it_ended(sources: ReplayServer, tmp_path: Path) -> None:
    renew(sources, tmp_path / "ref", "vacancies")
    asked = len(sources.asked)
    renew(sources, tmp_path / "ref", "vacancies")
    assert [question.path for question in sources.asked[asked:]] == [f"{nav.FEED}/p1"]


def test_a_broken_note_of_the_feed_is_read_as_none(sources: ReplayServer, tmp_path: Path) -> None:
    feed_progress_file(tmp_path / "ref").write_text("{", "utf-8")
    _, results = renew(sources, tmp_path / "ref", "vacancies")
    assert results["vacancies"].rows_after == 2


def test_without_a_key_the_feed_is_passed_over(server: ReplayServer, tmp_path: Path) -> None:
    report, results = renew(server, tmp_path / "ref", nav_token=None)
    assert report.needs_key
    assert results["vacancies"].outcome is Outcome.NOT_ASKED
    assert not any(question.path.startswith(nav.FEED) for question in server.asked)


def test_the_key_is_shown_nowhere(sources: ReplayServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources.prepare("/api/v1/feedentry/a", failed())
    report, _ = renew(sources, tmp_path / "ref", "vacancies", "jobs")
    print_refresh(report, "nb")
    print_refresh_json(report, "nb")
    printed = capsys.readouterr().out
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert TOKEN not in printed + repr(report) + repr(settings(sources)) + written.decode("utf-8")
    assert sources.asked[-1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_nothing_of_persons_or_texts_is_written(sources: ReplayServer, tmp_path: Path) -> None:
    renew(sources, tmp_path / "ref", "vacancies")
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode("utf-8")
    assert "Kari" not in written
    assert "Listelengde" not in written


def test_unknown_tables_and_missing_keys_are_answered_by_name(server: ReplayServer, tmp_path: Path) -> None:
    with pytest.raises(UnknownKeyError, match="gp_lists"):
        renew(server, tmp_path / "ref", "commuting")
    with pytest.raises(InvalidInputError, match="STABIL_NAV_TOKEN"):
        renew(server, tmp_path / "ref", "vacancies", nav_token=None)


def test_the_programs_own_facts_are_never_overwritten(server: ReplayServer, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="into"):
        renew(server, EMBEDDED)
    assert target_folder(Settings(), None) != EMBEDDED
    assert target_folder(Settings(reference_dir=tmp_path), None) == tmp_path


def test_offline_tells_what_is_used_and_how_old_it_is(sources: ReplayServer, tmp_path: Path) -> None:
    renew(sources, tmp_path / "ref", "population")
    used = in_use(Settings(reference_dir=tmp_path / "ref"), datetime(2026, 12, 11, tzinfo=UTC))
    by_name = {table.name: table for table in used.tables}
    assert (by_name["population"].is_fetched, by_name["population"].age_days) == (True, 10)
    assert by_name["population"].newest == "2027"
    assert not by_name["commuting"].is_fetched
    assert used.absent == ("doctor_agreements", "jobs", "vacancies")


def test_reports_are_printed_in_every_language(
    sources: ReplayServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.prepare("/api/tables/13470/metadata", failed())
    report, _ = renew(sources, tmp_path / "ref", "gp_lists", "jobs", nav_token=None)
    printed = []
    for language in LANGUAGES:
        print_refresh(report, language)
        print_in_use(in_use(Settings(reference_dir=tmp_path / "ref"), NOW), language)
        printed.append(capsys.readouterr().out)
    assert len(set(printed)) == len(LANGUAGES)
    assert all("gp_lists" in text and "{" not in text for text in printed)


def test_programs_read_the_report_as_json(
    sources: ReplayServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.prepare(CHANGES, page("rubbish"))
    report, _ = renew(sources, tmp_path / "ref", "municipality_code_changes", "jobs")
    print_refresh_json(report, "nb")
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["tables"]}
    assert (rows["jobs"]["outcome"], rows["jobs"]["added"]) == ("added", 357 * len(INDUSTRIES))
    assert rows["municipality_code_changes"]["outcome"] == "kept"
    assert rows["municipality_code_changes"]["error"]["detail"]


def test_every_outcome_and_every_reason_has_words() -> None:
    assert set(OUTCOMES) == set(Outcome) - {Outcome.NOT_ASKED}
    reasons: set[Enum] = {*LeftOut, *Rejection, *SetAside}
    assert set(LEFT_OUT) == reasons


def test_the_addresses_are_those_of_the_sources() -> None:
    defaults = Settings()
    assert (defaults.ssb_url, defaults.klass_url, defaults.nav_url) == (ssb.BASE_URL, klass.BASE_URL, nav.BASE_URL)
    assert defaults.source_pause == ssb.SECONDS_BETWEEN_CALLS
