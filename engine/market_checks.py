"""What the frames of a market must hold before anything is matched."""

import polars as pl

from features.errors import InvalidInputError

IDENTIFIER = "texts or whole numbers, none empty"
MOST_PAIRS = 2**31 - 1
MOST_TIERS = 2**23
"""As many as a key of 64 bits has room for beside the candidate."""


def check_frames(pairs: pl.DataFrame, candidates: pl.DataFrame, posts: pl.DataFrame) -> None:
    """Raise if columns are missing or hold what they must not; pairs are not compared with one another here.

    Raises
    ------
    InvalidInputError
        As `engine.market.market_from_frames` says.
    """
    _check_columns("pairs", pairs, ("candidate_id", "post_id", "place", "tier"))
    _check_columns("candidates", candidates, ("candidate_id", "lottery_place"))
    _check_columns("posts", posts, ("post_id", "capacity"))
    for name, frame, column in (
        ("candidates", candidates, "candidate_id"),
        ("candidates", candidates, "lottery_place"),
        ("posts", posts, "post_id"),
    ):
        if (twice := frame.filter(pl.col(column).is_duplicated())).height:
            raise InvalidInputError(name, f"{column} {twice[column][0]!r} twice", f"each {column} once")
    if pairs.height > MOST_PAIRS:
        raise InvalidInputError("pairs", f"{pairs.height} rows", f"at most {MOST_PAIRS}")
    _check_range("place", pairs["place"], -(2**31), 2**31 - 1)
    _check_range("tier", pairs["tier"].drop_nulls(), 0, MOST_TIERS - 1)
    _check_range("lottery_place", candidates["lottery_place"], -(2**63), 2**63 - 1)
    _check_range("capacity", posts["capacity"], 0, 2**31 - 1)


def _check_columns(name: str, frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    if missing := [column for column in columns if column not in frame.columns]:
        raise InvalidInputError(name, f"columns {', '.join(frame.columns)}", f"also {', '.join(missing)}")
    for column in columns:
        of = frame[column]
        if not column.endswith("_id") and not of.dtype.is_integer() and of.dtype != pl.Null:
            raise InvalidInputError(f"{name}.{column}", f"values of type {of.dtype}", "whole numbers")
        if column.endswith("_id") and not (of.dtype.is_integer() or of.dtype in (pl.String, pl.Categorical, pl.Enum)):
            raise InvalidInputError(f"{name}.{column}", f"values of type {of.dtype}", IDENTIFIER)
        if column != "tier" and of.null_count():
            raise InvalidInputError(f"{name}.{column}", f"{of.null_count()} empty cells", "a value in every row")


def _check_range(name: str, values: pl.Series, least: int, most: int) -> None:
    for value in (values.min(), values.max()):
        if isinstance(value, int) and not least <= value <= most:
            raise InvalidInputError(name, value, f"{least} to {most}" if least else f"0 to {most}")
