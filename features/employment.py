"""Counts jobs by month, municipality and occupation group from person-month rows too many to hold in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError

CHUNK_ROWS = 500_000
"""Rows that are held at a time."""

NO_CODE = 10_000
"""Number that stands for text that is no number; codes have four digits."""

MONTHS_PER_YEAR = 12

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Jobs by month, municipality of work and occupation group, and the rows that could not be counted.

    Attributes
    ----------
    months : tuple[date, ...]
        First day of each month, without gaps.
    jobs : numpy.ndarray of shape (months, municipalities, groups)
        Rows counted; a person with two jobs in a month has two rows.
    rejected : dict[str, int]
        Rows left out, by reason: ``month`` missing or outside the period, ``workplace_code`` or ``styrk08`` unknown.
        A row with several faults is counted under the first of them.
    """

    months: tuple[date, ...]
    municipality_codes: tuple[str, ...]
    groups: tuple[str, ...]
    jobs: Integers
    rejected: dict[str, int]


def job_counts(
    rows: pl.LazyFrame, period: tuple[date, date], municipality_codes: Sequence[str], group_of: Mapping[str, str]
) -> JobCounts:
    """Jobs per month, municipality of work and occupation group.

    The rows are read as a stream, in any order: memory grows with months × municipalities × groups, not with rows.

    Parameters
    ----------
    rows : polars.LazyFrame
        One row per person, job and month: ``month`` (Date, any day of it), ``workplace_code`` and ``styrk08``
        (String, four digits each); other columns are not read.
    period : tuple[date, date]
        First and last month to count, both included.
    municipality_codes : Sequence[str]
        Codes to count, in the order of the result. Rows on the codes of other years are rejected: count on those codes
        and convert the result.
    group_of : Mapping[str, str]
        Occupation group of every STYRK-08 code; the groups stand in order of name in the result.

    Returns
    -------
    JobCounts

    Raises
    ------
    InvalidInputError
        If the period ends before it begins, or a code to count is not four digits.

    Examples
    --------
    >>> rows = pl.LazyFrame({
    ...     "month": [date(2024, 1, 1), date(2024, 2, 1), date(2024, 2, 1)],
    ...     "workplace_code": ["0301", "0301", "9999"],
    ...     "styrk08": ["2221", "2221", "2221"],
    ... })
    >>> counted = job_counts(rows, (date(2024, 1, 1), date(2024, 2, 1)), ["0301"], {"2221": "health"})
    >>> counted.jobs[:, 0, 0], counted.rejected["workplace_code"]
    (array([1, 1]), 1)

    References
    ----------
    Statistics Norway, STYRK-08 (KLASS 7).
    """
    months = _months(period)
    groups = tuple(sorted(set(group_of.values())))
    cells = len(municipality_codes) * len(groups)
    # An unknown code points past the last cell; the cell behind it collects the rejected rows.
    place = _lookup({code: index * len(groups) for index, code in enumerate(municipality_codes)}, unknown=cells)
    group = _lookup({code: groups.index(name) for code, name in group_of.items()}, unknown=cells)
    jobs = np.zeros((len(months), cells), dtype=np.int64)
    rejected = {"month": 0, "workplace_code": 0, "styrk08": 0}
    for chunk in _numbered(rows, months[0]).collect_batches(chunk_size=CHUNK_ROWS, maintain_order=False):
        inside = _in_period(chunk, len(months))
        rejected["month"] += chunk.height - inside.height
        if inside.is_empty():
            continue
        places, month = place[inside["workplace_code"].to_numpy()], inside["month"].to_numpy()
        cell = group[inside["styrk08"].to_numpy()]
        cell += places
        np.minimum(cell, cells, out=cell)
        first, last = int(month.min()), int(month.max())
        if first < last:  # files mostly hold one month after the other, and then this pass is saved
            cell += (month - first) * (cells + 1)
        spread = last - first + 1
        table = np.bincount(cell, minlength=spread * (cells + 1)).reshape(spread, cells + 1)
        jobs[first : last + 1] += table[:, :cells]
        if faults := int(table[:, cells].sum()):
            unknown_places = int((places >= cells).sum())
            rejected["workplace_code"] += unknown_places
            rejected["styrk08"] += faults - unknown_places
    shape = (len(months), len(municipality_codes), len(groups))
    return JobCounts(months, tuple(municipality_codes), groups, jobs.reshape(shape), rejected)


def yearly_change(counts: JobCounts) -> Floats:
    """Jobs less the jobs twelve months before, same shape as ``counts.jobs``; NaN in the first twelve months."""
    change = np.full(counts.jobs.shape, np.nan)
    change[MONTHS_PER_YEAR:] = counts.jobs[MONTHS_PER_YEAR:] - counts.jobs[:-MONTHS_PER_YEAR]
    return change


def group_shares(counts: JobCounts) -> Floats:
    """Share (0-1) of each group among the jobs of its month and municipality; NaN where there are none."""
    total = counts.jobs.sum(axis=2, keepdims=True)
    shares: Floats = np.divide(counts.jobs, total, out=np.full(counts.jobs.shape, np.nan), where=total > 0)
    return shares


def commuting_shares(commuting: pl.DataFrame, municipality_codes: Sequence[str]) -> Floats:
    """Where those who commute from each municipality go: row = residence, column = work, each row sums to 1.

    A row without commuters is 0. Those who work where they live are not in the commuting table, so the diagonal is 0.

    Parameters
    ----------
    commuting : polars.DataFrame
        Contract `features.frames.Commuting`; flows to or from other codes are left out.
    municipality_codes : Sequence[str]
    """
    position = {code: index for index, code in enumerate(municipality_codes)}
    flows = commuting.select(
        residence=pl.col("residence_code").replace_strict(position, default=None, return_dtype=pl.Int64),
        workplace=pl.col("workplace_code").replace_strict(position, default=None, return_dtype=pl.Int64),
        commuters="commuters",
    ).drop_nulls()
    matrix = np.zeros((len(position), len(position)))
    matrix[flows["residence"].to_numpy(), flows["workplace"].to_numpy()] = flows["commuters"].to_numpy()
    total = matrix.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)
    return shares


def commuters_reach(counts: JobCounts, shares: Floats) -> Floats:
    """Jobs where those who commute from each municipality work, weighted by how many of them go there.

    Parameters
    ----------
    counts : JobCounts
    shares : numpy.ndarray of shape (municipalities, municipalities)
        From `commuting_shares`.

    Returns
    -------
    numpy.ndarray of shape (months, municipalities, groups)
        The municipality is that of residence.
    """
    reach: Floats = np.matmul(shares, counts.jobs.astype(float))
    return reach


def job_table(counts: JobCounts, shares: Floats) -> pl.DataFrame:
    """Counts, twelve-month change, share and reach as one table, a row for every month, municipality and group.

    Returns
    -------
    polars.DataFrame
        Columns ``month``, ``municipality_code``, ``occupation_group``, ``jobs``, ``change_12m`` (null in the first
        twelve months), ``group_share`` (null without jobs), ``reach``.
    """
    month, place, group = (axis.ravel() for axis in np.indices(counts.jobs.shape, dtype=np.uint16))
    return pl.DataFrame(
        {
            "month": np.array(counts.months, dtype="datetime64[D]")[month],
            "municipality_code": pl.Series(place).cat.to(pl.Enum(counts.municipality_codes)),
            "occupation_group": pl.Series(group).cat.to(pl.Enum(counts.groups)),
            "jobs": counts.jobs.ravel(),
            "change_12m": yearly_change(counts).ravel(),
            "group_share": group_shares(counts).ravel(),
            "reach": commuters_reach(counts, shares).ravel(),
        }
    ).with_columns(pl.col("change_12m", "group_share").fill_nan(None))


def _months(period: tuple[date, date]) -> tuple[date, ...]:
    first, last = (day.year * MONTHS_PER_YEAR + day.month - 1 for day in period)
    if last < first:
        raise InvalidInputError("period", f"{period[0]} to {period[1]}", "a first month that is not after the last")
    return tuple(date(month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1) for month in range(first, last + 1))


def _lookup(number_of: Mapping[str, int], unknown: int) -> NDArray[np.int32]:
    """Number of every four-digit code, by the code read as a whole number of 16 bits."""
    table = np.full(2**16, unknown, dtype=np.int32)
    for code, number in number_of.items():
        if len(code) != 4 or not code.isdecimal():
            raise InvalidInputError("code", code, "four digits")
        table[int(code)] = number
    return table


def _numbered(rows: pl.LazyFrame, first: date) -> pl.LazyFrame:
    """Months counted from the first one, codes as whole numbers: a quarter of the bytes of text."""
    month = pl.col("month").dt.year().cast(pl.Int32) * MONTHS_PER_YEAR + pl.col("month").dt.month()
    return rows.select(
        month=(month - (first.year * MONTHS_PER_YEAR + first.month)).cast(pl.Int32),
        workplace_code=pl.col("workplace_code").cast(pl.UInt16, strict=False).fill_null(NO_CODE),
        styrk08=pl.col("styrk08").cast(pl.UInt16, strict=False).fill_null(NO_CODE),
    )


def _in_period(chunk: pl.DataFrame, months: int) -> pl.DataFrame:
    inside = pl.col("month").is_between(0, months - 1)
    return chunk if chunk.select(inside.all(ignore_nulls=False).fill_null(False)).item() else chunk.filter(inside)
