"""What ``stabil research spells`` prints."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.console import Output, print_json, print_text, speaker
from api.formatting import Formats
from api.reports.spell_words import REJECT_WORDS
from api.services.research_spells import SpellsResult
from features.catalogue import Language
from models.spell_table import RowReject

_EXAMPLE = ("post", "municipality", "start", "end", "reason", "snapshot_date")
"""What is shown of a rejected row: whose it is is not."""


def print_spells(result: SpellsResult, files: Mapping[str, Path], language: Language, output: Output) -> None:
    """Print how many spells the rows became, each reason for a rejection with an example, and what was written."""
    if output is Output.JSON:
        print_json(_as_json(result, files, language))
        return
    _, formats = speaker(language), Formats(language)
    table = result.table
    print_text(
        _(
            "{file}: {rows} rader = {spells} forløp + {joined} rader som fortsetter et forløp + {rejected} avvist.",
            file=result.request.file.name,
            rows=formats.number(table.rows),
            spells=formats.number(table.spells.height),
            joined=formats.number(table.joined_rows),
            rejected=formats.number(table.rejects.height),
        ),
        *_rejections(result, language),
        *_notes(result, language),
    )
    for option, path in files.items():
        print_text(f"{option[2:]}: {path}")


def _rejections(result: SpellsResult, language: Language) -> Iterator[str]:
    _, formats = speaker(language), Formats(language)
    for code, count in result.table.reject_counts.items():
        words = REJECT_WORDS[RowReject(code)]
        yield f"{formats.number(count)} × {code}: {_(words.fault)} {_(words.advice)}"
        example = _example(result, code)
        told = ", ".join(f"{name} {'–' if value is None else value}" for name, value in example["fields"].items())
        yield "  " + _("Rad {number}: {told}", number=formats.number(example["row_number"]), told=told)
        if example["related_row"] is not None:
            yield "  " + _("Brukt i stedet: rad {number}", number=formats.number(example["related_row"]))


def _notes(result: SpellsResult, language: Language) -> Iterator[str]:
    _, formats = speaker(language), Formats(language)
    table, request = result.table, result.request
    if not table.spells.height:
        yield _("Ingen rad kunne brukes, så ingen forløp er skrevet.")
        return
    ended = int((table.spells["event"] > 0).sum())
    late = int((table.spells["entry_years"] > 0).sum())
    yield _("{ended} forløp avsluttet, {late} med sen inngang.", ended=formats.number(ended), late=formats.number(late))
    if result.as_of is not None and request.as_of is None:
        yield _("Siste dag i filen, {day}, er tatt som siste observerte dag (--as-of).", day=formats.day(result.as_of))
    if not result.has_reasons and not request.are_snapshots:
        yield _("Filen sier ikke hvorfor forløp sluttet: alle slutt har årsaken not_stated.")
    if result.is_simulated:
        yield _("Simulert: ingen rad beskriver en person.")


def _example(result: SpellsResult, code: str) -> dict[str, Any]:
    row = result.table.rejects.filter(result.table.rejects["reject"] == code).row(0, named=True)
    return {
        "row_number": row["row_number"],
        "related_row": row["related_row"],
        "fields": {name: _plain(row[name]) for name in _EXAMPLE if name in row},
    }


def _plain(value: object) -> str | None:
    return None if value is None else str(value)


def _as_json(result: SpellsResult, files: Mapping[str, Path], language: Language) -> dict[str, object]:
    table, _ = result.table, speaker(language)
    return {
        "rows": table.rows,
        "spells": table.spells.height,
        "joined_rows": table.joined_rows,
        "rejected": table.rejects.height,
        "rejects": [
            {
                "reject": code,
                "rows": count,
                "fault": _(REJECT_WORDS[RowReject(code)].fault),
                "advice": _(REJECT_WORDS[RowReject(code)].advice),
                "example": _example(result, code),
            }
            for code, count in table.reject_counts.items()
        ],
        "as_of": result.as_of,
        "as_of_is_assumed": result.as_of is not None and result.request.as_of is None,
        "has_reasons": result.has_reasons,
        "is_simulated": result.is_simulated,
        "files": {option[2:]: str(path) for option, path in files.items()},
    }
