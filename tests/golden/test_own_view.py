"""Self-assessment and likeness against cases worked by hand."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from features.likeness import most_alike
from features.self_assessment import (
    Estimate,
    Questionnaire,
    Side,
    Statement,
    StatementClass,
    assessment_result,
    load_questionnaire,
)

CASES = Path(__file__).parent / "cases"


def two_statements() -> Questionnaire:
    real = load_questionnaire()
    words = next(iter(real.classes.values())).label
    statement = Statement(group="only", element="S", text=words)
    return real.model_copy(
        update={"classes": {"only": StatementClass(label=words)}, "statements": {"a": statement, "b": statement}}
    )


def test_two_sides_come_out_as_worked_by_hand() -> None:
    case = tomllib.loads((CASES / "self_assessment_two_sides.toml").read_text("utf-8"))
    answers = {side: [{key: tuple(pair) for key, pair in marks.items()} for marks in case[side]] for side in Side}
    found = assessment_result(answers, two_statements())
    for side in found.sides:
        expected = case["expected"][side.side]
        assert side.statements == expected["statements"]
        assert side.total == Estimate(*expected["total"])
        assert side.classes == {"only": side.total}
    expected = case["expected"]["gap"]
    assert found.gap is not None
    assert found.gap.statements == expected["statements"]
    assert found.gap.total == Estimate(*expected["total"])
    assert list(found.gap.apart) == expected["apart"]


def test_four_municipalities_are_as_far_apart_as_worked_by_hand() -> None:
    case = tomllib.loads((CASES / "likeness_four_municipalities.toml").read_text("utf-8"))
    values = pl.DataFrame(
        [
            {"municipality_code": code, "indicator": key, "value": float(value)}
            for code, figures in case["figures"].items()
            for key, value in figures.items()
        ]
    )
    found = most_alike("0001", values, 3, ((2, ("population",)), (1, ("city", "hospital"))))
    assert [each.municipality_code for each in found] == [expected["code"] for expected in case["expected"]]
    for each, expected in zip(found, case["expected"], strict=True):
        assert each.distance == pytest.approx(expected["distance"], abs=1e-6)
        assert each.compared == pytest.approx(expected["compared"], abs=1e-6)
        assert each.gaps[0].feature == expected["nearest"]
