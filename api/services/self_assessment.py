"""A municipality's self-assessment: opens a round, takes answers without a trace of who gave them, shows the result."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine

from api.storage.repository import close_round, count_answers, load_rounds, save_answer, save_round
from api.storage.tables import AssessmentAnswerRow, AssessmentRoundRow
from features.errors import AssessmentRoundError, InvalidInputError, RoundFault
from features.municipality_codes import require_municipality
from features.self_assessment import (
    SMALLEST_SIDE,
    AssessmentResult,
    Marks,
    Side,
    assessment_result,
    check_marks,
    load_questionnaire,
)
from features.snapshot import Snapshot

DAYS_BETWEEN_ROUNDS = 90
"""From one round's close to the next one's opening: two results close in time could be subtracted."""

RESULT: TypeAdapter[AssessmentResult] = TypeAdapter(AssessmentResult)


@dataclass(frozen=True, slots=True)
class Mark:
    """The two marks of one statement."""

    advantage: int
    importance: int


MARKS: TypeAdapter[dict[str, Mark]] = TypeAdapter(dict[str, Mark])


@dataclass(frozen=True, slots=True)
class AssessmentRound:
    """A round and, once it is closed, what it shows.

    Attributes
    ----------
    enough : dict[Side, bool]
        While it is open: whether each side has enough answers to be shown. How many there are is not told: whoever
        looks before and after a colleague answers would learn that the colleague did.
    result : AssessmentResult or None
        None while it is open.
    """

    round_id: int
    municipality_code: str
    version: str
    opened_on: date
    closed_on: date | None
    enough: dict[Side, bool]
    result: AssessmentResult | None


def open_assessment(engine: Engine, snapshot: Snapshot, code: str, today: date) -> AssessmentRound:
    """Open a round in a municipality.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    AssessmentRoundError
        If a round is open, or the last one with a result was closed less than `DAYS_BETWEEN_ROUNDS` ago.
    """
    _require(snapshot, code)
    closed = [found.closed_on for found in load_rounds(engine, code) if found.closed_on and _shows_something(found)]
    first_day = max(closed) + timedelta(days=DAYS_BETWEEN_ROUNDS) if closed else today
    if today < first_day:
        raise AssessmentRoundError(code, RoundFault.TOO_SOON, first_day.isoformat())
    version = load_questionnaire().version
    saved = save_round(
        engine,
        AssessmentRoundRow(municipality_code=code, version=version, opened_on=today, closed_on=None, result=None),
    )
    if saved is None:
        raise AssessmentRoundError(code, RoundFault.ALREADY_OPEN)
    return _round(engine, saved)


def _shows_something(found: AssessmentRoundRow) -> bool:
    """Whether a closed round has a result that a later one could be subtracted from."""
    return found.result is not None and bool(RESULT.validate_json(found.result).sides)


def answer_assessment(engine: Engine, snapshot: Snapshot, code: str, side: Side, marks: Marks) -> None:
    """Take one person's answer; it cannot be found again, changed or taken back.

    Raises
    ------
    UnknownMunicipalityError, UnknownKeyError, InvalidInputError
        If the municipality or a statement does not exist, or the answer is not whole.
    AssessmentRoundError
        If no round is open, or it has another version of the questionnaire.
    """
    _require(snapshot, code)
    questionnaire = load_questionnaire()
    check_marks(marks, questionnaire)
    found = next((each for each in load_rounds(engine, code) if each.closed_on is None), None)
    if found is not None and found.version != questionnaire.version:
        raise AssessmentRoundError(code, RoundFault.OTHER_VERSION, found.version)
    text = json.dumps({key: list(marks[key]) for key in questionnaire.statements})
    if found is None or not save_answer(engine, found.id or 0, secrets.token_hex(16), side, text):
        raise AssessmentRoundError(code, RoundFault.NOT_OPEN)


def read_marks(content: bytes) -> Marks:
    """Marks from JSON: {"statement": {"advantage": -2 to 2, "importance": 1 to 4}, ...}.

    Raises
    ------
    InvalidInputError
        If it is anything else.
    """
    try:
        marks = MARKS.validate_json(content, strict=True)
    except ValidationError as error:
        expected = '{"statement": {"advantage": 1, "importance": 3}, ...}'
        raise InvalidInputError("marks", error.errors()[0]["msg"], expected) from error
    return {key: (mark.advantage, mark.importance) for key, mark in marks.items()}


def close_assessment(
    engine: Engine, snapshot: Snapshot, code: str, today: date, *, without_result: bool = False
) -> AssessmentRound:
    """Close the open round for good: its result is kept and its answers are deleted.

    Answers of a side with too few are deleted unseen. If that is both sides, `without_result` must say so.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    AssessmentRoundError
        If no round is open, or neither side has enough answers.
    """
    _require(snapshot, code)

    def summarise(answers: list[AssessmentAnswerRow]) -> str:
        result = assessment_result(_by_side(answers), load_questionnaire())
        if not result.sides and not without_result:
            raise AssessmentRoundError(code, RoundFault.TOO_FEW, f"{SMALLEST_SIDE}")
        return RESULT.dump_json(result).decode()

    closed = close_round(engine, code, today, summarise)
    if closed is None:
        raise AssessmentRoundError(code, RoundFault.NOT_OPEN)
    return _round(engine, closed)


def assessment_rounds(engine: Engine, snapshot: Snapshot, code: str) -> tuple[AssessmentRound, ...]:
    """Rounds of a municipality, the newest first.

    Raises
    ------
    UnknownMunicipalityError
        If `code` is none of today's.
    """
    _require(snapshot, code)
    return tuple(_round(engine, found) for found in load_rounds(engine, code))


def _require(snapshot: Snapshot, code: str) -> None:
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)


def _by_side(answers: list[AssessmentAnswerRow]) -> Mapping[Side, list[Marks]]:
    read = [(Side(answer.side), json.loads(answer.marks)) for answer in answers]
    return {
        side: [{key: (pair[0], pair[1]) for key, pair in marks.items()} for of, marks in read if of == side]
        for side in Side
    }


def _round(engine: Engine, found: AssessmentRoundRow) -> AssessmentRound:
    counts = count_answers(engine, found.id or 0) if found.closed_on is None else {}
    return AssessmentRound(
        round_id=found.id or 0,
        municipality_code=found.municipality_code,
        version=found.version,
        opened_on=found.opened_on,
        closed_on=found.closed_on,
        enough={side: counts.get(side, 0) >= SMALLEST_SIDE for side in Side} if found.closed_on is None else {},
        result=RESULT.validate_json(found.result) if found.result else None,
    )
