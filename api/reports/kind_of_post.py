"""What ``stabil retention --municipality`` prints: how long contracts last in the kinds of posts a place offers."""

from dataclasses import dataclass

from api import words
from api.console import Output, print_csv, print_json, print_table, print_text, speaker
from api.formatting import Formats
from api.pages.retention import RetentionView, kind_of_post, retention_view
from api.pages.retention_charts import stage_name
from api.services.profile import MunicipalityFacts
from api.services.world import World
from features.catalogue import Language
from models.forecast import RetentionForecast

YEARS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class KindForecast:
    """A career stage and contract form in the place's kind of post, with its forecast."""

    stage: str
    contract_form: str
    forecast: RetentionForecast


def print_kind_of_post(world: World, facts: MunicipalityFacts, language: Language, output: Output) -> None:
    """Print shares that last and medians with intervals, by career stage and contract form, and what they rest on."""
    view = retention_view(world.retention, kind_of_post(world, facts))
    kinds = _kinds(view)
    match output:
        case Output.JSON:
            print_json(
                {
                    "municipality_code": facts.code,
                    "name": facts.name,
                    "is_simulated": world.retention.is_simulated,
                    "kind": view.kind,
                    "forecasts": kinds,
                    "departure_after_training": view.departure,
                }
            )
        case Output.CSV:
            columns = ["municipality_code", "stage", "contract_form", "years", "survival", "lower", "upper"]
            print_csv([*columns, "is_simulated"], [row for kind in kinds for row in _rows(facts, kind)])
        case Output.TABLE:
            _print_tables(view, kinds, facts, language)


def _kinds(view: RetentionView) -> list[KindForecast]:
    stages = [KindForecast(stage, view.kind.contract_form, each) for stage, each in view.forecasts.items()]
    forms = [KindForecast("specialist", form, each) for form, each in view.forms.items()]
    return [*stages, *(each for each in forms if each.contract_form != view.kind.contract_form)]


def _rows(facts: MunicipalityFacts, kind: KindForecast) -> list[list[object]]:
    found = kind.forecast
    curve = zip(found.times_years, found.survival, found.lower, found.upper, strict=True)
    return [[facts.code, kind.stage, kind.contract_form, *row, found.is_simulated] for row in curve]


def _print_tables(view: RetentionView, kinds: list[KindForecast], facts: MunicipalityFacts, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    kind, departure = view.kind, view.departure
    if view.forecasts["specialist"].is_simulated:
        print_text(_("SIMULERT: yrkesløpene er simulert ut fra publiserte norske tall. Ingen av dem er virkelige."), "")
    print_text(
        _(
            "Gjelder stillinger av samme slag som i {name}: sentralitetsklasse {class_number}, {band}, {form}.",
            name=facts.name,
            class_number=kind.centrality_class,
            band=_(words.POPULATION_BANDS[kind.population_band]),
            form=_(words.CONTRACT_FORMS[kind.contract_form]),
        )
    )
    print_table(
        _("Andel avtaler som fortsatt varer, med 90 % intervall."),
        ["", _("Avtaleform"), *(_("År {years}", years=year) for year in YEARS), _("Halvparten varer lenger enn")],
        [
            [
                stage_name("trainee" if each.stage == "trainee" else "specialist", language),
                _(words.CONTRACT_FORMS[each.contract_form]),
                *(_share(each.forecast, year, fmt) for year in YEARS),
                _median(each.forecast, language),
            ]
            for each in kinds
        ],
        text_columns=2,
    )
    print_text(
        _(
            "Av dem som blir ferdige spesialister i stillingen, slutter {share} innen to år (90 % intervall "
            "{interval}).",
            share=fmt.percent(departure.share, 0),
            interval=fmt.percent_span(departure.share_lower, departure.share_upper, 0),
        ),
        *_assumption(view, language),
        _("Alle kommuner med samme sentralitetsklasse og størrelse får de samme tallene."),
    )


def _assumption(view: RetentionView, language: Language) -> list[str]:
    _, fmt, assumption = speaker(language), Formats(language), view.departure.assumption
    if assumption is None:
        return []
    return [
        _(
            "ANTAKELSE: ingen har målt i Norge hvor mye oftere leger slutter når de blir ferdige spesialister. "
            "Modellen antar {value} ganger så ofte (mulig {lower}–{upper}, klasse {evidence}).",
            value=fmt.number(assumption.value, 1),
            lower=fmt.number(assumption.lower, 1),
            upper=fmt.number(assumption.upper, 1),
            evidence=assumption.evidence,
        )
    ]


def _share(forecast: RetentionForecast, year: float, fmt: Formats) -> str:
    place = min(range(len(forecast.times_years)), key=lambda step: abs(forecast.times_years[step] - year))
    interval = fmt.percent_span(forecast.lower[place], forecast.upper[place], 0)
    return f"{fmt.percent(forecast.survival[place], 0)} ({interval})"


def _median(forecast: RetentionForecast, language: Language) -> str:
    _, fmt = speaker(language), Formats(language)
    if forecast.median_years is None:
        return _("lenger enn tallene rekker")
    years = _("{number} år", number=fmt.number(forecast.median_years, 1))
    if forecast.median_lower is None or forecast.median_upper is None:
        return years
    return f"{years} ({fmt.span(forecast.median_lower, forecast.median_upper, 1)})"
