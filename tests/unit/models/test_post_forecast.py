from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidInputError
from models.forecast import PostProfile, covariates_of
from models.mix import national_mix
from models.piecewise import area_under
from models.post_forecast import PostForecast, post_forecast
from models.post_milestones import MILESTONE_YEARS, milestones_of
from models.post_mix import cells_of, posts_of
from models.restricted_mean import restricted_means
from models.retention import POST_COLUMNS, RetentionModel, train_retention_model, with_career_stage
from models.shapley import shapley_values

SMALL = PostProfile(1_500, 6, None, "salaried", -2.0)
TOWN = PostProfile(30_000, 3, None, "self_employed", 5.0)
EVERY_POST = (SMALL, TOWN, replace(SMALL, contract_form="cooperation_contract_8_2"), replace(TOWN, population=400_000))


@pytest.fixture(scope="module")
def model() -> RetentionModel:
    return train_retention_model(national_mix(), seed=1, members=4)


@pytest.fixture(scope="module")
def small(model: RetentionModel) -> PostForecast:
    return post_forecast(model, SMALL)


def test_causes_and_survival_sum_to_one_at_every_milestone(model: RetentionModel) -> None:
    for post in EVERY_POST:
        for stayed in (0.0, 2.3):
            for milestone in post_forecast(model, post, stayed_years=stayed).milestones:
                assert milestone.survival is not None
                total = milestone.survival + sum(cause.share for cause in milestone.causes)
                assert abs(total - 1) < 1e-12


def test_every_figure_lies_within_its_interval(small: PostForecast) -> None:
    for milestone in (*small.milestones, *small.peers.milestones):
        assert milestone.survival is not None
        assert milestone.lower is not None
        assert milestone.upper is not None
        assert 0 <= milestone.lower <= milestone.survival <= milestone.upper <= 1
        for cause in milestone.causes:
            assert 0 <= cause.lower <= cause.share <= cause.upper <= 1
    for mean in (small.mean, small.peers.mean):
        assert 0 < mean.lower < mean.years < mean.upper < mean.horizon_years == 10
    for driver in small.drivers:
        assert driver.lower <= driver.years <= driver.upper


def test_a_milestone_is_a_point_of_the_curve(small: PostForecast) -> None:
    curve = dict(zip(small.forecast.times_years, small.forecast.survival, strict=True))
    for milestone in small.milestones:
        assert milestone.survival == pytest.approx(curve[milestone.years], abs=1e-12)


def test_nothing_is_said_beyond_what_was_observed(model: RetentionModel) -> None:
    late = post_forecast(model, TOWN, stayed_years=9.0)
    assert [milestone.years for milestone in late.milestones] == list(MILESTONE_YEARS)
    assert [milestone.survival is None for milestone in late.milestones] == [False, False, True, True]
    assert late.milestones[-1].causes == ()
    assert late.mean.horizon_years == pytest.approx(4.0)
    assert all(milestone.survival is None for milestone in post_forecast(model, TOWN, stayed_years=12.5).milestones)
    with pytest.raises(InvalidInputError, match="stayed_years"):
        post_forecast(model, TOWN, stayed_years=13.5)


def test_drivers_sum_to_the_forecast_less_the_mean_of_the_country(model: RetentionModel) -> None:
    for post in EVERY_POST:
        for stayed in (0.0, 3.0):
            found = post_forecast(model, post, stayed_years=stayed)
            total = sum(driver.years for driver in found.drivers)
            assert total == pytest.approx(found.mean.years - found.background_mean_years, abs=1e-9)


def test_levers_stand_apart_from_structure_and_list_length_is_no_driver(small: PostForecast) -> None:
    kinds = {driver.field: driver.kind for driver in small.drivers}
    assert kinds == {
        "population": "structural",
        "centrality_class": "structural",
        "contract_form": "lever",
        "years_since_specialist": "lever",
    }


def test_a_list_length_moves_nothing_and_the_answer_says_so(model: RetentionModel, small: PostForecast) -> None:
    told = post_forecast(model, replace(SMALL, list_length=450))
    assert "list_length_moves_nothing" in told.cautions
    assert "list_length_moves_nothing" not in small.cautions
    assert told.milestones == small.milestones
    assert told.drivers == small.drivers
    assert told.mean == small.mean


def test_the_span_holds_the_median_in_whole_years(small: PostForecast) -> None:
    assert small.span is not None
    assert small.span.upper is not None
    assert small.forecast.median_years is not None
    assert small.span.lower <= small.forecast.median_years <= small.span.upper


def test_the_peers_forecast_is_the_average_over_their_posts(model: RetentionModel, small: PostForecast) -> None:
    alike = posts_of(national_mix()).filter(
        (pl.col("population_band") == "under_2k") & (pl.col("centrality_class") == 6)
    )
    weights = (alike["weight"] / alike["weight"].sum()).to_numpy()
    one_by_one = [
        model.hazard.predict_survival_function(with_career_stage(alike[row]), [5.0])[0, 0]
        for row in range(alike.height)
    ]
    assert small.peers.basis == "band_and_class"
    assert small.peers.lists == 141
    assert small.peers.milestones[2].survival == pytest.approx(float(weights @ np.array(one_by_one)))


def test_a_place_without_peers_is_set_against_its_size_band(model: RetentionModel) -> None:
    odd = post_forecast(model, replace(SMALL, centrality_class=1)).peers
    assert odd.basis == "band"
    assert odd.lists == 172
    no_small = national_mix().filter(pl.col("population") > 2000)
    assert post_forecast(model, SMALL, mix=no_small).peers.basis == "country"


def test_the_restricted_mean_is_the_area_under_the_curve(model: RetentionModel) -> None:
    post = covariates_of(SMALL)
    times = np.linspace(0, 7.3, 200_001)
    for stayed in (0.0, 1.37):
        fine = model.hazard.predict_survival_function(post, times, stayed_years=stayed)[0]
        exact = restricted_means([model.hazard], post, 7.3, stayed_years=stayed)[0, 0]
        assert exact == pytest.approx(np.trapezoid(fine, times), abs=1e-6)
    assert area_under(np.array([0.0, 1.0]), np.array([[0.0, 30.0]]))[0] == pytest.approx(1 / 30)


def test_the_posts_of_the_country_have_the_simulators_shares() -> None:
    posts = posts_of(national_mix())
    trainees = posts.filter(pl.col("years_since_specialist") < 0)["weight"].sum()
    salaried = posts.filter(pl.col("contract_form") == "salaried")
    assert trainees == pytest.approx(0.70)
    assert posts["weight"].sum() == pytest.approx(1)
    by_band = (
        salaried.group_by("population_band")
        .agg(pl.col("weight").sum())
        .join(posts.group_by("population_band").agg(whole=pl.col("weight").sum()), on="population_band")
    )
    shares = dict(by_band.select("population_band", pl.col("weight") / pl.col("whole")).iter_rows())
    assert shares["under_2k"] == pytest.approx(0.60)
    assert shares["over_50k"] == pytest.approx(0.14)
    mean = float((posts["population"] * posts["weight"]).sum())
    cells = cells_of(posts)
    assert float((cells["population"] * cells["weight"]).sum()) == pytest.approx(mean)


def by_orders(
    predict: Callable[[pl.DataFrame], np.ndarray], post: pl.DataFrame, background: pl.DataFrame
) -> np.ndarray:
    """Shapley values as their definition has them: over all orders and all background posts, one by one."""
    fields = post.columns
    total = np.zeros(len(fields))
    orders = list(permutations(range(len(fields))))
    for row in background.iter_rows(named=True):
        for order in orders:
            current = pl.DataFrame([{name: row[name] for name in fields}])
            before = predict(current)[0, 0]
            for place in order:
                current = current.with_columns(post[fields[place]])
                after = predict(current)[0, 0]
                total[place] += row["weight"] * (after - before) / len(orders)
                before = after
    return total


def test_shapley_values_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(4)
    background = pl.DataFrame(rng.integers(0, 3, (12, 3)).astype(float), schema=["a", "b", "c"], orient="row")
    weights = rng.random(12)
    background = background.with_columns(weight=pl.Series(weights / weights.sum()))
    post = pl.DataFrame({"a": [2.5], "b": [-1.0], "c": [4.0]})

    def predict(rows: pl.DataFrame) -> np.ndarray:
        a, b, c = (rows[name].to_numpy() for name in "abc")
        return np.asarray(np.exp(a / 3) * b + np.maximum(a, c) * (b > 0))[None, :]

    found = shapley_values(predict, post, background, ["a", "b", "c"])[0]
    assert found == pytest.approx(by_orders(predict, post, background), abs=1e-12)


def test_a_field_that_the_model_does_not_read_has_no_effect(model: RetentionModel) -> None:
    background = cells_of(posts_of(national_mix())).with_columns(list_length=pl.lit(900.0))
    post = covariates_of(SMALL).select(POST_COLUMNS).with_columns(list_length=pl.lit(400.0))

    def means(rows: pl.DataFrame) -> np.ndarray:
        return restricted_means([model.hazard], with_career_stage(rows), 10.0)

    with_it = shapley_values(means, post, background, [*POST_COLUMNS, "list_length"])
    without = shapley_values(means, post, background, POST_COLUMNS)
    assert with_it[0, -1] == pytest.approx(0, abs=1e-12)
    assert with_it[0, :-1] == pytest.approx(without[0])


def test_shapley_values_of_no_field_or_a_missing_one_are_refused() -> None:
    post = pl.DataFrame({"a": [1.0]})
    background = post.with_columns(weight=pl.lit(1.0))
    for fields in ([], ["a", "b"], list("abcdefghijk")):
        with pytest.raises(InvalidInputError, match="fields"):
            shapley_values(lambda rows: rows["a"].to_numpy()[None, :], post, background, fields)


def test_spells_without_causes_give_milestones_without_causes(model: RetentionModel) -> None:
    silent = replace(model, causes=None, cause_members=())
    assert all(milestone.causes == () for milestone in milestones_of(silent, covariates_of(TOWN), np.ones(1)))
