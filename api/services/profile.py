"""One municipality's profile and the list of all, as commands, JSON and pages show them."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from api.services.world import World
from features.catalogue import Factor, Indicator
from features.municipality_codes import require_municipality
from features.peers import population_band
from features.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """How a municipality is placed on one factor.

    Score 0-100, 100 is best placed, with its 90 % interval; coverage 0-1; null where data are missing.
    """

    score: float | None
    lower: float | None
    upper: float | None
    coverage: float
    rank_national: int | None
    ranked_national: int
    rank_peers: int | None
    ranked_peers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorResult(Placement):
    """Placement on one factor beside the middle half of the peers."""

    entry: Factor
    peers_lower_quartile: float | None
    peers_median: float | None
    peers_upper_quartile: float | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure comes from: the measure, its publisher and published table, the year it describes, its licence."""

    measure: str
    label: str
    publisher: str
    table: str
    year: int
    licences: tuple[str, ...]
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """Value of one indicator with its percentile, the medians to compare with and where it comes from."""

    entry: Indicator
    factor: str | None
    value: float | None
    year: int | None
    percentile: float | None
    peers_median: float | None
    national_median: float | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """Share (0-1) of inhabitants on lists without a GP: actual, expected and what is normal by chance."""

    actual: float
    expected: float
    expected_lower: float
    expected_upper: float
    normal_lower: float
    normal_upper: float
    year: int


@dataclass(frozen=True, slots=True)
class MunicipalityFacts:
    """Public facts about one municipality."""

    code: str
    name: str
    county_code: str
    county_name: str
    centrality_class: int
    population: int
    population_year: int
    population_band: str
    region_name: str


@dataclass(frozen=True, slots=True)
class MunicipalityProfile:
    """Everything shown about one municipality; `peers` leaves the municipality itself out."""

    facts: MunicipalityFacts
    factors: tuple[FactorResult, ...]
    indicators: tuple[IndicatorResult, ...]
    outcome: OutcomeResult | None
    peers: tuple[MunicipalityFacts, ...]
    peer_basis: str


def all_facts(world: World) -> tuple[MunicipalityFacts, ...]:
    """Facts about every municipality, by code."""
    newest = world.snapshot.population.filter(pl.col("year") == pl.col("year").max())
    rows = (
        world.snapshot.municipalities.join(newest, on="municipality_code")
        .with_columns(band=population_band(pl.col("population")))
        .sort("municipality_code")
    )
    return tuple(_facts(row) for row in rows.iter_rows(named=True))


def factor_table(world: World, factor: str) -> pl.DataFrame:
    """Scores of one factor in every municipality: contract `FactorScore` with ``name`` and ``county_name``.

    Raises
    ------
    UnknownKeyError
        If the catalogue has no such factor.
    """
    world.catalogue.factor(factor)
    names = world.snapshot.municipalities.select("municipality_code", "name", "county_name")
    return names.join(world.scores.factors.filter(pl.col("factor") == factor), on="municipality_code").sort(
        "municipality_code"
    )


def municipality_profile(world: World, code: str) -> MunicipalityProfile:
    """Profile of one municipality.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's; it names the codes that an older code became.
    """
    require_municipality(code, world.snapshot.municipality_code_changes, world.snapshot.municipalities)
    group = world.peers.filter(pl.col("municipality_code") == code)
    facts = {place.code: place for place in all_facts(world)}
    return MunicipalityProfile(
        facts=facts[code],
        factors=_factors(world, code, group["peer_code"]),
        indicators=_indicators(world, code, group["peer_code"]),
        outcome=_outcome(world, code),
        peers=tuple(facts[peer] for peer in group["peer_code"] if peer != code),
        peer_basis=group["basis"].cast(pl.String).item(0),
    )


def _facts(row: dict[str, Any]) -> MunicipalityFacts:
    return MunicipalityFacts(
        code=row["municipality_code"],
        name=row["name"],
        county_code=row["county_code"],
        county_name=row["county_name"],
        centrality_class=row["centrality_class"],
        population=row["population"],
        population_year=row["year"],
        population_band=row["band"],
        region_name=row["labour_market_region_name"],
    )


def _factors(world: World, code: str, peers: pl.Series) -> tuple[FactorResult, ...]:
    scores = world.scores.factors
    quartiles = {
        row["factor"]: row
        for row in scores.filter(pl.col("municipality_code").is_in(peers.implode()))
        .group_by("factor")
        .agg(
            low=pl.col("score").quantile(0.25, "linear"),
            middle=pl.col("score").median(),
            high=pl.col("score").quantile(0.75, "linear"),
        )
        .iter_rows(named=True)
    }
    own = {row["factor"]: row for row in scores.filter(pl.col("municipality_code") == code).iter_rows(named=True)}
    return tuple(
        FactorResult(
            entry=entry,
            **{key: own[name][key] for key in own[name] if key not in ("municipality_code", "factor")},
            peers_lower_quartile=quartiles[name]["low"],
            peers_median=quartiles[name]["middle"],
            peers_upper_quartile=quartiles[name]["high"],
        )
        for name, entry in world.catalogue.factors.items()
    )


def _indicators(world: World, code: str, peers: pl.Series) -> tuple[IndicatorResult, ...]:
    values = world.scores.values.join(world.scores.percentiles, on=["municipality_code", "indicator"])
    national = _medians(values)
    among_peers = _medians(values.filter(pl.col("municipality_code").is_in(peers.implode())))
    own = {row["indicator"]: row for row in values.filter(pl.col("municipality_code") == code).iter_rows(named=True)}
    factor_of = {key: factor.key for factor in world.catalogue.factors.values() for key in factor.weights}
    return tuple(
        IndicatorResult(
            entry=entry,
            factor=factor_of.get(key),
            value=own[key]["value"],
            year=own[key]["year"],
            percentile=own[key]["percentile"],
            peers_median=among_peers[key],
            national_median=national[key],
            sources=tuple(_source(world.snapshot, name, own[key]["year"]) for name in entry.measures),
        )
        for key, entry in world.catalogue.indicators.items()
    )


def _source(snapshot: Snapshot, name: str, year: int | None) -> Source:
    """A measure's source; inhabitants are always those of the year that the indicator describes."""
    table, measure = snapshot.measure(name)
    named = [address for title, address in table.sources if measure.source in title]
    return Source(
        measure=name,
        label=measure.label,
        publisher=table.publisher,
        table=measure.source,
        year=year if table.name == "population" and year is not None else measure.newest_year,
        licences=table.licences,
        address=named[0] if named else table.sources[0][1],
        note=table.note,
    )


def _medians(values: pl.DataFrame) -> dict[str, float | None]:
    return dict(values.group_by("indicator").agg(pl.col("value").median()).iter_rows())


def _outcome(world: World, code: str) -> OutcomeResult | None:
    row = world.scores.outcomes.row(by_predicate=pl.col("municipality_code") == code, named=True)
    if row["actual"] is None:
        return None
    share = world.scores.values.filter(
        (pl.col("municipality_code") == code) & (pl.col("indicator") == "patients_without_gp_share")
    )
    return OutcomeResult(**{key: row[key] for key in row if key != "municipality_code"}, year=share["year"].item(0))
