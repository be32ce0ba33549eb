"""A JSON-stat answer becomes a long frame, however it was written, or is refused with the reason."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import AnswerFault, SourceAnswerError
from features.sources.json_stat import Origin, read_dataset, read_variables

ORIGIN = Origin("SSB", "https://example.org/tables/1", "table 1")

REGIONS = {"0301": "Oslo - Oslove", "1804": "Bodø"}


def answer(**changes: Any) -> dict[str, Any]:
    """Two regions and three years, the second region's second year confidential."""
    plain: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": "1: Lister, etter region og år",
        "updated": "2026-06-15T06:00:00Z",
        "id": ["Region", "Tid"],
        "size": [2, 3],
        "dimension": {
            "Region": {"label": "region", "category": {"index": {"0301": 0, "1804": 1}, "label": REGIONS}},
            "Tid": {"label": "år", "category": {"index": {"2023": 0, "2024": 1, "2025": 2}}},
        },
        "value": [1, 2.5, 3, 4, None, 6],
        "status": {"4": ":"},
    }
    return plain | changes


EXPECTED = [
    ("0301", "2023", 1.0, None),
    ("0301", "2024", 2.5, None),
    ("0301", "2025", 3.0, None),
    ("1804", "2023", 4.0, None),
    ("1804", "2024", None, ":"),
    ("1804", "2025", 6.0, None),
]

WAYS_OF_WRITING: dict[str, dict[str, Any]] = {
    "status by position": {},
    "status in full": {"status": ["", "", None, "", ":", ""]},
    "sparse values": {"value": {"0": 1, "1": 2.5, "2": 3, "3": 4, "5": 6}},
    "marks among the values": {"value": [1, 2.5, 3, 4, ":", 6], "status": ""},
    "marks among sparse values": {"value": {"0": 1, "1": 2.5, "2": 3, "3": 4, "4": ":", "5": 6}, "status": None},
    "a number left beside the mark": {"value": [1, 2.5, 3, 4, 0, 6]},
    "further fields": {"href": None, "note": ["x"], "extension": {"px": {}}},
}


@pytest.mark.parametrize("changes", WAYS_OF_WRITING.values(), ids=WAYS_OF_WRITING)
def test_every_way_of_writing_gives_the_same_rows(changes: dict[str, Any]) -> None:
    assert read_dataset(answer(**changes), ORIGIN).cells.rows() == EXPECTED


def test_title_time_names_and_labels_come_along() -> None:
    dataset = read_dataset(answer(), ORIGIN)
    region, year = dataset.variables
    assert (dataset.label, dataset.updated) == ("1: Lister, etter region og år", "2026-06-15T06:00:00Z")
    assert (region.code, region.label, dict(region.labels)) == ("Region", "region", REGIONS)
    assert (year.codes, year.labels["2024"]) == (("2023", "2024", "2025"), "2024")
    assert dataset.cells.schema == {
        "Region": pl.String,
        "Tid": pl.String,
        "value": pl.Float64,
        "mark": pl.String,
    }


def test_an_index_out_of_order_puts_the_cells_where_they_belong() -> None:
    content = answer()
    content["dimension"]["Region"]["category"]["index"] = {"1804": 1, "0301": 0}
    assert read_dataset(content, ORIGIN).cells.rows() == EXPECTED


def test_one_mark_for_all_stands_at_every_cell() -> None:
    cells = read_dataset(answer(value=[None] * 6, status=".."), ORIGIN).cells
    assert set(cells["mark"]) == {".."}


def test_a_mark_that_only_comments_keeps_its_number() -> None:
    cells = read_dataset(answer(status={"0": "e"}), ORIGIN).cells
    assert cells.row(0) == ("0301", "2023", 1.0, "e")


def test_a_single_category_needs_no_index() -> None:
    content = answer(size=[2, 1], value=[1, 2], status={})
    content["dimension"]["Tid"]["category"] = {"label": {"2025": "2025"}}
    assert read_dataset(content, ORIGIN).cells["Tid"].to_list() == ["2025", "2025"]


def test_a_data_set_without_categories_has_no_rows() -> None:
    content = answer(size=[2, 0], value=[], status=None)
    content["dimension"]["Tid"]["category"] = {"index": []}
    assert read_dataset(content, ORIGIN).cells.height == 0


def test_whether_a_variable_may_be_left_out_is_told() -> None:
    content = answer()
    content["dimension"]["Region"]["extension"] = {"elimination": True}
    region, year = read_variables(content | {"value": [], "role": {"time": ["Tid"], "geo": None}}, ORIGIN)
    assert (region.eliminable, year.eliminable) == (True, False)
    assert (region.role, year.role) == ("", "time")


def broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    content = answer()
    change(content)
    return content


BROKEN: dict[str, Any] = {
    "a list": [],
    "nothing": None,
    "no data set": answer(**{"class": "collection"}),
    "version 1": answer(version="1.3"),
    "no id": answer(id=None),
    "one size too few": answer(size=[2]),
    "a repeated variable": answer(id=["Region", "Region"]),
    "a variable called value": answer(id=["value", "Tid"]),
    "a wrong size": answer(size=[3, 3]),
    "no dimensions": answer(dimension=[]),
    "a missing dimension": broken(lambda content: content["dimension"].pop("Tid")),
    "no category": broken(lambda content: content["dimension"]["Tid"].pop("category")),
    "no index for several": broken(lambda content: content["dimension"]["Region"]["category"].pop("index")),
    "an index with a gap": broken(lambda content: content["dimension"]["Region"]["category"]["index"].update(x=7)),
    "an index of words": broken(lambda content: content["dimension"]["Tid"]["category"].update(index={"a": []})),
    "a repeated category": broken(
        lambda content: content["dimension"]["Tid"]["category"].update(index=["2023", "2023", "2025"])
    ),
    "a value too few": answer(value=[1, 2, 3, 4, 5]),
    "a value too many": answer(value={"6": 1}),
    "a cell without number": answer(value={"first": 1}),
    "values in a string": answer(value="1 2 3 4 5 6"),
    "a number as text": answer(value=["1", 2, 3, 4, 5, 6]),
    "a truth": answer(value=[True, 2, 3, 4, 5, 6]),
    "a list among the values": answer(value=[[1], 2, 3, 4, 5, 6]),
    "an endless number": answer(value=[float("inf"), 2, 3, 4, 5, 6]),
    "a number of 400 digits": answer(value=[10**400, 2, 3, 4, 5, 6]),
    "a status of numbers": answer(status=[1, 2, 3, 4, 5, 6]),
    "a status too few": answer(status=["", ""]),
    "a status beyond the cells": answer(status={"99": "."}),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_an_answer_of_another_shape_is_refused_with_table_and_reason(content: object) -> None:
    with pytest.raises(SourceAnswerError) as caught:
        read_dataset(content, ORIGIN)
    assert caught.value.what is AnswerFault.SHAPE
    assert caught.value.detail.startswith("table 1: ")
    assert caught.value.url == ORIGIN.url


def test_more_cells_than_can_be_held_are_refused_before_they_are_made() -> None:
    content = answer(size=[2, 20_000_000], value={})
    content["dimension"]["Tid"]["category"] = {"index": [str(code) for code in range(10)]}
    with pytest.raises(SourceAnswerError):
        read_dataset(content, ORIGIN)
    many = {"index": [str(code) for code in range(5_000)]}
    wide = answer(size=[5_000, 5_000], value={})
    wide["dimension"] = {"Region": {"category": many}, "Tid": {"category": many}}
    with pytest.raises(SourceAnswerError) as caught:
        read_dataset(wide, ORIGIN)
    assert caught.value.what is AnswerFault.TOO_LARGE


Cell = tuple[float | None, str | None]
Cells = dict[tuple[str, ...], Cell]

numbers = st.one_of(st.integers(-(2**50), 2**50), st.floats(-1e9, 1e9)).map(float)
filled: st.SearchStrategy[Cell] = st.one_of(
    numbers.map(lambda number: (number, None)), st.sampled_from([".", "..", ":", "k", None]).map(lambda m: (None, m))
)


@st.composite
def written_tables(draw: st.DrawFn) -> tuple[Cells, dict[str, Any]]:
    """A cell for every combination of drawn codes, and the same as JSON-stat, each part in a way that is drawn."""
    dimensions = draw(
        st.lists(st.lists(st.text("abc019", min_size=1), min_size=1, max_size=4, unique=True), max_size=4)
    )
    keys = list(itertools.product(*dimensions))
    cells = dict(zip(keys, draw(st.lists(filled, min_size=len(keys), max_size=len(keys))), strict=True))
    values: Any = [number for number, _ in cells.values()]
    status: Any = [mark or "" for _, mark in cells.values()]
    match draw(st.sampled_from(["list", "positions", "among"])):
        case "among":
            values = [number if mark is None else mark for number, mark in cells.values()]
            status = draw(st.sampled_from(["", None, {}]))
        case "positions":
            status = {str(place): mark for place, mark in enumerate(status) if mark}
    if draw(st.booleans()):
        values = {str(place): value for place, value in enumerate(values) if value is not None}
    indexes = [draw(st.sampled_from([codes, {code: at for at, code in enumerate(codes)}])) for codes in dimensions]
    names = [f"V{place}" for place in range(len(dimensions))]
    return cells, {
        "version": "2.0",
        "class": "dataset",
        "id": names,
        "size": [len(codes) for codes in dimensions],
        "dimension": {name: {"category": {"index": index}} for name, index in zip(names, indexes, strict=True)},
        "value": values,
        "status": status,
    }


@settings(deadline=None)
@given(written_tables())
def test_a_written_table_reads_back_as_a_slow_reader_would_read_it(table: tuple[Cells, dict[str, Any]]) -> None:
    cells, content = table
    read = read_dataset(json.loads(json.dumps(content)), ORIGIN).cells
    assert read.rows() == [(*key, *cell) for key, cell in cells.items()]


def test_the_recorded_answer_of_ssb_is_read(fixtures: Path) -> None:
    content = json.loads((fixtures / "ssb" / "table_12134_json-stat2.json").read_text("utf-8"))
    dataset = read_dataset(content, Origin("SSB", "https://example.org"))
    assert dataset.cells.rows() == [
        ("0301", "KOSAG110000", "2024", 81240.0, None),
        ("4601", "KOSAG110000", "2024", 66605.0, None),
        ("5001", "KOSAG110000", "2024", 62853.0, None),
    ]
    assert dataset.variables[0].labels["5001"] == "Trondheim - Tråante"
    assert dataset.updated == "2026-03-16T07:00:00Z"


def test_the_recorded_answer_of_statistics_sweden_is_read_cell_by_cell(fixtures: Path) -> None:
    content = json.loads((fixtures / "scb" / "pxwebpy_TAB6471_data.json").read_text("utf-8"))
    dataset = read_dataset(content, Origin("SCB", "https://example.org"))
    index = [list(content["dimension"][code]["category"]["index"]) for code in content["id"]]
    slow = [(*key, float(value), None) for key, value in zip(itertools.product(*index), content["value"], strict=True)]
    assert dataset.cells.rows() == slow
    assert dataset.cells.height == 21 * 11 * 3 * 1 * 4


def test_the_recorded_metadata_of_statistics_sweden_tells_the_variables(fixtures: Path) -> None:
    content = json.loads((fixtures / "scb" / "pxwebpy_TAB6471_metadata.json").read_text("utf-8"))
    variables = read_variables(content, Origin("SCB", "https://example.org"))
    assert [(variable.code, len(variable.codes), variable.eliminable) for variable in variables] == [
        ("Region", 312, True),
        ("Alder", 134, False),
        ("Kon", 3, True),
        ("ContentsCode", 1, False),
        ("Tid", 16, False),
    ]
