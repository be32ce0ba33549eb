"""Laws of what municipalities say about themselves: reading, what is in force, and what a self-assessment shows."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from statistics import fmean
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import load_catalogue
from features.errors import LocalFileError
from features.frames import LocalEntry
from features.local_amounts import Amount, read_amount
from features.local_data import judge_rows, values_in_force
from features.local_sheet import SheetRow, read_sheet, text_cell
from features.local_template import Column, load_local_template
from features.self_assessment import AssessmentResult, Marks, Side, assessment_result, load_questionnaire

CATALOGUE, TEMPLATE, QUESTIONNAIRE = load_catalogue(), load_local_template(), load_questionnaire()
TODAY = date(2026, 11, 22)
STATEMENTS = tuple(QUESTIONNAIRE.statements)

DAYS = st.integers(0, 3).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
SAID = st.lists(
    st.tuples(
        st.sampled_from(["5014", "0301"]),
        st.sampled_from(["contract_options", "housing_offer"]),
        st.one_of(st.none(), st.integers(0, 5).map(float)),
        DAYS,
    ),
    max_size=12,
)
ANSWERS = st.binary(min_size=len(STATEMENTS), max_size=len(STATEMENTS)).map(
    lambda marks: {key: (mark % 5 - 2, mark // 5 % 4 + 1) for key, mark in zip(STATEMENTS, marks, strict=True)}
)
BYTES = st.binary(max_size=200)
SIDES = st.lists(ANSWERS, max_size=8)
CELLS = st.one_of(
    st.sampled_from(["5014", "X01", "F03", "F10", "3", "80 %", "12 av 15", "1.11.2026", "personal", "nei", "=A1", "6"]),
    st.text(max_size=8),
)
ROWS = st.lists(st.dictionaries(st.sampled_from(list(Column)), CELLS), max_size=8)


def in_force_by_reading_on(said: list[tuple[str, str, float | None, date]]) -> dict[tuple[str, str], float]:
    """What counts, found by reading the entries one after another."""
    found: dict[tuple[str, str], tuple[date, float]] = {}
    for place, indicator, value, day in said:
        if value is None:
            found.pop((place, indicator), None)
        elif (place, indicator) not in found or day >= found[place, indicator][0]:
            found[place, indicator] = (day, value)
    return {key: value for key, (_, value) in found.items()}


@settings(max_examples=40, deadline=None)
@given(SAID)
def test_what_is_in_force_is_what_reading_the_entries_in_order_gives(
    said: list[tuple[str, str, float | None, date]],
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "entry": number,
            "municipality_code": place,
            "indicator": indicator,
            "value": value,
            "numerator": None,
            "denominator": None,
            "valid_on": day,
            "said_by": "adviser",
            "note": None,
            "entered_at": datetime(2026, 11, 22, tzinfo=UTC),
        }
        for number, (place, indicator, value, day) in enumerate(said, start=1)
    ]
    entries = pl.DataFrame(rows, schema=LocalEntry.create_empty().schema)
    found = values_in_force(entries).select("municipality_code", "indicator", "value").rows()
    assert {(place, indicator): value for place, indicator, value in found} == in_force_by_reading_on(said)


@settings(max_examples=40, deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_a_number_written_the_norwegian_way_is_read_back(value: float, digits: int) -> None:
    written = f"{value:,.{digits}f}".replace(",", "\u00a0").replace(".", ",")
    cell = text_cell(written)
    assert cell is not None
    assert read_amount(cell) == Amount(float(f"{value:.{digits}f}"))


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(str.encode),
        st.binary(max_size=200).map(b"PK\x03\x04".__add__),
    )
)
def test_a_file_of_any_bytes_is_read_or_refused_in_our_words(content: bytes) -> None:
    with suppress(LocalFileError):
        read_sheet(content, TEMPLATE.headings)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_row_is_accepted_or_rejected_or_unanswered(rows: list[dict[Column, str]]) -> None:
    sheet = [
        SheetRow(number, {column: cell for column, text in row.items() if (cell := text_cell(text)) is not None})
        for number, row in enumerate(rows, start=2)
    ]
    report = judge_rows(sheet, "5014", CATALOGUE, TEMPLATE, TODAY)
    accepted, rejected = {answer.row for answer in report.accepted}, {problem.row for problem in report.rejected}
    assert not accepted & rejected
    assert len(accepted) + len(rejected) + report.unanswered == len(sheet)
    assert len({answer.indicator for answer in report.accepted}) == len(report.accepted)
    for answer in report.accepted:
        low, high = CATALOGUE.indicators[answer.indicator].bounds
        assert low <= answer.value <= high
        assert answer.valid_on <= TODAY
        assert answer.said_by in TEMPLATE.roles


def assessed(management: list[Marks], doctors: list[Marks]) -> AssessmentResult:
    return assessment_result({Side.MANAGEMENT: management, Side.DOCTORS: doctors}, QUESTIONNAIRE)


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES)
def test_a_side_is_shown_from_five_answers_and_within_the_scale(management: list[Marks], doctors: list[Marks]) -> None:
    found = assessed(management, doctors)
    enough = {side for side, given in ((Side.MANAGEMENT, management), (Side.DOCTORS, doctors)) if len(given) >= 5}
    assert {side.side for side in found.sides} == enough
    assert set(found.withheld) == set(Side) - enough
    assert (found.gap is not None) == (len(enough) == 2)
    for side in found.sides:
        for estimate in (*side.classes.values(), side.total):
            assert -8 <= estimate.lower <= estimate.score <= estimate.upper <= 8
            assert estimate.upper - estimate.lower >= 0.5


@settings(max_examples=40, deadline=None)
@given(st.lists(ANSWERS, min_size=5, max_size=8), st.integers(1, 4))
def test_scores_are_plain_means_and_the_order_of_answers_changes_nothing(answers: list[Marks], turn: int) -> None:
    side = assessed(answers, []).sides[0]
    for key, shown in side.statements.items():
        mean = fmean(marks[key][0] * marks[key][1] for marks in answers)
        assert abs(shown - max(-6.5, min(6.5, mean))) <= 0.25 + 1e-9
    mean = fmean(advantage * importance for marks in answers for advantage, importance in marks.values())
    assert abs(side.total.score - max(-6.5, min(6.5, mean))) <= 0.05 + 1e-9
    assert assessed([*answers[turn:], *answers[:turn]][::-1], []).sides[0] == side


@settings(max_examples=40, deadline=None)
@given(st.lists(ANSWERS, min_size=5, max_size=7), st.lists(ANSWERS, min_size=5, max_size=7))
def test_the_gap_turns_round_when_the_sides_do(management: list[Marks], doctors: list[Marks]) -> None:
    there, back = assessed(management, doctors).gap, assessed(doctors, management).gap
    assert there is not None
    assert back is not None
    assert there.statements == {key: -gap for key, gap in back.statements.items()}
    assert abs(there.total.score + back.total.score) < 1e-9
    assert abs(there.total.lower + back.total.upper) < 1e-9
    assert set(there.apart) == set(back.apart)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANSWERS, min_size=5, max_size=7), st.sampled_from(STATEMENTS), st.integers(0, 4))
def test_a_better_mark_never_lowers_a_score(answers: list[Marks], statement: str, who: int) -> None:
    better = list(answers)
    advantage, importance = answers[who][statement]
    better[who] = {**answers[who], statement: (min(advantage + 1, 2), importance)}
    before, after = assessed(answers, []).sides[0], assessed(better, []).sides[0]
    assert after.statements[statement] >= before.statements[statement]
    assert after.total.score >= before.total.score
