"""Prints tables that people read, or JSON and CSV that programs read."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.translation import translate
from features.catalogue import Language


class Output(StrEnum):
    """Form of what is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def speaker(language: Language) -> Callable[..., str]:
    """A function that says a text in the language, its {named} places filled."""
    return partial(_say, language)


def _say(language: Language, text: str, **values: object) -> str:
    return translate(text, language, **values)


def shown(value: float | None, write: Callable[[float], str]) -> str:
    """A figure as `write` writes it; a dash where it is missing."""
    return "–" if value is None else write(value)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> None:
    """Print a table; the first `text_columns` columns are text, the others numbers set to the right."""
    # Names may come from a stranger's file: square brackets in them are text, not Rich's markup.
    table = Table(title=escape(title), title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(escape(column), justify="left" if index < text_columns else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    _console().print(table)


def print_text(*lines: str) -> None:
    """Print lines of text, wrapped to the terminal."""
    for line in lines:
        _console().print(line, markup=False, highlight=False)


def print_json(value: object) -> None:
    """Print a value as JSON; dataclasses and models become objects."""
    plain = TypeAdapter(Any).dump_python(value, mode="json")
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")


def print_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows as CSV with plain numbers; missing is empty."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def print_error(title: str, detail: str) -> None:
    """Print one sentence about an error on standard error."""
    Console(stderr=True, highlight=False).print(f"{title}: {detail}", markup=False, soft_wrap=True)


@contextmanager
def progress(steps: int) -> Iterator[Callable[[str], None]]:
    """Show on standard error which step is under way; silent where nobody watches."""
    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed}/{task.total} {task.description}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=steps)

        def advance(description: str) -> None:
            bar.advance(task)
            bar.update(task, description=description)

        yield advance


@contextmanager
def counted_progress() -> Iterator[Callable[[int, int], None]]:
    """Show on standard error how many of how many are done; a line for each tenth where nobody watches."""
    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)

        def advance(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)
            if not console.is_terminal and of and done * 10 // of > (done - 1) * 10 // of:
                console.print(f"{done}/{of}", markup=False, highlight=False)

        yield advance


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)
