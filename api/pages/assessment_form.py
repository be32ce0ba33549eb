"""The form of a self-assessment: one class of statements at a time, the marks given so far carried along.

Nothing is kept on the server before an answer is whole, and no cookie tells whose it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from features.self_assessment import Marks, Questionnaire, Side, Statement

ADVANTAGE, IMPORTANCE = "advantage", "importance"


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer under way: the side, and the marks given so far by the name of their field."""

    side: Side | None
    marks: Mapping[str, int]

    @property
    def whole_marks(self) -> Marks:
        """The marks of the statements of which both are given."""
        keys = [name.removeprefix(f"{ADVANTAGE}-") for name in self.marks if name.startswith(f"{ADVANTAGE}-")]
        return {
            key: (self.marks[field_name(ADVANTAGE, key)], self.marks[field_name(IMPORTANCE, key)])
            for key in keys
            if field_name(IMPORTANCE, key) in self.marks
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One class of statements: its number, the first is 1, and what it asks."""

    number: int
    key: str
    statements: Mapping[str, Statement]


def field_name(scale: str, statement: str) -> str:
    """Name of a group of marks, and the beginning of its ids."""
    return f"{scale}-{statement}"


def draft_in(form: FormData, questionnaire: Questionnaire) -> Draft:
    """What was sent; anything that is no mark of the questionnaire is left out."""
    scales: dict[str, set[int]] = {
        ADVANTAGE: set(questionnaire.scale.advantage),
        IMPORTANCE: set(questionnaire.scale.importance),
    }
    sent = {
        field_name(scale, key): (form.get(field_name(scale, key)), marks)
        for scale, marks in scales.items()
        for key in questionnaire.statements
    }
    return Draft(
        side=next((side for side in Side if form.get("side") == side), None),
        marks={name: int(str(text)) for name, (text, marks) in sent.items() if text in {str(mark) for mark in marks}},
    )


def steps_of(questionnaire: Questionnaire) -> tuple[Step, ...]:
    """The classes of statements in their order."""
    return tuple(
        Step(number, key, {name: each for name, each in questionnaire.statements.items() if each.group == key})
        for number, key in enumerate(questionnaire.classes, start=1)
    )


def unmarked(step: Step, draft: Draft) -> tuple[tuple[str, str], ...]:
    """Scale and statement of every mark that a step lacks, in the order of the page."""
    return tuple(
        (scale, key)
        for key in step.statements
        for scale in (ADVANTAGE, IMPORTANCE)
        if field_name(scale, key) not in draft.marks
    )
