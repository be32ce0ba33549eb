"""KLASS tells the municipalities of a day, their changes, counties and centrality; XML is told from JSON."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features import frames
from features.errors import AnswerFault, SourceAnswerError
from features.sources import klass
from features.sources.transport import Client
from tests.replay import ReplayServer, Reply, ok, page, refused

CODES_AT = "/api/classifications/131/codesAt.json"
CHANGES = "/api/classifications/131/changes.json"
CORRESPONDS = "/api/classifications/131/corresponds.json"
DAY = date(2026, 1, 1)


def code(number: str, name: str, parent: str | None = None) -> dict[str, Any]:
    return {"code": number, "parentCode": parent, "level": "1", "name": name, "shortName": "", "validFrom": None}


def change(old: str | None, new: str | None, day: str = "2024-01-01") -> dict[str, Any]:
    return {
        "oldCode": old,
        "oldName": f"Gamle {old}" if old else None,
        "oldShortName": "",
        "newCode": new,
        "newName": f"Nye {new}" if new else None,
        "newShortName": "",
        "changeOccurred": day,
    }


def link(municipality: str, target: str) -> dict[str, Any]:
    return {"sourceCode": municipality, "sourceName": "", "targetCode": target, "targetName": "Sentralitet"}


def test_the_municipalities_of_a_day_come_without_the_code_for_none(server: ReplayServer, client: Client) -> None:
    server.prepare(CODES_AT, ok({"codes": [code("0301", "Oslo - Oslove"), code("9999", "Uoppgitt")]}))
    assert klass.municipalities_at(client, DAY).rows() == [("0301", "Oslo - Oslove")]
    assert server.asked[0].query == {"language": ["nb"], "date": ["2026-01-01"]}
    assert server.asked[0].headers["Accept"] == "application/json"


def test_the_recorded_codes_are_the_357_municipalities(fixtures: Path, server: ReplayServer, client: Client) -> None:
    server.prepare(CODES_AT, Reply((fixtures / "klass" / "131_codesAt_2026-01-01.json").read_bytes()))
    found = klass.municipalities_at(client, DAY)
    assert found.height == 357
    assert "9999" not in found["municipality_code"]
    assert dict(found.rows())["5636"] == "Unjárga - Nesseby"


def test_counties_come_without_the_code_for_none(server: ReplayServer, client: Client) -> None:
    counties = {"codes": [code("18", "Nordland - Nordlánnda"), code("99", "Uoppgitt")]}
    server.prepare("/api/classifications/104/codesAt.json", ok(counties))
    assert klass.counties_at(client, DAY).rows() == [("18", "Nordland - Nordlánnda")]


def test_levels_and_parents_of_a_classification_come_along(server: ReplayServer, client: Client) -> None:
    server.prepare(
        "/api/classifications/7/codesAt.json", ok({"codes": [code("22", "Leger", "2"), code("2", "Akademi")]})
    )
    assert klass.codes_at(client, 7, DAY).rows() == [("22", "Leger", "2", "1"), ("2", "Akademi", None, "1")]


def test_centrality_is_a_class_for_each_municipality(server: ReplayServer, client: Client) -> None:
    items = [link("0301", "01"), link("1804", "3"), link("9999", "99"), link("1804", "3")]
    server.prepare(CORRESPONDS, ok({"correspondenceItems": items}))
    assert klass.centrality_at(client, DAY).rows() == [("0301", 1), ("1804", 3)]
    assert server.asked[0].query == {
        "language": ["nb"],
        "targetClassificationId": ["128"],
        "from": ["2026-01-01"],
        "to": ["2026-01-02"],
    }


@pytest.mark.parametrize(
    "items",
    [
        [link("0301", "7")],
        [link("0301", "central")],
        [link("0301", "1"), link("0301", "2")],
        [{}],
        [{"targetCode": "1"}],
    ],
)
def test_a_centrality_that_is_no_class_is_refused(items: list[Any], server: ReplayServer, client: Client) -> None:
    server.prepare(CORRESPONDS, ok({"correspondenceItems": items}))
    with pytest.raises(SourceAnswerError) as caught:
        klass.centrality_at(client, DAY)
    assert "classification 128" in caught.value.detail


def test_changes_of_codes_obey_their_contract_and_the_founded_are_counted(server: ReplayServer, client: Client) -> None:
    listed = [
        change("1507", "1508"),
        change("1507", "1580"),
        change("1507", "1580"),
        change(None, "2100"),
        change("1505", ""),
        change("9999", "0301"),
        change("3001", "3101", "2024-01-01T00:00:00"),
    ]
    server.prepare(CHANGES, ok({"codeChanges": listed}))
    found = klass.municipality_code_changes(client, date(2024, 1, 1), date(2024, 1, 2))
    assert frames.CodeChange.is_valid(found.rows)
    assert found.rows.select("old_code", "new_code", "change_date").rows() == [
        ("1507", "1508", date(2024, 1, 1)),
        ("1507", "1580", date(2024, 1, 1)),
        ("3001", "3101", date(2024, 1, 1)),
    ]
    assert found.left_out == 3
    assert (server.asked[0].query["from"], server.asked[0].query["to"]) == (["2024-01-01"], ["2024-01-02"])


def test_no_changes_are_no_rows(server: ReplayServer, client: Client) -> None:
    server.prepare(CHANGES, ok({"codeChanges": []}))
    found = klass.municipality_code_changes(client, DAY, DAY)
    assert (found.rows.height, found.left_out) == (0, 0)


@pytest.mark.parametrize("wrong", [change("1507", "15080"), change("1507", "1508", "soon")])
def test_a_change_that_is_none_is_refused(wrong: dict[str, Any], server: ReplayServer, client: Client) -> None:
    server.prepare(CHANGES, ok({"codeChanges": [wrong]}))
    with pytest.raises(SourceAnswerError) as caught:
        klass.municipality_code_changes(client, DAY, DAY)
    assert caught.value.what is AnswerFault.SHAPE
    assert "1507" in caught.value.detail


def test_an_answer_in_xml_is_told_as_that(server: ReplayServer, client: Client) -> None:
    xml = '<?xml version="1.0" encoding="UTF-8"?><codeList><codeItem><code>0301</code></codeItem></codeList>'
    server.prepare(CODES_AT, Reply(xml.encode(), headers={"Content-Type": "text/xml;charset=UTF-8"}))
    with pytest.raises(SourceAnswerError) as caught:
        klass.municipalities_at(client, DAY)
    assert caught.value.what is AnswerFault.FORMAT
    assert caught.value.detail.startswith("XML or HTML")


@pytest.mark.parametrize(
    "reply",
    [
        ok([]),
        ok({}),
        ok({"codes": {}}),
        ok({"codes": ["0301"]}),
        ok({"codes": [{"name": "Oslo"}]}),
        ok({"codes": [code("0301", "")]}),
        ok({"codes": [code("301", "Oslo")]}),
    ],
)
def test_an_answer_of_another_shape_is_refused(reply: Reply, server: ReplayServer, client: Client) -> None:
    server.prepare(CODES_AT, reply)
    with pytest.raises(SourceAnswerError) as caught:
        klass.municipalities_at(client, DAY)
    assert caught.value.what is AnswerFault.SHAPE


@pytest.mark.parametrize("reply", [refused({"title": "Classification not found with id = 999"}, 404), page("x", 400)])
def test_a_refusal_is_told(reply: Reply, server: ReplayServer, client: Client) -> None:
    server.prepare(CODES_AT, reply)
    with pytest.raises(SourceAnswerError) as caught:
        klass.municipalities_at(client, DAY)
    assert caught.value.what is AnswerFault.REFUSED
