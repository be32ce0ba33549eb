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

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

import polars as pl

from features.errors import AnswerFault, SourceAnswerError, SourceUnavailableError
from features.frames import Vacancy
from features.sources.transport import Client
from features.sources.vacancy_rows import Places, Rejection, day_of, text_of, vacancy_row

PUBLISHER = "NAV"
BASE_URL = "https://pam-stilling-feed.nav.no"
SECONDS_BETWEEN_CALLS = 0.1
"""NAV names no limit, and every open advertisement is fetched with a call of its own."""

FEED = "/api/v1/feed"

ENTRY = "/api/v1/feedentry/{ad_id}"

LONGEST_LIFE = timedelta(days=183)
"""An advertisement is never open for more than six months, so older pages are not read."""

ADS_BETWEEN_SAVES = 500

FEWEST_TO_JUDGE = 20
"""From so many unreadable advertisements on, and more of them than readable ones, the feed itself is judged broken."""

NOT_FOUND, NOT_CHANGED = 404, 304


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
            row["ad_id"]: row | {key: day_of(row[key]) for key in ("published", "expires")} for row in document["rows"]
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
        if not isinstance(entry, Mapping) or not text_of(entry, "uuid") or not text_of(entry, "status"):
            raise _wrong(client, address, "_feed_entry: uuid, status")
        lines.append((text_of(entry, "uuid"), text_of(entry, "status") == "ACTIVE"))
    if address == FEED:  # which page it is, and where the next reading begins, only the answer tells
        address = text_of(content, "feed_url")
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
    if text_of(entry, "status") == "INACTIVE":
        return None
    content = entry.get("ad_content", entry.get("json"))
    return content if isinstance(content, Mapping) else {}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _frame(rows: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows.values()), schema=Vacancy.create_empty().schema).sort("ad_id")


def _modified_since(today: date) -> dict[str, str]:
    start = datetime.combine(today - LONGEST_LIFE, time(), tzinfo=UTC)
    return {"If-Modified-Since": format_datetime(start, usegmt=True)}


def _wrong(client: Client, address: str, detail: str) -> SourceAnswerError:
    return SourceAnswerError(client.publisher, client.address(address), AnswerFault.SHAPE, detail)
