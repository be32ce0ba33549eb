"""What ``stabil research index`` prints."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import numpy as np

from api.console import Output, print_csv, print_error, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.services.index import IndexResult, weighted_nodes
from api.translation import N_
from features.catalogue import Language
from features.composite.aggregation import NEED_POSITIVE, Aggregation
from features.composite.normalisation import PERCENT, POSITIVE, Normalisation
from features.composite.reading import RejectedRow, Rejection
from features.composite.structure import Matrix
from features.composite.weighting import Weighting
from features.sensitivity import INTERVAL, Choice

REASONS: Mapping[Rejection, str] = {
    Rejection.FIELDS: N_("flere felt enn overskriften har; en verdi med komma må stå i hermetegn eller ha punktum"),
    Rejection.NO_UNIT: N_("enheten mangler"),
    Rejection.NO_INDICATOR: N_("indikatoren mangler"),
    Rejection.NOT_A_NUMBER: N_("verdien er ikke et tall"),
    Rejection.ERROR_NOT_A_NUMBER: N_("standardfeilen er ikke et tall på minst 0"),
    Rejection.REPEATED: N_("samme rad er med før"),
    Rejection.CONTRADICTED: N_("flere rader sier ulike ting om det samme; ingen av dem er brukt"),
    Rejection.UNLISTED: N_("indikatoren står ikke i filen med indikatorer"),
    Rejection.AGGREGATE_VALUE: N_("dette er et samlemål, som regnes ut og ikke har egne verdier"),
    Rejection.INDICATOR_REJECTED: N_("raden som beskriver indikatoren, kan ikke brukes"),
    Rejection.WEIGHT: N_("vekten er ikke et tall over 0"),
    Rejection.DIRECTION: N_("retningen er ikke 1 eller -1"),
    Rejection.BAND: N_("målbåndet er ikke to tall med det laveste først"),
    Rejection.GOALPOSTS: N_("endepunktene er ikke to tall med det laveste først"),
    Rejection.UNKNOWN_PARENT: N_("forelderen har ingen rad i filen"),
    Rejection.PARENT_REJECTED: N_("raden som beskriver forelderen, kan ikke brukes"),
    Rejection.CIRCLE: N_("foreldrene går i ring"),
    Rejection.OUTSIDE: N_("hører ikke til noe samlemål"),
    Rejection.NO_VALUES: N_("indikatoren har ingen verdier"),
    Rejection.NO_SPREAD: N_("indikatoren er lik for alle og skiller ingen"),
    Rejection.NO_CHILDREN: N_("samlemålet har ingen indikatorer igjen"),
}

CHOICES: Mapping[Choice, str] = {
    Choice.DATA: N_("usikre tall"),
    Choice.IMPUTATION: N_("utfylling av manglende tall"),
    Choice.TREATMENT: N_("behandling av ekstreme tall"),
    Choice.NORMALISATION: N_("normalisering"),
    Choice.WEIGHTS: N_("vekter"),
    Choice.AGGREGATION: N_("sammenveiing"),
    Choice.LEFT_OUT: N_("hvilken indikator som utelates"),
}


def print_index(
    result: IndexResult, language: Language, output: Output, *, correlations: bool, sensitivity: bool, steps: bool
) -> None:
    """Print every aggregate of every unit, and what could not be used."""
    match output:
        case Output.JSON:
            print_json(_as_json(result, language, correlations=correlations, sensitivity=sensitivity, steps=steps))
        case Output.CSV:
            print_csv(result.scores.columns, result.scores.rows())
            _print_rejected_beside(result, language)
        case Output.TABLE:
            _print_tables(result, language, correlations=correlations)


def _as_json(
    result: IndexResult, language: Language, *, correlations: bool, sensitivity: bool, steps: bool
) -> dict[str, Any]:
    _ = speaker(language)
    found: dict[str, Any] = {
        "method": _method(result),
        "notes": _notes(result, language),
        "units": len(result.units),
        "indicators": len(result.index.structure.indicators),
        "aggregates": [node.key for node in reversed(result.index.structure.aggregates)],
        "results": result.scores.to_dicts(),
        "weights": [
            {"node": node.key, "parent": node.parent, "label": node.label, "weight": weight}
            for node, weight in weighted_nodes(result)
        ],
        "rejected": [_rejected(row, language) for row in result.rejected],
        "imputed": result.imputed,
        "treated": result.treated,
        "sensitivity": _sensitivity(result, with_units=sensitivity),
    }
    if correlations:
        found["correlations"] = result.correlations
    if steps:
        found["steps"] = _steps(result)
    return found


def _method(result: IndexResult) -> dict[str, Any]:
    method, request = result.index.method, result.request
    scaled = method.normalisation in (Normalisation.MINMAX, Normalisation.BAND, Normalisation.GOALPOSTS)
    needs_positive = method.aggregation in NEED_POSITIVE
    scale = method.scale or (POSITIVE if needs_positive else PERCENT)
    return {
        "impute": method.imputation,
        "treat": method.treatment,
        "normalise": method.normalisation,
        "scale": scale if scaled or (needs_positive and method.normalisation is Normalisation.ZSCORE) else None,
        "weights": method.weighting,
        "aggregate": method.aggregation,
        "missing": "weights of the known scores are scaled up",
        "ranking": "1 is the highest score; ties share the lowest rank",
        "draws": request.draws,
        "interval": round(INTERVAL[1] - INTERVAL[0], 2) if request.draws else None,
        "seed": request.seed,
    }


def _notes(result: IndexResult, language: Language) -> list[str]:
    """Sentences on what a reader of the scores must know."""
    _, method, declared = speaker(language), result.index.method, result.declared
    notes = [_("Rang 1 er høyest poengsum; like poengsummer deler den laveste rangen.")]
    ranked = method.normalisation in (Normalisation.RANK, Normalisation.PERCENTILE)
    if method.aggregation in NEED_POSITIVE and not ranked and not method.scale:
        notes.append(_("Geometrisk og harmonisk middel krever tall over 0: poengene går fra 1 til 100, ikke fra 0."))
    if method.normalisation is Normalisation.RANK and np.isnan(result.index.imputed).any():
        notes.append(
            _(
                "Rang går fra 1 til antallet enheter med tall: en indikator som få har tall for, gir dem lave poeng. "
                "--normalise percentile er uten dette."
            )
        )
    if method.aggregation is Aggregation.COPELAND:
        notes.append(
            _(
                "Copeland: sum over de andre enhetene av vektandelen der enheten ligger foran, uavgjort teller halvt. "
                "Hvor langt foran den ligger, teller ikke."
            )
        )
    if method.weighting in (Weighting.PCA, Weighting.BALANCED):
        notes.append(_("Vektene er regnet ut av hvordan tallene varierer sammen, ikke av vektene i filen."))
    if declared.implied_roots:
        notes.append(_("Uten egen rad, regnet som toppen: {names}.", names=", ".join(declared.implied_roots)))
    if declared.turned_aggregates:
        names = ", ".join(declared.turned_aggregates)
        notes.append(_("Retning gjelder bare indikatorer og er ikke brukt for samlemålene {names}.", names=names))
    own = {Normalisation.BAND: "band", Normalisation.GOALPOSTS: "goalposts"}
    for normalisation, attribute in own.items():
        having = [node.key for node in result.index.structure.indicators if getattr(node, attribute) is not None]
        without = [node.key for node in result.index.structure.indicators if getattr(node, attribute) is None]
        if normalisation is method.normalisation and without:
            notes.append(
                _("Uten egne grenser, regnet fra minste til største verdi: {names}.", names=", ".join(without))
            )
        if normalisation is not method.normalisation and having:
            notes.append(
                _(
                    "Grensene for {names} er ikke brukt; det krever --normalise {option}.",
                    names=", ".join(having),
                    option=normalisation.value,
                )
            )
    if result.unused_columns:
        notes.append(_("Kolonner som ikke er brukt: {names}.", names=", ".join(result.unused_columns)))
    if result.sensitivity is not None:
        notes.append(
            _(
                "Rangintervallet rommer 90 % av {draws} rangeringer med andre metodevalg som kunne vært gjort, "
                "og er utvidet der det trengs for å romme rangen.",
                draws=result.sensitivity.draws,
            )
            + (" " + _("Tallenes standardfeil er med.") if result.has_standard_errors else "")
        )
    return notes


def _rejected(row: RejectedRow, language: Language) -> dict[str, Any]:
    return {
        "table": row.table,
        "line": row.line,
        "unit": row.unit,
        "indicator": row.indicator,
        "given": row.given,
        "reason": row.reason,
        "message": speaker(language)(REASONS[row.reason]),
    }


def _sensitivity(result: IndexResult, *, with_units: bool) -> dict[str, Any] | None:
    found = result.sensitivity
    if found is None:
        return None
    told: dict[str, Any] = {
        "draws": found.draws,
        "runs": found.runs,
        "overall": [
            {
                "aggregate": root,
                "choice": choice,
                "first_order": _known(found.overall_first_order[top, column]),
                "total": _known(found.overall_total[top, column]),
            }
            for top, root in enumerate(found.roots)
            for column, choice in enumerate(found.choices)
        ],
    }
    if with_units:
        rows = {key: row for row, key in enumerate(found.aggregates)}
        told["units"] = [
            {
                "unit": unit,
                "aggregate": root,
                "rank_mean": _known(found.rank_mean[rows[root], column]),
                "rank_median": _known(found.rank_median[rows[root], column]),
                "first_order": _by_choice(found.choices, found.first_order[top, :, column]),
                "total": _by_choice(found.choices, found.total[top, :, column]),
            }
            for top, root in enumerate(found.roots)
            for column, unit in enumerate(result.units)
        ]
    return told


def _by_choice(choices: tuple[Choice, ...], shares: Matrix) -> dict[str, float | None]:
    return {choice.value: _known(share) for choice, share in zip(choices, shares, strict=True)}


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # NaN is the one number that differs from itself


def _steps(result: IndexResult) -> list[dict[str, Any]]:
    """Every indicator's value on its way to a score."""
    index = result.index
    return [
        {
            "unit": unit,
            "indicator": node.key,
            "imputed": _known(index.imputed[row, column]),
            "treated": _known(index.treated[row, column]),
            "normalised": _known(index.normalised[row, column]),
        }
        for row, node in enumerate(index.structure.indicators)
        for column, unit in enumerate(result.units)
    ]


def _print_tables(result: IndexResult, language: Language, *, correlations: bool) -> None:
    _, fmt = speaker(language), Formats(language)
    labels = {node.key: node.label or node.key for node in result.index.structure.aggregates}
    rows = result.scores.iter_rows(named=True)
    for key, units in groupby(rows, key=lambda row: row["aggregate"]):
        print_table(
            labels[key],
            [_("Enhet"), _("Poeng"), _("Rang"), _("90 % intervall"), _("Vekt med tall")],
            [
                [
                    row["unit"],
                    shown(row["score"], lambda value: fmt.number(value, 2)),
                    shown(row["rank"], lambda value: fmt.number(value)),
                    "–" if row["rank_lower"] is None else fmt.span(row["rank_lower"], row["rank_upper"]),
                    fmt.percent(row["weight_known"], 0),
                ]
                for row in units
            ],
        )
    _print_shares(result, language)
    if correlations:
        _print_correlations(result, language)
    _print_changed(result, language)
    print_text(*_notes(result, language))
    for row in result.rejected:
        print_text(_line(row, language))


def _print_shares(result: IndexResult, language: Language) -> None:
    _, fmt, found = speaker(language), Formats(language), result.sensitivity
    if found is None:
        return
    for top, root in enumerate(found.roots):
        print_table(
            _("Hva som flytter rangene på {aggregate}", aggregate=root),
            [_("Valg"), _("Alene"), _("Med samspill")],
            [
                [
                    _(CHOICES[choice]),
                    *(
                        shown(_known(shares[top, column]), lambda share: fmt.percent(min(max(share, 0.0), 1.0), 0))
                        for shares in (found.overall_first_order, found.overall_total)
                    ),
                ]
                for column, choice in enumerate(found.choices)
            ],
        )


def _print_correlations(result: IndexResult, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    print_table(
        _("Samvariasjon"),
        [_("Mål"), _("Med"), _("Korrelasjon"), _("Merknad")],
        [
            [
                found.node,
                found.other,
                shown(found.correlation, lambda value: fmt.number(value, 2)),
                {"negative": _("trekker mot hverandre"), "redundant": _("nesten det samme")}.get(found.flag or "", ""),
            ]
            for found in result.correlations
        ],
        text_columns=2,
    )


def _print_changed(result: IndexResult, language: Language) -> None:
    _ = speaker(language)
    for found in result.treated:
        units = ", ".join(point.unit for point in found.points)
        sentence = (
            _("{indicator}: verdier trukket inn til nærmeste for {units}.", indicator=found.indicator, units=units)
            if found.method == "winsorise"
            else _("{indicator}: logaritme av alle verdier.", indicator=found.indicator)
        )
        print_text(sentence)
    for point in result.imputed:
        print_text(_("{indicator}, {unit}: manglet og er fylt ut.", indicator=point.indicator, unit=point.unit))


def _print_rejected_beside(result: IndexResult, language: Language) -> None:
    for row in result.rejected:
        print_error(speaker(language)(N_("Ikke brukt")), _line(row, language))


def _line(row: RejectedRow, language: Language) -> str:
    _ = speaker(language)
    message = _(REASONS[row.reason])
    if row.line is None:
        return _("Ikke brukt i «{table}», {given}: {message}.", table=row.table, given=row.given, message=message)
    return _(
        "Ikke brukt i «{table}», linje {line} ({given}): {message}.",
        table=row.table,
        line=row.line,
        given=row.given,
        message=message,
    )
