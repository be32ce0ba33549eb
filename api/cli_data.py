"""Commands that compare municipalities, tell what has data, and write tables and results to a file."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli_world import served_world
from api.console import Output, print_text
from api.settings import Settings
from api.translation import N_, translate
from features.errors import InvalidInputError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def add_data_commands(app: typer.Typer, data: typer.Typer) -> None:
    """Add the commands of this module to the program."""
    app.command()(compare)
    data.command("coverage")(coverage)
    data.command("export")(export)


def compare(
    context: typer.Context,
    codes: Annotated[
        list[str], typer.Argument(help="Up to five four-digit municipality codes, for example 5014 5001.")
    ],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Municipalities side by side: scores with intervals, outcomes as expected and as they are, and the figures."""
    from features.municipality_codes import require_municipality
    from features.snapshot import load_snapshot

    settings: Settings = context.obj
    snapshot = load_snapshot(settings.reference_dir)
    for code in codes:
        require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)

    from api.reports.compare import print_comparison
    from api.services import compare as service

    found = service.compare(served_world(settings), codes)
    print_comparison(found, settings.language, _output(as_json=as_json, as_csv=as_csv))


def coverage(context: typer.Context, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """How much of each factor has data: offline, after a refresh, and with the municipalities' own answers."""
    from api.reports.coverage import print_coverage
    from api.services.local_data import local_values
    from api.storage.database import open_database
    from features.catalogue import load_catalogue
    from features.coverage import coverage_table
    from features.indicators.compute import indicator_values
    from features.snapshot import load_snapshot

    settings: Settings = context.obj
    catalogue = load_catalogue()
    local = local_values(open_database(settings.database_url))
    values = indicator_values(load_snapshot(settings.reference_dir), catalogue, local)
    table = coverage_table(catalogue, values)
    print_coverage(table, catalogue, settings.language, _output(as_json=as_json, as_csv=as_csv))


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write; its ending says the form: .csv, .parquet or .json.")],
    table: Annotated[str, typer.Option(help="Name of a table or a result, for example gp_lists or factors.")],
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
) -> None:
    """Write a table of the snapshot or a result to a file; what municipalities told about themselves is left out."""
    from api.services.downloads import NAMES, as_form, download_chunks, download_frame
    from features.errors import UnknownKeyError

    settings: Settings = context.obj
    form = as_form(file.suffix.removeprefix("."))
    if table not in NAMES:
        raise UnknownKeyError("table", table, NAMES)
    if file.exists() and not replace:
        raise InvalidInputError("FILE", file, "a file that is not there yet, or --replace")
    frame = download_frame(served_world(settings), table)
    with file.open("wb") as opened:
        opened.writelines(download_chunks(frame, form))
    print_text(
        translate(
            N_("{rows} rader av {table} er skrevet til {path}."),
            settings.language,
            rows=frame.height,
            table=table,
            path=file,
        )
    )


def _output(*, as_json: bool, as_csv: bool) -> Output:
    return Output.JSON if as_json else Output.CSV if as_csv else Output.TABLE
