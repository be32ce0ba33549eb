"""Pages about how long doctors stay in a post, in a real browser."""

from datetime import date
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.visits import FROYA, LANGUAGES, NARROW, Visit, scroll_widths, text_outside, violations

ANSWER = f"/varighet?kommune={FROYA}&avtale=salaried&utdanning=ja&igjen=2&liste=500"
LATE = "/varighet?innbyggere=200000&sentralitet=1&avtale=self_employed&utdanning=nei&blitt=11"
WRONG = "/varighet?kommune=Bl%C3%A5bl%C3%A5&utdanning=ja&igjen=99"
PAGES = ["/varighet", ANSWER, "/varighet/kurver", "/varighet/kurver?etter=centrality_class", "/varighet/modell"]
EVERY_PAGE = [prefix + path for prefix in LANGUAGES for path in PAGES]


@pytest.mark.parametrize("path", [*EVERY_PAGE, LATE])
def test_the_pages_load_quietly_are_accessible_and_fit_a_phone(visit: Visit, path: str) -> None:
    assert visit.open(path) == 200
    visit.page.wait_for_load_state("load")
    assert (visit.complaints, visit.foreign) == ([], [])
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW


@pytest.mark.parametrize("path", [ANSWER, LATE, "/varighet/kurver", "/varighet/modell"])
def test_text_in_drawings_is_inside_its_page(visit: Visit, path: str) -> None:
    visit.page.set_viewport_size({"width": 320, "height": 800})
    visit.open(path)
    assert text_outside(visit.page, "main .chart svg") == []
    assert text_outside(visit.page, "main .small-charts svg") == []


def test_a_post_is_described_and_answered_without_javascript(without_javascript: Visit) -> None:
    visit = without_javascript
    visit.open("/varighet")
    visit.page.fill("#innbyggere", "4 000")
    visit.page.select_option("#sentralitet", "6")
    visit.page.select_option("#avtale", "salaried")
    visit.page.select_option("#utdanning", "ja")
    visit.page.fill("#igjen", "2")
    visit.page.get_by_role("button", name="Vis anslag").click()
    answer = visit.page.locator("section[aria-labelledby=svar]").inner_text()
    assert "Halvparten av avtalene i en stilling som denne er over etter" in answer
    assert "I like stillinger" in answer
    assert visit.page.locator("#igjen").input_value() == "2"
    assert visit.page.locator(".post-table tbody tr").count() == 4
    assert visit.page.locator(".drivers li").count() == 4


def test_a_municipality_can_be_named_and_a_list_length_is_answered(visit: Visit) -> None:
    visit.open(ANSWER)
    answer = visit.page.locator("section[aria-labelledby=svar]").inner_text()
    assert "Frøya står for sitt slag" in answer
    assert "Listelengden flytter ikke anslaget" in answer
    assert "kan ikke brukes til å rangere søkere" in answer


def test_a_post_with_a_trainee_names_the_assumption_and_what_its_range_does(visit: Visit) -> None:
    visit.open(ANSWER)
    told = visit.page.locator("section[aria-labelledby=svar] .ds-alert").inner_text()
    assert "ANTAKELSE: ingen har målt i Norge" in told
    assert "når antakelsen er lavest" in told
    visit.open(LATE)
    assert visit.page.locator("section[aria-labelledby=svar] .ds-alert").count() == 0


def test_every_figure_says_that_it_is_simulated(visit: Visit) -> None:
    for path in (ANSWER, "/varighet/kurver", "/varighet/modell"):
        visit.open(path)
        for card in visit.page.locator("section:has(svg.chart-image), section:has(table), section:has(.drivers)").all():
            assert "Simulerte forløp" in card.inner_text()


def test_what_is_wrong_stands_beside_its_field(visit: Visit) -> None:
    assert visit.open(WRONG) == 422
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW
    for field, told in (("kommune", "Blåblå"), ("igjen", "0,25 til 7")):
        described = (visit.page.get_attribute(f"#{field}", "aria-describedby") or "").split()
        assert told in visit.page.locator(f"#{described[-1]}").inner_text()
        assert visit.page.get_attribute(f"#{field}", "aria-invalid") == "true"
    assert visit.page.locator("#kommune").input_value() == "Blåblå"


@pytest.mark.parametrize("asked", ["alder=40", "navn=Kari", "sex=f"])
def test_a_question_about_a_person_is_refused_with_the_reason(visit: Visit, asked: str) -> None:
    assert visit.open(f"{ANSWER}&{asked}") == 422
    told = visit.page.locator("main").inner_text()
    assert "uten opplysninger om personer" in told
    assert "§" in told or "artikkel" in told


def test_another_grouping_is_chosen_without_javascript(without_javascript: Visit) -> None:
    visit = without_javascript
    visit.open("/nn/varighet/kurver")
    visit.page.select_option("#etter", "contract_form")
    visit.page.locator(".choose-group button").click()
    assert visit.page.url.endswith("etter=contract_form")
    assert visit.page.locator("section[aria-labelledby=folges] tbody tr").count() == 3


def test_the_curves_can_be_downloaded_in_three_forms(visit: Visit, site: str) -> None:
    visit.open("/varighet/kurver?etter=career_stage")
    links = {link.inner_text(): link.get_attribute("href") for link in visit.page.locator(".download-links a").all()}
    kinds = {"CSV": "text/csv", "SVG": "image/svg+xml", "JSON": "application/json"}
    assert set(links) == set(kinds)
    for name, kind in kinds.items():
        answer = httpx2.get(f"{site}{links[name]}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)


def test_an_unknown_grouping_gets_a_page_that_says_so(visit: Visit) -> None:
    assert visit.open("/varighet/kurver?etter=sex") == 404


def test_the_model_report_tells_what_it_must_not_be_used_for_first(visit: Visit) -> None:
    visit.open("/varighet/modell")
    assert visit.page.locator("main h2").first.inner_text() == "Må ikke brukes til"
    text = visit.page.locator("main").inner_text()
    for told in ("C-indeks", "Begrensninger", "Kjønn, alder, opphav", "Publisert (virkelig)"):
        assert told in text


def test_every_figure_of_the_model_report_says_what_it_rests_on_and_when_it_was_measured(visit: Visit) -> None:
    visit.open("/en/varighet/modell")
    answer = visit.page.request.get(f"{visit.site}/api/v1/retention/report").json()
    day = date.fromisoformat(answer["run"]["created_at"][:10])
    cards = visit.page.locator("section:has(table), section:has(svg)").all()
    assert len(cards) == 7
    for card in cards:
        assert f"Simulated careers: 7,359 contracts, measured {day.day} {day:%B %Y} with" in card.inner_text()


def test_the_model_report_shows_every_horizon_band_and_cause(visit: Visit) -> None:
    visit.open("/varighet/modell")
    assert visit.page.locator("section[aria-labelledby=kalibrering] tbody tr").count() == 4 * (1 + 5)
    assert visit.page.locator("section[aria-labelledby=tideler] svg.chart-image").count() == 4
    assert visit.page.locator("section[aria-labelledby=nytte] svg.chart-image").count() == 2
    causes = visit.page.locator("section[aria-labelledby=grunner]").inner_text()
    assert "Slutter som fastlege: " in causes
    assert "Går til en annen fastlegestilling: " in causes
    shares = visit.page.locator("section[aria-labelledby=fordeling] details")
    shares.locator("summary").click()
    assert shares.locator("tbody tr").count() == 10
    assert visit.page.locator("svg.chart-image").first.get_attribute("aria-label") is not None


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_the_model_card_as_a_file_has_the_content_of_the_page_and_asks_nobody(
    visit: Visit, site: str, browser: Browser, prefix: str, tmp_path: Path
) -> None:
    visit.open(f"{prefix}/varighet/modell")
    link = visit.page.get_by_role("link", name="HTML").get_attribute("href")
    answer = httpx2.get(f"{site}{link}")
    assert "attachment" in answer.headers["content-disposition"]
    file = tmp_path / "card.html"
    file.write_text(answer.text, encoding="utf-8")
    page = browser.new_page(viewport={"width": 320, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(page) == []
    rows = """[...document.querySelectorAll('main tr, main li, main h2')].map(
        (each) => each.textContent.replaceAll('\u2060', '').replace(/\\s+/g, ' ').trim())"""
    assert page.evaluate(rows) == visit.page.evaluate(rows)
    page.close()


def test_the_model_card_as_json_speaks_the_language_of_the_page(visit: Visit, site: str) -> None:
    visit.open("/nn/varighet/modell")
    link = visit.page.get_by_role("link", name="JSON").get_attribute("href")
    card = httpx2.get(f"{site}{link}", headers={"accept-language": "en"}).json()["data"]
    shown = visit.page.locator("section[aria-labelledby=maa-ikke] li").all_inner_texts()
    assert card["forbidden_use"] == shown


def test_the_menu_and_the_municipality_lead_there(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    card = visit.page.locator("section[aria-labelledby=varighet]")
    assert card.locator("svg.chart-image").count() == 4
    card.get_by_role("link", name="Beskriv en stilling").click()
    expect(visit.page.locator("#kommune")).to_have_value(FROYA)
    visit.open("/en/")
    visit.page.locator(".top-nav").get_by_role("link", name="Durations").click()
    expect(visit.page.locator("h1")).to_have_text("How long do doctors stay in a post like this?")
    assert visit.complaints == []
