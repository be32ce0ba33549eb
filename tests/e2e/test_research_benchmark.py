"""``stabil research benchmark`` as a researcher runs it."""

import json
from pathlib import Path

import pytest

from api.services.research_benchmark import BenchmarkRequest, run_benchmark
from features.errors import InvalidInputError
from tests.unit.models.test_benchmarking import folder_with


def request(tmp_path: Path, *, resume: bool = False) -> BenchmarkRequest:
    folder = tmp_path / "b"
    return BenchmarkRequest(
        folder if folder.exists() else folder_with(folder), tmp_path / "out" / "scores.json", None, 2, resume
    )


def test_every_fold_is_scored_in_parallel_and_a_second_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    result = run_benchmark(request(tmp_path), lambda done, of: heard.append((done, of)))
    document = json.loads(result.output.read_text())
    assert [fold["iteration"] for fold in document["folds"]] == [1, 2]
    assert heard == [(0, 2), (1, 2), (2, 2)]
    assert {row["learner"] for row in document["ranks"]} == {"KM", "CPH", "Stabil"}
    first = document["folds"][0]
    document["folds"] = [first]
    result.output.write_text(json.dumps(document))
    again = run_benchmark(request(tmp_path, resume=True), lambda _done, _of: None)
    assert [score.iteration for score in again.scores] == [1, 2]
    assert again.scores[0].seconds == first["seconds"]
    assert not list(result.output.parent.glob("*.part"))


def test_a_file_that_is_no_result_is_not_taken_for_one(tmp_path: Path) -> None:
    asked = request(tmp_path, resume=True)
    asked.output.parent.mkdir()
    asked.output.write_text("[1, 2]")
    with pytest.raises(InvalidInputError, match="a result of this command"):
        run_benchmark(asked, lambda _done, _of: None)
    assert asked.output.read_text() == "[1, 2]"
