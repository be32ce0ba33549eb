"""Reads a snapshot of public facts, the embedded or a refreshed one, through its contracts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from features import frames
from features.errors import BrokenTableError, ContractViolationError, TableFault, UnknownKeyError

EMBEDDED = Path(__file__).parent / "reference"

OFFERED = EMBEDDED / "offered_tables.json"
"""What is known of the tables that only a refresh brings."""

ABSENT = {"vintage": "", "rows": 0, "hash": ""}

REQUIRED: Mapping[str, type[dy.Schema]] = {
    "municipalities": frames.Municipality,
    "population": frames.Population,
    "gp_lists": frames.GpLists,
    "living_conditions": frames.LivingConditions,
    "commuting": frames.Commuting,
    "municipality_code_changes": frames.CodeChange,
    "code_change_parts": frames.CodeChangePart,
    "postal_codes": frames.PostalCode,
    "tile_map": frames.Tile,
    "hospitals": frames.Hospital,
    "airports": frames.Airport,
}
"""Tables that every snapshot holds."""

OPTIONAL: Mapping[str, type[dy.Schema]] = {
    "doctor_agreements": frames.DoctorAgreements,
    "jobs": frames.Jobs,
    "vacancies": frames.Vacancy,
}
"""Tables that only a refresh brings; an absent one is an empty frame."""

CONTRACTS: Mapping[str, type[dy.Schema]] = {**REQUIRED, **OPTIONAL}


KEYED_BY_MUNICIPALITY = frozenset(
    {
        "population",
        "gp_lists",
        "living_conditions",
        "tile_map",
        "hospitals",
        "doctor_agreements",
        "jobs",
        "vacancies",
    }
)

KEYED_BY_YEAR = frozenset({"gp_lists", "living_conditions", "doctor_agreements", "jobs"})


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a table: its unit, where it was published and its newest year (None while the table is absent)."""

    key: str
    label: str
    unit: str
    source: str
    newest_year: int | None


@dataclass(frozen=True, slots=True)
class TableDescription:
    """What the data package says about one table.

    Attributes
    ----------
    vintage : str
        The date or year that the newest rows describe.
    sha256 : str
        Checksum of the published file, lower-case hexadecimal.
    fetched : str
        Day when a refresh last got the table from its source; empty for a table as the program brought it.
    """

    name: str
    title: str
    publisher: str
    tables: tuple[str, ...]
    vintage: str
    licences: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    note: str
    path: Path
    rows: int
    sha256: str
    measures: tuple[Measure, ...]
    fetched: str = ""


@dataclass(frozen=True, slots=True)
class TableReport:
    """Rows of a table file that obey the contract, and those that do not.

    Attributes
    ----------
    accepted : polars.DataFrame
        The rows that obey the contract, cast to its types.
    rejected : polars.DataFrame
        The other rows as they were read.
    counts : dict[str, int]
        Number of rejected rows for each broken rule.
    """

    name: str
    accepted: pl.DataFrame
    rejected: pl.DataFrame
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every table of the snapshot, each obeying its contract of `features.frames`, with the package's descriptions.

    Attributes
    ----------
    descriptions : tuple[TableDescription, ...]
        Of the tables that the snapshot holds.
    absent : tuple[TableDescription, ...]
        Of the optional tables that it lacks; their frames are empty and their checksum and vintage, too.
    """

    municipalities: pl.DataFrame
    population: pl.DataFrame
    gp_lists: pl.DataFrame
    living_conditions: pl.DataFrame
    commuting: pl.DataFrame
    municipality_code_changes: pl.DataFrame
    code_change_parts: pl.DataFrame
    postal_codes: pl.DataFrame
    tile_map: pl.DataFrame
    hospitals: pl.DataFrame
    airports: pl.DataFrame
    doctor_agreements: pl.DataFrame
    jobs: pl.DataFrame
    vacancies: pl.DataFrame
    version: str
    created: str
    descriptions: tuple[TableDescription, ...]
    absent: tuple[TableDescription, ...]

    def table(self, name: str) -> pl.DataFrame:
        """Frame of the table called `name`.

        Raises
        ------
        UnknownKeyError
            If the snapshot has no such table.
        """
        if name not in CONTRACTS:
            raise UnknownKeyError("table", name, tuple(CONTRACTS))
        frame: pl.DataFrame = getattr(self, name)
        return frame

    def description(self, name: str) -> TableDescription:
        """Title, publisher, vintage, licence and checksum of the table called `name`."""
        known = {table.name: table for table in (*self.descriptions, *self.absent)}
        if name not in known:
            raise UnknownKeyError("table", name, tuple(known))
        return known[name]

    def measure(self, name: str) -> tuple[TableDescription, Measure]:
        """Description of a measure named ``table.measure``, and of its table.

        Raises
        ------
        UnknownKeyError
            If the data package describes no such measure.
        """
        table = self.description(name.partition(".")[0])
        known = {f"{table.name}.{measure.key}": measure for measure in table.measures}
        if name not in known:
            raise UnknownKeyError("measure", name, tuple(known))
        return table, known[name]


def read_table(name: str, path: Path) -> TableReport:
    """Read a CSV file against the contract of the table called `name`.

    Returns
    -------
    TableReport
        Accepted rows, rejected rows and the count for each rule.

    Raises
    ------
    BrokenTableError
        If the file is missing, is not CSV in UTF-8 or lacks a column.
    """
    schema = CONTRACTS[name]
    try:
        raw = pl.read_csv(path, infer_schema=False)
    except OSError:
        raise BrokenTableError(name, path, TableFault.MISSING) from None
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise BrokenTableError(name, path, TableFault.NOT_CSV, str(error).splitlines()[0]) from error
    missing = [column for column in schema.columns() if column not in raw.columns]
    if missing:
        raise BrokenTableError(name, path, TableFault.COLUMNS, ", ".join(missing))
    # Polars casts text neither to dates nor to booleans; an unreadable one becomes null, which the contract rejects.
    typed = [_from_text(key, column) for key, column in schema.columns().items()]
    accepted, failure = schema.filter(raw.select(typed), cast=True)
    return TableReport(name, accepted, failure.invalid(), {str(k): v for k, v in failure.counts().items()})


def load_snapshot(folder: Path = EMBEDDED) -> Snapshot:
    """Load the snapshot: every table complete, unchanged and obeying its contract, or nothing.

    Optional tables that the folder lacks become empty frames.

    Parameters
    ----------
    folder : Path
        Holds ``datapackage.json`` and the CSV files; by default the embedded snapshot.

    Raises
    ------
    BrokenTableError
        If a file is missing, unreadable or differs from its published checksum.
    ContractViolationError
        If rows break a table's contract.

    Examples
    --------
    >>> snapshot = load_snapshot()
    >>> snapshot.municipalities.height
    357
    >>> snapshot.description("gp_lists").tables
    ('12005',)
    """
    package = _read_package(folder)
    descriptions = tuple(_describe(resource, folder) for resource in package["resources"])
    known = {description.name for description in descriptions}
    for name in REQUIRED:
        if name not in known:
            raise BrokenTableError(name, folder / "datapackage.json", TableFault.UNDESCRIBED)
    absent = tuple(table for table in offered_tables(folder) if table.name not in known)
    empty = {name: schema.create_empty() for name, schema in OPTIONAL.items() if name not in known}
    accepted = {table.name: _load_table(table) for table in descriptions if table.name in CONTRACTS}
    _check_keys(accepted)
    return Snapshot(
        **accepted,
        **empty,
        version=str(package["version"]),
        created=str(package["created"]),
        descriptions=descriptions,
        absent=absent,
    )


def offered_tables(folder: Path = EMBEDDED) -> tuple[TableDescription, ...]:
    """Descriptions of the tables that a refresh can add to the snapshot in `folder`, as long as they are absent.

    Their vintage and checksum are empty, their rows 0, and no measure has a newest year.
    """
    return tuple(_describe(resource | ABSENT, folder) for resource in offered_resources())


def offered_resources() -> list[dict[str, Any]]:
    """The same as entries of a data package: what is known of a table before it has been fetched."""
    resources: list[dict[str, Any]] = json.loads(OFFERED.read_text(encoding="utf-8"))["resources"]
    return resources


def checksum(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _from_text(key: str, column: object) -> pl.Expr:
    if isinstance(column, dy.Date):
        return pl.col(key).str.to_date(strict=False)
    if isinstance(column, dy.Bool):
        return pl.col(key).replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    return pl.col(key)


def _read_package(folder: Path) -> dict[str, Any]:
    path = folder / "datapackage.json"
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BrokenTableError("datapackage", path, TableFault.MISSING) from None
    except ValueError as error:
        raise BrokenTableError("datapackage", path, TableFault.NOT_JSON, str(error)) from error
    if not isinstance(package, dict) or not {"resources", "version", "created"} <= package.keys():
        raise BrokenTableError("datapackage", path, TableFault.UNDESCRIBED, "resources, version, created")
    return package


def _check_keys(tables: Mapping[str, pl.DataFrame]) -> None:
    """Every code belongs to a municipality, and none lacks its newest population or its tile."""
    codes = tables["municipalities"].select("municipality_code")
    for name in KEYED_BY_MUNICIPALITY & tables.keys():
        strangers = tables[name].join(codes, on="municipality_code", how="anti")
        if strangers.height:
            rows = tuple(str(row) for row in strangers.head(5).iter_rows(named=True))
            raise ContractViolationError(name, {"municipality_code is none of today's": strangers.height}, rows)
    years = tables["population"]["year"].unique()
    for name in KEYED_BY_YEAR & tables.keys():
        late = tables[name].filter(pl.col("year") > years.max())
        if late.height:
            rows = tuple(str(row) for row in late.head(5).iter_rows(named=True))
            raise ContractViolationError(name, {"year is later than the newest population": late.height}, rows)
    population = tables["population"].filter(pl.col("year") == pl.col("year").max())
    for name, frame in (("population", population), ("tile_map", tables["tile_map"])):
        without = codes.join(frame, on="municipality_code", how="anti")
        if without.height:
            rows = tuple(str(row) for row in without.head(5).iter_rows(named=True))
            raise ContractViolationError(name, {"every municipality has a row": without.height}, rows)


def _describe(resource: Any, folder: Path) -> TableDescription:  # noqa: ANN401 - JSON, of any shape until checked
    try:
        return TableDescription(
            name=resource["name"],
            title=resource["title"],
            publisher=resource["publisher"],
            tables=tuple(resource["tables"]),
            vintage=resource["vintage"],
            licences=tuple(licence["title"] for licence in resource["licenses"]),
            sources=tuple((source["title"], source["path"]) for source in resource["sources"]),
            note=resource["note"],
            path=folder / resource["path"],
            rows=resource["rows"],
            sha256=resource["hash"].removeprefix("sha256:"),
            measures=tuple(Measure(**{"newest_year": None} | measure) for measure in resource["measures"]),
            fetched=resource.get("fetched", ""),
        )
    except (KeyError, TypeError, AttributeError) as error:
        name = str(resource.get("name", "?")) if isinstance(resource, Mapping) else "datapackage"
        raise BrokenTableError(name, folder / "datapackage.json", TableFault.UNDESCRIBED, str(error)) from None


def _load_table(table: TableDescription) -> pl.DataFrame:
    report = read_table(table.name, table.path)
    if report.counts:
        rows = tuple(str(row) for row in report.rejected.head(5).iter_rows(named=True))
        raise ContractViolationError(table.name, report.counts, rows)
    found = checksum(table.path)
    if found != table.sha256:
        detail = f"{found[:12]}…, expected {table.sha256[:12]}…"
        raise BrokenTableError(table.name, table.path, TableFault.CHANGED, detail)
    return report.accepted
