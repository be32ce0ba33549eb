"""Renews the snapshot of public facts from its sources, or tells what is in use and how old it is."""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from api.settings import ENVIRONMENT, REFRESHED, Settings
from features.errors import (
    BrokenTableError,
    ContractViolationError,
    InvalidInputError,
    SourceUnavailableError,
    StabilError,
    UnavailableReason,
    UnknownKeyError,
)
from features.occupation_groups import occupation_group
from features.snapshot import CONTRACTS, EMBEDDED, Snapshot, TableDescription, load_snapshot
from features.sources import fetched_tables, klass, nav, ssb
from features.sources.folder_swap import sole_writer
from features.sources.nav import FeedProgress, progress_document, progress_from_document
from features.sources.pxweb import PxWeb
from features.sources.refresh import FetchedTable, Outcome, TableResult, newest, refreshed_snapshot
from features.sources.transport import Client

VACANCIES = "vacancies"

SOURCES: Mapping[str, str] = {
    "municipality_code_changes": klass.PUBLISHER,
    "population": ssb.PUBLISHER,
    "gp_lists": ssb.PUBLISHER,
    "living_conditions": ssb.PUBLISHER,
    "doctor_agreements": ssb.PUBLISHER,
    "jobs": ssb.PUBLISHER,
    VACANCIES: nav.PUBLISHER,
}
"""Tables that have a source to be asked, and whom, in the order in which they are asked for."""

REFRESHABLE = tuple(SOURCES)


@dataclass(frozen=True, slots=True)
class _Sources:
    """What is asked, at the pace that each source wants."""

    ssb: PxWeb
    klass: Client
    nav: Client


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did.

    Attributes
    ----------
    folder : Path
        Where the snapshot stands.
    is_written : bool
        Whether anything was written; if not, the folder is as it was.
    tables : tuple[TableResult, ...]
        Every table of the snapshot.
    needs_key : bool
        Whether the vacancy feed was passed over because no key to it is set.
    """

    folder: Path
    is_written: bool
    tables: tuple[TableResult, ...]
    needs_key: bool

    @property
    def errors(self) -> tuple[StabilError, ...]:
        """Why tables were kept."""
        return tuple(table.error for table in self.tables if table.error is not None)


@dataclass(frozen=True, slots=True)
class TableInUse:
    """A table in use: its newest rows, the day it is known to be from, and how many days ago that was.

    `fetched` is false for a table that came with the program; `day` is then the day the whole snapshot was made.
    """

    name: str
    publisher: str
    rows: int
    newest: str
    vintage: str
    day: date
    is_fetched: bool
    age_days: int


@dataclass(frozen=True, slots=True)
class InUse:
    """The snapshot in use."""

    folder: Path
    version: str
    created: date
    tables: tuple[TableInUse, ...]
    absent: tuple[str, ...]


def target_folder(settings: Settings, into: Path | None) -> Path:
    """Folder that a refresh writes to: the one given, the one in use, or the default one.

    The facts that the program came with are never overwritten.
    """
    folder = into or (REFRESHED if _is_embedded(settings.reference_dir) else settings.reference_dir)
    if _is_embedded(folder):
        raise InvalidInputError("into", folder, "another folder than that of the program's own facts")
    return folder


def in_use(settings: Settings, now: datetime) -> InUse:
    """What is used without asking any source, and how old it is."""
    snapshot = load_snapshot(settings.reference_dir)
    created = date.fromisoformat(snapshot.created)
    return InUse(
        settings.reference_dir,
        snapshot.version,
        created,
        tuple(_table_in_use(table, snapshot, created, now.date()) for table in snapshot.descriptions),
        tuple(table.name for table in snapshot.absent),
    )


def refresh(
    settings: Settings,
    *,
    into: Path | None,
    only: Collection[str],
    now: datetime,
    progress: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> RefreshReport:
    """Ask the sources, make a complete new snapshot, check it and put it in the place of the older one.

    A table whose source fails stays as it was. Nothing is written if all of them fail.

    Raises
    ------
    InvalidInputError
        If the folder may not be written, another refresh holds it, or vacancies are asked for without a key.
    UnknownKeyError
        If `only` names a table that has no source.
    """
    names = _wanted(settings, only)
    folder = target_folder(settings, into)
    today = now.date()
    with sole_writer(folder), _sources(settings, sleep) as sources:
        base_folder, base = _base(settings, folder)
        fetched: dict[str, FetchedTable | StabilError] = {}
        out_of_reach: dict[str, StabilError] = {}
        for name in names:
            progress(name)
            found = out_of_reach.get(SOURCES[name]) or _fetch(
                name, sources, base, folder, fetched.get("population"), today
            )
            # A source without any connection is not tried again for its other tables, five times each.
            if isinstance(found, SourceUnavailableError) and found.reason is UnavailableReason.NO_CONNECTION:
                out_of_reach[SOURCES[name]] = found
            fetched[name] = found
        tables = refreshed_snapshot(base, base_folder, fetched, folder, today)
    return RefreshReport(
        folder,
        any(table.outcome not in (Outcome.KEPT, Outcome.NOT_ASKED) for table in tables),
        tables,
        needs_key=settings.nav_token is None and not only,
    )


def feed_progress_file(folder: Path) -> Path:
    """Where the reading of the vacancy feed is noted, beside the folder of the snapshot."""
    return folder.with_name(f"{folder.name}.nav.json")


def _wanted(settings: Settings, only: Collection[str]) -> tuple[str, ...]:
    for name in only:
        if name not in REFRESHABLE:
            raise UnknownKeyError("table with a source", name, REFRESHABLE)
    if VACANCIES in only and settings.nav_token is None:
        variable = next(name for name, setting in ENVIRONMENT.items() if setting == "nav_token")
        raise InvalidInputError(variable, "", "a key to NAV's vacancy feed")
    has_key = settings.nav_token is not None
    return tuple(name for name in REFRESHABLE if (name in only or not only) and (name != VACANCIES or has_key))


def _base(settings: Settings, folder: Path) -> tuple[Path, Snapshot]:
    """The snapshot to start from: that of the folder, or the one in use; if both are broken, the program's own."""
    for candidate in dict.fromkeys((folder, settings.reference_dir)):
        try:
            return candidate, load_snapshot(candidate)
        except (BrokenTableError, ContractViolationError):
            continue
    return EMBEDDED, load_snapshot(EMBEDDED)


@contextmanager
def _sources(settings: Settings, sleep: Callable[[float], None]) -> Iterator[_Sources]:
    """Clients that keep their pace over all tables."""
    pause = settings.source_pause
    key = settings.nav_token.get_secret_value().strip() if settings.nav_token else ""
    with (
        Client(ssb.PUBLISHER, settings.ssb_url, {}, pause, sleep=sleep) as tables,
        Client(klass.PUBLISHER, settings.klass_url, {}, pause, sleep=sleep) as codes,
        Client(
            nav.PUBLISHER,
            settings.nav_url,
            {"Authorization": f"Bearer {key}"},
            min(pause, nav.SECONDS_BETWEEN_CALLS),
            sleep=sleep,
        ) as feed,
    ):
        yield _Sources(PxWeb(tables), codes, feed)


def _fetch(
    name: str,
    sources: _Sources,
    base: Snapshot,
    folder: Path,
    population: FetchedTable | StabilError | None,
    today: date,
) -> FetchedTable | StabilError:
    """A table from its source, or the error that the source ended with."""
    inhabitants = population.frame if isinstance(population, FetchedTable) else base.population
    fetch: Mapping[str, Callable[[], FetchedTable]] = {
        "municipality_code_changes": lambda: fetched_tables.code_changes_table(sources.klass, base, today),
        "population": lambda: fetched_tables.population_table(sources.ssb, base),
        "gp_lists": lambda: fetched_tables.gp_lists_table(sources.ssb, base),
        "living_conditions": lambda: fetched_tables.living_conditions_table(sources.ssb, base, inhabitants),
        "doctor_agreements": lambda: fetched_tables.doctor_agreements_table(sources.ssb, base),
        "jobs": lambda: fetched_tables.jobs_table(sources.ssb, base),
        VACANCIES: lambda: _vacancies(sources.nav, base, folder, today),
    }
    try:
        return fetch[name]()
    except StabilError as error:
        return error


def _vacancies(feed: Client, base: Snapshot, folder: Path, today: date) -> FetchedTable:
    """Vacancies from where the last reading of the feed ended, each step of this one noted."""
    file = feed_progress_file(folder)

    def save(progress: FeedProgress) -> None:
        document = {"feed": feed.base_url} | progress_document(progress)
        half = file.with_name(f"{file.name}.new")
        half.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        half.replace(file)

    return fetched_tables.vacancies_table(feed, base, _noted(file, feed.base_url), occupation_group, today, save)


def _noted(file: Path, address: str) -> FeedProgress:
    """How far the feed at an address has been read; not at all where the note is missing, broken or of another feed."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return FeedProgress()
    is_ours = isinstance(document, dict) and document.get("feed") == address
    return progress_from_document(document) if is_ours else FeedProgress()


def _is_embedded(folder: Path) -> bool:
    return folder.resolve() == EMBEDDED.resolve()


def _table_in_use(table: TableDescription, snapshot: Snapshot, created: date, today: date) -> TableInUse:
    day = date.fromisoformat(table.fetched) if table.fetched else created
    rows = newest(table.name, snapshot.table(table.name)) if table.name in CONTRACTS else ""
    return TableInUse(
        table.name, table.publisher, table.rows, rows, table.vintage, day, bool(table.fetched), (today - day).days
    )
