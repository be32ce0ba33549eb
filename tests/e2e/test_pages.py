import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

RINDAL, WITHOUT_FIGURES, OSLO = "5061", "5528", "0301"

PAGES = ["/", "/?faktor=vacancy&fylke=56&sorter=name", f"/kommuner/{RINDAL}", "/kommuner/finn?q=her%C3%B8y"]
LANGUAGES = {"": "nb", "/nn": "nn", "/en": "en"}
EVERY_PAGE = [prefix + path for prefix in LANGUAGES for path in PAGES]
ODD_PAGES = [
    f"/kommuner/{WITHOUT_FIGURES}",
    f"/kommuner/{OSLO}",
    "/kommuner/finn?q=",
    "/docs",
    "/nn/docs",
    "/kommuner/finn?q=5014",
]

EMPTY_HANDED = ["<script>alert(1)</script>", "🦄", "x" * 10_000, "((", "%00"]


class Visit:
    """A page, and everything it complained of or asked of others."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._check(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" != self.site:
            self.foreign.append(url)

    def open(self, path: str) -> int:
        answer = self.page.goto(self.site + path)
        assert answer is not None
        return answer.status


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield Visit(page, site)
    page.close()


@pytest.fixture
def visit_without_javascript(browser: Browser, site: str) -> Iterator[Visit]:
    page = browser.new_page(java_script_enabled=False)
    yield Visit(page, site)
    page.close()


def violations(page: Page) -> list[str]:
    assert AXE.is_file(), "axe-core is missing: run ./setup.sh dev"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']}: {json.dumps([node['target'] for node in found['nodes'][:3]])}"
        for found in result["violations"]
    ]


@pytest.mark.parametrize("path", EVERY_PAGE + ODD_PAGES)
def test_pages_load_without_complaint_and_ask_no_other_host(visit: Visit, path: str) -> None:
    assert visit.open(path) == 200
    visit.page.wait_for_load_state("load")
    assert visit.complaints == []
    assert visit.foreign == []
    language = next((code for prefix, code in LANGUAGES.items() if prefix and path.startswith(prefix)), "nb")
    assert visit.page.get_attribute("html", "lang") == language
    assert visit.page.locator("h1").first.is_visible()


@pytest.mark.parametrize("path", [*EVERY_PAGE, *ODD_PAGES[:3], "/kommuner/9999"])
def test_pages_have_no_accessibility_violations(visit: Visit, path: str) -> None:
    visit.open(path)
    assert violations(visit.page) == []


@pytest.mark.parametrize("path", [*EVERY_PAGE, *ODD_PAGES, "/kommuner/9999"])
def test_pages_never_scroll_sideways(visit: Visit, path: str) -> None:
    visit.open(path)
    visit.page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
    widths = {}
    for width in (320, 390, 768):
        visit.page.set_viewport_size({"width": width, "height": 800})
        widths[width] = visit.page.evaluate("document.documentElement.scrollWidth")
    assert widths == {320: 320, 390: 390, 768: 768}


@pytest.mark.parametrize("path", PAGES[:3])
def test_text_in_drawings_is_inside_its_page(visit: Visit, path: str) -> None:
    visit.page.set_viewport_size({"width": 320, "height": 800})
    visit.open(path)
    outside = visit.page.evaluate(
        """[...document.querySelectorAll('main svg text')].filter((text) => {
             const box = text.getBoundingClientRect();
             return box.width && (box.left < 0 || box.right > document.documentElement.clientWidth);
           }).map((text) => text.textContent)"""
    )
    assert outside == []


def test_choosing_a_factor_swaps_map_and_table_and_the_address(visit: Visit) -> None:
    visit.open("/")
    visit.page.evaluate("window.stillHere = true")
    visit.page.select_option("#faktor", "partner_jobs")
    expect(visit.page.locator("#kart")).to_contain_text("Jobb til partner")
    assert "faktor=partner_jobs" in visit.page.url
    assert visit.page.evaluate("window.stillHere")
    assert "faktor=partner_jobs" in (visit.page.get_attribute("#languages a[lang=en]", "href") or "")
    assert visit.complaints == []


def test_headings_sort_the_table(visit: Visit) -> None:
    visit.open("/")
    visit.page.get_by_role("columnheader", name="Kommune").get_by_role("link").click()
    expect(visit.page.locator("th[aria-sort=ascending]")).to_contain_text("Kommune")
    assert visit.page.locator(".factor-table tbody th").first.inner_text() == "Alstahaug"
    assert visit.page.locator(".factor-table tbody th").last.inner_text() == "Åsnes"


def test_the_map_is_one_stop_for_the_keyboard_and_arrows_walk_it(visit: Visit) -> None:
    visit.open("/")
    tiles = visit.page.locator(".tile-map a")
    assert tiles.count() == 357
    assert visit.page.locator(".tile-map a[tabindex='0']").count() == 1
    visit.page.locator(".tile-map a[tabindex='0']").focus()
    before = visit.page.evaluate("document.activeElement.getAttribute('aria-label')")
    visit.page.keyboard.press("ArrowUp")
    after = visit.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert after
    assert after != before
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("h1")).to_contain_text(after.split(":")[0])


def test_the_search_box_suggests_and_leads_there(visit: Visit) -> None:
    visit.open("/")
    visit.page.locator("#finn-kommune").press_sequentially("trondh")
    visit.page.get_by_role("option", name="Trondheim").click()
    visit.page.get_by_role("search").get_by_role("button", name="Vis").click()
    expect(visit.page.locator("h1")).to_have_text("Trondheim kommune")


@pytest.mark.parametrize(
    ("typed", "heading", "said"),
    [
        ("1601", "Finn kommune", "Trondheim"),
        ("Tronheim", "Finn kommune", "Trondheim"),
        ("Frøya", "Frøya kommune", "kommunenummer 5014"),
    ],
)
def test_enter_in_the_search_box_sends_what_was_typed(visit: Visit, typed: str, heading: str, said: str) -> None:
    visit.open("/")
    visit.page.locator("#finn-kommune").press_sequentially(typed)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("h1")).to_have_text(heading)
    expect(visit.page.locator("main")).to_contain_text(said)
    assert visit.complaints == []


def test_enter_sends_the_option_chosen_with_the_arrow_keys(visit: Visit) -> None:
    visit.open("/")
    visit.page.locator("#finn-kommune").press_sequentially("trondh")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("h1")).to_have_text("Trondheim kommune")


@pytest.mark.parametrize(
    ("query", "heading"), [("Trondheim", "Trondheim kommune"), ("5001", "Trondheim kommune"), ("æøå", "Finn kommune")]
)
def test_the_search_works_without_javascript(visit_without_javascript: Visit, query: str, heading: str) -> None:
    visit = visit_without_javascript
    visit.open("/")
    visit.page.locator("#finn-kommune").fill(query)
    visit.page.locator(".search button[type=submit]").click()
    expect(visit.page.locator("h1")).to_have_text(heading)


def test_the_factor_can_be_chosen_without_javascript(visit_without_javascript: Visit) -> None:
    visit = visit_without_javascript
    visit.open("/nn/")
    visit.page.select_option("#faktor", "living_environment")
    visit.page.select_option("#fylke", "56")
    visit.page.locator(".choose button").click()
    expect(visit.page.locator("#kart")).to_contain_text("Bumiljø")
    assert visit.page.locator(".factor-table tbody tr").count() == 18


def test_an_old_number_is_answered_with_what_it_became(visit: Visit) -> None:
    assert visit.open("/kommuner/finn?q=1601") == 200
    assert "Trondheim" in visit.page.locator(".answer").inner_text()
    assert visit.open("/kommuner/1601") == 404
    assert "5001 Trondheim" in visit.page.locator("main").inner_text()


def test_a_part_of_a_name_lists_what_it_may_mean(visit: Visit) -> None:
    visit.open("/en/kommuner/finn?q=trondh")
    assert visit.page.locator(".found a").first.inner_text() == "Trondheim"


@pytest.mark.parametrize("query", EMPTY_HANDED, ids=["markup", "emoji", "long", "brackets", "null"])
def test_nonsense_is_answered_with_a_page_that_helps(visit: Visit, query: str) -> None:
    assert visit.open(f"/kommuner/finn?q={quote(query)}") == 200
    expect(visit.page.locator("h1")).to_have_text("Finn kommune")
    assert visit.complaints == []


def test_a_municipality_without_figures_says_so_and_shows_no_zero(visit: Visit) -> None:
    visit.open(f"/kommuner/{WITHOUT_FIGURES}")
    cards = visit.page.locator(".cards").inner_text()
    assert cards.count("Mangler tall") == 3
    assert "0,0" not in cards


def test_the_retention_curves_say_that_they_are_simulated_and_about_no_one(visit: Visit) -> None:
    visit.open(f"/kommuner/{RINDAL}")
    card = visit.page.locator("section[aria-labelledby=varighet]").inner_text()
    assert "simulert" in card
    assert "De handler ikke om legene som arbeider i kommunen" in card


def test_the_departure_after_training_names_its_assumption(visit: Visit) -> None:
    visit.open(f"/kommuner/{RINDAL}")
    card = visit.page.locator("section[aria-labelledby=varighet]").inner_text()
    assert "Av dem som blir ferdige spesialister i stillingen, slutter" in card
    assert "ANTAKELSE: ingen har målt i Norge" in card
    assert "Ferdig spesialist, ny i stillingen" in card
    assert "Abelsen" in card


def test_a_county_is_named_and_greys_the_others(visit: Visit) -> None:
    visit.open("/?fylke=56")
    assert "Finnmark" in visit.page.title()
    assert "Finnmark" in visit.page.locator("#kart").inner_text()
    assert "Finnmark" in visit.page.locator("#tabell-navn").inner_text()
    assert visit.page.locator(".table-head a").inner_text() == "Last ned hele landet som CSV"
    colours = visit.page.evaluate(
        "[...new Set([...document.querySelectorAll('.dimmed use')].map((tile) => getComputedStyle(tile).fill))]"
    )
    assert len(colours) == 1


def test_places_with_the_same_score_are_told_as_shared(visit: Visit) -> None:
    visit.open("/?faktor=vacancy")
    assert visit.page.locator(".factor-table tbody tr").first.inner_text().count("delt 1–") >= 1


@pytest.mark.parametrize("width", [320, 390])
def test_an_indicator_can_be_read_on_a_phone_without_scrolling_sideways(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.open(f"/kommuner/{RINDAL}")
    outside = visit.page.evaluate(
        """[...document.querySelectorAll('.indicator-table td, .figure .ds-tag')].filter((cell) => {
             const box = cell.getBoundingClientRect();
             const card = cell.closest('.ds-card').getBoundingClientRect();
             return box.left < card.left || box.right > card.right;
           }).length"""
    )
    assert outside == 0


@pytest.mark.parametrize("path", ["/finnes-ikke", "/en/kommuner/xyz", "/nn/?faktor=%3Cscript%3E", "/?fylke=zz"])
def test_what_does_not_exist_gets_a_page_that_says_so(visit: Visit, path: str) -> None:
    assert visit.open(path) == 404
    assert visit.page.locator("h1").count() == 1
    assert visit.page.locator("main form[role=search]").count() == 1
