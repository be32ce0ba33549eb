"""Filled-in templates as files: what is read, and what is refused before anything is read."""

import io
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from features.errors import LocalFileError, LocalFileFault
from features.local_sheet import LARGEST_FILE, MOST_ROWS, CellKind, SheetRow, read_sheet
from features.local_template import Column, load_local_template

HEADINGS = load_local_template().headings
HEAD = "kode;svar;dato;hvem\n"


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    fill(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def answers(*rows: tuple[str | float, ...], head: tuple[str, ...] = ("kode", "svar", "dato", "hvem")) -> bytes:
    def fill(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.append(head)
        for row in rows:
            sheet.append(row)

    return workbook(fill)


def rewritten(content: bytes, change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as found, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for part in found.infolist():
            written.writestr(part.filename, change(part.filename, found.read(part)))
        for name, part_content in (extra or {}).items():
            written.writestr(name, part_content)
    return buffer.getvalue()


def fault(content: bytes) -> LocalFileFault:
    with pytest.raises(LocalFileError) as caught:
        read_sheet(content, HEADINGS)
    return caught.value.fault


def texts(row: SheetRow) -> dict[Column, str]:
    return {column: cell.text for column, cell in row.cells.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_the_ways_that_excel_saves_it(encoding: str, delimiter: str) -> None:
    text = "kode;merknad;svar;dato;hvem\nX01;blåbær på tå;3;1.11.2026;økonomi\n".replace(";", delimiter)
    (row,) = read_sheet(text.encode(encoding), HEADINGS)
    assert texts(row)[Column.NOTE] == "blåbær på tå"
    assert texts(row)[Column.ROLE] == "økonomi"


def test_a_cell_that_lists_many_things_with_commas_does_not_make_a_comma_separated_file() -> None:
    text = f"kode;merknad;svar;dato;hvem\nX01;{', '.join('abcdefghi')};3;1.11.2026;økonomi\n"
    (row,) = read_sheet(text.encode(), HEADINGS)
    assert texts(row)[Column.NOTE] == "a, b, c, d, e, f, g, h, i"
    assert texts(row)[Column.ROLE] == "økonomi"


def test_headings_may_stand_in_any_order_language_and_case_below_a_title_beside_columns_of_others() -> None:
    text = "Egne tall\n\nEining;WHO;svar;farge;Code;dato\nkm;personnel;3;rød;X01;1.11.2026\n"
    (row,) = read_sheet(text.encode(), HEADINGS)
    assert texts(row) == {
        Column.UNIT: "km",
        Column.ROLE: "personnel",
        Column.ANSWER: "3",
        Column.CODE: "X01",
        Column.DATE: "1.11.2026",
    }
    assert row.number == 4


def test_rows_keep_the_numbers_they_have_in_the_file() -> None:
    rows = read_sheet((HEAD + "\nX01;3;1.11.2026;personal\n;;;\nX01;4;;\n").encode(), HEADINGS)
    assert [row.number for row in rows] == [3, 5]


def test_an_unquoted_decimal_comma_in_a_comma_separated_file_is_noticed() -> None:
    text = "kode,svar,dato,hvem\nX01,3,5,1.11.2026,personal\n"
    assert [row.is_too_long for row in read_sheet(text.encode(), HEADINGS)] == [True]


def test_cells_of_a_workbook_keep_what_they_are() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.append(["kode", "svar", "dato", "hvem", "merknad"])
        sheet.append(["X01", 0.45, datetime(2026, 11, 1, 9, 30), "=A1", True])  # noqa: DTZ001 - a cell knows no zone
        sheet["B2"].number_format = "0 %"
        sheet.append(["X01", 0.45, "1.11.2026", "#DIV/0!", " med  mellomrom "])

    first, second = read_sheet(workbook(fill), HEADINGS)
    assert first.cells[Column.ANSWER].kind is CellKind.FRACTION
    assert first.cells[Column.ANSWER].text == "45 %"
    assert first.cells[Column.DATE].day == date(2026, 11, 1)
    assert first.cells[Column.ROLE].kind is CellKind.FORMULA
    assert first.cells[Column.NOTE].kind is CellKind.TRUTH
    assert second.cells[Column.ANSWER].kind is CellKind.NUMBER
    assert second.cells[Column.ROLE].kind is CellKind.ERROR
    assert second.cells[Column.NOTE].text == "med mellomrom"


def test_the_sheet_that_has_the_columns_is_found_among_others() -> None:
    def fill(book: Workbook) -> None:
        book.worksheets[0].append(["noe annet"])
        book.create_sheet("svarene").append(["kode", "svar", "dato", "hvem"])
        book["svarene"].append(["X01", 3, "1.11.2026", "personal"])

    assert len(read_sheet(workbook(fill), HEADINGS)) == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", LocalFileFault.EMPTY),
        (b" \n\n", LocalFileFault.EMPTY),
        (b"\xfe\xff", LocalFileFault.NO_TEMPLATE),
        (b"x" * (LARGEST_FILE + 1), LocalFileFault.TOO_LARGE),
        (b"\xd0\xcf\x11\xe0 an old workbook", LocalFileFault.OLD_OR_LOCKED),
        (b"%PDF-1.7\n\0\0", LocalFileFault.NOT_A_TABLE),
        (b"\x89PNG\r\n\x1a\n\0\0\0", LocalFileFault.NOT_A_TABLE),
        (b"kode;svar\nX01;3\n", LocalFileFault.NO_TEMPLATE),
        (b"PK\x03\x04 half a workbook", LocalFileFault.DAMAGED),
        ((HEAD + '"' + "x" * 200_000 + '"').encode(), LocalFileFault.DAMAGED),
        ((HEAD + "X01;3;;\n" * (MOST_ROWS + 1)).encode(), LocalFileFault.TOO_MANY_ROWS),
        ((HEAD + "\n" * 5000 + "X01;3;;\n").encode(), LocalFileFault.TOO_MANY_ROWS),
    ],
)
def test_a_file_that_is_no_template_is_refused_with_the_reason(content: bytes, expected: LocalFileFault) -> None:
    assert fault(content) is expected


def test_the_columns_that_are_missing_are_named() -> None:
    with pytest.raises(LocalFileError, match="dato, hvem"):
        read_sheet(b"kode;svar\n", HEADINGS)


def test_a_workbook_with_macros_is_refused() -> None:
    content = rewritten(answers(), lambda _, part: part, {"xl/vbaProject.bin": b"code"})
    assert fault(content) is LocalFileFault.MACROS


def test_another_office_file_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert fault(buffer.getvalue()) is LocalFileFault.NOT_A_TABLE


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread() -> None:
    bomb = rewritten(answers(), lambda _, part: part, {"xl/media/image1.png": bytes(9 * 1024**2)})
    assert len(bomb) < LARGEST_FILE
    assert fault(bomb) is LocalFileFault.UNSAFE


def test_a_part_that_lies_about_its_size_is_not_unpacked_further() -> None:
    size, told = 64 * 1024**2, 10
    content = rewritten(answers(("X01", 3, "", "")), lambda _, part: part, {"xl/media/image1.png": bytes(size)})
    for true, lie in ((size, told), (zlib.crc32(bytes(size)), zlib.crc32(bytes(told)))):
        content = content.replace(true.to_bytes(4, "little"), lie.to_bytes(4, "little"))
    tracemalloc.start()
    rows = read_sheet(content, HEADINGS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 1
    assert peak < 20 * 1024**2


def test_a_part_that_is_there_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = rewritten(answers(), lambda _, part: part, {"xl/workbook.xml": b"<x/>"})
    assert fault(content) is LocalFileFault.DAMAGED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_that_defines_entities_is_refused(encoding: str) -> None:
    def with_entities(name: str, part: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return part
        text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + part.decode()
        return text.encode(encoding)

    assert fault(rewritten(answers(), with_entities)) is LocalFileFault.UNSAFE


def test_a_damaged_workbook_is_refused() -> None:
    def cut(name: str, part: bytes) -> bytes:
        return part[: len(part) // 2] if name == "xl/worksheets/sheet1.xml" else part

    assert fault(rewritten(answers(("X01", 3, "", "")), cut)) is LocalFileFault.DAMAGED


def test_a_sheet_with_more_rows_than_a_template_has_is_refused() -> None:
    assert fault(answers(*[("X01", 3, "", "")] * (MOST_ROWS + 1))) is LocalFileFault.TOO_MANY_ROWS


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_workbook_with_any_bytes_changed_is_read_or_refused_in_our_words(changes: list[tuple[int, int]]) -> None:
    content = bytearray(answers(("X01", 3, "1.11.2026", "personal")))
    for place, byte in changes:
        content[place % len(content)] = byte
    with suppress(LocalFileError):
        read_sheet(bytes(content), HEADINGS)
