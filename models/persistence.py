"""Fitted hazards as text: LightGBM's own model text inside JSON, never pickle."""

import json
from hashlib import sha256
from typing import Any

import lightgbm as lgb
import numpy as np

from models.errors import SavedModelError
from models.hazard import DiscreteTimeHazard

FORMAT = "stabil.hazard"
VERSION = 2
_KEYS = ("parameters", "breaks", "covariates", "categories", "columns_with_gaps", "events", "trees", "trees_sha256")


def hazard_to_json(model: DiscreteTimeHazard) -> str:
    """Return a fitted hazard as JSON text.

    Examples
    --------
    >>> import polars as pl
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 100})
    >>> y = pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 4.0] * 100, "event": True})
    >>> model = DiscreteTimeHazard().fit(X, y)
    >>> again = hazard_from_json(hazard_to_json(model))
    >>> bool((again.predict_hazard(X) == model.predict_hazard(X)).all())
    True
    """
    return json.dumps(hazard_document(model), allow_nan=False)


def hazard_from_json(text: str) -> DiscreteTimeHazard:
    """Return the fitted hazard that `hazard_to_json` wrote; it predicts the same to the last digit.

    Raises
    ------
    SavedModelError
        If the text is no such model.
    """
    return hazard_from_document(parsed_document(text))


def hazard_document(model: DiscreteTimeHazard) -> dict[str, Any]:
    """Return a fitted hazard as plain values that JSON can hold."""
    trees = model.booster_.model_to_string()
    parameters = model.get_params()
    for name in ("clocks", "breaks"):
        if parameters[name] is not None:
            parameters[name] = [value if isinstance(value, str) else float(value) for value in parameters[name]]
    return {
        "format": FORMAT,
        "version": VERSION,
        "parameters": parameters,
        "breaks": model.breaks_.tolist(),
        "covariates": list(model.feature_names_in_),
        "categories": {name: list(levels) for name, levels in model.categories_.items()},
        "columns_with_gaps": list(model.columns_with_gaps_),
        "events": model.n_events_,
        "trees": trees,
        "trees_sha256": _digest(trees),
    }


def hazard_from_document(document: dict[str, Any]) -> DiscreteTimeHazard:
    """Return the fitted hazard of a document made by `hazard_document`."""
    check_format(document, FORMAT, VERSION, _KEYS)
    if not isinstance(document["trees"], str) or _digest(document["trees"]) != document["trees_sha256"]:
        raise SavedModelError("its trees do not match their checksum")
    try:
        parameters = dict(document["parameters"])
        parameters["clocks"] = tuple(parameters["clocks"])
        if parameters["breaks"] is not None:
            parameters["breaks"] = tuple(parameters["breaks"])
        model = DiscreteTimeHazard(**parameters)
        model.breaks_ = np.asarray(document["breaks"], dtype=np.float64)
        model.feature_names_in_ = tuple(document["covariates"])
        model.categories_ = {name: tuple(levels) for name, levels in document["categories"].items()}
        model.columns_with_gaps_ = tuple(document["columns_with_gaps"])
        model.n_events_ = float(document["events"])
        model.booster_ = lgb.Booster(model_str=document["trees"])
    except (TypeError, ValueError, KeyError, AttributeError, lgb.basic.LightGBMError) as error:
        raise SavedModelError(f"{type(error).__name__}: {error}") from error
    if model.booster_.num_feature() != len(model.feature_names_in_) + 1:
        raise SavedModelError("its trees and its covariates do not belong together")
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


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
