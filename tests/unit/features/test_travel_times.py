"""Travel times that somebody measured."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.errors import BrokenTableError, ContractViolationError, InvalidInputError
from features.travel_times import read_travel_times, travel_minutes

CODES = pl.Series(["0301", "3201", "5014"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "times.csv"


def test_the_way_back_is_another_way_and_what_is_left_out_is_out_of_reach(file: Path) -> None:
    file.write_text("from_code,to_code,minutes,by\n0301,3201,17,bus\n3201,3201,4,foot\n", "utf-8")
    minutes = travel_minutes(read_travel_times(file), CODES)
    assert minutes.tolist() == [[0, 17, np.inf], [np.inf, 4, np.inf], [np.inf, np.inf, 0]]


def test_rows_that_make_no_sense_are_refused_together(file: Path) -> None:
    file.write_text("from_code,to_code,minutes\n0301,3201,-1\n0301,5014,60\n0301,5014,61\n", "utf-8")
    with pytest.raises(ContractViolationError) as refused:
        read_travel_times(file)
    assert refused.value.table == "travel_times"
    assert sum(refused.value.counts.values()) == 3


@pytest.mark.parametrize("text", ["from_code,to_code\n0301,3201\n", None])
def test_a_file_that_is_none_is_refused(file: Path, text: str | None) -> None:
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(BrokenTableError):
        read_travel_times(file)


def test_a_code_of_yesterday_is_refused() -> None:
    times = pl.DataFrame({"from_code": ["0301"], "to_code": ["0219"], "minutes": [20.0]})
    with pytest.raises(InvalidInputError, match="0219"):
        travel_minutes(times, CODES)
