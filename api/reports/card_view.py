"""The model card as it is shown: sentences, tables and drawings in one language, for page, file and terminal."""

from dataclasses import dataclass

from api.card_words import CALIBRATION_NOTE
from api.reports.card_drawings import Drawing, calibration_drawings, d_calibration_drawing, decision_drawings
from api.reports.card_summary import card_origin, card_summary
from api.reports.card_tables import CardTable, card_tables
from api.services.retention_report import RetentionReport, StillInPost, still_in_post
from api.translation import translate
from features.catalogue import Language


@dataclass(frozen=True, slots=True)
class CardView:
    """Everything that is shown of the card.

    `origin` is said beside every figure; `bands` are years and, per band, what was predicted and counted.
    """

    card: RetentionReport
    origin: str
    summary: tuple[str, ...]
    tables: dict[str, CardTable]
    bands: tuple[tuple[float, tuple[StillInPost, ...]], ...]
    calibration_note: str
    calibration: tuple[Drawing, ...]
    d_calibration: Drawing
    decisions: tuple[Drawing, ...]
    median_sources: tuple[str, ...]


def card_view(card: RetentionReport, language: Language) -> CardView:
    """The card in a language."""
    by_horizon = ((at.horizon, still_in_post(card.quality, at.horizon)) for at in card.quality.horizons)
    return CardView(
        card=card,
        origin=card_origin(card, language),
        summary=card_summary(card, language),
        tables=card_tables(card, language),
        bands=tuple((years, found) for years, found in by_horizon if found),
        calibration_note=translate(CALIBRATION_NOTE, language),
        calibration=calibration_drawings(card, language),
        d_calibration=d_calibration_drawing(card, language),
        decisions=decision_drawings(card, language),
        median_sources=tuple(sorted({band.published_source for band in card.medians if band.published_source})),
    )
