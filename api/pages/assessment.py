"""What the page of a municipality's self-assessment shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine

from api.local_words import LIMITATIONS
from api.pages.addresses import assessment_address, municipality_address, own_data_address
from api.pages.own_data import municipality_facts
from api.services.profile import MunicipalityFacts
from api.services.self_assessment import DAYS_BETWEEN_ROUNDS, AssessmentRound, assessment_rounds
from api.services.world import World
from api.translation import translate
from features.catalogue import Language
from features.self_assessment import (
    HIGHEST_SCORE,
    AssessmentResult,
    Estimate,
    Questionnaire,
    Side,
    SideResult,
    load_questionnaire,
)

LARGEST_GAPS = 5
"""Statements told as those that the sides see most differently."""

EXTREMES = 3
"""Statements told as the greatest advantages, and as the greatest challenges, where one side alone is shown."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of statements, or all of them (`is_total`), as each side sees it; `gap` is leadership minus doctors."""

    label: str
    is_total: bool
    sides: Mapping[Side, Estimate]
    gap: Estimate | None
    is_apart: bool


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement's scores by side; `gap` is leadership minus doctors."""

    text: str
    group: str
    sides: Mapping[Side, float]
    gap: float | None


@dataclass(frozen=True, slots=True)
class ResultView:
    """A closed round in words.

    `largest_gaps` are the statements the sides see most differently; with one side alone, `advantages` and
    `challenges` are its most marked ones.
    """

    opened_on: date
    closed_on: date
    answers: Mapping[Side, int]
    withheld: tuple[Side, ...]
    classes: tuple[ClassRow, ...]
    statements: tuple[StatementRow, ...]
    largest_gaps: tuple[StatementRow, ...]
    advantages: tuple[StatementRow, ...]
    challenges: tuple[StatementRow, ...]
    limitations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """Everything the template of a self-assessment needs.

    `opens_on` is the first day of a next round, if that is in the future.
    """

    facts: MunicipalityFacts
    open_round: AssessmentRound | None
    opens_on: date | None
    results: tuple[ResultView, ...]
    side_names: Mapping[Side, str]
    side_members: Mapping[Side, str]
    statements: int
    classes: tuple[str, ...]
    href: str
    municipality_href: str
    own_data_href: str


def assessment_page(world: World, engine: Engine, code: str, today: date, language: Language) -> AssessmentPage:
    """View of a municipality's rounds.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    """
    questionnaire = load_questionnaire()
    rounds = assessment_rounds(engine, world.snapshot, code)
    closed = [each.closed_on for each in rounds if each.closed_on is not None]
    next_day = max(closed) + timedelta(days=DAYS_BETWEEN_ROUNDS) if closed else today
    return AssessmentPage(
        facts=municipality_facts(world, code),
        open_round=next((each for each in rounds if each.closed_on is None), None),
        opens_on=next_day if next_day > today else None,
        results=tuple(
            result_view(each.opened_on, each.closed_on, each.result, questionnaire, language)
            for each in rounds
            if each.closed_on is not None and each.result is not None
        ),
        side_names={side: text.label.in_language(language) for side, text in questionnaire.sides.items()},
        side_members={side: text.who.in_language(language) for side, text in questionnaire.sides.items()},
        statements=len(questionnaire.statements),
        classes=tuple(each.label.in_language(language) for each in questionnaire.classes.values()),
        href=assessment_address(language, code),
        municipality_href=municipality_address(language, code),
        own_data_href=own_data_address(language, code),
    )


def result_view(
    opened_on: date, closed_on: date, result: AssessmentResult, questionnaire: Questionnaire, language: Language
) -> ResultView:
    """View of what a closed round shows; statements of an earlier version are named by their key."""
    statements = _statement_rows(result, questionnaire, language)
    told_apart = [row for row in statements if row.gap]
    ordered = sorted(statements, key=_outlook, reverse=True) if len(result.sides) == 1 else []
    return ResultView(
        opened_on=opened_on,
        closed_on=closed_on,
        answers={side.side: side.answers for side in result.sides},
        withheld=result.withheld,
        classes=_class_rows(result, questionnaire, language),
        statements=statements,
        largest_gaps=tuple(sorted(told_apart, key=lambda row: -abs(row.gap or 0.0))[:LARGEST_GAPS]),
        advantages=tuple(row for row in ordered[:EXTREMES] if _outlook(row) > 0),
        challenges=tuple(row for row in ordered[::-1][:EXTREMES] if _outlook(row) < 0),
        limitations=tuple(translate(LIMITATIONS[each], language) for each in result.limitations),
    )


def place_percent(score: float) -> float:
    """Where a score (-8 to 8) stands on a line, in per cent from its left end."""
    return 100 * (score + HIGHEST_SCORE) / (2 * HIGHEST_SCORE)


def _outlook(row: StatementRow) -> float:
    return sum(row.sides.values())


def _class_rows(result: AssessmentResult, questionnaire: Questionnaire, language: Language) -> tuple[ClassRow, ...]:
    keys = dict.fromkeys(key for side in result.sides for key in side.classes)
    gap = result.gap
    rows = [
        ClassRow(
            label=questionnaire.classes[key].label.in_language(language) if key in questionnaire.classes else key,
            is_total=False,
            sides={side.side: side.classes[key] for side in result.sides},
            gap=gap.classes[key] if gap else None,
            is_apart=gap is not None and key in gap.apart,
        )
        for key in keys
    ]
    if result.sides:
        sides = {side.side: side.total for side in result.sides}
        is_apart = gap is not None and "total" in gap.apart
        rows.append(ClassRow("", True, sides, gap.total if gap else None, is_apart))
    return tuple(rows)


def _statement_rows(
    result: AssessmentResult, questionnaire: Questionnaire, language: Language
) -> tuple[StatementRow, ...]:
    keys = dict.fromkeys(key for side in result.sides for key in side.statements)
    return tuple(_statement_row(key, result.sides, result, questionnaire, language) for key in keys)


def _statement_row(
    key: str,
    sides: tuple[SideResult, ...],
    result: AssessmentResult,
    questionnaire: Questionnaire,
    language: Language,
) -> StatementRow:
    known = questionnaire.statements.get(key)
    return StatementRow(
        text=known.text.in_language(language) if known else key,
        group=questionnaire.classes[known.group].label.in_language(language) if known else "",
        sides={side.side: side.statements[key] for side in sides},
        gap=result.gap.statements[key] if result.gap else None,
    )
