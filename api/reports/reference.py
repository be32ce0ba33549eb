"""What ``stabil data show`` prints."""

from api.console import Output, print_csv, print_json, print_table, print_text, speaker
from api.formatting import Formats
from features.catalogue import Language
from features.snapshot import Snapshot

MOST_ROWS = 20


def print_tables(snapshot: Snapshot, language: Language, output: Output) -> None:
    """Print publisher, table numbers, date, licence and checksum of every table."""
    tables = snapshot.descriptions
    match output:
        case Output.JSON:
            print_json({"version": snapshot.version, "created": snapshot.created, "tables": tables})
        case Output.CSV:
            print_csv(
                ["name", "title", "publisher", "tables", "vintage", "licences", "rows", "sha256"],
                [
                    [
                        t.name,
                        t.title,
                        t.publisher,
                        " ".join(t.tables),
                        t.vintage,
                        "; ".join(t.licences),
                        t.rows,
                        t.sha256,
                    ]
                    for t in tables
                ],
            )
        case Output.TABLE:
            _ = speaker(language)
            print_table(
                _(
                    "Uttrekk {version} av offentlige tall, laget {created}",
                    version=snapshot.version,
                    created=snapshot.created,
                ),
                [_("Tabell"), _("Utgiver"), _("Tabellnummer"), _("Lisens"), _("Gjelder"), _("Rader")],
                [
                    [
                        t.name,
                        t.publisher,
                        ", ".join(t.tables),
                        ", ".join(t.licences),
                        t.vintage,
                        Formats(language).number(t.rows),
                    ]
                    for t in tables
                ],
                text_columns=4,
            )
            print_text(_("Rader i en tabell: stabil data show TABELL [--csv]"))


def print_rows(snapshot: Snapshot, table: str, language: Language, output: Output) -> None:
    """Print the rows of one table."""
    frame = snapshot.table(table)
    match output:
        case Output.JSON:
            print_json(frame.to_dicts())
        case Output.CSV:
            print_csv(frame.columns, frame.rows())
        case Output.TABLE:
            _ = speaker(language)
            head = frame.head(MOST_ROWS)
            print_table(
                snapshot.description(table).title, head.columns, [[str(cell) for cell in row] for row in head.rows()]
            )
            print_text(
                snapshot.description(table).note,
                _(
                    "{shown} av {rows} rader; --csv eller --json viser alle.",
                    shown=head.height,
                    rows=Formats(language).number(frame.height),
                ),
            )
