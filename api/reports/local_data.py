"""What ``stabil local import`` and ``stabil local show`` print."""

from api.console import Output, print_csv, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.local_words import row_sentence
from api.services.local_data import ImportResult, LocalHistoryItem, LocalIndicator
from features.catalogue import Catalogue, Language
from features.local_template import load_local_template


def print_import(result: ImportResult, catalogue: Catalogue, language: Language, output: Output) -> None:
    """Print how many answers were saved, and every cell that kept a row out."""
    _, report, template = speaker(language), result.report, load_local_template()
    told = [(problem, row_sentence(problem, catalogue, template, language)) for problem in report.rejected]
    if output is Output.JSON:
        print_json(
            {
                "municipality_code": report.municipality_code,
                "saved": result.saved,
                "unchanged": result.unchanged,
                "accepted": report.accepted,
                "rejected": [{"problem": problem, "message": words} for problem, words in told],
                "unanswered": report.unanswered,
            }
        )
        return
    print_text(
        _(
            "Kommune {code}: {saved} svar lagret av {right} riktige ({unchanged} sagt før), {wrong} feil, "
            "{unanswered} rader uten svar.",
            code=report.municipality_code,
            saved=result.saved,
            right=len(report.accepted),
            unchanged=result.unchanged,
            wrong=len(report.rejected),
            unanswered=report.unanswered,
        )
    )
    if report.rejected:
        columns = template.columns
        print_table(
            _("Dette må rettes"),
            [_("Rad"), _("Kolonne"), _("Feil")],
            [[str(problem.row), columns[problem.column].label.in_language(language), words] for problem, words in told],
            text_columns=3,
        )
        if result.is_refused:
            print_text(_("Ingenting er lagret. Rett radene, eller lagre de riktige med --accept-valid."))


def print_local_indicators(
    found: tuple[LocalIndicator, ...], catalogue: Catalogue, language: Language, output: Output
) -> None:
    """Print what a municipality has said; the whole history as JSON or CSV."""
    match output:
        case Output.JSON:
            print_json(found)
        case Output.CSV:
            columns = list(LocalHistoryItem.__dataclass_fields__)
            print_csv(
                ["indicator", "code", "is_in_force", *columns],
                [
                    [each.indicator, each.code, item == each.in_force, *(getattr(item, name) for name in columns)]
                    for each in found
                    for item in each.history
                ],
            )
        case Output.TABLE:
            _print_table(found, catalogue, language)


def _print_table(found: tuple[LocalIndicator, ...], catalogue: Catalogue, language: Language) -> None:
    _, fmt, roles = speaker(language), Formats(language), load_local_template().roles
    rows = [
        [
            each.code,
            catalogue.indicators[each.indicator].label.in_language(language),
            _shown(each.in_force, each.indicator, catalogue, language),
            fmt.day(each.in_force.valid_on),
            roles[each.in_force.said_by].in_language(language),
            each.in_force.note or "–",
        ]
        for each in found
        if each.in_force is not None
    ]
    if not rows:
        print_text(_("Kommunen har ikke oppgitt egne tall. Malen: stabil template KOMMUNENUMMER."))
        return
    print_table(
        _("Kommunens egne tall: {count} av {asked} besvart", count=len(rows), asked=len(found)),
        [_("Kode"), _("Indikator"), _("Verdi"), _("Gjelder"), _("Oppgitt av"), _("Merknad")],
        rows,
        text_columns=6,
    )


def _shown(item: LocalHistoryItem, indicator: str, catalogue: Catalogue, language: Language) -> str:
    value = 0.0 if item.value is None else item.value  # hidden ones are below what is shown, and read so
    return Formats(language).value(value, catalogue.indicators[indicator].unit)
