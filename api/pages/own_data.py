"""What the page of a municipality's own figures shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from api.formatting import Formats
from api.local_words import allowed_values, shown_figure
from api.pages.addresses import assessment_address, municipality_address, own_data_address
from api.services.local_data import (
    ImportResult,
    LocalHistoryItem,
    LocalIndicator,
    Statement,
    local_indicators,
    norwegian_day,
)
from api.services.local_template import KnownFigure, TemplateRow, whole_template
from api.services.profile import MunicipalityFacts, all_facts
from api.services.world import World
from api.translation import N_, translate
from api.words import table_name
from features.catalogue import Catalogue, Factor, Indicator, Language
from features.local_data import OLDEST_DAY, WHOLE_UNITS, LocalAnswer
from features.local_template import load_local_template, short_codes
from features.municipality_codes import require_municipality


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One indicator of the form.

    Attributes
    ----------
    figure, told_by : str
        The figure that is known, and its source and year or role and day; empty where none is.
    steps : tuple of int
        The answers to choose among, if they are few whole ones.
    """

    entry: Indicator
    code: str
    is_asked: bool
    unit: str
    allowed: str
    steps: tuple[int, ...]
    figure: str
    told_by: str


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """The indicators of one factor; none for those outside the factors."""

    factor: Factor | None
    rows: tuple[AskedRow, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the municipality said, in words; `figure` is empty where it took back what it had said."""

    figure: str
    role: str
    valid_on: date
    entered_on: date
    note: str
    is_withdrawal: bool
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class SaidIndicator:
    """Everything the municipality said about an indicator, the newest first."""

    entry: Indicator
    code: str
    in_force: Said | None
    items: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """How many of so many have an answer."""

    answered: int
    asked: int


@dataclass(frozen=True, slots=True)
class OwnDataPage:
    """Everything the template of a municipality's own figures needs."""

    facts: MunicipalityFacts
    minimum: tuple[AskedGroup, ...]
    others: tuple[AskedGroup, ...]
    minimum_answered: Answered
    all_answered: Answered
    public: Answered
    said: tuple[SaidIndicator, ...]
    last_entered: date | None
    oldest_day: date
    roles: tuple[tuple[str, str], ...]
    href: str
    municipality_href: str
    assessment_href: str


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """One answer of a file that can be taken in, in words."""

    row: int
    code: str
    label: str
    figure: str
    role: str
    valid_on: date
    note: str


@dataclass(frozen=True, slots=True)
class FilePage:
    """What a filled-in template says, before anything is saved; `statements` are its right answers as they were."""

    facts: MunicipalityFacts
    result: ImportResult
    answers: tuple[FileAnswer, ...]
    wrong_rows: int
    statements: tuple[Statement, ...]
    href: str
    municipality_href: str


def own_data_page(world: World, engine: Engine, code: str, language: Language) -> OwnDataPage:
    """View of what a municipality is asked and has said.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    """
    template = whole_template(engine, world.snapshot, world.catalogue, world.scores.values, code)
    said = local_indicators(engine, world.snapshot, world.catalogue, code)
    answered = {each.indicator for each in said if each.in_force is not None}
    asked = [row.entry for row in template.rows if row.is_asked]
    public = [row for row in template.rows if not row.is_asked]
    entered = [norwegian_day(item.entered_at) for each in said for item in each.history]
    return OwnDataPage(
        facts=municipality_facts(world, code),
        minimum=_groups((row for row in template.rows if row.entry.minimum_set), world.catalogue, language),
        others=_groups((row for row in template.rows if not row.entry.minimum_set), world.catalogue, language),
        minimum_answered=_answered((entry for entry in asked if entry.minimum_set), answered),
        all_answered=_answered(asked, answered),
        public=Answered(sum(row.known is not None for row in public), len(public)),
        said=tuple(_said_indicator(each, world.catalogue, language) for each in said if each.history),
        last_entered=max(entered, default=None),
        oldest_day=OLDEST_DAY,
        roles=tuple((key, role.in_language(language)) for key, role in load_local_template().roles.items()),
        href=own_data_address(language, code),
        municipality_href=municipality_address(language, code),
        assessment_href=assessment_address(language, code),
    )


def file_page(world: World, result: ImportResult, code: str, language: Language) -> FilePage:
    """View of a filled-in template that was judged."""
    report = result.report
    return FilePage(
        facts=municipality_facts(world, code),
        result=result,
        answers=tuple(_file_answer(answer, world.catalogue, language) for answer in report.accepted),
        wrong_rows=len({problem.row for problem in report.rejected}),
        statements=tuple(_statement(answer) for answer in report.accepted),
        href=own_data_address(language, code),
        municipality_href=municipality_address(language, code),
    )


def municipality_facts(world: World, code: str) -> MunicipalityFacts:
    """Facts about one municipality.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    """
    require_municipality(code, world.snapshot.municipality_code_changes, world.snapshot.municipalities)
    return next(facts for facts in all_facts(world) if facts.code == code)


def figure_in_words(value: float, entry: Indicator, language: Language) -> str:
    """A figure as the municipality gave it, with its unit."""
    fmt = Formats(language)
    if entry.unit == "applicants":
        return fmt.value(value, entry.unit)
    if entry.unit == "share":
        digits = next(
            digits for digits in (0, 1, 2) if digits == 2 or round(100 * value, digits) == round(100 * value, 2)
        )
        return fmt.percent(value, digits)
    unit = load_local_template().units[entry.unit].in_language(language)
    shown = shown_figure(value, language)
    return shown if entry.unit in ("level", "count", "ratio", "grade", "options") else f"{shown} {unit}"


def _answered(entries: Iterable[Indicator], answered: set[str]) -> Answered:
    keys = [entry.key for entry in entries]
    return Answered(sum(key in answered for key in keys), len(keys))


def _groups(rows: Iterable[TemplateRow], catalogue: Catalogue, language: Language) -> tuple[AskedGroup, ...]:
    found = list(rows)
    of = {key: factor for factor in catalogue.factors.values() for key in factor.weights}
    return tuple(
        AskedGroup(factor, members)
        for factor in (*catalogue.factors.values(), None)
        if (members := tuple(_asked_row(row, language) for row in found if of.get(row.entry.key) is factor))
    )


def _asked_row(row: TemplateRow, language: Language) -> AskedRow:
    entry, (low, high) = row.entry, row.entry.bounds
    return AskedRow(
        entry=entry,
        code=row.code,
        is_asked=row.is_asked,
        unit=load_local_template().units[entry.unit].in_language(language),
        allowed=allowed_values(entry, language),
        steps=tuple(range(int(low), int(high) + 1)) if entry.unit in WHOLE_UNITS else (),
        figure=figure_in_words(row.known.value, entry, language) if row.known else "",
        told_by=_told_by(row.known, language) if row.known else "",
    )


def _told_by(known: KnownFigure, language: Language) -> str:
    if known.said_by is not None and known.valid_on is not None:
        return f"{_role(known.said_by, language)}, {Formats(language).day(known.valid_on)}"
    return ", ".join(str(part) for part in (translate(table_name(known.table or ""), language), known.year) if part)


def _role(key: str, language: Language) -> str:
    return load_local_template().roles[key].in_language(language)


def _said_indicator(found: LocalIndicator, catalogue: Catalogue, language: Language) -> SaidIndicator:
    entry = catalogue.indicators[found.indicator]
    items = tuple(_said(item, entry, item == found.in_force, language) for item in found.history)
    return SaidIndicator(entry, found.code, next((item for item in items if item.is_in_force), None), items)


def _said(item: LocalHistoryItem, entry: Indicator, is_in_force: bool, language: Language) -> Said:  # noqa: FBT001
    return Said(
        figure=_said_figure(item, entry, language),
        role=_role(item.said_by, language),
        valid_on=item.valid_on,
        entered_on=norwegian_day(item.entered_at),
        note=item.note or "",
        is_withdrawal=item.is_withdrawal,
        is_in_force=is_in_force,
    )


def _said_figure(item: LocalHistoryItem, entry: Indicator, language: Language) -> str:
    if item.fewer_than is not None:
        return translate(N_("færre enn {count}"), language, count=item.fewer_than)
    return "" if item.value is None else _with_count(item.value, item.denominator, entry, language)


def _with_count(value: float, count: float | None, entry: Indicator, language: Language) -> str:
    figure = figure_in_words(value, entry, language)
    if count is None:
        return figure
    return translate(N_("{figure} (regnet av {count})"), language, figure=figure, count=shown_figure(count, language))


def _file_answer(answer: LocalAnswer, catalogue: Catalogue, language: Language) -> FileAnswer:
    entry = catalogue.indicators[answer.indicator]
    return FileAnswer(
        row=answer.row,
        code=short_codes(catalogue)[answer.indicator],
        label=entry.label.in_language(language),
        figure=_with_count(answer.value, answer.denominator, entry, language),
        role=_role(answer.said_by, language),
        valid_on=answer.valid_on,
        note=answer.note or "",
    )


def _statement(answer: LocalAnswer) -> Statement:
    return Statement(answer.indicator, answer.value, answer.valid_on, answer.said_by, answer.denominator, answer.note)
