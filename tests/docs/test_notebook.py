"""The notebook for researchers runs from its first cell to its last, and shows what it says."""

import json
import re
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "retention_for_researchers.ipynb"


def code_cells() -> list[str]:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_cells_run_in_order_and_find_the_planted_effect(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for place, cell in enumerate(code_cells()):
        exec(compile(cell, f"{NOTEBOOK.name}[{place}]", "exec"), names)
    printed = capsys.readouterr().out
    found = re.search(r"hazard ratio \d\.\d\d \((\d\.\d\d), (\d\.\d\d)\); true on average (\d\.\d\d),", printed)
    assert found is not None, printed
    lower, upper, true = map(float, found.groups())
    assert 0.7 < true < 1
    assert lower <= true <= upper < 1


def test_the_notebook_holds_no_outputs_and_no_paths_of_a_machine() -> None:
    text = NOTEBOOK.read_text("utf-8")
    assert all(not cell.get("outputs") for cell in json.loads(text)["cells"])
    assert not re.search(r"/(home|work|tmp|root|Users)/", text)
