"""Commands about one municipality's own word: template, own figures, peers of own choice and self-assessment."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.console import Output, print_json, print_text
from api.settings import Settings
from api.translation import N_, translate
from features.errors import InvalidInputError

if TYPE_CHECKING:
    from features.snapshot import Snapshot

local = typer.Typer(help="A municipality's own figures.", no_args_is_help=True)
assessment = typer.Typer(help="A municipality's self-assessment: leadership and doctors apart.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="Four-digit municipality code, for example 5014.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]

WayName = Literal["class", "distance", "kostra", "alike", "own"]
SideName = Literal["management", "doctors"]

ROWS_REJECTED = 4
"""Exit code where rows were rejected and nothing was saved, as for other rows that break a contract."""


def add_local_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the program."""
    app.command()(template)
    app.command()(peers)
    app.add_typer(local, name="local")
    app.add_typer(assessment, name="self-assessment")


def template(
    context: typer.Context,
    code: Code,
    form: Annotated[Literal["xlsx", "csv"], typer.Option("--format", help="Kind of file.")] = "xlsx",
    out: Annotated[Path | None, typer.Option(help="File to write; stabil-CODE.xlsx or .csv if left out.")] = None,
    all_figures: Annotated[bool, typer.Option("--all", help="Every own figure, not only one page.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
) -> None:
    """Write the template that a municipality fills in with the figures that no register has."""
    from api.reports.local_template import template_csv, template_xlsx
    from api.services.local_template import minimum_template, whole_template
    from api.storage.database import open_database
    from features.catalogue import load_catalogue
    from features.indicators.compute import indicator_values

    settings: Settings = context.obj
    path = out or Path(f"stabil-{code}.{form}")
    if path.exists() and not replace:
        raise InvalidInputError("--out", path, "a file that is not there yet, or --replace")
    snapshot, catalogue = _snapshot(settings, code), load_catalogue()
    make = whole_template if all_figures else minimum_template
    found = make(open_database(settings.database_url), snapshot, catalogue, indicator_values(snapshot, catalogue), code)
    write = template_xlsx if form == "xlsx" else template_csv
    path.write_bytes(write(found, settings.language))
    print_text(translate(N_("Malen er skrevet til {path}."), settings.language, path=path))


def peers(
    context: typer.Context,
    code: Code,
    by: Annotated[WayName, typer.Option(help="Way to choose them.")] = "class",
    codes: Annotated[str, typer.Option(help="Codes of an own choice, with commas between.")] = "",
    count: Annotated[int, typer.Option(help="How many are most alike.")] = 10,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Whom a municipality is compared with; by likeness also what they are alike in and where they differ."""
    from api.reports.peers import print_peers
    from api.services.peers import choose_peers
    from features.catalogue import load_catalogue
    from features.indicators.compute import indicator_values
    from features.peers import PeerWay

    settings: Settings = context.obj
    snapshot, catalogue = _snapshot(settings, code), load_catalogue()
    chosen = tuple(each.strip() for each in codes.split(",") if each.strip())
    found = choose_peers(snapshot, indicator_values(snapshot, catalogue), code, PeerWay(by), codes=chosen, count=count)
    print_peers(found, catalogue, settings.language, _output(as_json=as_json, as_csv=as_csv))


@local.command("import")
def local_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The filled-in template, xlsx or csv.")],
    code: Annotated[
        str | None, typer.Argument(help="Municipality the file must be about; else its first row tells.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge the file and save nothing.")] = False,
    accept_valid: Annotated[
        bool, typer.Option("--accept-valid", help="Save the rows that are right although others are not.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a filled-in template back; with a row that is wrong nothing is saved, and each fault is told."""
    from api.reports.local_data import print_import
    from api.services.local_data import judge_file, norwegian_day, only_judged, save_report
    from api.storage.database import open_database
    from features.catalogue import load_catalogue
    from features.snapshot import load_snapshot

    settings: Settings = context.obj
    now, snapshot, catalogue = datetime.now(UTC), load_snapshot(settings.reference_dir), load_catalogue()
    report = judge_file(snapshot, catalogue, _read(file), code, norwegian_day(now))
    engine = open_database(settings.database_url)
    result = (
        replace(only_judged(engine, report, accept_valid=accept_valid), saved=0)
        if dry_run
        else save_report(engine, report, now, lambda: None, accept_valid=accept_valid)
    )
    print_import(result, catalogue, settings.language, Output.JSON if as_json else Output.TABLE)
    if result.is_refused:
        raise typer.Exit(ROWS_REJECTED)


@local.command("show")
def local_show(context: typer.Context, code: Code, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """What a municipality has said about itself, who said it and when; JSON and CSV hold the whole history."""
    from api.reports.local_data import print_local_indicators
    from api.services.local_data import local_indicators
    from api.storage.database import open_database
    from features.catalogue import load_catalogue

    settings: Settings = context.obj
    snapshot, catalogue = _snapshot(settings, code), load_catalogue()
    found = local_indicators(open_database(settings.database_url), snapshot, catalogue, code)
    print_local_indicators(found, catalogue, settings.language, _output(as_json=as_json, as_csv=as_csv))


@local.command("withdraw")
def local_withdraw(
    context: typer.Context,
    code: Code,
    indicator: Annotated[str, typer.Argument(help="Code or key of the indicator, for example X01.")],
    said_by: Annotated[str, typer.Option("--by", help="Role of the one who takes it back.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Take back what a municipality has said about an indicator; the history keeps it, with the reason."""
    from api.services.local_data import withdraw_local_value
    from api.storage.database import open_database
    from features.catalogue import load_catalogue

    settings: Settings = context.obj
    withdraw_local_value(
        open_database(settings.database_url),
        _snapshot(settings, code),
        load_catalogue(),
        code,
        indicator,
        said_by=said_by,
        reason=reason,
        now=datetime.now(UTC),
        changed=lambda: None,
    )
    print_text(translate(N_("Svaret på {indicator} er trukket tilbake."), settings.language, indicator=indicator))


@assessment.command("questions")
def assessment_questions(context: typer.Context, as_json: AsJson = False) -> None:
    """What both sides are asked."""
    from api.reports.self_assessment import print_questionnaire
    from features.self_assessment import load_questionnaire

    settings: Settings = context.obj
    print_questionnaire(load_questionnaire(), settings.language, Output.JSON if as_json else Output.TABLE)


@assessment.command("open")
def assessment_open(context: typer.Context, code: Code) -> None:
    """Open a round; at most one at a time, and not sooner than ninety days after the last one."""
    from api.services.local_data import norwegian_day
    from api.services.self_assessment import open_assessment
    from api.storage.database import open_database

    settings: Settings = context.obj
    day = norwegian_day(datetime.now(UTC))
    open_assessment(open_database(settings.database_url), _snapshot(settings, code), code, day)
    print_text(translate(N_("Egenvurderingen i {code} er åpen for svar."), settings.language, code=code))


@assessment.command("answer")
def assessment_answer(
    context: typer.Context,
    code: Code,
    marks: Annotated[
        Path,
        typer.Argument(help='JSON: {"statement": {"advantage": -2 to 2, "importance": 1 to 4}, ...}, all of them.'),
    ],
    side: Annotated[SideName, typer.Option(help="Who answers.")],
) -> None:
    """Give one person's answer; it cannot be found again, and is deleted when the round closes."""
    from api.services.self_assessment import answer_assessment, read_marks
    from api.storage.database import open_database
    from features.self_assessment import Side

    settings: Settings = context.obj
    given = read_marks(_read(marks))
    answer_assessment(open_database(settings.database_url), _snapshot(settings, code), code, Side(side), given)
    print_text(translate(N_("Svaret er tatt imot."), settings.language))


@assessment.command("close")
def assessment_close(
    context: typer.Context,
    code: Code,
    without_result: Annotated[
        bool, typer.Option("--without-result", help="Close although no side has five answers; they are deleted unseen.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Close the open round for good: its result is kept and its answers are deleted."""
    from api.reports.self_assessment import print_round
    from api.services.local_data import norwegian_day
    from api.services.self_assessment import close_assessment
    from api.storage.database import open_database

    settings: Settings = context.obj
    day = norwegian_day(datetime.now(UTC))
    engine, snapshot = open_database(settings.database_url), _snapshot(settings, code)
    closed = close_assessment(engine, snapshot, code, day, without_result=without_result)
    print_json(closed) if as_json else print_round(closed, settings.language)


@assessment.command("show")
def assessment_show(context: typer.Context, code: Code, as_json: AsJson = False) -> None:
    """Rounds of a municipality; closed ones with each side's scores and the gap, from five answers a side."""
    from api.reports.self_assessment import print_rounds
    from api.services.self_assessment import assessment_rounds
    from api.storage.database import open_database

    settings: Settings = context.obj
    rounds = assessment_rounds(open_database(settings.database_url), _snapshot(settings, code), code)
    print_json(rounds) if as_json else print_rounds(rounds, settings.language)


def _snapshot(settings: Settings, code: str) -> "Snapshot":
    """The snapshot, after the code was found in it: a misspelt one is answered before anything slow."""
    from features.municipality_codes import require_municipality
    from features.snapshot import load_snapshot

    snapshot = load_snapshot(settings.reference_dir)
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)
    return snapshot


def _read(path: Path) -> bytes:
    """A file's content, and no more of it than is accepted anywhere."""
    from features.local_sheet import LARGEST_FILE

    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InvalidInputError("file", path, f"a file that can be read ({error.strerror})") from error


def _output(*, as_json: bool, as_csv: bool) -> Output:
    return Output.JSON if as_json else Output.CSV if as_csv else Output.TABLE
