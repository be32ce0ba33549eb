"""Spells in a file of anybody's: CSV or Parquet, read as it stands."""

import hashlib
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
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInputError("FILE", path.name, f"a file that can be read ({error.strerror})") from error
    try:
        rows = pl.read_parquet(BytesIO(content)) if content[:4] == b"PAR1" else _csv(content)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InvalidInputError("FILE", path.name, "CSV in UTF-8 with a line of names, or Parquet") from error
    if not rows.height:
        raise InvalidInputError("FILE", path.name, "at least one row below the names")
    return rows, hashlib.sha256(content).hexdigest()


def _csv(content: bytes) -> pl.DataFrame:
    first = content.decode("utf-8-sig").split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    return pl.read_csv(
        content, separator=separator, infer_schema_length=None, try_parse_dates=True, null_values=list(_MISSING)
    )
