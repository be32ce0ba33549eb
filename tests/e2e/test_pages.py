import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.e2e.visits import FROYA, LANGUAGES, NARROW, Visit, scroll_widths, text_outside, violations

RINDAL, WITHOUT_FIGURES, OSLO = "5061", "5528", "0301"

PAGES = ["/", "/?faktor=vacancy&fylke=56&sorter=name", f"/kommuner/{RINDAL}", "/kommuner/finn?q=her%C3%B8y"]
COMPARED = f"/sammenlign?kommuner={RINDAL},{OSLO},{FROYA},{WITHOUT_FIGURES},4601"
PAGES += [COMPARED, "/data", "/metode"]
EVERY_PAGE = [prefix + path for prefix in LANGUAGES for path in PAGES]
ODD_PAGES = [
    f"/kommuner/{WITHOUT_FIGURES}",
    f"/kommuner/{OSLO}",
    "/kommuner/finn?q=",
    "/docs",
    "/nn/docs",
    "/kommuner/finn?q=5014",
]
DATA_PAGES = ["/sammenlign", f"/sammenlign?kommuner={FROYA}", "/data/indikatorer", "/en/data/tabeller/gp_lists"]
REFUSED = ["/kommuner/9999", "/sammenlign?kommuner=5014,bl%C3%A5bl%C3%A5,1601,0301,4601,1103,5501"]

EMPTY_HANDED = ["<script>alert(1)</script>", "🦄", "x" * 10_000, "((", "%00"]


@pytest.mark.parametrize("path", EVERY_PAGE + ODD_PAGES + DATA_PAGES)
def test_pages_load_without_complaint_and_ask_no_other_host(visit: Visit, path: str) -> None:
    assert visit.open(path) == 200
    visit.page.wait_for_load_state("load")
    assert visit.complaints == []
    assert visit.foreign == []
    language = next((code for prefix, code in LANGUAGES.items() if prefix and path.startswith(prefix)), "nb")
    assert visit.page.get_attribute("html", "lang") == language
    assert visit.page.locator("h1").first.is_visible()


@pytest.mark.parametrize("path", [*EVERY_PAGE, *ODD_PAGES[:3], *DATA_PAGES, *REFUSED])
def test_pages_have_no_accessibility_violations(visit: Visit, path: str) -> None:
    visit.open(path)
    assert violations(visit.page) == []


@pytest.mark.parametrize("path", [*EVERY_PAGE, *ODD_PAGES, *DATA_PAGES, *REFUSED])
def test_pages_never_scroll_sideways(visit: Visit, path: str) -> None:
    visit.open(path)
    assert scroll_widths(visit.page) == NARROW


@pytest.mark.parametrize("path", [*PAGES[:3], COMPARED])
def test_text_in_drawings_is_inside_its_page(visit: Visit, path: str) -> None:
    visit.page.set_viewport_size({"width": 320, "height": 800})
    visit.open(path)
    assert text_outside(visit.page, "main svg") == []


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
def test_the_search_works_without_javascript(without_javascript: Visit, query: str, heading: str) -> None:
    visit = without_javascript
    visit.open("/")
    visit.page.locator("#finn-kommune").fill(query)
    visit.page.locator(".search button[type=submit]").click()
    expect(visit.page.locator("h1")).to_have_text(heading)


def test_the_factor_can_be_chosen_without_javascript(without_javascript: Visit) -> None:
    visit = without_javascript
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


def test_what_matters_most_comes_first(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    assert visit.page.locator("main h2").all_inner_texts() == [
        "Kort fortalt",
        "Nøkkeltall",
        "Faktorprofil mot like kommuner",
        "Hva vi kan gjøre noe med",
        "Ventet mot faktisk",
        "Mest lik oss",
        "Like kommuner",
        "Jobb til partner, etter yrke",
        "Stillingens bærekraft: hvor lenge varer en avtale?",
        "Alle indikatorer",
        "Kilder og beregning",
    ]
    for link in visit.page.locator(".contents a").all():
        assert visit.page.locator(link.get_attribute("href") or "-").count() == 1


@pytest.mark.parametrize(
    ("prefix", "interval", "normal"),
    [("", "90 % intervall", "normal"), ("/nn", "90 % intervall", "normal"), ("/en", "90% interval", "normal")],
)
def test_three_sentences_say_what_stands_out_with_figures_and_sources(
    visit: Visit, prefix: str, interval: str, normal: str
) -> None:
    visit.open(f"{prefix}/kommuner/{FROYA}")
    told = [text.replace("\u00a0", " ") for text in visit.page.locator(".told li").all_inner_texts()]
    assert len(told) == 3
    assert normal in told[0]
    assert interval in told[1]
    assert all("SSB" in text for text in told)
    assert "2025" in told[0]


def test_a_rank_comes_with_where_it_may_lie_and_what_moves_it(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    row = visit.page.locator(".profile > li", has_text="Fagmiljø").inner_text()
    assert re.search(r"Plass \d+ av \d+; mellom \d+ og \d+ når tall og metode varieres", row)
    assert "Plassen flyttes mest av" in row
    assert re.search(r"\d+\s%\sdekket", row)


def test_factors_without_figures_lead_to_where_they_can_be_filled_in(visit: Visit) -> None:
    visit.open(f"/en/kommuner/{FROYA}")
    assert visit.page.locator(".unscored li").count() >= 1
    assert visit.page.locator(f"a[href='/en/kommuner/{FROYA}/egne-tall']").count() >= 3


def test_levers_come_with_evidence_and_its_sources_and_never_ask_for_longer_lists(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    groups = visit.page.locator(".levers > li").all_inner_texts()
    assert "sterkt belegg" in groups[0]
    assert "virkningen er ikke målt" in groups[-1]
    assert all(re.search(r"\(.*20\d\d", text) for text in groups)
    assert not any(re.search(r"(øk|forleng|lengre)\w* list(?!er er ikke)", text.lower()) for text in groups)


def test_vacancy_and_list_length_stand_beside_what_is_expected(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    card = visit.page.locator("section[aria-labelledby=ventet]")
    assert card.locator("svg.bullet").count() == 2
    text = card.inner_text()
    assert text.count("Av 100 kommuner med samme struktur og størrelse") == 2
    assert "Etter justeringen" in text or "Justeringen fjerner ikke" in text


def test_the_most_alike_come_with_reasons_and_a_link_to_compare(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    card = visit.page.locator("section[aria-labelledby=ligner]")
    assert "Hitra" in card.inner_text()
    assert card.locator("ol.alike > li").count() == 10
    assert "Likt" in card.inner_text()
    href = card.get_by_role("link", name="Sammenlign side ved side").get_attribute("href") or ""
    assert href.startswith(f"/sammenlign?kommuner={FROYA},")
    assert visit.open(href) == 200


def test_without_the_table_of_jobs_the_page_says_how_to_get_it(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    assert "stabil data refresh --only jobs" in visit.page.locator("section[aria-labelledby=partner]").inner_text()


def test_what_only_the_municipality_can_tell_is_folded_by_factor(visit: Visit) -> None:
    visit.open(f"/kommuner/{FROYA}")
    table = visit.page.locator(".indicator-table")
    assert table.locator("tr.unanswered").count() >= 8
    assert not table.get_by_text("Veiledere", exact=False).first.is_visible()
    table.locator("tr.unanswered summary").nth(5).click()
    assert table.locator("tr.unanswered details[open] li").first.is_visible()


def test_a_factor_nobody_has_figures_for_says_what_to_do(visit: Visit) -> None:
    visit.open("/?faktor=workplace")
    assert "Ingen kommune har poeng her ennå" in visit.page.locator(".factor-text").inner_text()


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
    assert re.search(r"delt \d+–", visit.page.locator(".factor-table tbody").inner_text())


@pytest.mark.parametrize("width", [320, 390])
def test_an_indicator_can_be_read_on_a_phone_without_scrolling_sideways(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.open(f"/kommuner/{RINDAL}")
    outside = visit.page.evaluate(
        """[...document.querySelectorAll('.indicator-table td, .figure .ds-tag')].filter((cell) => {
             const box = cell.getBoundingClientRect();
             const card = cell.closest('.ds-card').getBoundingClientRect();
             return box.width && (box.left < card.left || box.right > card.right);
           }).length"""
    )
    assert outside == 0


@pytest.mark.parametrize("path", ["/finnes-ikke", "/en/kommuner/xyz", "/nn/?faktor=%3Cscript%3E", "/?fylke=zz"])
def test_what_does_not_exist_gets_a_page_that_says_so(visit: Visit, path: str) -> None:
    assert visit.open(path) == 404
    assert visit.page.locator("h1").count() == 1
    assert visit.page.locator("main form[role=search]").count() == 1


def test_municipalities_can_be_compared_without_javascript(without_javascript: Visit) -> None:
    visit = without_javascript
    visit.open("/sammenlign")
    visit.page.locator("#kommune-1").fill("Frøya")
    visit.page.locator("#kommune-3").fill("0301")
    visit.page.locator(".compare-form button").click()
    assert visit.page.url.endswith("/sammenlign?kommuner=5014,0301")
    assert visit.page.locator(".compare-places a").all_inner_texts() == ["Frøya", "Oslo"]
    visit.page.locator("#kommune-3").fill("Blåblå")
    visit.page.locator(".compare-form button").click()
    assert visit.page.locator("#kommune-2").input_value() == "Oslo"
    assert visit.page.locator("#kommune-3").input_value() == "Blåblå"
    assert "Blåblå" in visit.page.locator("#feil-3").inner_text()


def test_the_indicators_can_be_narrowed_without_javascript(without_javascript: Visit) -> None:
    visit = without_javascript
    visit.open("/nn/data/indikatorer")
    everything = visit.page.locator(".indicator-list > li").count()
    visit.page.select_option("#opphav", "live")
    visit.page.locator(".filter-form button").click()
    assert 0 < visit.page.locator(".indicator-list > li").count() < everything
    assert visit.page.input_value("#opphav") == "live"
