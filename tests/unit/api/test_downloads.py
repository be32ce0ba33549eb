"""Files that can be downloaded: they read back as what was written, and every column is explained."""

import io
import json
from datetime import date

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from api.data_words import TABLES
from api.services.downloads import (
    NAMES,
    RESULTS,
    ROWS_AT_A_TIME,
    Form,
    as_form,
    contract_columns,
    download_chunks,
)
from features.errors import InvalidInputError
from features.snapshot import CONTRACTS

ALL_CONTRACTS = {**CONTRACTS, **{name: each.contract for name, each in RESULTS.items()}}

FRAME = pl.DataFrame(
    {
        "code": ["0301", "5014", "1103"],
        "text": ['æøå, "sitat"', None, "a\nb"],
        "value": [0.1, None, -3.0],
        "count": [1, 2, None],
        "day": [date(2026, 1, 1), None, date(2025, 12, 31)],
    }
)


def read_back(frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    file = io.BytesIO(b"".join(download_chunks(frame, form)))
    if form == "parquet":
        return pl.read_parquet(file)
    if form == "json":
        return pl.read_json(file, schema=frame.schema)
    return pl.read_csv(file, schema=frame.schema)


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_a_file_reads_back_as_what_was_written(form: Form) -> None:
    assert_frame_equal(read_back(FRAME, form), FRAME)


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
@pytest.mark.parametrize("rows", [0, 1, ROWS_AT_A_TIME, ROWS_AT_A_TIME + 1])
def test_no_row_is_lost_between_the_pieces(form: Form, rows: int) -> None:
    frame = pl.DataFrame({"number": pl.int_range(rows, eager=True)})
    assert read_back(frame, form)["number"].to_list() == list(range(rows))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
@settings(max_examples=40)
def test_figures_keep_every_digit(values: list[float]) -> None:
    frame = pl.DataFrame({"value": values}, schema={"value": pl.Float64})
    for form in ("csv", "json"):
        assert read_back(frame, form)["value"].to_list() == values


def test_json_is_a_list_of_objects_with_null_for_what_is_missing() -> None:
    rows = json.loads(b"".join(download_chunks(FRAME, "json")))
    assert rows[1] == {"code": "5014", "text": None, "value": None, "count": 2, "day": None}


@pytest.mark.parametrize("name", NAMES)
def test_every_column_of_every_download_is_explained(name: str) -> None:
    unexplained = [column.name for column in contract_columns(ALL_CONTRACTS[name]) if len(column.meaning) < 5]
    assert unexplained == []


@pytest.mark.parametrize("name", NAMES)
def test_every_download_has_words(name: str) -> None:
    assert TABLES[name]


def test_no_words_are_left_over() -> None:
    assert set(TABLES) == set(NAMES)


class Weather(dy.Schema):
    """Weather of a day.

    ``rain`` is what fell from the sky; ``is_wet`` says whether any did.
    """

    day = dy.Date(primary_key=True)
    rain = dy.Float64(nullable=True, min=0, metadata={"unit": "mm"})
    share = dy.Float64(min=0, max=1)
    kind = dy.Enum(["snow", "rain"])
    is_wet = dy.Bool()
    hours = dy.Int64(min=0, max=24, description="Hours of rain")


def test_a_contract_becomes_a_dictionary_of_its_columns() -> None:
    columns = {column.name: column for column in contract_columns(Weather)}
    assert [column.kind for column in columns.values()] == ["date", "number", "number", "string", "boolean", "integer"]
    assert columns["rain"].meaning == "`rain` is what fell from the sky"
    assert (columns["rain"].unit, columns["share"].unit) == ("mm", "share 0-1")
    assert columns["kind"].limits == "snow, rain"
    assert columns["hours"].limits == "≥ 0, ≤ 24"
    assert columns["hours"].meaning == "Hours of rain"
    assert columns["rain"].is_nullable
    assert columns["day"].is_key


def test_an_ending_that_is_no_form_is_told() -> None:
    assert as_form("parquet") == "parquet"
    with pytest.raises(InvalidInputError, match=r"\.csv, \.parquet, \.json"):
        as_form("xlsx")
