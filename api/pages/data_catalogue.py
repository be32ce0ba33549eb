"""What the pages show that list tables, downloads and indicators."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from api.pages.addresses import table_address
from api.services.downloads import Dataset, datasets, download_frame
from api.services.profile import Source, source_of
from api.services.world import World
from api.words import EVIDENCE, ORIGINS
from features.catalogue import Evidence, Factor, Indicator, Kind, Language
from features.coverage import coverage_table, indicator_coverage
from features.errors import UnknownKeyError
from features.snapshot import TableDescription

SHOWN_ROWS = 8
"""Rows of a table shown as an example."""

KINDS: tuple[Kind, ...] = ("lever", "structural", "outcome")

NO_FACTOR = "-"
"""Stands for the indicators that belong to no factor."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One download and, for a published table, where it comes from."""

    dataset: Dataset
    described: TableDescription | None
    href: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Where a factor's weight comes from, and how much of it has data; shares 0-1."""

    factor: Factor
    indicators: int
    offline: float
    refresh_adds: float
    local_adds: float
    with_data: float
    with_data_lowest: float


@dataclass(frozen=True, slots=True)
class DataPage:
    """Everything the catalogue's template needs."""

    snapshot: tuple[TableRow, ...]
    results: tuple[TableRow, ...]
    coverage: tuple[CoverageRow, ...]
    version: str
    created: date
    indicators: int
    of_list: int
    with_figures: int


@dataclass(frozen=True, slots=True)
class TablePage:
    """One download: its columns, its first rows and where it comes from."""

    row: TableRow
    examples: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader asked to see of the indicators; empty means all."""

    text: str = ""
    factor: str = ""
    kind: str = ""
    origin: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorEntry:
    """One indicator of the dictionary.

    `share` is its weight (0-1) within the factor; `with_value` of `municipalities` have a figure.
    """

    entry: Indicator
    factor: Factor | None
    share: float | None
    support: Evidence
    sources: tuple[Source, ...]
    with_value: int
    municipalities: int


@dataclass(frozen=True, slots=True)
class IndicatorsPage:
    """The indicators that were asked for, by factor."""

    choice: Filter
    factors: tuple[Factor, ...]
    groups: tuple[tuple[Factor | None, tuple[IndicatorEntry, ...]], ...]
    found: int
    total: int


def data_page(world: World, language: Language) -> DataPage:
    """View of all tables, published and computed, with the coverage of every factor."""
    rows = tuple(_table_row(world, each, language) for each in datasets(world))
    counts = indicator_coverage(world.catalogue, world.scores.values)
    entries = world.catalogue.indicators.values()
    return DataPage(
        snapshot=tuple(row for row in rows if row.dataset.group == "snapshot"),
        results=tuple(row for row in rows if row.dataset.group == "results"),
        coverage=tuple(
            CoverageRow(world.catalogue.factor(row.pop("factor")), **row)
            for row in coverage_table(world.catalogue, world.scores.values).iter_rows(named=True)
        ),
        version=world.snapshot.version,
        created=date.fromisoformat(world.snapshot.created),
        indicators=len(entries),
        of_list=len({entry.id for entry in entries if entry.id}),
        with_figures=counts.filter(pl.col("with_value") > 0).height,
    )


def table_page(world: World, name: str, language: Language) -> TablePage:
    """View of one download.

    Raises
    ------
    UnknownKeyError
        If there is no such table.
    """
    known = {each.name: each for each in datasets(world)}
    if name not in known:
        raise UnknownKeyError("table", name, tuple(known))
    found = known[name]
    examples = () if found.rows is None else tuple(download_frame(world, name).head(SHOWN_ROWS).to_dicts())
    return TablePage(_table_row(world, found, language), examples)


def indicators_page(world: World, choice: Filter, language: Language) -> IndicatorsPage:
    """View of the indicators that the filter lets through, in the order of the catalogue.

    Raises
    ------
    UnknownKeyError
        If the factor, the kind, the origin or the class of evidence does not exist.
    """
    catalogue = world.catalogue
    for name, value, known in (
        ("factor", choice.factor, (*catalogue.factors, NO_FACTOR)),
        ("kind", choice.kind, KINDS),
        ("origin", choice.origin, tuple(ORIGINS)),
        ("evidence", choice.evidence, tuple(EVIDENCE)),
    ):
        if value and value not in known:
            raise UnknownKeyError(name, value, tuple(known))
    entries = [entry for entry in _entries(world) if _is_wanted(entry, choice, language)]
    groups = tuple(
        (factor, tuple(entry for entry in entries if entry.factor == factor))
        for factor in (*catalogue.factors.values(), None)
    )
    return IndicatorsPage(
        choice=choice,
        factors=tuple(catalogue.factors.values()),
        groups=tuple((factor, held) for factor, held in groups if held),
        found=len(entries),
        total=len(catalogue.indicators),
    )


def _table_row(world: World, dataset: Dataset, language: Language) -> TableRow:
    described = world.snapshot.description(dataset.name) if dataset.group == "snapshot" else None
    return TableRow(dataset, described, table_address(language, dataset.name))


def _entries(world: World) -> tuple[IndicatorEntry, ...]:
    catalogue = world.catalogue
    counts = {row["indicator"]: row for row in indicator_coverage(catalogue, world.scores.values).iter_rows(named=True)}
    home = {key: factor for factor in catalogue.factors.values() for key in factor.weights}
    return tuple(
        IndicatorEntry(
            entry=entry,
            factor=home.get(key),
            share=home[key].weights[key] / sum(home[key].weights.values()) if key in home else None,
            support=catalogue.evidence[entry.supported_by],
            sources=tuple({source.table: source for source in _sources(world, entry)}.values()),
            with_value=counts[key]["with_value"],
            municipalities=counts[key]["municipalities"],
        )
        for key, entry in catalogue.indicators.items()
    )


def _sources(world: World, entry: Indicator) -> tuple[Source, ...]:
    return tuple(source_of(world.snapshot, name) for name in entry.measures)


def _is_wanted(found: IndicatorEntry, choice: Filter, language: Language) -> bool:
    entry = found.entry
    text = " ".join(
        (entry.key, entry.id or "", entry.label.in_language(language), entry.definition.in_language(language))
    )
    return (
        all(word in text.casefold() for word in choice.text.casefold().split())
        and choice.factor in ("", NO_FACTOR if found.factor is None else found.factor.key)
        and choice.kind in ("", entry.kind)
        and choice.origin in ("", entry.origin)
        and choice.evidence in ("", entry.evidence)
    )
