"""The command that renews the public facts, as a person types it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api import cli
from features.snapshot import EMBEDDED, load_snapshot
from features.sources.ssb import INDUSTRIES
from tests.e2e.commands import Ended
from tests.px_table import PxTable, named
from tests.replay import ReplayServer, page

Stabil = Callable[..., Ended]

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def stabil(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Stabil:
    for variable in ("STABIL_SSB_URL", "STABIL_KLASS_URL", "STABIL_NAV_URL"):
        monkeypatch.setenv(variable, NOWHERE)
    monkeypatch.setenv("STABIL_SOURCE_PAUSE", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("STABIL_NAV_TOKEN", raising=False)

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["stabil", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def ssb(monkeypatch: pytest.MonkeyPatch, stabil: Stabil) -> Iterator[ReplayServer]:
    """A local server with SSB's table of jobs; every other table is missing."""
    codes = load_snapshot().municipalities["municipality_code"]
    with ReplayServer() as server:
        PxTable(
            "13470",
            {
                "Region": named("0", *codes),
                "NACE2007": named("00-99", *INDUSTRIES),
                "ContentsCode": named("SysselsatteArb"),
                "Tid": named("2025"),
            },
            lambda _: 30.0,
        ).serve(server)
        monkeypatch.setenv("STABIL_SSB_URL", f"{server.url}/api")
        yield server


def test_offline_asks_nobody_and_tells_what_is_used(stabil: Stabil) -> None:
    ended = stabil("data", "refresh", "--offline")
    assert (ended.code, ended.err) == (0, "")
    for word in ("gp_lists", "2026.11", "Mangler", "jobs"):
        assert word in ended.out
    used = json.loads(stabil("data", "refresh", "--offline", "--json").out)
    assert (Path(used["folder"]), used["absent"]) == (EMBEDDED, ["doctor_agreements", "jobs", "vacancies"])


def test_a_refreshed_table_is_shown_by_the_other_commands(stabil: Stabil, ssb: ReplayServer, tmp_path: Path) -> None:
    folder = str(tmp_path / "ref")
    ended = stabil("data", "refresh", "--only", "jobs", "--into", folder)
    assert (ended.code, ended.err) == (0, "")
    assert "jobs" in ended.out
    assert folder in "".join(ended.out.split())
    rows = json.loads(stabil("data", "show", "jobs", "--reference", folder, "--json").out)
    assert len(rows) == 357 * len(INDUSTRIES)
    again = json.loads(stabil("data", "refresh", "--only", "jobs", "--into", folder, "--json").out)
    assert {table["name"]: table["outcome"] for table in again["tables"]}["jobs"] == "unchanged"


def test_a_failing_source_gives_an_exit_code_and_the_rest_is_renewed(
    stabil: Stabil, ssb: ReplayServer, tmp_path: Path
) -> None:
    ssb.prepare("/api/tables/07459/metadata", page("<html>maintenance</html>"))
    folder = tmp_path / "ref"
    ended = stabil("data", "refresh", "--only", "population", "--only", "jobs", "--into", str(folder))
    assert ended.code == 9
    assert "population er beholdt som før" in ended.out
    assert load_snapshot(folder).jobs.height > 0


def test_if_every_source_fails_nothing_is_written(stabil: Stabil, ssb: ReplayServer, tmp_path: Path) -> None:
    ssb.prepare("/api/tables/07459/metadata", page("<html>maintenance</html>"))
    ended = stabil("data", "refresh", "--only", "population", "--into", str(tmp_path / "ref"))
    assert ended.code == 9
    assert "Ingenting er skrevet" in ended.out
    assert not (tmp_path / "ref").exists()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--only", "weather"), 3, "gp_lists"),
        (("--only", "vacancies"), 2, "STABIL_NAV_TOKEN"),
        (("--into", str(EMBEDDED)), 2, "into"),
        (("--offline", "--into", "nowhere"), 4, "filen finnes ikke"),
    ],
)
def test_nonsense_gets_one_clear_sentence(stabil: Stabil, words: tuple[str, ...], code: int, told: str) -> None:
    ended = stabil("data", "refresh", *words)
    assert ended.code == code
    assert told in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert ended.out == ""
