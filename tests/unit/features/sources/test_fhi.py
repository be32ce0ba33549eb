"""FHI's open statistics: sources, tables, dimensions and cells, with the flags among the values kept as marks."""

import json
from pathlib import Path
from typing import Any

import pytest

from features.errors import AnswerFault, SourceAnswerError
from features.sources import fhi
from features.sources.fhi import Category, Choice, Source, Table
from features.sources.transport import Client
from tests.replay import ReplayServer, Reply, ok, page, refused

DATA = "/api/nokkel/Table/754/data"


def recorded(fixtures: Path, name: str) -> Reply:
    return Reply((fixtures / "fhi" / name).read_bytes())


def cells(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "class": "dataset",
        "version": "2.0",
        "label": "Bor alene",
        "updated": "2026-06-01T05:00:00+00:00",
        "id": ["GEO", "AAR"],
        "size": [2, 2],
        "role": {"time": None, "geo": None, "metric": None},
        "dimension": {
            "GEO": {"label": "Geografi", "category": {"index": ["1804", "1841"], "label": {"1804": "Bodø"}}},
            "AAR": {"label": "År", "category": {"index": ["2024_2024", "2025_2025"]}},
        },
        "value": [21.5, "..", ":", None],
        "status": "",
        "extension": {"flags": {"index": ["..", ".", ":"], "label": {}}},
    }
    return plain | changes


def test_flags_among_the_values_become_marks(server: ReplayServer, client: Client) -> None:
    server.prepare(DATA, ok(cells()), method="POST")
    dataset = fhi.read_table(client, "nokkel", "754", [])
    assert dataset.cells.rows() == [
        ("1804", "2024_2024", 21.5, None),
        ("1804", "2025_2025", None, ".."),
        ("1841", "2024_2024", None, ":"),
        ("1841", "2025_2025", None, None),
    ]
    assert (dataset.label, dict(dataset.variables[0].labels)) == ("Bor alene", {"1804": "Bodø", "1841": "1841"})


def test_the_question_says_what_is_wanted_of_each_dimension(server: ReplayServer, client: Client) -> None:
    server.prepare(DATA, ok(cells()), method="POST")
    choices = [Choice("GEO", ("18*",), "all"), Choice("AAR", ("1",), "bottom"), Choice("MEASURE_TYPE", ("RATE",))]
    fhi.read_table(client, "nokkel", "754", choices)
    assert server.asked[0].json() == {
        "dimensions": [
            {"code": "GEO", "filter": "all", "values": ["18*"]},
            {"code": "AAR", "filter": "bottom", "values": ["1"]},
            {"code": "MEASURE_TYPE", "filter": "item", "values": ["RATE"]},
        ],
        "response": {"format": "json-stat2", "maxRowCount": 50_000},
    }


def test_the_recorded_flags_are_kept(fixtures: Path, server: ReplayServer, client: Client) -> None:
    server.prepare(DATA, recorded(fixtures, "norway-open-data_fhi-query-flags.json"), method="POST")
    dataset = fhi.read_table(client, "nokkel", "754", [])
    assert dataset.cells.select("GEO", "value", "mark").rows() == [
        ("0", 81.4, None),
        ("34", None, None),
        ("3450", None, ":"),
    ]
    assert dataset.updated == "2026-06-01T05:00:00+00:00"


def test_the_recorded_example_of_the_documentation_is_asked_and_read(
    fixtures: Path, server: ReplayServer, client: Client
) -> None:
    server.prepare(DATA, recorded(fixtures, "readme_example_response_json-stat2.json"), method="POST")
    choices = [
        Choice("AAR", ("2020_2020", "2021_2021")),
        Choice("INDIKATOR", ("A*", "B*"), "all"),
        Choice("GEO", ("2",), "top"),
        Choice("MEASURE_TYPE", ("TELLER", "RATE")),
    ]
    dataset = fhi.read_table(client, "nokkel", "754", choices)
    assert dataset.cells.select("GEO", "AAR", "value").rows() == [
        ("03", "2020_2020", 3516.0),
        ("03", "2021_2021", 2817.0),
        ("30", "2020_2020", 11219.0),
        ("30", "2021_2021", 16846.0),
    ]
    documented = json.loads((fixtures / "fhi" / "readme_example_request.json").read_text("utf-8"))
    assert server.asked[0].json() == documented


def test_the_recorded_lists_of_sources_and_tables_are_read(
    fixtures: Path, server: ReplayServer, client: Client
) -> None:
    server.prepare("/api/Common/source", recorded(fixtures, "norway-open-data_fhi-sources.json"))
    server.prepare("/api/nokkel/Table", recorded(fixtures, "norway-open-data_fhi-tables.json"))
    assert fhi.sources(client)[1] == Source("nokkel", "Folkehelsestatistikk", "Helsedirektoratet")
    assert fhi.tables(client, "nokkel") == (
        Table("754", "D5c_hjertekar_rater", "2026-05-26T13:25:14.437201Z"),
        Table("868", "D6a_kreft_krg", "2026-04-27T05:00:00Z"),
    )


def test_the_recorded_description_of_a_table_is_read(fixtures: Path, server: ReplayServer, client: Client) -> None:
    server.prepare("/api/nokkel/Table/754/metadata", recorded(fixtures, "norway-open-data_fhi-table-metadata.json"))
    found = fhi.paragraphs(client, "nokkel", "754")
    assert list(found) == ["Om statistikken", "Innsamling, tolkning og bearbeiding av data"]
    assert "Dødsårsaksregisteret" in found["Innsamling, tolkning og bearbeiding av data"]


def test_the_recorded_dimensions_come_with_what_each_category_lies_within(
    fixtures: Path, server: ReplayServer, client: Client
) -> None:
    server.prepare("/api/nokkel/Table/754/dimension", recorded(fixtures, "norway-open-data_fhi-table-dimensions.json"))
    place, year, kind = fhi.dimensions(client, "nokkel", "754")
    assert place.categories == (
        Category("0", "Hele landet", None),
        Category("34", "Innlandet", "0"),
        Category("3450", "Etnedal", "34"),
    )
    assert (year.code, year.label, kind.categories[0].code) == ("AAR", "År", "TELLER")


def test_a_tree_of_categories_is_read_parents_first_and_in_order(server: ReplayServer, client: Client) -> None:
    def leaf(code: str) -> dict[str, Any]:
        return {"value": code, "label": code, "children": []}

    tree = [{"value": "a", "label": "a", "children": [leaf("a1"), leaf("a2")]}, {"value": "b", "label": "b"}]
    server.prepare("/api/x/Table/1/dimension", ok({"dimensions": [{"code": "D", "label": "d", "categories": tree}]}))
    (dimension,) = fhi.dimensions(client, "x", "1")
    assert [(category.code, category.parent) for category in dimension.categories] == [
        ("a", None),
        ("a1", "a"),
        ("a2", "a"),
        ("b", None),
    ]


@pytest.mark.parametrize(
    "content", [{}, [1], [{"title": "without id"}], None, [{"id": None, "title": "x"}], {"sources": []}]
)
def test_a_list_of_another_shape_is_refused(content: object, server: ReplayServer, client: Client) -> None:
    server.prepare("/api/Common/source", ok(content))
    with pytest.raises(SourceAnswerError) as caught:
        fhi.sources(client)
    assert caught.value.what is AnswerFault.SHAPE


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (refused({"title": "Bad Request"}), AnswerFault.REFUSED),
        (page("<title>Feil</title>"), AnswerFault.FORMAT),
        (ok(cells(value=[1])), AnswerFault.SHAPE),
        (ok([]), AnswerFault.SHAPE),
    ],
)
def test_cells_of_another_shape_are_refused_with_the_table(
    reply: Reply, what: AnswerFault, server: ReplayServer, client: Client
) -> None:
    server.prepare(DATA, reply, method="POST")
    with pytest.raises(SourceAnswerError) as caught:
        fhi.read_table(client, "nokkel", "754", [])
    assert caught.value.what is what
    assert "754" in f"{caught.value.detail} {caught.value.url}"
