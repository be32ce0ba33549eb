"""Rows of employment, or snapshots, in a file of anybody's, made into spells; every row is kept or told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from api.services.research_file import read_text_rows
from features.errors import InvalidInputError
from models.event_rows import spells_from_events
from models.row_reading import date_of, with_keys
from models.snapshot_rows import spells_from_snapshots
from models.spell_table import SpellTable
from models.spells import even_breaks, person_periods


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellsRequest:
    """A file, what its columns are, and what is known of the rows.

    Attributes
    ----------
    columns : dict of str to str
        Column of the file for ``person``, ``post``, ``municipality`` and ``start``, ``end``, or ``snapshot_date``; and
        for ``reason``, where there is one.
    as_of, observed_from : date or None
        See `models.event_rows.spells_from_events`; as_of is by default the last day in the file that is not after
        ``today``.
    causes : dict of str to str
        What own codes of reasons stand for.
    carried : tuple of str
        Columns of the file, such as covariates, that each spell has as they stood in its first row.
    interval_years : float
        Length of an interval of person-periods.
    """

    file: Path
    columns: Mapping[str, str]
    as_of: date | None
    observed_from: date | None
    causes: Mapping[str, str]
    carried: tuple[str, ...]
    interval_years: float
    today: date

    @property
    def are_snapshots(self) -> bool:
        """Whether a row tells who held a post on a day."""
        return "snapshot_date" in self.columns


@dataclass(frozen=True, slots=True, eq=False)
class SpellsResult:
    """What became of the rows.

    Attributes
    ----------
    spells : DataFrame
        Those of the table with the columns that are carried along.
    rejects : DataFrame
        ``row_number``, ``reject``, ``related_row`` and the whole row as it stands in the file.
    as_of : date or None
        Last day that the rows tell of; None for snapshots.
    has_reasons : bool
        Whether a column told why spells ended.
    is_simulated : bool
        Whether the file says of itself that it is simulated.
    """

    request: SpellsRequest
    table: SpellTable
    spells: pl.DataFrame
    rejects: pl.DataFrame
    as_of: date | None
    has_reasons: bool
    is_simulated: bool


def spells_of_file(request: SpellsRequest) -> SpellsResult:
    """Read a file into spells; nothing is written."""
    if not 0 < request.interval_years < float("inf"):
        raise InvalidInputError("--interval", request.interval_years, "a positive number of years")
    given, _ = read_text_rows(request.file)
    columns = _with_reason(request.columns, given.columns)
    rows = _by_role(given, columns)
    if request.are_snapshots:
        table, as_of = spells_from_snapshots(rows), None
    else:
        as_of = request.as_of or _last_day(rows, request.today)
        table = spells_from_events(
            rows, as_of=as_of, observed_from=request.observed_from, reasons=request.causes or None
        )
    return SpellsResult(
        request=request,
        table=table,
        spells=_with_carried(table, given, rows, request),
        rejects=_rejects_as_given(table, given),
        as_of=as_of,
        has_reasons="reason" in columns,
        is_simulated="is_simulated" in given.columns,
    )


def periods_of(result: SpellsResult) -> pl.DataFrame:
    """One row per spell and interval in which it was observed; ``cause`` only in the row in which it ended."""
    spells = result.spells.drop("time_lower_years").with_columns(pl.col("event") > 0)
    longest = spells.select(pl.col("duration_years").max()).item()
    periods = person_periods(spells, even_breaks(result.request.interval_years, longest))
    return periods.with_columns(cause=pl.when(pl.col("event")).then(pl.col("cause")))


def spells_to_fit(result: SpellsResult) -> pl.DataFrame:
    """The spells without what says the end once more, which a fit would take for a covariate.

    ``cause`` tells the end; ``time_lower_years`` stays where it differs from the duration, in spells of snapshots.
    """
    said_twice = ("event",) if result.request.are_snapshots else ("event", "time_lower_years")
    return result.spells.drop(said_twice)


def _rejects_as_given(table: SpellTable, given: pl.DataFrame) -> pl.DataFrame:
    told = table.rejects.select("row_number", "reject", "related_row")
    as_given = given.rename({name: f"{name}_given" for name in told.columns if name in given.columns})
    return told.join(_numbered(as_given), on="row_number", how="left").sort("row_number")


def _with_carried(table: SpellTable, given: pl.DataFrame, rows: pl.DataFrame, request: SpellsRequest) -> pl.DataFrame:
    for name in request.carried:
        if name not in given.columns or name in (*table.spells.columns, "interval", "elapsed_years", "exposure_years"):
            expected = f"a column of the file that has a name of its own: {', '.join(given.columns)}"
            raise InvalidInputError("--carry", name, expected)
    start = "snapshot_date" if request.are_snapshots else "start"
    first = (
        with_keys(_numbered(rows))
        .select("row_number", person_id="person", post_id="post", start_date=date_of(rows, start))
        .with_columns(_as_numbers(given[name]) for name in request.carried)
        .join(table.rejects, on="row_number", how="anti")
        .unique(["person_id", "post_id", "start_date"], keep="first", maintain_order=True)
    )
    keys = ["person_id", "post_id", "start_date"]
    return table.spells.join(first.drop("row_number"), on=keys, how="left", maintain_order="left")


def _as_numbers(column: pl.Series) -> pl.Series:
    """Return text that is numbers throughout as numbers; a code such as 0301 stays text."""
    if column.dtype != pl.String or column.str.contains(r"^\s*0\d").any():
        return column
    numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == column.null_count() else column


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_row_index("row_number", offset=1).with_columns(pl.col("row_number").cast(pl.Int64))


def _with_reason(columns: Mapping[str, str], given: Sequence[str]) -> dict[str, str]:
    return {"reason": "reason", **columns} if "reason" in given and "snapshot_date" not in columns else dict(columns)


def _by_role(given: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return the columns under the names of their roles; a reason that no column tells is null."""
    for role, name in columns.items():
        if name not in given.columns:
            option = "--snapshot" if role == "snapshot_date" else f"--{role}"
            raise InvalidInputError(option, name, f"a column of the file: {', '.join(given.columns)}")
    rows = given.select(pl.col(name).alias(role) for role, name in columns.items())
    reason = [] if "reason" in columns else [pl.lit(None, dtype=pl.String).alias("reason")]
    return rows.with_columns(_whole_codes(rows["municipality"]), *reason)


def _whole_codes(municipality: pl.Series) -> pl.Series:
    """Return text that is numbers throughout as numbers, which get back the zero that a spreadsheet took."""
    if municipality.dtype != pl.String:
        return municipality
    numbers = municipality.str.strip_chars().cast(pl.Int64, strict=False)
    return numbers if numbers.null_count() == municipality.null_count() else municipality


def _last_day(rows: pl.DataFrame, today: date) -> date:
    days = rows.select(pl.concat_list(date_of(rows, "start"), date_of(rows, "end")).explode().alias("day"))
    last: date | None = days.filter(pl.col("day") <= today).max().item()
    if last is None:
        raise InvalidInputError("--as-of", None, "the last day that the rows tell of: no date in the file can be read")
    return last
