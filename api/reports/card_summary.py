"""What the model card says, in a few sentences."""

from functools import partial

from api.card_words import ORIGIN_OBSERVED, ORIGIN_SIMULATED
from api.console import speaker
from api.formatting import Formats
from api.reports.card_tables import d_calibration_verdict
from api.services.retention_report import RetentionReport
from features.catalogue import Language
from models.resampled_measures import Measure

SHOWN_HORIZON = 5.0


def card_summary(card: RetentionReport, language: Language) -> tuple[str, ...]:
    """How well the model tells contracts apart, how right its shares are, and how they were measured."""
    _, fmt, quality = speaker(language), Formats(language), card.quality
    percent = partial(fmt.percent, digits=0)
    told = [
        _(
            "Prøvd på {spells} avtaler, alltid i kommuner som modellen ikke var tilpasset til.",
            spells=fmt.number(quality.spells),
        )
    ]
    if (c := quality.harrell_c).value is not None:
        told.append(
            _(
                "Av to avtaler hadde den som tok slutt først, også høyest anslått risiko i {share} av "
                "parene{interval}; ren gjetning gir 50 %.",
                share=percent(c.value),
                interval=_interval(c, fmt),
            )
        )
    if (skill := quality.integrated_skill).value is not None:
        gain = fmt.percent(abs(skill.value))
        told.append(
            _(
                "Kvadratfeilen er {share} mindre enn om alle stillinger fikk samme kurve{interval}.",
                share=gain,
                interval=_interval(skill, fmt, 1),
            )
            if skill.value > 0
            else _("Kvadratfeilen er {share} større enn om alle stillinger fikk samme kurve.", share=gain)
        )
    told += [
        _(
            "Etter fem år ligger anslaget i snitt {distance} prosentpoeng fra andelen som var over.",
            distance=fmt.number(100 * at.ici.value, 1),
        )
        for at in quality.horizons
        if at.horizon == SHOWN_HORIZON and at.ici.value is not None
    ]
    return (*told, d_calibration_verdict(card, language))


def card_origin(card: RetentionReport, language: Language) -> str:
    """Whether figures are simulated or real, how many contracts they rest on, and when they were measured."""
    pattern = ORIGIN_SIMULATED if card.is_simulated else ORIGIN_OBSERVED
    _, fmt = speaker(language), Formats(language)
    return _(pattern, contracts=fmt.number(card.contracts), day=fmt.day(card.measured_on), version=card.program_version)


def _interval(measure: Measure, fmt: Formats, digits: int = 0) -> str:
    if measure.lower is None or measure.upper is None:
        return ""
    return f" ({fmt.percent_span(measure.lower, measure.upper, digits)})"
