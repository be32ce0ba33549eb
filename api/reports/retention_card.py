"""What ``stabil retention`` prints of curves by group, and the model card; the card as one HTML file."""

import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import api.pages
from api import words
from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.group_words import group_name
from api.reports.card_view import CardView, card_view
from api.retention_words import GROUPINGS
from api.services.retention_curves import curves_csv, grouped_curves
from api.services.retention_report import RetentionReport, retention_report
from api.services.world import World
from api.translation import translate
from features.catalogue import Language
from models.cause_quality import CauseQuality
from models.group_curves import GroupName
from models.quality_report import QualityReport
from models.resampled_measures import Measure

SHOWN_YEARS = (1.0, 3.0, 5.0, 10.0)
SCORE_COLUMNS = ("cause", "measure", "horizon", "value", "lower", "upper", "is_simulated", "measured_on")


def print_curves(world: World, by: GroupName, language: Language, output: Output) -> None:
    """Print the share that lasts by group: the model, Kaplan-Meier and the numbers at risk."""
    curves = grouped_curves(world, by)
    if output is Output.JSON:
        print_json(curves)
        return
    if output is Output.CSV:
        sys.stdout.write(curves_csv(world, by))
        return
    _, fmt = speaker(language), Formats(language)
    rows = [
        [
            group_name(curve, language),
            fmt.number(year),
            fmt.percent(curve.model[at], 0),
            shown(curve.kaplan_meier[at], partial(fmt.percent, digits=0)),
            shown(curve.at_risk[at], fmt.number),
        ]
        for curve in curves
        for year in SHOWN_YEARS
        if year in curve.times_years
        for at in [curve.times_years.index(year)]
    ]
    columns = [_(GROUPINGS[by]), _("År"), _("Modell"), _("Kaplan-Meier"), _("Avtaler som følges")]
    print_table(_("Andel avtaler som fortsatt varer"), columns, rows)
    if world.retention.is_simulated:
        print_text(_("SIMULERT: ingen av avtalene er virkelige."))


def print_report(world: World, language: Language, output: Output) -> None:
    """Print the model card."""
    card = retention_report(world, language)
    if output is Output.JSON:
        print_json(card)
        return
    if output is Output.CSV:
        print_csv(list(SCORE_COLUMNS), [list(row) for row in _scores(card)])
        return
    _, view = speaker(language), card_view(card, language)
    print_text(view.origin, *view.summary, "")
    for table in view.tables.values():
        rows = [[f"{row.group}: {row.name}" if row.group else row.name, *row.cells] for row in table.rows]
        print_table(table.title, table.columns, rows)
        print_text(*([table.note] if table.note else []), "")
    for heading, sentences in (
        (_("Begrensninger"), card.limits),
        (_("Ikke med"), card.excluded),
        (_("Ment for"), card.intended_use),
        (_("Må ikke brukes til"), card.forbidden_use),
    ):
        print_text("", heading, *(f"- {sentence}" for sentence in sentences))


def card_file(world: World, language: Language) -> str:
    """HTML of the model card that stands alone: the content of the page, and no request to anywhere."""
    view: CardView = card_view(retention_report(world, language), language)
    return (
        _environment()
        .get_template("model_card_file.html")
        .render(
            _=partial(translate, language=language), language=language, fmt=Formats(language), words=words, view=view
        )
    )


def _scores(card: RetentionReport) -> Iterator[tuple[object, ...]]:
    yield from _scores_of(card, "", card.quality)
    for cause in card.quality.causes:
        yield from _scores_of(card, cause.cause, cause)


def _scores_of(card: RetentionReport, cause: str, each: QualityReport | CauseQuality) -> Iterator[tuple[object, ...]]:
    whole = (each.harrell_c, each.uno_c, each.integrated_brier, each.integrated_brier_one_curve, each.integrated_skill)
    yield from (_score(card, cause, measure) for measure in whole)
    for at in each.horizons:
        told = (at.brier, at.brier_one_curve, at.skill, at.auc, at.ici, at.intercept, at.slope)
        yield from (_score(card, cause, measure) for measure in told)


def _score(card: RetentionReport, cause: str, found: Measure) -> tuple[object, ...]:
    figures = (found.value, found.lower, found.upper)
    return (cause, found.name, found.horizon, *figures, card.is_simulated, card.measured_on.isoformat())


@cache
def _environment() -> Environment:
    folder = Path(api.pages.__path__[0]) / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
