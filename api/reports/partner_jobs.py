"""What ``stabil partner-jobs`` prints."""

from dataclasses import asdict

from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.services.partner_jobs import GroupAccess, PartnerJobs
from api.words import table_name
from features.catalogue import Language

COLUMNS = tuple(name for name in GroupAccess.__dataclass_fields__ if name != "label")


def print_partner_jobs(answer: PartnerJobs, language: Language, output: Output) -> None:
    """Print the jobs that a partner reaches from one municipality, by occupation group."""
    match output:
        case Output.JSON:
            print_json(answer)
        case Output.CSV:
            rows = [asdict(group) for group in answer.groups]
            print_csv(
                ["municipality_code", "year", *COLUMNS],
                [[answer.municipality_code, answer.year, *(row[name] for name in COLUMNS)] for row in rows],
            )
        case Output.TABLE:
            _print_tables(answer, language)


def _print_tables(answer: PartnerJobs, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    if answer.missing_table is not None:
        print_text(
            _(
                "{name} ({code}): ingen tall ennå. Tabellen over arbeidsplasser etter næring (SSB 13470) følger ikke "
                "med programmet; hent den med: stabil data refresh --only jobs",
                name=answer.name,
                code=answer.municipality_code,
            )
        )
        return
    print_table(
        _(
            "{name} ({code}): jobber for en partner, 4. kvartal {year}",
            name=answer.name,
            code=answer.municipality_code,
            year=answer.year,
        ),
        [
            _("Yrkesgruppe"),
            _("Landet = 100"),
            _("90 % intervall"),
            _("I landet"),
            _("Prosentil"),
            _("Innen rekkevidde"),
            _("I kommunen"),
            _("Som pendlet"),
        ],
        [_row(group, language) for group in answer.groups],
    )
    print_text(
        _("Landet = 100: jobber i yrkesgruppen innen pendleavstand, delt på dem som når de samme jobbene."),
        _(
            "Jobber innen rekkevidde teller fullt i egen kommune, halvt ved {half} km vei og ikke over {limit} km. "
            "Vei er anslått fra luftlinjen: ferger og fjorder er ikke regnet med.",
            half=fmt.number(answer.half_willingness_km),
            limit=fmt.number(answer.limit_km),
        )
        if answer.distances == "estimated"
        else _(
            "Jobber innen rekkevidde teller fullt i egen kommune, halvt ved {half} minutter og ikke over {limit} "
            "minutter i den oppgitte reisetabellen.",
            half=fmt.number(answer.half_willingness_minutes),
            limit=fmt.number(answer.limit_minutes),
        ),
        _(
            "Jobber etter yrke er anslått: publiserte tall for jobber etter næring, fordelt på yrker som i landet i "
            "2010. Noe av fordelingen er skjønn, en antakelse. Intervallet regner ikke med den feilen."
        ),
        _(
            "Som pendlet: samme mål med jobbene der innbyggerne faktisk arbeidet ved siste pendlingstelling, i "
            "stedet for avstand."
        ),
        _(
            "Kilder: {sources}",
            sources="; ".join(f"{_(table_name(source.table))} ({source.year})" for source in answer.sources),
        ),
    )


def _row(group: GroupAccess, language: Language) -> list[str]:
    fmt = Formats(language)
    interval = "–" if group.lower is None or group.upper is None else fmt.span(group.lower, group.upper)
    return [
        group.label.in_language(language),
        shown(group.index, fmt.number),
        interval,
        "–" if group.rank is None else f"{group.rank}/{group.ranked}",
        shown(group.percentile, fmt.number),
        shown(group.jobs_within_reach, fmt.number),
        shown(group.jobs_here, fmt.number),
        shown(group.index_as_commuted, fmt.number),
    ]
