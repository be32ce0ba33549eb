"""Numbers and dates as Norwegians write them."""

from datetime import date

import pytest

from features.local_amounts import Amount, read_amount, read_day
from features.local_faults import RowFault
from features.local_sheet import Cell, CellKind, number_cell, text_cell


def cell(text: str) -> Cell:
    found = text_cell(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("3", 3, "number"),
        ("3,5", 3.5, "number"),
        ("3.5", 3.5, "number"),
        (",5", 0.5, "number"),
        ("-12", -12, "number"),
        ("−12", -12, "number"),
        ("1 234", 1234, "number"),
        ("1\u00a0234,5", 1234.5, "number"),
        ("1.234,5", 1234.5, "number"),
        ("1,234.5", 1234.5, "number"),
        ("0.125", 0.125, "number"),
        ("45 %", 45, "percent"),
        ("45,5%", 45.5, "percent"),
        ("45 prosent", 45, "percent"),
        ("ja", 1, "number"),
        ("NEI", 0, "number"),
    ],
)
def test_a_number_is_read_as_it_is_meant(text: str, value: float, kind: str) -> None:
    assert read_amount(cell(text)) == Amount(value, kind == "percent")


@pytest.mark.parametrize("text", ["12 av 15", "12 of 15", "12/15"])
def test_so_many_out_of_so_many_is_a_percentage_that_keeps_the_whole(text: str) -> None:
    assert read_amount(cell(text)) == Amount(80, True, 15)


@pytest.mark.parametrize(
    "text", ["cirka 5", "5 dager", "1-2", "12 av 0", "% 5", "5 % 5", "1e5", "nan", "uendelig", "٣", "9" * 400, "=5"]
)
def test_what_is_no_number_is_not_guessed(text: str) -> None:
    assert read_amount(cell(text)) is RowFault.NOT_A_NUMBER


@pytest.mark.parametrize("text", ["1.234", "-12.345", "999.000 %"])
def test_a_point_before_three_digits_may_be_a_thousand_and_is_not_guessed(text: str) -> None:
    assert read_amount(cell(text)) is RowFault.AMBIGUOUS_NUMBER


def test_cells_of_a_workbook_are_read_by_their_kind() -> None:
    assert read_amount(number_cell(7.25)) == Amount(7.25)
    assert read_amount(number_cell(0.45, is_share=True)) == Amount(45, True)
    assert read_amount(Cell(CellKind.TRUTH, "True", number=1.0)) == Amount(1)
    assert read_amount(Cell(CellKind.DATE, "2026-12-15", day=date(2026, 12, 15))) is RowFault.NOT_A_NUMBER
    assert read_amount(number_cell(float("inf"))) is RowFault.NOT_A_NUMBER


@pytest.mark.parametrize("text", ["1.11.2026", "01.11.2026", "1/11/2026", "2026-11-01", " 1. 11. 2026 "])
def test_a_day_is_read_with_the_day_first_or_the_year_first(text: str) -> None:
    assert read_day(cell(text)) == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["31.2.2026", "2026", "1.11.26", "november 2026", "11-01-2026", "46000"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert read_day(cell(text)) is RowFault.NOT_A_DATE
