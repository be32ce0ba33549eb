"""What the front page shows: one factor in every municipality."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from api.pages.addresses import front_address, municipality_address
from api.pages.national import NationalFigures, national_figures
from api.pages.ranks import Ranks, factor_ranks
from api.pages.tile_drawing import Drawing, score_class, tile_drawing
from api.services.municipality_search import norwegian_order, suggestion
from api.services.profile import MunicipalityFacts, Placement, all_facts, factor_table
from api.services.world import World
from features.catalogue import Factor, Language
from features.errors import UnknownKeyError

DEFAULT_FACTOR = "professional_community"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRow(Placement):
    """One municipality's line in the table and tile on the map."""

    facts: MunicipalityFacts
    href: str
    score_class: int | None
    ranks: Ranks


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader asked to see: factor, county code (empty: all) and order."""

    factor: str = DEFAULT_FACTOR
    county: str = ""
    order: str = "-score"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading of the table with the address that sorts by it; `direction` is set on the column sorted by."""

    key: str
    href: str
    direction: str | None


@dataclass(frozen=True, slots=True)
class FrontPage:
    """Everything the front page's template needs."""

    choice: Choice
    factor: Factor
    factors: tuple[Factor, ...]
    counties: tuple[tuple[str, str], ...]
    county_name: str
    rows: tuple[FactorRow, ...]
    tiles: dict[str, FactorRow]
    columns: tuple[Column, ...]
    drawing: Drawing
    national: NationalFigures
    suggestions: tuple[str, ...]

    @property
    def has_scores(self) -> bool:
        """Whether any municipality has a score on the factor."""
        return any(row.score is not None for row in self.tiles.values())

    @property
    def is_ranked(self) -> bool:
        """Whether the scores are places among the others, not places between goalposts."""
        return any(row.rank_national is not None for row in self.tiles.values())


ORDERS: dict[str, Callable[[FactorRow], Any]] = {
    "name": lambda row: norwegian_order(row.facts.name),
    "county": lambda row: (norwegian_order(row.facts.county_name), norwegian_order(row.facts.name)),
    "score": lambda row: row.score,
    "rank": lambda row: None if row.rank_national is None else -row.rank_national,
    "peers": lambda row: None if row.rank_peers is None else -row.rank_peers / row.ranked_peers,
    "coverage": lambda row: row.coverage,
}
"""How each column sorts, ascending; municipalities without a figure always come last."""


def front_page(world: World, choice: Choice, language: Language) -> FrontPage:
    """View of one factor in every municipality.

    Raises
    ------
    UnknownKeyError
        If the factor, the county or the order does not exist.
    """
    facts = all_facts(world)
    counties = tuple(sorted({(place.county_code, place.county_name) for place in facts}))
    if choice.county and choice.county not in dict(counties):
        raise UnknownKeyError("county", choice.county, tuple(code for code, _ in counties))
    if choice.order.removeprefix("-") not in ORDERS:
        raise UnknownKeyError("order", choice.order, tuple(ORDERS))
    rows = _rows(world, choice.factor, language, facts)
    shown = [row for row in rows if choice.county in ("", row.facts.county_code)]
    return FrontPage(
        choice=choice,
        factor=world.catalogue.factor(choice.factor),
        factors=tuple(world.catalogue.factors.values()),
        counties=tuple(sorted(counties, key=lambda county: norwegian_order(county[1]))),
        county_name=dict(counties).get(choice.county, ""),
        rows=tuple(_ordered(shown, choice.order)),
        tiles={row.facts.code: row for row in rows},
        columns=tuple(_column(key, choice, language) for key in ORDERS),
        drawing=tile_drawing(world.snapshot),
        national=national_figures(world.snapshot),
        suggestions=suggestions(facts),
    )


def suggestions(facts: tuple[MunicipalityFacts, ...]) -> tuple[str, ...]:
    """What the search box offers, in alphabetical order."""
    return tuple(sorted((suggestion(place, facts) for place in facts), key=norwegian_order))


def _rows(world: World, factor: str, language: Language, facts: tuple[MunicipalityFacts, ...]) -> tuple[FactorRow, ...]:
    places = {place.code: place for place in facts}
    ranks = factor_ranks(world, factor)
    return tuple(
        FactorRow(
            ranks=ranks[row["municipality_code"]],
            facts=places[row["municipality_code"]],
            href=municipality_address(language, row["municipality_code"]),
            score_class=score_class(row["score"]),
            **{field.name: row[field.name] for field in fields(Placement)},
        )
        for row in factor_table(world, factor).iter_rows(named=True)
    )


def _ordered(rows: list[FactorRow], order: str) -> list[FactorRow]:
    key = ORDERS[order.removeprefix("-")]
    by_name = sorted(rows, key=ORDERS["name"])
    known = [row for row in by_name if key(row) is not None]
    missing = [row for row in by_name if key(row) is None]
    return sorted(known, key=key, reverse=order.startswith("-")) + missing


def _column(key: str, choice: Choice, language: Language) -> Column:
    current = choice.order.removeprefix("-") == key
    descending = choice.order.startswith("-")
    first = key if key in ("name", "county") else f"-{key}"
    following = (key if descending else f"-{key}") if current else first
    return Column(
        key,
        front_address(language, faktor=choice.factor, fylke=choice.county, sorter=following),
        ("descending" if descending else "ascending") if current else None,
    )
