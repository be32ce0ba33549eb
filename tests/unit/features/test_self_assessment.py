"""Self-assessment: the questionnaire, and what may be shown of the answers."""

from pathlib import Path

import pytest

from features.errors import CatalogueError, InvalidInputError, UnknownKeyError
from features.self_assessment import (
    FILE,
    SMALLEST_SIDE,
    AssessmentLimitation,
    AssessmentResult,
    Marks,
    Side,
    assessment_result,
    check_marks,
    load_questionnaire,
)

QUESTIONNAIRE = load_questionnaire()
TEXT = FILE.read_text("utf-8")


def alike(advantage: int, importance: int) -> Marks:
    return dict.fromkeys(QUESTIONNAIRE.statements, (advantage, importance))


def result(management: list[Marks], doctors: list[Marks]) -> AssessmentResult:
    return assessment_result({Side.MANAGEMENT: management, Side.DOCTORS: doctors}, QUESTIONNAIRE)


def test_five_classes_of_five_statements_are_asked_of_two_sides() -> None:
    groups = [statement.group for statement in QUESTIONNAIRE.statements.values()]
    assert {key: groups.count(key) for key in QUESTIONNAIRE.classes} == dict.fromkeys(QUESTIONNAIRE.classes, 5)
    assert set(QUESTIONNAIRE.sides) == set(Side)


@pytest.mark.parametrize("answers", range(SMALLEST_SIDE))
def test_a_side_with_too_few_answers_is_withheld_whole_and_the_gap_with_it(answers: int) -> None:
    found = result([alike(1, 2)] * answers, [alike(-1, 2)] * SMALLEST_SIDE)
    assert [side.side for side in found.sides] == [Side.DOCTORS]
    assert found.withheld == (Side.MANAGEMENT,)
    assert found.gap is None


def test_nothing_about_a_withheld_side_moves_what_is_shown() -> None:
    doctors = [alike(-1, 3)] * 6
    assert result([alike(2, 4)] * 4, doctors) == result([], doctors)


def test_with_five_on_both_sides_the_gap_is_shown() -> None:
    found = result([alike(1, 2)] * 5, [alike(-1, 3)] * 7)
    management, doctors = found.sides
    assert (management.answers, doctors.answers) == (5, 7)
    assert (management.total.score, doctors.total.score) == (2, -3)
    assert found.gap is not None
    assert found.gap.total.score == 5
    assert set(found.gap.apart) == {*QUESTIONNAIRE.classes, "total"}


def test_an_interval_never_tells_that_all_answered_the_same() -> None:
    total = result([alike(1, 2)] * 5, []).sides[0].total
    assert (total.lower, total.upper) == (1.5, 2.5)


def test_the_outermost_score_does_not_tell_that_all_answered_the_outermost() -> None:
    everyone = result([alike(-2, 4)] * 5, []).sides[0]
    but_one = result([*[alike(-2, 4)] * 4, alike(-2, 3)], []).sides[0]
    one_neutral = result([*[alike(-2, 4)] * 4, alike(0, 4)], []).sides[0]
    assert everyone.statements == but_one.statements == one_neutral.statements
    assert set(everyone.statements.values()) == {-6.5}
    assert (everyone.total.lower, everyone.total.score, everyone.total.upper) == (-6.5, -6.5, -6.0)


def test_a_statement_is_rounded_coarser_than_one_answer_moves_it() -> None:
    others = [alike(1, 2)] * 4
    shown = {result([*others, alike(1, mark)], []).sides[0].statements["income"] for mark in (1, 2, 3)}
    assert len(shown) == 1


def test_a_class_is_the_mean_of_its_own_statements() -> None:
    place = {key for key, statement in QUESTIONNAIRE.statements.items() if statement.group == "place"}
    marks = {key: (2, 3) if key in place else (0, 1) for key in QUESTIONNAIRE.statements}
    side = result([marks] * 5, []).sides[0]
    assert {key: found.score for key, found in side.classes.items()} == {
        "place": 6,
        "economy": 0,
        "work": 0,
        "professional": 0,
        "support": 0,
    }
    assert side.total.score == pytest.approx(1.2)


def test_every_result_tells_what_it_cannot_promise() -> None:
    assert set(result([], []).limitations) == set(AssessmentLimitation)


def test_an_answer_must_be_whole_and_within_the_scale() -> None:
    check_marks(alike(-2, 4), QUESTIONNAIRE)
    with pytest.raises(UnknownKeyError, match="weather"):
        check_marks({**alike(0, 1), "weather": (1, 1)}, QUESTIONNAIRE)
    with pytest.raises(InvalidInputError, match="housing"):
        check_marks({key: pair for key, pair in alike(0, 1).items() if key != "housing"}, QUESTIONNAIRE)
    with pytest.raises(InvalidInputError, match="advantage"):
        check_marks(alike(3, 1), QUESTIONNAIRE)
    with pytest.raises(InvalidInputError, match="importance"):
        check_marks(alike(0, 0), QUESTIONNAIRE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('class = "place"', 'class = "elsewhere"'),
        ('version = "2026-1"', 'edition = "2026-1"'),
        ("[side.management]", "[side.patients]"),
        ("-2 = { nb", "-3 = { nb"),
        ('element = "R2"', 'element = "Q9"'),
        ("[scale.advantage]", "[scale.advantage"),
    ],
)
def test_a_wrong_declaration_fails_with_its_file(tmp_path: Path, old: str, new: str) -> None:
    assert old in TEXT
    path = tmp_path / "self_assessment.toml"
    path.write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogueError, match="self_assessment"):
        load_questionnaire(path)
