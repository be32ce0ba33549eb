from datetime import date

import numpy as np
import polars as pl
import pytest

from features.employment import (
    JobCounts,
    commuters_reach,
    commuting_shares,
    group_shares,
    job_counts,
    job_table,
    yearly_change,
)
from features.errors import InvalidInputError

GROUPS = {"2221": "health", "2330": "teaching"}
YEAR = (date(2024, 1, 1), date(2024, 12, 31))


def rows(*given: tuple[date | None, str | None, str | None]) -> pl.LazyFrame:
    schema = {"month": pl.Date, "workplace_code": pl.String, "styrk08": pl.String}
    return pl.LazyFrame(list(given), schema=schema, orient="row")


def test_rows_that_cannot_be_counted_come_back_by_reason() -> None:
    january = date(2024, 1, 15)
    counts = job_counts(
        rows(
            (january, "0301", "2221"),
            (None, "0301", "2221"),
            (date(2023, 12, 31), "0301", "2221"),
            (date(2025, 1, 1), "0301", "2221"),
            (january, "0302", "2221"),
            (january, None, "2221"),
            (january, "03x1", "2221"),
            (january, "70000", "2221"),
            (january, "0301", "9999"),
            (january, "0301", None),
            (january, "9999", "9999"),
        ),
        YEAR,
        ["0301"],
        GROUPS,
    )
    assert counts.jobs.sum() == 1
    assert counts.rejected == {"month": 3, "workplace_code": 5, "styrk08": 2}


def test_no_rows_give_no_jobs() -> None:
    counts = job_counts(rows(), YEAR, ["0301", "1103"], GROUPS)
    assert counts.jobs.shape == (12, 2, 2)
    assert not counts.jobs.any()


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="not after the last"):
        job_counts(rows(), (date(2024, 2, 1), date(2024, 1, 1)), ["0301"], GROUPS)


@pytest.mark.parametrize("code", ["301", "abcd", "03010"])
def test_a_code_to_count_has_four_digits(code: str) -> None:
    with pytest.raises(InvalidInputError, match="four digits"):
        job_counts(rows(), YEAR, [code], GROUPS)


def counted(jobs: list[list[list[int]]]) -> JobCounts:
    array = np.array(jobs, dtype=np.int64)
    months = tuple(date(2020 + number // 12, number % 12 + 1, 1) for number in range(len(array)))
    return JobCounts(months, ("0301", "1103")[: array.shape[1]], ("health", "teaching")[: array.shape[2]], array, {})


def test_change_compares_with_the_same_month_a_year_before() -> None:
    change = yearly_change(counted([[[number * number]] for number in range(14)]))
    assert np.isnan(change[:12]).all()
    assert change[12:, 0, 0].tolist() == [144.0, 168.0]


def test_shares_of_a_place_without_jobs_are_missing() -> None:
    shares = group_shares(counted([[[1, 3], [0, 0]]]))
    assert shares[0, 0].tolist() == [0.25, 0.75]
    assert np.isnan(shares[0, 1]).all()


def test_reach_follows_where_commuters_go() -> None:
    commuting = pl.DataFrame(
        {"workplace_code": ["1103", "9999"], "residence_code": ["0301", "0301"], "commuters": [10.0, 5.0]}
    )
    shares = commuting_shares(commuting, ["0301", "1103"])
    assert shares.tolist() == [[0.0, 1.0], [0.0, 0.0]]
    reach = commuters_reach(counted([[[1, 2], [30, 40]]]), shares)
    assert reach[0].tolist() == [[30.0, 40.0], [0.0, 0.0]]


def test_the_table_has_a_row_for_every_month_place_and_group() -> None:
    table = job_table(counted([[[1, 3], [0, 0]]] * 13), np.eye(2))
    assert table.height == 13 * 4
    last = table.filter(pl.col("month") == date(2021, 1, 1)).row(1, named=True)
    assert last == {
        "month": date(2021, 1, 1),
        "municipality_code": "0301",
        "occupation_group": "teaching",
        "jobs": 3,
        "change_12m": 0.0,
        "group_share": 0.75,
        "reach": 3.0,
    }
    assert table["change_12m"].null_count() == 12 * 4
