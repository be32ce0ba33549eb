"""The report of a comparison as one page that stands alone: no request to anywhere."""

from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import api.pages
from api.console import speaker
from api.formatting import Formats
from api.reports.research_svg import MOST_GROUPS, PlotWords, calibration_svg, curves_svg
from api.reports.research_tables import ShownTable, best_sentence, comparison_tables
from api.reports.research_words import (
    CLUSTERS,
    ESTIMATOR_NAMES,
    FORBIDDEN,
    LEFT_OUT,
    LIMITS,
    PROTECTED,
    REJECTS,
    SIMULATED,
    SPLITS,
)
from api.services.research_fit import FitResult
from api.translation import translate
from features.catalogue import Language


def report_page(result: FitResult, language: Language) -> str:
    """HTML of the report."""
    _ = speaker(language)
    return (
        _environment()
        .get_template("research_fit.html")
        .render(
            _=partial(translate, language=language),
            language=language,
            title=_("Hvor lenge varer forløpene? Metoder sammenlignet"),
            notes=report_notes(result, language),
            summary=report_summary(result, language),
            best=best_sentence(result, language),
            tables=(*comparison_tables(result, language), *_row_tables(result, language)),
            figures=(curves_figure(result, language), *_calibration_figures(result, language)),
            card=_card(result, language),
            limits=[_(limit) for limit in LIMITS],
        )
    )


def report_notes(result: FitResult, language: Language) -> tuple[str, ...]:
    """What a reader must know first: simulated rows, protected columns, and what the models are not for."""
    _ = speaker(language)
    lines = [_(SIMULATED)] if result.simulated else []
    if result.protected:
        lines.append(_(PROTECTED, columns=", ".join(result.protected)))
    return (*lines, _(FORBIDDEN))


def report_summary(result: FitResult, language: Language) -> tuple[str, ...]:
    """How many rows were used, and how they were held out."""
    _, formats = speaker(language), Formats(language)
    spells, folds = result.spells, result.folds
    rows = _(
        "{file}: {rows} rader, {used} brukt, {rejected} avvist; {ended} forløp avsluttet, {late} med sen inngang.",
        file=result.request.file.name,
        rows=formats.number(spells.rows),
        used=formats.number(len(spells.outcome)),
        rejected=formats.number(spells.rows - len(spells.outcome)),
        ended=formats.number(int(spells.outcome.ended.sum())),
        late=formats.number(int((spells.outcome.entry > 0).sum())),
    )
    how = _(SPLITS[folds.split.kind], **({"cut": formats.day(folds.split.cut)} if folds.split.cut else {}))
    split = _(
        "Utprøving i {folds} deler: {how}. Intervaller ved å trekke {clusters} {draws} ganger.",
        folds=len(folds.folds),
        how=how,
        clusters=_(CLUSTERS[folds.clustered_by]),
        draws=formats.number(result.request.resamples),
    )
    untold = sorted(set(result.request.horizons) - set(result.comparison.contenders[0].validation.horizons))
    lines = [rows, split]
    if untold:
        far = ", ".join(f"{horizon:g}" for horizon in untold)
        lines.append(_("Ikke lange nok forløp til å si noe ved tid {times}.", times=far))
    return tuple(lines)


def curves_figure(result: FitResult, language: Language) -> str:
    """SVG of the observed curves."""
    _ = speaker(language)
    title = _("Andel som er igjen, med 90 % intervall")
    if result.curves["group"].n_unique() > MOST_GROUPS:
        title = _("Andel som er igjen, de {count} største gruppene", count=MOST_GROUPS)
    words = PlotWords(
        title, _("Tid siden start (enheten i filen)"), _("Andel"), _("alle"), Formats(language).percent_sign
    )
    return curves_svg(result.curves, words)


def _calibration_figures(result: FitResult, language: Language) -> tuple[str, ...]:
    _ = speaker(language)
    figures = []
    for at in result.reports[result.comparison.best].horizons:
        points = [
            (each.predicted, each.observed, each.observed_lower, each.observed_upper)
            for each in at.bins
            if each.observed is not None
        ]
        words = PlotWords(
            _(
                "Sluttet innen tid {horizon}: forventet og observert ({name})",
                horizon=f"{at.horizon:g}",
                name=_(ESTIMATOR_NAMES[result.comparison.best]),
            ),
            _("Forventet andel"),
            _("Observert andel"),
            _("alle"),
            Formats(language).percent_sign,
        )
        if points:
            figures.append(calibration_svg(points, words))
    return tuple(figures)


def _row_tables(result: FitResult, language: Language) -> tuple[ShownTable, ...]:
    _, formats = speaker(language), Formats(language)
    rejects = tuple((_(REJECTS[name]), formats.number(count)) for name, count in result.spells.reject_counts.items())
    left_out = tuple((name, _(LEFT_OUT[why])) for name, why in result.spells.left_out.items())
    tables = []
    if rejects:
        tables.append(ShownTable(_("Rader som ikke kunne brukes"), (_("Grunn"), _("Rader")), rejects))
    if left_out:
        tables.append(ShownTable(_("Kolonner som ikke er kovariater"), (_("Kolonne"), _("Grunn")), left_out))
    return tuple(tables)


def _card(result: FitResult, language: Language) -> tuple[tuple[str, str], ...]:
    _ = speaker(language)
    saved = _("ingen") if result.model_name is None else _(ESTIMATOR_NAMES[result.model_name])
    return (
        (_("Lagret modell"), saved),
        (_("Kovariater"), ", ".join(result.covariates)),
        (_("Kovariater der manglende verdier er fylt ut og merket"), ", ".join(result.filled) or "–"),
        (_("Fil (SHA-256)"), result.data_sha256),
        (_("Program"), f"{result.program_version} ({result.code_sha256[:16]})"),
        (_("Frø"), str(result.request.seed)),
    )


@cache
def _environment() -> Environment:
    folder = Path(api.pages.__path__[0]) / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
