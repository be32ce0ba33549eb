"""``stabil research spells``, as a person types it."""

import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from api import cli
from tests.e2e.commands import Ended

Run = Callable[..., Ended]

ROWS = """person;post;municipality;start;end;reason;fte
a;1;0301;2018-01-01;2019-12-31;;1
a;1;0301;2020-01-01;31.12.2021;hospital;1
b;1;0301;2022-01-01;;;0.5
b;1;0301;2022-01-01;;;0.5
c;2;5014;2020-05-01;2019-05-01;;1
secret;2;Frøya;2020-05-01;;;1
007;2;5014;2020-05-01;2021-05-01;15;1
7;3;5014;2020-05-01;9999-12-31;;1
"""
SNAPSHOTS = """who,post,municipality,day
a,1,301,2020-01-01
b,2,301,2021-01-01
b,2,301,2022-01-01
c,3,301,2022-01-01
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str, language: str = "nb") -> Ended:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["stabil", "--language", language, "research", *words])
        monkeypatch.setenv("STABIL_DATABASE_URL", f"sqlite:///{tmp_path / 'never_opened.db'}")
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    (tmp_path / "events.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "snapshots.csv").write_text(SNAPSHOTS, encoding="utf-8")
    return command


def test_every_row_is_kept_or_told(run: Run, tmp_path: Path) -> None:
    words = (
        "--rejects",
        "r.csv",
        "--periods",
        "p.parquet",
        "--cause",
        "15=retired",
        "--as-of",
        "2024-12-31",
        "--carry",
        "fte",
    )
    ended = run("spells", "events.csv", "--out", "s.parquet", *words, "--json")
    assert ended.code == 0, ended.err
    found = ended.json
    assert found["rows"] == 8 == found["spells"] + found["joined_rows"] + found["rejected"]
    assert {each["reject"]: each["rows"] for each in found["rejects"]} == {
        "unreadable_municipality": 1,
        "reversed": 1,
        "end_in_future": 1,
        "duplicate": 1,
    }
    spells = pl.read_parquet(tmp_path / "s.parquet")
    assert spells.select("person_id", "municipality_code", "cause", "fte").rows() == [
        ("007", "5014", "retired", 1.0),
        ("a", "0301", "hospital", 1.0),
        ("b", "0301", None, 0.5),
    ]
    assert not {"event", "time_lower_years"} & set(spells.columns)
    rejects = pl.read_csv(tmp_path / "r.csv", infer_schema=False)
    given = pl.read_csv(tmp_path / "events.csv", separator=";", infer_schema=False)
    assert rejects["row_number"].to_list() == ["4", "5", "6", "8"]
    assert rejects.select(given.columns).equals(given[[3, 4, 5, 7]])
    periods = pl.read_parquet(tmp_path / "p.parquet")
    assert periods["exposure_years"].sum() == pytest.approx(spells["duration_years"].sum())
    ends = periods.filter(pl.col("event"))
    assert (ends["person_id"].to_list(), ends["cause"].to_list()) == (["007", "a"], ["retired", "hospital"])
    assert periods["cause"].null_count() == periods.height - 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("8 rader = 2 forløp + 1 rader", "Slutten er før starten.", "Siste dag i filen, 1. januar 2022")),
        ("nn", ("8 rader = 2 forløp + 1 rader", "Kommunen er ikkje fire siffer.", "fila")),
        ("en", ("8 rows = 2 spells + 1 rows", "The end is before the start.", "1 January 2022")),
    ],
)
def test_each_reason_is_told_with_a_row_and_without_the_person(run: Run, language: str, words: tuple[str, ...]) -> None:
    ended = run("spells", "events.csv", "--out", "s.csv", language=language)
    told = " ".join(ended.out.split())
    assert ended.code == 0
    assert all(word in told for word in words)
    assert "municipality Frøya" in told
    assert "secret" not in told


def test_a_last_day_far_ahead_is_not_taken_for_the_last_day_observed(run: Run) -> None:
    assert run("spells", "events.csv", "--out", "s.csv", "--json").json["as_of"] == "2022-01-01"


def test_snapshots_with_names_of_their_own_are_read(run: Run, tmp_path: Path) -> None:
    ended = run("spells", "snapshots.csv", "--out", "s.csv", "--snapshot", "day", "--person", "who", "--json")
    assert ended.code == 0, ended.err
    assert [(each["reject"], each["rows"]) for each in ended.json["rejects"]] == [
        ("start_unknown", 1),
        ("no_follow_up", 1),
    ]
    spells = pl.read_csv(tmp_path / "s.csv", schema_overrides={"municipality_code": pl.String})
    assert spells.select("person_id", "municipality_code").rows() == [("b", "0301")]


def test_simulated_employment_goes_from_rows_to_a_comparison(run: Run, tmp_path: Path) -> None:
    number = pl.int_range(pl.len())
    end = pl.col("start") + pl.duration(days=number * 37 % 4000 + 30)
    rows = (
        pl.DataFrame({"person": [f"p{each}" for each in range(400)]})
        .with_columns(post=pl.col("person"), municipality=pl.lit("5014"), is_simulated=pl.lit(True))
        .with_columns(size=number % 7)
        .with_columns(start=pl.date(2010, 1, 1) + pl.duration(days=number % 300))
        .with_columns(end=pl.when(end < pl.date(2019, 1, 1)).then(end))
    )
    rows.write_parquet(tmp_path / "rows.parquet")
    ended = run("spells", "rows.parquet", "--out", "s.parquet", "--as-of", "2018-12-31", "--carry", "size")
    assert ended.code == 0, ended.err
    assert "Simulert" in ended.out
    assert "not_stated" in ended.out
    columns = ("--time", "duration_years", "--event", "cause", "--entry", "entry_years", "--person", "person_id")
    more = ("--covariates", "size", "--estimators", "km", "--horizons", "1,3", "--resamples", "20")
    fitted = run("fit", "s.parquet", *columns, *more, "--out", "fit", "--json")
    assert fitted.code == 0, fitted.err
    assert (fitted.json["rows"], fitted.json["rejected"]) == (400, 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("events.csv", "--out", "s.xlsx"), ".parquet or .csv"),
        (("events.csv", "--out", "events.csv"), "does not exist yet"),
        (("events.csv", "--out", "s.csv", "--rejects", "s.csv"), "another for each option"),
        (("events.csv", "--out", "none/s.csv"), "a folder that exists"),
        (("events.csv", "--out", "s.csv", "--start", "began"), "person, post, municipality"),
        (("events.csv", "--out", "s.csv", "--snapshot", "day"), "--snapshot"),
        (("events.csv", "--out", "s.csv", "--as-of", "soon"), "2024-12-31"),
        (("events.csv", "--out", "s.csv", "--cause", "15"), "15=hospital"),
        (("events.csv", "--out", "s.csv", "--cause", "15=moved"), "other_municipality"),
        (("events.csv", "--out", "s.csv", "--carry", "size"), "--carry"),
        (("events.csv", "--out", "s.csv", "--interval", "0"), "a positive number"),
        (("none.csv", "--out", "s.csv"), "a file that can be read"),
        (("noise.csv", "--out", "s.csv"), "CSV in UTF-8"),
        (("events.csv", "--out", "s.csv", "--start", "fte", "--end", "fte"), "--as-of"),
    ],
)
def test_nonsense_ends_with_one_sentence_and_no_file(
    run: Run, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "noise.csv").write_bytes(b"\xff\xfe\x00\x80" * 40)
    before = sorted(path.name for path in tmp_path.iterdir())
    ended = run("spells", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_file_of_which_no_row_can_be_used_says_so_and_writes_only_its_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("person,post,municipality,start,end\na,1,5014,2020-01-02,2020-01-01\n")
    ended = run("spells", "bad.csv", "--out", "s.csv", "--periods", "p.csv", "--rejects", "r.csv")
    assert ended.code == 4
    assert "Ingen rad kunne brukes" in ended.out
    assert sorted(path.name for path in tmp_path.glob("?.csv")) == ["r.csv"]
