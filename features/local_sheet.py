"""Reads the cells of a filled-in template, xlsx or csv, without judging what they say."""

import csv
import io
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

from features.errors import LocalFileError, LocalFileFault
from features.local_template import NEEDED_COLUMNS, Column

LARGEST_FILE = 1024 * 1024
"""Bytes; a filled-in template is some ten thousand."""

LARGEST_UNPACKED = 8 * 1024 * 1024
PIECE = 64 * 1024
MOST_PARTS = 200
MOST_ROWS = 1000
MOST_COLUMNS = 40
MOST_SHEETS = 10
HEADING_WITHIN = 20
"""Rows from the top within which the headings must stand."""

LAST_ROW = MOST_ROWS + HEADING_WITHIN

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class CellKind(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    FRACTION = "fraction"
    DATE = "date"
    TRUTH = "truth"
    FORMULA = "formula"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that is not empty.

    Attributes
    ----------
    kind : CellKind
        ``fraction`` is a number shown as a percentage: 0.45 stands for 45 %.
    text : str
        What a reader sees, about.
    """

    kind: CellKind
    text: str
    number: float | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row below the headings: its number in the file, and its cells by column; empty ones are left out.

    `is_too_long` says that the row has cells to the right of the last heading.
    """

    number: int
    cells: Mapping[Column, Cell]
    is_too_long: bool = False


def read_sheet(content: bytes, headings: Mapping[str, Column]) -> tuple[SheetRow, ...]:
    """Rows below the template's headings, empty rows left out.

    Parameters
    ----------
    content : bytes
        The whole file.
    headings : mapping of str to Column
        Every heading that may stand for a column, in lower case; other columns are left out.

    Raises
    ------
    LocalFileError
        If the file is too large, is neither xlsx nor csv, carries macros, unpacks to too much or lacks the headings.
    """
    missing = NEEDED_COLUMNS
    for rows in sheets_of(content):
        for place, cells in enumerate(rows[:HEADING_WITHIN]):
            found = _columns(cells, headings)
            missing = min(missing, NEEDED_COLUMNS - set(found.values()), key=len)
            if not missing:
                return tuple(_below(rows, place, found))
    first = {column: heading for heading, column in reversed(list(headings.items()))}
    raise LocalFileError(LocalFileFault.NO_TEMPLATE, ", ".join(sorted(first.get(column, column) for column in missing)))


def sheets_of(content: bytes) -> list[list[list[Cell | None]]]:
    r"""Sheets of a file as rows of cells from the top; a csv file is one sheet, an empty cell None.

    Raises
    ------
    LocalFileError
        If the file is too large, is neither xlsx nor csv, carries macros or unpacks to too much.

    Examples
    --------
    >>> [[cell.text for cell in row] for row in sheets_of(b"name;places\nA;2")[0]]
    [['name', 'places'], ['A', '2']]
    """
    if len(content) > LARGEST_FILE:
        raise LocalFileError(LocalFileFault.TOO_LARGE, f"{LARGEST_FILE // 1024} kB")
    if not content.strip():
        raise LocalFileError(LocalFileFault.EMPTY)
    if content.startswith(OLE):
        raise LocalFileError(LocalFileFault.OLD_OR_LOCKED)
    return _xlsx_sheets(content) if content.startswith(ZIP) else [_csv_rows(content)]


def text_cell(text: str) -> Cell | None:
    """A cell from text that somebody typed; nothing if it is blank."""
    shown = " ".join(text.split())
    if not shown:
        return None
    return Cell(CellKind.FORMULA if shown[0] in "=@" else CellKind.TEXT, shown)


def number_cell(value: float, *, is_share: bool = False) -> Cell:
    """A cell with a number; a share (0-1) is one that stands as a percentage."""
    if is_share:
        return Cell(CellKind.FRACTION, f"{100 * value:.15g} %", number=float(value))
    return Cell(CellKind.NUMBER, f"{value:.15g}", number=float(value))


def _columns(cells: Sequence[Cell | None], headings: Mapping[str, Column]) -> dict[int, Column]:
    named = {index: cell.text.casefold() for index, cell in enumerate(cells) if cell is not None}
    found: dict[int, Column] = {}
    for index, name in named.items():
        if name in headings and headings[name] not in found.values():
            found[index] = headings[name]
    return found


def _below(rows: Sequence[Sequence[Cell | None]], heading: int, columns: Mapping[int, Column]) -> Iterator[SheetRow]:
    width = 1 + max(index for index, cell in enumerate(rows[heading]) if cell is not None)
    filled = [
        (number, cells)
        for number, cells in enumerate(rows[heading + 1 :], start=heading + 2)
        if any(cell is not None for cell in cells)
    ]
    if len(filled) > MOST_ROWS or len(rows) > LAST_ROW:
        raise LocalFileError(LocalFileFault.TOO_MANY_ROWS, f"{MOST_ROWS}")
    for number, cells in filled:
        by_column = {
            column: cell
            for index, column in columns.items()
            if index < len(cells) and (cell := cells[index]) is not None
        }
        yield SheetRow(number, by_column, any(cell is not None for cell in cells[width:]))


def _csv_rows(content: bytes) -> list[list[Cell | None]]:
    text = _decoded(content)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
        return [[text_cell(field) for field in fields[:MOST_COLUMNS]] for fields in islice(reader, LAST_ROW + 1)]
    except csv.Error as error:
        raise LocalFileError(LocalFileFault.DAMAGED, str(error)) from error


def _decoded(content: bytes) -> str:
    """Text in UTF-8, in UTF-16 with its mark, or as Norwegian Excel saves plain CSV."""
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise LocalFileError(LocalFileFault.NOT_A_TABLE)


def _delimiter(text: str) -> str:
    """The delimiter by which most rows near the top have one width; a semicolon where none splits any.

    Not the one that occurs most often: a cell may list many things with commas between.
    """

    def alike(sign: str) -> tuple[int, int]:
        rows = islice(csv.reader(io.StringIO(text), delimiter=sign), HEADING_WITHIN)
        widths = Counter(len(fields) for fields in rows if len(fields) > 1)
        return max(((times, width) for width, times in widths.items()), default=(0, 0))

    return max(";\t,", key=alike)


def _xlsx_sheets(content: bytes) -> list[list[list[Cell | None]]]:
    safe = _safe_copy(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts that openpyxl leaves out hold no answers
        try:
            book = load_workbook(safe, read_only=True, keep_links=False)
            return [
                # Rows are read one by one: a sheet that claims a million is left after the first thousand.
                [[_cell(cell) for cell in row] for row in sheet.iter_rows(max_row=LAST_ROW + 1, max_col=MOST_COLUMNS)]
                for sheet in book.worksheets[:MOST_SHEETS]
            ]
        except Exception as error:  # a damaged workbook fails in openpyxl in any of a dozen ways
            raise LocalFileError(LocalFileFault.DAMAGED, type(error).__name__) from error


def _safe_copy(content: bytes) -> io.BytesIO:
    """The workbook unpacked, after refusing what is none, has macros or unpacks to more than a template ever does.

    A part may unpack to far more than it declares, and whoever reads it whole holds all of it; here it is read in small
    pieces and no further than it declares, and what openpyxl reads afterwards is not packed at all.
    """
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(copy, "w") as unpacked:
            parts = packed.infolist()
            names = [part.filename.casefold() for part in parts]
            if "xl/workbook.xml" not in names:
                raise LocalFileError(LocalFileFault.NOT_A_TABLE)
            if any("vbaproject" in name for name in names):
                raise LocalFileError(LocalFileFault.MACROS)
            if any(part.flag_bits & 1 for part in parts):
                raise LocalFileError(LocalFileFault.OLD_OR_LOCKED)
            if len(set(names)) < len(names):
                raise LocalFileError(LocalFileFault.DAMAGED)
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise LocalFileError(LocalFileFault.UNSAFE, f"{LARGEST_UNPACKED // 1024**2} MB")
            for part in parts:
                found = b"".join(_pieces(packed, part))
                if _defines_entities(found):
                    raise LocalFileError(LocalFileFault.UNSAFE)
                unpacked.writestr(part.filename, found)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise LocalFileError(LocalFileFault.DAMAGED, type(error).__name__) from error
    return copy


def _pieces(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with packed.open(part) as stream:
        while piece := stream.read(PIECE):
            yield piece


def _defines_entities(part: bytes) -> bool:
    return any("<!DOCTYPE".encode(encoding) in part for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _cell(cell: SheetCell | MergedCell | ReadOnlyCell | EmptyCell) -> Cell | None:
    value = cell.value
    if isinstance(cell, EmptyCell | MergedCell) or value is None:
        return None
    shown = " ".join(str(value).split())
    if cell.data_type == "f":
        return Cell(CellKind.FORMULA, shown)
    if cell.data_type == "e":
        return Cell(CellKind.ERROR, shown)
    match value:
        case bool():
            return Cell(CellKind.TRUTH, shown, number=float(value))
        case datetime():
            return Cell(CellKind.DATE, value.date().isoformat(), day=value.date())
        case date():
            return Cell(CellKind.DATE, value.isoformat(), day=value)
        case int() | float():
            return number_cell(float(value), is_share="%" in (cell.number_format or ""))
        case _:
            return text_cell(shown)
