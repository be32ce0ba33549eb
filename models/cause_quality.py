"""How good the forecast is of each cause of an end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import EstimatorInputError
from models.resampled_measures import Measure
from models.small_groups import shown_groups
from models.validation import CauseValidation, CrossValidation


@dataclass(frozen=True, slots=True)
class CauseHorizon:
    """Measures of one cause at one horizon; calibration without values where the horizon cannot be told."""

    horizon: float
    brier: Measure
    brier_one_curve: Measure
    skill: Measure
    auc: Measure
    ici: Measure
    intercept: Measure
    slope: Measure


@dataclass(frozen=True, slots=True)
class CauseQuality:
    """Quality of the forecast of one cause; a spell that ended of another never ends of this one.

    Attributes
    ----------
    cause : str
        Its name.
    ended : int
        Tested spells that ended of it.
    harrell_c, uno_c, integrated_brier, integrated_brier_one_curve, integrated_skill : Measure
        Of the incidence of the cause; one curve is Aalen-Johansen.
    horizons : tuple of CauseHorizon
        One per asked horizon.
    """

    cause: str
    ended: int
    harrell_c: Measure
    uno_c: Measure
    integrated_brier: Measure
    integrated_brier_one_curve: Measure
    integrated_skill: Measure
    horizons: tuple[CauseHorizon, ...]


def cause_qualities(
    validation: CrossValidation, names: Sequence[str], horizons: Sequence[float]
) -> tuple[tuple[CauseQuality, ...], int]:
    """Return the quality by cause, and how many causes are withheld because too few spells ended of them.

    Parameters
    ----------
    validation : CrossValidation
        With causes; without them there is nothing to return.
    names : sequence of str
        Of the causes, 1 first, perhaps with more that never happened at the end; the numbers themselves where empty.
    horizons : sequence of float
        All that were asked for.

    Raises
    ------
    EstimatorInputError
        If there are names, but not for every cause.
    """
    found = validation.causes
    if names and len(names) < len(found):
        raise EstimatorInputError("causes", tuple(names), f"a name for each of {len(found)} causes")
    named = {(names[each.cause - 1] if names else str(each.cause)): each for each in found}
    ends = np.repeat(list(named), [each.ended for each in found]) if found else np.array([], dtype=str)
    shown = shown_groups(ends)
    happened = sum(each.ended > 0 for each in found)
    return tuple(_quality(name, named[name], horizons) for name in named if name in shown), happened - len(shown)


def _quality(name: str, cause: CauseValidation, horizons: Sequence[float]) -> CauseQuality:
    told = {each.horizon for each in cause.calibration}

    def calibration(measure: str, horizon: float) -> Measure:
        return cause.measure(measure, horizon) if horizon in told else Measure(measure, horizon, None, None, None)

    return CauseQuality(
        cause=name,
        ended=cause.ended,
        harrell_c=cause.measure("harrell_c"),
        uno_c=cause.measure("uno_c"),
        integrated_brier=cause.measure("integrated_brier"),
        integrated_brier_one_curve=cause.measure("integrated_brier_one_curve"),
        integrated_skill=cause.measure("integrated_skill"),
        horizons=tuple(
            CauseHorizon(
                horizon=horizon,
                brier=cause.measure("brier", horizon),
                brier_one_curve=cause.measure("brier_one_curve", horizon),
                skill=cause.measure("skill", horizon),
                auc=cause.measure("auc", horizon),
                ici=calibration("ici", horizon),
                intercept=calibration("intercept", horizon),
                slope=calibration("slope", horizon),
            )
            for horizon in horizons
        ),
    )
