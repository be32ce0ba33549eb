"""Commands: run the whole chain, serve it, and look at its parts."""

import errno
import os
import socket
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from api.cli_data import add_data_commands
from api.cli_local import add_local_commands
from api.cli_match import match
from api.cli_research import research
from api.cli_research_spells import spells
from api.cli_retention import retention
from api.cli_world import new_world, served_world
from api.console import Output, print_error, print_json, progress
from api.errors import PortInUseError, answer_to
from api.settings import (
    DEFAULT_CANDIDATES,
    DEFAULT_LOTTERY_SEED,
    LOOPBACK,
    Settings,
    read_settings,
    with_values,
)
from api.translation import N_, translate
from features.catalogue import Language
from features.errors import InvalidInputError, StabilError

# Commands import what they need when they run: the learning libraries take seconds to load, and a misspelt command or
# an unknown municipality should be answered at once.

LANGUAGE: ContextVar[Language] = ContextVar("language", default="nb")
"""Language of the command under way, for errors that end it."""

app = typer.Typer(
    name="stabil",
    help="Scores municipalities, forecasts how long posts keep their doctors, and matches doctors with vacancies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="The snapshot of public facts.", no_args_is_help=True)
app.add_typer(data, name="data")
research.command("spells")(spells)
app.add_typer(research, name="research")
add_local_commands(app)
add_data_commands(app, data)
app.command()(match)
app.command()(retention)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Seed = Annotated[int | None, typer.Option(help="Seed of everything simulated.")]
Port = Annotated[int | None, typer.Option(help="Port on 127.0.0.1; 0 for any free one.")]
Reference = Annotated[Path | None, typer.Option("--reference", help="Folder with another snapshot of public facts.")]


@app.callback()
def common(
    context: typer.Context,
    language: Annotated[str | None, typer.Option(help="Language of the output: nb, nn or en.")] = None,
) -> None:
    """Set what holds for every command."""
    settings = with_values(read_settings(os.environ), {"language": language})
    LANGUAGE.set(settings.language)
    context.obj = settings


@app.command()
def run(
    context: typer.Context,
    seed: Seed = None,
    reference: Reference = None,
    as_json: AsJson = False,
    serve_after: Annotated[bool, typer.Option("--serve", help="Serve pages and API afterwards.")] = False,
    port: Port = None,
) -> None:
    """Score all municipalities, train the retention model, match doctors and vacancies; save and print a summary."""
    from api.reports.summary import print_summary, run_summary
    from api.services.matching import propose_match
    from api.storage.database import open_database

    settings = _settings(context, seed=seed, reference_dir=reference, port=port)
    listener = _listen(settings.port) if serve_after else None
    engine = open_database(settings.database_url)
    now = datetime.now(UTC)
    world = new_world(settings, engine, now)
    saved = propose_match(
        world, engine, candidates=DEFAULT_CANDIDATES, lottery_seed=DEFAULT_LOTTERY_SEED, seed=settings.seed, now=now
    )
    summary = run_summary(world, saved.proposal, settings.language)
    if as_json:
        print_json(summary)
    else:
        print_summary(summary, settings.language)
    if listener is not None:
        _serve(settings, listener)


@app.command()
def serve(context: typer.Context, port: Port = None) -> None:
    """Serve pages and API on this machine only."""
    settings = _settings(context, port=port)
    _serve(settings, _listen(settings.port))


@app.command()
def score(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Four-digit municipality code, for example 5014.")],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """One municipality: factor scores, indicators with sources, and vacancy as expected and as it is."""
    from features.municipality_codes import require_municipality
    from features.snapshot import load_snapshot

    settings = _settings(context)
    snapshot = load_snapshot(settings.reference_dir)
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)

    from api.reports.profile import print_profile
    from api.services.profile import municipality_profile

    profile = municipality_profile(served_world(settings), code)
    print_profile(profile, settings.language, _output(as_json=as_json, as_csv=as_csv))


@app.command("partner-jobs")
def partner_jobs_command(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Four-digit municipality code, for example 5014.")],
    occupation: Annotated[
        str | None, typer.Option(help="Key of one occupation group, for example health; all groups if left out.")
    ] = None,
    travel_times: Annotated[
        Path | None, typer.Option("--travel-times", help="CSV of from_code,to_code,minutes in place of estimates.")
    ] = None,
    reference: Reference = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Jobs for a partner by occupation group: within reach, shared with those who compete for them."""
    from api.reports.partner_jobs import print_partner_jobs
    from api.services.partner_jobs import partner_jobs
    from features.snapshot import load_snapshot

    settings = _settings(context, reference_dir=reference)
    answer = partner_jobs(load_snapshot(settings.reference_dir), code, occupation, travel_times)
    print_partner_jobs(answer, settings.language, _output(as_json=as_json, as_csv=as_csv))


@data.command("show")
def data_show(
    context: typer.Context,
    table: Annotated[str | None, typer.Argument(help="Name of a table; all tables if left out.")] = None,
    reference: Reference = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """The snapshot's tables with publisher, date, licence and checksum, or the rows of one table."""
    from api.reports.reference import print_rows, print_tables
    from features.snapshot import load_snapshot

    settings = _settings(context, reference_dir=reference)
    snapshot, output = load_snapshot(settings.reference_dir), _output(as_json=as_json, as_csv=as_csv)
    if table is None:
        print_tables(snapshot, settings.language, output)
    else:
        print_rows(snapshot, table, settings.language, output)


@data.command("refresh")
def data_refresh(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody; tell what is used and how old it is.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this table, for example population; may be repeated.")
    ] = None,
    into: Annotated[Path | None, typer.Option("--into", help="Folder of the new snapshot.")] = None,
    as_json: AsJson = False,
) -> None:
    """Renew the public facts from SSB, KLASS and NAV; a table whose source fails stays as it was."""
    from api.reports.refresh import print_in_use, print_refresh, print_refresh_json
    from api.services.refresh import REFRESHABLE, in_use, refresh

    now = datetime.now(UTC)
    if offline:
        settings = _settings(context, reference_dir=into)
        used = in_use(settings, now)
        print_json(used) if as_json else print_in_use(used, settings.language)
        return
    settings = _settings(context)
    with progress(len(REFRESHABLE)) as show:
        report = refresh(settings, into=into, only=only or (), now=now, progress=show)
    (print_refresh_json if as_json else print_refresh)(report, settings.language)
    if report.errors:
        raise typer.Exit(answer_to(report.errors[0], settings.language).exit_code)


def main() -> None:
    """Run a command; an error of ours becomes one sentence and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without æøå shows a question mark, not a traceback
    try:
        app()
        sys.stdout.flush()
    except StabilError as error:
        answer = answer_to(error, LANGUAGE.get())
        print_error(answer.title, answer.detail)
        sys.exit(answer.exit_code)
    except OSError as error:
        print_error(translate(N_("Kan ikke skrive"), LANGUAGE.get()), str(error.strerror))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing left to flush at exit
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _settings(context: typer.Context, **given: object) -> Settings:
    return with_values(context.obj, given)


def _output(*, as_json: bool, as_csv: bool) -> Output:
    return Output.JSON if as_json else Output.CSV if as_csv else Output.TABLE


def _serve(settings: Settings, listener: socket.socket) -> None:
    import uvicorn

    from api.app import create_app
    from api.reports.summary import print_served

    web = create_app(settings)
    print_served(f"http://{LOOPBACK}:{listener.getsockname()[1]}", settings.language)
    uvicorn.Server(uvicorn.Config(web, log_level="warning", access_log=False)).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise InvalidInputError("port", port, f"a port that may be opened here ({error.strerror})") from error
        raise PortInUseError(port) from error
    listener.listen()
    return listener
