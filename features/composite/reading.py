"""Reads CSV files that people make, in Excel too: rows as text with their line, or one error for the whole file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from features.errors import IndexFileError, IndexFileFault

SEPARATORS = (",", ";", "\t")

MISSING_MARKS = ("", "na", "n/a", "nan", "null", "none", ".", "..", ":")
"""What says that a value is missing: of R, of spreadsheets, and of Statistics Norway."""

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"

NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")
"""How workbooks and PDF files begin."""


class Rejection(StrEnum):
    """Why a row is not used."""

    FIELDS = "too_many_fields"
    NO_UNIT = "no_unit"
    NO_INDICATOR = "no_indicator"
    NOT_A_NUMBER = "not_a_number"
    ERROR_NOT_A_NUMBER = "standard_error_not_a_number"
    REPEATED = "repeated"
    CONTRADICTED = "contradicted"
    UNLISTED = "indicator_not_listed"
    AGGREGATE_VALUE = "value_of_an_aggregate"
    INDICATOR_REJECTED = "indicator_rejected"
    WEIGHT = "weight_not_positive"
    DIRECTION = "direction_not_1_or_minus_1"
    BAND = "band_not_two_ordered_numbers"
    GOALPOSTS = "goalposts_not_two_ordered_numbers"
    UNKNOWN_PARENT = "unknown_parent"
    PARENT_REJECTED = "parent_rejected"
    CIRCLE = "parents_run_in_a_circle"
    OUTSIDE = "belongs_to_no_aggregate"
    NO_VALUES = "no_values"
    NO_SPREAD = "no_spread"
    NO_CHILDREN = "no_children_left"


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is not used, and why.

    Attributes
    ----------
    table : str
        ``values``, ``indicators`` or ``groups``.
    line : int or None
        Line of the file, the header being 1; None for what only follows from other rows.
    given : str
        The row as it was written.
    """

    table: str
    line: int | None
    unit: str | None
    indicator: str | None
    given: str
    reason: Rejection


@dataclass(frozen=True, slots=True)
class RawRows:
    """Rows of a file as text, one column per wanted name (blank where absent) beside ``line`` and ``given``."""

    table: str
    path: Path
    rows: pl.DataFrame
    rejected: tuple[RejectedRow, ...]
    has_decimal_comma: bool
    ignored: tuple[str, ...]


def read_rows(path: Path, table: str, required: Sequence[str], optional: Sequence[str] = ()) -> RawRows:
    """Rows of a CSV file with comma, semicolon or tab, in UTF-8 or as Excel writes it.

    Parameters
    ----------
    table : str
        What the file is called in messages.
    required, optional : Sequence[str]
        Names of columns, in any order and any case; others are ignored and named in the result.

    Raises
    ------
    IndexFileError
        If the file is missing, is no CSV, is empty or lacks a required column.
    """
    text = _text(path, table)
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise IndexFileError(table, path, IndexFileFault.EMPTY)
    header_line = next(line for line in lines if line.strip())
    separator = max(SEPARATORS, key=lambda sign: (_wanted(header_line, sign, required), header_line.count(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        numbered = [(reader.line_num, row) for row in reader if any(field.strip() for field in row)]
    except csv.Error as error:
        raise IndexFileError(table, path, IndexFileFault.NOT_CSV, f"line {reader.line_num}: {error}") from error
    names = [name.strip().lower() for name in numbered[0][1]]
    missing = [name for name in required if names.count(name) != 1]
    if missing:
        raise IndexFileError(table, path, IndexFileFault.COLUMNS, ", ".join(missing))
    if len(numbered) == 1:
        raise IndexFileError(table, path, IndexFileFault.EMPTY)
    return _raw_rows(path, table, names, numbered[1:], (*required, *optional), separator)


def rejected_rows(raw: RawRows, rows: pl.DataFrame) -> tuple[RejectedRow, ...]:
    """The rows of a frame with ``line``, ``given`` and ``reason`` (and perhaps ``unit``, ``indicator``) as rejected."""
    blank = [pl.lit(None, dtype=pl.String).alias(name) for name in ("unit", "indicator") if name not in rows.columns]
    return tuple(
        RejectedRow(raw.table, line, unit or None, indicator or None, given, Rejection(reason))
        for line, unit, indicator, given, reason in rows.with_columns(blank)
        .sort("line")
        .select("line", "unit", "indicator", "given", "reason")
        .iter_rows()
    )


def plain_number(raw: RawRows, column: str) -> pl.Expr:
    """Text of a column as a number: spaces between thousands and a decimal comma are understood; else null."""
    text = pl.col(column).str.replace_all(r"[\s\u00a0\u202f]", "").str.replace_all("−", "-", literal=True)
    if raw.has_decimal_comma:
        # A full stop might then mean thousands: such a number is not guessed at.
        text = text.str.replace_all(".", "?", literal=True).str.replace_all(",", ".", literal=True)
    return pl.when(text.str.contains(NUMBER)).then(text.cast(pl.Float64, strict=False)).replace({float("inf"): None})


def is_missing(column: str) -> pl.Expr:
    """Whether a column's text says that the value is missing."""
    return pl.col(column).str.to_lowercase().is_in(MISSING_MARKS)


def repeats(key: Sequence[str], content: Sequence[str]) -> pl.Expr:
    """Why a row that shares its key with others is not used; null for rows to keep.

    Where all say the same, the first is kept; where they contradict each other, none is.
    """
    agree = pl.struct(content).n_unique().over(key) == 1
    is_first = pl.col("line") == pl.col("line").min().over(key)
    return (
        pl.when((pl.len().over(key) == 1) | (agree & is_first))
        .then(None)
        .when(agree)
        .then(pl.lit(Rejection.REPEATED.value))
        .otherwise(pl.lit(Rejection.CONTRADICTED.value))
    )


def _text(path: Path, table: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IndexFileError(table, path, IndexFileFault.MISSING, str(error.strerror)) from None
    if content.startswith(NOT_TEXT):
        raise IndexFileError(table, path, IndexFileFault.NOT_CSV)
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise IndexFileError(table, path, IndexFileFault.NOT_CSV)


def _wanted(header: str, separator: str, required: Sequence[str]) -> int:
    names = [name.strip().strip('"').lower() for name in header.split(separator)]
    return sum(name in names for name in required)


def _raw_rows(
    path: Path,
    table: str,
    names: Sequence[str],
    numbered: Sequence[tuple[int, list[str]]],
    columns: Sequence[str],
    separator: str,
) -> RawRows:
    fitting = [(line, row) for line, row in numbered if not any(field.strip() for field in row[len(names) :])]
    overlong = tuple(
        RejectedRow(table, line, None, None, separator.join(row), Rejection.FIELDS)
        for line, row in numbered
        if any(field.strip() for field in row[len(names) :])
    )
    places = {name: names.index(name) if name in names else len(names) for name in columns}
    texts = {
        name: [row[place].strip() if place < len(row) else "" for _, row in fitting] for name, place in places.items()
    }
    rows = pl.DataFrame(
        {"line": [line for line, _ in fitting], "given": [separator.join(row) for _, row in fitting]} | texts,
        schema={"line": pl.Int64, "given": pl.String} | dict.fromkeys(columns, pl.String),
    )
    commas = separator != "," and any(
        rows[name].str.contains(r"^[+\-−]?[\d\s\u00a0\u202f]*,\d+$").any() for name in columns
    )
    ignored = tuple(name for name in names if name and name not in columns)
    return RawRows(table, path, rows, overlong, commas, ignored)
