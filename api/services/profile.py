"""One municipality's profile and the list of all, as commands, JSON and pages show them."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from api.formatting import FEWEST_APPLICANTS
from api.services.world import World
from features.catalogue import Factor, Indicator
from features.coverage import municipality_coverage
from features.highlights import FactorPlace, Highlight, LeverPlace, OutcomePlace, highlights
from features.municipality_codes import require_municipality
from features.peers import population_band
from features.snapshot import Snapshot

VACANCY = "patients_without_gp_share"

UNREMARKABLE = ("size_growth", "vacancy")
"""Factors that are not named among what stands out."""

FEWEST_FIGURES = 5
"""Figures behind a median that is shown."""

OWN_FIGURES = ("value", "year", "estimate", "lower", "upper", "own_weight", "percentile", "goalpost_score")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """How a municipality is placed on one factor.

    Score 0-100, 100 is best placed, with its 90 % interval; coverage 0-1; null where data are missing. `basis` is
    ``percentile`` or, where too few municipalities have data to be ranked, ``goalposts``.
    """

    basis: str
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
    """Placement on one factor beside the middle half of the peers.

    Attributes
    ----------
    rank_median, rank_lower, rank_upper : float, int, int or None
        Middle of the national ranks under other figures and other methods, and the bounds of 90 % of them.
    driver, driver_share : str, float or None
        What moves the rank most (`features.sensitivity.Choice`), and its share (0-1) of the movement.
    coverage_snapshot, coverage_live, coverage_local : float
        What of the coverage comes from the embedded figures, from a refresh and from the municipality itself.
    """

    entry: Factor
    rank_median: float | None
    rank_lower: int | None
    rank_upper: int | None
    driver: str | None
    driver_share: float | None
    coverage_snapshot: float
    coverage_live: float
    coverage_local: float
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
    year: int | None
    licences: tuple[str, ...]
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """Value of one indicator, what it lets one believe, its place, the medians to compare with and its sources.

    Attributes
    ----------
    estimate, lower, upper : float or None
        The value drawn towards the peers, with its 90 % interval.
    own_weight : float or None
        Weight (0-1) of the own value in the estimate.
    percentile, peers_percentile : float or None
        Place of the estimate among municipalities with data, and the median place of the peers.
    goalpost_score : float or None
        Place between goalposts, of what only the municipality can tell.
    fewer_than : int or None
        The figure is about fewer people than are shown; then it and all that rests on it are missing.
    """

    entry: Indicator
    factor: str | None
    peers_percentile: float | None
    peers_median: float | None
    national_median: float | None
    sources: tuple[Source, ...]
    fewer_than: int | None = None
    value: float | None = None
    year: int | None = None
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    own_weight: float | None = None
    percentile: float | None = None
    goalpost_score: float | None = None


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """An outcome: actual, expected from structure and what is normal by chance, in the indicator's unit.

    `residual` is what is left when the actual value has been drawn towards the expectation, with its 90 % interval;
    `adjusted_score` (0-100) how many of 100 places of the same structure and size would do worse, between the bounds
    that count all ties against and for the place.
    """

    indicator: str
    actual: float
    shrunk: float
    expected: float
    expected_lower: float
    expected_upper: float
    normal_lower: float
    normal_upper: float
    residual: float
    residual_lower: float
    residual_upper: float
    adjusted_score: float
    score_ties_lost: float
    score_ties_won: float
    year: int | None


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
    """Everything shown about one municipality; `peers` leaves the municipality itself out.

    `outcomes` are empty for a municipality without figures; `highlights` are what stands out.
    """

    facts: MunicipalityFacts
    factors: tuple[FactorResult, ...]
    indicators: tuple[IndicatorResult, ...]
    outcomes: tuple[OutcomeResult, ...]
    highlights: tuple[Highlight, ...]
    peers: tuple[MunicipalityFacts, ...]
    peer_basis: str

    @property
    def vacancy(self) -> OutcomeResult | None:
        """The share of inhabitants without a GP beside its expectation."""
        return next((found for found in self.outcomes if found.indicator == VACANCY), None)

    def indicator(self, key: str) -> IndicatorResult:
        """The result of one indicator."""
        return next(found for found in self.indicators if found.entry.key == key)

    def factor(self, key: str) -> FactorResult:
        """The result of one factor."""
        return next(found for found in self.factors if found.entry.key == key)


def all_facts(world: World) -> tuple[MunicipalityFacts, ...]:
    """Facts about every municipality, by code."""
    return facts_of(world.snapshot)


def facts_of(snapshot: Snapshot) -> tuple[MunicipalityFacts, ...]:
    """Facts about every municipality of a snapshot, by code."""
    newest = snapshot.population.filter(pl.col("year") == pl.col("year").max())
    rows = (
        snapshot.municipalities.join(newest, on="municipality_code")
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
    factors, indicators = _factors(world, code, group["peer_code"]), _indicators(world, code, group["peer_code"])
    outcomes = _outcomes(world, code)
    return MunicipalityProfile(
        facts=facts[code],
        factors=factors,
        indicators=indicators,
        outcomes=outcomes,
        highlights=_highlights(factors, indicators, outcomes),
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
    own = {
        row["factor"]: row
        for row in scores.join(world.scores.rank_intervals, on=["municipality_code", "factor"], how="left")
        .filter(pl.col("municipality_code") == code)
        .iter_rows(named=True)
    }
    covered = {
        row["factor"]: row
        for row in municipality_coverage(
            world.catalogue, world.scores.values.filter(pl.col("municipality_code") == code)
        ).iter_rows(named=True)
    }
    return tuple(
        FactorResult(
            entry=entry,
            **{key: own[name][key] for key in own[name] if key not in ("municipality_code", "factor")},
            coverage_snapshot=covered[name]["snapshot"],
            coverage_live=covered[name]["live"],
            coverage_local=covered[name]["local"],
            peers_lower_quartile=quartiles[name]["low"],
            peers_median=quartiles[name]["middle"],
            peers_upper_quartile=quartiles[name]["high"],
        )
        for name, entry in world.catalogue.factors.items()
    )


def _indicators(world: World, code: str, peers: pl.Series) -> tuple[IndicatorResult, ...]:
    keys = ["municipality_code", "indicator"]
    values = world.scores.values.join(world.scores.places, on=keys).join(world.scores.shrunk, on=keys)
    of_peers = values.filter(pl.col("municipality_code").is_in(peers.implode()))
    national, among_peers, peers_place = _medians(values), _medians(of_peers), _medians(of_peers, "percentile")
    own = {row["indicator"]: row for row in values.filter(pl.col("municipality_code") == code).iter_rows(named=True)}
    factor_of = {key: factor.key for factor in world.catalogue.factors.values() for key in factor.weights}
    return tuple(
        IndicatorResult(
            entry=entry,
            factor=factor_of.get(key),
            **({} if _is_few(entry, own[key]["value"]) else {name: own[key][name] for name in OWN_FIGURES}),
            fewer_than=FEWEST_APPLICANTS if _is_few(entry, own[key]["value"]) else None,
            peers_percentile=peers_place[key],
            peers_median=among_peers[key],
            national_median=national[key],
            sources=tuple(source_of(world.snapshot, name, own[key]["year"]) for name in entry.measures),
        )
        for key, entry in world.catalogue.indicators.items()
    )


def source_of(snapshot: Snapshot, name: str, year: int | None = None) -> Source:
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


def _medians(values: pl.DataFrame, column: str = "value") -> dict[str, float | None]:
    """Median of each indicator; none of fewer than five figures, which would tell a single municipality's answer."""
    figure = pl.col(column)
    shown = pl.when(figure.count() >= FEWEST_FIGURES).then(figure.median())
    return dict(values.group_by("indicator").agg(shown).iter_rows())


def _is_few(entry: Indicator, value: float | None) -> bool:
    """Whether a figure is about so few applicants that they might be known."""
    return entry.unit == "applicants" and value is not None and value < FEWEST_APPLICANTS


def _outcomes(world: World, code: str) -> tuple[OutcomeResult, ...]:
    rows = world.scores.outcomes.filter((pl.col("municipality_code") == code) & pl.col("actual").is_not_null())
    own = world.scores.values.filter(pl.col("municipality_code") == code)
    years = dict(own.select("indicator", "year").iter_rows())
    return tuple(
        OutcomeResult(
            indicator=row["outcome"],
            year=years[row["outcome"]],
            **{key: row[key] for key in row if key not in ("municipality_code", "outcome")},
        )
        for row in rows.iter_rows(named=True)
    )


def _highlights(
    factors: tuple[FactorResult, ...], indicators: tuple[IndicatorResult, ...], outcomes: tuple[OutcomeResult, ...]
) -> tuple[Highlight, ...]:
    """What stands out: size and growth are no news to anybody, and the outcome is told by itself."""
    vacancy = next((found for found in outcomes if found.indicator == VACANCY), None)
    return highlights(
        None if vacancy is None else OutcomePlace(vacancy.actual, vacancy.normal_lower, vacancy.normal_upper),
        [
            FactorPlace(found.entry.key, found.score, found.lower, found.upper)
            for found in factors
            if found.entry.key not in UNREMARKABLE
            and found.score is not None
            and found.lower is not None
            and found.upper is not None
        ],
        [
            LeverPlace(found.entry.key, found.percentile, found.peers_percentile)
            for found in indicators
            if found.entry.kind == "lever" and found.percentile is not None and found.peers_percentile is not None
        ],
    )
