"""From rows of employment (person, post, start, end, reason) to spells: what a payroll or a register hands over."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from features.errors import InvalidInputError
from models.exit_causes import CAUSE_NUMBERS, CAUSE_TYPE, ExitCause, cause_of_reason
from models.row_reading import date_of, duplicates, first_fault, given_rows, key_faults, split_off, text_of, with_keys
from models.spell_table import (
    SPELL_COLUMNS,
    RowReject,
    SpellTable,
    days_between,
    numbered_spells,
    reject_frame,
    years_of,
)

COLUMNS = ("person", "post", "municipality", "start", "end", "reason")
_ALWAYS = date.max  # where a running row ends


def spells_from_events(
    rows: pl.DataFrame,
    *,
    as_of: date,
    observed_from: date | None = None,
    reasons: Mapping[str, str] | None = None,
) -> SpellTable:
    """Return the spells that rows of employment tell of, and the rows that cannot be used.

    A row says that a person held a post from ``start`` to ``end``, both days included; no end: the row is running and
    is censored at the end of ``as_of``. Rows of one person in one post that follow each other without a day between
    them, or share the day of the change, are one spell, with the end and reason of the last. Rows of one person in
    different posts are different spells and may overlap; so may those of different persons in one post.

    Parameters
    ----------
    rows : DataFrame
        Columns ``person``, ``post``, ``municipality`` (four digits), ``start``, ``end`` (dates, or text such as
        2024-08-31 or 31.08.2024) and ``reason``: null, an `ExitCause` or a code of ``reasons``. An end without a reason
        is an end of the cause ``not_stated``.
    as_of : date
        The last day that the rows tell of.
    observed_from : date, optional
        The day from which every ongoing spell was recorded. What ran before then is known only of spells that were
        still running (delayed entry); those that ended earlier are rejected, as others like them are not in the rows.
        By default all spells are taken to be observed from their start.
    reasons : mapping of str to ExitCause, optional
        What own codes of reasons stand for.

    Returns
    -------
    SpellTable
        ``spell_number`` and ``previous_spells`` count spells that ended before observation, too.

    Raises
    ------
    InvalidInputError
        If a column is missing or of a type that holds no dates, an own code stands for no cause, or observation begins
        after ``as_of``. A row that cannot be used raises nothing: it is in ``rejects``.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {
    ...         "person": ["a", "a", "b"],
    ...         "post": ["1", "1", "2"],
    ...         "municipality": "5037",
    ...         "start": ["2020-01-01", "2022-01-01", "2021-05-01"],
    ...         "end": ["2021-12-31", None, "2020-05-01"],
    ...         "reason": [None, None, "hospital"],
    ...     }
    ... )
    >>> table = spells_from_events(rows, as_of=date(2023, 12, 31))
    >>> table.spells.select("person_id", "duration_years", "event").rows(), table.joined_rows, table.reject_counts
    ([('a', 4.0, 0)], 1, {'reversed': 1})
    """
    if observed_from is not None and observed_from > as_of:
        raise InvalidInputError("observed_from", observed_from, f"a day no later than as_of, {as_of}")
    given = given_rows(rows, COLUMNS)
    readable, unusable = split_off(_read(given, as_of, cause_of_reason(reasons)))
    single, repeated = split_off(duplicates(readable, [*COLUMNS[:-1], "cause"]))
    apart, overlapping = split_off(_overlaps(single))
    stays = apart.with_columns(stay=_stay())
    spells = numbered_spells(_joined(stays))
    observed = spells if observed_from is None else spells.filter(pl.col("last_day") >= observed_from)
    early = (
        stays.join(spells.join(observed, on="stay", how="anti"), on="stay", how="semi")
        .with_columns(reject=pl.lit(RowReject.ENDED_BEFORE_OBSERVATION.value))
        .pipe(lambda frame: split_off(frame)[1])
    )
    rejected = pl.concat([unusable, repeated, overlapping, early], how="vertical_relaxed")
    return SpellTable(
        spells=_timed(observed, as_of, observed_from),
        rejects=reject_frame(given, rejected),
        rows=given.height,
        joined_rows=given.height - rejected.height - observed.height,
    )


def _read(given: pl.DataFrame, as_of: date, causes: Mapping[str, str]) -> pl.DataFrame:
    """Fields as text and dates, the cause of each end, and the first thing that is wrong."""
    start, end = pl.col("start"), pl.col("end")
    faults = [
        *key_faults(),
        (pl.col("has_start").not_(), RowReject.MISSING_START),
        (start.is_null(), RowReject.UNREADABLE_START),
        (pl.col("has_end") & end.is_null(), RowReject.UNREADABLE_END),
        (end < start, RowReject.REVERSED),
        (start > as_of, RowReject.START_IN_FUTURE),
        (end > as_of, RowReject.END_IN_FUTURE),
        (end.is_null() & pl.col("reason").is_not_null(), RowReject.REASON_WITHOUT_END),
        (pl.col("reason").is_not_null() & pl.col("cause").is_null(), RowReject.UNKNOWN_REASON),
    ]
    return (
        with_keys(given)
        .with_columns(
            text_of("reason"),
            date_of(given, "start"),
            date_of(given, "end"),
            has_start=text_of("start").is_not_null(),
            has_end=text_of("end").is_not_null(),
        )
        .with_columns(cause=pl.col("reason").replace_strict(causes, default=None, return_dtype=pl.String))
        .with_columns(first_fault(faults))
        .with_columns(
            cause=pl.when(end.is_null())
            .then(None)
            .otherwise(pl.col("cause").fill_null(ExitCause.NOT_STATED.value))
            .cast(CAUSE_TYPE)
        )
        .drop("has_start", "has_end", "reason")
    )


def _overlaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with ``reject`` where an earlier kept row of the person in the post covers their start.

    Only a kept row pushes others out, so whether a row stays hangs on what became of those before it: pairs with any
    overlap, few in practice, are gone through in order.
    """
    pair = ["person", "post"]
    ordered = rows.sort(*pair, "start", "row_number").with_columns(until=pl.col("end").fill_null(_ALWAYS))
    covered = pl.col("start") < pl.col("until").cum_max().shift(1)
    doubtful = ordered.filter(covered.over(pair).fill_null(False).any().over(pair))
    pushed: dict[int, int] = {}
    holder: tuple[str, str] | None = None
    kept_row, kept_until = 0, date.min
    for row, person, post, start, until in doubtful.select("row_number", *pair, "start", "until").iter_rows():
        if (person, post) == holder and start < kept_until:
            pushed[row] = kept_row
        else:
            holder, kept_row, kept_until = (person, post), row, until
    related = pl.DataFrame(
        {"row_number": list(pushed), "related_row": list(pushed.values())},
        schema={"row_number": pl.Int64, "related_row": pl.Int64},
    )
    return (
        ordered.drop("until")
        .join(related, on="row_number", how="left")
        .with_columns(reject=pl.when(pl.col("related_row").is_not_null()).then(pl.lit(RowReject.OVERLAP.value)))
    )


def _stay() -> pl.Expr:
    """Number of the spell of each row, for rows by person, post and start: a gap of a day begins a new one."""
    gap = days_between(pl.col("end").shift(1), pl.col("start")) > 1
    return gap.over("person", "post").fill_null(True).cum_sum()


def _joined(stays: pl.DataFrame) -> pl.DataFrame:
    return stays.group_by("stay", maintain_order=True).agg(
        person_id=pl.col("person").first(),
        post_id=pl.col("post").first(),
        municipality_code=pl.col("municipality").last(),  # the post's code today, should a reform have renamed it
        start_date=pl.col("start").first(),
        end=pl.col("end").last(),
        last_day=pl.col("end").last().fill_null(_ALWAYS),
        cause=pl.col("cause").last(),
    )


def _timed(spells: pl.DataFrame, as_of: date, observed_from: date | None) -> pl.DataFrame:
    start, last = pl.col("start_date"), pl.col("end").fill_null(as_of)
    unseen = pl.lit(0) if observed_from is None else days_between(start, pl.lit(observed_from)).clip(lower_bound=0)
    return (
        spells.with_row_index("spell_id")
        .with_columns(
            pl.col("spell_id").cast(pl.Int64),
            entry_years=years_of(unseen),
            duration_years=years_of(days_between(start, last) + 1),
            event=pl.col("cause").replace_strict(CAUSE_NUMBERS, default=0, return_dtype=pl.Int64),
        )
        .with_columns(time_lower_years=pl.col("duration_years"))
        .select(SPELL_COLUMNS)
    )
