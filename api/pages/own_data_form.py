"""The form of a municipality's own figures: what was typed, as rows to judge, and where each fault belongs."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from api.local_words import row_sentence
from api.translation import N_, translate
from features.catalogue import Catalogue, Language
from features.local_data import RowProblem
from features.local_faults import RowFault
from features.local_template import INPUT_COLUMNS, Column, all_asked, load_local_template

SHARED = (Column.DATE, Column.ROLE)
"""What is asked once for all answers; an answer may have its own."""

SHARED_MISSING: Mapping[RowFault, str] = {
    RowFault.MISSING_DATE: N_("Velg dagen tallene gjelder for."),
    RowFault.MISSING_ROLE: N_("Velg rollen til den som svarer."),
}
"""Sentences for what is missing where the choice stands in the form."""

NOTHING_TYPED = N_("Ingen svar er fylt ut. Skriv minst ett svar.")


@dataclass(frozen=True, slots=True)
class Typed:
    """Texts that stand in the form, by the name of their field; empty ones are left out."""

    texts: Mapping[str, str]

    def text(self, column: Column, indicator: str | None = None) -> str:
        """What stands in a field of an indicator, or in one that is asked once for all."""
        return self.texts.get(field_name(column, indicator), "")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field; `about` names the indicator, empty for a field that is asked once for all."""

    field: str
    about: str
    sentence: str


def field_name(column: Column, indicator: str | None = None) -> str:
    """Name of a field, and its id on the page."""
    return f"{column}-{indicator}" if indicator else str(column)


def typed_in(form: FormData) -> Typed:
    """What was sent, files left out."""
    texts = {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}
    return Typed({name: text for name, text in texts.items() if text})


def typed_rows(typed: Typed, catalogue: Catalogue) -> tuple[tuple[str, Mapping[Column, str]], ...]:
    """The indicators that something was typed for, and their rows; date and role stand in for those left empty."""
    shared = {column: typed.text(column) for column in SHARED}
    rows = []
    for entry in all_asked(catalogue):
        own = {column: text for column in INPUT_COLUMNS if (text := typed.text(column, entry.key))}
        if own:
            rows.append((entry.key, {Column.CODE: entry.key} | shared | own))
    return tuple(rows)


def faults_of(
    problems: tuple[RowProblem, ...],
    indicators: tuple[str, ...],
    typed: Typed,
    catalogue: Catalogue,
    language: Language,
) -> tuple[Fault, ...]:
    """Every fault at its field, one for each field, those of the fields asked once first; row 1 is the first one."""
    found: dict[str, Fault] = {}
    for problem in problems:
        key = indicators[problem.row - 1]
        is_shared = problem.column in SHARED and not typed.text(problem.column, key)
        column = problem.column if problem.column in INPUT_COLUMNS else Column.ANSWER
        fault = Fault(
            field=field_name(column, None if is_shared else key),
            about="" if is_shared else catalogue.indicators[key].label.in_language(language),
            sentence=_sentence(problem, catalogue, language),
        )
        found.setdefault(fault.field, fault)
    shared = [found[column] for column in SHARED if column in found]
    return (*shared, *(fault for fault in found.values() if fault not in shared))


def _sentence(problem: RowProblem, catalogue: Catalogue, language: Language) -> str:
    if problem.fault in SHARED_MISSING:
        return translate(SHARED_MISSING[problem.fault], language)
    return row_sentence(problem, catalogue, load_local_template(), language)


def nothing_typed(language: Language) -> tuple[Fault, ...]:
    """The fault of a form that nothing was typed into."""
    return (Fault("answers", "", translate(NOTHING_TYPED, language)),)
