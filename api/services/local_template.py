"""The template that a municipality fills in: which indicators, and the figures known beforehand."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Engine

from api.storage.repository import load_local_entries
from features.catalogue import Catalogue, Indicator
from features.local_data import values_in_force
from features.local_template import all_asked, minimum_set, short_codes
from features.municipality_codes import require_municipality
from features.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class KnownFigure:
    """The figure that stands in the template before anybody answers, in the catalogue's unit.

    A public one has the published `table` and the `year` it describes; one of the municipality's own the day and role.
    """

    value: float
    table: str | None = None
    year: int | None = None
    valid_on: date | None = None
    said_by: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One indicator of the template; `is_asked` is false where public statistics give the figure."""

    entry: Indicator
    code: str
    is_asked: bool
    known: KnownFigure | None


@dataclass(frozen=True, slots=True)
class Template:
    """Everything that a template to fill in holds; the minimum set goes on one page."""

    municipality_code: str
    name: str
    rows: tuple[TemplateRow, ...]
    is_minimum_set: bool


def minimum_template(
    engine: Engine, snapshot: Snapshot, catalogue: Catalogue, values: pl.DataFrame, code: str
) -> Template:
    """The one-page template of a municipality: the minimum set, with the figures that are known.

    Public figures are shown and not asked for: they must be the same for everybody to compare by. `values` obeys
    `features.frames.IndicatorValue`.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    """
    return _template(engine, snapshot, catalogue, values, code, minimum_set(catalogue), is_minimum_set=True)


def whole_template(
    engine: Engine, snapshot: Snapshot, catalogue: Catalogue, values: pl.DataFrame, code: str
) -> Template:
    """The template of a municipality with every indicator that only it can answer; else as `minimum_template`."""
    return _template(engine, snapshot, catalogue, values, code, all_asked(catalogue), is_minimum_set=False)


def _template(
    engine: Engine,
    snapshot: Snapshot,
    catalogue: Catalogue,
    values: pl.DataFrame,
    code: str,
    chosen: tuple[Indicator, ...],
    *,
    is_minimum_set: bool,
) -> Template:
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)
    names = dict(snapshot.municipalities.select("municipality_code", "name").iter_rows())
    public = _by_indicator(values.filter(pl.col("municipality_code") == code).drop_nulls("value"))
    own = _by_indicator(values_in_force(load_local_entries(engine, code)))
    codes = short_codes(catalogue)
    rows = tuple(
        TemplateRow(
            entry,
            codes[entry.key],
            entry.origin == "local",
            _own_figure(own.get(entry.key))
            if entry.origin == "local"
            else _public_figure(public.get(entry.key), entry, snapshot),
        )
        for entry in chosen
    )
    return Template(code, names[code], rows, is_minimum_set)


def _by_indicator(values: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["indicator"]: row for row in values.iter_rows(named=True)}


def _public_figure(row: dict[str, Any] | None, entry: Indicator, snapshot: Snapshot) -> KnownFigure | None:
    if row is None:
        return None
    return KnownFigure(row["value"], snapshot.measure(entry.measures[0])[1].source, row["year"])


def _own_figure(row: dict[str, Any] | None) -> KnownFigure | None:
    return None if row is None else KnownFigure(row["value"], valid_on=row["valid_on"], said_by=row["said_by"])
