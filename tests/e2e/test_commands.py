"""The commands, as a person types them."""

import csv
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api import cli
from api.services.world import World
from tests.e2e.commands import Ended

ROOT = Path(__file__).parents[2]


Stabil = Callable[..., Ended]


@pytest.fixture
def stabil(
    world: World, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Stabil:
    """Runs a command on a copy of the database, as some commands compute the run anew that other tests look at."""
    assert world.run.inputs_sha256
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(str(engine.url.database))) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    monkeypatch.setenv("STABIL_DATABASE_URL", f"sqlite:///{copy}")

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["stabil", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run


def test_run_prints_a_summary_with_everything_it_did(stabil: Stabil) -> None:
    ended = stabil("run", "--json")
    assert ended.code == 0
    summary = json.loads(ended.out)
    assert summary["municipalities"] == 357
    assert {factor["factor"] for factor in summary["factors"]} >= {
        "professional_community",
        "partner_jobs",
        "flexibility",
    }
    assert summary["careers_simulated"] is True
    assert {band["band"]: band["published"] for band in summary["medians"] if band["published"]} == {
        "national": 5.91,
        "under_2k": 2.75,
        "over_50k": 8.37,
    }
    assert summary["vacant_lists"] == 197
    assert summary["pairs_checked"] > 0
    assert summary["blocking_pairs"] == 0


def test_run_tells_people_what_is_simulated(stabil: Stabil) -> None:
    ended = stabil("run")
    assert "SIMULERT" in ended.out
    assert "0 blokkerende" in ended.out
    assert "357 kommuner" in ended.out


def test_score_prints_one_municipality(stabil: Stabil) -> None:
    ended = stabil("score", "5014")
    assert ended.code == 0
    for word in ("Frøya", "Fagmiljø", "90 % intervall", "12005", "stabil template 5014", "ventet ut fra struktur"):
        assert word in ended.out


@pytest.mark.parametrize(("language", "word"), [("nn", "Storleik og vekst"), ("en", "Size and growth")])
def test_score_speaks_the_language_asked_for(stabil: Stabil, language: str, word: str) -> None:
    assert word in stabil("--language", language, "score", "5014").out


def test_score_of_a_municipality_without_gp_figures_says_missing(stabil: Stabil) -> None:
    ended = stabil("score", "1853")
    assert ended.code == 0
    assert "tall mangler for kommunen" in ended.out


def test_score_as_csv_and_json_carry_the_same_scores(stabil: Stabil) -> None:
    rows = list(csv.DictReader(io.StringIO(stabil("score", "5014", "--csv").out)))
    profile = json.loads(stabil("score", "5014", "--json").out)
    assert [row["factor"] for row in rows] == [factor["entry"]["key"] for factor in profile["factors"]]
    told = [float(row["score"]) if row["score"] else None for row in rows]
    assert told == [factor["score"] for factor in profile["factors"]]


def test_every_figure_of_a_profile_has_a_source_and_a_year(stabil: Stabil) -> None:
    profile = json.loads(stabil("score", "5014", "--json").out)
    known = [indicator for indicator in profile["indicators"] if indicator["value"] is not None]
    assert len(known) >= 20
    for indicator in known:
        assert indicator["year"], indicator["entry"]["key"]
        assert indicator["sources"], indicator["entry"]["key"]


def test_retention_prints_medians_beside_the_published_and_says_simulated(stabil: Stabil) -> None:
    ended = stabil("retention")
    for word in ("SIMULERT", "2,75", "5,91", "8,37", "Kaplan–Meier", "C-indeks", "ANTAKELSE", "ferdig spesialist"):
        assert word in ended.out


def test_the_same_seeds_give_the_same_match(stabil: Stabil) -> None:
    once, again = (stabil("match", "--seed", "7", "--lottery-seed", "x", "--csv").out for _ in range(2))
    assert once == again
    assert once != stabil("match", "--seed", "7", "--lottery-seed", "y", "--csv").out


def test_data_show_lists_tables_with_source_licence_and_date(stabil: Stabil) -> None:
    ended = stabil("data", "show", "--json")
    tables = json.loads(ended.out)["tables"]
    assert {table["name"] for table in tables} >= {"municipalities", "gp_lists", "population"}
    assert all(table["publisher"] and table["vintage"] and table["licences"] and table["sha256"] for table in tables)
    assert "CC" in stabil("data", "show").out or "Creative Commons" in stabil("data", "show").out


def test_data_show_prints_the_rows_of_a_table(stabil: Stabil) -> None:
    rows = list(csv.DictReader(io.StringIO(stabil("data", "show", "municipalities", "--csv").out)))
    assert len(rows) == 357


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("score", "9999"), 3, "«9999» er ikke et kommunenummer"),
        (("score", "Frøya"), 3, "fire sifre"),
        (("score", "1601"), 3, "5001 Trondheim"),
        (("score", "1507"), 3, "1508 Ålesund, 1580 Haram"),
        (("data", "show", "weather"), 3, "gp_lists"),
        (("match", "--candidates", "0"), 2, "candidates"),
        (("match", "--candidates", "20", "--couples", "11"), 2, "couples"),
        (("match", "--couples", "1", "--post", "POST-1833"), 2, "couples"),
        (("match", "--terms", "no/such/file.json"), 2, "no/such/file.json"),
        (("match", "--candidates", "1000000"), 2, "candidates"),
        (("match", "--lottery-seed", ""), 2, "lottery_seed"),
        (("run", "--seed", "-1"), 2, "seed"),
        (("run", "--reference", "nowhere"), 4, "filen finnes ikke"),
        (("serve", "--port", "99999"), 2, "port"),
        (("--language", "xx", "retention"), 2, "language"),
        (("match", "--candidate", "nobody"), 2, "SIM-0001"),
    ],
)
def test_nonsense_gets_one_clear_sentence(stabil: Stabil, words: tuple[str, ...], code: int, told: str) -> None:
    ended = stabil(*words)
    assert ended.code == code
    assert told in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_an_occupied_port_is_told_before_any_work(stabil: Stabil) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = stabil("run", "--serve", "--port", str(port))
    assert ended.code == 5
    assert str(port) in ended.err
    assert ended.out == ""


def test_a_broken_snapshot_leaves_the_database_as_it_was(stabil: Stabil, tmp_path: Path) -> None:
    broken = tmp_path / "reference"
    broken.mkdir()
    source = ROOT / "features" / "reference"
    for file in [*source.glob("*.csv"), source / "datapackage.json"]:
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / "gp_lists.csv").write_bytes(b"municipality_code;year\nnonsense\n")
    before = stabil("score", "5014", "--json").out
    ended = stabil("run", "--reference", str(broken))
    assert ended.code == 4
    assert "gp_lists" in ended.err
    assert stabil("score", "5014", "--json").out == before


def test_the_installed_command_answers_and_fails_without_a_traceback() -> None:
    command = Path(sys.executable).with_name("stabil")
    ended = subprocess.run(
        [command, "score", "1601"], capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"}
    )
    assert ended.returncode == 3
    assert "5001 Trondheim" in ended.stderr
    assert ended.stdout == ""
