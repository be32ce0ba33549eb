"""What can be downloaded: the tables of the snapshot and the frames of results, described by their contracts.

What only a municipality itself has told is left out: its own figures, and the scores that rest on them.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from itertools import chain
from typing import Any, Literal, cast

import dataframely as dy
import polars as pl

from api.services.world import RunRecord, World
from features import frames
from features.catalogue import Catalogue
from features.coverage import ORIGINS, coverage_table, indicator_coverage, municipality_coverage
from features.errors import InvalidInputError, UnknownKeyError
from features.snapshot import CONTRACTS

Form = Literal["csv", "parquet", "json"]

MEDIA_TYPES: Mapping[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}

ROWS_AT_A_TIME = 5000
BYTES_AT_A_TIME = 64 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """A frame of results: its contract, and how it is made without what municipalities told about themselves."""

    title: str
    contract: type[dy.Schema]
    make: Callable[[World], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column of a download, as its contract declares it.

    Attributes
    ----------
    limits : str
        Bounds, closed list or pattern that every value obeys; empty if there are none.
    meaning : str
        What the contract says about it, in English.
    """

    name: str
    kind: str
    unit: str
    limits: str
    is_nullable: bool
    is_key: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """One download: where its figures come from, how many rows it has and what its columns mean.

    `group` is ``snapshot`` for published figures and ``results`` for what the program computed from them. `rows` is
    None for a table that only a refresh brings, as long as it is absent.
    """

    name: str
    group: Literal["snapshot", "results"]
    title: str
    meaning: str
    columns: tuple[ColumnEntry, ...]
    rows: int | None


def _public(key: str) -> Callable[[World], pl.DataFrame]:
    """A frame of the scores without the rows of indicators that only the municipality can tell."""
    return lambda world: getattr(world.scores, key).filter(~pl.col("indicator").is_in(_local(world.catalogue)))


def _whole(key: str) -> Callable[[World], pl.DataFrame]:
    return lambda world: cast(pl.DataFrame, getattr(world.scores, key))


RESULTS: Mapping[str, Result] = {
    "values": Result("Indicator values", frames.IndicatorValue, _public("values")),
    "shrunk": Result("Indicator values drawn towards the peers", frames.ShrunkValue, _public("shrunk")),
    "places": Result("Places of indicators among all municipalities", frames.IndicatorScore, _public("places")),
    "factors": Result("Factor scores", frames.FactorScore, lambda world: public_factors(world)),
    "rank_intervals": Result("Intervals of ranks", frames.RankInterval, lambda world: public_ranks(world)),
    "rank_drivers": Result("What moves ranks", frames.RankDriver, _whole("rank_drivers")),
    "outcomes": Result("Outcomes beside their expectation", frames.AdjustedOutcome, _whole("outcomes")),
    "explained": Result("How much structure explains", frames.ExplainedShare, _whole("explained")),
    "fairness": Result("Whether scores follow size and centrality", frames.Fairness, _whole("fairness")),
    "coverage": Result(
        "Coverage of factors",
        frames.FactorCoverage,
        lambda world: coverage_table(world.catalogue, public_values(world)),
    ),
    "municipality_coverage": Result(
        "Coverage of factors in each municipality",
        frames.MunicipalityCoverage,
        lambda world: municipality_coverage(world.catalogue, public_values(world)),
    ),
    "indicator_coverage": Result(
        "Coverage of indicators",
        frames.IndicatorCoverage,
        lambda world: indicator_coverage(world.catalogue, public_values(world)),
    ),
    "peers": Result("Peer groups", frames.PeerGroup, lambda world: world.peers),
}
"""Frames of results that can be downloaded, by the name of the file."""

NAMES = (*CONTRACTS, *RESULTS)


def public_values(world: World) -> pl.DataFrame:
    """Indicator values in which those that only the municipality can tell are missing."""
    is_local = pl.col("indicator").is_in(_local(world.catalogue))
    return world.scores.values.with_columns(
        pl.when(~is_local).then(pl.col(name)).alias(name) for name in ("year", "value", "numerator", "denominator")
    )


def public_factors(world: World) -> pl.DataFrame:
    """Factor scores without those of what only municipalities tell; `coverage` is that of public figures.

    A score by percentile rests on public figures until enough municipalities have told something to be ranked.
    """
    told = municipality_coverage(world.catalogue, world.scores.values).select(
        "municipality_code", "factor", public=pl.sum_horizontal(*ORIGINS[:2]).clip(0, 1)
    )
    is_shown = pl.col("basis") == "percentile"
    return (
        world.scores.factors.join(told, on=["municipality_code", "factor"], how="left", maintain_order="left")
        .with_columns(
            *(pl.when(is_shown).then(pl.col(name)).alias(name) for name in ("score", "lower", "upper")),
            coverage="public",
        )
        .select(world.scores.factors.columns)
    )


def public_ranks(world: World) -> pl.DataFrame:
    """Intervals of the ranks that `public_factors` holds."""
    shown = public_factors(world).drop_nulls("rank_national").select("municipality_code", "factor")
    return world.scores.rank_intervals.join(shown, on=["municipality_code", "factor"], how="semi")


def download_frame(world: World, name: str) -> pl.DataFrame:
    """Rows of the download called `name`.

    Raises
    ------
    UnknownKeyError
        If there is no such download, or a refresh has not brought its table yet.
    """
    known = tuple(name for name in NAMES if name in RESULTS or name in _present(world))
    if name not in known:
        raise UnknownKeyError("table", name, known)
    if name not in RESULTS:
        return world.snapshot.table(name)
    # A run that was saved and read again comes in another order; the same run must give the same file.
    result = RESULTS[name]
    return result.make(world).sort(result.contract.primary_key())


def download_chunks(frame: pl.DataFrame, form: Form) -> Iterator[bytes]:
    """A frame as a file, piece by piece; JSON is a list of objects, missing values are empty or null."""
    match form:
        case "csv":
            return _csv_chunks(frame)
        case "json":
            return _json_chunks(frame)
        case "parquet":
            return _parquet_chunks(frame)


def as_form(name: str) -> Form:
    """The form called `name`.

    Raises
    ------
    InvalidInputError
        If there is no such form.
    """
    for form in MEDIA_TYPES:
        if form == name:
            return form
    raise InvalidInputError("FILE", name, f"a name that ends with {', '.join(f'.{form}' for form in MEDIA_TYPES)}")


def download_name(world: World, name: str, form: Form) -> str:
    """Name of the file, with the version of the snapshot."""
    return f"stabil-{world.snapshot.version}-{name}.{form}"


def download_tag(world: World, name: str, form: Form) -> str:
    """Entity tag: changes when the bytes may."""
    inputs = (world.run.inputs_sha256, world.run.local_sha256, world.run.program_version, pl.__version__, name, form)
    return hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:32]


def datasets(world: World) -> tuple[Dataset, ...]:
    """Every download, those of the snapshot first."""
    present, counts = _present(world), _result_rows(_Served(world.run, world))
    return tuple(
        Dataset(
            name=name,
            group="snapshot",
            title=world.snapshot.description(name).title,
            meaning=contract_meaning(contract),
            columns=contract_columns(contract),
            rows=world.snapshot.table(name).height if name in present else None,
        )
        for name, contract in CONTRACTS.items()
    ) + tuple(
        Dataset(
            name=name,
            group="results",
            title=each.title,
            meaning=contract_meaning(each.contract),
            columns=contract_columns(each.contract),
            rows=counts[name],
        )
        for name, each in RESULTS.items()
    )


def descriptor(world: World) -> dict[str, Any]:
    """Everything that can be downloaded, as a Frictionless data package."""
    snapshot = world.snapshot
    licences = dict.fromkeys(licence for table in snapshot.descriptions for licence in table.licences)
    return {
        "name": "stabil",
        "title": "Stabil: public figures of Norwegian municipalities and what was computed from them",
        "description": (
            "Published statistics and scores of municipalities. No person and no simulated doctor is in any of the "
            "files. Intervals come from simulating chance. What municipalities told about themselves is left out, and "
            "so are scores that rest on it."
        ),
        "version": snapshot.version,
        "created": snapshot.created,
        "run": {key: value for key, value in asdict(world.run).items() if key != "created_at"}
        | {"created_at": world.run.created_at.isoformat()},
        "licenses": [{"title": title} for title in licences],
        "resources": [_resource(world, each) for each in datasets(world) if each.rows is not None],
        "absent": [
            {
                "name": table.name,
                "title": table.title,
                "publisher": table.publisher,
                "comes_with": "stabil data refresh",
            }
            for table in snapshot.absent
        ],
    }


@cache
def contract_meaning(contract: type[dy.Schema]) -> str:
    """What a contract holds, from its docstring, one line per paragraph."""
    paragraphs = (contract.__doc__ or "").split("\n\n")
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).replace("``", "`")


@cache
def contract_columns(contract: type[dy.Schema]) -> tuple[ColumnEntry, ...]:
    """Columns of a contract with type, unit, limits and what its docstring says of them."""
    return tuple(_entry(contract, name, column) for name, column in contract.columns().items())


MEANINGS: Mapping[str, str] = {
    "municipality_code": "Municipality of the 2024 structure",
    "indicator": "Key of the indicator in the catalogue",
    "factor": "Key of the factor in the catalogue",
    "outcome": "Key of the indicator in the catalogue that is the outcome",
    "year": "Year that the figure describes",
    "value": "In the catalogue's unit of the indicator; missing values are empty, never zero",
}
"""Columns that mean the same in every contract, where the contract itself does not say more."""


def _entry(contract: type[dy.Schema], name: str, column: dy.Column) -> ColumnEntry:
    return ColumnEntry(
        name=name,
        kind=_kind(column),
        unit=_unit(column),
        limits=_limits(column),
        is_nullable=bool(column.nullable),
        is_key=bool(column.primary_key),
        meaning=column.description or MEANINGS.get(name) or _told(contract, name),
    )


def _kind(column: dy.Column) -> str:
    kinds: Mapping[type[dy.Column], str] = {
        dy.String: "string",
        dy.Enum: "string",
        dy.Int64: "integer",
        dy.Float64: "number",
        dy.Date: "date",
    }
    return next((word for kind, word in kinds.items() if isinstance(column, kind)), "boolean")


def _unit(column: dy.Column) -> str:
    if not isinstance(column, dy.Float64 | dy.Int64):
        return ""
    by_bounds = {"0-1": "share 0-1", "0-100": "points 0-100"}.get(f"{column.min}-{column.max}", "")
    return str((column.metadata or {}).get("unit", by_bounds))


def _limits(column: dy.Column) -> str:
    if isinstance(column, dy.Enum):
        return ", ".join(column.categories)
    if isinstance(column, dy.String):
        return column.regex or ""
    if not isinstance(column, dy.Float64 | dy.Int64):
        return ""
    low = "" if column.min is None else f"≥ {column.min:g}"
    above = "" if column.min_exclusive is None else f"> {column.min_exclusive:g}"
    high = "" if column.max is None else f"≤ {column.max:g}"
    return ", ".join(part for part in (low, above, high) if part)


def _told(contract: type[dy.Schema], name: str) -> str:
    """The sentences of the docstring that name the column."""
    sentences = chain.from_iterable(re.split(r"(?<=[.;])\s+", line) for line in contract_meaning(contract).split("\n"))
    return " ".join(sentence for sentence in sentences if f"`{name}`" in sentence).rstrip(".;")


def _present(world: World) -> frozenset[str]:
    return frozenset(table.name for table in world.snapshot.descriptions)


def _local(catalogue: Catalogue) -> list[str]:
    return [key for key, entry in catalogue.indicators.items() if entry.origin == "local"]


@dataclass(frozen=True, slots=True)
class _Served:
    """A world that is told from others by its run, so that what was counted can be kept."""

    run: RunRecord
    world: World = field(compare=False)


@lru_cache(maxsize=2)
def _result_rows(served: _Served) -> Mapping[str, int]:
    return {name: each.make(served.world).height for name, each in RESULTS.items()}


def _resource(world: World, dataset: Dataset) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if dataset.group == "snapshot":
        table = world.snapshot.description(dataset.name)
        described = {
            "publisher": table.publisher,
            "vintage": table.vintage,
            "licenses": [{"title": title} for title in table.licences],
            "sources": [{"title": title, "path": address} for title, address in table.sources],
            "note": table.note,
            "source_hash": f"sha256:{table.sha256}",
        }
    return {
        "name": dataset.name,
        "title": dataset.title,
        "description": dataset.meaning,
        "group": dataset.group,
        "is_simulated": False,
        "path": f"{dataset.name}.csv",
        "alternatives": [f"{dataset.name}.parquet", f"{dataset.name}.json"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "rows": dataset.rows,
        "schema": {
            "fields": [_field(column) for column in dataset.columns],
            "primaryKey": [column.name for column in dataset.columns if column.is_key],
            "missingValues": [""],
        },
    } | described


def _field(column: ColumnEntry) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.kind,
        "description": column.meaning,
        "constraints": {"required": not column.is_nullable},
    }
    return (
        described
        | ({"unit": column.unit} if column.unit else {})
        | ({"limits": column.limits} if column.limits else {})
    )


def _csv_chunks(frame: pl.DataFrame) -> Iterator[bytes]:
    yield frame.clear().write_csv().encode()
    for rows in frame.iter_slices(ROWS_AT_A_TIME):
        yield rows.write_csv(include_header=False).encode()


def _json_chunks(frame: pl.DataFrame) -> Iterator[bytes]:
    separator = b"["
    for rows in frame.iter_slices(ROWS_AT_A_TIME):
        yield separator + rows.write_json().strip()[1:-1].encode()
        separator = b",\n"
    yield b"]\n" if frame.height else b"[]\n"


def _parquet_chunks(frame: pl.DataFrame) -> Iterator[bytes]:
    file = io.BytesIO()  # the format ends with its index, so that nothing can be sent before the whole is known
    frame.write_parquet(file)
    file.seek(0)
    yield from iter(lambda: file.read(BYTES_AT_A_TIME), b"")
