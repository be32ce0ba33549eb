"""What the pages about vacant posts show: the list, and one post as doctors see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from api.formatting import Formats
from api.match_words import CONTRACT_FORMS, REQUIREMENTS, lever_text, remedy_text
from api.pages.addresses import vacancy_address
from api.pages.places_answer import stay_sentence
from api.pages.post_facts import PostFacts, post_facts
from api.services.kinds_of_post import post_outlook
from api.services.match_answers import PostAnswer
from api.services.municipality_search import norwegian_order
from api.services.places import vacant_posts
from api.services.profile import MunicipalityFacts, all_facts
from api.services.vacancies import FormStay, VacantPost, stays_by_form
from api.services.world import World
from api.translation import translate
from engine.attractiveness import Standing
from engine.round_figures import SMALLEST_COUNT
from features.catalogue import Language
from features.errors import UnknownKeyError

AXIS_YEARS = 12.0
"""Where the axis of years ends: the longest stay that the model has seen."""


@dataclass(frozen=True, slots=True)
class VacancyRow:
    """A line in the list of vacant posts."""

    facts: MunicipalityFacts
    href: str
    terms: PostFacts


@dataclass(frozen=True, slots=True)
class StayBar:
    """How long half of the contracts of one form last, on an axis of 0 to 100; None where it was not observed."""

    name: str
    is_own: bool
    years: str | None
    interval: str | None
    middle: float | None
    lower: float
    upper: float
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """Doctors in one round, on average, as text; and the change from how the post stands now. None where withheld."""

    doctors: str | None
    change: str | None
    width: float


@dataclass(frozen=True, slots=True)
class LeverRow:
    """What one lever would change; the first row is the post as it stands, without a name."""

    name: str | None
    ranked: Figure
    in_top: Figure
    matched: Figure


@dataclass(frozen=True, slots=True)
class DoctorsView:
    """How simulated doctors see a post."""

    rounds: int
    candidates: int
    top: int
    eligible: str | None
    rows: tuple[LeverRow, ...]
    lacks: tuple[tuple[str, str], ...]
    more: tuple[tuple[str, str | None], ...]
    smallest: int


def vacancy_rows(world: World, county: str, today: date, language: Language) -> tuple[VacancyRow, ...]:
    """Vacant posts of a county, or all, by the municipality's name.

    Raises
    ------
    UnknownKeyError
        If there is no such county.
    """
    facts = {place.code: place for place in all_facts(world)}
    known = sorted({place.county_code for place in facts.values()})
    if county and county not in known:
        raise UnknownKeyError("county", county, tuple(known))
    rows = [
        VacancyRow(facts[post.municipality_code], vacancy_address(language, post.post_id), post_facts(post, language))
        for post in vacant_posts(world, today).values()
        if county in ("", post.county_code)
    ]
    return tuple(sorted(rows, key=lambda row: norwegian_order(row.facts.name)))


def stay_told(world: World, found: VacantPost, language: Language) -> str | None:
    """How long doctors stay in posts like this one, in a sentence; None where nothing can be said."""
    outlook = post_outlook(world, found.post, found.facts)
    return None if outlook is None else stay_sentence(outlook, language)


def stay_bars(world: World, found: VacantPost, language: Language) -> tuple[StayBar, ...]:
    """How long half of the contracts last in this kind of post, by form of contract."""
    return tuple(_bar(stay, found, language) for stay in stays_by_form(world, found.facts))


def _bar(stay: FormStay, found: VacantPost, language: Language) -> StayBar:
    fmt, told = Formats(language), stay.forecast
    years, lower, upper = told.median_years, told.median_lower, told.median_upper
    has_interval = lower is not None and upper is not None
    return StayBar(
        name=translate(CONTRACT_FORMS[stay.form], language),
        is_own=stay.form is found.post.contract_form,
        years=None if years is None else fmt.number(years, 1),
        interval=fmt.span(lower, upper, 1) if lower is not None and upper is not None else None,
        middle=None if years is None else _at(years),
        lower=_at(lower) if has_interval and lower is not None else 0.0,
        upper=_at(upper) if has_interval and upper is not None else 0.0,
        is_simulated=told.is_simulated,
    )


def _at(years: float) -> float:
    return min(100.0, 100 * years / AXIS_YEARS)


def doctors_page(answer: PostAnswer, language: Language) -> DoctorsView:
    """View of how doctors see a post, counts of few people withheld."""
    found, told = answer.attractiveness, answer.explanation
    fmt = Formats(language)
    standings = [found.now, *(effect.standing for effect in found.levers)]
    names = [None, *(lever_text(effect.setting, language) for effect in found.levers)]
    return DoctorsView(
        rounds=found.rounds,
        candidates=found.candidates // found.rounds,
        top=found.top,
        eligible=None if found.now.eligible is None else fmt.number(found.now.eligible),
        rows=tuple(_row(name, each, found.now, standings, fmt) for name, each in zip(names, standings, strict=True)),
        lacks=tuple(
            (translate(REQUIREMENTS[reason], language), fmt.number(count))
            for reason, count in sorted(told.blocked, key=lambda each: -(each[1] or 0))
            if count is not None
        ),
        more=tuple(
            (remedy_text(each.remedy, language), None if each.more_eligible is None else fmt.number(each.more_eligible))
            for each in told.counterfactuals
        ),
        smallest=SMALLEST_COUNT,
    )


def _row(name: str | None, each: Standing, now: Standing, all_: Iterable[Standing], fmt: Formats) -> LeverRow:
    most = max((standing.ranked or 0.0 for standing in all_), default=0.0)
    is_now = each is now
    return LeverRow(
        name,
        _figure(each.ranked, None if is_now else now.ranked, most, fmt),
        _figure(each.in_top, None if is_now else now.in_top, 0.0, fmt),
        _figure(each.matched, None if is_now else now.matched, 0.0, fmt),
    )


def _figure(doctors: float | None, before: float | None, most: float, fmt: Formats) -> Figure:
    if doctors is None:
        return Figure(None, None, 0.0)
    change = None if before is None else round(doctors - before, 1)
    sign = "" if change is None else "+" if change > 0 else "−" if change < 0 else "±"
    text = None if change is None else f"{sign}{fmt.number(abs(change), 1)}"
    return Figure(fmt.number(doctors, 1), text, 100 * doctors / most if most else 0.0)
