"""Writes docs/reference.md from catalogue, settings, commands and errors: ``python -m docs.build_reference``."""

from collections.abc import Iterator
from pathlib import Path

import typer

from api.cli import app
from api.errors import OUTLETS
from api.settings import ENVIRONMENT, Settings
from features.catalogue import WEIGHT_OF_EVIDENCE, Factor, Indicator, load_catalogue
from features.coverage import coverage_table
from features.indicators.compute import indicator_values
from features.snapshot import Snapshot, load_snapshot

TARGET = Path(__file__).with_name("reference.md")


def reference() -> str:
    """The reference as Markdown."""
    parts = (_head, _factors, _coverage, _evidence, _indicators, _questions, _tables, _commands, _settings, _errors)
    return "\n".join(line for part in parts for line in part()) + "\n"


def _head() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Made from the code by `python -m docs.build_reference`; change the catalogue or the code, not this page."


def _factors() -> Iterator[str]:
    catalogue = load_catalogue()
    yield from ("", "## Factors", "")
    yield "An indicator weighs by the class of its evidence within its factor; the numbers are an assumption."
    yield "Origin: `snapshot` has figures offline, `live` once a refresh brought them, `local` once it answered."
    for factor in catalogue.factors.values():
        yield from ("", f"### {factor.label.en} (`{factor.key}`, {factor.label.nb})", "")
        yield f"{factor.description.en} Kind: {factor.kind}. Recruit & Retain element: {', '.join(factor.elements)}."
        yield from ("", "| indicator | no. | weight | evidence | origin |", "|---|---|---|---|---|")
        yield from (_weight(factor, key, catalogue.indicators[key]) for key in factor.weights)


def _weight(factor: Factor, key: str, entry: Indicator) -> str:
    number = entry.id or "–"
    return f"| {entry.label.en} (`{key}`) | {number} | {factor.weights[key]:g} | {entry.evidence} | {entry.origin} |"


def _coverage() -> Iterator[str]:
    catalogue = load_catalogue()
    table = coverage_table(catalogue, indicator_values(load_snapshot(), catalogue))
    yield from ("", "### What has data", "")
    yield "Share of each factor's weight that is known offline, that a refresh adds, that only the municipality knows;"
    yield "and how much of it has data offline, on average over the municipalities."
    yield from ("", "| factor | indicators | offline | a refresh adds | the municipality adds | with data |")
    yield "|---|---|---|---|---|---|"
    for row in table.iter_rows(named=True):
        shares = (row[name] for name in ("offline", "refresh_adds", "local_adds", "with_data"))
        yield f"| `{row['factor']}` | {row['indicators']} | {' | '.join(f'{share:.0%}' for share in shares)} |"


def _evidence() -> Iterator[str]:
    yield from ("", "## Evidence", "")
    yield "What research has found about the lever that indicators stand for, our judgement of its strength, and the"
    yield "weight that follows. It is about the lever as a whole, not about a single figure of it."
    yield from ("", "| key | lever | strength | weight | finding | sources |", "|---|---|---|---|---|---|")
    for entry in load_catalogue().evidence.values():
        yield (
            f"| `{entry.key}` | {entry.label.en} | {entry.strength} | {WEIGHT_OF_EVIDENCE[entry.strength]:g} "
            f"| {entry.finding.en} | {'; '.join(entry.sources)} |"
        )


def _indicators() -> Iterator[str]:
    yield from ("", "## Indicators", "")
    yield "No.: number in the list of 60 that the catalogue covers; ours beside it have none."
    yield from (
        "",
        "| key | no. | what it is | unit | kind | better | element | source | renewed | how chance moves it |",
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    snapshot = load_snapshot()
    for entry in load_catalogue().indicators.values():
        better = f"{entry.band[0]:g}–{entry.band[1]:g}" if entry.band else entry.direction
        note = f" *{entry.note.en}*" if entry.note else ""
        cells = (
            f"`{entry.key}`",
            entry.id or "–",
            f"{entry.definition.en}{note}",
            entry.unit,
            entry.kind,
            better,
            entry.element,
            _sources(entry, snapshot),
            entry.frequency,
            entry.uncertainty.kind,
        )
        yield f"| {' | '.join(cells)} |"


def _sources(entry: Indicator, snapshot: Snapshot) -> str:
    if entry.origin == "local":
        return "the municipality"
    tables = ", ".join(sorted({snapshot.measure(name)[1].source for name in entry.measures}))
    return f"{tables} (after a refresh)" if entry.origin == "live" else tables


def _questions() -> Iterator[str]:
    yield from ("", "## Questions to the municipality", "")
    yield "Goalposts: the value that counts as poor and the one that counts as good, an assumption. One page: among the"
    yield "22 items for a municipality that fills in one page. Count: asked for with the number it was formed over."
    yield from ("", "| no. | key | question | goalposts | one page | count |", "|---|---|---|---|---|---|")
    for entry in load_catalogue().indicators.values():
        if entry.question is not None:
            posts = f"{entry.goalposts[0]:g} → {entry.goalposts[1]:g}" if entry.goalposts else "–"
            yield (
                f"| {entry.id or '–'} | `{entry.key}` | {entry.question.en} | {posts} "
                f"| {'yes' if entry.minimum_set else ''} | {'yes' if entry.asks_for_denominator else ''} |"
            )


def _tables() -> Iterator[str]:
    yield from ("", "## Tables of the snapshot", "")
    yield from ("| table | publisher | numbers | date | licence | rows | note |", "|---|---|---|---|---|---|---|")
    for table in load_snapshot().descriptions:
        yield (
            f"| `{table.name}` | {table.publisher} | {', '.join(table.tables)} | {table.vintage} "
            f"| {', '.join(table.licences)} | {table.rows} | {table.note} |"
        )
    for table in load_snapshot().absent:
        yield (
            f"| `{table.name}` | {table.publisher} | {', '.join(table.tables)} | after a refresh "
            f"| {', '.join(table.licences)} | – | {table.note} |"
        )


def _commands() -> Iterator[str]:
    yield from ("", "## Commands", "", "| command | what it does |", "|---|---|")
    group = typer.main.get_command(app)
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        children = getattr(command, "commands", None)
        if children is None:
            yield f"| `stabil {name}` | {command.help} |"
        else:
            yield from (f"| `stabil {name} {child}` | {found.help} |" for child, found in sorted(children.items()))
    yield ""
    yield "Every command: `stabil --language nb|nn|en COMMAND`. Progress goes to standard error; `--json` and `--csv`"
    yield "print what programs read."


def _settings() -> Iterator[str]:
    yield from ("", "## Settings", "", "| variable | default |", "|---|---|")
    defaults = Settings()
    for variable, setting in ENVIRONMENT.items():
        default = {
            "reference_dir": "`var/reference` of the project once a refresh made it, else the embedded snapshot",
            "nav_token": "none; without a key the vacancy feed is not read",
            "source_pause": f"`{defaults.source_pause:g}` seconds between two calls to SSB",
            "key_file": "`var/stabil.key` in the project's folder, made at first use for its owner alone",
            "database_url": "`var/stabil.db` in the project's folder, as an address `sqlite:///…`",
        }.get(setting, f"`{getattr(defaults, setting)}`")
        yield f"| `{variable}` | {default} |"


def _errors() -> Iterator[str]:
    yield from ("", "## Errors", "", "| error | HTTP status | exit code | sentence |", "|---|---|---|---|")
    for kind, outlet in OUTLETS.items():
        yield f"| `{kind.__name__}` | {outlet.status} | {outlet.exit_code} | {outlet.sentence} |"
    yield from ("", "The API answers errors as `application/problem+json` (RFC 9457).")


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
