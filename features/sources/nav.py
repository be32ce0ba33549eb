"""NAV's public vacancy feed: which advertisements are open now, where, and for which occupation.

The feed tells every change to every advertisement since 2019, in pages that name their successor; the newest line about
an advertisement holds. Reading goes in two steps: follow the pages and note which advertisements are open, then fetch
each of these once. Both can be broken off anywhere and taken up again from `FeedProgress`.

No text, title, employer or contact person is kept.

References
----------
NAV Job Vacancy Feed, https://navikt.github.io/pam-stilling-feed/ (pages, status, six months as an advertisement's
longest life; the body of an entry stands under ``ad_content``, which the documentation calls ``json``).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from enum import Enum
from typing import Any

import polars as pl

from features.errors import AnswerFault, SourceAnswerError, SourceUnavailableError
from features.frames import Vacancy
from features.sources.gp_adverts import GENERAL_PRACTITIONERS, facts_present, is_gp_post
from features.sources.transport import Client

PUBLISHER = "NAV"
BASE_URL = "https://pam-stilling-feed.nav.no"
SECONDS_BETWEEN_CALLS = 0.1
"""NAV names no limit; some ten thousand advertisements are open at a time, each fetched with a call of its own."""

FEED = "/api/v1/feed"

ENTRY = "/api/v1/feedentry/{ad_id}"

LONGEST_LIFE = timedelta(days=183)
"""An advertisement is never open for more than six months, so older pages are not read."""

ADS_BETWEEN_SAVES = 500

FEWEST_TO_JUDGE = 20
"""From so many unreadable advertisements on, and more of them than readable ones, the feed itself is judged broken."""

NOT_FOUND, NOT_CHANGED = 404, 304

_STYRK08 = re.compile(r"[0-9]{1,4}")
_PARENTHESIS = re.compile(r"\s*\(([^)]*)\)")


class Rejection(Enum):
    """Why an open advertisement is not among the vacancies."""

    BROKEN = "its content is not what is documented"
    NO_PLACE = "it names no municipality and no postal code"
    ABROAD = "the place of work is abroad"
    OUTSIDE = "the place of work is none of the 357 municipalities"
    AMBIGUOUS_PLACE = "several municipalities carry the name"
    NO_OCCUPATION = "it has no STYRK-08 code"
    UNKNOWN_OCCUPATION = "no occupation group holds its STYRK-08 code"


@dataclass(frozen=True, slots=True)
class Places:
    """What tells the municipality of a place of work.

    Attributes
    ----------
    by_postal_code : Mapping[str, str]
        Postal code -> municipality code.
    by_name : Mapping[str, tuple[str, ...]]
        Name in lower case -> codes of the municipalities that carry it.
    county : Mapping[str, str]
        Municipality code -> name of its county in lower case.
    """

    by_postal_code: Mapping[str, str]
    by_name: Mapping[str, tuple[str, ...]]
    county: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FeedProgress:
    """How far the feed has been read.

    Attributes
    ----------
    page : str
        Address of the last page read; empty at the start.
    lines : int
        How many of its lines have been read; lines are only ever added.
    waiting : tuple[str, ...]
        Open advertisements that are still to be fetched.
    rows : Mapping[str, Mapping[str, Any]]
        Fetched advertisements that are open: identifier -> row of `features.frames.Vacancy`.
    rejected : Mapping[str, Rejection]
        Open advertisements that could not be taken in: identifier -> reason.
    """

    page: str = ""
    lines: int = 0
    waiting: tuple[str, ...] = ()
    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rejected: Mapping[str, Rejection] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page of the feed: its address, the next one's (None at the end) and its lines in order.

    A line tells an advertisement's identifier and whether it is open from then on.
    """

    address: str
    next_address: str | None
    lines: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Vacancies:
    """What a reading of the feed gives.

    Attributes
    ----------
    frame : polars.DataFrame
        Contract `features.frames.Vacancy`: the advertisements open today that could be placed.
    rejected : dict[Rejection, int]
        Number of the other open ones for each reason.
    expired : int
        Advertisements left out because their last day has passed.
    progress : FeedProgress
        Where the next reading begins.
    """

    frame: pl.DataFrame
    rejected: dict[Rejection, int]
    expired: int
    progress: FeedProgress


def places_of(municipalities: pl.DataFrame, postal_codes: pl.DataFrame) -> Places:
    """Places from the contracts `features.frames.Municipality` and `PostalCode`."""
    by_name: dict[str, tuple[str, ...]] = {}
    for code, name in municipalities.select("municipality_code", "name").iter_rows():
        by_name[name.lower()] = (*by_name.get(name.lower(), ()), code)
    counties = municipalities.select("municipality_code", pl.col("county_name").str.to_lowercase())
    return Places(
        by_postal_code=dict(postal_codes.select("postal_code", "municipality_code").iter_rows()),
        by_name=by_name,
        county=dict(counties.iter_rows()),
    )


def municipality_at(location: Mapping[str, Any], places: Places) -> str | Rejection:
    """Code of the municipality of one place of work, by its postal code or else by its name; or why there is none.

    The feed writes names in capitals, some with the county behind them; a second name after a hyphen is the same place
    in another language.

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> snapshot = load_snapshot()
    >>> places = places_of(snapshot.municipalities, snapshot.postal_codes)
    >>> municipality_at({"postalCode": "7260", "municipal": "FRØYA"}, places)
    '5014'
    >>> municipality_at({"municipal": "HERØY", "county": "NORDLAND"}, places)
    '1818'
    """
    if _text(location, "country").lower() not in ("", "norge", "norway", "no"):
        return Rejection.ABROAD
    code = places.by_postal_code.get(_text(location, "postalCode"))
    if code is not None:
        return code if code in places.county else Rejection.OUTSIDE
    name = _text(location, "municipal").lower()
    if not name:
        return Rejection.NO_PLACE
    hints = {_text(location, "county").lower(), *_PARENTHESIS.findall(name)}
    bare = _PARENTHESIS.sub("", name)
    codes = {code for part in (bare, *bare.split(" - ")) for code in places.by_name.get(part.strip(), ())}
    if len(codes) > 1:
        codes = {code for code in codes if places.county[code] in hints} or codes
    if not codes:
        return Rejection.OUTSIDE
    return codes.pop() if len(codes) == 1 else Rejection.AMBIGUOUS_PLACE


def vacancy_row(
    ad_id: str, content: Mapping[str, Any], places: Places, group_of: Callable[[str], str | None]
) -> dict[str, Any] | Rejection:
    """Row of `features.frames.Vacancy` for the content of one advertisement, or why there is none.

    Its text is read, not kept. An advertisement with several places of work counts at the first one that can be placed.

    Parameters
    ----------
    ad_id : str
        Identifier of the advertisement.
    content : Mapping
        The body of an entry of the feed.
    places : Places
        See `places_of`.
    group_of : Callable[[str], str | None]
        Occupation group of a STYRK-08 code, None if no group holds it.
    """
    published, expires = _day(content.get("published")), _day(content.get("expires"))
    locations, categories = content.get("workLocations"), content.get("categoryList")
    if published is None or not isinstance(locations, list) or not isinstance(categories, list):
        return Rejection.BROKEN
    municipality_code = _first_municipality(locations, places)
    if isinstance(municipality_code, Rejection):
        return municipality_code
    title, styrk08 = _text(content, "title"), _styrk08(categories)
    is_gp = is_gp_post(title, styrk08)
    if styrk08 is None and not is_gp:
        return Rejection.NO_OCCUPATION
    group = group_of(styrk08 or GENERAL_PRACTITIONERS)
    if group is None:
        return Rejection.UNKNOWN_OCCUPATION
    text = _text(content, "description")
    return {
        "ad_id": ad_id,
        "municipality_code": municipality_code,
        "published": published,
        "expires": expires,
        "occupation_group": group,
        "styrk08": styrk08 if styrk08 and len(styrk08) > 1 else None,
        "positions": _positions(content),
        "is_gp_post": is_gp,
        "facts_present": facts_present(text) if is_gp and text else None,
    }


def feed_pages(client: Client, page: str, today: date) -> Iterator[FeedPage]:
    """Pages of the feed from the last one read to the newest; from six months ago if none was read.

    The last page is asked for again, since lines are added to it until it has a successor.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If the feed does not answer, or not as documented.
    """
    address: str | None = page or FEED
    seen: set[str] = set()
    while address is not None:
        if address in seen:
            raise _wrong(client, address, "the page names itself or an earlier one as the next")
        seen.add(address)
        found = _feed_page(client, address, _modified_since(today) if address == FEED else {})
        if found is None:
            return
        yield found
        address = found.next_address


def vacancies(
    client: Client,
    progress: FeedProgress,
    places: Places,
    group_of: Callable[[str], str | None],
    today: date,
    save: Callable[[FeedProgress], None] = lambda _: None,
) -> Vacancies:
    """Advertisements that are open today.

    Parameters
    ----------
    client : Client
        Asks NAV's feed with a key.
    progress : FeedProgress
        Where an earlier reading ended; an empty one reads six months back.
    places, group_of
        See `vacancy_row`.
    today : date
        Advertisements whose last day lies before it are left out.
    save : Callable[[FeedProgress], None]
        Called after every page and every 500 advertisements, so that a reading that breaks off is not lost.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If the feed does not answer, or not as documented.
    """
    try:
        progress = _follow(client, progress, today, save)
    except SourceAnswerError as error:
        if not (progress.page and error.status == NOT_FOUND):
            raise
        # The page is gone: what is known can no longer be brought up to date, so everything is read anew.
        progress = _follow(client, FeedProgress(), today, save)
    progress = _fetch(client, progress, places, group_of, save)
    current = {ad: row for ad, row in progress.rows.items() if row["expires"] is None or row["expires"] >= today}
    expired = len(progress.rows) - len(current)
    progress = replace(progress, rows=current)
    save(progress)
    return Vacancies(_frame(current), dict(Counter(progress.rejected.values())), expired, progress)


def progress_document(progress: FeedProgress) -> dict[str, Any]:
    """The progress as plain JSON."""
    rows = [{key: _plain(value) for key, value in row.items()} for row in progress.rows.values()]
    return {
        "page": progress.page,
        "lines": progress.lines,
        "waiting": list(progress.waiting),
        "rejected": {ad: reason.name for ad, reason in progress.rejected.items()},
        "rows": rows,
    }


def progress_from_document(document: Any) -> FeedProgress:  # noqa: ANN401 - JSON, of any shape until checked
    """The progress of a JSON document; an empty one where the document is not one of `progress_document`.

    Rows that break the contract of `features.frames.Vacancy` make the whole document worthless: the feed is then read
    anew.
    """
    try:
        rows = {
            row["ad_id"]: row | {key: _day(row[key]) for key in ("published", "expires")} for row in document["rows"]
        }
        progress = FeedProgress(
            page=str(document["page"]),
            lines=int(document["lines"]),
            waiting=tuple(map(str, document["waiting"])),
            rows=rows,
            rejected={str(ad): Rejection[name] for ad, name in document["rejected"].items()},
        )
        return progress if Vacancy.is_valid(_frame(rows)) else FeedProgress()
    except (KeyError, TypeError, AttributeError, ValueError, pl.exceptions.PolarsError):
        return FeedProgress()


def _follow(client: Client, progress: FeedProgress, today: date, save: Callable[[FeedProgress], None]) -> FeedProgress:
    """The progress after the newest page: closed advertisements gone, changed and new ones waiting."""
    start, known = progress.page, progress.lines
    rows, rejected = dict(progress.rows), dict(progress.rejected)
    waiting = dict.fromkeys(progress.waiting)
    for page in feed_pages(client, progress.page, today):
        for ad, is_open in page.lines[known if page.address == start else 0 :]:
            waiting.pop(ad, None)
            if is_open:
                waiting[ad] = None
            else:
                rows.pop(ad, None)
                rejected.pop(ad, None)
        progress = FeedProgress(page.address, len(page.lines), tuple(waiting), dict(rows), dict(rejected))
        save(progress)
    return progress


def _fetch(
    client: Client,
    progress: FeedProgress,
    places: Places,
    group_of: Callable[[str], str | None],
    save: Callable[[FeedProgress], None],
) -> FeedProgress:
    """The progress with every waiting advertisement fetched."""
    rows, rejected, waiting = dict(progress.rows), dict(progress.rejected), list(reversed(progress.waiting))
    read, broken = 0, 0
    while waiting:
        ad = waiting[-1]
        try:
            content = _content(client, ad)
        except (SourceAnswerError, SourceUnavailableError, KeyboardInterrupt):
            save(replace(progress, waiting=tuple(reversed(waiting)), rows=rows, rejected=rejected))
            raise
        waiting.pop()
        rows.pop(ad, None)
        rejected.pop(ad, None)
        if content is None:
            continue
        row = vacancy_row(ad, content, places, group_of)
        if isinstance(row, Rejection):
            rejected[ad] = row
        else:
            rows[ad] = row
        read, broken = read + 1, broken + (row is Rejection.BROKEN)
        if broken >= FEWEST_TO_JUDGE and 2 * broken > read:
            save(progress)  # as it was, so that a mended feed is asked for all of them again
            raise _wrong(client, ENTRY.format(ad_id=ad), f"{broken} of {read} advertisements")
        if len(waiting) % ADS_BETWEEN_SAVES == 0:
            save(replace(progress, waiting=tuple(reversed(waiting)), rows=dict(rows), rejected=dict(rejected)))
    return replace(progress, waiting=(), rows=rows, rejected=rejected)


def _feed_page(client: Client, address: str, headers: Mapping[str, str]) -> FeedPage | None:
    """The page at an address; None where the feed says that nothing is new."""
    try:
        content = client.get_json(address, headers=headers)
    except SourceAnswerError as error:
        if error.status == NOT_CHANGED:
            return None
        raise
    items = content.get("items") if isinstance(content, Mapping) else None
    if not isinstance(items, list) or not isinstance(content.get("next_url"), str | None):
        raise _wrong(client, address, "items, next_url")
    lines: list[tuple[str, bool]] = []
    for item in items:
        entry = item.get("_feed_entry") if isinstance(item, Mapping) else None
        if not isinstance(entry, Mapping) or not _text(entry, "uuid") or not _text(entry, "status"):
            raise _wrong(client, address, "_feed_entry: uuid, status")
        lines.append((_text(entry, "uuid"), _text(entry, "status") == "ACTIVE"))
    if address == FEED:  # which page it is, and where the next reading begins, only the answer tells
        address = _text(content, "feed_url")
        if not address:
            raise _wrong(client, FEED, "feed_url")
    return FeedPage(address, content["next_url"] or None, tuple(lines))


def _content(client: Client, ad_id: str) -> Mapping[str, Any] | None:
    """Body of an advertisement; empty if it is not as documented, None if the advertisement is no longer open."""
    try:
        entry = client.get_json(ENTRY.format(ad_id=ad_id))
    except SourceAnswerError as error:
        if error.status == NOT_FOUND:
            return None
        raise
    if not isinstance(entry, Mapping):
        return {}
    if _text(entry, "status") == "INACTIVE":
        return None
    content = entry.get("ad_content", entry.get("json"))
    return content if isinstance(content, Mapping) else {}


def _first_municipality(locations: list[Any], places: Places) -> str | Rejection:
    """The first place that is a municipality, or what is wrong with the last one."""
    found: str | Rejection = Rejection.NO_PLACE
    for location in locations:
        found = municipality_at(location if isinstance(location, Mapping) else {}, places)
        if isinstance(found, str):
            return found
    return found


def _styrk08(categories: list[Any]) -> str | None:
    """The code that fits best, without NAV's own decimals."""
    scored = [
        (_score(category), found.group())
        for category in categories
        if isinstance(category, Mapping)
        and _text(category, "categoryType") in ("STYRK08", "STYRK08NAV")
        and (found := _STYRK08.match(_text(category, "code")))
    ]
    return max(scored, key=lambda pair: (pair[0], len(pair[1])))[1] if scored else None


def _score(category: Mapping[str, Any]) -> float:
    score = category.get("score")
    return float(score) if isinstance(score, int | float) else 0.0


def _positions(content: Mapping[str, Any]) -> int:
    """Number of posts; one where it is not told."""
    told = str(content.get("positioncount") or "").strip()
    return max(int(told), 1) if told.isdecimal() else 1


def _day(moment: object) -> date | None:
    """The day of a moment written as ISO 8601; None where it is none."""
    if isinstance(moment, date):
        return moment
    try:
        return datetime.fromisoformat(str(moment).partition("[")[0]).date()
    except ValueError:
        return None


def _text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    return value.strip() if isinstance(value, str) else ""


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _frame(rows: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows.values()), schema=Vacancy.create_empty().schema).sort("ad_id")


def _modified_since(today: date) -> dict[str, str]:
    start = datetime.combine(today - LONGEST_LIFE, time(), tzinfo=UTC)
    return {"If-Modified-Since": format_datetime(start, usegmt=True)}


def _wrong(client: Client, address: str, detail: str) -> SourceAnswerError:
    return SourceAnswerError(client.publisher, client.address(address), AnswerFault.SHAPE, detail)
