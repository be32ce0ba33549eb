"""Spells in a file of anybody's: CSV or Parquet, read as it stands."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import polars as pl

from features.errors import InvalidInputError

_SEPARATORS = (",", ";", "\t", "|")
_MISSING = ("", "NA", "NaN", "nan", "null", "NULL", ".")


def read_rows(path: Path) -> tuple[pl.DataFrame, str]:
    """Return the rows of a file and the SHA-256 of its bytes; what stands for missing in CSV is null.

    The separator of CSV is the one that its first line has most of.
    """
    return _read(path, _typed_csv)


def read_text_rows(path: Path) -> tuple[pl.DataFrame, str]:
    """Return the rows of a file and the SHA-256 of its bytes; fields of CSV are text, so that 007 is not 7."""
    return _read(path, _text_csv)


def _read(path: Path, read_csv: Callable[[bytes, str], pl.DataFrame]) -> tuple[pl.DataFrame, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInputError("FILE", path.name, f"a file that can be read ({error.strerror})") from error
    try:
        is_parquet = content[:4] == b"PAR1"
        rows = pl.read_parquet(BytesIO(content)) if is_parquet else read_csv(content, _separator(content))
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InvalidInputError("FILE", path.name, "CSV in UTF-8 with a line of names, or Parquet") from error
    if not rows.height:
        raise InvalidInputError("FILE", path.name, "at least one row below the names")
    return rows, hashlib.sha256(content).hexdigest()


def _separator(content: bytes) -> str:
    first = content.decode("utf-8-sig").split("\n", 1)[0]
    return max(_SEPARATORS, key=first.count)


def _typed_csv(content: bytes, separator: str) -> pl.DataFrame:
    return pl.read_csv(
        content, separator=separator, infer_schema_length=None, try_parse_dates=True, null_values=list(_MISSING)
    )


def _text_csv(content: bytes, separator: str) -> pl.DataFrame:
    return pl.read_csv(content, separator=separator, infer_schema=False, null_values=list(_MISSING))
