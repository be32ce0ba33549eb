"""The command that makes spells of rows of employment."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.console import Output
from api.settings import Settings
from features.errors import InvalidInputError


def spells(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Rows of employment: CSV or Parquet, no end while it runs.")
    ],
    out: Annotated[Path, typer.Option(help="New file for the spells, .parquet or .csv.")],
    rejects: Annotated[
        Path | None, typer.Option(help="New file for the rows that became no spell, as they stand, with the reason.")
    ] = None,
    periods: Annotated[
        Path | None, typer.Option(help="New file for person-periods: a row per spell and interval.")
    ] = None,
    interval: Annotated[float, typer.Option(help="Years in an interval of person-periods.")] = 0.5,
    as_of: Annotated[
        str | None, typer.Option(help="Last day that the rows tell of, 2024-12-31; else the last day in the file.")
    ] = None,
    observed_from: Annotated[
        str | None, typer.Option(help="Day from which every running spell is in the rows; older ones enter late.")
    ] = None,
    person: Annotated[str, typer.Option(help="Column: pseudonym of the person.")] = "person",
    post: Annotated[str, typer.Option(help="Column: the post.")] = "post",
    municipality: Annotated[str, typer.Option(help="Column: municipality number, four digits.")] = "municipality",
    start: Annotated[str, typer.Option(help="Column: first day.")] = "start",
    end: Annotated[str, typer.Option(help="Column: last day; empty while it runs.")] = "end",
    reason: Annotated[str | None, typer.Option(help="Column: why it ended; else reason, if there is one.")] = None,
    snapshot: Annotated[
        str | None, typer.Option(help="Column: day on which the row held, in place of start, end and reason.")
    ] = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(
            help="What a code of a reason means, code=cause: other_municipality, hospital, other, retired or "
            "not_stated; may be given several times."
        ),
    ] = None,
    carry: Annotated[
        str | None, typer.Option(help="Columns, with commas between, that a spell keeps as in its first row.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Spells from rows of employment or snapshots; every row is used or told with the reason."""
    from api.cli_research import listed
    from api.reports.research_spells import print_spells
    from api.services.research_spells import SpellsRequest, spells_of_file
    from api.services.research_spells_files import SpellsFiles, require_writable, write_spells

    settings: Settings = context.obj
    keys = {"person": person, "post": post, "municipality": municipality}
    times = {"start": start, "end": end} if snapshot is None else {"snapshot_date": snapshot}
    request = SpellsRequest(
        file=file,
        columns=keys | times | ({} if reason is None or snapshot is not None else {"reason": reason}),
        as_of=_day("--as-of", as_of),
        observed_from=_day("--observed-from", observed_from),
        causes=dict(map(_cause, cause or ())),
        carried=() if carry is None else listed(carry),
        interval_years=interval,
        today=datetime.now(UTC).date(),
    )
    files = SpellsFiles(out, rejects, periods)
    require_writable(files)
    result = spells_of_file(request)
    written = write_spells(result, files)
    print_spells(result, written, settings.language, Output.JSON if as_json else Output.TABLE)
    if not result.table.spells.height:
        raise typer.Exit(4)


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(option, text, "a day such as 2024-12-31") from error


def _cause(text: str) -> tuple[str, str]:
    code, separator, cause = text.rpartition("=")
    if not separator or not code.strip():
        raise InvalidInputError("--cause", text, "code=cause, such as 15=hospital")
    return code.strip(), cause.strip()
