"""The retention model: hazard, bootstrap members, and what is known about its quality."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import clone

from features.errors import InvalidInputError
from models.assumption import Assumption, assumption_document, assumption_from_document, specialist_assumption
from models.band_medians import BandMedian, median_by_population_band
from models.career_hazard import CareerAssumptions
from models.cause_mix import CauseMix, cause_mix_document, cause_mix_from_document
from models.contract_causes import CAUSE, contract_cause_mixes
from models.errors import SavedModelError
from models.group_curves import GroupCurve, curves_by_group, group_curve_from_document
from models.hazard import DiscreteTimeHazard
from models.persistence import check_format, hazard_document, hazard_of_kind, parsed_document
from models.quality import OUTCOME, post_quality, quality_from_document
from models.quality_report import QualityReport
from models.simulation import simulate_contracts

FORMAT = "stabil.retention"
VERSION = 4
# List length is no covariate on purpose: short lists are an answer to recruitment trouble, so a forecast that reacted
# to it would read as advice to lengthen lists.
POST_COLUMNS: tuple[str, ...] = ("population", "centrality_class", "contract_form", "years_since_specialist")
COVARIATES: tuple[str, ...] = (*POST_COLUMNS, "years_since_specialist_in_post")
CLOCKS: tuple[str, ...] = ("years_since_specialist_in_post",)
_MEMBERS = 12
_KEYS = (
    "hazard",
    "members",
    "causes",
    "cause_members",
    "curves",
    "hazard_low_assumption",
    "hazard_high_assumption",
    "assumption",
    "bands",
    "quality",
    "spells",
    "seed",
    "is_simulated",
)


@dataclass(frozen=True, slots=True, eq=False)
class RetentionModel:
    """How long posts keep their doctors, by facts of the post and the doctor's formal career stage.

    It holds no person and no spell: trees, a table of medians, and quality figures. Two models are equal if their
    saved texts are, trees included.

    Attributes
    ----------
    hazard : DiscreteTimeHazard
        Fitted to all spells.
    members : tuple of DiscreteTimeHazard
        Refits to resampled spells, for intervals.
    causes : CauseMix or None
        Why contracts end, given when; None where the spells tell no causes.
    cause_members : tuple of CauseMix
        Refits to the same resampled spells as ``members``, one for each.
    curves : tuple of GroupCurve
        Survival by group, beside Kaplan-Meier; see `models.group_curves.GROUPINGS`.
    hazard_low_assumption, hazard_high_assumption : DiscreteTimeHazard or None
        Fitted to careers simulated with the assumption at the lower and the upper end of its range; the baselines are
        calibrated anew, so the published medians hold in both. None for observed spells.
    assumption : Assumption or None
        How much the hazard rises when a trainee has become a specialist: unmeasured, and what every difference
        between trainees and specialists in a simulated model rests on. None for observed spells.
    bands : tuple of BandMedian
        Model, Kaplan-Meier and published medians, national first.
    quality : QualityReport
        Of the same model in municipalities that it was not fitted to; see `models.quality.post_quality`.
    spells, seed : int, int
        Number of spells, and the seed of simulation, split and bootstrap.
    is_simulated : bool
        Whether the spells were simulated.
    """

    hazard: DiscreteTimeHazard
    members: tuple[DiscreteTimeHazard, ...]
    causes: CauseMix | None
    cause_members: tuple[CauseMix, ...]
    curves: tuple[GroupCurve, ...]
    hazard_low_assumption: DiscreteTimeHazard | None
    hazard_high_assumption: DiscreteTimeHazard | None
    assumption: Assumption | None
    bands: tuple[BandMedian, ...]
    quality: QualityReport
    spells: int
    seed: int
    is_simulated: bool

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, RetentionModel):
            return NotImplemented
        return hash(self) == hash(other) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.bands, self.quality, self.spells, self.seed, self.is_simulated))

    def to_json(self) -> str:
        """Return the model as JSON text for one text column; nothing in it can be executed."""
        document = {
            "format": FORMAT,
            "version": VERSION,
            "hazard": hazard_document(self.hazard),
            "members": [hazard_document(member) for member in self.members],
            "causes": None if self.causes is None else cause_mix_document(self.causes),
            "cause_members": [cause_mix_document(member) for member in self.cause_members],
            "curves": [asdict(curve) for curve in self.curves],
            "hazard_low_assumption": _document_or_none(self.hazard_low_assumption),
            "hazard_high_assumption": _document_or_none(self.hazard_high_assumption),
            "assumption": None if self.assumption is None else assumption_document(self.assumption),
            "bands": [asdict(band) for band in self.bands],
            "quality": asdict(self.quality),
            "spells": self.spells,
            "seed": self.seed,
            "is_simulated": self.is_simulated,
        }
        return json.dumps(document, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the model that `to_json` wrote.

        Raises
        ------
        SavedModelError
            If the text is no such model.
        """
        document = parsed_document(text)
        check_format(document, FORMAT, VERSION, _KEYS)
        try:
            return cls(
                hazard=hazard_of_kind(document["hazard"], DiscreteTimeHazard),
                members=tuple(hazard_of_kind(member, DiscreteTimeHazard) for member in document["members"]),
                causes=None if document["causes"] is None else cause_mix_from_document(document["causes"]),
                cause_members=tuple(cause_mix_from_document(member) for member in document["cause_members"]),
                curves=tuple(group_curve_from_document(curve) for curve in document["curves"]),
                hazard_low_assumption=_hazard_or_none(document["hazard_low_assumption"]),
                hazard_high_assumption=_hazard_or_none(document["hazard_high_assumption"]),
                assumption=None if document["assumption"] is None else assumption_from_document(document["assumption"]),
                bands=tuple(BandMedian(**band) for band in document["bands"]),
                quality=quality_from_document(document["quality"]),
                spells=int(document["spells"]),
                seed=int(document["seed"]),
                is_simulated=bool(document["is_simulated"]),
            )
        except (TypeError, ValueError, KeyError) as error:
            raise SavedModelError(f"{type(error).__name__}: {error}") from error


def train_retention_model(
    mix: pl.DataFrame,
    *,
    seed: int,
    contracts: int | None = None,
    assumptions: CareerAssumptions | None = None,
    members: int = _MEMBERS,
    num_threads: int = 1,
) -> RetentionModel:
    """Return a model trained on simulated contracts of these municipalities.

    Two more hazards are fitted to careers with the rise at the specialist date at either end of its range.

    Parameters
    ----------
    mix : DataFrame
        `models.mix.MunicipalityMix` of the whole country.
    seed : int
        Of simulation, split and bootstrap: the same seed gives the same model.
    contracts : int, optional
        By default the 7,359 of the published study.
    assumptions : CareerAssumptions, optional
        Class-C assumptions of the simulator.
    members, num_threads : int, int
        Bootstrap refits (2 or more) and threads.
    """
    used = assumptions or CareerAssumptions.from_calibration()
    assumption = specialist_assumption(value=used.specialist_bump)
    spells = simulate_contracts(mix, seed=seed, contracts=contracts, assumptions=used)
    model = fitted_retention_model(spells, seed=seed, is_simulated=True, members=members, num_threads=num_threads)

    def fitted_with(specialist_bump: float) -> DiscreteTimeHazard:
        changed = replace(used, specialist_bump=specialist_bump)
        careers = _ordered(simulate_contracts(mix, seed=seed, contracts=contracts, assumptions=changed))
        hazard: DiscreteTimeHazard = clone(model.hazard).fit(careers.select(COVARIATES), careers.select(OUTCOME))
        return hazard

    return replace(
        model,
        hazard_low_assumption=fitted_with(assumption.lower),
        hazard_high_assumption=fitted_with(assumption.upper),
        assumption=assumption,
    )


def fitted_retention_model(
    spells: pl.DataFrame, *, seed: int, is_simulated: bool, members: int = _MEMBERS, num_threads: int = 1
) -> RetentionModel:
    """Return a model fitted to spells, one's own or simulated; it carries no assumption.

    Parameters
    ----------
    spells : DataFrame
        `features.frames.Spell` with ``population``, ``population_band``, ``centrality_class``, ``contract_form`` and
        ``years_since_specialist`` (at the contract's start); observed from their start. ``exit_cause``, where there is
        one, tells why each ended contract did; ``municipality_code``, where there is one, is held out together when
        the quality is measured.
    seed, is_simulated : int, bool
        Seed of split and bootstrap; whether forecasts must be marked as simulated.
    members, num_threads : int, int
        Bootstrap refits (2 or more) and threads.

    Raises
    ------
    InvalidInputError
        If a column is missing or impossible, ``members`` is below 2, or an ended contract lacks its cause.
    """
    if members < 2:
        raise InvalidInputError("members", members, "2 or more")
    ordered = _ordered(spells)
    covariates, outcome = ordered.select(COVARIATES), ordered.select(OUTCOME)
    rng = np.random.default_rng(seed)
    hazard = default_hazard(ordered, num_threads).fit(covariates, outcome)
    weights = [_resampled(ordered.height, rng) for _ in range(members)]
    refits = hazard.fit_reweighted(covariates, outcome, weights)
    mixes = contract_cause_mixes(ordered, [np.ones(ordered.height), *weights])
    causes = mixes[0].causes if mixes else ()
    return RetentionModel(
        hazard=hazard,
        members=refits,
        causes=mixes[0] if mixes else None,
        cause_members=mixes[1:],
        curves=curves_by_group(hazard, refits, ordered),
        hazard_low_assumption=None,
        hazard_high_assumption=None,
        assumption=None,
        bands=median_by_population_band(hazard, refits, ordered, is_simulated=is_simulated),
        quality=post_quality(hazard, ordered, covariates=COVARIATES, causes=causes, seed=seed),
        spells=ordered.height,
        seed=seed,
        is_simulated=is_simulated,
    )


def with_career_stage(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with ``years_since_specialist_in_post``: null where the doctor came as a specialist.

    A specialist hired just after the approval and a trainee who reaches it in the post are alike in
    ``years_since_specialist``, but only the second meets a date at which staying becomes a new choice. The column is a
    clock: it starts negative and passes 0 when the trainee becomes a specialist.

    Examples
    --------
    >>> posts = pl.DataFrame({"years_since_specialist": [-1.5, 4.0]})
    >>> with_career_stage(posts)["years_since_specialist_in_post"].to_list()
    [-1.5, None]
    """
    years = pl.col("years_since_specialist").cast(pl.Float64)
    return posts.with_columns(years_since_specialist_in_post=pl.when(years < 0).then(years))


def _ordered(spells: pl.DataFrame) -> pl.DataFrame:
    wanted = ("spell_id", *OUTCOME, *POST_COLUMNS, "population_band")
    if missing := [name for name in wanted if name not in spells.columns]:
        raise InvalidInputError("spells", spells.columns, f"also the columns {', '.join(missing)}")
    told = [name for name in (CAUSE, "municipality_code") if name in spells.columns]
    return with_career_stage(spells.select(*wanted, *told).sort("spell_id"))


def default_hazard(spells: pl.DataFrame, num_threads: int = 1) -> DiscreteTimeHazard:
    """Return the unfitted hazard for these spells; ``bench/retention_settings.py`` chose its settings.

    They have the best likelihood of held-out spells; the simulator's true hazards had no say in it.
    """
    longest = float(spells["duration_years"].max())  # type: ignore[arg-type]
    return DiscreteTimeHazard(
        breaks=tuple(0.5 * step for step in range(int(np.ceil(longest / 0.5)) + 1)),
        clocks=CLOCKS,
        n_estimators=100,
        learning_rate=0.1,
        num_leaves=3,
        min_leaf_events=20.0,
        l2=1.0,
        features_share=1.0,
        num_threads=num_threads,
    )


def _resampled(rows: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.multinomial(rows, np.full(rows, 1 / rows)).astype(np.float64)


def _document_or_none(hazard: DiscreteTimeHazard | None) -> dict[str, Any] | None:
    return None if hazard is None else hazard_document(hazard)


def _hazard_or_none(document: dict[str, Any] | None) -> DiscreteTimeHazard | None:
    return None if document is None else hazard_of_kind(document, DiscreteTimeHazard)
