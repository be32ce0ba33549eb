import ast
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone

from features.errors import InvalidInputError
from models.hazard import DiscreteTimeHazard
from models.persistence import hazard_from_json, hazard_to_json

COUNT = 2_000


def frames(seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    salaried = rng.random(COUNT) < 0.5
    end = rng.exponential(np.where(salaried, 2.0, 6.0))
    censored = rng.uniform(0, 10, COUNT)
    covariates = pl.DataFrame(
        {
            "contract_form": np.where(salaried, "salaried", "self_employed"),
            "population": rng.uniform(1000, 90_000, COUNT),
            "has_supervisor": rng.random(COUNT) < 0.5,
        }
    )
    outcome = pl.DataFrame({"entry_years": 0.0, "duration_years": np.minimum(end, censored), "event": end <= censored})
    return covariates, outcome


@pytest.fixture(scope="module")
def fitted() -> DiscreteTimeHazard:
    return DiscreteTimeHazard(interval_years=0.5, n_estimators=300).fit(*frames())


def profile(**changes: Any) -> pl.DataFrame:
    return pl.DataFrame({"contract_form": "salaried", "population": 5000.0, "has_supervisor": True} | changes)


def test_the_estimator_finds_the_hazards_that_made_the_spells(fitted: DiscreteTimeHazard) -> None:
    covariates, _ = frames()
    survival = fitted.predict_survival_function(covariates, [1.0, 3.0])
    is_salaried = (covariates["contract_form"] == "salaried").to_numpy()
    for group, mean_years in ((is_salaried, 2.0), (~is_salaried, 6.0)):
        # 0.03 is about two standard errors of a share among 1,000 partly censored spells
        np.testing.assert_allclose(survival[group].mean(axis=0), np.exp([-1 / mean_years, -3 / mean_years]), atol=0.03)


def test_it_follows_the_conventions_of_scikit_learn(fitted: DiscreteTimeHazard) -> None:
    copy = clone(DiscreteTimeHazard(clocks=("years",), num_leaves=3, breaks=(0.0, 1.0)))
    assert copy.get_params()["num_leaves"] == 3
    assert copy.set_params(num_leaves=5).num_leaves == 5
    assert fitted.feature_names_in_.tolist() == ["contract_form", "population", "has_supervisor"]
    assert fitted.categories_ == {"contract_form": ("salaried", "self_employed")}
    with pytest.raises(Exception, match="not fitted"):
        copy.predict_hazard(profile())


def test_two_fits_with_one_seed_are_equal(fitted: DiscreteTimeHazard) -> None:
    again = clone(fitted).fit(*frames())
    covariates, _ = frames(2)
    assert (again.predict_hazard(covariates) == fitted.predict_hazard(covariates)).all()


def test_a_weight_of_two_equals_a_repeated_spell() -> None:
    covariates, outcome = frames()
    weights = np.where(np.arange(COUNT) < 500, 2.0, 1.0)
    weighted = DiscreteTimeHazard(interval_years=0.5, n_estimators=10).fit(covariates, outcome, weights)
    repeated = DiscreteTimeHazard(interval_years=0.5, n_estimators=10).fit(
        pl.concat([covariates, covariates[:500]]), pl.concat([outcome, outcome[:500]])
    )
    # bins of the continuous covariate differ a little between the two
    np.testing.assert_allclose(
        weighted.predict_survival_function(covariates, [2.0]).mean(),
        repeated.predict_survival_function(covariates, [2.0]).mean(),
        atol=0.003,
    )


def test_survival_is_conditional_on_the_years_stayed(fitted: DiscreteTimeHazard) -> None:
    whole = fitted.predict_survival_function(profile(), [2.3, 5.1])[0]
    further = fitted.predict_survival_function(profile(), [2.8], stayed_years=2.3)[0, 0]
    assert further == pytest.approx(whole[1] / whole[0])
    each = fitted.predict_survival_function(profile(population=[5e3, 5e3]), [2.8], stayed_years=[0.0, 2.3])
    assert each[1, 0] == pytest.approx(further)


def test_the_hazard_is_constant_inside_an_interval(fitted: DiscreteTimeHazard) -> None:
    hazard = fitted.predict_hazard(profile())[0, 2]
    at = fitted.predict_cumulative_hazard(profile(), [1.0, 1.1, 1.5])[0]
    assert at[1] - at[0] == pytest.approx(0.1 * hazard)
    assert at[2] - at[0] == pytest.approx(0.5 * hazard)


def test_the_median_is_where_survival_is_one_half(fitted: DiscreteTimeHazard) -> None:
    for stayed in (0.0, 1.7):
        median = fitted.predict_median(profile(), stayed_years=stayed)
        half = fitted.predict_survival_function(profile(), median[:, None], stayed_years=stayed)
        assert half[0, 0] == pytest.approx(0.5)


def test_a_median_beyond_the_longest_spell_is_infinite_not_extrapolated(fitted: DiscreteTimeHazard) -> None:
    assert fitted.predict_median(profile(contract_form="self_employed"), stayed_years=8.0)[0] == np.inf


def test_a_time_beyond_the_longest_spell_is_refused(fitted: DiscreteTimeHazard) -> None:
    for times in ([0.0, 11.0], [-1.0], [float("nan")]):
        with pytest.raises(InvalidInputError, match="times"):
            fitted.predict_survival_function(profile(), times)
    with pytest.raises(InvalidInputError, match="between 0 and 10"):
        fitted.predict_survival_function(profile(), [5.0], stayed_years=6.0)


def test_nulls_are_allowed_and_no_rows_give_no_rows(fitted: DiscreteTimeHazard) -> None:
    covariates, outcome = frames()
    holes = covariates.with_columns(pl.when(pl.col("population") > 20_000).then(pl.all()))
    assert np.isfinite(
        DiscreteTimeHazard(interval_years=0.5, n_estimators=5).fit(holes, outcome).predict_hazard(holes)
    ).all()
    assert fitted.predict_survival_function(covariates.clear(), [1.0, 2.0]).shape == (0, 2)


@pytest.mark.parametrize(
    ("changes", "named", "given"),
    [
        ({"contract_form": "pro_bono"}, "contract_form", "pro_bono"),
        ({"contract_form": 3}, "contract_form", "Int64"),
        ({"population": "many"}, "population", "String"),
        ({"population": float("inf")}, "population", "infinite"),
    ],
)
def test_a_covariate_unlike_those_of_the_fit_is_named(
    fitted: DiscreteTimeHazard, changes: dict[str, Any], named: str, given: str
) -> None:
    with pytest.raises(InvalidInputError, match=given) as caught:
        fitted.predict_hazard(profile(**changes))
    assert caught.value.name == named


@pytest.mark.parametrize("name", ["population", "contract_form", "has_supervisor"])
def test_a_missing_value_is_refused_where_the_fit_had_none(fitted: DiscreteTimeHazard, name: str) -> None:
    with pytest.raises(InvalidInputError, match="missing value") as caught:
        fitted.predict_hazard(profile().with_columns(pl.lit(None, dtype=profile().schema[name]).alias(name)))
    assert caught.value.name == name
    with pytest.raises(InvalidInputError, match="population"):
        fitted.predict_hazard(profile(population=float("nan")))


def test_a_missing_value_is_read_as_in_the_fit_where_the_fit_had_some() -> None:
    covariates, outcome = frames()
    holes = covariates.with_columns(pl.when(pl.col("contract_form") == "self_employed").then("population"))
    model = DiscreteTimeHazard(interval_years=0.5, n_estimators=5).fit(holes, outcome)
    assert model.columns_with_gaps_ == ("population",)
    assert np.isfinite(model.predict_hazard(profile(population=float("nan")))).all()
    again = hazard_from_json(hazard_to_json(model))
    assert again.columns_with_gaps_ == model.columns_with_gaps_


def test_reweighted_copies_equal_fits_with_the_weights(fitted: DiscreteTimeHazard) -> None:
    covariates, outcome = frames()
    weights = np.random.default_rng(1).multinomial(COUNT, np.full(COUNT, 1 / COUNT), size=2)
    for copy, weight in zip(fitted.fit_reweighted(covariates, outcome, weights), weights, strict=True):
        alone = clone(fitted).fit(covariates, outcome, weight)
        assert (copy.predict_hazard(covariates) == alone.predict_hazard(covariates)).all()


def test_a_leaf_holds_the_expected_events_that_are_asked_for() -> None:
    covariates, outcome = frames()
    model = DiscreteTimeHazard(interval_years=0.5, n_estimators=1, num_leaves=31, min_leaf_events=100.0).fit(
        covariates, outcome
    )
    tree = model.booster_.trees_to_dataframe()
    # the Hessian of the first tree is the expected events at the average hazard, of 32-bit weights
    leaves = tree.loc[tree["left_child"].isna(), "weight"]
    assert leaves.min() >= 100 * (1 - 1e-5)
    assert leaves.sum() == pytest.approx(model.n_events_, rel=1e-4)


def test_frames_that_do_not_belong_together_are_refused(fitted: DiscreteTimeHazard) -> None:
    covariates, outcome = frames()
    unfitted = DiscreteTimeHazard(interval_years=0.5)
    with pytest.raises(InvalidInputError, match="as many rows"):
        unfitted.fit(covariates[:5], outcome)
    with pytest.raises(InvalidInputError, match="no ended spell"):
        unfitted.fit(covariates, outcome.with_columns(event=pl.lit(False)))
    with pytest.raises(InvalidInputError, match="covariates only"):
        unfitted.fit(covariates.with_columns(event=pl.lit(True)), outcome)
    with pytest.raises(InvalidInputError, match="sample_weight"):
        unfitted.fit(covariates, outcome, np.full(COUNT, -1.0))
    with pytest.raises(InvalidInputError, match="duration_years"):
        unfitted.fit(covariates, outcome.drop("duration_years"))
    with pytest.raises(InvalidInputError, match="a number, a boolean or a category"):
        unfitted.fit(covariates.with_columns(started=pl.date(2020, 1, 1)), outcome)
    with pytest.raises(InvalidInputError, match="population"):
        fitted.predict_hazard(covariates.drop("population"))


def test_the_module_needs_nothing_but_numpy_polars_scikit_learn_and_lightgbm() -> None:
    root, waiting = Path(__file__).parents[3], ["models.hazard"]
    seen: set[str] = set()
    while waiting:
        tree = ast.parse((root / f"{waiting.pop().replace('.', '/')}.py").read_text(encoding="utf-8"))
        modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        new = {module for module in modules if module is not None} - seen
        seen |= new
        waiting += [module for module in new if module.split(".")[0] in ("models", "features")]
    outside = {module.split(".")[0] for module in seen} - set(sys.stdlib_module_names)
    assert outside == {"numpy", "polars", "sklearn", "lightgbm", "models", "features"}
    assert {module for module in seen if module.startswith("features")} == {"features.errors"}
