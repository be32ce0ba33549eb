"""Pages of a municipality's own figures and self-assessment, without a browser."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from api.pages import assessment_routes, own_data_routes
from api.pages.assessment import place_percent, result_view
from api.pages.assessment_form import Draft, draft_in, field_name, steps_of, unmarked
from api.pages.own_data import figure_in_words, own_data_page
from api.pages.own_data_form import Typed, faults_of, typed_in, typed_rows
from api.problems import install_problem_answers
from api.reports.local_template import template_csv
from api.security import LARGEST_BODY, largest_body
from api.services.local_data import judge_texts, local_indicators, local_values
from api.services.local_template import minimum_template, whole_template
from api.services.self_assessment import answer_assessment, assessment_rounds, close_assessment, open_assessment
from api.services.world import World
from api.storage.database import open_database
from features.catalogue import Language
from features.local_sheet import LARGEST_FILE
from features.local_template import Column, load_local_template
from features.self_assessment import OUTERMOST, Marks, Side, assessment_result, load_questionnaire

CODE = "5014"
HOME = f"/kommuner/{CODE}/egne-tall"
ASSESSMENT = f"/kommuner/{CODE}/egenvurdering"
TODAY = date(2026, 11, 22)
SHARED = {"date": "2026-11-01", "role": "health_manager"}
ORIGIN = {"origin": "http://127.0.0.1"}


class Program:
    """The pages on an empty database, and how often scores were asked to be renewed."""

    def __init__(self, world: World, engine: Engine) -> None:
        self.world, self.engine, self.renewed = world, engine, 0
        app = FastAPI()
        app.state.engine, app.state.world, app.state.on_local_values_changed = engine, world, self._renew
        install_problem_answers(app)
        app.include_router(own_data_routes.router)
        app.include_router(assessment_routes.router)
        self.client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)

    def _renew(self) -> None:
        self.renewed += 1

    def template(self, *filled: tuple[str, str], language: Language = "nb") -> bytes:
        """A csv template in which some rows are filled: the code, and what is written behind the given columns."""
        made = whole_template(self.engine, self.world.snapshot, self.world.catalogue, self.world.scores.values, CODE)
        lines = template_csv(made, language).decode("utf-8-sig").splitlines()
        answers = dict(filled)
        return "\r\n".join(
            line.removesuffix(";;;;;") + ";" + answers[code] if (code := line.split(";")[1]) in answers else line
            for line in lines
        ).encode()


@pytest.fixture
def program(world: World, tmp_path: Path) -> Iterator[Program]:
    engine = open_database(f"sqlite:///{tmp_path / 'stabil.db'}")
    yield Program(world, engine)
    engine.dispose()


def marks(advantage: int, importance: int = 3) -> Marks:
    return dict.fromkeys(load_questionnaire().statements, (advantage, importance))


def test_every_question_of_the_catalogue_stands_on_the_page_once(program: Program) -> None:
    page = program.client.get(HOME).text
    asked = [entry for entry in program.world.catalogue.indicators.values() if entry.origin == "local"]
    for entry in asked:
        assert page.count(f'name="answer-{entry.key}"') == 1
        assert (f'name="count-{entry.key}"' in page) == entry.asks_for_denominator
    assert page.count('name="answer-') == len(asked)


def test_the_minimum_set_comes_first_and_public_figures_are_shown_and_not_asked_for(program: Program) -> None:
    view = own_data_page(program.world, program.engine, CODE, "nb")
    rows = [row for group in view.minimum for row in group.rows]
    made = minimum_template(
        program.engine, program.world.snapshot, program.world.catalogue, program.world.scores.values, CODE
    )
    assert {row.entry.key for row in rows} == {row.entry.key for row in made.rows}
    assert len(rows) == 22
    listed = next(row for row in rows if row.entry.key == "list_length_mean")
    assert not listed.is_asked
    assert (listed.figure, listed.told_by) == ("671 innbyggere", "SSB 12005, 2025")
    assert 'name="answer-list_length_mean"' not in program.client.get(HOME).text


def test_a_right_form_is_saved_and_the_scores_are_renewed(program: Program) -> None:
    form = SHARED | {"answer-contract_options": "3", "answer-gp_specialist_share": "12 av 20"}
    answer = program.client.post(HOME, data=form, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}?lagret=2&uendret=0")
    assert program.renewed == 1
    assert local_values(program.engine).select("indicator", "value", "denominator", "said_by").rows() == [
        ("contract_options", 3.0, None, "health_manager"),
        ("gp_specialist_share", 0.6, 20.0, "health_manager"),
    ]
    told = program.client.get(answer.headers["location"]).text
    assert "2 svar er lagret" in told
    assert f'href="/kommuner/{CODE}"' in told
    assert "60\u00a0% (regnet av 20)" in told
    again = program.client.post(HOME, data=form)
    assert again.headers["location"] == f"{HOME}?lagret=0&uendret=2"
    assert program.renewed == 1


def test_one_wrong_answer_saves_none_and_keeps_what_was_typed(program: Program) -> None:
    form = SHARED | {"answer-contract_options": "3", "answer-colleagues_fte": "900", "note-colleagues_fte": "<b>"}
    answer = program.client.post(HOME, data=form)
    assert answer.status_code == 422
    assert local_values(program.engine).is_empty()
    assert program.renewed == 0
    page = answer.text
    assert 'href="#answer-colleagues_fte"' in page
    field = re.search(r'<input[^>]*id="answer-colleagues_fte"[^>]*>', page)
    assert field is not None
    assert 'value="900"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert re.search(r'aria-describedby="[^"]*answer-colleagues_fte-error"', field[0])
    assert 'id="answer-colleagues_fte-error"' in page
    assert '<option value="3" selected>' in page
    assert 'value="2026-11-01"' in page
    assert "<b>" not in page.split("<main", 1)[1]


def test_a_fault_of_the_shared_date_is_told_once_and_one_of_an_own_date_at_its_field(program: Program) -> None:
    catalogue = program.world.catalogue
    typed = Typed({"answer-contract_options": "3", "answer-oncall_rota_n": "5", "date-oncall_rota_n": "2031-01-01"})
    rows = typed_rows(typed, catalogue)
    report = judge_texts(program.world.snapshot, catalogue, [dict(row) for _, row in rows], CODE, TODAY)
    faults = faults_of(report.rejected, tuple(key for key, _ in rows), typed, catalogue, "nb")
    assert [fault.field for fault in faults] == ["date", "role", "date-oncall_rota_n"]


def test_only_what_was_typed_becomes_rows_and_the_shared_date_makes_none(world: World) -> None:
    assert typed_rows(Typed(SHARED), world.catalogue) == ()
    rows = typed_rows(Typed(SHARED | {"count-gp_specialist_share": "20", "role-x": "y"}), world.catalogue)
    assert [key for key, _ in rows] == ["gp_specialist_share"]
    assert rows[0][1] == {
        Column.CODE: "gp_specialist_share",
        Column.COUNT: "20",
        Column.DATE: "2026-11-01",
        Column.ROLE: "health_manager",
    }


def test_an_empty_form_is_told_and_blanks_are_nothing(program: Program) -> None:
    answer = program.client.post(HOME, data=SHARED | {"answer-contract_options": "   "})
    assert answer.status_code == 422
    assert "Ingen svar er fylt ut" in answer.text
    assert typed_in(FormData([("a", " x "), ("b", "  ")])).texts == {"a": "x"}


def test_a_file_is_shown_before_it_is_saved_and_saved_as_it_was_shown(program: Program) -> None:
    content = program.template(("X01", "3;;1.11.2026;personal;fra filen"), ("F03", "62,5 %;16;1.11.2026;personal;"))
    shown = program.client.post(f"{HOME}/fil", files={"file": ("mal.csv", content)})
    assert shown.status_code == 200
    assert local_values(program.engine).is_empty()
    assert "fra filen" in shown.text
    assert "62,5\u00a0% (regnet av 16)" in shown.text
    sent = re.search(r'name="statements" value="([^"]*)"', shown.text)
    assert sent is not None
    statements = sent[1].replace("&#34;", '"')
    saved = program.client.post(f"{HOME}/lagre-fil", data={"statements": statements})
    assert saved.headers["location"] == f"{HOME}?lagret=2&uendret=0"
    assert dict(local_values(program.engine).select("indicator", "value").iter_rows()) == {
        "contract_options": 3.0,
        "gp_specialist_share": 0.625,
    }


def test_wrong_rows_of_a_file_are_told_with_row_column_and_indicator(program: Program) -> None:
    content = program.template(("X01", "9;;1.11.2026;personal;"), ("E03", "1;;1.11.2026;personal;"))
    row = next(n for n, line in enumerate(content.decode().splitlines(), start=1) if line.split(";")[1] == "X01")
    shown = program.client.post(f"{HOME}/fil", files={"file": ("mal.csv", content)})
    assert shown.status_code == 422
    assert re.search(
        rf'<th scope="row" class="num">{row}</th><td>Avtaleformer kommunen tilbyr</td><td>svar</td><td>«9» er',
        shown.text,
    )
    assert "Lagre bare de riktige (1)" in shown.text


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0old", b"a;b\n1;2\n", b"x" * (LARGEST_FILE + 1)])
def test_a_file_that_cannot_be_read_is_told_at_its_field(program: Program, content: bytes) -> None:
    answer = program.client.post(f"{HOME}/fil", files={"file": ("mal.csv", content)})
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text
    assert 'id="file-error"' in answer.text


def test_statements_that_were_tampered_with_are_judged_again(program: Program) -> None:
    odd = '[{"indicator":"contract_options","value":9,"valid_on":"2026-11-01","said_by":"personnel"}]'
    assert program.client.post(f"{HOME}/lagre-fil", data={"statements": odd}).status_code == 422
    assert program.client.post(f"{HOME}/lagre-fil", data={"statements": "{"}).status_code == 422
    assert local_values(program.engine).is_empty()


def test_an_answer_is_taken_back_with_a_reason_and_stays_in_the_history(program: Program) -> None:
    program.client.post(HOME, data=SHARED | {"answer-contract_options": "3"})
    address = f"{HOME}/trekk-tilbake"
    refused = program.client.post(
        address, data={"indicator": "contract_options", "withdraw-role": "personnel", "withdraw-reason": "=1"}
    )
    assert refused.status_code == 422
    assert 'href="#withdraw-reason-contract_options"' in refused.text
    assert not local_values(program.engine).is_empty()
    taken = program.client.post(
        address, data={"indicator": "contract_options", "withdraw-role": "personnel", "withdraw-reason": "feil år"}
    )
    assert taken.headers["location"] == f"{HOME}?trukket=contract_options"
    assert local_values(program.engine).is_empty()
    assert program.renewed == 2
    page = program.client.get(taken.headers["location"]).text
    assert "er trukket tilbake" in page
    assert "«feil år»" in page
    found = local_indicators(program.engine, program.world.snapshot, program.world.catalogue, CODE)
    assert [len(each.history) for each in found if each.history] == [2]
    nothing = program.client.post(
        address, data={"indicator": "contract_options", "withdraw-role": "personnel", "withdraw-reason": "igjen"}
    )
    assert "ikke noe svar å trekke tilbake" in nothing.text


def test_few_applicants_are_never_shown_as_a_number(program: Program) -> None:
    form = SHARED | {"answer-qualified_applicants_per_post": "2,25", "count-qualified_applicants_per_post": "4"}
    assert program.client.post(HOME, data=form).status_code == 303
    page = program.client.get(HOME).text
    assert "færre enn 5" in page
    assert "2,25" not in page


@pytest.mark.parametrize(("prefix", "heading"), [("/nn", "Eigne tal for Frøya"), ("/en", "Own figures of Frøya")])
def test_the_pages_speak_every_language_and_their_forms_stay_in_it(program: Program, prefix: str, heading: str) -> None:
    page = program.client.get(prefix + HOME).text
    assert heading in page
    assert f'action="{prefix}{HOME}"' in page
    answer = program.client.post(prefix + HOME, data=SHARED | {"answer-contract_options": "3"})
    assert answer.headers["location"].startswith(prefix + HOME)
    assert program.client.get(prefix + ASSESSMENT).status_code == 200


@pytest.mark.parametrize("part", ["egne-tall", "egenvurdering", "egenvurdering/svar"])
def test_an_unknown_municipality_has_no_such_pages(program: Program, part: str) -> None:
    assert program.client.get(f"/kommuner/9999/{part}").status_code == 404


def test_a_page_of_another_site_cannot_send_a_form(program: Program) -> None:
    form = SHARED | {"answer-contract_options": "3"}
    assert program.client.post(HOME, data=form, headers={"origin": "http://evil.example"}).status_code == 403
    assert local_values(program.engine).is_empty()


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
def test_the_addresses_that_take_a_file_take_a_whole_one(prefix: str) -> None:
    assert largest_body(f"{prefix}{HOME}/fil") > LARGEST_FILE
    assert largest_body(f"{prefix}{HOME}") > LARGEST_FILE
    assert largest_body(f"{prefix}{ASSESSMENT}/svar") == LARGEST_BODY


def test_addresses_that_only_take_what_is_sent_lead_back(program: Program) -> None:
    for part in ("fil", "lagre-fil", "trekk-tilbake"):
        assert program.client.get(f"/nn{HOME}/{part}").headers["location"] == f"/nn{HOME}"
    for part in ("aapne", "lukk"):
        assert program.client.get(f"/en{ASSESSMENT}/{part}").headers["location"] == f"/en{ASSESSMENT}"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("gp_specialist_share", 0.6, "60\u00a0%"),
        ("gp_specialist_share", 0.1234, "12,34\u00a0%"),
        ("colleagues_fte", 2.25, "2,25 årsverk"),
        ("contract_options", 3.0, "3"),
        ("qualified_applicants_per_post", 2.0, "færre enn 5"),
    ],
)
def test_figures_are_told_as_exactly_as_they_were_given(world: World, key: str, value: float, words: str) -> None:
    assert figure_in_words(value, world.catalogue.indicators[key], "nb") == words


def test_an_answer_is_given_class_by_class_and_kept_without_a_trace(program: Program) -> None:
    program.client.post(f"{ASSESSMENT}/aapne")
    questionnaire = load_questionnaire()
    sent: dict[str, str] = {"side": "doctors", "step": "0", "to": "next"}
    for step in steps_of(questionnaire):
        page = program.client.post(f"{ASSESSMENT}/svar", data=sent)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert f"Del {step.number} av 5" in page.text
        assert page.text.count('type="hidden" name="advantage-') == 5 * (step.number - 1)
        sent |= {field_name("advantage", key): "1" for key in step.statements}
        sent |= {field_name("importance", key): "4" for key in step.statements}
        sent["step"] = str(step.number)
    done = program.client.post(f"{ASSESSMENT}/svar", data=sent)
    assert done.headers["location"] == f"{ASSESSMENT}?melding=svart"


def test_a_class_with_a_statement_unmarked_is_asked_again(program: Program) -> None:
    program.client.post(f"{ASSESSMENT}/aapne")
    first = steps_of(load_questionnaire())[0]
    sent = {field_name("advantage", key): "2" for key in first.statements} | {"side": "management", "step": "1"}
    answer = program.client.post(f"{ASSESSMENT}/svar", data=sent)
    assert answer.status_code == 422
    for key in first.statements:
        assert f'id="importance-{key}-error"' in answer.text
        assert f'id="advantage-{key}-error"' not in answer.text
    assert answer.text.count('value="2" checked') == len(first.statements)
    assert "Del 1 av 5" in answer.text


def test_a_side_comes_before_anything_else(program: Program) -> None:
    program.client.post(f"{ASSESSMENT}/aapne")
    answer = program.client.post(f"{ASSESSMENT}/svar", data={"step": "3", "advantage-housing": "1"})
    assert answer.status_code == 422
    assert 'href="#side-management"' in answer.text


def test_a_draft_leaves_out_what_is_no_mark() -> None:
    questionnaire = load_questionnaire()
    draft = draft_in(
        FormData([("side", "x"), ("advantage-housing", "3"), ("importance-housing", "4"), ("advantage-x", "1")]),
        questionnaire,
    )
    assert draft == Draft(None, {"importance-housing": 4})
    assert draft.whole_marks == {}
    place = next(step for step in steps_of(questionnaire) if "housing" in step.statements)
    assert ("advantage", "housing") in unmarked(place, draft)
    assert ("importance", "housing") not in unmarked(place, draft)


def test_an_open_round_tells_neither_numbers_nor_results(program: Program) -> None:
    open_assessment(program.engine, program.world.snapshot, CODE, TODAY)
    before = program.client.get(ASSESSMENT).text
    for _ in range(4):
        answer_assessment(program.engine, program.world.snapshot, CODE, Side.DOCTORS, marks(-2))
    assert program.client.get(ASSESSMENT).text == before
    answer_assessment(program.engine, program.world.snapshot, CODE, Side.DOCTORS, marks(-2))
    assert "nok svar til å vises" in program.client.get(ASSESSMENT).text


def test_closing_asks_for_confirmation_and_shows_both_sides_apart(program: Program) -> None:
    open_assessment(program.engine, program.world.snapshot, CODE, TODAY)
    for number in range(5):
        answer_assessment(program.engine, program.world.snapshot, CODE, Side.DOCTORS, marks(-1 - number % 2))
        answer_assessment(program.engine, program.world.snapshot, CODE, Side.MANAGEMENT, marks(1 + number % 2))
    assert program.client.post(f"{ASSESSMENT}/lukk").status_code == 422
    assert assessment_rounds(program.engine, program.world.snapshot, CODE)[0].closed_on is None
    closed = program.client.post(f"{ASSESSMENT}/lukk", data={"confirmed": "yes"})
    assert closed.headers["location"] == f"{ASSESSMENT}?melding=lukket"
    page = program.client.get(closed.headers["location"]).text
    assert page.count("Sidene ser ulikt på dette") == 6
    assert "Kommunens ledelse (5 svar)" in page
    assert "Her er sidene mest uenige" in page
    again = program.client.post(f"{ASSESSMENT}/aapne")
    assert again.status_code == 409
    assert 'role="alert"' in again.text


def test_a_side_with_too_few_answers_is_withheld_with_the_reason(program: Program) -> None:
    snapshot = program.world.snapshot
    open_assessment(program.engine, snapshot, CODE, TODAY)
    for number in range(5):
        answer_assessment(program.engine, snapshot, CODE, Side.MANAGEMENT, marks(2, 1 + number % 4))
    for _ in range(4):
        answer_assessment(program.engine, snapshot, CODE, Side.DOCTORS, marks(-2))
    close_assessment(program.engine, snapshot, CODE, TODAY)
    page = program.client.get(ASSESSMENT).text
    assert "Legene: vises ikke. Færre enn 5 har svart" in page
    assert "Legene (" not in page
    assert "Her er sidene mest uenige" not in page
    assert "Størst fordel" in page


def test_a_round_that_can_show_nothing_says_so_before_it_is_closed(program: Program) -> None:
    open_assessment(program.engine, program.world.snapshot, CODE, TODAY)
    assert 'name="without_result"' in program.client.get(ASSESSMENT).text
    refused = program.client.post(f"{ASSESSMENT}/lukk", data={"confirmed": "yes"})
    assert refused.status_code == 409
    done = program.client.post(f"{ASSESSMENT}/lukk", data={"confirmed": "yes", "without_result": "yes"})
    assert done.status_code == 303
    assert "vises ikke" in program.client.get(ASSESSMENT).text


def test_the_largest_gaps_are_the_largest_and_the_other_sides_view_is_told() -> None:
    questionnaire = load_questionnaire()
    keys = list(questionnaire.statements)
    leaders = [{key: (2 if place < 3 else 0, 4) for place, key in enumerate(keys)} for _ in range(5)]
    doctors = [{key: (1 if place == 7 else 0, 4) for place, key in enumerate(keys)} for _ in range(5)]
    result = assessment_result({Side.MANAGEMENT: leaders, Side.DOCTORS: doctors}, questionnaire)
    view = result_view(TODAY, TODAY + timedelta(days=20), result, questionnaire, "en")
    texts = [questionnaire.statements[key].text.en for key in (*keys[:3], keys[7])]
    assert [row.text for row in view.largest_gaps] == texts
    assert [row.gap for row in view.largest_gaps] == [OUTERMOST, OUTERMOST, OUTERMOST, -4.0]
    assert view.advantages == view.challenges == ()
    assert (place_percent(-8), place_percent(0), place_percent(8)) == (0, 50, 100)


def test_roles_on_the_page_are_those_of_the_template(program: Program) -> None:
    view = own_data_page(program.world, program.engine, CODE, "en")
    assert dict(view.roles) == {key: role.en for key, role in load_local_template().roles.items()}
    assert view.last_entered is None
    program.client.post(HOME, data=SHARED | {"answer-contract_options": "3"})
    after = own_data_page(program.world, program.engine, CODE, "en")
    assert after.last_entered is not None
    assert after.last_entered >= datetime(2026, 11, 1, tzinfo=UTC).date()
    assert (after.minimum_answered.answered, after.all_answered.answered) == (1, 1)
