"""What fitting gave each kind of hazard that is made of no others, as plain values and back."""

from typing import Any

import lightgbm as lgb
import numpy as np

from models.cox_newton import LinearHazard
from models.errors import SavedModelError
from models.glm_settings import settings_document, settings_from_document
from models.saved_values import design_document, design_of_document, packed, unpacked


def boosted_state(model: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the trees of a `models.hazard.DiscreteTimeHazard`."""
    return {
        "trees": model.booster_.model_to_string(),
        "n_estimators": model.n_estimators_,
        "step_of": model.step_of_.tolist(),
    }


def set_boosted(model: Any, state: dict[str, Any]) -> None:  # noqa: ANN401
    """Give a boosted hazard the trees that `boosted_state` wrote."""
    model.booster_ = lgb.Booster(model_str=state["trees"])
    if model.booster_.num_feature() != model.n_features_in_ + 1:
        raise SavedModelError("its trees and its covariates do not belong together")
    model.n_estimators_ = int(state["n_estimators"])
    model.step_of_ = np.asarray(state["step_of"], dtype=np.int64)


def forest_state(model: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the trees and leaves of a `models.forest_hazard.ForestHazard`."""
    return {
        "trees": model.booster_.model_to_string(),
        "leaf_events": model.leaf_events_,
        "first_leaf": model.first_leaf_.tolist(),
        "guide_design": None if model.guide_design_ is None else design_document(model.guide_design_),
        "guide_coefficients": model.guide_coefficients_.tolist(),
        "leaf_events_table": packed(model.leaf_events_table_),
        "leaf_exposure_table": packed(model.leaf_exposure_table_),
    }


def set_forest(model: Any, state: dict[str, Any]) -> None:  # noqa: ANN401
    """Give a forest what `forest_state` wrote."""
    model.booster_ = lgb.Booster(model_str=state["trees"])
    model.leaf_events_ = float(state["leaf_events"])
    model.first_leaf_ = np.asarray(state["first_leaf"], dtype=np.int64)
    design = state["guide_design"]
    model.guide_design_ = None if design is None else design_of_document(design)
    model.guide_coefficients_ = np.asarray(state["guide_coefficients"], dtype=np.float64)
    model.leaf_events_table_ = unpacked(state["leaf_events_table"])
    model.leaf_exposure_table_ = unpacked(state["leaf_exposure_table"])


def penalised_state(model: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the coefficients of a `models.glm_hazard.PenalisedHazard`."""
    return {
        "settings": settings_document(model.settings_),
        "design": design_document(model.design_),
        "clock": model.clock_.tolist(),
        "beta": model.coefficients_.beta.tolist(),
        "drift": model.coefficients_.drift.tolist(),
        "log_baseline": model.coefficients_.log_baseline.tolist(),
    }


def set_penalised(model: Any, state: dict[str, Any]) -> None:  # noqa: ANN401
    """Give a penalised hazard what `penalised_state` wrote."""
    model.settings_ = settings_from_document(state["settings"])
    model.design_ = design_of_document(state["design"])
    model.clock_ = np.asarray(state["clock"], dtype=np.float64)
    model.coefficients_ = LinearHazard(
        *(np.asarray(state[name], dtype=np.float64) for name in ("beta", "drift", "log_baseline"))
    )
