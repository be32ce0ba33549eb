"""Columns of anybody's file as numbers, dates, causes and covariates; what cannot be read is null, not guessed."""

from collections.abc import Sequence

import polars as pl

from models.errors import EstimatorInputError
from models.row_reading import date_of
from models.splits import Fold

MOST_LEVELS = 50
"""Levels above which a text column is taken for a name or key, unless it is asked for by name."""

MOST_CAUSES = 12
"""Different codes above which an event column is taken for something else."""

NO_END = frozenset({"", "0", "0.0", "false", "no", "nei", "censored", "sensurert"})
"""What a text means that tells of no end; in small letters."""

_ONE_CAUSE = frozenset({"1", "1.0", "true", "yes", "ja"})


def numbers_of(rows: pl.DataFrame, name: str | None, default: float | None = None) -> pl.DataFrame:
    """Return a column as ``number``, null where it cannot be read, and whether it was ``given``.

    Text is read as numbers, with a point or a comma before decimals; a column in which nothing can be is refused.

    Raises
    ------
    EstimatorInputError
        If the column holds no numbers.

    Examples
    --------
    >>> numbers_of(pl.DataFrame({"years": ["1,5", "", "long"]}), "years").rows()
    [(1.5, True), (None, False), (None, True)]
    """
    if name is None:
        number = pl.Series("number", [default], dtype=pl.Float64).new_from_index(0, rows.height)
        return pl.DataFrame({"number": number, "given": pl.repeat(True, rows.height, eager=True)})
    column = rows[name]
    if column.dtype == pl.String:
        text = column.str.strip_chars()
        number = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        given = (text != "").fill_null(False)
        if given.any() and number.drop_nulls().is_empty():
            raise EstimatorInputError(name, f"text, such as {text.filter(given)[0]!r}", "a column of numbers")
        return pl.DataFrame({"number": number, "given": given})
    if not column.dtype.is_numeric():
        raise EstimatorInputError(name, str(column.dtype), "a column of numbers")
    return pl.DataFrame({"number": column.cast(pl.Float64), "given": column.is_not_null()})


def dates_of(rows: pl.DataFrame, name: str | None) -> pl.Series:
    """Return a column as dates, null where it cannot be read; all null without a column.

    Raises
    ------
    EstimatorInputError
        If nothing in the column can be read as a date.
    """
    if name is None:
        return pl.Series([None], dtype=pl.Date).new_from_index(0, rows.height)
    dates = rows.select(date_of(rows, name)).to_series()
    if rows[name].null_count() < rows.height and dates.null_count() == rows.height:
        raise EstimatorInputError(name, f"{rows[name].drop_nulls()[0]!r}", "dates such as 2024-08-31 or 31.08.2024")
    return dates


def events_of(column: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Return the number of each row's cause, 0 where it did not end and null where that cannot be read; and the codes.

    Empty, 0, false and words such as ``censored`` (`NO_END`) tell of no end. Whole numbers and texts are codes of
    causes, numbered in their order.

    Raises
    ------
    EstimatorInputError
        If the column holds dates, fractions, negative numbers, or more than twelve codes.

    Examples
    --------
    >>> numbers, codes = events_of(pl.Series("exit", ["moved", None, "retired", "moved", "0"]))
    >>> numbers.to_list(), codes
    ([1, 0, 2, 1, 0], ('moved', 'retired'))
    """
    dtype = column.dtype
    if dtype == pl.Boolean:
        return column.fill_null(False).cast(pl.Int64), ("1",)
    if dtype.is_numeric():
        values = column.cast(pl.Float64).fill_nan(None).fill_null(0.0)
        if not ((values >= 0) & (values == values.floor())).all():
            wrong = values.filter((values < 0) | (values != values.floor()))[0]
            raise EstimatorInputError(column.name, wrong, "0 for no end, 1 or the number of a cause")
        texts = values.cast(pl.Int64).cast(pl.String)
    elif dtype == pl.String or dtype in (pl.Categorical, pl.Enum):
        texts = column.cast(pl.String).str.strip_chars().fill_null("")
    else:
        raise EstimatorInputError(column.name, str(dtype), "0 and 1, true and false, or codes of causes")
    ended = texts.filter(~texts.str.to_lowercase().is_in(sorted(NO_END)))
    codes = sorted(ended.unique(), key=lambda code: (not code.isdigit(), int(code) if code.isdigit() else 0, code))
    if len(codes) > MOST_CAUSES:
        raise EstimatorInputError(column.name, f"{len(codes)} different codes", f"{MOST_CAUSES} causes or fewer")
    if codes and {code.lower() for code in codes} <= _ONE_CAUSE:
        return (~texts.str.to_lowercase().is_in(sorted(NO_END))).cast(pl.Int64), ("1",)
    number = {code: place for place, code in enumerate(codes, 1)}
    return texts.replace_strict(number, default=0, return_dtype=pl.Int64), tuple(codes) or ("1",)


def covariates_of(
    rows: pl.DataFrame, asked: Sequence[str] | None, taken: Sequence[str]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the covariates, and why columns that nobody named are none: ``dates``, ``levels``, ``constant``, ``type``.

    Texts become Enum of all their levels, so that a part of the rows knows them all.

    Parameters
    ----------
    rows : DataFrame
        As read.
    asked : sequence of str or None
        Columns; None for all that can be.
    taken : sequence of str
        Columns with another role: no covariates unless asked for.

    Raises
    ------
    EstimatorInputError
        If one that was asked for cannot be a covariate, or there is none.
    """
    names = list(dict.fromkeys(asked)) if asked is not None else [name for name in rows.columns if name not in taken]
    kept, left_out = [], {}
    for name in names:
        why = _unfit(rows[name])
        if why is not None and (asked is None or why in {"dates", "type"}):
            if asked is not None:
                raise EstimatorInputError(name, str(rows[name].dtype), "numbers, booleans or text, as a covariate")
            left_out[name] = why
            continue
        kept.append(_typed(rows[name]))
    if not kept:
        raise EstimatorInputError("covariates", "none", "at least one column of numbers, booleans or few texts")
    return pl.DataFrame(kept), left_out


def without_lone_gaps(covariates: pl.DataFrame, folds: Sequence[Fold]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return covariates that every fold can be told for, and the names of those in which values were filled in.

    Estimators read gaps, but only where the fit had some. A column that lacks values in test spells of a fold and in
    none of its training spells gets its median, or the level ``-``, and beside it a column ``..._missing``.

    Examples
    --------
    >>> import numpy as np
    >>> fold = Fold(np.array([0, 1]), np.array([2]))
    >>> without_lone_gaps(pl.DataFrame({"fte": [1.0, 0.5, None], "size": [None, 1, 2]}), [fold])[0].columns
    ['fte', 'size', 'fte_missing']
    """
    gaps = [column.name for column in covariates.iter_columns() if column.null_count()]
    lone = tuple(name for name in gaps if any(covariates[name].gather(fold.train).null_count() == 0 for fold in folds))
    filled = [_filled(covariates[name]) for name in lone]
    marks = [covariates[name].is_null().alias(f"{name}_missing") for name in lone]
    return covariates.with_columns(filled).with_columns(marks), lone


def _filled(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Enum):
        levels = pl.Enum([*column.dtype.categories, "-"])
        return column.cast(pl.String).fill_null("-").cast(levels)
    middle = column.cast(pl.Float64).median()
    return column.cast(pl.Float64).fill_null(middle)


def has_infinite(covariates: pl.DataFrame) -> pl.Series:
    """Return whether a row has an infinite covariate."""
    floats = [
        pl.col(name).is_infinite().fill_null(False) for name, dtype in covariates.schema.items() if dtype.is_float()
    ]
    return covariates.select(infinite=pl.any_horizontal(pl.repeat(False, covariates.height), *floats)).to_series()


def _unfit(column: pl.Series) -> str | None:
    if column.dtype.is_temporal():
        return "dates"
    if not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.String, pl.Categorical, pl.Enum)):
        return "type"
    if column.drop_nulls().n_unique() < 2:
        return "constant"
    is_text = not (column.dtype.is_numeric() or column.dtype == pl.Boolean)
    return "levels" if is_text and column.n_unique() > MOST_LEVELS else None


def _typed(column: pl.Series) -> pl.Series:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.fill_nan(None) if column.dtype.is_float() else column
    text = column.cast(pl.String).str.strip_chars().replace("", None)
    return text.cast(pl.Enum(sorted(text.drop_nulls().unique())))
