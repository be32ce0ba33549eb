"""Pages of a municipality's own figures and of its self-assessment, in a real browser."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from features.self_assessment import load_questionnaire
from tests.e2e.visits import LANGUAGES, NARROW, Visit, scroll_widths, violations

MUNICIPALITY = "1151"
"""Utsira: what is told here is withdrawn again, as other tests read the same program."""

OWN, ASSESSMENT = f"/kommuner/{MUNICIPALITY}/egne-tall", f"/kommuner/{MUNICIPALITY}/egenvurdering"
PAGES = [prefix + path for prefix in LANGUAGES for path in (OWN, ASSESSMENT, f"{ASSESSMENT}/svar")]


def save(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Lagre svarene", exact=True).first.click()


def fill_shared(visit: Visit) -> None:
    visit.page.fill("#date", "2026-11-01")
    visit.page.select_option("#role", "health_manager")


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_load_quietly_are_accessible_and_fit_a_phone(visit: Visit, path: str) -> None:
    assert visit.open(path) == 200
    visit.page.wait_for_load_state("load")
    assert (visit.complaints, visit.foreign) == ([], [])
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW


def test_errors_stand_beside_the_field_lead_there_and_leave_what_was_typed(visit: Visit) -> None:
    visit.open(OWN)
    visit.page.fill("#answer-colleagues_fte", "mange")
    save(visit)
    expect(visit.page.locator("#errors")).to_be_focused()
    assert visit.page.title().startswith("Feil:")
    assert violations(visit.page) == []
    visit.page.locator("#errors a[href='#answer-colleagues_fte']").click()
    field = visit.page.locator("#answer-colleagues_fte")
    expect(field).to_be_focused()
    expect(field).to_have_value("mange")
    expect(field).to_have_accessible_description(re.compile("«mange» er ikke et tall"))
    expect(visit.page.locator("#date")).to_have_accessible_description(re.compile("Velg dagen"))
    assert scroll_widths(visit.page) == NARROW
    assert visit.foreign == []


def test_answers_are_saved_scored_and_withdrawn_without_javascript(without_javascript: Visit, site: str) -> None:
    visit = without_javascript
    visit.open(OWN)
    visit.page.locator(".others > summary").click()
    visit.page.fill("#answer-supervisors_available", "2")
    fill_shared(visit)
    save(visit)
    try:
        expect(visit.page.get_by_role("status")).to_contain_text("Ett svar er lagret")
        expect(visit.page.locator("#said")).to_contain_text("helseleder, 1. november 2026")
        profile = httpx2.get(f"{site}/api/v1/municipalities/{MUNICIPALITY}").json()["data"]
        values = {found["entry"]["key"]: found["value"] for found in profile["indicators"]}
        assert values["supervisors_available"] == 2
    finally:
        visit.open(OWN)
        visit.page.locator(".said details:has(.withdraw) summary").click()
        visit.page.locator(".withdraw select").select_option("personnel")
        visit.page.locator(".withdraw input[type=text]").fill("prøve")
        visit.page.locator(".withdraw button").click()
    expect(visit.page.get_by_role("status")).to_contain_text("er trukket tilbake")
    expect(visit.page.locator(".withdraw")).to_have_count(0)
    assert visit.foreign == []


def test_the_downloaded_template_is_read_back_and_nothing_saved_before_it_is_confirmed(
    visit: Visit, tmp_path: Path
) -> None:
    visit.open(OWN)
    with visit.page.expect_download() as download:
        visit.page.locator("#mal ~ .downloads a", has_text="csv").first.click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    filled = {"X01": "9;;1.11.2026;personal;", "G06": "2;;1.11.2026;personal;"}
    rows = [
        line.removesuffix(";;;;;") + ";" + filled[line.split(";")[1]] if line.split(";")[1] in filled else line
        for line in lines
    ]
    file = tmp_path / "mal.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    visit.page.set_input_files("#file", file)
    visit.page.get_by_role("button", name="Se gjennom filen").click()
    wrong = visit.page.locator(".ds-error-summary")
    row = 1 + next(place for place, line in enumerate(lines) if line.split(";")[1] == "X01")
    expect(wrong.locator("tbody th")).to_have_text([str(row)])
    expect(wrong).to_contain_text("«9» er utenfor")
    expect(visit.page.get_by_role("button", name="Lagre bare de riktige (1)")).to_be_visible()
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW
    visit.open(OWN)
    assert visit.page.locator(".withdraw").count() == 0
    assert visit.foreign == []


def answer(visit: Visit, side: str, advantage: str, importance: str) -> None:
    visit.open(f"{ASSESSMENT}/svar")
    visit.page.check(f"#side-{side}")
    visit.page.get_by_role("button", name="Neste").click()
    for step in range(1, 6):
        expect(visit.page.locator(".step-of")).to_contain_text(f"Del {step} av 5")
        for mark in visit.page.locator(f"input[name^=advantage][value='{advantage}']:not([type=hidden])").all():
            mark.check()
        for mark in visit.page.locator(f"input[name^=importance][value='{importance}']:not([type=hidden])").all():
            mark.check()
        visit.page.locator("button[value=next]").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Takk, svaret er tatt imot")


def send_answers(site: str, code: str, side: str, marks: list[tuple[int, int]]) -> None:
    """Answers past the form, each with one advantage and importance for every statement."""
    for advantage, importance in marks:
        told = {key: {"advantage": advantage, "importance": importance} for key in load_questionnaire().statements}
        base = f"{site}/api/v1/municipalities/{code}/self-assessment"
        httpx2.post(f"{base}/answers", json={"side": side, "marks": told}).raise_for_status()


def test_a_round_is_opened_answered_and_closed_without_javascript(without_javascript: Visit, site: str) -> None:
    visit = without_javascript
    visit.open(ASSESSMENT)
    visit.page.get_by_role("button", name="Åpne en runde").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Runden er åpnet")
    answer(visit, "management", "1", "4")
    send_answers(site, MUNICIPALITY, "management", [(1, 4)] * 4)
    answer(visit, "doctors", "-2", "4")
    visit.open(ASSESSMENT)
    visit.page.locator(".closing summary").click()
    visit.page.locator(".closing button").click()
    expect(visit.page.locator("#errors")).to_contain_text("Kryss av")
    visit.page.check("#confirmed")
    visit.page.locator(".closing button").click()
    result = visit.page.locator(".result")
    expect(result).to_contain_text("Legene: vises ikke. Færre enn 5 har svart")
    expect(result).to_contain_text("Kommunens ledelse (5 svar)")
    expect(result).not_to_contain_text("Legene (")
    assert visit.foreign == []


def test_the_keyboard_alone_answers_a_class_and_what_is_missing_is_told(visit: Visit, site: str) -> None:
    code = "1835"
    httpx2.post(f"{site}/api/v1/municipalities/{code}/self-assessment").raise_for_status()
    visit.open(f"/kommuner/{code}/egenvurdering/svar")
    visit.page.locator("#side-management").focus()
    for key in ("ArrowDown", "Tab", "Enter"):
        visit.page.keyboard.press(key)
    expect(visit.page.locator(".step-of")).to_contain_text("Del 1 av 5 · Legene")
    visit.page.locator("fieldset.scale input").first.focus()
    for key in ("Space", "Tab", "ArrowRight"):
        visit.page.keyboard.press(key)
    visit.page.locator("button[value=next]").click()
    expect(visit.page.locator("#errors li")).to_have_count(8)
    expect(visit.page.locator("fieldset.scale input:checked")).to_have_count(2)
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW
    visit.page.locator("#errors a").first.click()
    assert visit.page.evaluate("document.activeElement.className") == "scale"


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
def test_the_result_is_accessible_fits_a_phone_and_prints_no_forms(visit: Visit, site: str, language: str) -> None:
    code = {"": "1144", "/nn": "1818", "/en": "1839"}[language]
    base = f"{site}/api/v1/municipalities/{code}/self-assessment"
    httpx2.post(base).raise_for_status()
    for side, advantage in (("management", 1), ("doctors", -1)):
        send_answers(site, code, side, [(advantage, importance) for importance in (1, 2, 3, 4, 4)])
    httpx2.post(f"{base}/closing", json={}).raise_for_status()
    visit.open(f"{language}/kommuner/{code}/egenvurdering")
    expect(visit.page.locator(".sides-strip")).to_have_count(6)
    expect(visit.page.locator(".gaps > li")).to_have_count(5)
    expect(visit.page.locator(".result")).to_contain_text(str(datetime.now(UTC).year))
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW
    assert (visit.complaints, visit.foreign) == ([], [])
    visit.page.emulate_media(media="print")
    assert visit.page.locator("main form:visible").count() == 0
    assert visit.page.locator(".result table:visible").count() == 2
