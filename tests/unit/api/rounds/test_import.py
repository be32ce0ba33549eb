"""Files of a round: what is taken in, and what comes back row by row."""

import io
import re
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine

from api.errors import ProtectedColumnError, answer_to
from api.services import rounds
from api.services.round_import import ImportFault, Known, judge_candidates, judge_posts, judge_wishes
from api.services.round_views import round_log, round_posts, round_state
from api.services.world import World
from engine.candidates import ContractForm, LanguageLevel
from features.errors import LocalFileError
from tests.unit.api.rounds.conftest import DOCTORS, NOW, POSTS, WISHES

TODAY = date(2026, 11, 28)
KNOWN = Known({"5014": "50", "0301": "03"}, frozenset({"FROYA-1", "OSLO-1"}), frozenset({"K1", "K2", "K3"}))


def faults(content: str, kind: str = "posts") -> list[tuple[int, str, str]]:
    data = content.encode()
    judged = {
        "posts": lambda: judge_posts(data, KNOWN, TODAY).rejected,
        "doctors": lambda: judge_candidates(data).rejected,
        "wishes": lambda: judge_wishes(data, KNOWN).rejected,
    }[kind]()
    return [(each.row, each.column, each.fault.value) for each in judged]


def test_posts_of_a_file_are_read_as_typed_values() -> None:
    froya, oslo = judge_posts(POSTS.encode(), KNOWN, TODAY).accepted
    assert (froya.post_id, froya.county_code, froya.contract_form) == ("FROYA-1", "50", ContractForm.SALARIED)
    assert (froya.requirements.latest_start, froya.requirements.fte_minimum) == (date(2027, 6, 1), 0.5)
    assert (froya.requirements.language_minimum, froya.tiers_set_on) == (LanguageLevel.B2, TODAY)
    assert (oslo.municipality_code, len(froya.tiers), len(oslo.tiers)) == ("0301", 2, 1)


def test_a_workbook_says_the_same_as_csv() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for line in POSTS.splitlines():
        sheet.append(line.split(";"))
    sheet["B3"], sheet["D2"], sheet["E2"], sheet["F2"] = 301, 1, True, date(2027, 2, 1)
    sheet["I2"] = 0.5
    sheet["I2"].number_format = "0 %"
    buffer = io.BytesIO()
    book.save(buffer)
    assert judge_posts(buffer.getvalue(), KNOWN, TODAY) == judge_posts(POSTS.encode(), KNOWN, TODAY)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("5014", "9999", (2, "municipality_code", "unknown_municipality")),
        ("fastlønn", "akkord", (2, "contract_form", "not_as_expected")),
        ("fastlønn", "", (2, "contract_form", "missing")),
        ("fastlønn", "=A1", (2, "contract_form", "formula")),
        ("2027-02-01", "31.2.2027", (2, "starts_on", "not_as_expected")),
        ("1.6.2027", "1.1.2027", (2, "latest_start", "not_as_expected")),
        (";50;", ";150;", (2, "fte_minimum", "not_as_expected")),
        ("spesialist > under", "kirurg > under", (2, "tiers", "not_as_expected")),
        ("spesialist > under spesialisering", "spesialist > spesialist", (2, "tiers", "not_as_expected")),
        ("OSLO-1", "FROYA-1", (3, "post_id", "duplicate")),
    ],
)
def test_a_wrong_cell_is_returned_with_row_column_and_reason(
    right: str, wrong: str, told: tuple[int, str, str]
) -> None:
    assert right in POSTS
    assert faults(POSTS.replace(right, wrong, 1)) == [told]


def test_cells_without_a_heading_and_columns_that_are_not_asked_for_are_returned() -> None:
    header, first, rest = POSTS.split("\n", 2)
    assert faults(f"{header}\n{first};mer\n{rest}") == [(2, "", "extra_cells")]
    assert faults(f"{header};Farge\n{first};blå\n{rest}") == [(1, "Farge", "unknown_column")]
    assert faults(f"{header}\n") == [(1, "post_id", "empty")]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("K2", "Kari Nordmann", (3, "candidate_id", "not_as_expected")),
        ("K2", "K1", (3, "candidate_id", "duplicate")),
        ("C1", "D1", (2, "language_level", "not_as_expected")),
        ("ja;ja;ja", "ja;kanskje;ja", (2, "lis1_complete", "not_as_expected")),
    ],
)
def test_a_wrong_doctor_is_returned(right: str, wrong: str, told: tuple[int, str, str]) -> None:
    assert faults(DOCTORS.replace(right, wrong, 1), "doctors") == [told]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("K2;", "K9;", (3, "candidate_id", "unknown_doctor")),
        ("FROYA-1 > OSLO-1", "FROYA-1 > BERGEN-1", (2, "own_ranking", "unknown_post")),
        ("FROYA-1 > OSLO-1", "FROYA-1 > FROYA-1", (2, "own_ranking", "not_as_expected")),
        ("FROYA-1 > OSLO-1", "", (2, "own_ranking", "no_order")),
    ],
)
def test_a_wrong_wish_is_returned(right: str, wrong: str, told: tuple[int, str, str]) -> None:
    assert faults(WISHES.replace(right, wrong, 1), "wishes") == [told]


def test_a_factor_that_cannot_be_weighed_is_returned() -> None:
    content = "Pseudonym;Vekter\nK1;luck=3\n"
    assert faults(content, "wishes") == [(2, "factor_weights", "unknown_factor")]


@pytest.mark.parametrize("heading", ["Kjønn", "Fødselsdato", "Statsborgerskap", "Navn", "Antall barn"])
def test_a_protected_column_is_refused_with_the_paragraph(heading: str) -> None:
    content = DOCTORS.replace("\n", f";{heading}\n", 1)
    with pytest.raises(ProtectedColumnError) as caught:
        judge_candidates(content.encode())
    told = answer_to(caught.value, "nb").detail
    assert f"«{heading}»" in told
    assert re.search(r"§|artikkel", told)


def test_wishes_do_not_come_in_with_doctors() -> None:
    with pytest.raises(ProtectedColumnError):
        judge_candidates(DOCTORS.replace("\n", ";Partners yrke\n", 1).encode())


def test_a_file_without_the_columns_says_which_are_missing() -> None:
    with pytest.raises(LocalFileError, match="Kvalifikasjonsgrupper"):
        judge_posts(POSTS.replace(";Kvalifikasjonsgrupper", "").encode(), KNOWN, TODAY)


def test_a_file_with_one_wrong_row_changes_nothing(database: Engine, world: World) -> None:
    number = rounds.open_round(database, "Prøve", is_simulated=False, now=NOW)
    rounds.import_posts(database, world, number, POSTS.encode(), NOW)
    before = (round_state(database, number), round_posts(database, number), round_log(database, number))
    wrong = POSTS.replace("FROYA-1", "HITRA-1").replace("301", "9999")
    judged = rounds.import_posts(database, world, number, wrong.encode(), NOW)
    assert [each.fault for each in judged.rejected] == [ImportFault.UNKNOWN_MUNICIPALITY]
    assert (round_state(database, number), round_posts(database, number), round_log(database, number)) == before


def test_a_later_file_of_posts_takes_the_place_of_the_earlier(database: Engine, world: World) -> None:
    number = rounds.open_round(database, "Prøve", is_simulated=False, now=NOW)
    for name in ("FROYA-1", "HITRA-1"):
        rounds.import_posts(database, world, number, POSTS.replace("FROYA-1", name).encode(), NOW)
    assert [post.post_id for post in round_posts(database, number)] == ["HITRA-1", "OSLO-1"]
