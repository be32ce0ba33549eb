"""Questions to PxWebApi 2 stay within its limits, and errors name table, variable and code."""

import dataclasses
import io
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import AnswerFault, SourceAnswerError
from features.sources.json_stat import Dataset, Variable
from features.sources.px_parquet import UNKNOWN_MARK
from features.sources.pxweb import (
    PxWeb,
    Selections,
    chosen_codes,
    read_metadata,
    read_table,
    read_table_as_parquet,
    split,
    within_own_limits,
)
from features.sources.transport import Client
from tests.px_table import Cell, PxTable, named, selection_of
from tests.replay import Asked, ReplayServer, Reply, ok, page, refused, throttled
from tests.unit.features.sources.conftest import Clock

Reader = Callable[[PxWeb, str, Selections], Dataset]

REGIONS = {"0": "Hele landet", "0301": "Oslo", "1804": "Bodø", "5001": "Trondheim", "EAK": "Landet"}
YEARS = named("2022", "2023", "2024", "2025")
KINDS = {"Lister": "Lister", "Pasienter": "Pasienter"}
MARKS = {("1804", "2023"): ":", ("1804", "2024"): ".", ("5001", "2022"): ".."}


def cell(key: dict[str, str]) -> Cell:
    if mark := MARKS.get((key["Region"], key["Tid"])):
        return mark
    return (
        len(key["Region"]) * 1000.0
        + list(REGIONS).index(key["Region"]) * 10
        + int(key["Tid"][-1])
        + (0.5 if key["ContentsCode"] == "Lister" else 0)
    )


@pytest.fixture
def table(server: ReplayServer) -> PxTable:
    made = PxTable(
        "12345",
        {"Region": REGIONS, "ContentsCode": KINDS, "Tid": YEARS},
        cell,
        names={"Region": "region", "ContentsCode": "statistikkvariabel", "Tid": "år"},
    )
    made.serve(server)
    return made


@pytest.fixture
def service(client: Client) -> PxWeb:
    return PxWeb(client)


def slowly(regions: list[str], kinds: list[str], years: list[str]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for region, kind, year in itertools.product(regions, kinds, years):
        found = cell({"Region": region, "ContentsCode": kind, "Tid": year})
        rows.append((region, kind, year, *((None, found) if isinstance(found, str) else (found, None))))
    return rows


EVERYTHING = {"Region": ("*",), "ContentsCode": ("*",), "Tid": ("*",)}


def test_a_table_comes_back_whole_with_its_marks(service: PxWeb, table: PxTable) -> None:
    dataset = read_table(service, "12345", EVERYTHING)
    assert dataset.cells.rows() == slowly(list(REGIONS), list(KINDS), list(YEARS))
    assert (dataset.label, dataset.updated) == ("12345: a table", "2026-06-15T06:00:00Z")
    assert dict(dataset.variables[0].labels) == REGIONS


def test_only_what_is_wanted_is_asked_for(server: ReplayServer, service: PxWeb, table: PxTable) -> None:
    wanted = {"Tid": ("top(2)",), "Region": ("1804", "0301"), "ContentsCode": ("Lister",)}
    dataset = read_table(service, "12345", wanted)
    assert dataset.cells.rows() == slowly(["0301", "1804"], ["Lister"], ["2024", "2025"])
    asked = server.asked[-1]
    assert (asked.method, asked.query["lang"], asked.query["outputFormat"]) == ("GET", ["no"], ["json-stat2"])
    assert asked.query["valueCodes[Region]"] == ["0301,1804"]
    assert asked.query["valueCodes[Tid]"] == ["2024,2025"]


def test_a_whole_variable_is_asked_for_with_a_star(server: ReplayServer, service: PxWeb, table: PxTable) -> None:
    read_table(service, "12345", EVERYTHING)
    assert server.asked[-1].query["valueCodes[Region]"] == ["*"]


READERS = pytest.mark.parametrize("read", [read_table, read_table_as_parquet])


@READERS
@pytest.mark.parametrize("most_cells", [3, 7, 8, 39, 40])
def test_a_limit_on_cells_is_kept_and_changes_nothing(
    read: Reader, most_cells: int, service: PxWeb, table: PxTable
) -> None:
    table.most_cells = most_cells
    dataset = read(dataclasses.replace(service, most_cells=most_cells), "12345", EVERYTHING)
    assert dataset.cells.rows() == slowly(list(REGIONS), list(KINDS), list(YEARS))
    assert max(table.asked_cells) <= most_cells
    assert sum(table.asked_cells) == 40


@READERS
def test_a_question_too_long_for_an_address_is_posted(
    read: Reader, server: ReplayServer, service: PxWeb, clock: Clock
) -> None:
    codes = named(*(f"{code:04}" for code in range(1, 701)))
    made = PxTable(
        "99999",
        {"Region": codes, "ContentsCode": named("N"), "Tid": named("2025")},
        lambda key: float(key["Region"]),
    )
    made.serve(server)
    wanted = {"Region": tuple(codes)[:600], "ContentsCode": ("N",), "Tid": ("2025",)}
    dataset = read(service, "99999", wanted)
    assert dataset.cells["value"].to_list() == [float(code) for code in range(1, 601)]
    assert server.asked[-1].method == "POST"
    assert selection_of(server.asked[-1])["Region"] == list(codes)[:600]
    few = {"Region": tuple(codes)[:300], "ContentsCode": ("N",), "Tid": ("2025",)}
    assert read(service, "99999", few).cells.height == 300
    methods = {asked.method for asked in server.asked}
    assert methods == {"GET", "POST"}
    assert all(len(asked.target) <= 2_000 for asked in server.asked)


def test_a_variable_that_may_be_left_out_is_summed_over(server: ReplayServer, service: PxWeb) -> None:
    made = PxTable(
        "07459",
        {"Region": named("1804"), "Kjonn": named("1", "2"), "ContentsCode": named("N"), "Tid": named("2025")},
        lambda key: float(key["Kjonn"]),
        eliminable=frozenset({"Kjonn"}),
    )
    made.serve(server)
    dataset = read_table(service, "07459", {"Region": ("*",), "ContentsCode": ("N",), "Tid": ("*",)})
    assert dataset.cells.rows() == [("1804", "N", "2025", 3.0, None)]


@READERS
def test_parquet_gives_the_same_rows_as_json(read: Reader, service: PxWeb, table: PxTable) -> None:
    for wanted in (
        EVERYTHING,
        {"Region": ("1804",), "ContentsCode": ("*",), "Tid": ("2023",)},
        {"Region": ("1804", "5001"), "ContentsCode": ("Pasienter",), "Tid": ("top(3)",)},
    ):
        assert read(service, "12345", wanted).cells.rows() == read_table(service, "12345", wanted).cells.rows()


def test_parquet_without_marks_says_that_they_are_unknown(service: PxWeb, table: PxTable) -> None:
    table.symbols = False
    cells = read_table_as_parquet(service, "12345", EVERYTHING).cells
    marked = cells.filter(pl.col("mark").is_not_null())
    assert set(marked["mark"]) == {UNKNOWN_MARK}
    assert marked["value"].null_count() == marked.height == 2 * len(MARKS)
    assert cells["value"].null_count() == 2 * len(MARKS)


def test_quarters_get_their_letter_back_from_parquet(server: ReplayServer, service: PxWeb) -> None:
    made = PxTable(
        "11111",
        {"ContentsCode": named("N"), "Tid": named("2024K1", "2024K4")},
        lambda key: float(key["Tid"][-1]),
    )
    made.serve(server)
    cells = read_table_as_parquet(service, "11111", {"ContentsCode": ("*",), "Tid": ("*",)}).cells
    assert cells.rows() == [("N", "2024K1", 1.0, None), ("N", "2024K4", 4.0, None)]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"ContentsCode": ("*",), "Tid": ("*",)}, "variable Region that must be chosen"),
        (EVERYTHING | {"Alder": ("*",)}, "no variable Alder"),
        (EVERYTHING | {"Region": ("1804", "9999")}, "variable Region has no 9999"),
        (EVERYTHING | {"Tid": ("from(2030)",)}, "variable Tid has no from(2030)"),
    ],
)
def test_what_a_table_does_not_hold_is_named_before_it_is_asked_for(
    wanted: dict[str, tuple[str, ...]], told: str, server: ReplayServer, service: PxWeb, table: PxTable
) -> None:
    with pytest.raises(SourceAnswerError) as caught:
        read_table(service, "12345", wanted)
    assert caught.value.detail.startswith("table 12345: ")
    assert told in caught.value.detail
    assert [asked.path for asked in server.asked] == ["/api/tables/12345/metadata"]


def test_the_recorded_refusals_name_the_table_the_variables_and_the_publishers_words(
    fixtures: Path, server: ReplayServer, service: PxWeb, table: PxTable
) -> None:
    recorded = json.loads((fixtures / "ssb" / "error_responses.json").read_text("utf-8"))
    for refusal in recorded["errors"]:
        server.prepare("/api/tables/12345/data", Reply(refusal["snippet"].encode(), refusal["status"]))
        with pytest.raises(SourceAnswerError) as caught:
            read_table(service, "12345", EVERYTHING)
        assert caught.value.what is AnswerFault.REFUSED
        assert caught.value.status == refusal["status"]
        title = json.loads(refusal["snippet"])["title"]
        assert caught.value.detail == f"table 12345 (Region, ContentsCode, Tid): {title}"
    long = recorded["singleBatch"]
    server.prepare("/api/tables/12345/data", page(long["body"], long["status"]))
    with pytest.raises(SourceAnswerError) as caught:
        read_table(service, "12345", EVERYTHING)
    assert caught.value.detail == "table 12345 (Region, ContentsCode, Tid): HTTP 404"


def test_a_table_that_does_not_exist_is_told_as_that(server: ReplayServer, service: PxWeb) -> None:
    server.prepare("/api/tables/00000/metadata", refused({"type": "Parameter error", "title": "Non-existent table"}))
    with pytest.raises(SourceAnswerError) as caught:
        read_metadata(service, "00000")
    assert caught.value.detail == "table 00000: Non-existent table"


RUBBISH = {
    "page": page("<title>Vedlikehold</title>"),
    "cut": Reply(b'{"version": "2.0", "class": "dataset", "value": [1, 2'),
    "nothing": Reply(b""),
    "other shape": ok({"rows": []}),
    "a list": ok([]),
    "half a parquet": Reply(b"PAR1" + b"x" * 100),
}


@READERS
@pytest.mark.parametrize("reply", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_in_place_of_cells_is_told_from_them(
    read: Reader, reply: Reply, server: ReplayServer, service: PxWeb, table: PxTable
) -> None:
    server.prepare("/api/tables/12345/data", reply)
    with pytest.raises(SourceAnswerError) as caught:
        read(service, "12345", EVERYTHING)
    assert caught.value.what in (AnswerFault.FORMAT, AnswerFault.SHAPE)


@READERS
def test_an_answer_to_another_question_is_refused(
    read: Reader, server: ReplayServer, service: PxWeb, table: PxTable
) -> None:
    def fewer(asked: Asked) -> Reply:
        query = asked.query | {"valueCodes[Region]": ["1804"]}
        return table.answer(dataclasses.replace(asked, query=query))

    server.prepare("/api/tables/12345/data", fewer)
    with pytest.raises(SourceAnswerError) as caught:
        read(service, "12345", EVERYTHING)
    assert caught.value.what is AnswerFault.SHAPE


def changed(frame: pl.DataFrame) -> Reply:
    written = io.BytesIO()
    frame.write_parquet(written)
    return Reply(written.getvalue())


def test_parquet_with_other_columns_rows_or_types_is_refused(
    server: ReplayServer, service: PxWeb, table: PxTable
) -> None:
    wanted = {"Region": ("*",), "ContentsCode": ("Lister",), "Tid": ("*",)}
    read_table_as_parquet(service, "12345", wanted)
    whole = pl.read_parquet(io.BytesIO(table.answer(server.asked[-1]).body))
    for frame in (
        whole.drop("region"),
        whole.drop("value"),
        whole.head(3),
        whole.with_columns(value=pl.lit("many")),
        whole.with_columns(region=pl.lit("1804")),
        whole.with_columns(region=pl.col("region").replace("1804", "1805")),
    ):
        server.prepare("/api/tables/12345/data", changed(frame))
        with pytest.raises(SourceAnswerError) as caught:
            read_table_as_parquet(service, "12345", wanted)
        assert caught.value.what is AnswerFault.SHAPE


def test_a_part_that_fails_half_way_is_asked_for_again(
    server: ReplayServer, service: PxWeb, table: PxTable, clock: Clock
) -> None:
    def cut(asked: Asked) -> Reply:
        return dataclasses.replace(table.answer(asked), sent=100)

    server.prepare("/api/tables/12345/data", table.answer, cut, throttled("5"), table.answer)
    dataset = read_table(dataclasses.replace(service, most_cells=20), "12345", EVERYTHING)
    assert dataset.cells.rows() == slowly(list(REGIONS), list(KINDS), list(YEARS))
    assert clock.slept == [1, 5]


@pytest.mark.parametrize(
    ("config", "most_cells", "seconds"),
    [
        ({"maxDataCells": 150_000, "maxCallsPerTimeWindow": 3, "timeWindow": 1}, 150_000, 1 / 3),
        ({"maxDataCells": 800_000, "maxCallsPerTimeWindow": 30, "timeWindow": 60}, 800_000, 2.0),
        ({"maxDataCells": 0, "maxCallsPerTimeWindow": 0, "timeWindow": 0}, 800_000, 2.5),
        ({"maxDataCells": None, "maxCallsPerTimeWindow": 30}, 800_000, 2.5),
        ({"maxDataCells": True, "maxCallsPerTimeWindow": "30", "timeWindow": 60}, 800_000, 2.5),
        ({}, 800_000, 2.5),
    ],
)
def test_the_services_own_limits_are_kept_but_none_is_not_unlimited(
    config: dict[str, object], most_cells: int, seconds: float, server: ReplayServer, client: Client
) -> None:
    server.prepare("/api/config", ok(config))
    found = within_own_limits(PxWeb(dataclasses.replace(client, seconds_between_calls=2.5)))
    assert found.most_cells == most_cells
    assert found.client.seconds_between_calls == pytest.approx(seconds)


def test_a_config_of_another_shape_is_refused(server: ReplayServer, service: PxWeb) -> None:
    server.prepare("/api/config", ok([]))
    with pytest.raises(SourceAnswerError):
        within_own_limits(service)


def test_the_same_code_asks_statistics_sweden(fixtures: Path, server: ReplayServer, clock: Clock) -> None:
    folder = fixtures / "scb"
    recorded = json.loads((folder / "pxwebpy_TAB6471_data.json").read_text("utf-8"))
    wanted = {name: tuple(content["category"]["index"]) for name, content in recorded["dimension"].items()}
    server.prepare("/api/config", Reply((folder / "pxwebpy_config.json").read_bytes()))
    server.prepare("/api/tables/TAB6471/metadata", Reply((folder / "pxwebpy_TAB6471_metadata.json").read_bytes()))
    server.prepare("/api/tables/TAB6471/data", Reply((folder / "pxwebpy_TAB6471_data.json").read_bytes()))
    with Client("SCB", f"{server.url}/api", clock=clock, sleep=clock.sleep) as client:
        service = within_own_limits(PxWeb(client, language="sv"))
        dataset = read_table(service, "TAB6471", wanted)
        metadata = read_metadata(service, "TAB6471")
    assert service.most_cells == 150_000
    assert service.client.seconds_between_calls == pytest.approx(1 / 3)
    assert dataset.cells["value"].to_list() == [float(value) for value in recorded["value"]]
    assert dataset.variables[0].labels["01"] == "Stockholms län"
    assert server.asked[-1].query["lang"] == ["sv"]
    whole = {variable.code: variable.codes for variable in metadata.variables}
    assert math.prod(map(len, whole.values())) == 2_006_784
    assert len(split(whole, service.most_cells)) == 14


def test_the_tables_that_statistics_sweden_lists_are_those_that_metadata_can_be_asked_for(fixtures: Path) -> None:
    for name in ("pxwebpy_tables.json", "pxwebpy_search.json"):
        listed = json.loads((fixtures / "scb" / name).read_text("utf-8"))["tables"]
        links = [link["href"] for entry in listed for link in entry["links"] if link["rel"] == "metadata"]
        assert len(links) == len(listed)
        with Client("SCB", "https://statistikdatabasen.scb.se/api/v2") as client:
            addresses = [client.address(f"tables/{entry['id']}/metadata", {"lang": "sv"}) for entry in listed]
        assert addresses == links


def test_the_recorded_answer_of_ssb_comes_out_of_a_whole_call(
    fixtures: Path, server: ReplayServer, service: PxWeb
) -> None:
    recorded = (fixtures / "ssb" / "table_12134_json-stat2.json").read_bytes()
    for path in ("metadata", "data"):
        server.prepare(f"/api/tables/12134/{path}", Reply(recorded))
    wanted = {"KOKkommuneregion0000": ("*",), "ContentsCode": ("KOSAG110000",), "Tid": ("top(1)",)}
    dataset = read_table(service, "12134", wanted)
    assert dataset.cells["value"].to_list() == [81240.0, 66605.0, 62853.0]


YEAR = Variable("Tid", "år", named("2021", "2022", "2023", "2024"), role="time")
AGE = Variable("Alder", "alder", named("000", "001", "105+"))


@pytest.mark.parametrize(
    ("variable", "expressions", "expected"),
    [
        (YEAR, ["*"], ["2021", "2022", "2023", "2024"]),
        (YEAR, ["top(2)"], ["2023", "2024"]),
        (YEAR, ["TOP(9)"], ["2021", "2022", "2023", "2024"]),
        (YEAR, ["bottom(1)"], ["2021"]),
        (AGE, ["top(2)"], ["000", "001"]),
        (AGE, ["bottom(1)"], ["105+"]),
        (YEAR, ["from(2023)"], ["2023", "2024"]),
        (YEAR, ["to(2022)"], ["2021", "2022"]),
        (YEAR, ["[range(2022,2023)]"], ["2022", "2023"]),
        (YEAR, ["[range(2023, 2022)]"], ["2022", "2023"]),
        (YEAR, ["2024", "2021", "2024"], ["2021", "2024"]),
        (YEAR, ["202?"], ["2021", "2022", "2023", "2024"]),
        (AGE, ["00*"], ["000", "001"]),
        (AGE, ["105+"], ["105+"]),
        (YEAR, ["from(2024)", "2021"], ["2021", "2024"]),
    ],
)
def test_an_expression_chooses_codes_as_the_service_would(
    variable: Variable, expressions: list[str], expected: list[str]
) -> None:
    assert chosen_codes(variable, expressions) == tuple(expected)


@pytest.mark.parametrize(
    "expression",
    ["1999", "", "top()", "top(0)", "top(-1)", "top(1,2)", "from(1999)", "[range(2021,1999)]", "range(2021)", "19*"],
)
def test_an_expression_that_chooses_nothing_is_told(expression: str) -> None:
    assert chosen_codes(YEAR, [expression]) is None
    assert chosen_codes(YEAR, ["2021", expression]) is None


@settings(deadline=None)
@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(1, 7), min_size=1, max_size=4),
    st.integers(1, 60),
)
def test_parts_are_small_enough_and_hold_every_cell_once(sizes: dict[str, int], most_cells: int) -> None:
    chosen = {name: tuple(map(str, range(size))) for name, size in sizes.items()}
    parts = split(chosen, most_cells)
    assert all(math.prod(map(len, part.values())) <= most_cells for part in parts)
    cells = sorted(key for part in parts for key in itertools.product(*(part[name] for name in chosen)))
    assert cells == sorted(itertools.product(*chosen.values()))
