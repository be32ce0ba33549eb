"""Writes the template that a municipality fills in, as xlsx or csv."""

import csv
import io
import re
import zipfile
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from api.console import speaker
from api.formatting import Formats
from api.local_words import allowed_values, shown_figure
from api.services.local_template import KnownFigure, Template, TemplateRow
from api.words import table_name
from features.catalogue import Language
from features.local_data import LONGEST_NOTE, OLDEST_DAY, WHOLE_UNITS
from features.local_template import INPUT_COLUMNS, Column, load_local_template

WIDTHS: dict[Column, float] = {
    Column.MUNICIPALITY: 9,
    Column.CODE: 6,
    Column.INDICATOR: 25,
    Column.QUESTION: 62,
    Column.UNIT: 13,
    Column.ALLOWED: 12,
    Column.KNOWN: 20,
    Column.ANSWER: 10,
    Column.COUNT: 10,
    Column.DATE: 12,
    Column.ROLE: 18,
    Column.NOTE: 20,
}
"""Characters; together with the heights of the rows they make the minimum set fit one A4 page at about three quarters.

The municipality's column is hidden: the heading names it, and every row carries it for the reader.
"""

FONT, SMALL, TITLE = Font(size=10), Font(size=9, color="595959"), Font(size=14, bold=True)
HEADING, GIVEN = PatternFill("solid", fgColor="D9E2EC"), PatternFill("solid", fgColor="F2F2F2")
THIN = Side(style="thin", color="BFBFBF")
LINE_POINTS = 13.0
HEADING_ROW = 4
EXCEL_DAY_ZERO = date(1899, 12, 30)
EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - the first moment a zip archive can name, which has no time zone


def template_xlsx(template: Template, language: Language) -> bytes:
    """The template as a workbook: one sheet, input cells open and checked, the rest locked.

    The same template gives the same bytes.
    """
    _ = speaker(language)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("Egne tall")
    book.properties.title = _title(template, language)
    book.properties.creator = "Stabil"
    book.properties.created = book.properties.modified = EPOCH
    _write_top(sheet, template, language)
    for place, row in enumerate(template.rows, start=HEADING_ROW + 1):
        _write_row(sheet, place, row, template, language)
    _set_up_page(sheet, template, language)
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_moment(buffer.getvalue())


def template_csv(template: Template, language: Language) -> bytes:
    """The template as Norwegian Excel reads CSV: UTF-8 with its mark, semicolons."""
    texts = load_local_template().columns
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow([text.label.in_language(language) for text in texts.values()])
    writer.writerows([*_given(row, template, language).values(), *("" for _ in INPUT_COLUMNS)] for row in template.rows)
    return buffer.getvalue().encode("utf-8-sig")


def _title(template: Template, language: Language) -> str:
    _ = speaker(language)
    return _("Egne tall for {code} {name}", code=template.municipality_code, name=template.name)


def _given(row: TemplateRow, template: Template, language: Language) -> dict[Column, str]:
    """The columns that are filled in beforehand."""
    _ = speaker(language)
    texts = load_local_template()
    asked = row.entry.question.in_language(language) if row.entry.question else ""
    return {
        Column.MUNICIPALITY: template.municipality_code,
        Column.CODE: row.code,
        Column.INDICATOR: row.entry.label.in_language(language),
        Column.QUESTION: asked or _("Hentes fra offentlige tall; skal ikke besvares."),
        Column.UNIT: texts.units[row.entry.unit].in_language(language),
        Column.ALLOWED: allowed_values(row.entry, language) if row.is_asked else "–",
        Column.KNOWN: _known(row, language),
    }


def _known(row: TemplateRow, language: Language) -> str:
    if row.known is None:
        return "–"
    with_words = row.entry.unit in ("share", "applicants")
    value = row.known.value
    figure = Formats(language).value(value, row.entry.unit) if with_words else shown_figure(value, language)
    return f"{figure} ({_told_by(row.known, language)})"


def _told_by(known: KnownFigure, language: Language) -> str:
    _, roles = speaker(language), load_local_template().roles
    if known.said_by is not None and known.valid_on is not None:
        return f"{roles[known.said_by].in_language(language)}, {Formats(language).day(known.valid_on)}"
    return ", ".join(str(part) for part in (_(table_name(known.table or "")), known.year) if part)


def _write_top(sheet: Worksheet, template: Template, language: Language) -> None:
    _ = speaker(language)
    last = get_column_letter(len(Column))
    lines = (
        (_title(template, language), TITLE, 20.0),
        (
            _(
                "Fyll ut de hvite feltene for det dere kan svare på, og la resten stå tomt. Oppgi rolle, aldri navn. "
                "Andeler i prosent: 80, 80 % eller 12 av 15. Tall om personer tas ikke imot for færre enn fem."
            ),
            SMALL,
            2 * LINE_POINTS,
        ),
        (_("Les inn igjen: stabil local import FIL, eller last opp på kommunens side."), SMALL, LINE_POINTS),
    )
    for place, (text, font, height) in enumerate(lines, start=1):
        sheet.merge_cells(f"A{place}:{last}{place}")
        cell = sheet.cell(place, 1, text)
        cell.font, cell.alignment = font, Alignment(vertical="top", wrap_text=True)
        sheet.row_dimensions[place].height = height
    for place, (column, words) in enumerate(load_local_template().columns.items(), start=1):
        heading = sheet.cell(HEADING_ROW, place, words.label.in_language(language))
        heading.font, heading.fill, heading.border = Font(size=10, bold=True), HEADING, Border(bottom=THIN)
        heading.alignment = Alignment(wrap_text=True, vertical="bottom")
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS[column]
    sheet.row_dimensions[HEADING_ROW].height = 2 * LINE_POINTS


def _write_row(sheet: Worksheet, place: int, row: TemplateRow, template: Template, language: Language) -> None:
    given = _given(row, template, language)
    for index, column in enumerate(Column, start=1):
        cell = sheet.cell(place, index, given.get(column))
        is_open = row.is_asked and column in INPUT_COLUMNS
        is_open = is_open and (column is not Column.COUNT or row.entry.asks_for_denominator)
        cell.font, cell.border = FONT, Border(bottom=THIN, left=THIN, right=THIN)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.protection = Protection(locked=not is_open)
        if not is_open:
            cell.fill = GIVEN
        if is_open:
            _check(sheet, cell.coordinate, column, row, language)
        if column is Column.DATE:
            cell.number_format = "yyyy-mm-dd" if language == "en" else "dd.mm.yyyy"
        elif column in given:
            cell.number_format = "@"
    lines = max(-(-len(text) // int(WIDTHS[column])) for column, text in given.items())
    sheet.row_dimensions[place].height = LINE_POINTS * max(lines, 1) + 2


def _check(sheet: Worksheet, coordinate: str, column: Column, row: TemplateRow, language: Language) -> None:
    """What Excel lets into an input cell, and what it says about it."""
    _ = speaker(language)
    texts = load_local_template()
    help_text = texts.columns[column].help.in_language(language)
    if column is Column.ANSWER:
        unit = texts.units[row.entry.unit].in_language(language)
        allowed = allowed_values(row.entry, language)
        help_text = _(
            "{label}: {allowed} ({unit}).", label=row.entry.label.in_language(language), allowed=allowed, unit=unit
        )
    check = _validation(coordinate, column, row, language)
    check.allow_blank, check.showInputMessage, check.showErrorMessage = True, True, True
    check.promptTitle = texts.columns[column].label.in_language(language)
    check.prompt = help_text[:255]
    check.errorTitle, check.error = _("Kan ikke tas imot"), help_text[:225]
    check.add(coordinate)
    sheet.add_data_validation(check)


def _validation(coordinate: str, column: Column, row: TemplateRow, language: Language) -> DataValidation:
    low, high = row.entry.bounds
    match column:
        case Column.ANSWER if row.entry.unit in WHOLE_UNITS:
            steps = ",".join(str(step) for step in range(int(low), int(high) + 1))
            return DataValidation(type="list", formula1=f'"{steps}"')
        case Column.ANSWER if row.entry.unit == "share":
            # "12 av 15" is text, which only a formula lets through.
            within = f"AND({coordinate}>={100 * low:g},{coordinate}<={100 * high:g})"
            return DataValidation(type="custom", formula1=f"OR(ISTEXT({coordinate}),{within})")
        case Column.ANSWER:
            return DataValidation(type="decimal", operator="between", formula1=f"{low:g}", formula2=f"{high:g}")
        case Column.COUNT:
            return DataValidation(type="decimal", operator="greaterThan", formula1="0")
        case Column.DATE:
            first = (OLDEST_DAY - EXCEL_DAY_ZERO).days
            return DataValidation(type="date", operator="between", formula1=str(first), formula2="TODAY()")
        case Column.ROLE:
            names = ",".join(role.in_language(language) for role in load_local_template().roles.values())
            return DataValidation(type="list", formula1=f'"{names}"')
        case _:
            return DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(LONGEST_NOTE))


def _set_up_page(sheet: Worksheet, template: Template, language: Language) -> None:
    _ = speaker(language)
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = f"D{HEADING_ROW + 1}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = sheet.protection.formatCells = False
    page = sheet.page_setup
    page.orientation, page.paperSize, page.fitToWidth = "landscape", Worksheet.PAPERSIZE_A4, 1
    page.fitToHeight = 1 if template.is_minimum_set else 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = 0.4
    margins.bottom, margins.footer = 0.5, 0.25
    footer = sheet.HeaderFooter.oddFooter
    assert footer is not None
    assert footer.left is not None
    assert footer.right is not None
    footer.left.text = _title(template, language)
    footer.right.text = _("Side {page} av {pages}", page="&P", pages="&N")


def _without_moment(workbook: bytes) -> bytes:
    """The workbook with no trace of when it was written: openpyxl notes it in the archive and in its properties."""
    moment = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as found, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for part in found.infolist():
            content = found.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + moment, content)
            written.writestr(zipfile.ZipInfo(part.filename, EPOCH.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
