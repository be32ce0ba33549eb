"""What a municipality's page shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from api.pages.addresses import compare_address, municipality_address, own_data_address
from api.pages.highlights import Teller, Told
from api.pages.levers import LeverGroup, lever_groups
from api.pages.national import own_figure
from api.pages.outcomes import OutcomeView, outcome_views
from api.pages.ranks import Ranks, ranks_of
from api.pages.retention import RetentionView, kind_of_post, retention_view
from api.pages.tile_drawing import Drawing, tile_drawing
from api.services.municipality_search import norwegian_order
from api.services.partner_jobs import PartnerJobs, partner_jobs
from api.services.peers import choose_peers
from api.services.profile import (
    VACANCY,
    FactorResult,
    IndicatorResult,
    MunicipalityFacts,
    MunicipalityProfile,
    Source,
    municipality_profile,
)
from api.services.world import World
from features.catalogue import Language, Origin
from features.likeness import Closeness, FeatureGap
from features.peers import PeerWay

PEER_FIGURES = ("list_length_mean", "patients_without_gp_share")
"""Indicators shown beside each peer."""

MOST_REASONS = 3
"""Features named as alike, and as different, for each of those most alike."""

COMPARED = 4
"""Municipalities beside the own one that the comparison starts with."""


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A peer with its address and its figures, in the order of `PEER_FIGURES`; missing is None."""

    facts: MunicipalityFacts
    href: str
    figures: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """One of those most alike, with the features in which it is nearest and furthest."""

    facts: MunicipalityFacts
    href: str
    distance: float
    near: tuple[FeatureGap, ...]
    far: tuple[FeatureGap, ...]


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A factor with its places, and the shares (0-1) of its weight that lack data, by where they would come from."""

    result: FactorResult
    ranks: Ranks
    missing: Mapping[Origin, float]


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator and the published tables it comes from, each once."""

    result: IndicatorResult
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class IndicatorGroup:
    """The indicators of one factor (none for those shown as context), and those the municipality has not answered."""

    factor: FactorResult | None
    rows: tuple[IndicatorRow, ...]
    unanswered: tuple[IndicatorResult, ...]


@dataclass(frozen=True, slots=True)
class MunicipalityPage:
    """Everything the municipality's template needs."""

    profile: MunicipalityProfile
    told: tuple[Told, ...]
    scored: tuple[FactorRow, ...]
    unscored: tuple[FactorRow, ...]
    levers: tuple[LeverGroup, ...]
    lists: float | None
    contracts: float | None
    vacant_lists: float | None
    list_length: IndicatorResult
    vacancy: OutcomeView | None
    outcomes: tuple[OutcomeView, ...]
    groups: tuple[IndicatorGroup, ...]
    alike: tuple[AlikeRow, ...]
    alike_codes: frozenset[str]
    peers: tuple[PeerRow, ...]
    peer_codes: frozenset[str]
    partner_jobs: PartnerJobs
    retention: RetentionView
    drawing: Drawing
    sources: tuple[Source, ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]
    licences: tuple[str, ...]
    snapshot_day: date
    own_data_href: str
    compare_href: str


def municipality_page(world: World, code: str, language: Language) -> MunicipalityPage:
    """View of one municipality.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    """
    profile = municipality_profile(world, code)
    lists = own_figure(world.snapshot, "lists_total", code)
    peer_estimates = _peer_estimates(world, code)
    teller = Teller(profile, lists, peer_estimates, language)
    factors = _factors(world, profile)
    outcomes = outcome_views(world, profile.outcomes)
    alike = _alike(world, code, language)
    sources = distinct_tables(
        source for indicator in profile.indicators if indicator.value is not None for source in indicator.sources
    )
    return MunicipalityPage(
        profile=profile,
        told=tuple(teller.tell(highlight) for highlight in profile.highlights),
        scored=tuple(row for row in factors if row.result.score is not None),
        unscored=tuple(row for row in factors if row.result.score is None),
        levers=lever_groups(world.catalogue, profile, peer_estimates),
        lists=lists,
        contracts=own_figure(world.snapshot, "gp_contracts", code),
        vacant_lists=own_figure(world.snapshot, "lists_without_gp", code),
        list_length=profile.indicator("list_length_mean"),
        vacancy=next((view for view in outcomes if view.result.indicator == VACANCY), None),
        outcomes=outcomes,
        groups=_groups(profile),
        alike=alike,
        alike_codes=frozenset(row.facts.code for row in alike),
        peers=_peers(world, profile, language),
        peer_codes=frozenset(peer.code for peer in profile.peers),
        partner_jobs=partner_jobs(world.snapshot, code),
        retention=retention_view(world.retention, kind_of_post(world, profile.facts)),
        drawing=tile_drawing(world.snapshot),
        sources=sources,
        notes=notes_of(sources),
        licences=tuple(dict.fromkeys(licence for source in sources for licence in source.licences)),
        snapshot_day=date.fromisoformat(world.snapshot.created),
        own_data_href=own_data_address(language, code),
        compare_href=compare_address(language, code, *(row.facts.code for row in alike[:COMPARED])),
    )


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


def _factors(world: World, profile: MunicipalityProfile) -> tuple[FactorRow, ...]:
    lacking = {found.entry.key: found.entry.origin for found in profile.indicators if found.value is None}
    ranks, rows = ranks_of(world, profile.facts.code), []
    for factor in profile.factors:
        weights = factor.entry.weights
        missing: dict[Origin, float] = {"snapshot": 0.0, "live": 0.0, "local": 0.0}
        for key in weights.keys() & lacking.keys():
            missing[lacking[key]] += weights[key] / sum(weights.values())
        rows.append(FactorRow(factor, ranks[factor.entry.key], missing))
    return tuple(rows)


def _peer_estimates(world: World, code: str) -> dict[str, float | None]:
    """Median of the peers' estimates of each indicator, the municipality itself left out."""
    peers = world.peers.filter((pl.col("municipality_code") == code) & (pl.col("peer_code") != code))["peer_code"]
    of_peers = world.scores.shrunk.filter(pl.col("municipality_code").is_in(peers.implode()))
    return dict(of_peers.group_by("indicator").agg(pl.col("estimate").median()).iter_rows())


def _groups(profile: MunicipalityProfile) -> tuple[IndicatorGroup, ...]:
    factors: dict[str | None, FactorResult | None] = {factor.entry.key: factor for factor in profile.factors}
    return tuple(
        IndicatorGroup(
            factor,
            tuple(IndicatorRow(found, distinct_tables(found.sources)) for found in held if not is_unanswered(found)),
            tuple(found for found in held if is_unanswered(found)),
        )
        for key, factor in (factors | {None: None}).items()
        if (held := [found for found in profile.indicators if found.factor == key])
    )


def is_unanswered(found: IndicatorResult) -> bool:
    """Whether only the municipality can tell and has not."""
    return found.value is None and found.entry.origin == "local"


def _alike(world: World, code: str, language: Language) -> tuple[AlikeRow, ...]:
    chosen = choose_peers(world.snapshot, world.scores.values, code, PeerWay.ALIKE)
    return tuple(
        AlikeRow(
            found.facts,
            municipality_address(language, found.facts.code),
            found.distance,
            tuple(gap for gap in found.gaps if gap.closeness is Closeness.NEAR)[:MOST_REASONS],
            tuple(gap for gap in reversed(found.gaps) if gap.closeness is Closeness.FAR)[:MOST_REASONS],
        )
        for found in chosen.alike
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
