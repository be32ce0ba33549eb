"""What ``stabil research fit`` prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.console import Output, print_json, print_table, print_text, speaker
from api.reports.research_page import report_notes, report_summary
from api.reports.research_tables import best_sentence, comparison_tables
from api.reports.research_words import REJECTS
from api.services.research_fit import FitResult
from features.catalogue import Language


def print_fit(
    result: FitResult, document: Mapping[str, Any], files: Sequence[str], language: Language, output: Output
) -> None:
    """Print the comparison, what became of the rows, and what was written."""
    request = result.request
    if output is Output.JSON:
        print_json({**document, "out": str(request.out), "files": list(files)})
        return
    _ = speaker(language)
    print_text(*report_summary(result, language))
    for name, count in result.spells.reject_counts.items():
        print_text(f"  {count} {_(REJECTS[name])}")
    for table in comparison_tables(result, language):
        print_table(table.title, table.columns, table.rows)
    print_text(
        best_sentence(result, language),
        *report_notes(result, language),
        _("Skrevet til {out}: {files}.", out=request.out, files=", ".join(files)),
    )
