"""``stabil research simulate``, as a person types it."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from api import cli
from api.services.simulation import FILES
from models.career_targets import career_targets
from tests.e2e.commands import Ended

Simulate = Callable[..., Ended]


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Simulate:
    def run(*words: str, out: str = "careers", language: str = "nb") -> Ended:
        command = ["stabil", "--language", language, "research", "simulate", "--out", str(tmp_path / out), *words]
        monkeypatch.setattr(sys, "argv", command)
        monkeypatch.setenv("STABIL_DATABASE_URL", f"sqlite:///{tmp_path / 'never_opened.db'}")
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run


def test_all_files_are_written_and_tell_the_same_contracts(simulate: Simulate, tmp_path: Path) -> None:
    ended = simulate("--seed", "3", "--json")
    folder = tmp_path / "careers"
    assert (ended.code, ended.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["careers"]
    spells = pl.read_parquet(folder / "spells.parquet")
    assert spells.height == ended.json["spells"] == pl.read_csv(folder / "spells.csv").height
    assert spells["is_simulated"].all()
    with (folder / "events.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["person_id", "post_id", "municipality_code", "start_date", "end_date", "reason"]
    assert sum(row["reason"] != "" for row in rows) == ended.json["ended"] == spells["event"].sum()
    targets = pl.read_csv(folder / "targets.csv")
    assert targets["target"].to_list() == list(career_targets()) == [row["target"] for row in ended.json["targets"]]


@pytest.mark.parametrize(
    ("language", "words"), [("nb", "SIMULERTE DATA"), ("nn", "Inga rad"), ("en", "SIMULATED DATA")]
)
def test_the_readme_says_simulated_and_explains_every_column(
    simulate: Simulate, tmp_path: Path, language: str, words: str
) -> None:
    assert simulate("--scenario", "supervisor=0.8", "--spikes", "2:0.2", language=language).code == 0
    text = (tmp_path / "careers" / "README.txt").read_text("utf-8")
    assert words in text.splitlines()[0]
    for column in pl.read_parquet_schema(tmp_path / "careers" / "spells.parquet"):
        assert f"\n{column}: " in text
    for name in FILES[:-1]:
        assert name in text


def test_the_same_seed_writes_the_same_files_and_another_does_not(simulate: Simulate, tmp_path: Path) -> None:
    for folder, seed in (("first", "5"), ("second", "5"), ("third", "6")):
        assert simulate("--seed", seed, out=folder).code == 0
    first, second, third = ((tmp_path / folder / "spells.csv").read_bytes() for folder in ("first", "second", "third"))
    assert first == second != third


def test_what_is_planted_stands_in_the_truth(simulate: Simulate, tmp_path: Path) -> None:
    words = ("--scenario", "supervisor=0.8:0.3", "--scenario", "on_call_relief=0.85", "--spikes", "2:0.2,3:0.1")
    ended = simulate(*words, "--json")
    truth = json.loads((tmp_path / "careers" / "truth.json").read_text("utf-8"))
    assert {name: lever["planted_hazard_ratio"] for name, lever in truth["levers"].items()} == {
        "supervisor": 0.8,
        "on_call_relief": 0.85,
    }
    assert truth["scenario"]["spikes"] == ended.json["scenario"]["spikes"]
    spells = pl.read_parquet(tmp_path / "careers" / "spells.parquet")
    assert 0.25 < spells["has_supervisor"].to_numpy().mean() < 0.35
    for post in truth["typical_posts"]:
        for at, survival in enumerate(post["survival"]):
            assert survival + sum(causes[at] for causes in post["incidence"].values()) == pytest.approx(1)


def test_a_shorter_register_has_contracts_that_enter_late(simulate: Simulate, tmp_path: Path) -> None:
    ended = simulate("--years", "5", "--json")
    spells = pl.read_parquet(tmp_path / "careers" / "spells.parquet")
    assert ended.json["observed_from"] == "2019-05-01"
    assert (spells["entry_years"] > 0).sum() > 3000
    assert (spells["entry_years"] < spells["duration_years"]).all()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--years", "0"), "--years"),
        (("--years", "24"), "1-23"),
        (("--scenario", "supervisor"), "supervisor=0.8"),
        (("--scenario", "supervisor=0"), "hazard ratio"),
        (("--scenario", "a=0.8", "--scenario", "a=0.9"), "once"),
        (("--spikes", "2"), "2:0.2"),
        (("--spikes", "2:1.5"), "probability"),
    ],
)
def test_a_wrong_value_ends_with_one_sentence_and_no_folder(
    simulate: Simulate, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    ended = simulate(*words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert len(ended.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "careers").mkdir()
    (tmp_path / "careers" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for out in ("careers", "file", "file/careers"):
        ended = simulate(out=out)
        assert (ended.code, ended.out) == (2, "")
        assert "--out" in ended.err
    assert (tmp_path / "careers" / "mine.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["careers", "file"]


@pytest.mark.parametrize(("language", "words"), [("nb", "Simulert"), ("nn", "Inga rad"), ("en", "Simulated")])
def test_the_table_is_for_people_in_their_language(simulate: Simulate, language: str, words: str) -> None:
    ended = simulate(language=language)
    assert ended.code == 0
    assert words in ended.out.replace("Simulert: inga", "Inga")
    for key in career_targets():
        assert key in ended.out
