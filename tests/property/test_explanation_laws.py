"""Laws of explanations: they add up, name what was planted, and never advise an answer to recruitment trouble."""

from itertools import permutations
from typing import Any, Self

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.errors import InvalidInputError
from models.balanced_hazard import BalancedHazard
from models.bootstrap import bootstrap_members
from models.errors import EstimatorInputError
from models.explanation import Contributions, forecast_contributions
from models.glm_hazard import PenalisedHazard
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import Covariates, HazardEstimator
from models.importance import contribution_importance, permutation_importance
from models.levers import KINDS, CovariateKind, advice, is_response, levers_and_structure
from models.outcome import Floats, survival_outcome
from models.partial_dependence import individual_curves, partial_dependence
from models.shapley import game_values
from models.stacking import StackedHazard

HORIZON = 5.0
LEVERS: dict[str, CovariateKind] = {
    "has_supervisor": "lever",
    "list_length": "lever",
    "centrality": "structural",
    "stage": "career_stage",
    "noise": "lever",
}


class Formula(HazardEstimator):
    """A hazard that is known: ``exp`` of effects times covariates and one product, the same at all times."""

    def __init__(self, effects: tuple[float, ...] = (), product: float = 0.0) -> None:
        self.effects = effects
        self.product = product

    def fit(self, X: Covariates, y: Any, sample_weight: Any = None) -> Self:
        self._seen_covariates(X)
        self.breaks_, self.baseline_ = np.array([0.0, HORIZON]), np.array([0.2])
        return self

    def _hazard(self, table: pl.DataFrame) -> Floats:
        x = table.to_numpy().astype(np.float64)
        linear = x @ np.array(self.effects) + self.product * x[:, 0] * x[:, -1]
        hazard: Floats = 0.2 * np.exp(np.clip(linear, -5, 5))[:, None]
        return hazard


def frame(values: Floats) -> pl.DataFrame:
    return pl.DataFrame(values, schema=[f"x{place}" for place in range(values.shape[1])])


def spells(rows: int, seed: int, *, list_effect: float = 1.0, lever: float = 0.5) -> tuple[pl.DataFrame, Any, Any]:
    """A lever, structure, career stage, noise, and a list that is long where doctors stay."""
    rng = np.random.default_rng(seed)
    X = pl.DataFrame(
        {
            "has_supervisor": rng.random(rows) < 0.5,
            "list_length": rng.normal(1000.0, 200.0, rows),
            "centrality": rng.integers(1, 7, rows).astype(float),
            "stage": rng.normal(size=rows),
            "noise": rng.normal(size=rows),
        }
    )
    log = -1.3 + np.log(lever) * X["has_supervisor"].to_numpy() + 0.15 * (X["centrality"].to_numpy() - 3)
    time = rng.exponential(1 / np.exp(log - list_effect * (X["list_length"].to_numpy() - 1000) / 200))
    censored = rng.uniform(HORIZON, 9.0, rows)
    return X, survival_outcome(time <= censored, np.minimum(time, censored)), np.arange(rows) // 5


def slow_shapley(worth: Floats) -> list[float]:
    players = worth.size.bit_length() - 1
    orders = list(permutations(range(players)))
    values = [0.0] * players
    for order in orders:
        place = 0
        for player in order:
            values[player] += float(worth[place | 1 << player] - worth[place]) / len(orders)
            place |= 1 << player
    return values


@settings(max_examples=50)
@given(st.integers(1, 5).flatmap(lambda players: arrays(np.float64, 2**players, elements=st.floats(-10, 10))))
def test_shapley_values_are_the_mean_over_all_orders_and_add_up(worth: Floats) -> None:
    values = game_values(worth[None])[0]
    np.testing.assert_allclose(values, slow_shapley(worth), atol=1e-9)
    assert values.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(arrays(np.float64, (6, 4), elements=st.floats(-2, 2)), st.floats(-1, 1))
def test_contributions_add_up_to_the_forecast_whatever_the_model(values: Floats, product: float) -> None:
    X = frame(values)
    model = Formula((0.5, -0.3, 0.0, 0.8), product).fit(X, None)
    found = forecast_contributions(model, X[:1], X, HORIZON)
    assert sum(found.years.values()) + found.expected_years == pytest.approx(found.forecast_years, abs=1e-9)
    assert found.forecast_years == pytest.approx(float(model.predict_restricted_mean(X[:1], HORIZON)[0]), abs=1e-9)
    assert found.expected_years == pytest.approx(float(model.predict_restricted_mean(X, HORIZON).mean()), abs=1e-9)
    assert found.years["x2"] == pytest.approx(0.0, abs=1e-9), "what the model does not use adds nothing"


@settings(max_examples=5, deadline=None)
@given(arrays(np.float64, (6, 2), elements=st.floats(-2, 2)))
def test_a_covariate_of_any_name_and_a_level_of_its_own_are_explained(values: Floats) -> None:
    X = frame(values).rename({"x0": "weight"})
    X = X.with_columns(form=pl.Series(["a", "b"] * 3, dtype=pl.Enum(["a", "b"])))
    model = PenalisedHazard().fit(X, survival_outcome([1] * 6, np.arange(1.0, 7.0)))
    found = forecast_contributions(model, X[:1], X, 4.0)
    assert list(found.years) == X.columns
    assert sum(found.years.values()) == pytest.approx(found.forecast_years - found.expected_years, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(arrays(np.float64, (6, 3), elements=st.floats(-2, 2)), st.permutations(range(6)))
def test_the_order_of_the_background_and_of_the_columns_does_not_matter(values: Floats, order: list[int]) -> None:
    X = frame(values)
    model = Formula((0.5, -0.3, 0.8), 0.4).fit(X, None)
    one, other = (
        forecast_contributions(model, X[:1], rows, HORIZON) for rows in (X, X[order].select("x2", "x0", "x1"))
    )
    assert one.years == pytest.approx(other.years, abs=1e-9)


def test_two_covariates_that_act_alike_and_have_the_same_value_contribute_the_same() -> None:
    X = frame(np.random.default_rng(1).normal(size=(30, 1)).repeat(3, axis=1))
    found = forecast_contributions(Formula((0.4, 0.4, 0.0)).fit(X, None), X[:1], X, HORIZON).years
    assert found["x0"] == pytest.approx(found["x1"])


def test_contributions_of_categories_gaps_and_booleans_add_up_for_a_stack() -> None:
    X, y, _ = spells(300, 1)
    X = X.with_columns(
        form=pl.when(pl.col("noise") > 0).then(pl.lit("salaried")).otherwise(pl.lit("own")),
        stage=pl.when(pl.col("stage") > -1).then("stage"),
    )
    stack = StackedHazard(
        members=[("straight", PenalisedHazard()), ("boosted", DiscreteTimeHazard(n_estimators=20))], weights=[1, 1]
    ).fit(X, y)
    row = X.filter(pl.col("stage").is_null())[:1]
    found = forecast_contributions(stack, row, X, HORIZON, most_background=10)
    assert sum(found.years.values()) + found.expected_years == pytest.approx(found.forecast_years)
    assert found.forecast_years == pytest.approx(float(stack.predict_restricted_mean(row, HORIZON)[0]))


def test_more_covariates_than_can_be_evaluated_are_refused() -> None:
    X = frame(np.zeros((2, 11)))
    with pytest.raises(InvalidInputError, match="at most 10"):
        forecast_contributions(Formula((0.0,) * 11).fit(X, None), X[:1], X, HORIZON)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "list_length", "mean_list_length"]), st.floats(-5, 5), min_size=1),
    st.data(),
)
def test_parts_add_up_and_list_length_is_no_lever_whatever_it_is_called(years: dict[str, float], data: Any) -> None:
    kinds = {name: data.draw(st.sampled_from(KINDS)) for name in years}
    forecast = 4.0 + sum(years.values())
    parts = levers_and_structure(Contributions(years, 4.0, forecast, 10.0), kinds, responses=["c"])
    sums = parts.lever_years + parts.structural_years + parts.career_stage_years + parts.response_years
    assert sums + parts.expected_years == pytest.approx(parts.forecast_years, abs=1e-9)
    answers = {name for name in years if "list_length" in name or name == "c"}
    assert set(parts.rows.filter(pl.col("is_response"))["covariate"]) == answers
    assert parts.lever_years == pytest.approx(
        sum(value for name, value in years.items() if kinds[name] == "lever" and name not in answers)
    )


def test_a_covariate_without_a_kind_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="kind of b"):
        levers_and_structure(Contributions({"b": 1.0}, 4.0, 5.0, 10.0), {})


def balanced(X: pl.DataFrame, y: Any, places: Any) -> tuple[BalancedHazard, tuple[BalancedHazard, ...]]:
    model = BalancedHazard(DiscreteTimeHazard(n_estimators=40, intervals=8)).fit(X, y)
    return model, bootstrap_members(model, X, y, clusters=[places], members=10, seed=1)


def test_a_planted_lever_is_advised_in_its_direction_and_noise_and_structure_are_not() -> None:
    X, y, places = spells(1500, 1)
    model, members = balanced(X, y, places)
    without = X.filter(~pl.col("has_supervisor"))[:1]
    found = advice(model, members, without, X, LEVERS, HORIZON)
    assert found.select("covariate", "now", "better").rows() == [("has_supervisor", "False", "True")]
    assert 0 < found["lower"][0] < found["gain_years"][0] < found["upper"][0]
    having = without.with_columns(has_supervisor=pl.lit(True))
    assert advice(model, members, having, X, LEVERS, HORIZON).is_empty()


@pytest.mark.parametrize("list_effect", [-3.0, -1.0, 1.0, 3.0])
def test_list_length_is_never_advised_whatever_the_data_say(list_effect: float) -> None:
    X, y, places = spells(800, 2, list_effect=list_effect, lever=1.0)
    model, members = balanced(X, y, places)
    for row in (X.sort("list_length")[:1], X.sort("list_length")[-1:]):
        assert "list_length" not in advice(model, members, row, X, LEVERS, HORIZON)["covariate"]
    assert is_response("list_length")
    names = X.rename({"list_length": "short_lists"})
    model, members = balanced(names, y, places)
    kinds = {name.replace("list_length", "short_lists"): kind for name, kind in LEVERS.items()}
    row = X.sort("list_length")[:1].rename({"list_length": "short_lists"})
    asked = (model, members, row, names, kinds, HORIZON)
    assert "short_lists" not in advice(*asked, responses=["short_lists"])["covariate"]
    assert ("short_lists" in advice(*asked)["covariate"]) == (list_effect > 0), "the data do say so"


def test_the_covariate_that_acts_is_the_most_important_in_held_out_spells_and_noise_loses_nothing() -> None:
    X, y, _ = spells(1200, 3)
    model = DiscreteTimeHazard(n_estimators=60).fit(X, y)
    held_out, outcome, _ = spells(800, 4)
    found = permutation_importance(model, held_out, outcome, repeats=5)
    assert found["covariate"][:2].to_list() == ["list_length", "has_supervisor"]
    noise = found.row(by_predicate=pl.col("covariate") == "noise", named=True)
    assert abs(noise["c_drop"]) < 0.01
    assert (found["likelihood_drop_lower"] <= found["likelihood_drop"]).all()
    assert contribution_importance(model, X)["covariate"][0] == "list_length"


def test_the_place_of_a_column_does_not_change_its_importance() -> None:
    X, y, _ = spells(300, 5)
    model = DiscreteTimeHazard(n_estimators=20).fit(X, y)
    one, other = (permutation_importance(model, each, y, repeats=3) for each in (X, X.select(reversed(X.columns))))
    assert one.equals(other)


def test_shares_of_contributions_add_up_to_one_and_stacks_show_those_of_their_trees() -> None:
    X, y, _ = spells(300, 6)
    stack = StackedHazard(members=[("boosted", DiscreteTimeHazard(n_estimators=20))]).fit(X, y)
    found = contribution_importance(stack, X)
    assert found["share"].sum() == pytest.approx(1.0)
    assert set(found["covariate"]) == {*X.columns, "elapsed_years"}
    with pytest.raises(EstimatorInputError, match="boosted trees"):
        contribution_importance(PenalisedHazard().fit(X, y), X)


def test_partial_dependence_is_the_plain_mean_of_forecasts() -> None:
    X = frame(np.random.default_rng(2).normal(size=(40, 3)))
    model = Formula((0.5, -0.3, 0.8), 0.4).fit(X, None)
    found = partial_dependence(model, X, "x1", HORIZON, values=[-1.0, 0.0, 1.0])
    rate = 0.2 * np.exp(np.clip(0.5 * X["x0"] - 0.3 * 1.0 + 0.8 * X["x2"] + 0.4 * X["x0"] * X["x2"], -5, 5))
    slow = np.mean((1 - np.exp(-rate * HORIZON)) / rate)
    assert found["restricted_mean"][2] == pytest.approx(slow)
    assert found["survival"][2] == pytest.approx(np.exp(-rate * HORIZON).mean())
    assert found["lower"].null_count() == 3


def test_curves_of_posts_start_at_nought_and_their_mean_is_the_partial_dependence() -> None:
    X = frame(np.random.default_rng(3).normal(size=(40, 3)))
    model = Formula((0.5, -0.3, 0.8), 0.4).fit(X, None)
    mean = partial_dependence(model, X, "x0", HORIZON)
    curves = individual_curves(model, X, "x0", HORIZON)
    assert curves.height == 40 * mean.height
    by_value = curves.group_by("value").agg(pl.col("gain").mean()).sort("value")
    np.testing.assert_allclose(by_value["gain"], mean["restricted_mean"] - mean["restricted_mean"][0], atol=1e-9)


def test_the_interval_of_partial_dependence_comes_from_the_refits() -> None:
    X, y, places = spells(400, 7)
    model, members = balanced(X, y, places)
    found = partial_dependence(model, X, "has_supervisor", HORIZON, members=members)
    assert (
        found.filter(
            (pl.col("lower") < pl.col("restricted_mean")) & (pl.col("restricted_mean") < pl.col("upper"))
        ).height
        == 2
    )
    assert ((found["lower"] > 0) & (found["upper"] < HORIZON)).all()
    with pytest.raises(InvalidInputError, match="members"):
        partial_dependence(model, X, "noise", HORIZON, members=members[:1])
