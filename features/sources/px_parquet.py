"""Turns the Parquet files of PxWebApi 2 into the same long frame as its JSON-stat answers.

What the format loses, and how it is made good:

- it names the columns by the variables' labels, not their codes: the metadata tell which is which;
- it gives each kind of figure a column of its own, and a single one is only called ``value``: the question tells which;
- it writes periods without their letter (``20241`` for ``2024K1``): the codes asked for tell which;
- a missing number is NaN, and its mark stands in a column of its own (``…_symbol``). Older servers write no such
  column: their marks are lost, `UNKNOWN_MARK` says so, and nothing tells a confidential figure from a missing one.

References
----------
PxTools, PCAxis.Serializers (ParquetBuilder): the columns and their names.
"""

import io
import math
import re
from collections.abc import Sequence

import polars as pl

from features.errors import AnswerFault
from features.sources.json_stat import WITHOUT_VALUE, Origin, Variable

UNKNOWN_MARK = "?"
"""Stands where a file holds no number and does not tell why."""


def read_parquet_cells(body: bytes, asked: Sequence[Variable], origin: Origin) -> pl.DataFrame:
    """Cells of a Parquet file of PxWebApi 2.

    Parameters
    ----------
    body : bytes
        The file.
    asked : Sequence[Variable]
        What was asked for: every variable with only the codes that were asked for.
    origin : Origin
        Named by the errors.

    Returns
    -------
    polars.DataFrame
        As `features.sources.json_stat.Dataset.cells`; the order of the rows is the file's.

    Raises
    ------
    SourceAnswerError
        If it is no Parquet, or holds other cells than were asked for.
    """
    try:
        wide = pl.read_parquet(io.BytesIO(body))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise origin.wrong(AnswerFault.FORMAT, f"no Parquet: {body[:60]!r}") from None
    return _long(wide, asked, origin)


def _long(wide: pl.DataFrame, asked: Sequence[Variable], origin: Origin) -> pl.DataFrame:
    """Cells of a Parquet file, which holds a column of figures and one of marks for each kind of figure."""
    contents = next((variable for variable in asked if variable.role == "metric"), None)
    others = [variable for variable in asked if variable is not contents]
    columns = {variable.code: _column_of(variable, wide.columns) for variable in others}
    figures = _figures(contents, wide.columns)
    numbers = {name for name, kind in wide.schema.items() if kind.is_numeric()}
    if None in columns.values() or not set(figures.values()) <= numbers:
        raise origin.wrong(AnswerFault.SHAPE, f"other columns than asked for: {', '.join(wide.columns)[:200]}")
    codes = [
        pl.col(columns[variable.code] or "").cast(pl.String).replace(_written_times(variable)).alias(variable.code)
        for variable in others
    ]
    long = pl.concat(
        wide.select(
            *codes,
            *([] if contents is None else [pl.lit(code).alias(contents.code)]),
            value=pl.col(column).cast(pl.Float64).fill_nan(None),
            mark=_mark_beside(column, wide.columns),
        )
        for code, column in figures.items()
    )
    names = [variable.code for variable in asked]
    if long.height != math.prod(len(variable.codes) for variable in asked) or long.select(names).is_duplicated().any():
        raise origin.wrong(AnswerFault.SHAPE, f"{long.height} cells, other than asked for")
    for variable in asked:
        if set(long[variable.code]) != set(variable.codes):
            raise origin.wrong(AnswerFault.SHAPE, f"other codes of {variable.code} than asked for")
    return long.select(
        *names, value=pl.when(~pl.col("mark").is_in(WITHOUT_VALUE).fill_null(value=False)).then("value"), mark="mark"
    )


def _column_of(variable: Variable, columns: Sequence[str]) -> str | None:
    return next((name for name in (variable.label, variable.code) if name in columns), None)


def _figures(contents: Variable | None, columns: Sequence[str]) -> dict[str, str]:
    """Code of each kind of figure -> its column; the only kind stands in ``value``."""
    if contents is None or (len(contents.codes) == 1 and "value" in columns):
        return {contents.codes[0] if contents else "": "value"}
    return {code: f"{contents.code}_{code}" for code in contents.codes}


def _written_times(variable: Variable) -> dict[str, str]:
    """How Parquet writes a period (``20241``) -> its code (``2024K1``)."""
    if variable.role != "time":
        return {}
    return {re.sub(r"\D", "", code): code for code in variable.codes}


def _mark_beside(column: str, columns: Sequence[str]) -> pl.Expr:
    if f"{column}_symbol" in columns:
        return pl.col(f"{column}_symbol").cast(pl.String)
    return pl.when(pl.col(column).cast(pl.Float64).fill_nan(None).is_null()).then(pl.lit(UNKNOWN_MARK))
