"""Makes a new snapshot from an older one and freshly fetched tables, and tells what changed.

Nothing here asks a source: the tables come in as frames, or as the error that their source ended with.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import polars as pl

from features.errors import AnswerFault, ContractViolationError, SourceAnswerError, StabilError
from features.snapshot import (
    CONTRACTS,
    KEYED_BY_MUNICIPALITY,
    Snapshot,
    TableDescription,
    checksum,
    load_snapshot,
    offered_resources,
)
from features.sources.folder_swap import put_in_place, workplace_of

FEWEST_MUNICIPALITIES = 0.9
"""Share of the municipalities that a table had, or of all for a new table, that a fetched one must hold."""

UNBOUND = frozenset({"vacancies"})
"""Tables that may rightly lack most municipalities."""


@dataclass(frozen=True, slots=True)
class FetchedTable:
    """A table as its source gave it.

    Attributes
    ----------
    frame : polars.DataFrame
        Columns of the contract in `features.frames`.
    publisher, url : str
        Who gave it and where, for errors.
    vintage : str
        Date or year that the newest rows describe.
    note : str
        What a reader of the table must know.
    tables : tuple[str, ...]
        Numbers of the published tables if others than the description names.
    left_out : Mapping[Enum, int]
        Rows of the source that are not in the frame, for each reason: `features.sources.ssb.LeftOut`,
        `features.sources.vacancy_rows.Rejection` or `SetAside`.
    """

    frame: pl.DataFrame
    publisher: str
    url: str
    vintage: str
    note: str
    tables: tuple[str, ...] = ()
    left_out: Mapping[Enum, int] = field(default_factory=dict)


class SetAside(Enum):
    """Why rows that a source gave in order are not in the table."""

    SHARED = "an estimate for a part of a divided municipality"
    INCOMPLETE = "one of the parts of today's municipality has no figure"
    STRANGER = "the code was no municipality in that year"
    EXPIRED = "the last day has passed"
    NO_CHANGE = "founded or given up, not changed"


class Outcome(Enum):
    """What became of a table."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class TableResult:
    """What a refresh did to one table.

    Attributes
    ----------
    name, publisher : str
        Of the table.
    outcome : Outcome
        `KEPT` if its source failed or its rows were refused: the older table, if there was one, is still in use.
    rows_before, rows_after : int
        Number of rows.
    added, removed, changed : int
        Rows by primary key; a row is changed if another column differs.
    newest_before, newest_after : str
        Newest year or date of the rows; empty for a table without any.
    left_out : dict[Enum, int]
        Rows of the source that were left out, for each reason.
    error : StabilError or None
        Why it was kept.
    """

    name: str
    publisher: str
    outcome: Outcome
    rows_before: int
    rows_after: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    newest_before: str = ""
    newest_after: str = ""
    left_out: dict[Enum, int] = field(default_factory=dict)
    error: StabilError | None = None


def refreshed_snapshot(
    base: Snapshot, base_folder: Path, fetched: Mapping[str, FetchedTable | StabilError], folder: Path, today: date
) -> tuple[TableResult, ...]:
    """Make a snapshot of older and fetched tables, check it as a whole and put it into a folder.

    A fetched table that breaks its contract, lost most of its municipalities or does not fit the other tables is left
    out and the older one kept. If nothing is left, nothing is written.

    Parameters
    ----------
    base : Snapshot
        The older snapshot.
    base_folder : Path
        Where it was read from.
    fetched : Mapping[str, FetchedTable or StabilError]
        By name of the table; an error where the source ended with one.
    folder : Path
        Where the new snapshot goes, held by `features.sources.folder_swap.sole_writer`.
    today : date
        Becomes version and date of the new snapshot.

    Returns
    -------
    tuple[TableResult, ...]
        One for each table of the snapshot, in the order of `features.snapshot.CONTRACTS`.
    """
    errors = {name: found for name, found in fetched.items() if isinstance(found, StabilError)}
    tables = {name: found for name, found in fetched.items() if isinstance(found, FetchedTable)}
    for name in list(tables):
        try:
            _check(name, tables[name], base)
        except StabilError as error:
            errors[name] = error
            del tables[name]
    new = workplace_of(folder)
    while tables:
        _write(new, base, base_folder, tables, today)
        try:
            load_snapshot(new)
        except ContractViolationError as error:
            if error.table not in tables:
                raise
            errors[error.table] = error
            del tables[error.table]
        else:
            put_in_place(new, folder)
            break
    if new.exists():
        shutil.rmtree(new)
    return tuple(_result(name, base, tables.get(name), errors.get(name)) for name in CONTRACTS)


def count_changes(name: str, before: pl.DataFrame, after: pl.DataFrame) -> tuple[int, int, int]:
    """How many rows of a table were added, removed and changed, told apart by its primary key.

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> before = load_snapshot().population
    >>> count_changes("population", before, before.with_columns(pl.col("population") + (pl.col("year") == 2026)))
    (0, 0, 357)
    """
    old, new, keys = _sorted(name, before), _sorted(name, after), CONTRACTS[name].primary_key()
    common = new.join(old, on=keys, how="semi").height
    same = new.join(old, on=old.columns, how="semi", nulls_equal=True).height
    return new.height - common, old.height - common, common - same


def newest(name: str, frame: pl.DataFrame) -> str:
    """Newest year or date of a table's rows; empty if it has no such column or no row."""
    column = next((key for key in ("year", "published", "change_date") if key in frame.columns), None)
    found = None if column is None else frame[column].max()
    return "" if found is None else str(found)


def _check(name: str, table: FetchedTable, base: Snapshot) -> None:
    """Refuse rows that break the contract, and a table that lost most of its municipalities."""
    schema = CONTRACTS[name]
    missing = [column for column in schema.columns() if column not in table.frame.columns]
    if missing:
        raise ContractViolationError(name, {f"column {column} is missing": table.frame.height for column in missing})
    _, failure = schema.filter(table.frame.select(list(schema.columns())), cast=True)
    if failure.counts():
        rows = tuple(str(row) for row in failure.invalid().head(5).iter_rows(named=True))
        raise ContractViolationError(name, {str(rule): count for rule, count in failure.counts().items()}, rows)
    if name in KEYED_BY_MUNICIPALITY - UNBOUND:
        _check_coverage(table, base.table(name), base.municipalities)


def _check_coverage(table: FetchedTable, old: pl.DataFrame, municipalities: pl.DataFrame) -> None:
    """Refuse a table, or a measure of it, that lost more than a tenth of its municipalities."""
    expected = _held(old if old.height else municipalities, by_measure=bool(old.height))
    found = _held(table.frame, by_measure=bool(old.height))
    lost = expected.join(found, on="measure", how="left", suffix="_found").filter(
        pl.col("held_found").fill_null(0) < FEWEST_MUNICIPALITIES * pl.col("held")
    )
    if lost.height:
        detail = "; ".join(
            f"{what}: {now or 0} municipalities, expected {then}" for what, then, now in lost.iter_rows()
        )
        raise SourceAnswerError(table.publisher, table.url, AnswerFault.SHAPE, detail)


def _held(frame: pl.DataFrame, *, by_measure: bool) -> pl.DataFrame:
    """Number of municipalities with rows, for each measure if the table has measures."""
    measure = pl.col("measure") if by_measure and "measure" in frame.columns else pl.lit("rows")
    return frame.group_by(measure=measure).agg(held=pl.col("municipality_code").n_unique())


def _write(new: Path, base: Snapshot, base_folder: Path, tables: Mapping[str, FetchedTable], today: date) -> None:
    """Write the snapshot anew: changed tables from their frames, all others as the files they were."""
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(parents=True)
    package = json.loads((base_folder / "datapackage.json").read_text(encoding="utf-8"))
    resources = {resource["name"]: resource for resource in package["resources"]}
    offered = {resource["name"]: resource for resource in offered_resources()}
    for name, resource in resources.items():
        shutil.copyfile(base_folder / resource["path"], new / Path(resource["path"]).name)
        resources[name] = resource | {"path": Path(resource["path"]).name}
    for name, table in tables.items():
        described = resources.get(name) or offered[name]
        frame = _sorted(name, table.frame)
        path = new / described["path"]
        if not (name in resources and frame.equals(_sorted(name, base.table(name)))):
            frame.write_csv(path)
        resources[name] = _resource(described, table, frame, path, today)
    package |= {"version": today.isoformat(), "created": today.isoformat(), "resources": list(resources.values())}
    text = json.dumps(package, indent=1, ensure_ascii=False) + "\n"
    (new / "datapackage.json").write_text(text, encoding="utf-8")


def _resource(
    described: Mapping[str, Any], table: FetchedTable, frame: pl.DataFrame, path: Path, today: date
) -> dict[str, Any]:
    years = _newest_years(frame)
    return dict(described) | {
        "tables": list(table.tables or described["tables"]),
        "vintage": table.vintage,
        "note": table.note,
        "fetched": today.isoformat(),
        "rows": frame.height,
        "bytes": path.stat().st_size,
        "hash": f"sha256:{checksum(path)}",
        "measures": [
            measure | {"newest_year": years.get(measure["key"], years.get(""))} for measure in described["measures"]
        ],
    }


def _newest_years(frame: pl.DataFrame) -> dict[str, int]:
    """Newest year of each measure, or of the whole table under the empty name."""
    if "measure" in frame.columns:
        return dict(frame.group_by("measure").agg(pl.col("year").max()).iter_rows())
    found = newest("", frame)
    return {"": int(found[:4])} if found else {}


def _sorted(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order and with the types of the contract."""
    schema = CONTRACTS[name]
    return schema.cast(frame.select(list(schema.columns()))).sort(schema.primary_key())


def _result(name: str, base: Snapshot, table: FetchedTable | None, error: StabilError | None) -> TableResult:
    before = base.table(name)
    description = _description(base, name)
    publisher = description.publisher if description else ""
    known = TableResult(
        name=name,
        publisher=publisher,
        outcome=Outcome.NOT_ASKED if error is None else Outcome.KEPT,
        rows_before=before.height,
        rows_after=before.height,
        newest_before=newest(name, before),
        newest_after=newest(name, before),
        error=error,
    )
    return known if table is None else _compared(known, before, table)


def _compared(known: TableResult, before: pl.DataFrame, table: FetchedTable) -> TableResult:
    added, removed, changed = count_changes(known.name, before, table.frame)
    outcome = Outcome.CHANGED if added or removed or changed else Outcome.UNCHANGED
    return replace(
        known,
        outcome=Outcome.ADDED if added and not before.height else outcome,
        rows_after=table.frame.height,
        added=added,
        removed=removed,
        changed=changed,
        newest_after=newest(known.name, table.frame),
        left_out=dict(table.left_out),
    )


def _description(base: Snapshot, name: str) -> TableDescription | None:
    tables: Sequence[TableDescription] = (*base.descriptions, *base.absent)
    return next((table for table in tables if table.name == name), None)
