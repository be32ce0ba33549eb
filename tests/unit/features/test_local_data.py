"""Judging filled-in rows: what is accepted, and which fault each other row has."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from features.catalogue import load_catalogue
from features.frames import LocalEntry
from features.local_data import PERSONAL, LocalReport, judge_rows, municipality_of, values_in_force
from features.local_faults import RowFault
from features.local_sheet import Cell, CellKind, SheetRow, number_cell, text_cell
from features.local_template import Column, load_local_template

CATALOGUE, TEMPLATE = load_catalogue(), load_local_template()
TODAY = date(2026, 11, 22)
RIGHT = {"municipality": "5014", "code": "X01", "answer": "3", "date": "1.11.2026", "role": "kommuneoverlege"}
SHARE = RIGHT | {"code": "F03", "answer": "80 %", "count": "15"}
SURVEY = RIGHT | {"code": "F10", "answer": "4", "count": "12"}


def row(texts: dict[str, str], number: int = 2) -> SheetRow:
    cells = {Column(name): cell for name, text in texts.items() if (cell := text_cell(text)) is not None}
    return SheetRow(number, cells)


def judged(*rows: SheetRow) -> LocalReport:
    return judge_rows(rows, "5014", CATALOGUE, TEMPLATE, TODAY)


def faults(*rows: SheetRow) -> list[tuple[Column, RowFault]]:
    return [(problem.column, problem.fault) for problem in judged(*rows).rejected]


def test_a_right_row_is_accepted_with_who_and_when() -> None:
    (answer,) = judged(row(RIGHT | {"note": "gjelder fra i høst"})).accepted
    assert (answer.indicator, answer.value, answer.municipality_code) == ("contract_options", 3.0, "5014")
    assert (answer.valid_on, answer.said_by, answer.note) == (
        date(2026, 11, 1),
        "chief_medical_officer",
        "gjelder fra i høst",
    )
    assert (answer.numerator, answer.denominator) == (None, None)


@pytest.mark.parametrize("answer", ["80", "80 %", "80,0", "12 av 15"])
def test_a_share_is_kept_as_a_share_with_its_numbers(answer: str) -> None:
    (found,) = judged(row(SHARE | {"answer": answer})).accepted
    assert (found.value, found.denominator) == (0.8, 15)
    assert found.numerator == pytest.approx(12)


def test_out_of_so_many_needs_no_count_beside_it_but_must_agree_with_one() -> None:
    assert judged(row(SHARE | {"answer": "12 av 15", "count": ""})).accepted[0].denominator == 15
    assert faults(row(SHARE | {"answer": "12 av 15", "count": "16"})) == [(Column.COUNT, RowFault.NOT_A_COUNT)]


def test_a_share_typed_into_a_percent_cell_is_the_same() -> None:
    typed = row(SHARE)
    cells = dict(typed.cells) | {Column.ANSWER: number_cell(0.8, is_share=True)}
    assert judged(SheetRow(2, cells)).accepted[0].value == 0.8


@pytest.mark.parametrize("name", ["X01", "x01", "contract_options", "CONTRACT_OPTIONS"])
def test_an_indicator_goes_by_its_code_or_its_key(name: str) -> None:
    assert judged(row(RIGHT | {"code": name})).accepted[0].indicator == "contract_options"


def test_yes_and_no_answer_a_question_of_two_steps() -> None:
    assert judged(row(RIGHT | {"code": "E03", "answer": "Ja"})).accepted[0].value == 1
    assert judged(row(RIGHT | {"code": "E03", "answer": "nei"})).accepted[0].value == 0


@pytest.mark.parametrize(
    ("wrong", "column", "fault"),
    [
        (RIGHT | {"municipality": "5016"}, Column.MUNICIPALITY, RowFault.WRONG_MUNICIPALITY),
        (RIGHT | {"code": ""}, Column.CODE, RowFault.MISSING_CODE),
        (RIGHT | {"code": "Z99"}, Column.CODE, RowFault.UNKNOWN_INDICATOR),
        (RIGHT | {"code": "O08"}, Column.CODE, RowFault.UNKNOWN_INDICATOR),  # two indicators share the number
        (RIGHT | {"code": "W01", "answer": "900"}, Column.CODE, RowFault.PUBLIC_FIGURE),
        (RIGHT | {"answer": ""}, Column.ANSWER, RowFault.MISSING_ANSWER),
        (RIGHT | {"answer": "tre"}, Column.ANSWER, RowFault.NOT_A_NUMBER),
        (RIGHT | {"answer": "6"}, Column.ANSWER, RowFault.OUT_OF_BOUNDS),
        (RIGHT | {"answer": "-1"}, Column.ANSWER, RowFault.OUT_OF_BOUNDS),
        (RIGHT | {"answer": "2,5"}, Column.ANSWER, RowFault.NOT_WHOLE),
        (RIGHT | {"answer": "60 %"}, Column.ANSWER, RowFault.NO_PERCENT_HERE),
        (RIGHT | {"code": "G01", "answer": "1.250"}, Column.ANSWER, RowFault.AMBIGUOUS_NUMBER),
        (SHARE | {"answer": "0,8"}, Column.ANSWER, RowFault.AMBIGUOUS_PERCENT),
        (SHARE | {"answer": "1"}, Column.ANSWER, RowFault.AMBIGUOUS_PERCENT),
        (SHARE | {"answer": "101"}, Column.ANSWER, RowFault.OUT_OF_BOUNDS),
        (SHARE | {"answer": "16 av 15"}, Column.ANSWER, RowFault.OUT_OF_BOUNDS),
        (SHARE | {"count": ""}, Column.COUNT, RowFault.MISSING_COUNT),
        (SHARE | {"count": "0"}, Column.COUNT, RowFault.NOT_A_COUNT),
        (SHARE | {"count": "7,5"}, Column.COUNT, RowFault.NOT_A_COUNT),
        (SHARE | {"count": "mange"}, Column.COUNT, RowFault.NOT_A_COUNT),
        (RIGHT | {"count": "5"}, Column.COUNT, RowFault.COUNT_NOT_ASKED),
        (SURVEY | {"count": "4"}, Column.COUNT, RowFault.TOO_FEW_PEOPLE),
        (RIGHT | {"date": ""}, Column.DATE, RowFault.MISSING_DATE),
        (RIGHT | {"date": "i går"}, Column.DATE, RowFault.NOT_A_DATE),
        (RIGHT | {"date": "23.11.2026"}, Column.DATE, RowFault.FUTURE_DATE),
        (RIGHT | {"date": "31.12.2014"}, Column.DATE, RowFault.DATE_TOO_OLD),
        (RIGHT | {"role": ""}, Column.ROLE, RowFault.MISSING_ROLE),
        (RIGHT | {"role": "Kari Nordmann"}, Column.ROLE, RowFault.UNKNOWN_ROLE),
        (RIGHT | {"note": "x" * 301}, Column.NOTE, RowFault.NOTE_TOO_LONG),
        (RIGHT | {"answer": "=2+1"}, Column.ANSWER, RowFault.FORMULA),
        (RIGHT | {"note": "@SUM(A1)"}, Column.NOTE, RowFault.FORMULA),
    ],
)
def test_a_wrong_cell_is_named_with_its_fault_and_nothing_is_accepted(
    wrong: dict[str, str], column: Column, fault: RowFault
) -> None:
    report = judged(row(wrong, 7))
    assert [(each.row, each.column, each.fault) for each in report.rejected] == [(7, column, fault)]
    assert report.accepted == ()


def test_every_fault_of_a_row_is_told_at_once() -> None:
    wrong = RIGHT | {"answer": "9", "date": "", "role": "Kari"}
    assert [fault for _, fault in faults(row(wrong))] == [
        RowFault.OUT_OF_BOUNDS,
        RowFault.MISSING_DATE,
        RowFault.UNKNOWN_ROLE,
    ]


def test_an_error_cell_and_a_row_with_surplus_cells_are_not_read_further() -> None:
    error = SheetRow(2, dict(row(RIGHT).cells) | {Column.ANSWER: Cell(CellKind.ERROR, "#DIV/0!")})
    assert faults(error) == [(Column.ANSWER, RowFault.CELL_ERROR)]
    assert faults(SheetRow(2, row(RIGHT).cells, is_too_long=True)) == [(Column.NOTE, RowFault.EXTRA_CELLS)]


def test_a_share_about_people_needs_five_on_both_sides() -> None:
    people = SHARE | {"code": "lis1_return_share"}
    assert faults(row(people | {"answer": "20 %", "count": "20"})) == [(Column.COUNT, RowFault.TOO_FEW_PEOPLE)]
    assert faults(row(people | {"answer": "80 %", "count": "20"})) == [(Column.COUNT, RowFault.TOO_FEW_PEOPLE)]
    assert faults(row(people | {"answer": "100", "count": "20"})) == [(Column.COUNT, RowFault.TOO_FEW_PEOPLE)]
    assert judged(row(people | {"answer": "25 %", "count": "20"})).accepted[0].numerator == 5


def test_contract_years_may_be_counted_in_parts_of_a_year() -> None:
    assert judged(row(SHARE | {"code": "O05", "answer": "20 %", "count": "22,5"})).accepted[0].denominator == 22.5


def test_two_rows_about_the_same_indicator_are_both_kept_out_and_name_each_other() -> None:
    report = judged(row(RIGHT, 2), row(SHARE, 3), row(RIGHT | {"code": "contract_options", "answer": "4"}, 9))
    assert [(each.row, each.fault, each.expected) for each in report.rejected] == [
        (2, RowFault.DUPLICATE, "9"),
        (9, RowFault.DUPLICATE, "2"),
    ]
    assert [answer.row for answer in report.accepted] == [3]


def test_rows_that_nobody_filled_in_are_no_fault() -> None:
    blank = {"municipality": "5014", "code": "X01"}
    report = judged(row(blank), row(blank | {"municipality": "9999"}), row(RIGHT))
    assert (len(report.accepted), report.rejected, report.unanswered) == (1, (), 2)


def test_a_code_without_its_leading_zero_is_still_the_municipality() -> None:
    assert municipality_of([SheetRow(2, {Column.MUNICIPALITY: number_cell(301.0)})]) == "0301"
    assert municipality_of([row({"code": "X01"})]) is None


def test_a_long_value_is_cut_in_the_report() -> None:
    (problem,) = judged(row(RIGHT | {"answer": "x" * 500})).rejected
    assert len(problem.given) <= 61


def test_what_is_about_people_stands_in_the_catalogue_and_comes_with_a_count() -> None:
    for key in TEMPLATE.about_people:
        assert CATALOGUE.indicator(key).asks_for_denominator, key


def entries(*said: tuple[float | None, date]) -> pl.DataFrame:
    rows = [
        {
            "entry": number,
            "municipality_code": "5014",
            "indicator": "contract_options",
            "value": value,
            "numerator": None,
            "denominator": None,
            "valid_on": day,
            "said_by": "adviser",
            "note": None,
            "entered_at": datetime(2026, 11, 22, tzinfo=UTC),
        }
        for number, (value, day) in enumerate(said, start=1)
    ]
    return LocalEntry.validate(pl.DataFrame(rows, schema=LocalEntry.create_empty().schema))


def in_force(*said: tuple[float | None, date]) -> list[float]:
    return values_in_force(entries(*said))["value"].to_list()


def test_the_newest_day_counts_and_of_one_day_the_last_entry() -> None:
    older, newer = date(2025, 1, 1), date(2026, 1, 1)
    assert in_force((1, newer), (2, older)) == [1]
    assert in_force((1, older), (2, newer)) == [2]
    assert in_force((1, newer), (2, newer)) == [2]


def test_a_withdrawal_takes_back_all_that_was_said_before_it_and_nothing_after() -> None:
    older, newer = date(2025, 1, 1), date(2026, 1, 1)
    assert in_force((1, older), (2, newer), (None, newer)) == []
    assert in_force((1, newer), (None, newer), (3, older)) == [3]
    assert in_force() == []


@pytest.mark.parametrize(
    ("note", "is_personal"),
    [
        ("tlf 91234567", True),
        ("ring 912 34 567", True),
        ("fnr 01017012345", True),
        ("ola@kommune.no", True),
        ("vedtatt 01.02.2026, sak 24/1234", False),
        ("gjelder 2024 og 2025", False),
    ],
)
def test_a_note_holds_no_way_to_a_person(note: str, is_personal: bool) -> None:  # noqa: FBT001
    assert bool(PERSONAL.search(note)) is is_personal
