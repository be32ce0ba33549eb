"""Values of the units, read from a file; rows that cannot be used come back with the reason."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from features.composite.imputation import Groups
from features.composite.reading import (
    RejectedRow,
    Rejection,
    is_missing,
    plain_number,
    read_rows,
    rejected_rows,
    repeats,
)
from features.composite.structure import Matrix
from features.frames import IndexValue


@dataclass(frozen=True, slots=True)
class UnitValues:
    """Accepted rows of the file, and the others."""

    accepted: dy.DataFrame[IndexValue]
    rejected: tuple[RejectedRow, ...]
    ignored: tuple[str, ...]


def read_unit_values(
    path: Path, indicators: Collection[str], aggregates: Collection[str], rejected: Collection[str]
) -> UnitValues:
    """Read ``unit, indicator, value`` and, if there is one, ``standard_error``.

    A blank value, or a mark such as NA or `..`, says that the value is missing.

    Parameters
    ----------
    indicators, aggregates, rejected : Collection[str]
        What the other file declares: indicators to take values of, aggregates that have none of their own, and rows
        of it that were rejected.

    Raises
    ------
    IndexFileError
        If the file cannot be used at all.
    """
    raw = read_rows(path, "values", ("unit", "indicator", "value"), ("standard_error",))
    judged = raw.rows.with_columns(
        value=pl.when(~is_missing("value")).then(plain_number(raw, "value")),
        is_missing=is_missing("value"),
        standard_error=pl.when(~is_missing("standard_error")).then(plain_number(raw, "standard_error")),
        has_error=~is_missing("standard_error"),
    ).with_columns(reason=_reason(indicators, aggregates, rejected))
    sound = judged.filter(pl.col("reason").is_null()).with_columns(
        reason=repeats(["unit", "indicator"], ["value", "standard_error"])
    )
    failed = pl.concat([judged.filter(pl.col("reason").is_not_null()), sound.filter(pl.col("reason").is_not_null())])
    accepted = sound.filter(pl.col("reason").is_null()).select(list(IndexValue.columns()))
    return UnitValues(IndexValue.validate(accepted), raw.rejected + rejected_rows(raw, failed), raw.ignored)


def read_groups(path: Path, units: list[str]) -> tuple[Groups, tuple[RejectedRow, ...]]:
    """Group of every unit from a file ``unit, group``; units that it does not name share a group of their own.

    Raises
    ------
    IndexFileError
        If the file cannot be used at all.
    """
    raw = read_rows(path, "groups", ("unit", "group"))
    judged = raw.rows.with_columns(
        reason=pl.when(pl.col("unit") == "")
        .then(pl.lit(Rejection.NO_UNIT.value))
        .otherwise(repeats(["unit"], ["group"]))
    )
    named: Mapping[str, str] = dict(judged.filter(pl.col("reason").is_null()).select("unit", "group").iter_rows())
    numbers = {name: number for number, name in enumerate(sorted(set(named.values())), start=1)}
    groups = np.array([numbers[named[unit]] if unit in named else 0 for unit in units], dtype=np.int64)
    return groups, raw.rejected + rejected_rows(raw, judged.filter(pl.col("reason").is_not_null()))


def value_matrix(values: pl.DataFrame, indicators: list[str], units: list[str], column: str) -> Matrix:
    """A column as a matrix, one row per indicator and one column per unit; missing is NaN."""
    matrix = np.full((len(indicators), len(units)), np.nan)
    rows = pl.DataFrame({"indicator": indicators}, schema={"indicator": pl.String}).with_row_index("row")
    columns = pl.DataFrame({"unit": units}, schema={"unit": pl.String}).with_row_index("column")
    placed = values.join(rows, on="indicator").join(columns, on="unit")
    matrix[placed["row"].to_numpy(), placed["column"].to_numpy()] = placed[column].fill_null(np.nan).to_numpy()
    return matrix


def _reason(indicators: Collection[str], aggregates: Collection[str], rejected: Collection[str]) -> pl.Expr:
    def listed(keys: Collection[str]) -> pl.Expr:
        return pl.col("indicator").is_in(sorted(keys))

    return (
        pl.when(pl.col("unit") == "")
        .then(pl.lit(Rejection.NO_UNIT.value))
        .when(pl.col("indicator") == "")
        .then(pl.lit(Rejection.NO_INDICATOR.value))
        .when(listed(aggregates))
        .then(pl.lit(Rejection.AGGREGATE_VALUE.value))
        .when(listed(rejected))
        .then(pl.lit(Rejection.INDICATOR_REJECTED.value))
        .when(~listed(indicators))
        .then(pl.lit(Rejection.UNLISTED.value))
        .when(pl.col("value").is_null() & ~pl.col("is_missing"))
        .then(pl.lit(Rejection.NOT_A_NUMBER.value))
        .when(pl.col("has_error") & (pl.col("standard_error").is_null() | (pl.col("standard_error") < 0)))
        .then(pl.lit(Rejection.ERROR_NOT_A_NUMBER.value))
    )
