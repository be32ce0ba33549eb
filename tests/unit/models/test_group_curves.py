import json
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidInputError
from models.benchmarks import kaplan_meier, survival_at
from models.group_curves import FEWEST_SPELLS, GROUPINGS, GroupCurve, curves_by_group, group_curve_from_document
from models.mix import national_mix
from models.retention import RetentionModel, fitted_retention_model, with_career_stage
from models.simulation import simulate_contracts


@pytest.fixture(scope="module")
def spells() -> pl.DataFrame:
    return with_career_stage(simulate_contracts(national_mix(), seed=2, contracts=1500))


@pytest.fixture(scope="module")
def model(spells: pl.DataFrame) -> RetentionModel:
    return fitted_retention_model(spells, seed=1, is_simulated=True, members=2)


def test_every_contract_is_in_one_group_of_each_grouping(model: RetentionModel, spells: pl.DataFrame) -> None:
    for by in GROUPINGS:
        curves = [curve for curve in model.curves if curve.by == by]
        assert sum(curve.spells for curve in curves) == spells.height
        assert len(curves) == len({curve.group for curve in curves}) >= 2


def test_kaplan_meier_and_the_numbers_at_risk_are_those_of_the_group(
    model: RetentionModel, spells: pl.DataFrame
) -> None:
    curve = next(curve for curve in model.curves if curve.group == "salaried")
    own = spells.filter(pl.col("contract_form") == "salaried")
    observed = survival_at(kaplan_meier(own), curve.times_years)
    for place, time in enumerate(curve.times_years):
        count = sum(duration > time for duration in own["duration_years"])
        assert curve.at_risk[place] == (count if count >= FEWEST_SPELLS else None)
        if count >= FEWEST_SPELLS:
            assert curve.kaplan_meier[place] == pytest.approx(observed[place])
        else:
            assert curve.kaplan_meier[place] is None


def test_the_models_curve_lies_within_its_interval_and_never_rises(model: RetentionModel) -> None:
    for curve in model.curves:
        lower, middle, upper = map(np.array, (curve.model_lower, curve.model, curve.model_upper))
        assert (lower <= middle).all()
        assert (middle <= upper).all()
        assert middle[0] == 1
        assert (np.diff(middle) <= 0).all()


def test_groups_of_fewer_than_five_contracts_are_left_out(model: RetentionModel, spells: pl.DataFrame) -> None:
    few = pl.concat(
        [
            spells.filter(pl.col("contract_form") == "salaried"),
            spells.filter(pl.col("contract_form") == "self_employed").head(FEWEST_SPELLS - 1),
        ]
    )
    curves = curves_by_group(model.hazard, model.members, few, ["contract_form"])
    assert [curve.group for curve in curves] == ["salaried"]
    with pytest.raises(InvalidInputError, match="contract_form"):
        curves_by_group(model.hazard, model.members, few.drop("contract_form"), ["contract_form"])


def test_a_curve_survives_as_json(model: RetentionModel) -> None:
    curve: GroupCurve = model.curves[0]
    assert group_curve_from_document(json.loads(json.dumps(asdict(curve)))) == curve
