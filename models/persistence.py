"""Fitted hazards as text: LightGBM's own model text and plain numbers inside JSON, never pickle."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, TypeVar
from zlib import error as ZlibError  # noqa: N812

import lightgbm as lgb
import numpy as np
from sklearn.base import clone

from features.errors import InvalidInputError
from models.balanced_hazard import BalancedHazard
from models.competing_risks import CauseSpecificHazards
from models.errors import SavedModelError
from models.forest_hazard import ForestHazard
from models.glm_hazard import PenalisedHazard
from models.glm_settings import settings_document, settings_from_document
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator
from models.saved_states import (
    boosted_state,
    forest_state,
    penalised_state,
    set_boosted,
    set_forest,
    set_penalised,
)
from models.saved_values import design_document, design_of_document
from models.stacking import StackedHazard

FORMAT = "stabil.hazard"
VERSION = 3
E = TypeVar("E", bound=HazardEstimator)
_KEYS = ("kind", "parameters", "breaks", "baseline", "covariates", "categories", "columns_with_gaps", "events", "state")
_KINDS: Mapping[str, type[HazardEstimator]] = {
    kind.__name__: kind
    for kind in (BalancedHazard, CauseSpecificHazards, DiscreteTimeHazard, ForestHazard, PenalisedHazard, StackedHazard)
}


def hazard_to_json(model: HazardEstimator) -> str:
    """Return a fitted hazard as JSON text.

    Examples
    --------
    >>> import polars as pl
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 100})
    >>> model = DiscreteTimeHazard().fit(X, survival_outcome([True] * 200, [1.0, 4.0] * 100))
    >>> again = hazard_from_json(hazard_to_json(model))
    >>> bool((again.predict_hazard(X) == model.predict_hazard(X)).all())
    True
    """
    return json.dumps(hazard_document(model), allow_nan=False)


def hazard_from_json(text: str) -> HazardEstimator:
    """Return the fitted hazard that `hazard_to_json` wrote; it predicts the same to the last digit.

    Raises
    ------
    SavedModelError
        If the text is no such model.
    """
    return hazard_from_document(parsed_document(text))


def hazard_document(model: HazardEstimator) -> dict[str, Any]:
    """Return a fitted hazard as plain values that JSON can hold."""
    kind = type(model).__name__
    state = _STATES[kind][0](model)
    names = getattr(model, "feature_names_in_", None)
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "parameters": _parameters(model),
        "breaks": model.breaks_.tolist(),
        "baseline": model.baseline_.tolist(),
        "covariates": [str(name) for name in names] if names is not None else int(model.n_features_in_),
        "categories": {name: list(levels) for name, levels in model.categories_.items()},
        "columns_with_gaps": list(model.columns_with_gaps_),
        "events": model.n_events_,
        "state": state,
        "state_sha256": _digest(state),
    }


def hazard_from_document(document: dict[str, Any]) -> HazardEstimator:
    """Return the fitted hazard of a document made by `hazard_document`."""
    check_format(document, FORMAT, VERSION, (*_KEYS, "state_sha256"))
    if document["kind"] not in _KINDS:
        raise SavedModelError(f"it is of the unknown kind {document['kind']!r}")
    if _digest(document["state"]) != document["state_sha256"]:
        raise SavedModelError("its contents do not match their checksum")
    try:
        parameters = dict(document["parameters"])
        if isinstance(parameters.get("settings"), dict):
            parameters["settings"] = settings_from_document(parameters["settings"])
        model = _KINDS[document["kind"]](**parameters)
        model.breaks_ = np.asarray(document["breaks"], dtype=np.float64)
        model.baseline_ = np.asarray(document["baseline"], dtype=np.float64)
        covariates = document["covariates"]
        if isinstance(covariates, list):
            model.feature_names_in_ = np.array(covariates, dtype=object)
        model.n_features_in_ = len(covariates) if isinstance(covariates, list) else int(covariates)
        model.categories_ = {name: tuple(levels) for name, levels in document["categories"].items()}
        model.columns_with_gaps_ = tuple(document["columns_with_gaps"])
        model.n_events_ = float(document["events"])
        _STATES[document["kind"]][1](model, document["state"])
    except (
        TypeError,
        ValueError,
        KeyError,
        AttributeError,
        InvalidInputError,
        ZlibError,
        lgb.basic.LightGBMError,
    ) as error:
        raise SavedModelError(f"{type(error).__name__}: {error}") from error
    return model


def hazard_of_kind(document: dict[str, Any], kind: type[E]) -> E:
    """Return the fitted hazard of a document, which must be of this kind."""
    model = hazard_from_document(document)
    if not isinstance(model, kind):
        raise SavedModelError(f"it holds a {type(model).__name__}, expected a {kind.__name__}")
    return model


def parsed_document(text: str) -> dict[str, Any]:
    """Return the JSON object in a text, or raise `SavedModelError`."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SavedModelError(f"it is no JSON ({error})") from error
    if not isinstance(document, dict):
        raise SavedModelError("it is no JSON object")
    return document


def check_format(document: object, name: str, version: int, keys: tuple[str, ...]) -> None:
    """Raise `SavedModelError` unless a document is of this format and version and has all its keys."""
    if not isinstance(document, dict) or document.get("format") != name:
        raise SavedModelError(f"it is no {name} document")
    if document.get("version") != version:
        raise SavedModelError(f"it has version {document.get('version')!r}, expected {version}")
    if missing := [key for key in keys if key not in document]:
        raise SavedModelError(f"it lacks {', '.join(missing)}")


def _parameters(model: HazardEstimator) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in model.get_params(deep=False).items():
        if name in ("members", "estimator", "hazard"):
            continue
        if name == "settings":
            plain[name] = None if value is None else settings_document(value)
        elif isinstance(value, Mapping):
            plain[name] = dict(value)
        elif isinstance(value, list | tuple | np.ndarray):
            plain[name] = [list(each) if isinstance(each, list | tuple) else _plain(each) for each in value]
        else:
            plain[name] = _plain(value)
    return plain


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _stack_state(model: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "names": list(model.names_),
        "weights": model.weights_.tolist(),
        "members": [hazard_document(member) for member in model.members_],
    }


def _set_stack(model: Any, state: dict[str, Any]) -> None:  # noqa: ANN401
    model.names_ = list(state["names"])
    model.weights_ = np.asarray(state["weights"], dtype=np.float64)
    model.members_ = [hazard_from_document(member) for member in state["members"]]
    model.members = list(zip(model.names_, model.members_, strict=True))


def _balanced_state(model: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "is_default": model.hazard is None,
        "hazard": hazard_document(model.hazard_),
        "design": design_document(model.design_),
        "is_late": model.is_late_.tolist(),
        "effects": model.effects_.tolist(),
    }


def _set_balanced(model: Any, state: dict[str, Any]) -> None:  # noqa: ANN401
    model.hazard_ = hazard_from_document(state["hazard"])
    model.hazard = None if state["is_default"] else clone(model.hazard_)
    model.design_ = design_of_document(state["design"])
    model.is_late_ = np.asarray(state["is_late"], dtype=np.bool_)
    model.effects_ = np.asarray(state["effects"], dtype=np.float64)
    if model.effects_.shape != (2, model.design_.linear + 1) or model.is_late_.shape != model.baseline_.shape:
        raise SavedModelError("its effects and its covariates or intervals do not belong together")


def _causes_state(model: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "estimator": None if model.estimator is None else type(model.estimator).__name__,
        "cause_times": [times.tolist() for times in model.cause_times_],
        "members": [None if member is None else hazard_document(member) for member in model.members_],
    }


def _set_causes(model: Any, state: dict[str, Any]) -> None:  # noqa: ANN401
    model.cause_times_ = [np.asarray(times, dtype=np.float64) for times in state["cause_times"]]
    model.members_ = [None if member is None else hazard_from_document(member) for member in state["members"]]
    if len(model.members_) != len(model.cause_times_):
        raise SavedModelError("its causes and their times do not belong together")
    known = next(member for member in model.members_ if member is not None)
    model.estimator = None if state["estimator"] is None else clone(known)


def _digest(state: object) -> str:
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


_STATES: Mapping[str, tuple[Callable[[Any], dict[str, Any]], Callable[[Any, dict[str, Any]], None]]] = {
    "BalancedHazard": (_balanced_state, _set_balanced),
    "CauseSpecificHazards": (_causes_state, _set_causes),
    "DiscreteTimeHazard": (boosted_state, set_boosted),
    "ForestHazard": (forest_state, set_forest),
    "PenalisedHazard": (penalised_state, set_penalised),
    "StackedHazard": (_stack_state, _set_stack),
}
