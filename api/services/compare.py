"""Up to five municipalities side by side: factors, outcomes, and the public figures behind them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from api.services.profile import (
    FactorResult,
    IndicatorResult,
    MunicipalityFacts,
    MunicipalityProfile,
    OutcomeResult,
    Source,
    municipality_profile,
)
from api.services.world import World
from features.catalogue import Factor, Indicator
from features.errors import InvalidInputError

MOST = 5
"""Municipalities compared at a time: more columns cannot be read."""


@dataclass(frozen=True, slots=True)
class PlacedFactor:
    """One municipality's place on one factor; null as in `api.services.profile.FactorResult`.

    `coverage_local` is the part of the coverage that only the municipality itself has told.
    """

    municipality_code: str
    basis: str
    score: float | None
    lower: float | None
    upper: float | None
    rank_national: int | None
    ranked_national: int
    rank_lower: int | None
    rank_upper: int | None
    coverage: float
    coverage_local: float


@dataclass(frozen=True, slots=True)
class Apart:
    """Two municipalities whose 90 % intervals have no score in common, the one that scores higher first."""

    higher: str
    lower: str


@dataclass(frozen=True, slots=True)
class ComparedFactor:
    """The municipalities' places on one factor, in the order asked for.

    `apart` are the pairs whose intervals do not overlap; every other difference may be due to chance.
    `with_score` is how many of the municipalities have a score.
    """

    entry: Factor
    places: tuple[PlacedFactor, ...]
    apart: tuple[Apart, ...]
    with_score: int


@dataclass(frozen=True, slots=True)
class ComparedOutcome:
    """An outcome as it is and as structure leads one to expect, in the order asked for; null without figures."""

    entry: Indicator
    figures: tuple[OutcomeResult | None, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One municipality's value, its year, and what it lets one believe: estimate with 90 % interval."""

    municipality_code: str
    value: float | None
    year: int | None
    estimate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class ComparedIndicator:
    """The municipalities' figures for one indicator, in the order asked for, and where they were published."""

    entry: Indicator
    figures: tuple[Figure, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Municipalities side by side, in the order asked for.

    `figures` are what a municipality can change and what came of it, `frame` is the structure that neither praises nor
    blames. Only public figures: what a municipality said about itself is left out of both.
    """

    municipalities: tuple[MunicipalityFacts, ...]
    factors: tuple[ComparedFactor, ...]
    outcomes: tuple[ComparedOutcome, ...]
    figures: tuple[ComparedIndicator, ...]
    frame: tuple[ComparedIndicator, ...]


def compare(world: World, codes: Sequence[str]) -> Comparison:
    """Compare municipalities; one named twice counts once.

    Raises
    ------
    InvalidInputError
        If they are none, or more than `MOST`.
    UnknownMunicipalityError
        If a code is none of today's.
    """
    different = tuple(dict.fromkeys(codes))
    if not 1 <= len(different) <= MOST:
        raise InvalidInputError("code", ", ".join(different), f"1-{MOST} different municipality codes")
    profiles = tuple(municipality_profile(world, code) for code in different)
    return Comparison(
        municipalities=tuple(profile.facts for profile in profiles),
        factors=tuple(_factor(entry, profiles) for entry in world.catalogue.factors.values()),
        outcomes=_outcomes(world, profiles),
        figures=_indicators(world, profiles, lambda entry: entry.kind != "structural"),
        frame=_indicators(world, profiles, lambda entry: entry.kind == "structural"),
    )


def apart(places: Iterable[PlacedFactor]) -> tuple[Apart, ...]:
    """Pairs whose intervals do not overlap; those without a score have none."""
    return tuple(
        Apart(*(one.municipality_code, other.municipality_code)[:: 1 if one.lower > other.upper else -1])
        for one, other in combinations(places, 2)
        if one.lower is not None and one.upper is not None and other.lower is not None and other.upper is not None
        if one.lower > other.upper or other.lower > one.upper
    )


def _factor(entry: Factor, profiles: Sequence[MunicipalityProfile]) -> ComparedFactor:
    places = tuple(_placed(profile.facts.code, profile.factor(entry.key)) for profile in profiles)
    return ComparedFactor(entry, places, apart(places), sum(place.score is not None for place in places))


def _placed(code: str, found: FactorResult) -> PlacedFactor:
    return PlacedFactor(
        municipality_code=code,
        basis=found.basis,
        score=found.score,
        lower=found.lower,
        upper=found.upper,
        rank_national=found.rank_national,
        ranked_national=found.ranked_national,
        rank_lower=found.rank_lower,
        rank_upper=found.rank_upper,
        coverage=found.coverage,
        coverage_local=found.coverage_local,
    )


def _outcomes(world: World, profiles: Sequence[MunicipalityProfile]) -> tuple[ComparedOutcome, ...]:
    of_each = [{found.indicator: found for found in profile.outcomes} for profile in profiles]
    return tuple(
        ComparedOutcome(world.catalogue.indicator(key), tuple(outcomes.get(key) for outcomes in of_each))
        for key in world.scores.outcomes["outcome"].unique(maintain_order=True)
    )


def _indicators(
    world: World, profiles: Sequence[MunicipalityProfile], is_wanted: Callable[[Indicator], bool]
) -> tuple[ComparedIndicator, ...]:
    wanted = [key for key, entry in world.catalogue.indicators.items() if entry.origin != "local" and is_wanted(entry)]
    results = [{found.entry.key: found for found in profile.indicators} for profile in profiles]
    return tuple(
        ComparedIndicator(
            world.catalogue.indicator(key),
            tuple(_figure(profile.facts.code, found[key]) for profile, found in zip(profiles, results, strict=True)),
            results[0][key].sources,
        )
        for key in wanted
        if any(found[key].value is not None for found in results)
    )


def _figure(code: str, found: IndicatorResult) -> Figure:
    return Figure(code, found.value, found.year, found.estimate, found.lower, found.upper)
