"""NAV's feed is followed to its end, taken up where it broke off, and cleared of what is no longer open."""

import json
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import AnswerFault, SourceAnswerError, SourceUnavailableError
from features.frames import Vacancy
from features.snapshot import load_snapshot
from features.sources.nav import (
    FEED,
    FEWEST_TO_JUDGE,
    FeedProgress,
    Vacancies,
    progress_document,
    progress_from_document,
    vacancies,
)
from features.sources.transport import Client
from features.sources.vacancy_rows import Places, Rejection, municipality_at, places_of, vacancy_row
from tests.replay import ReplayServer, broken_off, failed, ok, page, refused, throttled
from tests.unit.features.sources.conftest import Clock

TODAY = date(2026, 11, 22)
TOKEN = "bm90LWEtcmVhbC1rZXk"
GROUPS = {"2211": "health", "2221": "health", "2330": "education", "7115": "building"}


@pytest.fixture(scope="module")
def places() -> Places:
    snapshot = load_snapshot()
    return places_of(snapshot.municipalities, snapshot.postal_codes)


@pytest.fixture
def feed(server: ReplayServer, clock: Clock) -> Iterator[Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with Client("NAV", server.url, headers, seconds_between_calls=0, clock=clock, sleep=clock.sleep) as opened:
        yield opened


def line(ad: str, status: str = "ACTIVE") -> dict[str, Any]:
    entry = {"uuid": ad, "status": status, "title": "Lærar", "businessName": "X", "municipal": "BODØ"}
    return {"id": ad, "url": f"/api/v1/feedentry/{ad}", "title": "Lærar", "_feed_entry": entry}


def feed_page(name: str, *lines: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    next_url = None if following is None else f"{FEED}/{following}"
    return {"version": "1.0", "feed_url": f"{FEED}/{name}", "next_url": next_url, "items": list(lines)}


def content(**changes: Any) -> dict[str, Any]:
    return {
        "uuid": "a",
        "published": "2026-11-01T08:06:08.355+01:00",
        "expires": "2026-12-15T00:00:00+01:00",
        "title": "Lærar i grunnskulen",
        "description": "<p>Ring Kari Nordmann på 99 99 99 99.</p>",
        "contactList": [{"name": "Kari Nordmann", "email": "kari@example.org", "phone": "99999999"}],
        "employer": {"name": "Bodø kommune", "orgnr": "972418013"},
        "workLocations": [{"country": "NORGE", "postalCode": "8006", "municipal": "BODØ", "county": "NORDLAND"}],
        "categoryList": [{"categoryType": "STYRK08", "code": "2330", "name": "Lektorer", "score": 0.9}],
        "positioncount": "2",
        **changes,
    }


def entry(body: dict[str, Any] | None, status: str = "ACTIVE", key: str = "ad_content") -> dict[str, Any]:
    return {"uuid": "a", "status": status, "sistEndret": "2026-11-01T08:06:08Z"} | ({} if body is None else {key: body})


def prepare_ads(server: ReplayServer, *ads: str, **changes: Any) -> None:
    for ad in ads:
        server.prepare(f"/api/v1/feedentry/{ad}", ok(entry(content(uuid=ad, **changes))))


def read(feed: Client, places: Places, progress: FeedProgress | None = None, **more: Any) -> Vacancies:
    return vacancies(feed, progress or FeedProgress(), places, GROUPS.get, TODAY, **more)


def test_pages_are_followed_until_none_is_next(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"), following="p2")))
    server.prepare(f"{FEED}/p2", ok(feed_page("p2", line("a"), line("b"))))
    prepare_ads(server, "a", "b")
    found = read(feed, places)
    assert found.frame["ad_id"].to_list() == ["a", "b"]
    assert Vacancy.is_valid(found.frame)
    assert (found.progress.page, found.progress.lines, found.progress.waiting) == (f"{FEED}/p2", 2, ())
    assert [asked.path for asked in server.asked].count("/api/v1/feedentry/a") == 1


def test_the_first_reading_begins_six_months_back_and_shows_the_key(
    server: ReplayServer, feed: Client, places: Places
) -> None:
    server.prepare(FEED, ok(feed_page("p1")))
    read(feed, places)
    assert server.asked[0].headers["If-Modified-Since"] == "Sat, 23 May 2026 00:00:00 GMT"
    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_newest_line_of_an_advertisement_holds(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"), line("b"), following="p2")))
    server.prepare(f"{FEED}/p2", ok(feed_page("p2", line("a", "INACTIVE"), line("b", "INACTIVE"), line("b"))))
    prepare_ads(server, "b")
    assert read(feed, places).frame["ad_id"].to_list() == ["b"]


def test_what_was_closed_since_the_last_reading_is_removed(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"), line("b"))))
    prepare_ads(server, "a", "b")
    before = read(feed, places)
    server.prepare(f"{FEED}/p1", ok(feed_page("p1", line("a"), line("b"), line("a", "INACTIVE"))))
    after = read(feed, places, before.progress)
    assert (before.frame.height, after.frame["ad_id"].to_list()) == (2, ["b"])


def test_only_new_lines_of_the_last_page_are_fetched(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"))))
    prepare_ads(server, "a", "b")
    before = read(feed, places)
    server.prepare(f"{FEED}/p1", ok(feed_page("p1", line("a"), line("b"))))
    asked = len(server.asked)
    after = read(feed, places, before.progress)
    assert [question.path for question in server.asked[asked:]] == [f"{FEED}/p1", "/api/v1/feedentry/b"]
    assert after.frame.height == 2


def test_an_unchanged_feed_gives_what_was_known(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"))))
    prepare_ads(server, "a")
    before = read(feed, places)
    server.prepare(f"{FEED}/p1", refused({}, 304))
    assert read(feed, places, before.progress).frame.equals(before.frame)


def test_a_page_that_is_gone_starts_the_reading_anew(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p9", line("b"))))
    prepare_ads(server, "b")
    old = FeedProgress(f"{FEED}/p1", 1, (), {"a": vacancy(places)}, {})
    assert read(feed, places, old).frame["ad_id"].to_list() == ["b"]


def vacancy(places: Places, **changes: Any) -> dict[str, Any]:
    row = vacancy_row("a", content(**changes), places, GROUPS.get)
    assert isinstance(row, dict)
    return row


def test_no_text_and_no_person_is_kept(places: Places) -> None:
    kept = json.dumps(progress_document(FeedProgress(rows={"a": vacancy(places)})))
    for word in ("Kari", "99999999", "99 99", "example.org", "Lærar", "Bodø kommune", "972418013"):
        assert word not in kept


def test_a_row_tells_place_day_occupation_and_posts(places: Places) -> None:
    assert vacancy(places) == {
        "ad_id": "a",
        "municipality_code": "1804",
        "published": date(2026, 11, 1),
        "expires": date(2026, 12, 15),
        "occupation_group": "education",
        "styrk08": "2330",
        "positions": 2,
        "is_gp_post": False,
        "facts_present": None,
    }


@pytest.mark.parametrize("key", ["ad_content", "json"])
def test_the_body_is_read_under_both_names(server: ReplayServer, feed: Client, places: Places, key: str) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"))))
    server.prepare("/api/v1/feedentry/a", ok(entry(content(), key=key)))
    assert read(feed, places).frame.height == 1


@pytest.mark.parametrize("answer", [ok(entry(None, "INACTIVE")), ok(entry(content(), "INACTIVE")), refused({}, 404)])
def test_an_advertisement_closed_meanwhile_is_left_out(
    server: ReplayServer, feed: Client, places: Places, answer: Any
) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"))))
    server.prepare("/api/v1/feedentry/a", answer)
    found = read(feed, places)
    assert (found.frame.height, found.rejected) == (0, {})


def test_an_advertisement_whose_last_day_has_passed_is_left_out(
    server: ReplayServer, feed: Client, places: Places
) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"), line("b"), line("c"))))
    prepare_ads(server, "a", expires="2026-11-21T00:00:00Z")
    prepare_ads(server, "b", expires="2026-11-22T00:00:00Z")
    prepare_ads(server, "c", expires=None)
    found = read(feed, places)
    assert (found.frame["ad_id"].to_list(), found.expired) == (["b", "c"], 1)


def test_the_others_are_counted_by_reason(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p1", *(line(ad) for ad in "abcdefg"))))
    prepare_ads(server, "a")
    prepare_ads(server, "b", workLocations=[{"country": "SVERIGE", "municipal": "LUND"}])
    prepare_ads(server, "c", workLocations=[])
    prepare_ads(server, "d", categoryList=[])
    prepare_ads(server, "e", categoryList=[{"categoryType": "STYRK08", "code": "9999"}])
    prepare_ads(server, "f", published="yesterday")
    prepare_ads(server, "g", workLocations=[{"municipal": "VÅLER"}])
    found = read(feed, places)
    assert found.frame["ad_id"].to_list() == ["a"]
    assert found.rejected == {
        Rejection.ABROAD: 1,
        Rejection.NO_PLACE: 1,
        Rejection.NO_OCCUPATION: 1,
        Rejection.UNKNOWN_OCCUPATION: 1,
        Rejection.BROKEN: 1,
        Rejection.AMBIGUOUS_PLACE: 1,
    }


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ({"postalCode": "0150", "municipal": "BERGEN"}, "0301"),
        ({"postalCode": "", "municipal": "BERGEN", "country": "NORGE"}, "4601"),
        ({"postalCode": "99999", "municipal": "KAUTOKEINO"}, "5612"),
        ({"municipal": "GUOVDAGEAIDNU - KAUTOKEINO"}, "5612"),
        ({"municipal": "HERØY", "county": "MØRE OG ROMSDAL"}, "1515"),
        ({"municipal": "HERØY (NORDLAND)"}, "1818"),
        ({"municipal": "VÅLER (INNLANDET)"}, "3419"),
        ({"municipal": "HERØY"}, Rejection.AMBIGUOUS_PLACE),
        ({"municipal": "ATLANTIS"}, Rejection.OUTSIDE),
        ({"postalCode": "9170", "municipal": "SVALBARD"}, Rejection.OUTSIDE),
        ({"country": "DANMARK", "postalCode": "0150"}, Rejection.ABROAD),
        ({"county": "NORDLAND"}, Rejection.NO_PLACE),
        ({"postalCode": None, "municipal": 7}, Rejection.NO_PLACE),
    ],
)
def test_a_place_is_found_by_postal_code_or_else_by_name(
    places: Places, location: dict[str, Any], found: str | Rejection
) -> None:
    assert municipality_at(location, places) == found


def test_every_municipality_is_found_by_its_name_in_capitals_and_its_county(places: Places) -> None:
    for code, name, county in (
        load_snapshot().municipalities.select("municipality_code", "name", "county_name").iter_rows()
    ):
        assert municipality_at({"municipal": name.upper(), "county": county.upper()}, places) == code


def test_the_best_fitting_code_gives_the_group(places: Places) -> None:
    codes = [
        {"categoryType": "STYRK08", "code": "7115", "score": 0.2},
        {"categoryType": "STYRK08NAV", "code": "2221.02", "score": 0.8},
        {"categoryType": "ESCO", "code": "2330", "score": 1.0},
    ]
    assert vacancy(places, categoryList=codes)["styrk08"] == "2221"
    assert vacancy(places, categoryList=codes)["occupation_group"] == "health"


def test_a_place_abroad_gives_way_to_one_at_home(places: Places) -> None:
    locations = [{"country": "SVERIGE"}, {"country": "NORGE", "postalCode": "8006"}]
    assert vacancy(places, workLocations=locations)["municipality_code"] == "1804"


def test_a_gp_post_is_recognised_without_a_code_and_its_facts_are_counted(places: Places) -> None:
    row = vacancy(places, title="Fastlegehjemmel", categoryList=[], description="Listelengde 900, veiledning og bolig.")
    assert (row["is_gp_post"], row["styrk08"], row["occupation_group"]) == (True, None, "health")
    assert row["facts_present"] == 3


def test_a_reading_that_breaks_off_is_taken_up_again(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, ok(feed_page("p1", line("a"), line("b"), following="p2")))
    server.prepare(f"{FEED}/p2", ok(feed_page("p2", line("c"))))
    prepare_ads(server, "a", "c")
    server.prepare("/api/v1/feedentry/b", failed())
    saved: list[FeedProgress] = []
    with pytest.raises(SourceUnavailableError):
        read(feed, places, save=saved.append)
    assert (saved[-1].page, saved[-1].waiting, set(saved[-1].rows)) == (f"{FEED}/p2", ("b", "c"), {"a"})
    prepare_ads(server, "b")
    server.prepare(f"{FEED}/p2", ok(feed_page("p2", line("c"))))
    asked = len(server.asked)
    resumed = read(feed, places, progress_from_document(json.loads(json.dumps(progress_document(saved[-1])))))
    assert resumed.frame["ad_id"].to_list() == ["a", "b", "c"]
    assert "/api/v1/feedentry/a" not in [question.path for question in server.asked[asked:]]


def test_throttling_is_waited_out(server: ReplayServer, feed: Client, places: Places, clock: Clock) -> None:
    server.prepare(FEED, throttled("7"), ok(feed_page("p1", line("a"))))
    prepare_ads(server, "a")
    assert read(feed, places).frame.height == 1
    assert 7.0 in clock.slept


@pytest.mark.parametrize(
    "answer",
    [
        ok([]),
        ok({"items": {}}),
        ok({"items": [], "next_url": 7, "feed_url": "/x"}),
        ok({"items": [{"_feed_entry": {"uuid": "a"}}], "next_url": None, "feed_url": "/x"}),
        ok({"items": [7], "next_url": None, "feed_url": "/x"}),
        ok({"items": [], "next_url": None}),
        ok(feed_page("p1", following="p1")),
        page("<html>maintenance</html>"),
    ],
)
def test_a_page_that_is_not_as_documented_is_refused(
    server: ReplayServer, feed: Client, places: Places, answer: Any
) -> None:
    server.prepare(FEED, answer)
    server.prepare(f"{FEED}/p1", answer)
    with pytest.raises(SourceAnswerError) as caught:
        read(feed, places)
    assert caught.value.what in (AnswerFault.SHAPE, AnswerFault.FORMAT)
    assert TOKEN not in str(caught.value)


def test_a_feed_full_of_rubbish_is_refused_and_asked_for_again(
    server: ReplayServer, feed: Client, places: Places
) -> None:
    ads = [f"ad{number}" for number in range(2 * FEWEST_TO_JUDGE)]
    server.prepare(FEED, ok(feed_page("p1", *(line(ad) for ad in ads))))
    for ad in ads:
        server.prepare(f"/api/v1/feedentry/{ad}", ok({"status": "ACTIVE", "ad_content": ["?"]}))
    saved: list[FeedProgress] = []
    with pytest.raises(SourceAnswerError):
        read(feed, places, save=saved.append)
    assert saved[-1].waiting == tuple(ads)
    assert not saved[-1].rejected


def test_a_broken_connection_leaves_the_saved_progress(server: ReplayServer, feed: Client, places: Places) -> None:
    server.prepare(FEED, broken_off(feed_page("p1", line("a"))))
    saved: list[FeedProgress] = []
    with pytest.raises(SourceUnavailableError):
        read(feed, places, save=saved.append)
    assert saved == []


@pytest.mark.parametrize("document", [None, [], {}, {"page": "x"}, {"rows": [1]}, "rubbish", 7])
def test_a_broken_progress_file_starts_anew(document: object) -> None:
    assert progress_from_document(document) == FeedProgress()


def test_progress_with_rows_that_break_the_contract_starts_anew(places: Places) -> None:
    document = progress_document(FeedProgress("p", 1, (), {"a": vacancy(places) | {"positions": 0}}, {}))
    assert progress_from_document(document) == FeedProgress()


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=30),
    st.lists(st.integers(0, 30), max_size=3),
)
def test_open_advertisements_are_those_whose_last_line_says_so(lines: list[tuple[str, bool]], cuts: list[int]) -> None:
    """However the lines are cut into pages, against the last line of each advertisement."""

    class Feed(Client):
        def get_json(self, path: str, params: Any = None, headers: Any = None) -> Any:
            if path.startswith("/api/v1/feedentry/"):
                return entry(content())
            number = int(path.rpartition("/")[2]) if path != FEED else 0
            shown = [line(ad, "ACTIVE" if is_open else "INACTIVE") for ad, is_open in pages[number]]
            following = str(number + 1) if number + 1 < len(pages) else None
            return feed_page(str(number), *shown, following=following)

    edges = sorted({0, *(min(cut, len(lines)) for cut in cuts), len(lines)})
    pages = [lines[start:end] for start, end in pairwise(edges)] or [[]]
    places = Places({"8006": "1804"}, {}, {"1804": "nordland"})
    found = vacancies(Feed("NAV", "http://localhost"), FeedProgress(), places, GROUPS.get, TODAY)
    last = dict(lines)
    assert set(found.frame["ad_id"]) == {ad for ad, is_open in last.items() if is_open}
