"""Covariates that change while a spell runs, as counting-process rows."""

import polars as pl

from features.errors import InvalidInputError
from models.outcome import read_outcome

_TIMES = ("entry_years", "duration_years", "event")


def exact_spells(spells: pl.DataFrame) -> pl.DataFrame:
    """Return the spells with times as floats, after a check that they can be cut at a time.

    Raises
    ------
    InvalidInputError
        If ``spell_id`` or a time is missing, a ``spell_id`` occurs twice, a value is impossible, or an end is known
        only to lie between two times: it would not be known on which side of the cut it lies.
    """
    if missing := [name for name in ("spell_id", *_TIMES) if name not in spells.columns]:
        raise InvalidInputError("spells", spells.columns, f"also the column {', '.join(missing)}")
    if spells["spell_id"].n_unique() < spells.height:
        raise InvalidInputError("spell_id", "a number that occurs twice", "each spell once")
    if spells.height:
        read_outcome(spells.select(_TIMES))
    if "time_lower_years" in spells.columns:
        vague = spells.filter(pl.col("time_lower_years") < pl.col("duration_years"))
        if vague.height:
            raise InvalidInputError("time_lower_years", f"{vague.height} ends between two times", "exact ends")
    return spells.with_columns(pl.col("entry_years", "duration_years").cast(pl.Float64))


def split_at_changes(spells: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Return one row per spell and stretch ``(entry_years, duration_years]`` without a change.

    The sum of ``duration_years - entry_years`` stays what it was, and so do the ends: only the last stretch of a spell
    keeps its ``event`` and ``cause``. What is known to change later must not be used earlier; a covariate therefore
    has the value that was true when the stretch began.

    Parameters
    ----------
    spells : DataFrame
        ``spell_id``, ``entry_years``, ``duration_years``, ``event`` (a boolean or the number of the cause), and
        covariates with their values at the spell's start.
    changes : DataFrame
        ``spell_id``, ``at_years`` since the spell's start, and the covariates' values from then on: all of them in
        every row, null where the value is not known. A change before observation began counts from its beginning, one
        at or after the spell's end does not count. A covariate that ``spells`` lacks is null until its first change.

    Returns
    -------
    DataFrame
        Columns of the spells, then new covariates; by spell in the order given, then by time.

    Raises
    ------
    InvalidInputError
        If a column is missing, a time is not finite, a change belongs to no spell, two changes of a spell have the same
        time, or an end is known only to lie between two times.

    Examples
    --------
    >>> spells = pl.DataFrame(
    ...     {"spell_id": [1], "entry_years": [0.0], "duration_years": [3.0], "event": [True], "list_length": [900]}
    ... )
    >>> changes = pl.DataFrame({"spell_id": [1], "at_years": [2.0], "list_length": [1100]})
    >>> split_at_changes(spells, changes).rows()
    [(1, 0.0, 2.0, False, 900), (1, 2.0, 3.0, True, 1100)]
    """
    whole = exact_spells(spells).with_row_index("_place")
    _check_changes(whole, changes)
    covariates = [name for name in changes.columns if name not in ("spell_id", "at_years")]
    new = [name for name in covariates if name not in spells.columns]
    first = whole.with_columns(pl.lit(None, dtype=changes.schema[name]).alias(name) for name in new)
    starts = first.select("_place", pl.lit(0.0).alias("at_years"), *covariates, _at_start=pl.lit(True))
    later = changes.join(whole.select("spell_id", "_place", "duration_years"), on="spell_id").filter(
        pl.col("at_years") < pl.col("duration_years")
    )
    values = pl.concat(
        [starts, later.select("_place", pl.col("at_years").cast(pl.Float64), *covariates, _at_start=pl.lit(False))],
        how="vertical_relaxed",
    ).sort("_place", pl.col("_at_start").not_(), "at_years")
    return (
        first.drop(covariates)
        .join(values, on="_place", maintain_order="right")
        .with_columns(stop=pl.col("at_years").shift(-1).over("_place").fill_null(pl.col("duration_years")))
        .with_columns(entry_years=pl.max_horizontal("entry_years", "at_years"), is_last=_is_last())
        .filter(pl.col("stop") > pl.col("entry_years"))
        .with_columns(duration_years=pl.col("stop"), **_ends(first))
        .select([*spells.columns, *new])
    )


def _is_last() -> pl.Expr:
    return pl.int_range(pl.len()).over("_place") == pl.len().over("_place") - 1


def _ends(spells: pl.DataFrame) -> dict[str, pl.Expr]:
    """What only the last stretch keeps (event, cause); each stretch was known to run to its end."""
    is_last = pl.col("is_last")
    running = pl.lit(False) if spells.schema["event"] == pl.Boolean else pl.lit(0, dtype=spells.schema["event"])
    ends = {"event": pl.when(is_last).then(pl.col("event")).otherwise(running)}
    if "cause" in spells.columns:
        ends["cause"] = pl.when(is_last).then(pl.col("cause"))
    if "time_lower_years" in spells.columns:
        ends["time_lower_years"] = pl.col("stop")
    return ends


def _check_changes(spells: pl.DataFrame, changes: pl.DataFrame) -> None:
    if missing := [name for name in ("spell_id", "at_years") if name not in changes.columns]:
        raise InvalidInputError("changes", changes.columns, f"also the column {', '.join(missing)}")
    if reserved := sorted({*_TIMES, "time_lower_years", "cause"} & set(changes.columns)):
        raise InvalidInputError("changes", reserved, "covariates only: the outcome belongs to the spells")
    at = changes["at_years"].cast(pl.Float64)
    if at.null_count() or not at.is_finite().all():
        raise InvalidInputError("at_years", "a value that is missing or not finite", "years since the spell's start")
    strangers = changes.join(spells, on="spell_id", how="anti")["spell_id"]
    if strangers.len():
        raise InvalidInputError("spell_id", strangers.item(0), "changes of the given spells only")
    if changes.select("spell_id", "at_years").is_duplicated().any():
        raise InvalidInputError("at_years", "two changes of a spell at one time", "one row with all values")
