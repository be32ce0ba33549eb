"""``stabil research solve``, as a person types it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import cli

NONE_STABLE = {
    "proposers": [{"id": "s", "preferences": ["x", "y"]}],
    "posts": [
        {"id": "x", "capacity": 1, "preferences": [["a"], ["s"]]},
        {"id": "y", "capacity": 1, "preferences": [["s"], ["b"]]},
    ],
    "couples": [{"members": ["a", "b"], "preferences": [["x", "y"]]}],
}
STABLE = {
    "proposers": [{"id": 1, "preferences": ["x"]}, {"id": 2, "preferences": ["x", "y"]}],
    "posts": [{"id": "x", "capacity": 1, "preferences": [[1, 2]]}, {"id": "y", "capacity": 0, "preferences": []}],
}
ROOT = Path(__file__).parents[2]
Solve = Callable[..., tuple[int, str, str]]


@pytest.fixture
def solve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Solve:
    def run(content: Any, *words: str, language: str = "nb") -> tuple[int, str, str]:
        file = tmp_path / "instance.json"
        if content is not None:
            file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        command = ["stabil", "--language", language, "research", "solve", *(words or [str(file)])]
        monkeypatch.setattr(sys, "argv", [word.replace("INSTANCE", str(file)) for word in command])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def test_the_answer_is_printed_as_json(solve: Solve) -> None:
    code, out, err = solve(NONE_STABLE, "INSTANCE", "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert (answer["status"], answer["bound"], answer["ignored"]) == ("none_exists", 1, 0)
    assert answer["matching"].keys() == {"s", "a", "b"}
    assert len(answer["blocking"]) == 1
    assert answer["seconds"] >= 0


def test_the_answer_is_written_to_a_file_or_printed_for_a_dash(solve: Solve, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    code, told, _ = solve(STABLE, "INSTANCE", "--json", str(out))
    assert code == 0
    assert told.startswith("Stabil:")
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["status"] == "stable"
    assert sorted(map(str, written["matching"].values())) == ["None", "x"]
    assert written["ignored"] == 1
    assert json.loads(solve(STABLE, "INSTANCE", "--json", "-")[1])["matching"] == written["matching"]


def test_what_posts_share_is_answered_only_where_it_is_asked(solve: Solve) -> None:
    example = json.loads((ROOT / "docs/examples/one_supervisor.json").read_text("utf-8"))
    answer = json.loads(solve(example, "INSTANCE", "--json")[1])
    assert answer["status"] == "stable"
    assert answer["matching"] == {"anna": "lom", "berit": "skjåk", "carl": None, "dina": "vågå lønnet"}
    assert answer["limits"] == {"veileder i Nord-Gudbrandsdal": {"capacity": 2, "taken": 2}}
    assert answer["reversion"]["moved"] == [{"from_post": "vågå", "to_post": "vågå lønnet", "places": 1}]
    assert answer["reversion"]["capacities"] == {"lom": 1, "skjåk": 1, "vågå": 1, "vågå lønnet": 1}
    assert answer["minimums"]["status"] == "met_by_cap"
    assert answer["minimums"]["reached"] == [{"identifier": "lom", "at_least": 1, "reached": 1, "without_cap": 0}]
    assert answer["minimums"]["cap"] == {"places": 2, "worse_off": 1, "better_off": 1, "blocking": 1}
    plain = json.loads(solve(STABLE, "INSTANCE", "--json")[1])
    assert not {"limits", "reversion", "minimums"} & plain.keys()


def test_without_least_number_and_reversion_the_two_best_have_the_supervisor(solve: Solve) -> None:
    example = json.loads((ROOT / "docs/examples/one_supervisor.json").read_text("utf-8"))
    limited = {name: rows for name, rows in example.items() if name not in ("reversions", "minimums")}
    matching = json.loads(solve(limited, "INSTANCE", "--json")[1])["matching"]
    assert matching == {"anna": None, "berit": "skjåk", "carl": "vågå", "dina": None}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("Felles grenser", "gikk til vågå lønnet: 1", "Minstetallene er nådd", "Oppnådd")),
        ("nn", ("Felles grenser, dei første", "gjekk til vågå lønnet: 1", "Minstetala er nådde", "Utan tak")),
        ("en", ("Shared limits", "went to vågå lønnet: 1", "The least numbers are met", "Reached")),
    ],
)
def test_a_person_reads_what_became_of_what_posts_share(solve: Solve, language: str, words: tuple[str, ...]) -> None:
    example = (ROOT / "docs/examples/one_supervisor.json").read_text("utf-8")
    code, out, _ = solve(example, language=language)
    assert code == 0
    for word in words:
        assert word in out


@pytest.mark.parametrize(
    ("field", "rows", "where"),
    [
        ("limits", [{"id": "l", "capacity": 1, "posts": ["q"]}], 'limits[0].posts[0]: fikk «"q"»'),
        ("reversions", [{"from": "x", "to": "x"}], 'reversions[0].to: fikk «"x"», men ventet en annen stilling'),
        ("reversions", [{"from": "x", "to": "y"}] * 2, "reversions[1].from"),
        ("reversions", [{"from": "x"}], "reversions[0].to"),
        (
            "minimums",
            [{"id": "m", "at_least": 0, "posts": []}],
            "minimums[0].at_least: fikk «0», men ventet et heltall, 1",
        ),
        ("minimums", {}, "minimums: fikk"),
    ],
)
def test_wrong_terms_are_told_where(solve: Solve, field: str, rows: Any, where: str) -> None:
    code, out, err = solve({**STABLE, field: rows})
    assert (code, out) == (2, "")
    assert where in " ".join(err.split())


@pytest.mark.parametrize(("language", "words"), [("nb", "er bevist"), ("nn", "finst"), ("en", "that is proven")])
def test_a_person_reads_what_is_known_and_what_blocks(solve: Solve, language: str, words: str) -> None:
    code, out, _ = solve(NONE_STABLE, language=language)
    assert code == 0
    assert words in out


def test_a_wrong_file_is_told_where(solve: Solve) -> None:
    wrong = {**STABLE, "posts": [*STABLE["posts"], {"id": "z", "capacity": 1, "preferences": [[1], [2, 3]]}]}
    code, out, err = solve(wrong)
    assert (code, out) == (2, "")
    assert "posts[2].preferences[1][1]: fikk «3»" in err


@pytest.mark.parametrize(("content", "words"), [("{", "JSON"), ("[" * 100_000, "JSON"), (None, "en fil som kan åpnes")])
def test_what_is_no_json_is_refused(solve: Solve, content: str | None, words: str) -> None:
    code, _, err = solve(content)
    assert code == 2
    assert words in err


def test_a_time_limit_must_be_above_zero(solve: Solve) -> None:
    assert solve(STABLE, "INSTANCE", "--seconds", "0")[0] == 2
    assert solve(STABLE, "INSTANCE", "--seconds", "nan")[0] == 2
