"""Writes docs/reference.md from catalogue, settings, commands and errors: ``python -m docs.build_reference``."""

from collections.abc import Iterator
from pathlib import Path

import typer

from api.cli import app
from api.errors import OUTLETS
from api.settings import ENVIRONMENT, Settings
from features.catalogue import Factor, Indicator, load_catalogue
from features.snapshot import load_snapshot

TARGET = Path(__file__).with_name("reference.md")


def reference() -> str:
    """The reference as Markdown."""
    return "\n".join([*_head(), *_factors(), *_indicators(), *_tables(), *_commands(), *_settings(), *_errors()]) + "\n"


def _head() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Made from the code by `python -m docs.build_reference`; change the catalogue or the code, not this page."


def _factors() -> Iterator[str]:
    catalogue = load_catalogue()
    yield from ("", "## Factors", "")
    yield "Weights within a factor are equal: an assumption."
    for factor in catalogue.factors.values():
        yield from ("", f"### {factor.label.en} (`{factor.key}`, {factor.label.nb})", "")
        yield f"{factor.description.en} Kind: {factor.kind}. Recruit & Retain element: {', '.join(factor.elements)}."
        yield from ("", "| indicator | weight | origin |", "|---|---|---|")
        yield from (_weight(factor, key, catalogue.indicators[key]) for key in factor.weights)


def _weight(factor: Factor, key: str, entry: Indicator) -> str:
    return f"| {entry.label.en} (`{key}`) | {factor.weights[key]:g} | {entry.origin} |"


def _indicators() -> Iterator[str]:
    yield from ("", "## Indicators", "")
    yield "| key | what it is | unit | kind | better | element | source | how chance moves it |"
    yield "|---|---|---|---|---|---|---|---|"
    snapshot = load_snapshot()
    for entry in load_catalogue().indicators.values():
        sources = sorted({snapshot.measure(name)[1].source for name in entry.measures}) or ["the municipality"]
        better = f"{entry.band[0]:g}–{entry.band[1]:g}" if entry.band else entry.direction
        note = f" *{entry.note.en}*" if entry.note else ""
        yield (
            f"| `{entry.key}` | {entry.definition.en}{note} | {entry.unit} | {entry.kind} | {better} | {entry.element} "
            f"| {', '.join(sources)} | {entry.uncertainty.kind} |"
        )


def _tables() -> Iterator[str]:
    yield from ("", "## Tables of the snapshot", "")
    yield from ("| table | publisher | numbers | date | licence | rows | note |", "|---|---|---|---|---|---|---|")
    for table in load_snapshot().descriptions:
        yield (
            f"| `{table.name}` | {table.publisher} | {', '.join(table.tables)} | {table.vintage} "
            f"| {', '.join(table.licences)} | {table.rows} | {table.note} |"
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
            "reference_dir": "the embedded snapshot",
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
