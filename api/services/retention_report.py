"""The model card of the retention model: data, period, quality with intervals, limits, uses; one for every way out."""

from dataclasses import dataclass
from datetime import date

from api.retention_words import EXCLUDED, FORBIDDEN, INTENDED, LIMITS, SIMULATED_LIMITS, cause_name
from api.services.world import World
from api.translation import translate
from features.catalogue import Language
from features.peers import POPULATION_BANDS
from models.assumption import Assumption
from models.band_medians import BandMedian
from models.calibration import national_calibration
from models.group_curves import FEWEST_SPELLS
from models.quality import FOLDS
from models.quality_report import CalibrationPoint, QualityReport
from models.retention import COVARIATES, VERSION


@dataclass(frozen=True, slots=True)
class NamedCause:
    """A cause of an end: its code in the figures, and its name in the language of the answer."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """Model card; sentences are in the language of the answer.

    `period_years` is how long contracts were observed, `period_source` where that stands; `longest_years` is the end
    of every curve; `measured_on` is the day of the run that fitted and tested the model. Groups of fewer than five
    contracts are left out. Shares in `quality` are of contracts that have ended.
    """

    model: str
    version: int
    is_simulated: bool
    measured_on: date
    program_version: str
    contracts: int
    seed: int
    bootstrap_members: int
    test_folds: int
    period_years: float
    period_source: str
    longest_years: float
    covariates: tuple[str, ...]
    causes: tuple[str, ...]
    cause_names: tuple[NamedCause, ...]
    assumption: Assumption | None
    medians: tuple[BandMedian, ...]
    quality: QualityReport
    excluded: tuple[str, ...]
    limits: tuple[str, ...]
    intended_use: tuple[str, ...]
    forbidden_use: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StillInPost:
    """Predicted beside observed share (0-1) of contracts that still last, in a population band.

    ``observed`` is None where nobody of the band is followed so long.
    """

    group: str
    spells: int
    predicted: float
    observed: float | None
    lower: float | None
    upper: float | None


def retention_report(world: World, language: Language) -> RetentionReport:
    """The model card of the model that is served; nothing is fitted or measured for it."""

    def said(sentences: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(translate(sentence, language) for sentence in sentences)

    model, period = world.retention, national_calibration().observation["window_years"]
    causes = model.causes.causes if model.causes else ()
    return RetentionReport(
        model="Stabil retention",
        version=VERSION,
        is_simulated=model.is_simulated,
        measured_on=world.run.created_at.date(),
        program_version=world.run.program_version,
        contracts=model.spells,
        seed=model.seed,
        bootstrap_members=len(model.members),
        test_folds=FOLDS,
        period_years=period.value,
        period_source=period.source,
        longest_years=float(model.hazard.breaks_[-1]),
        covariates=COVARIATES,
        causes=causes,
        cause_names=tuple(NamedCause(cause, cause_name(cause, language)) for cause in causes),
        assumption=model.assumption,
        medians=tuple(band for band in model.bands if band.spells >= FEWEST_SPELLS),
        quality=model.quality,
        excluded=said(EXCLUDED),
        limits=said((*SIMULATED_LIMITS, *LIMITS) if model.is_simulated else LIMITS),
        intended_use=said(INTENDED),
        forbidden_use=said(FORBIDDEN),
    )


def still_in_post(quality: QualityReport, horizon: float) -> tuple[StillInPost, ...]:
    """Calibration by population band at a horizon, smallest first, as shares that still last."""
    points = {point.group: point for at in quality.horizons if at.horizon == horizon for point in at.groups}
    return tuple(_lasting(points[band]) for band, _ in POPULATION_BANDS if band in points)


def _lasting(point: CalibrationPoint) -> StillInPost:
    def rest(share: float | None) -> float | None:
        return None if share is None else 1 - share

    return StillInPost(
        group=point.group,
        spells=point.spells,
        predicted=1 - point.predicted,
        observed=rest(point.observed),
        lower=rest(point.observed_upper),
        upper=rest(point.observed_lower),
    )
