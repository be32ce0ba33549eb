"""The retention curves of a kind of post as charts, in two widths: one for wide screens, one for phones."""

from dataclasses import dataclass

from api.formatting import Formats
from api.pages.charts import ChartWords, Curve, curves_svg
from api.pages.retention import HORIZON_YEARS, STAGES, YEARS_TO_SPECIALIST, RetentionView, Stage
from api.translation import N_, translate
from api.words import CONTRACT_FORMS
from features.catalogue import Language

STAGE_NAMES: dict[Stage, str] = {
    "specialist": N_("Ferdig spesialist, ny i stillingen"),
    "trainee": N_("Lege i spesialisering, ferdig om {years} år"),
}

COLOURS: dict[Stage, str] = {"specialist": "#0051be", "trainee": "#b3440e"}
DASHES: dict[Stage, tuple[int, ...]] = {"specialist": (), "trainee": (7, 4)}


@dataclass(frozen=True, slots=True)
class RetentionCharts:
    """The same chart drawn wide and narrow."""

    wide: str
    narrow: str


def stage_name(stage: Stage, language: Language) -> str:
    """A career stage in words."""
    return translate(STAGE_NAMES[stage], language, years=YEARS_TO_SPECIALIST)


def retention_charts(view: RetentionView, language: Language) -> RetentionCharts:
    """Curves for both career stages."""
    curves = tuple(
        Curve(
            label=stage_name(stage, language),
            colour=COLOURS[stage],
            dash=DASHES[stage],
            times=forecast.times_years,
            values=forecast.survival,
            lower=forecast.lower,
            upper=forecast.upper,
        )
        for stage, forecast in view.forecasts.items()
    )
    words = ChartWords(
        title=translate(N_("Andel avtaler som fortsatt varer, etter år siden start"), language),
        description=_description(view, language),
        x_title=translate(N_("År siden avtalen startet"), language),
        y_title=translate(N_("Andel som fortsatt varer"), language),
        percent_sign=Formats(language).percent_sign,
    )
    return RetentionCharts(
        wide=curves_svg(curves, words, 480, 260, "retention-wide"),
        narrow=curves_svg(curves, words, 210, 200, "retention-narrow"),
    )


FORM_STYLES: tuple[tuple[str, tuple[int, ...]], ...] = (("#06264f", ()), ("#0f7fb8", (9, 3)), ("#1c7a45", (2, 3)))
"""Colour and dash of each contract form, as on the page of curves by group."""


def form_charts(view: RetentionView, language: Language) -> RetentionCharts:
    """Curves by contract form, for a specialist new in the post; the lines alone, as their bands lie on each other."""
    curves = tuple(
        Curve(
            label=translate(CONTRACT_FORMS[form], language),
            colour=colour,
            dash=dash,
            times=forecast.times_years,
            values=forecast.survival,
            lower=forecast.survival,
            upper=forecast.survival,
        )
        for (form, forecast), (colour, dash) in zip(view.forms.items(), FORM_STYLES, strict=True)
    )
    words = ChartWords(
        title=translate(N_("Andel avtaler som fortsatt varer, etter avtaleform"), language),
        description=" ".join(
            translate(
                N_("{group}: {share} varer fortsatt etter {years} år."),
                language,
                group=translate(CONTRACT_FORMS[form], language),
                share=Formats(language).percent(view.of_form(form, 5.0)[0], 0),
                years=5,
            )
            for form in view.forms
        ),
        x_title=translate(N_("År siden avtalen startet"), language),
        y_title=translate(N_("Andel som fortsatt varer"), language),
        percent_sign=Formats(language).percent_sign,
    )
    return RetentionCharts(
        wide=curves_svg(curves, words, 480, 240, "forms-wide"),
        narrow=curves_svg(curves, words, 210, 200, "forms-narrow"),
    )


def _description(view: RetentionView, language: Language) -> str:
    formats = Formats(language)
    sentences = [
        translate(
            N_("{stage}: {share} varer fortsatt etter {years} år (90 % intervall {interval})."),
            language,
            stage=stage_name(stage, language),
            share=formats.percent(view.at(stage, year)[0], 0),
            years=formats.number(year),
            interval=formats.percent_span(view.at(stage, year)[1], view.at(stage, year)[2], 0),
        )
        for stage in STAGES
        for year in (5.0, HORIZON_YEARS)
    ]
    return " ".join(sentences)
