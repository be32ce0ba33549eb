"""Tables of the model card in the reader's language: the same in the terminal, on the page and in the file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from api.card_words import (
    CAUSE_NOTE,
    COLUMNS,
    D_NOTE,
    DECISION_NOTE,
    HORIZON_NOTE,
    INTERVAL_NOTE,
    MEASURES,
    WITHHELD,
    WITHHELD_CAUSES,
)
from api.console import shown, speaker
from api.formatting import Formats
from api.retention_words import cause_name
from api.services.retention_report import RetentionReport, StillInPost, still_in_post
from api.words import POPULATION_BANDS
from features.catalogue import Language
from models.quality_report import HorizonQuality
from models.resampled_measures import Measure

SHOWN_DECISIONS = (3.0, 5.0)
_DECISION_STEP = 2  # every second threshold is in the table, every one in the drawing and in the JSON

LEVEL = 0.05
"""A p-value below it speaks against the forecast."""

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row: its name, its figures, what it means and the group it belongs to (perhaps nothing)."""

    name: str
    cells: tuple[str, ...]
    meaning: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class CardTable:
    """A table of the card; the first column names the rows."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[CardRow, ...]


def card_tables(card: RetentionReport, language: Language) -> dict[str, CardTable]:
    """Every table of the card, by what it tells of."""
    tables = {
        "whole": _whole(card, language),
        "horizons": _horizons(card, language),
        "bands": _bands(card, language),
        "d_calibration": _d_calibration(card, language),
        "decisions": _decisions(card, language),
    }
    if card.quality.causes:
        tables["causes"] = _causes(card, language)
    return tables


def shown_interval(measure: Measure, write: Write) -> str:
    """The interval of a measure; a dash where it cannot be told."""
    if measure.lower is None or measure.upper is None:
        return "–"
    return f"{write(measure.lower)}; {write(measure.upper)}"


def shown_measure(measure: Measure, write: Write) -> str:
    """A measure with its interval; a dash where it cannot be told."""
    if measure.value is None or measure.lower is None:
        return shown(measure.value, write)
    return f"{write(measure.value)} ({shown_interval(measure, write)})"


def _whole(card: RetentionReport, language: Language) -> CardTable:
    _, fmt, quality = speaker(language), Formats(language), card.quality
    share, number = partial(fmt.percent, digits=1), partial(fmt.number, digits=3)
    named = {
        "harrell_c": (quality.harrell_c, number),
        "uno_c": (quality.uno_c, number),
        "integrated_brier": (quality.integrated_brier, number),
        "integrated_brier_one_curve": (quality.integrated_brier_one_curve, number),
        "integrated_skill": (quality.integrated_skill, share),
    }
    rows = tuple(
        CardRow(_(MEASURES[name][0]), (shown(each.value, write), shown_interval(each, write)), _(MEASURES[name][1]))
        for name, (each, write) in named.items()
    )
    return CardTable(_("Hele forløpet"), "", (_("Mål"), _("Verdi"), _("90 % intervall")), rows)


def _horizons(card: RetentionReport, language: Language) -> CardTable:
    _, fmt = speaker(language), Formats(language)
    rows = tuple(
        CardRow(
            _("{years} år", years=fmt.number(at.horizon)),
            (
                shown_measure(at.brier, partial(fmt.number, digits=3)),
                shown_measure(at.skill, fmt.percent),
                shown_measure(at.auc, partial(fmt.number, digits=2)),
                shown_measure(at.ici, fmt.percent),
                shown_measure(at.slope, partial(fmt.number, digits=2)),
            ),
        )
        for at in card.quality.horizons
    )
    names = ("brier", "skill", "auc", "ici", "slope")
    columns = (_("Etter"), *(_(COLUMNS[name]) for name in names))
    return CardTable(_("Etter ett, tre, fem og ti år"), f"{_(HORIZON_NOTE)} {_(INTERVAL_NOTE)}", columns, rows)


def _bands(card: RetentionReport, language: Language) -> CardTable:
    _, fmt = speaker(language), Formats(language)
    rows = tuple(
        CardRow(
            _(POPULATION_BANDS[each.group]),
            (fmt.percent(each.predicted, 0), _counted(each, fmt), fmt.number(each.spells)),
            group=_("Etter {years} år", years=fmt.number(at.horizon)),
        )
        for at in card.quality.horizons
        for each in still_in_post(card.quality, at.horizon)
    )
    columns = (_("Kommunestørrelse"), _("Anslått"), _("Talt opp (90 %)"), _("Avtaler"))
    withheld = card.quality.withheld_groups
    note = _(WITHHELD, count=withheld) if withheld else ""
    return CardTable(_("Andel avtaler som fortsatt varer: anslått mot talt opp"), note, columns, rows)


def _counted(each: StillInPost, fmt: Formats) -> str:
    if each.observed is None:
        return "–"
    known = each.lower is not None and each.upper is not None
    return fmt.percent(each.observed, 0) + (f" ({fmt.percent_span(each.lower, each.upper, 0)})" if known else "")  # type: ignore[arg-type]  # both are known


def _d_calibration(card: RetentionReport, language: Language) -> CardTable:
    _, fmt, found = speaker(language), Formats(language), card.quality.d_calibration
    rows = tuple(
        CardRow(
            _("{place}. tidel", place=place),
            (shown(share.value, fmt.percent), shown_interval(share, fmt.percent)),
        )
        for place, share in enumerate(reversed(found.shares), start=1)
    )
    columns = (_("Del av det anslåtte forløpet"), _("Andel av avtalene"), _("90 % intervall"))
    return CardTable(
        _("Hele fordelingen (D-kalibrering)"), f"{_(D_NOTE)} {d_calibration_verdict(card, language)}", columns, rows
    )


def d_calibration_verdict(card: RetentionReport, language: Language) -> str:
    """Whether the distribution as a whole holds, as far as chance can tell."""
    _, fmt, p = speaker(language), Formats(language), card.quality.d_calibration.p_value
    if p >= LEVEL:
        return _(
            "Fordelingen som helhet stemmer: avvikene er ikke større enn tilfeldigheter gir (p = {p}).",
            p=fmt.number(p, 2),
        )
    return _(
        "Fordelingen som helhet stemmer ikke: avvikene er større enn tilfeldigheter gir (p = {p}).", p=fmt.number(p, 3)
    )


def _causes(card: RetentionReport, language: Language) -> CardTable:
    _, fmt = speaker(language), Formats(language)
    number = partial(fmt.number, digits=2)
    rows = []
    for cause in card.quality.causes:
        name = cause_name(cause.cause, language)
        group = _("{cause}: {ended} avsluttet", cause=name[:1].upper() + name[1:], ended=fmt.number(cause.ended))
        rows.append(
            CardRow(
                _("Hele forløpet"),
                (
                    shown_measure(cause.harrell_c, number),
                    shown_measure(cause.integrated_brier, partial(fmt.number, digits=3)),
                    shown_measure(cause.integrated_skill, fmt.percent),
                    "–",
                ),
                group=group,
            )
        )
        rows += [
            CardRow(
                _("{years} år", years=fmt.number(at.horizon)),
                (
                    shown_measure(at.auc, number),
                    shown_measure(at.brier, partial(fmt.number, digits=3)),
                    shown_measure(at.skill, fmt.percent),
                    shown_measure(at.ici, fmt.percent),
                ),
                group=group,
            )
            for at in cause.horizons
        ]
    columns = (_("Etter"), _("C-indeks eller AUC"), *(_(COLUMNS[name]) for name in ("brier", "skill", "ici")))
    withheld = card.quality.withheld_causes
    notes = (_(CAUSE_NOTE), *([_(WITHHELD_CAUSES, count=withheld)] if withheld else []))
    return CardTable(_("Treff for hver grunn til å slutte"), " ".join(notes), columns, tuple(rows))


def _decisions(card: RetentionReport, language: Language) -> CardTable:
    _, fmt = speaker(language), Formats(language)
    rows = tuple(
        CardRow(
            fmt.percent(each.threshold, 0),
            (
                fmt.percent(each.acted_share, 0),
                shown(each.net_benefit, partial(fmt.number, digits=3)),
                shown(each.net_benefit_all, partial(fmt.number, digits=3)),
            ),
            group=_("Etter {years} år", years=fmt.number(at.horizon)),
        )
        for at in decision_horizons(card)
        for each in at.decisions[1::_DECISION_STEP]
    )
    columns = (_("Terskel"), _("Stillinger med tiltak"), _("Nettonytte med modellen"), _("Tiltak i alle"))
    return CardTable(_("Nytte ved ulike terskler"), _(DECISION_NOTE), columns, rows)


def decision_horizons(card: RetentionReport) -> tuple[HorizonQuality, ...]:
    """The horizons whose net benefit is shown."""
    return tuple(at for at in card.quality.horizons if at.horizon in SHOWN_DECISIONS and at.decisions)
