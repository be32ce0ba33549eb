"""Fields of rows as persons, posts, municipalities and dates; what cannot be read is told, not guessed."""

from collections.abc import Sequence

import polars as pl

from features.errors import InvalidInputError
from features.frames import MUNICIPALITY_CODE
from models.spell_table import RowReject

KEYS = ("person", "post", "municipality")
_DATE_FORMS = ("%Y-%m-%d", "%d.%m.%Y")


def given_rows(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the needed columns, as given, with a ``row_number`` from 1.

    Raises
    ------
    InvalidInputError
        If a column is missing, or holds lists or objects.
    """
    if missing := [name for name in columns if name not in rows.columns]:
        raise InvalidInputError("rows", rows.columns, f"also the column {', '.join(missing)}")
    for name in columns:
        if rows.schema[name].is_nested() or rows.schema[name] in (pl.Object, pl.Binary):
            raise InvalidInputError(name, rows.schema[name], "text, numbers or dates")
    return rows.select(columns).with_row_index("row_number", offset=1).with_columns(pl.col("row_number").cast(pl.Int64))


def with_keys(given: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with person, post and municipality as text; null where empty.

    A municipality number without its leading zero, as spreadsheets leave it, gets it back.
    """
    whole = given.schema["municipality"].is_integer()
    texts = [text_of(name) for name in KEYS]
    return given.with_columns(texts).with_columns(
        pl.col("municipality").str.zfill(4) if whole else pl.col("municipality")
    )


def text_of(name: str) -> pl.Expr:
    """Return a column as text without blanks around it; null where nothing is left."""
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).alias(name)


def date_of(given: pl.DataFrame, name: str) -> pl.Expr:
    """Return a column of dates, moments or text (2024-08-31 or 31.08.2024) as dates; null where it cannot be read.

    Raises
    ------
    InvalidInputError
        If the column is of another type.
    """
    dtype = given.schema[name]
    if dtype == pl.String:
        text = text_of(name)
        return pl.coalesce(text.str.to_date(form, strict=False) for form in _DATE_FORMS).alias(name)
    if dtype in (pl.Date, pl.Datetime, pl.Null):
        return pl.col(name).cast(pl.Date)
    raise InvalidInputError(name, dtype, "dates, or text such as 2024-08-31 or 31.08.2024")


def key_faults() -> list[tuple[pl.Expr, RowReject]]:
    """Return what can be wrong with person, post and municipality, for `first_fault`."""
    missing = (RowReject.MISSING_PERSON, RowReject.MISSING_POST, RowReject.MISSING_MUNICIPALITY)
    return [
        *((pl.col(name).is_null(), reject) for name, reject in zip(KEYS, missing, strict=True)),
        (~pl.col("municipality").str.contains(MUNICIPALITY_CODE), RowReject.UNREADABLE_MUNICIPALITY),
    ]


def first_fault(faults: Sequence[tuple[pl.Expr, RowReject]]) -> pl.Expr:
    """Return the first reason, in order, that applies to a row; null where none does."""
    return pl.coalesce(pl.when(is_fault).then(pl.lit(reject.value)) for is_fault, reject in faults).alias("reject")


def split_off(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows without a ``reject``, and the numbers and reasons of the others."""
    kept = rows.filter(pl.col("reject").is_null()).drop("reject")
    if "related_row" not in rows.columns:
        rows = rows.with_columns(related_row=pl.lit(None, dtype=pl.Int64))
    gone = rows.filter(pl.col("reject").is_not_null()).select("row_number", "reject", "related_row")
    return kept.drop("related_row", strict=False), gone


def duplicates(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the rows with ``reject`` and ``related_row`` filled in where an earlier row says the same."""
    first = pl.col("row_number").min().over(list(columns))
    repeats = pl.col("row_number") > first
    return rows.with_columns(
        reject=pl.when(repeats).then(pl.lit(RowReject.DUPLICATE.value)), related_row=pl.when(repeats).then(first)
    )
