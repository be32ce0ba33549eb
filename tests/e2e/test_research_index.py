"""``stabil research index``, as a person types it."""

import csv
import io
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from api import cli
from api.cli_research import SPELLINGS
from tests.e2e.commands import Ended

CASE: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[1] / "golden" / "cases" / "composite_six_units_by_hand.toml").read_text("utf-8")
)


Index = Callable[..., Ended]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Index:
    def run(*words: str, values: str | None = None, indicators: str | None = None, language: str = "nb") -> Ended:
        paths = {"values": tmp_path / "values.csv", "indicators": tmp_path / "indicators.csv"}
        paths["values"].write_text(table_of_values() if values is None else values, encoding="utf-8")
        paths["indicators"].write_text(table_of_indicators() if indicators is None else indicators, encoding="utf-8")
        files = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
        monkeypatch.setattr(sys, "argv", ["stabil", "--language", language, "research", "index", *files, *words])
        monkeypatch.setenv("STABIL_DATABASE_URL", f"sqlite:///{tmp_path / 'never_opened.db'}")
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run


def table_of_values() -> str:
    figures = CASE["values"]
    rows = [
        f"{unit},{key},{value}" for key in "abcd" for unit, value in zip(figures["units"], figures[key], strict=True)
    ]
    return "\n".join(["unit,indicator,value", *rows]) + "\n"


def table_of_indicators() -> str:
    rows = [",".join(map(str, row)) for row in CASE["structure"]["rows"]]
    return "\n".join(["indicator,parent,weight,direction", *rows]) + "\n"


def shuffled(table: str, seed: int) -> str:
    head, *rows = table.splitlines()
    return "\n".join([head, *Random(seed).sample(rows, len(rows))]) + "\n"


@pytest.mark.parametrize("case", CASE["method"], ids=lambda case: case["name"])
def test_every_aggregate_of_the_case_worked_by_hand_comes_out(index: Index, case: dict[str, Any]) -> None:
    ended = index("--normalise", case["normalise"], "--aggregate", case["aggregate"], "--draws", "40", "--json")
    assert ended.code == 0
    found = {(row["aggregate"], row["unit"]): row for row in ended.json["results"]}
    assert len(found) == 18
    for aggregate, scores in case["scores"].items():
        for unit, score, rank in zip(CASE["values"]["units"], scores, case["ranks"][aggregate], strict=True):
            row = found[aggregate, unit]
            assert (row["score"], row["rank"]) == (pytest.approx(score, abs=1e-8), rank)
            assert 1 <= row["rank_lower"] <= rank <= row["rank_upper"] <= 6
            assert row["weight_known"] == 1
            assert row["level"] == (3 if aggregate == "Index" else 2)


def test_the_order_of_rows_changes_nothing_at_all(index: Index) -> None:
    plain = index("--json", "--draws", "60", "--sensitivity")
    for seed in (1, 2):
        mixed = index(
            "--json",
            "--draws",
            "60",
            "--sensitivity",
            values=shuffled(table_of_values(), seed),
            indicators=shuffled(table_of_indicators(), seed),
        )
        assert mixed.out == plain.out


def test_the_defaults_are_said_to_be_those_they_are(index: Index) -> None:
    method = index("--json", "--draws", "20").json["method"]
    chosen = {key: method[key] for key in ("impute", "treat", "normalise", "weights", "aggregate", "scale", "draws")}
    assert chosen == {
        "impute": "none",
        "treat": "none",
        "normalise": "minmax",
        "weights": "given",
        "aggregate": "arithmetic",
        "scale": [0, 100],
        "draws": 20,
    }


@pytest.mark.parametrize(
    ("option", "spelling", "choice"),
    [
        (option, spelling, choice)
        for option in SPELLINGS
        for choice, known in SPELLINGS[option].items()
        for spelling in known
    ]
    + [
        ("normalise", "Min-Max", "minmax"),
        ("normalise", "z-score", "zscore"),
        ("aggregate", "non-compensatory", "copeland"),
    ],
)
def test_common_spellings_are_understood(index: Index, option: str, spelling: str, choice: str, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    groups.write_text("unit,group\nA,x\nB,x\n", encoding="utf-8")
    ended = index(f"--{option}", spelling, "--groups", str(groups), "--draws", "0", "--json")
    assert ended.json["method"][option] == choice


def test_an_unknown_choice_is_answered_with_those_that_exist(index: Index) -> None:
    ended = index("--aggregate", "best")
    assert ended.code == 3
    assert "arithmetic, geometric, harmonic, copeland, majority" in ended.err


def test_without_draws_there_is_no_interval(index: Index) -> None:
    ended = index("--draws", "0", "--json")
    assert {row["rank_lower"] for row in ended.json["results"]} == {None}
    assert ended.json["sensitivity"] is None


def test_ranks_that_nothing_moves_have_no_shares(index: Index) -> None:
    table = "unit,indicator,value\nA,a,1\nB,a,2\nA,b,3\nB,b,9\n"
    tree = "indicator,parent,weight,direction\ntop,,1,1\na,top,1,1\nb,top,1,1\n"
    ended = index("--draws", "20", "--json", "--sensitivity", values=table, indicators=tree)
    assert "NaN" not in ended.out
    assert {row["total"] for row in ended.json["sensitivity"]["overall"]} == {None}
    assert [(row["rank_lower"], row["rank_upper"]) for row in ended.json["results"]] == [(1, 1), (2, 2)]
    assert index("--draws", "20", values=table, indicators=tree).code == 0


def test_a_missing_value_grows_the_weights_of_the_others_and_is_counted(index: Index) -> None:
    ended = index("--draws", "30", "--json", values=table_of_values().replace("B,a,20\n", "B,a,NA\n"))
    found = {(row["aggregate"], row["unit"]): row for row in ended.json["results"]}
    assert (found["P1", "B"]["score"], found["P1", "B"]["weight_known"]) == (100, 0.75)
    assert found["Index", "B"]["weight_known"] == pytest.approx((2 * 0.75 + 1) / 3)
    assert ended.json["imputed"] == []
    assert "imputation" in {row["choice"] for row in ended.json["sensitivity"]["overall"]}


def test_an_imputed_value_is_told_and_not_counted_as_known(index: Index) -> None:
    table = table_of_values().replace("B,a,20\n", "")
    ended = index("--draws", "0", "--impute", "mean", "--json", "--steps", values=table)
    assert ended.json["imputed"] == [{"unit": "B", "indicator": "a", "value": 38.0}]
    steps = {(row["indicator"], row["unit"]): row for row in ended.json["steps"]}
    taken = steps["a", "B"]
    assert (taken["imputed"], taken["treated"], taken["normalised"]) == (38, 38, pytest.approx(56))
    found = {(row["aggregate"], row["unit"]): row for row in ended.json["results"]}
    assert found["P1", "B"]["score"] == (56 + 3 * 100) / 4
    assert found["P1", "B"]["weight_known"] == 0.75


def test_treated_points_are_told_with_what_they_were(index: Index) -> None:
    names = "ABCDEFGHIJK"
    rows = [f"{unit},{key},{value}" for key in "ab" for unit, value in zip(names, [*range(1, 11), 100], strict=True)]
    ended = index(
        "--treat",
        "auto",
        "--draws",
        "0",
        "--json",
        values="unit,indicator,value\n" + "\n".join(rows),
        indicators="indicator,parent,weight,direction\ntop,,1,1\na,top,1,1\nb,top,1,-1\n",
    )
    told = ended.json["treated"]
    assert [(one["indicator"], one["method"], one["points"]) for one in told] == [
        (key, "winsorise", [{"unit": "K", "value": 100, "treated": 10}]) for key in "ab"
    ]
    assert told[0]["skewness_before"] == pytest.approx(3.25563818)
    assert not told[0]["still_outlying"]


def test_nothing_is_lost_without_a_word(index: Index) -> None:
    ended = index(
        "--draws",
        "0",
        "--json",
        values=table_of_values() + "A,a,10\nA,d,7\nG,x,1\nG,b,much\nA,flat,3\nB,flat,3\n",
        indicators=table_of_indicators() + "flat,P1,1,1\nempty,P1,1,1\nlost,P9,1,1\n",
    )
    assert ended.code == 0
    assert [(row["table"], row["line"], row["indicator"], row["reason"]) for row in ended.json["rejected"]] == [
        ("indicators", 11, "lost", "unknown_parent"),
        ("indicators", 9, "flat", "no_spread"),
        ("indicators", 10, "empty", "no_values"),
        ("values", 20, "d", "contradicted"),
        ("values", 26, "a", "repeated"),
        ("values", 27, "d", "contradicted"),
        ("values", 28, "x", "indicator_not_listed"),
        ("values", 29, "b", "not_a_number"),
    ]
    assert all(row["message"] for row in ended.json["rejected"])
    found = {(row["aggregate"], row["unit"]): row["weight_known"] for row in ended.json["results"]}
    assert found["P1", "B"] == pytest.approx(4 / 6)  # flat and empty are declared, but tell nothing


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"values": ""}, "ingen rader"),
        ({"values": "unit,value\nA,1\n"}, "indicator"),
        ({"values": "unit,indicator,value\nA,x,1\n"}, "ingen verdi"),
        ({"values": "unit,indicator,value\nA,a,1\nB,a,1\n"}, "forskjellig"),
        ({"indicators": "indicator,parent,weight,direction\nx,y,1,1\ny,x,1,1\n"}, "line 2: parents_run_in_a_circle"),
    ],
)
def test_what_cannot_be_computed_ends_with_one_sentence(index: Index, files: dict[str, str], words: str) -> None:
    ended = index("--json", **files)
    assert ended.code == 2
    assert ended.out == ""
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--draws", "1"),
        ("--draws", "-3"),
        ("--scale", "5", "2"),
        ("--aggregate", "geometric", "--scale", "0", "1"),
        ("--impute", "group"),
    ],
)
def test_a_choice_that_cannot_work_is_refused(index: Index, words: tuple[str, ...]) -> None:
    assert index(*words).code == 2


def test_a_band_is_used_only_when_asked_for_and_the_output_says_so(index: Index) -> None:
    table = "indicator,parent,weight,direction,low,high\ntop,,1,1\na,top,1,1,15,35\nb,top,1,-1,,\n"
    plain, banded = (
        index("--draws", "30", "--json", "--normalise", way, indicators=table, language="en").json
        for way in ("minmax", "band")
    )
    assert any("The bounds of a are not used" in note for note in plain["notes"])
    assert any("Without bounds of their own" in note and "b" in note for note in banded["notes"])
    found = {row["unit"]: row["score"] for row in banded["results"]}
    assert found["B"] == 100  # a = 20 lies in the band, b is best
    assert found["E"] == pytest.approx((100 * (1 - 15 / 25) + 0) / 2)


def test_standard_errors_widen_intervals_and_become_a_choice(index: Index) -> None:
    rows = table_of_values().splitlines()
    table = "\n".join([rows[0] + ",standard_error", *(f"{row},8" for row in rows[1:])])
    ended = index("--json", "--draws", "100", values=table)
    assert "data" in {row["choice"] for row in ended.json["sensitivity"]["overall"]}
    assert any("standardfeil" in note for note in ended.json["notes"])


def test_correlations_are_given_on_request(index: Index) -> None:
    assert "correlations" not in index("--json", "--draws", "0").json
    pairs = index("--json", "--draws", "0", "--correlations").json["correlations"]
    assert {(pair["node"], pair["other"], pair["flag"]) for pair in pairs} >= {("c", "d", "negative"), ("a", "b", None)}


def test_csv_holds_the_rows_and_standard_error_what_was_left_out(index: Index) -> None:
    ended = index("--csv", "--draws", "20", values=table_of_values() + "G,x,1\n")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert len(rows) == 18
    assert list(rows[0])[:5] == ["unit", "aggregate", "level", "score", "rank"]
    assert "linje 26" in ended.err


def test_names_with_brackets_and_signs_are_shown_as_they_are(index: Index) -> None:
    table = table_of_values().replace("A,", "[/red]A & «B»,")
    ended = index("--draws", "0", values=table, indicators=table_of_indicators().replace("Index", "[bold]Index"))
    assert ended.code == 0
    assert "[/red]A & «B»" in ended.out
    assert "[bold]Index" in ended.out


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("Enhet", "Vekt med tall", "Rang 1 er høyest")),
        ("nn", ("Eining", "Samvariasjon")),
        ("en", ("Unit", "Rank 1 is")),
    ],
)
def test_tables_are_for_people_in_their_language(index: Index, language: str, words: tuple[str, ...]) -> None:
    ended = index("--draws", "20", "--correlations", language=language, values=table_of_values() + "G,b,x\n")
    assert ended.code == 0
    for word in (*words, "26"):
        assert word in ended.out
