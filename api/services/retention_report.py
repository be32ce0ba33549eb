"""The model card of the retention model: data, period, quality with intervals, limits, uses."""

from dataclasses import dataclass, replace

from api.retention_words import EXCLUDED, FORBIDDEN, INTENDED, LIMITS, SIMULATED_LIMITS
from api.services.world import World
from api.translation import translate
from features.catalogue import Language
from models.assumption import Assumption
from models.band_medians import BandMedian
from models.calibration import national_calibration
from models.group_curves import FEWEST_SPELLS
from models.quality import HeldOutQuality
from models.retention import COVARIATES, VERSION


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """Model card; sentences are in the language of the answer.

    `period_years` is how long contracts were observed, `period_source` where that stands; `longest_years` is the end
    of every curve. Groups of fewer than five contracts are left out.
    """

    model: str
    version: int
    is_simulated: bool
    contracts: int
    seed: int
    bootstrap_members: int
    period_years: float
    period_source: str
    longest_years: float
    covariates: tuple[str, ...]
    causes: tuple[str, ...]
    assumption: Assumption | None
    medians: tuple[BandMedian, ...]
    quality: HeldOutQuality
    excluded: tuple[str, ...]
    limits: tuple[str, ...]
    intended_use: tuple[str, ...]
    forbidden_use: tuple[str, ...]


def retention_report(world: World, language: Language) -> RetentionReport:
    """The model card of the model that is served."""

    def said(sentences: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(translate(sentence, language) for sentence in sentences)

    model, period = world.retention, national_calibration().observation["window_years"]
    shown = tuple(group for group in model.quality.calibration if group.spells >= FEWEST_SPELLS)
    return RetentionReport(
        model="Stabil retention",
        version=VERSION,
        is_simulated=model.is_simulated,
        contracts=model.spells,
        seed=model.seed,
        bootstrap_members=len(model.members),
        period_years=period.value,
        period_source=period.source,
        longest_years=float(model.hazard.breaks_[-1]),
        covariates=COVARIATES,
        causes=model.causes.causes if model.causes else (),
        assumption=model.assumption,
        medians=tuple(band for band in model.bands if band.spells >= FEWEST_SPELLS),
        quality=replace(model.quality, calibration=shown),
        excluded=said(EXCLUDED),
        limits=said((*SIMULATED_LIMITS, *LIMITS) if model.is_simulated else LIMITS),
        intended_use=said(INTENDED),
        forbidden_use=said(FORBIDDEN),
    )
