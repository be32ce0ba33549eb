"""What ``stabil data refresh`` prints."""

from collections.abc import Mapping
from enum import Enum

from api.console import print_json, print_table, print_text, speaker
from api.errors import answer_to
from api.formatting import Formats
from api.services.refresh import InUse, RefreshReport
from api.translation import N_
from features.catalogue import Language
from features.sources.refresh import Outcome, SetAside, TableResult
from features.sources.ssb import LeftOut
from features.sources.vacancy_rows import Rejection

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.ADDED: N_("ny"),
    Outcome.CHANGED: N_("endret"),
    Outcome.UNCHANGED: N_("uendret"),
    Outcome.KEPT: N_("beholdt"),
}

LEFT_OUT: Mapping[Enum, str] = {
    LeftOut.NO_MUNICIPALITY: N_("regionen er ingen kommune"),
    LeftOut.NOT_IN_USE: N_("kommunenummeret var ikke i bruk det året"),
    LeftOut.NO_NUMBER: N_("det er ikke publisert noe tall"),
    LeftOut.SAME_PLACE: N_("bor og arbeider i samme kommune"),
    LeftOut.NOBODY: N_("ingen pendler mellom dem"),
    Rejection.BROKEN: N_("annonsen er ikke bygd slik kilden har beskrevet"),
    Rejection.NO_PLACE: N_("annonsen nevner verken kommune eller postnummer"),
    Rejection.ABROAD: N_("arbeidsstedet er i utlandet"),
    Rejection.OUTSIDE: N_("arbeidsstedet er ingen av de 357 kommunene"),
    Rejection.AMBIGUOUS_PLACE: N_("flere kommuner har navnet"),
    Rejection.NO_OCCUPATION: N_("annonsen mangler yrkeskode (STYRK-08)"),
    Rejection.UNKNOWN_OCCUPATION: N_("yrkeskoden hører ikke til noen yrkesgruppe"),
    SetAside.SHARED: N_("anslag for en del av en delt kommune"),
    SetAside.INCOMPLETE: N_("en av delene som ble til dagens kommune, mangler tall"),
    SetAside.STRANGER: N_("kommunenummeret er ikke dagens og kan ikke følges dit"),
    SetAside.EXPIRED: N_("siste dag er passert"),
    SetAside.NO_CHANGE: N_("opprettet eller nedlagt, ikke endret"),
}
"""Why rows of a source are not among those taken in."""


def print_refresh(report: RefreshReport, language: Language) -> None:
    """Print what became of every table, why tables were kept and what was left out."""
    _, fmt = speaker(language), Formats(language)
    print_table(
        _("Oppdatering av offentlige tall"),
        [_("Tabell"), _("Utgiver"), _("Resultat"), _("Nyeste"), _("Rader"), _("Nye"), _("Borte"), _("Endret")],
        [
            [
                table.name,
                table.publisher,
                _(OUTCOMES[table.outcome]),
                _span(table.newest_before, table.newest_after),
                _span(fmt.number(table.rows_before), fmt.number(table.rows_after)),
                *(fmt.number(count) if count else "" for count in (table.added, table.removed, table.changed)),
            ]
            for table in report.tables
            if table.outcome is not Outcome.NOT_ASKED
        ],
        text_columns=4,
    )
    not_asked = [table.name for table in report.tables if table.outcome is Outcome.NOT_ASKED]
    if not_asked:
        print_text(_("Ikke spurt etter, og som før: {tables}.", tables=", ".join(not_asked)))
    for table in report.tables:
        for reason, count in table.left_out.items():
            number = fmt.number(count)
            print_text(
                _(
                    "{table}: {count} ikke tatt med: {reason}.",
                    table=table.name,
                    count=number,
                    reason=_(LEFT_OUT[reason]),
                )
            )
    for table in report.tables:
        if table.error is not None:
            answer = answer_to(table.error, language)
            print_text(
                _("{table} er beholdt som før. {title}: {why}", table=table.name, title=answer.title, why=answer.detail)
            )
    if report.needs_key:
        print_text(_("Ledige stillinger er ikke hentet. Sett STABIL_NAV_TOKEN til en nøkkel fra NAV for å hente dem."))
    print_text(
        _("Tallene ligger i {folder}. Regn på nytt med: stabil run --reference {folder}", folder=report.folder)
        if report.is_written
        else _("Ingenting er skrevet. {folder} er som før.", folder=report.folder)
    )


def print_refresh_json(report: RefreshReport, language: Language) -> None:
    """Print the same for programs."""
    print_json(
        {
            "folder": str(report.folder),
            "is_written": report.is_written,
            "needs_key": report.needs_key,
            "tables": [_plain(table, language) for table in report.tables],
        }
    )


def print_in_use(used: InUse, language: Language) -> None:
    """Print which tables are used without asking anybody, and how old they are."""
    _, fmt = speaker(language), Formats(language)
    print_table(
        _("I bruk uten nett: uttrekk {version} i {folder}", version=used.version, folder=used.folder),
        [_("Tabell"), _("Utgiver"), _("Kom med"), _("Nyeste"), _("Rader"), _("Dager siden")],
        [
            [
                table.name,
                table.publisher,
                _("oppdateringen {day}", day=table.day) if table.is_fetched else _("programmet {day}", day=table.day),
                table.newest or table.vintage,
                fmt.number(table.rows),
                fmt.number(table.age_days),
            ]
            for table in used.tables
        ],
        text_columns=4,
    )
    if used.absent:
        print_text(_("Mangler til de hentes med stabil data refresh: {tables}.", tables=", ".join(used.absent)))


def _span(before: str, after: str) -> str:
    return after if before == after else f"{before or '–'} → {after or '–'}"


def _plain(table: TableResult, language: Language) -> dict[str, object]:
    answer = None if table.error is None else answer_to(table.error, language)
    return {
        "name": table.name,
        "publisher": table.publisher,
        "outcome": table.outcome.value,
        "rows_before": table.rows_before,
        "rows_after": table.rows_after,
        "added": table.added,
        "removed": table.removed,
        "changed": table.changed,
        "newest_before": table.newest_before or None,
        "newest_after": table.newest_after or None,
        "left_out": {reason.name.lower(): count for reason, count in table.left_out.items()},
        "error": None if answer is None else {"title": answer.title, "detail": answer.detail},
    }
