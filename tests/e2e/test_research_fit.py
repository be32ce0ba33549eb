"""``stabil research fit``, as a person types it."""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from api import cli
from api.services.research_fit_files import FILES
from models.persistence import hazard_from_document
from tests.e2e.commands import Ended

Fit = Callable[..., Ended]


def spells(rows: int = 360, seed: int = 1) -> pl.DataFrame:
    """Simulated spells: three causes of an end, two that covariates tell apart, some rows that cannot be used."""
    rng = np.random.default_rng(seed)
    size, form = rng.normal(size=rows), rng.choice(["salaried", "self_employed"], rows)
    rates = np.column_stack(
        [0.15 * np.exp(0.8 * size), 0.1 * np.where(form == "salaried", 2.0, 0.6), np.full(rows, 0.04)]
    )
    ends = rng.exponential(1 / rates)
    seen = rng.uniform(1, 9, rows)
    time = np.minimum(ends.min(axis=1), seen)
    cause = np.where(ends.min(axis=1) <= seen, np.array(["moved", "hospital", "retired"])[ends.argmin(axis=1)], "")
    person = np.arange(rows) // 2
    return pl.DataFrame(
        {
            "years": np.where(np.arange(rows) == 7, -1.0, time),
            "reason": cause,
            "doctor": [f"secret-{number}" for number in person],
            "place": [f"K{number}" for number in person % 20],
            "began": pl.Series(np.datetime64("2008-01-01") + rng.integers(0, 4000, rows)),
            "size": pl.Series(size).set(pl.Series(np.arange(rows) % 50 == 3), None),
            "form": form,
            "importance": np.where(np.arange(rows) == 9, np.nan, rng.uniform(0.5, 2.0, rows)),
        }
    )


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fit:
    def run(*words: str, rows: pl.DataFrame | None = None, name: str = "spells.csv", language: str = "nb") -> Ended:
        folder = tmp_path / "given"
        folder.mkdir(exist_ok=True)
        table = spells() if rows is None else rows
        table.write_parquet(folder / name) if name.endswith("parquet") else table.write_csv(folder / name)
        command = ["stabil", "--language", language, "research", "fit", str(folder / name), "--resamples", "20"]
        monkeypatch.setattr(sys, "argv", [*command, "--folds", "2", "--out", str(tmp_path / "out"), *words])
        monkeypatch.setenv("STABIL_DATABASE_URL", f"sqlite:///{tmp_path / 'never_opened.db'}")
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run


CAUSES = ("--time", "years", "--event", "reason", "--person", "doctor", "--weights", "importance")
PLAIN = (*CAUSES, "--group", "place", "--covariates", "size,form", "--horizons", "1,3,50")
FAST = ("--estimators", "km,cox,glm")


def test_all_files_are_written_and_say_the_same(fit: Fit, tmp_path: Path) -> None:
    ended = fit(*PLAIN, "--estimators", "km,cox,glm,lightgbm", "--curves-by", "form", "--json")
    assert ended.code == 0, ended.err
    folder, found = tmp_path / "out", ended.json
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES) == sorted(found["files"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["given", "out"]
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert {name: value for name, value in found.items() if name not in {"out", "files"}} == report
    assert (report["rows"], report["spells"], report["rejected"]) == (360, 358, 2)
    assert report["rejects"] == {"missing_weight": 1, "time_not_positive": 1}
    assert pl.read_csv(folder / "rejects.csv").rows() == [(8, "time_not_positive"), (10, "missing_weight")]
    assert [each["cause"] for each in report["causes"]] == ["hospital", "moved", "retired"]
    assert (report["horizons"], report["horizons_untold"]) == ([1.0, 3.0], [50.0])
    assert report["split"] == {"kind": "person", "cut": None, "folds": 2, "clusters": "person"}
    assert report["card"]["data_sha256"] == hashlib.sha256((tmp_path / "given" / "spells.csv").read_bytes()).hexdigest()
    assert report["behind_best"][report["best"]]["value"] == 0
    best = min(report["estimators"], key=lambda each: each["report"]["integrated_brier"]["value"])
    assert best["estimator"] == report["best"]


def test_two_processes_find_what_one_finds(fit: Fit, tmp_path: Path) -> None:
    words = (*PLAIN, "--estimators", "km,glm", "--json")
    one = fit(*words).json
    rmtree(tmp_path / "out")
    two = fit(*words, "--jobs", "2").json
    for each in (*one["estimators"], *two["estimators"]):
        each.pop("seconds")
    assert one == two


def test_an_error_in_another_process_is_one_sentence(fit: Fit) -> None:
    rows = spells().with_columns(importance=pl.lit(0.0))
    ended = fit(*PLAIN, "--estimators", "glm", "--jobs", "2", rows=rows)
    assert (ended.code, ended.out) == (2, "")
    assert "only zero weights" in ended.err


@pytest.mark.parametrize("jobs", ["0", "-1"])
def test_a_number_of_processes_below_one_is_refused(fit: Fit, jobs: str) -> None:
    ended = fit(*PLAIN, *FAST, "--jobs", jobs)
    assert ended.code == 2
    assert "--jobs" in ended.err


def test_what_truly_matters_is_found_for_each_cause(fit: Fit) -> None:
    report = fit(*PLAIN, *FAST, "--json", rows=spells(700, 2)).json
    cox = next(each for each in report["estimators"] if each["estimator"] == "cox")
    assert cox["report"]["integrated_skill"]["value"] > 0
    c_of_moved = next(one for one in cox["causes"]["moved"] if one["name"] == "harrell_c")
    assert c_of_moved["lower"] > 0.55
    km = next(each for each in report["estimators"] if each["estimator"] == "km")
    assert km["report"]["harrell_c"]["value"] == pytest.approx(0.5)


def test_forecasts_are_of_unseen_rows_and_name_nobody(fit: Fit, tmp_path: Path) -> None:
    assert fit(*PLAIN, *FAST).code == 0
    rows = pl.read_csv(tmp_path / "out" / "predictions.csv")
    assert rows.group_by("estimator").len()["len"].to_list() == [358] * 3
    assert rows["row_number"].n_unique() == 358
    assert (rows.group_by((rows["row_number"] - 1) // 2).agg(pl.col("fold").n_unique())["fold"] == 1).all()
    causes = pl.sum_horizontal(pl.col(f"incidence_{cause}_3") for cause in ("hospital", "moved", "retired"))
    total = rows.select(pl.col("survival_3") + causes).to_series()
    # curves are read from a grid in both, along the logarithm of survival and straight
    assert total.to_numpy() == pytest.approx(np.ones(rows.height), abs=5e-3)
    for path in (tmp_path / "out").iterdir():
        assert "secret" not in path.read_text("utf-8")


def test_the_saved_model_predicts_again_and_its_card_says_of_what(fit: Fit, tmp_path: Path) -> None:
    assert fit(*PLAIN, "--estimators", "glm").code == 0
    document = json.loads((tmp_path / "out" / "model.json").read_text("utf-8"))
    assert document["causes"] == ["hospital", "moved", "retired"]
    assert document["card"]["covariates"] == ["size", "form"]
    assert len(document["card"]["code_sha256"]) == 64
    model: Any = hazard_from_document(document["model"])
    posts = pl.DataFrame({"size": [-1.0, 1.0], "form": ["salaried", "salaried"]})
    incidence = model.predict_cumulative_incidence(posts, [3.0])
    assert incidence[1, 1, 0] > incidence[0, 1, 0]


def test_curves_have_numbers_at_risk_and_the_pictures_stand_alone(fit: Fit, tmp_path: Path) -> None:
    assert fit(*PLAIN, *FAST, "--curves-by", "form").code == 0
    curves = pl.read_csv(tmp_path / "out" / "curves.csv")
    assert set(curves["group"]) == {"salaried", "self_employed"}
    assert (curves["at_risk"].filter(curves["time"] > 0) >= 5).all()
    svg = (tmp_path / "out" / "curves.svg").read_text("utf-8")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    for outside in ("src=", "href=", "@import", "url(", "<script"):
        assert outside not in page
    assert page.replace("http://www.w3.org/2000/svg", "").count("http") == 0


@pytest.mark.parametrize(
    ("language", "words"), [("nb", "Metodene på forløp"), ("nn", "Metodane på forløp"), ("en", "The methods on spells")]
)
def test_the_report_is_in_the_readers_language(fit: Fit, tmp_path: Path, language: str, words: str) -> None:
    ended = fit(*PLAIN, *FAST, language=language)
    assert words in ended.out
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert f'lang="{language}"' in page
    sign = "%" if language == "en" else "\u00a0%"
    assert f">80{sign}<" in (tmp_path / "out" / "curves.svg").read_text("utf-8")
    assert f">60{sign}<" in page
    assert words in page


def test_a_protected_column_is_studied_with_a_warning(fit: Fit, tmp_path: Path) -> None:
    rows = spells().with_columns(kjønn=pl.Series(["k", "m"] * 180))
    ended = fit("--time", "years", "--event", "reason", "--covariates", "size,kjønn", *FAST, rows=rows)
    assert ended.code == 0, ended.err
    assert "kjønn" in ended.out
    assert "aldri til å velge personer" in " ".join(ended.out.split())
    report = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert report["card"]["protected"] == {"kjønn": "sex_and_gender"}


@pytest.mark.parametrize(
    ("words", "kind", "folds", "clusters"),
    [
        (("--split", "group"), "group", 2, "group"),
        (("--split", "forward:2014-06-01", "--start", "began"), "forward", 1, "group"),
        (("--split", "random"), "random", 2, "person"),
    ],
)
def test_every_split_is_told(fit: Fit, words: tuple[str, ...], kind: str, folds: int, clusters: str) -> None:
    report = fit(*PLAIN, "--estimators", "km,cox", *words, "--json").json
    assert (report["split"]["kind"], report["split"]["folds"], report["split"]["clusters"]) == (kind, folds, clusters)


def test_parquet_flags_entry_and_a_column_that_lacks_values_in_one_place(fit: Fit) -> None:
    given = spells()
    rows = given.filter(pl.col("years") > 0).with_columns(
        left=pl.col("reason") != "",
        seen_from=pl.col("years") * 0.3 * (pl.int_range(pl.len()) % 2),
        size=pl.when(pl.col("place") == "K3").then(None).otherwise(pl.col("size").fill_null(0.0)),
    )
    words = ("--time", "years", "--event", "left", "--entry", "seen_from", "--group", "place", "--horizons", "1,3")
    more = ("--covariates", "size,form", "--estimators", "km,cox,glm,lightgbm", "--json")
    ended = fit(*words, *more, rows=rows, name="s.parquet")
    assert ended.code == 0, ended.err
    assert ended.json["entered_late"] == rows.height // 2
    assert ended.json["card"]["filled_covariates"] == ["size"]
    assert ended.json["causes"] == [{"cause": "1", "ended": int(rows["left"].sum())}]


def test_spells_that_nobody_saw_begin_are_refused_with_the_reason(fit: Fit, tmp_path: Path) -> None:
    rows = spells().filter(pl.col("years") > 0).with_columns(seen_from=pl.col("years") * 0.3)
    ended = fit("--time", "years", "--event", "reason", "--entry", "seen_from", "--estimators", "km", rows=rows)
    assert ended.code == 2
    assert "--entry" in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--time", "tid", "--event", "reason"), "tid"),
        (("--time", "years", "--event", "left"), "left"),
        (("--event", "reason"), "start and end dates"),
        (("--time", "doctor", "--event", "reason"), "a column of numbers"),
        (("--time", "years", "--event", "began"), "codes of causes"),
        (("--time", "years", "--event", "reason", "--covariates", "began"), "as a covariate"),
        (("--time", "years", "--event", "reason", "--split", "group"), "--group"),
        (("--time", "years", "--event", "reason", "--split", "forward:soon"), "forward:2019-01-01"),
        (("--time", "years", "--event", "reason", "--estimators", "tree"), "km, cox"),
        (("--time", "years", "--event", "reason", "--horizons", "one"), "1,3,5,10"),
        (("--time", "years", "--event", "reason", "--horizons", "80"), "outlast"),
        (("--time", "years", "--event", "reason", "--resamples", "2"), "20 or more"),
    ],
)
def test_nonsense_ends_with_one_sentence_and_no_folder(
    fit: Fit, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    ended = fit(*words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


def test_a_file_that_is_no_table_and_one_without_ends_are_refused(fit: Fit, tmp_path: Path) -> None:
    none = spells().with_columns(reason=pl.lit(""))
    ended = fit("--time", "years", "--event", "reason", rows=none)
    assert ended.code == 2
    assert "at least one that ended" in ended.err
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert fit(*PLAIN, *FAST).code == 2
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
