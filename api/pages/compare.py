"""What the page shows that sets municipalities side by side, and what is wrong with what was typed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.compare_words import apart_sentence
from api.pages.addresses import compare_address
from api.pages.outcomes import MOST_STEPS, PERSON_STEPS, STEPS, Position, position
from api.services.compare import (
    MOST,
    ComparedFactor,
    ComparedIndicator,
    ComparedOutcome,
    Comparison,
    compare,
)
from api.services.municipality_search import SearchResult, find_municipality, norwegian_order, suggestion
from api.services.peers import choose_peers
from api.services.profile import MunicipalityFacts, OutcomeResult, all_facts
from api.services.world import World
from api.translation import N_, translate
from features.catalogue import Language, Unit
from features.peers import PeerWay

MOST_TYPED = 10
"""Names that are looked at; those beyond the fifth come back with a word about it."""

MOST_CANDIDATES = 4
"""Municipalities named where what was typed may mean several."""

TOO_MANY = N_("Høyst {most} kommuner om gangen. Fjern denne.")
NOT_FOUND = N_("Fant ingen kommune som heter «{typed}». Skriv et navn eller et nummer på fire sifre.")
PERHAPS = N_("Fant ikke «{typed}». Mente du {candidates}?")
REPLACED = N_("«{typed}» er ikke i bruk lenger. Skriv det som gjelder nå: {candidates}.")


@dataclass(frozen=True, slots=True)
class Field:
    """One input of the form: what was typed, and what is wrong with it."""

    number: int
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, as the form shows it, and the municipalities that it means."""

    fields: tuple[Field, ...]
    codes: tuple[str, ...]

    @property
    def has_errors(self) -> bool:
        """Whether something typed could not be used."""
        return any(field.error for field in self.fields)


@dataclass(frozen=True, slots=True)
class FactorGroup:
    """The municipalities' places on one factor, and in words which differences may be due to chance."""

    compared: ComparedFactor
    sentence: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One municipality's outcome and where it lies in the range that chance allows; nothing without figures."""

    facts: MunicipalityFacts
    result: OutcomeResult | None
    position: Position | None


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """An outcome of every municipality on one axis."""

    compared: ComparedOutcome
    rows: tuple[OutcomeRow, ...]
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Where a value stands on the axis, in per cent of its length."""
        return 100 * (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Everything the page's template needs; without municipalities only the form.

    `unscored` are the factors on which none of the municipalities has a score. `alike_href` leads to a comparison with
    those most alike the first municipality, `alike` names them.
    """

    asked: Asked
    suggestions: tuple[str, ...]
    municipalities: tuple[MunicipalityFacts, ...]
    factors: tuple[FactorGroup, ...]
    unscored: tuple[ComparedFactor, ...]
    outcomes: tuple[OutcomeGroup, ...]
    figures: tuple[ComparedIndicator, ...]
    frame: tuple[ComparedIndicator, ...]
    alike: tuple[MunicipalityFacts, ...]
    alike_href: str
    json_href: str
    csv_href: str


def read_asked(world: World, typed: Sequence[str], language: Language) -> Asked:
    """Municipalities meant by names and numbers, which may also be joined by commas."""
    facts = all_facts(world)
    by_code = {place.code: place for place in facts}
    parts = [part.strip() for text in typed for part in text[: MOST_TYPED * 80].split(",") if part.strip()]
    results = [_found(world, facts, by_code, part) for part in parts[:MOST_TYPED]]
    codes: list[str] = []
    fields: list[Field] = []
    used: set[str] = set()
    for found in results:
        if found.exact in used:
            continue
        used |= {found.exact} if found.exact else set()
        number = len(fields) + 1
        codes += [found.exact] if found.exact and number <= MOST else []
        value = suggestion(by_code[found.exact], facts) if found.exact else found.query
        fields.append(Field(number, value, _error(found, number, language)))
    empty = [Field(number, "", "") for number in range(len(fields) + 1, MOST + 1)]
    return Asked((*fields, *empty), tuple(codes))


def compare_page(world: World, asked: Asked, language: Language) -> ComparePage:
    """View of the municipalities that were found."""
    facts = all_facts(world)
    comparison = compare(world, asked.codes) if asked.codes else Comparison((), (), (), (), ())
    names = {place.code: place.name for place in comparison.municipalities}
    query = "&".join(f"code={code}" for code in asked.codes)
    alike = _alike(world, asked.codes) if len(asked.codes) == 1 else ()
    return ComparePage(
        asked=asked,
        suggestions=tuple(sorted((suggestion(place, facts) for place in facts), key=norwegian_order)),
        municipalities=comparison.municipalities,
        factors=tuple(
            FactorGroup(factor, apart_sentence(factor, names, language))
            for factor in comparison.factors
            if factor.with_score
        ),
        unscored=tuple(factor for factor in comparison.factors if not factor.with_score),
        outcomes=tuple(_outcome(outcome, comparison.municipalities) for outcome in comparison.outcomes),
        figures=comparison.figures,
        frame=comparison.frame,
        alike=alike,
        alike_href=compare_address(language, *asked.codes, *(place.code for place in alike)),
        json_href=f"/api/v1/compare?{query}",
        csv_href=f"/api/v1/compare.csv?{query}",
    )


def shared_ticks(outcomes: Iterable[OutcomeResult | None], unit: Unit) -> tuple[float, ...]:
    """Marks of an axis that holds everything drawn of every municipality: few even steps from zero."""
    drawn = [
        value
        for found in outcomes
        if found is not None
        for value in (found.actual, found.normal_upper, found.expected_upper)
    ]
    steps = STEPS.get(unit, PERSON_STEPS)
    highest = max([*drawn, steps[0]])
    step = next((step for step in steps if highest <= MOST_STEPS * step + 1e-9), steps[-1])
    return tuple(step * number for number in range(math.ceil(highest / step - 1e-9) + 1))


def _found(
    world: World, facts: tuple[MunicipalityFacts, ...], by_code: dict[str, MunicipalityFacts], typed: str
) -> SearchResult:
    """As in the search box, but four digits mean a municipality before they mean a postal code."""
    if typed in by_code:
        return SearchResult(typed, exact=typed)
    return find_municipality(typed, facts, world.snapshot)


def _error(found: SearchResult, number: int, language: Language) -> str:
    if found.exact:
        return "" if number <= MOST else translate(TOO_MANY, language, most=MOST)
    candidates = (found.became or (*found.hits, *found.postal, *found.close))[:MOST_CANDIDATES]
    named = ", ".join(f"{place.name} ({place.code})" for place in candidates)
    if not candidates:
        return translate(NOT_FOUND, language, typed=found.query)
    return translate(REPLACED if found.became else PERHAPS, language, typed=found.query, candidates=named)


def _outcome(outcome: ComparedOutcome, municipalities: Sequence[MunicipalityFacts]) -> OutcomeGroup:
    rows = tuple(
        OutcomeRow(place, found, None if found is None else position(found))
        for place, found in zip(municipalities, outcome.figures, strict=True)
    )
    return OutcomeGroup(outcome, rows, shared_ticks(outcome.figures, outcome.entry.unit))


def _alike(world: World, codes: Sequence[str]) -> tuple[MunicipalityFacts, ...]:
    found = choose_peers(world.snapshot, world.scores.values, codes[0], PeerWay.ALIKE, count=MOST - 1)
    return tuple(each.facts for each in found.alike)
