"""The estimators that are compared with each other, by name."""

from collections.abc import Callable, Mapping
from typing import Any

from models.cause_cox import CauseSpecificCox
from models.competing_risks import CauseSpecificHazards
from models.cox import CoxRegression
from models.errors import EstimatorInputError
from models.glm_hazard import PenalisedHazard
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator
from models.reference_curve import ReferenceCurve
from models.stacking import StackedHazard

ESTIMATORS = ("km", "cox", "glm", "lightgbm", "stack")
"""Names of what can be compared, the plainest first."""

COX_RIDGE = 0.1
"""So little that it changes nothing but coefficients that would run to infinity, of levels in which nobody left."""

_HAZARDS: Mapping[str, Callable[[int], HazardEstimator]] = {
    "glm": lambda seed: PenalisedHazard(products=5, random_state=seed),
    "lightgbm": lambda seed: DiscreteTimeHazard(random_state=seed),
    "stack": lambda seed: StackedHazard(random_state=seed),
}


def estimator_of(name: str, causes: int, seed: int) -> Any:  # noqa: ANN401
    """Return an unfitted estimator of a name in `ESTIMATORS`, for one cause or several.

    Raises
    ------
    EstimatorInputError
        If there is none of that name.
    """
    if name not in ESTIMATORS:
        raise EstimatorInputError("estimators", name, f"some of {', '.join(ESTIMATORS)}")
    if name == "km":
        return ReferenceCurve()
    if name == "cox":
        return CoxRegression(ridge=COX_RIDGE) if causes == 1 else CauseSpecificCox(ridge=COX_RIDGE, causes=causes)
    hazard = _HAZARDS[name](seed)
    return hazard if causes == 1 else CauseSpecificHazards(hazard, causes=causes)
