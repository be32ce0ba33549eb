"""Writes the empty files that a round takes, as xlsx or csv."""

import csv
import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from api.console import speaker
from api.services.round_columns import COLUMNS, RoundFile
from api.translation import N_, translate
from features.catalogue import Language

NEEDED, OPTIONAL = N_("må fylles ut"), N_("kan stå tom")


def round_template_csv(kind: RoundFile, language: Language) -> bytes:
    """The headings as Norwegian Excel reads CSV: UTF-8 with its mark, semicolons."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerow([translate(column.label, language) for column in COLUMNS[kind]])
    return buffer.getvalue().encode("utf-8-sig")


def round_template_xlsx(kind: RoundFile, language: Language) -> bytes:
    """A workbook: a sheet with the headings to fill in below, and one that says what is expected in each column."""
    _ = speaker(language)
    book = Workbook()
    sheet, help_sheet = book.worksheets[0], book.create_sheet(_("Forklaring"))
    sheet.title = _("Fyll ut")
    sheet.freeze_panes = "A2"
    help_sheet.append([_("Overskrift"), _("Ventet"), ""])
    for place, column in enumerate(COLUMNS[kind], start=1):
        label = translate(column.label, language)
        sheet.cell(1, place, label).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = max(12, len(label) + 3)
        told = translate(NEEDED if column.is_needed else OPTIONAL, language)
        help_sheet.append([label, translate(column.expected, language), told])
        help_sheet.cell(place + 1, 2).alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in (("A", 28), ("B", 80), ("C", 16)):
        help_sheet.column_dimensions[letter].width = width
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
