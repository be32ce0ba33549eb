"""What ``stabil retention`` prints of curves by group, and the model card."""

import sys
from functools import partial

from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.group_words import group_name
from api.retention_words import GROUPINGS
from api.services.retention_curves import curves_csv, grouped_curves
from api.services.retention_report import RetentionReport, retention_report
from api.services.world import World
from features.catalogue import Language
from models.group_curves import GroupName

SHOWN_YEARS = (1.0, 3.0, 5.0, 10.0)


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
        print_csv(["score", "value", "lower", "upper"], [list(row) for row in _scores(card)])
        return
    _, fmt = speaker(language), Formats(language)
    print_table(
        _("Modellens treff på avtaler den ikke har sett"),
        [_("Mål"), _("Verdi"), _("90 % intervall")],
        [[name, fmt.number(value, 3), fmt.span(lower, upper, 3)] for name, value, lower, upper in _scores(card)],
    )
    for heading, sentences in (
        (_("Begrensninger"), card.limits),
        (_("Ikke med"), card.excluded),
        (_("Ment for"), card.intended_use),
        (_("Må ikke brukes til"), card.forbidden_use),
    ):
        print_text("", heading, *(f"- {sentence}" for sentence in sentences))


def _scores(card: RetentionReport) -> list[tuple[str, float, float, float]]:
    quality = card.quality
    named = (
        ("concordance", quality.concordance_interval),
        ("integrated_brier", quality.integrated_brier_interval),
        ("brier_gain", quality.brier_gain),
    )
    return [(name, score.value, score.lower, score.upper) for name, score in named]
