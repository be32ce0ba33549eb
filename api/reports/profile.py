"""What ``stabil score`` prints."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.services.profile import FactorResult, IndicatorResult, MunicipalityProfile, OutcomeResult
from api.words import table_name
from features.catalogue import Language
from features.scoring import FEWEST_RANKED


def print_profile(profile: MunicipalityProfile, language: Language, output: Output) -> None:
    """Print one municipality's factor scores, indicators with sources, and expected outcome."""
    match output:
        case Output.JSON:
            print_json(profile)
        case Output.CSV:
            _print_factor_csv(profile)
        case Output.TABLE:
            _print_tables(profile, language)


def _print_factor_csv(profile: MunicipalityProfile) -> None:
    rows = [
        {"municipality_code": profile.facts.code, "factor": factor.entry.key}
        | {key: value for key, value in asdict(factor).items() if key != "entry"}
        for factor in profile.factors
    ]
    print_csv(list(rows[0]), [list(row.values()) for row in rows])


def _print_tables(profile: MunicipalityProfile, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    facts = profile.facts
    print_text(
        _(
            "{name} ({code}), {county}: {population} innbyggere 1. januar {year}, sentralitetsklasse {centrality}, "
            "sammenlignet med {peers} kommuner av samme slag.",
            name=facts.name,
            code=facts.code,
            county=facts.county_name,
            population=fmt.number(facts.population),
            year=facts.population_year,
            centrality=facts.centrality_class,
            peers=len(profile.peers),
        ),
        "",
    )
    print_table(
        _("Faktorer: 0–100, 100 er best"),
        [
            _("Faktor"),
            _("Poeng"),
            _("90 % intervall"),
            _("I landet"),
            _("Plass 90 %"),
            _("Blant like"),
            _("Datadekning"),
        ],
        [_factor_row(factor, language) for factor in profile.factors],
    )
    print_text(
        _(
            "Poeng er plassen blant kommunene med tall. * Mellom målpunkter, en antakelse: for få kommuner har oppgitt "
            "slike tall til å rangere dem. Det kommunen selv oppgir, teller i plasseringen når minst {fewest} har "
            "svart.",
            fewest=FEWEST_RANKED,
        ),
        "",
    )
    _print_outcome(profile.vacancy, language)
    print_table(
        _("Indikatorer"),
        [_("Indikator"), _("Kilde"), _("Verdi"), _("År"), _("90 % intervall"), _("Like kommuner"), _("Landet")],
        [_indicator_row(indicator, language) for indicator in profile.indicators if not _is_unanswered(indicator)],
        text_columns=2,
    )
    print_text(
        _("Intervallet gjelder nivået bak tallet, anslått med hjelp av like kommuner; verdien er den publiserte.")
    )
    unanswered = sum(_is_unanswered(indicator) for indicator in profile.indicators)
    if unanswered:
        print_text(
            _(
                "{count} indikatorer må kommunen selv oppgi: stabil template {code} --all.",
                count=unanswered,
                code=facts.code,
            )
        )


def _factor_row(factor: FactorResult, language: Language) -> list[str]:
    def ranked(rank: int | None, count: int) -> str:
        return "–" if rank is None else f"{rank}/{count}"

    fmt = Formats(language)
    interval = "–"
    if factor.lower is not None and factor.upper is not None:
        interval = fmt.span(factor.lower, factor.upper)
    return [
        factor.entry.label.in_language(language) + ("*" if factor.basis == "goalposts" else ""),
        shown(factor.score, fmt.number),
        interval,
        ranked(factor.rank_national, factor.ranked_national),
        "–"
        if factor.rank_lower is None or factor.rank_upper is None
        else fmt.span(factor.rank_lower, factor.rank_upper),
        ranked(factor.rank_peers, factor.ranked_peers),
        fmt.percent(factor.coverage, 0),
    ]


def _between(lower: float | None, upper: float | None, write: Callable[[float], str]) -> str:
    return "–" if lower is None or upper is None else f"{write(lower)}–{write(upper)}"


def _is_unanswered(indicator: IndicatorResult) -> bool:
    return indicator.entry.origin == "local" and indicator.value is None


def _indicator_row(indicator: IndicatorResult, language: Language) -> list[str]:
    _ = speaker(language)
    write = partial(Formats(language).value, unit=indicator.entry.unit)
    return [
        indicator.entry.label.in_language(language),
        ", ".join(dict.fromkeys(_(table_name(source.table)) for source in indicator.sources)) or _("kommunen selv"),
        shown(indicator.value, write),
        "–" if indicator.year is None else str(indicator.year),
        "–"
        if indicator.lower is None or indicator.upper is None
        else f"{write(indicator.lower)}–{write(indicator.upper)}",
        shown(indicator.peers_median, write),
        shown(indicator.national_median, write),
    ]


def _print_outcome(outcome: OutcomeResult | None, language: Language) -> None:
    _ = speaker(language)
    if outcome is None:
        print_text(_("Innbyggere uten fastlege: tall mangler for kommunen."), "")
        return
    share = {
        name: Formats(language).percent(getattr(outcome, name))
        for name in ("actual", "expected", "expected_lower", "expected_upper", "normal_lower", "normal_upper")
    }
    print_text(
        _(
            "Innbyggere på liste uten fastlege {year}: {actual}, ventet ut fra struktur {expected} (90 % intervall "
            "{expected_lower}–{expected_upper}); normalt for en slik kommune: {normal_lower}–{normal_upper}.",
            year=outcome.year,
            **share,
        ),
        "",
    )
