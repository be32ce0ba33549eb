"""Commands about a municipality's own word, on a database of their own."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from features.errors import InvalidInputError, LocalFileError, UnknownMunicipalityError
from features.self_assessment import load_questionnaire

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("STABIL_DATABASE_URL", f"sqlite:///{tmp_path / 'stabil.db'}")
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return call


def fill(path: Path, **answers: str) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    for row in rows[1:]:
        if row[1] in answers:
            row[7:11] = [answers[row[1]], "", "1.11.2026", "kommuneoverlege"]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows(rows)
    path.write_text(buffer.getvalue(), "utf-8")


def test_template_import_show_and_withdraw(run: Run, tmp_path: Path) -> None:
    written = run("template", "5014", "--format", "csv")
    assert (written.exit_code, "stabil-5014.csv" in written.stdout) == (0, True)
    path = tmp_path / "stabil-5014.csv"
    fill(path, X01="4", F03="12 av 15")
    assert json.loads(run("local", "import", str(path), "--dry-run", "--json").stdout)["saved"] == 0
    taken = run("local", "import", str(path))
    assert (taken.exit_code, "2 svar lagret" in taken.stdout) == (0, True)
    assert "0 svar lagret av 2 riktige (2 sagt før)" in run("local", "import", str(path)).stdout
    shown = run("local", "show", "5014")
    assert "80,0 %" in shown.stdout.replace("\u00a0", " ")
    assert "kommuneoverlege" in shown.stdout
    taken_back = run("local", "withdraw", "5014", "X01", "--by", "personal", "--reason", "feil tall")
    assert taken_back.exit_code == 0
    history = list(csv.DictReader(io.StringIO(run("local", "show", "5014", "--csv").stdout)))
    assert [row["is_withdrawal"] for row in history if row["code"] == "X01"] == ["True", "False"]


def test_a_template_never_writes_over_a_file_unless_told_to(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"filled in")
    refused = run("template", "5014", "--out", str(path))
    assert isinstance(refused.exception, InvalidInputError)
    assert path.read_bytes() == b"filled in"
    assert run("template", "5014", "--out", str(path), "--replace", "--all").exit_code == 0
    assert path.read_bytes().startswith(b"PK")


def test_a_wrong_row_saves_nothing_and_ends_with_its_own_code(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "stabil-5014.csv"
    run("template", "5014", "--format", "csv")
    fill(path, X01="mange", E03="ja")
    refused = run("local", "import", str(path))
    assert refused.exit_code == 4
    assert "«mange» er ikke et tall" in " ".join(refused.stdout.split())
    assert json.loads(run("local", "show", "5014", "--json").stdout)[0]["history"] == []
    accepted = run("local", "import", str(path), "--accept-valid", "--json")
    assert (accepted.exit_code, json.loads(accepted.stdout)["saved"]) == (0, 1)


def test_what_is_no_template_and_no_municipality_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Kjære kommune", "utf-8")
    assert isinstance(run("local", "import", str(path)).exception, LocalFileError)
    assert isinstance(run("local", "import", str(tmp_path / "missing.csv")).exception, InvalidInputError)
    assert isinstance(run("template", "1601").exception, UnknownMunicipalityError)


def test_peers_are_printed_in_every_form(run: Run) -> None:
    table = run("peers", "5014", "--by", "alike", "--count", "2").stdout
    assert "Hitra" in table
    rows = list(csv.DictReader(io.StringIO(run("peers", "5014", "--by", "alike", "--count", "2", "--csv").stdout)))
    assert [row["name"] for row in rows if row["municipality_code"] == "5056"] == ["Hitra"]
    found = json.loads(run("peers", "5014", "--by", "own", "--codes", "5056, 0301", "--json").stdout)
    assert [place["name"] for place in found["peers"]] == ["Oslo", "Hitra"]
    assert "for liten" in run("--language", "nb", "peers", "0301", "--by", "kostra").stdout


def test_a_self_assessment_from_open_to_shown(run: Run, tmp_path: Path) -> None:
    marks = tmp_path / "marks.json"
    statements = load_questionnaire().statements
    marks.write_text(json.dumps({key: {"advantage": -1, "importance": 3} for key in statements}), "utf-8")
    assert "nature_leisure" in run("self-assessment", "questions").stdout
    assert "ikke hatt" in run("self-assessment", "show", "5014").stdout
    assert run("self-assessment", "open", "5014").exit_code == 0
    for side in ("management", "doctors"):
        for _ in range(5):
            assert run("self-assessment", "answer", "5014", str(marks), "--side", side).exit_code == 0
    assert "nok svar" in run("self-assessment", "show", "5014").stdout
    closed = run("self-assessment", "close", "5014")
    assert (closed.exit_code, "−3,0" in closed.stdout or "-3,0" in closed.stdout) == (0, True)
    shown = run("self-assessment", "show", "5014", "--json")
    assert json.loads(shown.stdout)[0]["result"]["gap"]["total"]["score"] == 0
