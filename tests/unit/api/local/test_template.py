"""The template: one page, filled in by anybody with a spreadsheet, and read back as it was meant."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Engine

from api.reports.local_template import EPOCH, HEADING_ROW, template_csv, template_xlsx
from api.services.local_data import Statement as Said
from api.services.local_data import judge_file, judge_statements, save_report
from api.services.local_template import Template, minimum_template, whole_template
from api.translation import LANGUAGES
from features.catalogue import Language
from features.errors import UnknownMunicipalityError
from features.local_template import Column
from tests.unit.api.local.conftest import SmallWorld

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
COLUMNS = list(Column)


def template_of(world: SmallWorld, database: Engine, code: str = "5014") -> Template:
    return minimum_template(database, world.snapshot, world.catalogue, world.scores.values, code)


def opened(content: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(content)).worksheets[0]


def place(sheet: Worksheet, code: str) -> int:
    return next(row for row in range(HEADING_ROW + 1, sheet.max_row + 1) if sheet.cell(row, 2).value == code)


def write(sheet: Worksheet, code: str, **given: object) -> None:
    for column, value in given.items():
        cell = sheet.cell(place(sheet, code), COLUMNS.index(Column(column)) + 1)
        assert not cell.protection.locked, (code, column)
        cell.value = value  # type: ignore[assignment]


def saved(sheet: Worksheet) -> bytes:
    buffer = io.BytesIO()
    assert sheet.parent is not None
    sheet.parent.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_in_workbook_is_read_back_in_every_language(
    small_world: SmallWorld, database: Engine, language: Language
) -> None:
    sheet = opened(template_xlsx(template_of(small_world, database), language))
    role = {"nb": "økonomi", "nn": "kommuneoverlege", "en": "health manager"}[language]
    write(sheet, "X01", answer=4, date=datetime(2026, 11, 1), role=role, note="fra i høst")  # noqa: DTZ001
    write(sheet, "F03", answer="12 av 15", date="2026-11-01", role=role)
    write(sheet, "E03", answer="ja", date="1.11.2026", role=role)
    report = judge_file(small_world.snapshot, small_world.catalogue, saved(sheet), None, TODAY)
    assert report.rejected == ()
    assert report.municipality_code == "5014"
    assert {answer.indicator: answer.value for answer in report.accepted} == {
        "contract_options": 4,
        "gp_specialist_share": 0.8,
        "hospital_agreement": 1,
    }
    assert report.unanswered == len(template_of(small_world, database).rows) - 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_filled_in_csv_is_read_back(
    small_world: SmallWorld, database: Engine, language: Language, delimiter: str
) -> None:
    content = template_csv(template_of(small_world, database, "0301"), language)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    chosen = next(row for row in rows if row[1] == "F01")
    chosen[COLUMNS.index(Column.ANSWER)] = "3,5"
    chosen[COLUMNS.index(Column.DATE)] = "1.11.2026"
    chosen[COLUMNS.index(Column.ROLE)] = "personal"
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    report = judge_file(small_world.snapshot, small_world.catalogue, buffer.getvalue().encode(), "0301", TODAY)
    assert report.rejected == ()
    assert [(answer.indicator, answer.value) for answer in report.accepted] == [("colleagues_fte", 3.5)]


def test_an_untouched_template_says_nothing_and_is_no_fault(small_world: SmallWorld, database: Engine) -> None:
    for content in (
        template_xlsx(template_of(small_world, database), "nb"),
        template_csv(template_of(small_world, database), "nb"),
    ):
        report = judge_file(small_world.snapshot, small_world.catalogue, content, "5014", TODAY)
        assert (report.accepted, report.rejected) == ((), ())


def test_the_template_of_another_municipality_is_refused_row_by_row(small_world: SmallWorld, database: Engine) -> None:
    sheet = opened(template_xlsx(template_of(small_world, database, "5056"), "nb"))
    write(sheet, "X01", answer=4, date="1.11.2026", role="personal")
    (problem,) = judge_file(small_world.snapshot, small_world.catalogue, saved(sheet), "5014", TODAY).rejected
    assert (problem.column, problem.given, problem.expected) == (Column.MUNICIPALITY, "5056", "5014")
    assert problem.row == place(sheet, "X01")


def test_public_figures_stand_there_with_source_and_year_and_cannot_be_written(
    small_world: SmallWorld, database: Engine
) -> None:
    sheet = opened(template_xlsx(template_of(small_world, database), "nb"))
    row = place(sheet, "W01")
    assert sheet.cell(row, COLUMNS.index(Column.KNOWN) + 1).value == "671 (SSB 12005, 2025)"
    for column in (Column.ANSWER, Column.COUNT, Column.DATE, Column.ROLE, Column.NOTE):
        assert sheet.cell(row, COLUMNS.index(column) + 1).protection.locked
    assert sheet.protection.sheet


def test_the_count_is_open_only_where_it_is_asked_for(small_world: SmallWorld, database: Engine) -> None:
    sheet = opened(template_xlsx(template_of(small_world, database), "nb"))
    count = COLUMNS.index(Column.COUNT) + 1
    assert not sheet.cell(place(sheet, "F03"), count).protection.locked
    assert sheet.cell(place(sheet, "X01"), count).protection.locked


def test_what_was_said_before_stands_in_the_next_template(small_world: SmallWorld, database: Engine) -> None:
    said = [Said("contract_options", 3, date(2026, 11, 1), "chief_medical_officer")]
    report = judge_statements(small_world.snapshot, small_world.catalogue, said, "5014", TODAY)
    save_report(database, report, NOW, lambda: None)
    sheet = opened(template_xlsx(template_of(small_world, database), "nb"))
    known = sheet.cell(place(sheet, "X01"), COLUMNS.index(Column.KNOWN) + 1).value
    assert known == "3 (kommuneoverlege, 1. november 2026)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_minimum_set_fits_one_readable_page(small_world: SmallWorld, database: Engine, language: Language) -> None:
    sheet = opened(template_xlsx(template_of(small_world, database), language))
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape",
        1,
        1,
    )
    assert sheet.freeze_panes == f"D{HEADING_ROW + 1}"
    widths = [each.width for each in sheet.column_dimensions.values() if not each.hidden]
    heights = [each.height or 0 for each in sheet.row_dimensions.values()]
    a4_width, a4_height, points_per_character = 842 - 2 * 0.4 * 72, 595 - 0.9 * 72, 5.25
    scale = min(a4_width / (sum(widths) * points_per_character), a4_height / sum(heights))
    assert scale >= 0.65  # ten points print as six and a half


@pytest.mark.parametrize("language", LANGUAGES)
def test_excel_is_given_checks_that_it_accepts(small_world: SmallWorld, database: Engine, language: Language) -> None:
    template = whole_template(database, small_world.snapshot, small_world.catalogue, small_world.scores.values, "5014")
    sheet = opened(template_xlsx(template, language))
    checks = sheet.data_validations.dataValidation
    assert len(checks) >= 4 * sum(row.is_asked for row in template.rows)
    for check in checks:
        assert len(check.formula1 or "") <= 255
        assert len(check.prompt or "") <= 255
        assert len(check.promptTitle or "") <= 32
        assert len(check.error or "") <= 225
        assert len(check.errorTitle or "") <= 32


def test_the_same_template_gives_the_same_bytes(small_world: SmallWorld, database: Engine) -> None:
    template = template_of(small_world, database)
    first = template_xlsx(template, "nb")
    assert template_xlsx(template, "nb") == first
    properties = load_workbook(io.BytesIO(first)).properties
    assert properties.modified == properties.created == EPOCH


def test_the_whole_template_asks_everything_that_only_the_municipality_knows(
    small_world: SmallWorld, database: Engine
) -> None:
    template = whole_template(database, small_world.snapshot, small_world.catalogue, small_world.scores.values, "5014")
    asked = {row.entry.key for row in template.rows if row.is_asked}
    assert asked == {key for key, entry in small_world.catalogue.indicators.items() if entry.origin == "local"}


def test_an_unknown_municipality_has_no_template(small_world: SmallWorld, database: Engine) -> None:
    with pytest.raises(UnknownMunicipalityError, match="Trondheim"):
        template_of(small_world, database, "1601")
