"""Allocation rounds in a real browser: every page, and a whole round clicked through."""

import re
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import LANGUAGES, NARROW, Visit, scroll_widths, violations
from tests.unit.api.rounds.conftest import DOCTORS, POSTS, ROLE, WISHES


@pytest.fixture(scope="module")
def proposed(site: str) -> str:
    """Number of a simulated round whose proposals wait for a decision."""
    api = f"{site}/api/v1/rounds"
    number = httpx2.post(api, json={"name": "Til avgjørelse", "is_simulated": True}).json()["data"]["round_id"]
    steps: list[tuple[str, dict[str, object]]] = [
        ("posts/simulated", {}),
        ("seal", {}),
        ("candidates/simulated", {"candidates": 30}),
        ("draw", {"role": ROLE}),
        ("run", {}),
    ]
    for step, body in steps:
        assert httpx2.post(f"{api}/{number}/{step}", json=body, timeout=60).status_code == 200
    return str(number)


@pytest.fixture(scope="module")
def large(site: str) -> str:
    """Number of a simulated round that is large enough to tell who got which choice."""
    api = f"{site}/api/v1/rounds"
    number = httpx2.post(api, json={"name": "Stor runde", "is_simulated": True}).json()["data"]["round_id"]
    assert httpx2.post(f"{api}/{number}/posts/simulated", json={}).status_code == 200
    posts = ", ".join(post["post_id"] for post in httpx2.get(f"{api}/{number}/posts").json()["data"][:40])
    head = "Slag vilkår;Vilkår;Stillinger;Antall leger"
    terms = f"{head}\nregional kvote;KVOTE;{posts};5\nminstetall;MINST;{posts};1\n"
    assert httpx2.post(f"{api}/{number}/terms/file", files={"file": ("t.csv", terms.encode())}).status_code == 200
    steps: list[tuple[str, dict[str, object]]] = [
        ("seal", {}),
        ("candidates/simulated", {"candidates": 300, "couples": 15}),
        ("draw", {"role": ROLE}),
        ("run", {}),
    ]
    for step, body in steps:
        assert httpx2.post(f"{api}/{number}/{step}", json=body, timeout=90).status_code == 200
    return str(number)


def a_post(site: str, number: str) -> str:
    proposals = httpx2.get(f"{site}/api/v1/rounds/{number}/proposals").json()["data"]
    return str(proposals[0]["post_id"])


@pytest.mark.parametrize("prefix", LANGUAGES)
@pytest.mark.parametrize("part", ["", "/{number}", "/{number}/logg", "/{number}/mine", "/{number}/stilling/{post}"])
def test_the_pages_load_quietly_are_accessible_and_fit_a_phone(
    visit: Visit, site: str, proposed: str, prefix: str, part: str
) -> None:
    path = part.format(number=proposed, post=a_post(site, proposed))
    assert visit.open(f"{prefix}/runde{path}") == 200
    visit.page.wait_for_load_state("load")
    assert (visit.complaints, visit.foreign) == ([], [])
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW
    assert "127.0.0.1" in visit.page.locator("main").inner_text()


def test_a_simulated_round_is_clicked_through_to_the_end(visit: Visit) -> None:
    page = visit.page
    visit.open("/runde")
    page.fill("#name", "Prøverunde")
    page.get_by_role("button", name="Åpne runden").click()
    expect(page.locator("h1")).to_have_text("Prøverunde")
    page.get_by_role("button", name="Bruk ledige lister med simulerte vilkår").click()
    page.get_by_role("button", name="Forsegle utlysningene").click()
    page.fill("#candidates", "5")
    page.get_by_role("button", name="Simuler leger og ønsker").click()
    page.select_option("#role", ROLE)
    page.get_by_role("button", name="Trekk lodd").click()
    page.get_by_role("button", name="Lag forslag").click()
    expect(page.locator("[aria-current=step]")).to_have_text("Forslag til avgjørelse")
    is_first = True
    while page.locator("section[aria-labelledby=next] .rules a").count():
        page.locator("section[aria-labelledby=next] .rules a").first.click()
        page.get_by_label("Følg det ikke" if is_first else "Følg forslaget").first.check()
        page.get_by_label("Grunn").first.fill("Samtale om oppstart")
        page.get_by_label("Hvem avgjør").first.select_option(ROLE)
        page.get_by_role("button", name="Lagre avgjørelsen").first.click()
        expect(page.locator("main")).to_contain_text("Grunn: Samtale om oppstart")
        page.get_by_role("link", name="Tilbake til runden").click()
        expect(page.locator("h1")).to_have_text("Prøverunde")
        is_first = False
    expect(page.locator("[aria-current=step]")).to_have_text("Alt er avgjort")
    page.get_by_role("button", name="Begynn andre omgang").click()
    expect(page.locator("#way")).to_contain_text("andre omgang")
    page.get_by_text("Lukk runden", exact=True).first.click()
    page.fill("#reason", "Prøven er ferdig")
    page.get_by_role("button", name="Lukk runden for godt").click()
    expect(page.locator("[aria-current=step]")).to_have_text("Lukket")
    page.get_by_role("link", name="Se hele loggen").click()
    expect(page.locator("main")).to_contain_text("Loggen er hel")
    assert visit.complaints == []


def test_a_real_round_is_led_from_files_without_javascript_and_the_doctor_sees_the_own_side(
    without_javascript: Visit, tmp_path: Path
) -> None:
    page = without_javascript.page
    files = {}
    for name, content in (("posts", POSTS), ("candidates", DOCTORS), ("wishes", WISHES)):
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_text(content, "utf-8")
    wrong = tmp_path / "feil.csv"
    wrong.write_text(POSTS.replace("fastlønn", "akkord"), "utf-8")

    def send(kind: str, path: Path) -> None:
        page.set_input_files(f"#file-{kind}", path)
        page.locator(f"form:has(#file-{kind}) button").click()

    without_javascript.open("/runde")
    page.fill("#name", "Vår 2027")
    page.check("#kind-real")
    page.get_by_role("button", name="Åpne runden").click()
    home = page.url
    send("posts", wrong)
    expect(page.locator(".ds-error-summary")).to_contain_text("Fikk «akkord»")
    assert violations_without_scripts(page.content()) == []
    send("posts", files["posts"])
    page.get_by_role("button", name="Forsegle utlysningene").click()
    protected = tmp_path / "vernet.csv"
    protected.write_text(DOCTORS.replace("\n", ";Kjønn\n", 1), "utf-8")
    send("candidates", protected)
    expect(page.locator(".ds-error-summary")).to_contain_text("§")
    send("candidates", files["candidates"])
    send("wishes", files["wishes"])
    with page.expect_download() as download:
        page.get_by_role("button", name="Last ned nye koder").click()
    codes = dict(line.split(";") for line in Path(download.value.path()).read_text("utf-8-sig").splitlines())
    page.goto(home)
    page.get_by_role("button", name="Trekk lodd").click()
    expect(page.locator(".ds-error-summary")).to_contain_text("Velg rollen")
    page.select_option("#role", ROLE)
    page.fill("#lottery_seed", "2027-1")
    page.get_by_role("button", name="Trekk lodd").click()
    page.get_by_role("button", name="Lag forslag").click()
    overview = page.locator("main").inner_text()
    assert "vises ikke (få)" in overview
    assert re.search(r"\bK[123]\b", overview) is None, "the overview of a real round names nobody"
    page.goto(f"{home}/stilling/FROYA-1")
    page.get_by_role("button", name="Lagre avgjørelsen").click()
    expect(page.locator(".ds-error-summary")).to_contain_text("Velg om forslaget skal følges")
    employer = page.locator("main").inner_text()
    assert "høyere utdanning" not in employer
    assert "OSLO-1" not in employer
    page.goto(f"{home}/mine")
    page.fill("#candidate_id", "K2")
    page.fill("#code", "feil")
    page.get_by_role("button", name="Vis mine data").click()
    expect(page.locator(".ds-error-summary")).to_contain_text("Ingen lege i runden")
    page.fill("#candidate_id", "K2")
    page.fill("#code", codes["K2"])
    page.get_by_role("button", name="Vis mine data").click()
    expect(page.locator("section[aria-labelledby=answer]")).to_contain_text("FROYA-1")
    page.get_by_text("Slett alt om meg", exact=True).click()
    page.get_by_role("button", name="Slett alt om meg nå").click()
    expect(page.locator("[role=status]")).to_contain_text("slettet")


def violations_without_scripts(html: str) -> list[str]:
    """Identifiers that stand twice on a page, which axe cannot look for without JavaScript."""
    found = re.findall(r'\sid="([^"]+)"', html)
    return sorted({each for each in found if found.count(each) > 1})


def test_a_doctor_changes_wishes_and_takes_out_the_own_data(visit: Visit, site: str) -> None:
    api = f"{site}/api/v1/rounds"
    number = httpx2.post(api, json={"name": "Egne ønsker", "is_simulated": True}).json()["data"]["round_id"]
    for step, body in (("posts/simulated", {}), ("seal", {}), ("candidates/simulated", {"candidates": 5})):
        assert httpx2.post(f"{api}/{number}/{step}", json=body).status_code == 200
    codes = httpx2.post(f"{api}/{number}/candidates/codes").json()["data"]["codes"]
    page = visit.page
    visit.open(f"/runde/{number}/mine")
    page.fill("#candidate_id", "SIM-0001")
    page.fill("#code", codes["SIM-0001"])
    page.get_by_role("button", name="Vis mine data").click()
    expect(page.locator("#factor_weights")).to_have_value(re.compile("="))
    assert violations(page) == []
    page.fill("#own_ranking", "INGEN-1")
    page.get_by_role("button", name="Lagre ønskene").click()
    expect(page.locator("#own_ranking-error")).to_contain_text("INGEN-1")
    assert violations(page) == []
    assert scroll_widths(page) == NARROW
    page.fill("#own_ranking", "")
    page.fill("#counties", "50, 15")
    page.get_by_role("button", name="Lagre ønskene").click()
    expect(page.locator("[role=status]")).to_contain_text("lagret")
    expect(page.locator("#counties")).to_have_value("15, 50")
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent alt som JSON").click()
    assert '"counties"' in Path(download.value.path()).read_text("utf-8")


def test_a_step_out_of_order_gets_a_page_that_says_what_to_do(visit: Visit, site: str, proposed: str) -> None:
    answer = httpx2.post(f"{site}/runde/{proposed}/forsegle")
    assert answer.status_code == 409
    assert "Avgjør hvert forslag med en grunn" in answer.text
    assert visit.open("/runde/99999") == 404


TERMS = """Slag vilkår;Vilkår;Stillinger;Antall leger
regional kvote;KVOTE;FROYA-1, OSLO-1;2
veiledning;VEIL;FROYA-1, OSLO-1;1
"""


def real_round(site: str) -> str:
    """Address of a real round with posts that are not sealed."""
    api = f"{site}/api/v1/rounds"
    number = httpx2.post(api, json={"name": "Felles vilkår", "is_simulated": False}).json()["data"]["round_id"]
    assert httpx2.post(f"{api}/{number}/posts/file", files={"file": ("p.csv", POSTS.encode())}).status_code == 200
    return f"{api}/{number}"


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_shared_terms_come_in_from_a_file_and_are_told_in_words(
    visit: Visit, site: str, tmp_path: Path, prefix: str
) -> None:
    page, right, wrong = visit.page, tmp_path / "vilkar.csv", tmp_path / "feil.csv"
    right.write_text(TERMS, "utf-8")
    wrong.write_text(TERMS.replace("OSLO-1;2", "BYKLE-1;2"), "utf-8")
    visit.open(f"{prefix}/runde/{real_round(site).rsplit('/', 1)[1]}")
    for path in (wrong, right):
        page.set_input_files("#file-terms", path)
        page.locator("form:has(#file-terms) button").click()
        page.wait_for_load_state("load")
        assert violations(page) == []
        assert scroll_widths(page) == NARROW
        if path == wrong:
            expect(page.locator(".ds-error-summary")).to_contain_text("BYKLE-1")
            assert page.locator("#terms").count() == 0, "nothing was taken in"
    told = page.locator("section[aria-labelledby=terms]")
    expect(told).to_contain_text("VEIL: FROYA-1, OSLO-1")
    if not prefix:
        expect(told).to_contain_text("Veilederne i Frøya og Oslo kan ta 1 lege i utdanning til sammen.")
    page.locator("form[action$=forsegle] button").click()
    expect(page.locator("form:has(#file-terms)")).to_have_count(0)


def open_own(page: Page, name: str, code: str) -> None:
    page.fill("#candidate_id", name)
    page.fill("#code", code)
    page.locator("section[aria-labelledby=code-heading] button").click()


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_two_doctors_agree_to_look_together_and_one_leaves_without_javascript(
    without_javascript: Visit, visit: Visit, site: str, prefix: str
) -> None:
    api = real_round(site)
    httpx2.post(f"{api}/seal")
    for kind, content in (("candidates", DOCTORS), ("wishes", WISHES)):
        assert httpx2.post(f"{api}/{kind}/file", files={"file": ("f.csv", content.encode())}).status_code == 200
    codes = httpx2.post(f"{api}/candidates/codes").json()["data"]["codes"]
    own, page = f"{prefix}/runde/{api.rsplit('/', 1)[1]}/mine", without_javascript.page
    joint = page.locator("section[aria-labelledby=joint]")
    without_javascript.open(own)
    open_own(page, "K1", codes["K1"])
    joint.locator("summary").click()
    page.fill("#par-partner_id", "K9")
    page.locator("[value=sammen]").click()
    expect(page.locator("#par-partner_id-error")).to_contain_text("K9")
    page.fill("#par-partner_id", "K3")
    page.fill("#par-own_ranking", "OSLO-1 + FROYA-1 > - + FROYA-1")
    page.locator("[value=sammen]").click()
    expect(joint.locator(".finding")).to_contain_text("K3")
    without_javascript.open(own)
    open_own(page, "K3", codes["K3"])
    expect(joint).to_contain_text("FROYA-1 + OSLO-1")
    page.locator("[value=bekreft]").click()
    expect(page.locator("[value=bekreft]")).to_have_count(0)
    visit.open(own)
    open_own(visit.page, "K3", codes["K3"])
    expect(visit.page.locator("section[aria-labelledby=joint] .finding")).to_contain_text("K1")
    visit.page.locator("section[aria-labelledby=joint] summary").click()
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW
    without_javascript.open(own)
    open_own(page, "K1", codes["K1"])
    page.locator("section[aria-labelledby=data] summary").click()
    page.locator("[value=slett]").click()
    visit.open(own)
    open_own(visit.page, "K3", codes["K3"])
    expect(visit.page.locator("section[aria-labelledby=joint] [role=status]")).to_be_visible()
    assert violations(visit.page) == []


def test_a_couples_answer_shows_both_posts_and_employers_see_none_of_it(visit: Visit, site: str) -> None:
    api = real_round(site)
    assert httpx2.post(f"{api}/terms/file", files={"file": ("t.csv", TERMS.encode())}).status_code == 200
    httpx2.post(f"{api}/seal")
    couples = "Pseudonym;Partners pseudonym;Egen rekkefølge av par\nK1;K3;OSLO-1 + FROYA-1\n"
    for kind, content in (("candidates", DOCTORS), ("wishes", WISHES), ("couples", couples)):
        assert httpx2.post(f"{api}/{kind}/file", files={"file": ("f.csv", content.encode())}).status_code == 200
    codes = httpx2.post(f"{api}/candidates/codes").json()["data"]["codes"]
    for step, body in (("draw", {"role": ROLE}), ("run", {})):
        assert httpx2.post(f"{api}/{step}", json=body, timeout=90).status_code == 200
    home = f"/runde/{api.rsplit('/', 1)[1]}"
    visit.open(home)
    expect(visit.page.locator("section[aria-labelledby=run-1]")).to_contain_text("Forslaget er stabilt")
    visit.open(f"{home}/stilling/FROYA-1")
    employer = visit.page.locator("main").inner_text()
    assert "K3" in employer
    assert [word for word in ("K1", "partner", "sammen med", "OSLO-1 +") if word in employer] == []
    visit.open(f"{home}/mine")
    open_own(visit.page, "K1", codes["K1"])
    expect(visit.page.locator("section[aria-labelledby=answer]")).to_contain_text("Du: OSLO-1. K3: FROYA-1.")
    assert violations(visit.page) == []
    assert scroll_widths(visit.page) == NARROW


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_a_run_tells_its_status_who_got_which_choice_and_where_a_term_is_reached(
    visit: Visit, large: str, prefix: str
) -> None:
    visit.open(f"{prefix}/runde/{large}")
    page, run = visit.page, visit.page.locator("section[aria-labelledby=run-1]")
    assert run.locator(".finding").count() == 1
    assert run.locator("tbody tr").count() >= 3
    expect(run.locator(".rules").first).to_contain_text("MINST")
    expect(run.locator(".rules").last).to_contain_text("KVOTE")
    assert violations(page) == []
    assert scroll_widths(page) == NARROW
    visit.open(f"{prefix}/runde/{large}/logg")
    assert violations(page) == []
