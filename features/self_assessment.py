"""A municipality's own view of its recruiting: leadership and doctors marked apart, and the gap between them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.special import stdtrit

from features.catalogue import FOLDER, Translated
from features.errors import CatalogueError, InvalidInputError, UnknownKeyError

FILE = FOLDER / "self_assessment.toml"

SMALLEST_SIDE = 5
"""Answers below which nothing about a side is shown (k = 5 for figures about people)."""

STATEMENT_STEP, MEAN_STEP = 0.5, 0.1
"""What shown scores are rounded to: with five answers a statement's mean moves in steps of 0.2, so the rounded one does
not tell the answers behind it."""

OUTERMOST = 6.5
"""The highest and lowest score that is shown. With five answers a score further out could only come from marks that all
lie on one side, or all are the same; at this one somebody may have answered "neither".
"""

INTERVAL = 0.90

HIGHEST_SCORE = 8.0
"""Great advantage (2) times very important (4)."""

Array = NDArray[np.float64]
Marks = Mapping[str, tuple[int, int]]
"""One person's answer: statement -> (advantage -2 to 2, importance 1 to 4)."""


class Side(StrEnum):
    """Who answers; nobody answers for both."""

    MANAGEMENT = "management"
    DOCTORS = "doctors"


class AssessmentLimitation(StrEnum):
    """What a self-assessment cannot promise."""

    ANYONE_CAN_ANSWER = "anyone_can_answer"
    NOT_A_VALIDATED_SCALE = "not_a_validated_scale"
    FEW_ANSWERS = "few_answers"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SideText(_Entry):
    """A side as it is named, and who belongs to it."""

    label: Translated
    who: Translated


class StatementClass(_Entry):
    """A class of statements as it is named."""

    label: Translated


class Statement(_Entry):
    """One condition that is marked as an advantage or a challenge.

    Attributes
    ----------
    element : str
        Of the Recruit & Retain framework, its conditions C1-C5 included; ``S`` for what place and size give.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    group: Annotated[str, Field(alias="class")]
    element: Literal["P1", "P2", "P3", "R1", "R2", "R3", "T1", "T2", "T3", "C1", "C2", "C3", "C4", "C5", "S"]
    text: Translated


class Scale(_Entry):
    """The marks that can be given, and their words."""

    advantage: dict[Literal[-2, -1, 0, 1, 2], Translated]
    importance: dict[Literal[1, 2, 3, 4], Translated]


class Questionnaire(_Entry):
    """Everything that is asked, in its order.

    Attributes
    ----------
    version : str
        Changes with the statements; answers of different versions are not put together.
    """

    version: str
    scale: Scale
    sides: Annotated[dict[Side, SideText], Field(alias="side")]
    classes: Annotated[dict[str, StatementClass], Field(alias="class")]
    statements: Annotated[dict[str, Statement], Field(alias="statement")]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean score with its 90 % interval; all rounded to `MEAN_STEP`."""

    score: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class SideResult:
    """What one side says, of at least `SMALLEST_SIDE` answers.

    Scores are advantage times importance, -8 (great challenge, very important) to 8. `statements` holds the mean of
    each, rounded to `STATEMENT_STEP`; `classes` and `total` the mean over their statements.
    """

    side: Side
    answers: int
    statements: dict[str, float]
    classes: dict[str, Estimate]
    total: Estimate


@dataclass(frozen=True, slots=True)
class SideGap:
    """Leadership minus doctors, -16 to 16: above 0 the leadership sees more of an advantage than the doctors do.

    `apart` names the classes (or ``total``) whose interval does not hold 0.
    """

    statements: dict[str, float]
    classes: dict[str, Estimate]
    total: Estimate
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """What a closed round shows.

    `sides` leaves out a side with too few answers, `withheld` names it; `gap` needs both sides.
    """

    version: str
    sides: tuple[SideResult, ...]
    withheld: tuple[Side, ...]
    gap: SideGap | None
    limitations: tuple[AssessmentLimitation, ...]


@cache
def load_questionnaire(path: Path = FILE) -> Questionnaire:
    """Load ``self_assessment.toml``.

    Raises
    ------
    CatalogueError
        If an entry has unknown keys or lacks something, or a statement is of a class that does not exist.

    Examples
    --------
    >>> questionnaire = load_questionnaire()
    >>> len(questionnaire.statements), len(questionnaire.classes)
    (25, 5)

    References
    ----------
    The idea of two sides and of advantage times importance: the Community Apgar Questionnaire, Rural and Remote Health
    2011, 11:1769. Statements and wording are our own, made from Abelsen et al. 2020, Hum Resour Health 18:63.
    """
    try:
        entries: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, marks in entries.get("scale", {}).items():
            entries["scale"][name] = {int(mark): text for mark, text in marks.items()}  # TOML's keys are text
        questionnaire = Questionnaire.model_validate(entries)
    except (OSError, ValueError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        where = ".".join(str(part) for part in first["loc"]) if first else "-"
        raise CatalogueError(path.name, where, f"is wrong: {first['msg'] if first else error}") from error
    for key, statement in questionnaire.statements.items():
        if statement.group not in questionnaire.classes:
            raise CatalogueError(path.name, key, f"is of class {statement.group!r}, which does not exist")
    return questionnaire


def check_marks(marks: Marks, questionnaire: Questionnaire) -> None:
    """Whether an answer marks every statement, within the scale.

    An answer is whole or none: statements with fewer answers than others would let a reader work out the difference.

    Raises
    ------
    UnknownKeyError
        If it marks a statement that is not asked.
    InvalidInputError
        If a statement is not marked, or a mark is outside the scale.
    """
    for key in marks:
        if key not in questionnaire.statements:
            raise UnknownKeyError("statement", key, tuple(questionnaire.statements))
    for key in questionnaire.statements:
        if key not in marks:
            raise InvalidInputError(key, None, "a mark for every statement")
        advantage, importance = marks[key]
        if advantage not in questionnaire.scale.advantage:
            raise InvalidInputError(f"{key}.advantage", advantage, "-2, -1, 0, 1 or 2")
        if importance not in questionnaire.scale.importance:
            raise InvalidInputError(f"{key}.importance", importance, "1, 2, 3 or 4")


def assessment_result(answers: Mapping[Side, Sequence[Marks]], questionnaire: Questionnaire) -> AssessmentResult:
    """What may be shown of all answers of a round, which must be closed for good before anybody sees it.

    A side with fewer than `SMALLEST_SIDE` answers is withheld whole, and the gap with it. No figure joins the two
    sides, and every statement has the same answers behind it, so that none can be worked out from others. Shown once,
    there are no two looks to subtract.

    Parameters
    ----------
    answers : mapping of Side to sequence of Marks
        Each whole (`check_marks`).
    questionnaire : Questionnaire

    Returns
    -------
    AssessmentResult
        Intervals treat those who answered as a sample of those who could have; the side may be smaller than that.
    """
    scores = {side: _weighted(answers.get(side, ()), questionnaire) for side in Side}
    shown = [side for side in Side if len(scores[side]) >= SMALLEST_SIDE]
    return AssessmentResult(
        version=questionnaire.version,
        sides=tuple(_side_result(side, scores[side], questionnaire) for side in shown),
        withheld=tuple(side for side in Side if side not in shown),
        gap=_gap(scores[Side.MANAGEMENT], scores[Side.DOCTORS], questionnaire) if len(shown) == len(Side) else None,
        limitations=tuple(AssessmentLimitation),
    )


def _weighted(answers: Sequence[Marks], questionnaire: Questionnaire) -> Array:
    """Advantage times importance, shape (answers, statements)."""
    rows = [[marks[key][0] * marks[key][1] for key in questionnaire.statements] for marks in answers]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(questionnaire.statements))


def _side_result(side: Side, scores: Array, questionnaire: Questionnaire) -> SideResult:
    return SideResult(
        side=side,
        answers=len(scores),
        statements=_statement_scores(scores, questionnaire),
        classes={key: _mean(scores[:, columns]) for key, columns in _columns(questionnaire).items()},
        total=_mean(scores),
    )


def _gap(management: Array, doctors: Array, questionnaire: Questionnaire) -> SideGap:
    classes = {
        key: _difference(management[:, columns], doctors[:, columns])
        for key, columns in _columns(questionnaire).items()
    }
    total = _difference(management, doctors)
    shown = [_statement_scores(side, questionnaire) for side in (management, doctors)]
    return SideGap(
        statements={key: shown[0][key] - shown[1][key] for key in questionnaire.statements},
        classes=classes,
        total=total,
        apart=tuple(key for key, found in (*classes.items(), ("total", total)) if found.lower > 0 or found.upper < 0),
    )


def _columns(questionnaire: Questionnaire) -> dict[str, list[int]]:
    groups = [statement.group for statement in questionnaire.statements.values()]
    return {key: [column for column, group in enumerate(groups) if group == key] for key in questionnaire.classes}


def _statement_scores(scores: Array, questionnaire: Questionnaire) -> dict[str, float]:
    means = scores.mean(axis=0).clip(-OUTERMOST, OUTERMOST).tolist()
    return {key: _rounded(mean, STATEMENT_STEP) for key, mean in zip(questionnaire.statements, means, strict=True)}


def _mean(scores: Array) -> Estimate:
    """Mean over persons and statements with Student's interval over persons."""
    persons = _persons(scores)
    variance = persons.var(ddof=1) / len(persons)
    return _estimate(persons.mean(), variance, len(persons) - 1, HIGHEST_SCORE)


def _difference(management: Array, doctors: Array) -> Estimate:
    """Difference of two means with Welch's interval."""
    persons = [_persons(side) for side in (management, doctors)]
    parts = [side.var(ddof=1) / len(side) for side in persons]
    weights = [part**2 / (len(side) - 1) for part, side in zip(parts, persons, strict=True)]
    freedom = sum(parts) ** 2 / sum(weights) if sum(weights) > 0 else min(len(side) for side in persons) - 1
    return _estimate(persons[0].mean() - persons[1].mean(), sum(parts), freedom, 2 * HIGHEST_SCORE)


def _persons(scores: Array) -> Array:
    """Each person's mean, in order of size: the order of the answers must not show, not even in a last decimal."""
    return np.sort(scores.mean(axis=1))


def _estimate(mean: float, variance: float, freedom: float, highest: float) -> Estimate:
    # An interval without width would tell that all answers are the same; it is never narrower than a rounding step.
    half = max(float(stdtrit(freedom, (1 + INTERVAL) / 2)) * float(np.sqrt(variance)), STATEMENT_STEP)
    furthest = highest * OUTERMOST / HIGHEST_SCORE
    shown = min(max(mean, -furthest), furthest)
    lower = min(max(mean - half, -furthest), furthest - STATEMENT_STEP)
    upper = max(min(mean + half, furthest), STATEMENT_STEP - furthest)
    return Estimate(_rounded(shown, MEAN_STEP), _rounded(lower, MEAN_STEP), _rounded(upper, MEAN_STEP))


def _rounded(value: float, step: float) -> float:
    return round(round(float(value) / step) * step, 1) + 0.0
