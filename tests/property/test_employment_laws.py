from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import employment
from features.employment import commuters_reach, commuting_shares, job_counts, job_table

CODES = ["0301", "1103", "5001"]
GROUP_OF = {"2221": "health", "2212": "health", "2330": "teaching"}
PERIOD = (date(2023, 6, 1), date(2024, 8, 31))

ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.dates(date(2023, 4, 1), date(2024, 10, 31))),
        st.one_of(st.none(), st.sampled_from([*CODES, "9999", "x"])),
        st.one_of(st.none(), st.sampled_from([*GROUP_OF, "0000", ""])),
    ),
    max_size=60,
)
Row = tuple[date | None, str | None, str | None]


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"month": pl.Date, "workplace_code": pl.String, "styrk08": pl.String}, orient="row"
    )


def slow_count(rows: list[Row], month: date, code: str, group: str) -> int:
    return sum(
        1
        for day, workplace, styrk08 in rows
        if day is not None
        and (day.year, day.month) == (month.year, month.month)
        and workplace == code
        and styrk08 is not None
        and GROUP_OF.get(styrk08) == group
    )


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_counts_are_those_of_counting_one_by_one(rows: list[Row]) -> None:
    counts = job_counts(frame(rows).lazy(), PERIOD, CODES, GROUP_OF)
    expected = [
        [[slow_count(rows, m, code, group) for group in counts.groups] for code in CODES] for m in counts.months
    ]
    assert counts.jobs.tolist() == expected
    assert counts.jobs.sum() + sum(counts.rejected.values()) == len(rows)


@given(ROWS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_does_not_matter(rows: list[Row], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    first = job_counts(frame(rows).lazy(), PERIOD, CODES, GROUP_OF)
    second = job_counts(frame(shuffled).lazy(), PERIOD, CODES, GROUP_OF)
    assert (first.jobs == second.jobs).all()
    assert first.rejected == second.rejected


def test_chunks_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    days = [date(2023, 6, 1), date(2023, 12, 5), date(2024, 8, 31), date(2025, 1, 1)]
    rows: list[Row] = [
        (days[rng.integers(4)], [*CODES, "9999"][rng.integers(4)], [*GROUP_OF, "0000"][rng.integers(4)])
        for _ in range(5_000)
    ]
    frame(rows).write_parquet(tmp_path / "rows.parquet", row_group_size=500)
    whole = job_counts(frame(rows).lazy(), PERIOD, CODES, GROUP_OF)
    monkeypatch.setattr(employment, "CHUNK_ROWS", 700)
    parts = job_counts(pl.scan_parquet(tmp_path / "rows.parquet"), PERIOD, CODES, GROUP_OF)
    assert (parts.jobs == whole.jobs).all()
    assert parts.rejected == whole.rejected


def test_the_table_is_that_of_plain_joins() -> None:
    rng = np.random.default_rng(4)
    rows: list[Row] = [
        (date(2023 + m // 12, m % 12 + 1, 3), CODES[rng.integers(3)], list(GROUP_OF)[rng.integers(3)])
        for m in rng.integers(5, 20, size=2_000)
    ]
    commuting = pl.DataFrame(
        {
            "workplace_code": ["1103", "5001", "0301", "5001"],
            "residence_code": ["0301", "0301", "1103", "1103"],
            "commuters": [30.0, 10.0, 5.0, 5.0],
        }
    )
    table = job_table(job_counts(frame(rows).lazy(), PERIOD, CODES, GROUP_OF), commuting_shares(commuting, CODES))
    table = table.with_columns(pl.col("municipality_code", "occupation_group").cast(pl.String))
    plain = (
        frame(rows)
        .with_columns(
            month=pl.col("month").dt.truncate("1mo"), occupation_group=pl.col("styrk08").replace_strict(GROUP_OF)
        )
        .group_by("month", "occupation_group", municipality_code="workplace_code")
        .len("jobs")
    )
    keys = ["month", "municipality_code", "occupation_group"]
    both = table.join(plain, on=keys, how="left", suffix="_plain").with_columns(pl.col("jobs_plain").fill_null(0))
    assert both["jobs"].to_list() == both["jobs_plain"].to_list()
    before = table.select(pl.col("month").dt.offset_by("12mo"), *keys[1:], before="jobs")
    changed = table.join(before, on=keys, how="left")
    assert changed["change_12m"].to_list() == (changed["jobs"] - changed["before"]).cast(pl.Float64).to_list()
    reach = (
        table.join(commuting, left_on="municipality_code", right_on="workplace_code")
        .with_columns(share=pl.col("commuters") / pl.when(pl.col("residence_code") == "0301").then(40).otherwise(10))
        .group_by("month", "occupation_group", municipality_code="residence_code")
        .agg(plain=(pl.col("jobs") * pl.col("share")).sum())
    )
    compared = table.join(reach, on=keys, how="left").with_columns(pl.col("plain").fill_null(0.0))
    np.testing.assert_allclose(compared["reach"], compared["plain"], rtol=1e-12)


def test_reach_of_twice_the_jobs_is_twice_the_reach() -> None:
    rows: list[Row] = [(date(2024, 1, 1), "0301", "2221"), (date(2024, 1, 1), "1103", "2330")]
    once = job_counts(frame(rows).lazy(), PERIOD, CODES, GROUP_OF)
    twice = job_counts(frame(rows * 2).lazy(), PERIOD, CODES, GROUP_OF)
    shares = np.full((3, 3), 1 / 3)
    np.testing.assert_allclose(commuters_reach(twice, shares), 2 * commuters_reach(once, shares))
