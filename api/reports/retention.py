"""What ``stabil retention`` prints."""

from dataclasses import asdict
from functools import partial

from api.console import Output, print_csv, print_json, print_table, print_text, shown, speaker
from api.formatting import Formats
from api.reports.summary import band_labels, print_medians
from api.services.retention import BandDeparture, departures_by_band
from api.services.retention_report import StillInPost, still_in_post
from api.services.world import World
from features.catalogue import Language
from models.retention import RetentionModel

CALIBRATION_YEARS = 5.0


def print_retention(world: World, language: Language, output: Output) -> None:
    """Print medians beside the published ones, departures after training, calibration and quality."""
    model = world.retention
    rows = [asdict(band) | {"is_simulated": model.is_simulated} for band in model.bands]
    match output:
        case Output.JSON:
            print_json(
                {
                    "is_simulated": model.is_simulated,
                    "medians": rows,
                    "departures_after_training": departures_by_band(world),
                    "quality": model.quality,
                }
            )
        case Output.CSV:
            print_csv(list(rows[0]), [list(row.values()) for row in rows])
        case Output.TABLE:
            _print_tables(model, language)
            _print_departures(departures_by_band(world), language)


def _print_tables(model: RetentionModel, language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    print_text(
        _(
            "SIMULERT: {spells} kontrakter fra en simulator stilt inn etter publiserte tall. Ingen er virkelige.",
            spells=fmt.number(model.spells),
        ),
        "",
    )
    print_medians(model.bands, language)
    sources = sorted({band.published_source for band in model.bands if band.published_source})
    print_text(*(_("Publisert: {source}", source=source) for source in sources), "")
    labels = band_labels(language)
    print_table(
        _("Fortsatt i stillingen etter fem år: modellen mot kontrakter den ikke har sett"),
        [_("Kommunestørrelse"), _("Kontrakter"), _("Modell"), _("Observert (90 % intervall)")],
        [
            [
                labels[group.group],
                str(group.spells),
                fmt.percent(group.predicted, 0),
                _observed(group, fmt),
            ]
            for group in still_in_post(model.quality, CALIBRATION_YEARS)
        ],
    )
    print_text(
        _(
            "C-indeks {c}; integrert Brier {brier} mot {one_curve} for én felles kurve.",
            c=shown(model.quality.harrell_c.value, partial(fmt.number, digits=2)),
            brier=shown(model.quality.integrated_brier.value, partial(fmt.number, digits=3)),
            one_curve=shown(model.quality.integrated_brier_one_curve.value, partial(fmt.number, digits=3)),
        )
    )


def _observed(group: StillInPost, fmt: Formats) -> str:
    share, low, high = (
        shown(value, partial(fmt.percent, digits=0)) for value in (group.observed, group.lower, group.upper)
    )
    return f"{share} ({low}–{high})"


def _print_departures(departures: tuple[BandDeparture, ...], language: Language) -> None:
    _, fmt = speaker(language), Formats(language)
    labels = band_labels(language)

    def span(lower: float | None, upper: float | None) -> str:
        return f"{shown(lower, partial(fmt.percent, digits=0))}–{shown(upper, partial(fmt.percent, digits=0))}"

    print_text("")
    print_table(
        _("Slutter innen to år etter å ha blitt ferdig spesialist i stillingen"),
        [_("Kommunestørrelse"), _("Andel (90 % intervall)"), _("Når antakelsen varierer"), _("Ansatt som spesialist")],
        [
            [
                labels[found.band],
                " ".join((fmt.percent(found.departure.share, 0), f"({span(*_bounds(found))})")),
                span(found.departure.share_low_assumption, found.departure.share_high_assumption),
                fmt.percent(found.departure.comparison_share, 0),
            ]
            for found in departures
        ],
    )
    assumption = departures[0].departure.assumption
    if assumption is not None:
        print_text(
            _(
                "ANTAKELSE: ingen har målt i Norge hvor mye oftere leger slutter når de blir ferdige spesialister. "
                "Modellen antar {value} ganger så ofte (mulig {lower}–{upper}, klasse {evidence}).",
                value=fmt.number(assumption.value, 1),
                lower=fmt.number(assumption.lower, 1),
                upper=fmt.number(assumption.upper, 1),
                evidence=assumption.evidence,
            )
        )


def _bounds(found: BandDeparture) -> tuple[float, float]:
    return found.departure.share_lower, found.departure.share_upper
