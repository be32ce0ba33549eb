import json
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.balanced_hazard import BalancedHazard
from models.errors import SavedModelError
from models.forest_hazard import ForestHazard
from models.glm_hazard import PenalisedHazard
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator, fresh
from models.outcome import survival_outcome
from models.persistence import hazard_from_json, hazard_of_kind, hazard_to_json, parsed_document
from models.stacking import StackedHazard

COVARIATES = pl.DataFrame({"contract_form": ["salaried", "self_employed"] * 200, "years": [-2.0, 1.0] * 200})


@pytest.fixture(scope="module")
def fitted() -> DiscreteTimeHazard:
    outcome = pl.DataFrame({"entry_years": 0.0, "duration_years": np.linspace(0.1, 6, 400), "event": True})
    return DiscreteTimeHazard(clocks=("years",), breaks=(0.0, 1.0, 3.0, 6.0)).fit(COVARIATES, outcome)


def test_a_saved_model_predicts_the_same_to_the_last_digit(fitted: DiscreteTimeHazard) -> None:
    again = hazard_from_json(hazard_to_json(fitted))
    assert {name: value for name, value in again.get_params().items() if value} == {
        name: list(value) if isinstance(value, tuple) else value for name, value in fitted.get_params().items() if value
    }
    assert (again.predict_hazard(COVARIATES) == fitted.predict_hazard(COVARIATES)).all()
    assert hazard_to_json(again) == hazard_to_json(fitted)


@pytest.mark.parametrize("text", ["", "tree", "[]", "{}", '{"format": "stabil.hazard"}', "null", "\x80\x04K\x01."])
def test_garbage_is_refused_with_a_clear_error(text: str) -> None:
    with pytest.raises(SavedModelError, match="Train the model again"):
        hazard_from_json(text)


def changed(fitted: DiscreteTimeHazard, **changes: Any) -> str:
    return json.dumps(json.loads(hazard_to_json(fitted)) | changes)


def with_trees(fitted: DiscreteTimeHazard, trees: str) -> dict[str, Any]:
    """A state with other trees and the checksum that belongs to it."""
    state = json.loads(hazard_to_json(fitted))["state"] | {"trees": trees}
    return {"state": state, "state_sha256": sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 99}, "version 99"),
        ({"state": {"trees": "tree\nversion=v4\n"}}, "checksum"),
        ({"parameters": {"unknown": 1}}, "unknown"),
        ({"parameters": 7}, "Error"),
        ({"kind": "Pickle"}, "unknown kind 'Pickle'"),
        ({"covariates": ["years"]}, "do not belong together"),
    ],
)
def test_a_changed_document_is_refused(fitted: DiscreteTimeHazard, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(SavedModelError, match=reason):
        hazard_from_json(changed(fitted, **changes))


def test_trees_that_are_none_are_refused(fitted: DiscreteTimeHazard) -> None:
    with pytest.raises(SavedModelError, match="LightGBMError"):
        hazard_from_json(changed(fitted, **with_trees(fitted, "rubbish")))


@pytest.mark.parametrize(
    "estimator",
    [
        PenalisedHazard(curves=True, products=3),
        ForestHazard(trees=8),
        ForestHazard(trees=8, guides=5),
        DiscreteTimeHazard(n_estimators=8, monotone={"size": 1}, interactions=[["size", "elapsed_years"], ["form"]]),
        StackedHazard(folds=2),
        BalancedHazard(PenalisedHazard()),
        BalancedHazard(StackedHazard(members=[("one", PenalisedHazard()), ("two", ForestHazard(trees=5))], folds=2)),
        StackedHazard(members=[("one", PenalisedHazard()), ("two", ForestHazard(trees=5))], folds=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_every_estimator_is_saved_without_loss(estimator: HazardEstimator) -> None:
    rng = np.random.default_rng(5)
    size = rng.normal(size=300)
    covariates = pl.DataFrame(
        {"size": np.where(rng.random(300) < 0.1, np.nan, size), "form": rng.choice(["a", "b"], 300)}
    )
    y = survival_outcome(rng.random(300) < 0.7, rng.exponential(np.exp(size)) + 0.01)
    fitted = fresh(estimator).fit(covariates, y)
    again = hazard_from_json(hazard_to_json(fitted))
    assert type(again) is type(fitted)
    assert (again.predict_hazard(covariates) == fitted.predict_hazard(covariates)).all()
    assert (again.predict(covariates) == fitted.predict(covariates)).all()
    assert "pickle" not in hazard_to_json(fitted)


def test_a_balanced_stack_keeps_the_opinions_of_its_members_and_refits_its_like() -> None:
    covariates = pl.DataFrame({"form": ["a", "b"] * 60, "size": np.linspace(0, 1, 120)})
    y = survival_outcome([1, 0, 1] * 40, np.linspace(0.1, 6, 120) % 3 + 0.1)
    stack = StackedHazard(members=[("one", PenalisedHazard()), ("two", ForestHazard(trees=5))], folds=2)
    fitted = BalancedHazard(stack).fit(covariates, y)
    again: Any = hazard_of_kind(parsed_document(hazard_to_json(fitted)), BalancedHazard)
    for saved, known in zip(again.opinions(covariates), fitted.opinions(covariates), strict=True):
        assert (saved == known).all()
    assert hazard_to_json(again) == hazard_to_json(fitted)
    refitted = fresh(again).fit(covariates, y)
    assert (refitted.predict_hazard(covariates) == fitted.predict_hazard(covariates)).all()


@pytest.mark.parametrize("part", ["effects", "is_late"])
def test_a_balanced_hazard_with_parts_of_another_is_refused(part: str) -> None:
    fitted = BalancedHazard(PenalisedHazard()).fit(COVARIATES, survival_outcome([1] * 400, np.linspace(0.1, 6, 400)))
    document = json.loads(hazard_to_json(fitted))
    document["state"][part] = [row[1:] for row in document["state"][part]] if part == "effects" else [True]
    document["state_sha256"] = sha256(json.dumps(document["state"], sort_keys=True).encode()).hexdigest()
    with pytest.raises(SavedModelError, match="do not belong together"):
        hazard_from_json(json.dumps(document))


def test_an_array_without_names_is_saved_too() -> None:
    covariates = np.arange(100.0).reshape(50, 2)
    fitted = PenalisedHazard().fit(covariates, survival_outcome([True] * 50, np.arange(1.0, 51.0)))
    again = hazard_from_json(hazard_to_json(fitted))
    assert (again.predict_hazard(covariates) == fitted.predict_hazard(covariates)).all()
