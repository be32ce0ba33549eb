"""Tables of a comparison, in the reader's language: the same in the terminal and on the page."""

from collections.abc import Callable
from dataclasses import dataclass

from api.console import speaker
from api.formatting import Formats
from api.reports.research_words import ESTIMATOR_NAMES
from api.retention_words import cause_name
from api.services.research_document import ends_by_cause
from api.services.research_fit import ALL, FitResult
from features.catalogue import Language
from models.resampled_measures import Measure

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as it is shown; the first column is text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def comparison_tables(result: FitResult, language: Language) -> tuple[ShownTable, ...]:
    """Every table of a comparison: overall, by horizon, D-calibration, by cause, observed curves."""
    tables = [_overall(result, language)]
    tables += [_at(result, language, horizon) for horizon in result.comparison.contenders[0].validation.horizons]
    tables.append(_d_calibration(result, language))
    tables += [
        _cause(result, language, place, code, ended)
        for place, (code, ended) in enumerate(ends_by_cause(result))
        if ended is not None and result.comparison.contenders[0].validation.causes
    ]
    return (*tables, _observed(result, language))


def shown_measure(measure: Measure, write: Write) -> str:
    """A figure with its interval; a dash where it cannot be told."""
    if measure.value is None:
        return "–"
    if measure.lower is None or measure.upper is None:
        return write(measure.value)
    return f"{write(measure.value)} ({write(measure.lower)}; {write(measure.upper)})"


def best_sentence(result: FitResult, language: Language) -> str:
    """Which estimator is best, and by how much it leads the next and the single curve."""
    _, formats = speaker(language), Formats(language)
    comparison = result.comparison
    name = _(ESTIMATOR_NAMES[comparison.best])
    behind = (each for each in comparison.behind if each.name != comparison.best)
    others = sorted(behind, key=lambda each: each.value or 0)
    if not others:
        return _("Bare én metode er prøvd: {name}.", name=name)
    ahead = others[0]
    clear = ahead.lower is not None and ahead.lower > 0
    values = {
        "name": name,
        "other": _(ESTIMATOR_NAMES[ahead.name]),
        "lead": shown_measure(ahead, lambda value: formats.number(value, 4)),
    }
    if clear:
        return _("Best: {name}. Integrert Brier-skår er {lead} lavere enn for neste, {other}.", **values)
    return _(
        "Best: {name}, men forspranget til {other} er ikke sikkert: integrert Brier-skår er {lead} lavere.", **values
    )


def _overall(result: FitResult, language: Language) -> ShownTable:
    _, formats = speaker(language), Formats(language)
    behind = {each.name: each for each in result.comparison.behind}
    rows = tuple(
        (
            _(ESTIMATOR_NAMES[each.name]),
            shown_measure(each.validation.measure("integrated_brier"), lambda value: formats.number(value, 4)),
            shown_measure(behind[each.name], lambda value: formats.number(value, 4)),
            shown_measure(each.validation.measure("integrated_skill"), formats.percent),
            shown_measure(each.validation.measure("harrell_c"), lambda value: formats.number(value, 3)),
            shown_measure(each.validation.measure("uno_c"), lambda value: formats.number(value, 3)),
        )
        for each in result.comparison.contenders
    )
    columns = (
        _("Metode"),
        _("Integrert Brier (lavest best)"),
        _("Bak den beste"),
        _("Bedre enn én kurve"),
        _("Harrells C"),
        _("Unos C"),
    )
    return ShownTable(_("Metodene på forløp de ikke har sett (90 % intervall)"), columns, rows)


def _at(result: FitResult, language: Language, horizon: float) -> ShownTable:
    _, formats = speaker(language), Formats(language)
    rows = []
    for each in result.comparison.contenders:
        calibration = {(one.name, one.horizon): one for one in each.validation.calibration}
        rows.append(
            (
                _(ESTIMATOR_NAMES[each.name]),
                shown_measure(each.validation.measure("brier", horizon), lambda value: formats.number(value, 4)),
                shown_measure(each.validation.measure("auc", horizon), lambda value: formats.number(value, 3)),
                shown_measure(calibration["ici", horizon], formats.percent),
                shown_measure(calibration["slope", horizon], lambda value: formats.number(value, 2)),
            )
        )
    columns = (_("Metode"), _("Brier"), _("AUC"), _("Kalibreringsfeil (ICI)"), _("Kalibreringshelling (1 best)"))
    return ShownTable(_("Ved tid {horizon}", horizon=f"{horizon:g}"), columns, tuple(rows))


def _d_calibration(result: FitResult, language: Language) -> ShownTable:
    _, formats = speaker(language), Formats(language)
    rows = tuple(
        (
            _(ESTIMATOR_NAMES[name]),
            formats.percent(max(abs(share - 0.1) for share in report.d_calibration.plain.shares)),
            formats.number(report.d_calibration.plain.p_value, 3),
            formats.number(report.d_calibration.p_value, 3),
        )
        for name, report in result.reports.items()
    )
    columns = (_("Metode"), _("Største avvik fra 10 %"), _("p-verdi"), _("p-verdi, grupper og sensurering medregnet"))
    return ShownTable(_("D-kalibrering: andel forløp i hver tidel av forventet varighet"), columns, rows)


def _cause(result: FitResult, language: Language, place: int, code: str, ended: int) -> ShownTable:
    _, formats = speaker(language), Formats(language)
    rows = []
    for each in result.comparison.contenders:
        found = each.validation.causes[place].measure
        rows.append(
            (
                _(ESTIMATOR_NAMES[each.name]),
                shown_measure(found("integrated_brier"), lambda value: formats.number(value, 4)),
                shown_measure(found("integrated_skill"), formats.percent),
                shown_measure(found("harrell_c"), lambda value: formats.number(value, 3)),
                shown_measure(found("uno_c"), lambda value: formats.number(value, 3)),
            )
        )
    columns = (_("Metode"), _("Integrert Brier (lavest best)"), _("Bedre enn én kurve"), _("Harrells C"), _("Unos C"))
    title = _("Årsak: {cause} ({ended} avsluttet)", cause=cause_name(code, language), ended=formats.number(ended))
    return ShownTable(title, columns, tuple(rows))


def _observed(result: FitResult, language: Language) -> ShownTable:
    _, formats = speaker(language), Formats(language)
    rows = []
    for row in result.at_horizons.filter(result.at_horizons["cause"] == 0).iter_rows(named=True):
        lower, upper = row["incidence_upper"], row["incidence_lower"]
        told = row["survival"] is not None
        share = formats.percent(row["survival"]) if told else "–"
        if told and lower is not None:
            share += f" ({formats.percent(1 - lower)}; {formats.percent(1 - upper)})"
        rows.append(
            (
                _("alle") if row["group"] == ALL else row["group"],
                f"{row['time']:g}",
                formats.number(row["at_risk"]) if told else _("færre enn 5"),
                share,
            )
        )
    columns = (_("Gruppe"), _("Tid"), _("Under risiko"), _("Andel som er igjen (90 % intervall)"))
    return ShownTable(_("Observerte kurver"), columns, tuple(rows))
