"""What ``stabil compare`` prints, and a comparison as CSV."""

import csv
import io
import sys
from collections.abc import Iterator

from api.compare_words import apart_sentence
from api.console import Output, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.services.compare import ComparedFactor, ComparedIndicator, ComparedOutcome, Comparison, Figure, PlacedFactor
from api.services.profile import OutcomeResult
from features.catalogue import Language, Unit

COLUMNS = (
    "municipality_code",
    "name",
    "group",
    "key",
    "kind",
    "unit",
    "year",
    "value",
    "estimate",
    "lower",
    "upper",
    "expected",
    "normal_lower",
    "normal_upper",
    "rank",
    "ranked",
    "rank_lower",
    "rank_upper",
    "coverage",
)


def comparison_csv(comparison: Comparison) -> str:
    """A comparison as CSV: one row per municipality and factor, outcome or indicator; missing is empty.

    Scores that rest on what a municipality said about itself are left out.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(comparison))
    return text.getvalue()


def print_comparison(comparison: Comparison, language: Language, output: Output) -> None:
    """Print municipalities side by side."""
    match output:
        case Output.JSON:
            print_json(comparison)
        case Output.CSV:
            sys.stdout.write(comparison_csv(comparison))
        case Output.TABLE:
            _print_tables(comparison, language)


def _rows(comparison: Comparison) -> Iterator[dict[str, object]]:
    for position, place in enumerate(comparison.municipalities):
        own = {"municipality_code": place.code, "name": place.name}
        for factor in comparison.factors:
            yield own | {"group": "factor"} | _factor_row(factor, factor.places[position])
        for outcome in comparison.outcomes:
            yield own | {"group": "outcome"} | _outcome_row(outcome, outcome.figures[position])
        for indicator in (*comparison.figures, *comparison.frame):
            yield own | {"group": "indicator"} | _indicator_row(indicator, indicator.figures[position])


def _factor_row(factor: ComparedFactor, place: PlacedFactor) -> dict[str, object]:
    row: dict[str, object] = {"key": factor.entry.key, "kind": factor.entry.kind, "unit": "score"}
    if place.basis == "goalposts":
        return row
    return row | {
        "value": place.score,
        "lower": place.lower,
        "upper": place.upper,
        "rank": place.rank_national,
        "ranked": place.ranked_national,
        "rank_lower": place.rank_lower,
        "rank_upper": place.rank_upper,
        "coverage": place.coverage,
    }


def _outcome_row(outcome: ComparedOutcome, found: OutcomeResult | None) -> dict[str, object]:
    row: dict[str, object] = {"key": outcome.entry.key, "kind": outcome.entry.kind, "unit": outcome.entry.unit}
    if found is None:
        return row
    return row | {
        "year": found.year,
        "value": found.actual,
        "estimate": found.shrunk,
        "expected": found.expected,
        "normal_lower": found.normal_lower,
        "normal_upper": found.normal_upper,
    }


def _indicator_row(indicator: ComparedIndicator, found: Figure) -> dict[str, object]:
    return {
        "key": indicator.entry.key,
        "kind": indicator.entry.kind,
        "unit": indicator.entry.unit,
        "year": found.year,
        "value": found.value,
        "estimate": found.estimate,
        "lower": found.lower,
        "upper": found.upper,
    }


def _print_tables(comparison: Comparison, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    names = [place.name for place in comparison.municipalities]
    known = {place.code: place.name for place in comparison.municipalities}
    print_table(
        _("Poeng 0–100 med 90 % intervall"),
        [_("Faktor"), *names],
        [
            [factor.entry.label.in_language(language), *(_score(place, fmt) for place in factor.places)]
            for factor in comparison.factors
            if factor.with_score
        ],
    )
    for factor in comparison.factors:
        if factor.with_score > 1:
            label = factor.entry.label.in_language(language)
            print_text(f"{label}: {apart_sentence(factor, known, language)}")
    print_table(
        _("Resultat: faktisk, ventet og normalt område"),
        [_("Resultat"), *names],
        [
            [
                outcome.entry.label.in_language(language),
                *(_outcome(found, outcome.entry.unit, fmt) for found in outcome.figures),
            ]
            for outcome in comparison.outcomes
        ],
    )
    for title, group in ((_("Kan påvirkes, og resultat"), comparison.figures), (_("Rammer"), comparison.frame)):
        print_table(
            title,
            [_("Indikator"), *names],
            [
                [
                    indicator.entry.label.in_language(language),
                    *(_figure(found, indicator.entry.unit, fmt) for found in indicator.figures),
                ]
                for indicator in group
            ],
        )


def _score(place: PlacedFactor, fmt: Formats) -> str:
    if place.score is None or place.lower is None or place.upper is None:
        return "–"
    return f"{fmt.number(place.score)} ({fmt.span(place.lower, place.upper)})"


def _outcome(found: OutcomeResult | None, unit: Unit, fmt: Formats) -> str:
    if found is None:
        return "–"
    normal = f"{fmt.value(found.normal_lower, unit)}–{fmt.value(found.normal_upper, unit)}"
    return f"{fmt.value(found.actual, unit)} / {fmt.value(found.expected, unit)} ({normal})"


def _figure(found: Figure, unit: Unit, fmt: Formats) -> str:
    return shown(found.value, lambda value: f"{fmt.value(value, unit)} {found.year or ''}".rstrip())
