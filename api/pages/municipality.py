"""What a municipality's page shows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from api.pages.addresses import municipality_address
from api.pages.national import own_figure
from api.pages.ranks import Ranks, factor_ranks
from api.pages.retention import RetentionView, kind_of_post, retention_view
from api.pages.search import norwegian_order
from api.pages.tile_drawing import Drawing, tile_drawing
from api.services.profile import (
    VACANCY,
    FactorResult,
    IndicatorResult,
    MunicipalityFacts,
    MunicipalityProfile,
    OutcomeResult,
    Source,
    municipality_profile,
)
from api.services.world import World
from features.catalogue import Language

Position = Literal["below", "within", "above"]

PEER_FIGURES = ("list_length_mean", "patients_without_gp_share")
"""Indicators shown beside each peer."""


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A peer with its address and its figures, in the order of `PEER_FIGURES`; missing is None."""

    facts: MunicipalityFacts
    href: str
    figures: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator and the published tables it comes from, each once."""

    result: IndicatorResult
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class IndicatorGroup:
    """The indicators of one factor; those shown for context only have none."""

    factor: FactorResult | None
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True, slots=True)
class MunicipalityPage:
    """Everything the municipality's template needs."""

    profile: MunicipalityProfile
    ranks: dict[str, Ranks]
    contracts: float | None
    lists: float | None
    vacant_lists: float | None
    list_length: IndicatorResult
    position: Position | None
    outcome_ticks: tuple[float, ...]
    explained: float
    explained_lower: float
    explained_upper: float
    groups: tuple[IndicatorGroup, ...]
    peers: tuple[PeerRow, ...]
    peer_codes: frozenset[str]
    retention: RetentionView
    drawing: Drawing
    sources: tuple[Source, ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]
    licences: tuple[str, ...]
    snapshot_day: date


def municipality_page(world: World, code: str, language: Language) -> MunicipalityPage:
    """View of one municipality.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    """
    profile = municipality_profile(world, code)
    explained = world.scores.explained.row(by_predicate=pl.col("outcome") == VACANCY, named=True)
    sources = distinct_tables(source for indicator in profile.indicators for source in indicator.sources)
    return MunicipalityPage(
        profile=profile,
        ranks={factor.entry.key: factor_ranks(world, factor.entry.key)[code] for factor in profile.factors},
        contracts=own_figure(world.snapshot, "gp_contracts", code),
        lists=own_figure(world.snapshot, "lists_total", code),
        vacant_lists=own_figure(world.snapshot, "lists_without_gp", code),
        list_length=next(found for found in profile.indicators if found.entry.key == "list_length_mean"),
        position=None if profile.vacancy is None else position(profile.vacancy),
        outcome_ticks=() if profile.vacancy is None else outcome_ticks(profile.vacancy),
        explained=explained["share"],
        explained_lower=explained["lower"],
        explained_upper=explained["upper"],
        groups=_groups(profile),
        peers=_peers(world, profile, language),
        peer_codes=frozenset(peer.code for peer in profile.peers),
        retention=retention_view(world.retention, kind_of_post(world, profile.facts)),
        drawing=tile_drawing(world.snapshot),
        sources=sources,
        notes=notes_of(sources),
        snapshot_day=date.fromisoformat(world.snapshot.created),
        licences=tuple(dict.fromkeys(licence for source in sources for licence in source.licences)),
    )


def position(outcome: OutcomeResult) -> Position:
    """Where the actual share lies in the range that chance allows."""
    if outcome.actual < outcome.normal_lower:
        return "below"
    return "above" if outcome.actual > outcome.normal_upper else "within"


def outcome_ticks(outcome: OutcomeResult) -> tuple[float, ...]:
    """Marks (0-1) of the outcome's axis: at most four even steps, the last one at or above everything drawn."""
    highest = max(outcome.actual, outcome.normal_upper, outcome.expected_upper, 0.01)
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.25) if highest <= 4 * step + 1e-9)
    return tuple(step * number for number in range(math.ceil(highest / step - 1e-9) + 1))


def distinct_tables(sources: Iterable[Source]) -> tuple[Source, ...]:
    """One source for each published table, in the order they come."""
    return tuple({source.table: source for source in reversed(list(sources))}.values())[::-1]


def notes_of(sources: Iterable[Source]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the data package says of the tables, each note once, with the published tables it is about."""
    tables: dict[str, list[str]] = {}
    for source in sources:
        if source.note:
            tables.setdefault(source.note, []).append(source.table)
    return tuple((note, tuple(about)) for note, about in tables.items())


def _groups(profile: MunicipalityProfile) -> tuple[IndicatorGroup, ...]:
    by_factor: dict[str | None, list[IndicatorRow]] = {factor.entry.key: [] for factor in profile.factors} | {None: []}
    for found in profile.indicators:
        by_factor[found.factor].append(IndicatorRow(found, distinct_tables(found.sources)))
    factors = {factor.entry.key: factor for factor in profile.factors}
    return tuple(
        IndicatorGroup(None if key is None else factors[key], tuple(rows)) for key, rows in by_factor.items() if rows
    )


def _peers(world: World, profile: MunicipalityProfile, language: Language) -> tuple[PeerRow, ...]:
    wanted = world.scores.values.filter(pl.col("indicator").is_in(PEER_FIGURES))
    values = {(row[0], row[1]): row[2] for row in wanted.select("municipality_code", "indicator", "value").iter_rows()}
    return tuple(
        PeerRow(
            peer,
            municipality_address(language, peer.code),
            tuple(values[peer.code, indicator] for indicator in PEER_FIGURES),
        )
        for peer in sorted(profile.peers, key=lambda peer: norwegian_order(peer.name))
    )
