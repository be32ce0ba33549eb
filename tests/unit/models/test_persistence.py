import json
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.errors import SavedModelError
from models.hazard import DiscreteTimeHazard
from models.persistence import hazard_from_json, hazard_to_json

COVARIATES = pl.DataFrame({"contract_form": ["salaried", "self_employed"] * 200, "years": [-2.0, 1.0] * 200})


@pytest.fixture(scope="module")
def fitted() -> DiscreteTimeHazard:
    outcome = pl.DataFrame({"entry_years": 0.0, "duration_years": np.linspace(0.1, 6, 400), "event": True})
    return DiscreteTimeHazard(clocks=("years",), breaks=(0.0, 1.0, 3.0, 6.0)).fit(COVARIATES, outcome)


def test_a_saved_model_predicts_the_same_to_the_last_digit(fitted: DiscreteTimeHazard) -> None:
    again = hazard_from_json(hazard_to_json(fitted))
    assert again.get_params() == fitted.get_params()
    assert (again.predict_hazard(COVARIATES) == fitted.predict_hazard(COVARIATES)).all()
    assert hazard_to_json(again) == hazard_to_json(fitted)


@pytest.mark.parametrize("text", ["", "tree", "[]", "{}", '{"format": "stabil.hazard"}', "null", "\x80\x04K\x01."])
def test_garbage_is_refused_with_a_clear_error(text: str) -> None:
    with pytest.raises(SavedModelError, match="Train the model again"):
        hazard_from_json(text)


def changed(fitted: DiscreteTimeHazard, **changes: Any) -> str:
    return json.dumps(json.loads(hazard_to_json(fitted)) | changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 99}, "version 99"),
        ({"trees": "tree\nversion=v4\n"}, "checksum"),
        ({"parameters": {"unknown": 1, "clocks": [], "breaks": None}}, "unknown"),
        ({"parameters": []}, "Error"),
        ({"covariates": ["years"]}, "do not belong together"),
        ({"trees": "rubbish", "trees_sha256": sha256(b"rubbish").hexdigest()}, "LightGBMError"),
    ],
)
def test_a_changed_document_is_refused(fitted: DiscreteTimeHazard, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(SavedModelError, match=reason):
        hazard_from_json(changed(fitted, **changes))
