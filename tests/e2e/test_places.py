"""The doctor's own page and the pages of vacant posts, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import LANGUAGES, NARROW, Visit, scroll_widths, violations

RANA = "/stilling/POST-1833"
PAGES = [prefix + path for prefix in LANGUAGES for path in ("/lege", "/stilling?fylke=18")]
POSTS = [prefix + RANA for prefix in LANGUAGES]


def ask(page: Page) -> None:
    page.locator("[name='vekt-workload'][value=mye]").check(force=True)
    page.locator("[name='vekt-professional_community'][value=krav]").check(force=True)
    page.select_option("#partner", "hoyere")
    page.fill("#vakt", "6")
    page.fill("#liste", "1000")
    page.locator(".places-form button").click()


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_load_quietly_are_accessible_and_fit_a_phone(visit: Visit, path: str) -> None:
    assert visit.open(path) == 200
    visit.page.wait_for_load_state("load")
    assert (visit.complaints, visit.foreign) == ([], [])
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW


@pytest.mark.parametrize("path", POSTS)
def test_a_posts_page_brings_how_doctors_see_it_and_is_accessible(visit: Visit, path: str) -> None:
    assert visit.open(path) == 200
    visit.page.wait_for_selector(".funnel", timeout=120_000)
    assert (visit.complaints, visit.foreign) == ([], [])
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_the_answer_is_accessible_fits_a_phone_and_leaves_nothing_in_the_address(visit: Visit, prefix: str) -> None:
    visit.open(f"{prefix}/lege")
    ask(visit.page)
    visit.page.wait_for_selector("section[aria-labelledby=kommuner]")
    assert visit.page.url == f"{visit.site}{prefix}/lege#svar"
    assert (visit.complaints, visit.foreign) == ([], [])
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW


def test_a_doctor_gets_places_with_reasons_without_javascript(without_javascript: Visit) -> None:
    page = without_javascript.page
    without_javascript.open("/lege")
    ask(page)
    places = page.locator("section[aria-labelledby=kommuner] .best > li")
    assert places.count() == 10
    assert "Fagmiljø" in places.first.inner_text()
    posts = page.locator("section[aria-labelledby=stillinger] .best > li")
    assert "hvor lang listen er" in posts.first.inner_text()
    rotas = posts.locator(".terms > div:nth-child(2) dd").all_inner_texts()
    assert rotas
    assert all(int(rota.removeprefix("1 av ")) >= 6 for rota in rotas)
    assert "høyst 1 av 6" in page.locator(".nearly-table").inner_text()
    assert page.locator(".tile-map a").count() == 357
    assert "Ingen arbeidsgiver får vite" in page.locator("section[aria-labelledby=hvem-ser]").inner_text()
    page.locator(".change-wishes > summary").click()
    assert page.locator("#vakt").input_value() == "6"


def test_the_answer_is_not_kept_by_the_browser(visit: Visit) -> None:
    visit.open("/lege")
    with visit.page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        ask(visit.page)
    assert sent.value.headers["cache-control"] == "no-store"


def test_what_is_wrong_stands_beside_its_field(visit: Visit) -> None:
    visit.open("/lege")
    visit.page.fill("#vakt", "ofte")
    for box in visit.page.locator("#avtale input").all():
        box.uncheck()
    with visit.page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        visit.page.locator(".places-form button").click()
    assert sent.value.status == 422
    expect(visit.page.locator("#vakt-error")).to_contain_text("1 til 50")
    expect(visit.page.locator("#avtale-error")).to_contain_text("minst én avtaleform")
    assert visit.page.get_attribute("#vakt", "aria-invalid") == "true"
    assert visit.page.locator("#vakt").input_value() == "ofte"
    assert violations(visit.page) == []


def test_a_field_about_a_protected_ground_is_refused(visit: Visit) -> None:
    answer = visit.page.request.post(f"{visit.site}/lege", form={"alder": "40"})
    assert answer.status == 422
    assert "Beskyttede opplysninger" in answer.text()


def test_a_post_is_read_without_javascript_by_following_a_link(without_javascript: Visit) -> None:
    page = without_javascript.page
    without_javascript.open("/stilling")
    page.get_by_role("link", name="Rana", exact=True).click()
    expect(page.locator("h1")).to_have_text("Ledig stilling i Rana")
    page.get_by_role("link", name="Vis resultatet").click(timeout=120_000)
    expect(page.locator(".lever-table .now")).to_contain_text("Slik den er nå", timeout=120_000)
    assert "Simulerte leger" in page.locator("#leger").inner_text()


def test_a_municipality_leads_to_its_vacancy(visit: Visit) -> None:
    visit.open("/kommuner/1833")
    visit.page.get_by_role("link", name="Se stillingen fra legenes side").click()
    expect(visit.page.locator("h1")).to_have_text("Ledig stilling i Rana")


def test_an_unknown_post_gets_a_page_that_says_so(visit: Visit) -> None:
    assert visit.open("/stilling/POST-0000") == 404
    assert visit.open("/stilling/%3Cscript%3E/leger") == 404
    assert visit.open("/stilling?fylke=99") == 404


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_an_own_order_is_picked_and_typed_without_javascript(
    without_javascript: Visit, visit: Visit, prefix: str
) -> None:
    page = without_javascript.page
    without_javascript.open(f"{prefix}/lege")
    page.fill("#rekkefolge", "Hammerfest")
    page.select_option("#velg", "POST-1833")
    page.locator("[name=legg-til]").click()
    expect(page.locator("#rekkefolge")).to_have_value("Hammerfest > POST-1833")
    assert page.locator(".best-posts").count() == 0
    page.locator(".places-form button").click()
    expect(page.locator(".best-posts .best-head a")).to_have_text(["Hammerfest", "Rana"])
    page.locator(".change-wishes summary").first.click()
    expect(page.locator("#rekkefolge")).to_have_value("Hammerfest > POST-1833")
    visit.open(f"{prefix}/lege")
    visit.page.fill("#rekkefolge", "Atlantis")
    visit.page.locator(".places-form button").click()
    expect(visit.page.locator("#rekkefolge-error")).to_contain_text("Atlantis")
    visit.page.locator(".ds-error-summary a").first.click()
    assert visit.page.evaluate("document.activeElement.id") == "rekkefolge"
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW
