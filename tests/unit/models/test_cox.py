import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest
from lifelines import CoxPHFitter
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from models.cox import CoxRegression
from models.errors import EstimatorInputError
from models.incidence import nelson_aalen
from models.one_hot import linear_columns
from models.outcome import read_outcome, survival_outcome
from models.partial_likelihood import PartialLikelihood


def some_posts(rows: int = 400, *, seed: int = 5) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """Covariates, outcome with many ties and delayed entry, and weights."""
    rng = np.random.default_rng(seed)
    posts = pl.DataFrame(
        {
            "population": rng.lognormal(9, 1, rows),
            "vacant_share": rng.random(rows),
            "is_salaried": rng.random(rows) < 0.4,
            "contract_form": rng.choice(["salaried", "self_employed", "zero"], rows),
        }
    )
    rate = 0.3 * np.exp(0.8 * posts["vacant_share"].to_numpy() - 0.5 * posts["is_salaried"].to_numpy())
    entry = np.where(rng.random(rows) < 0.4, np.ceil(rng.exponential(1.0, rows) * 4) / 4, 0.0)
    time = entry + np.ceil(rng.exponential(1 / rate) * 4) / 4
    y = survival_outcome(rng.random(rows) < 0.7, time, entry=entry)
    return posts, y, rng.integers(1, 4, rows).astype(float)


def lifelines_frame(posts: pl.DataFrame, y: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    dummies = posts.with_columns(
        (pl.col("contract_form") == "self_employed").alias("contract_form=self_employed"),
        (pl.col("contract_form") == "zero").alias("contract_form=zero"),
    ).drop("contract_form")
    frame = pd.DataFrame({name: dummies[name].cast(pl.Float64).to_numpy() for name in dummies.columns})
    return frame.assign(t=y["time"], d=y["event"], e=y["entry"], w=weights)


@pytest.mark.filterwarnings("ignore:.*:lifelines.exceptions.StatisticalWarning")
@pytest.mark.parametrize(("delayed", "weighted"), [(False, False), (True, False), (False, True), (True, True)])
def test_coefficients_errors_and_curves_agree_with_lifelines(*, delayed: bool, weighted: bool) -> None:
    posts, y, weights = some_posts()
    if not delayed:
        y["entry"] = 0.0
    weights = weights if weighted else np.ones(len(y))
    theirs = CoxPHFitter()
    frame = lifelines_frame(posts, y, weights)
    options = {"entry_col": "e"} if delayed else {}
    fitted = frame if delayed else frame.drop(columns="e")
    theirs.fit(fitted, "t", "d", weights_col="w", fit_options={"precision": 1e-10}, **options)
    ours = CoxRegression().fit(posts, y, weights)
    expected = theirs.summary.loc[ours.coefficients_["column"].to_list()]
    np.testing.assert_allclose(ours.coefficients_["coefficient"], expected["coef"], rtol=1e-4)
    np.testing.assert_allclose(ours.coefficients_["standard_error"], expected["se(coef)"], rtol=1e-4)
    assert ours.log_likelihood_ == pytest.approx(theirs.log_likelihood_, rel=1e-8)
    np.testing.assert_allclose(ours.predict(posts), theirs.predict_log_partial_hazard(frame), atol=1e-4)


@pytest.mark.filterwarnings("ignore:.*:lifelines.exceptions.StatisticalWarning")
def test_curves_agree_with_lifelines_where_nobody_enters_late() -> None:
    posts, y, _ = some_posts()
    y["entry"] = 0.0
    frame = lifelines_frame(posts, y, np.ones(len(y))).drop(columns=["e", "w"])
    theirs = CoxPHFitter().fit(frame, "t", "d", fit_options={"precision": 1e-10})
    times = np.array([0.25, 1.0, 2.5, 5.0])  # between the times of ends theirs is interpolated
    ours = CoxRegression().fit(posts, y).predict_survival_function(posts[:20], times)
    np.testing.assert_allclose(ours, theirs.predict_survival_function(frame.iloc[:20], times).to_numpy().T, atol=1e-4)


def test_the_slope_and_the_information_are_those_of_the_likelihood() -> None:
    posts, y, weights = some_posts(60)

    columns = linear_columns(posts).matrix(posts)
    likelihood = PartialLikelihood.of(read_outcome(y), weights)
    at = np.array([0.3, -0.2, 0.1, 0.4, -0.1])
    found, step = likelihood.derivatives(columns, at), 1e-5
    for place, direction in enumerate(np.eye(at.size)):
        up, down = (likelihood.derivatives(columns, at + sign * step * direction) for sign in (1, -1))
        assert found.slope[place] == pytest.approx((up.value - down.value) / (2 * step), rel=1e-5, abs=1e-5)
        np.testing.assert_allclose(found.information[place], (down.slope - up.slope) / (2 * step), rtol=1e-4, atol=1e-4)


def test_without_covariates_the_curve_is_the_nelson_aalen_one() -> None:
    _, y, _ = some_posts()
    model = CoxRegression().fit(pl.DataFrame(), y)

    np.testing.assert_allclose(
        model.baseline_["cumulative_hazard"].to_numpy(), nelson_aalen(y)["cumulative_hazard"].to_numpy()
    )


def test_a_spell_of_weight_zero_is_as_if_it_were_not_there() -> None:
    posts, y, weights = some_posts()
    weights[:50] = 0
    with_them, without = CoxRegression().fit(posts, y, weights), CoxRegression().fit(posts[50:], y[50:], weights[50:])
    np.testing.assert_allclose(with_them.predict(posts), without.predict(posts), atol=1e-9)


def test_a_column_that_repeats_or_never_varies_changes_nothing() -> None:
    posts, y, _ = some_posts()
    plain = CoxRegression().fit(posts, y)
    more = posts.with_columns(copy=pl.col("population") * 2, constant=pl.lit(1.0), empty=pl.lit(None, dtype=pl.Float64))
    model = CoxRegression().fit(more, y)
    np.testing.assert_allclose(model.predict(more), plain.predict(posts), atol=1e-6)
    assert model.coefficients_.filter(pl.col("column") == "constant").row(0) == ("constant", 0.0, None)


def test_a_missing_value_and_an_unknown_level_count_as_the_mean() -> None:
    posts, y, _ = some_posts()
    model = CoxRegression().fit(posts, y)
    unknown = posts[:1].with_columns(population=pl.lit(None, dtype=pl.Float64), contract_form=pl.lit("barter"))
    shares = posts["contract_form"].value_counts(normalize=True)
    base = posts[:1].with_columns(population=pl.lit(posts["population"].to_numpy().mean()))
    expected = sum(
        share * model.predict(base.with_columns(contract_form=pl.lit(level)))[0] for level, share in shares.iter_rows()
    )
    assert model.predict(unknown)[0] == pytest.approx(expected)


def test_a_ridge_draws_coefficients_to_nothing() -> None:
    posts, y, _ = some_posts()
    sizes = [np.abs(CoxRegression(ridge=ridge).fit(posts, y).standard_).sum() for ridge in (0.0, 10.0, 1000.0, 1e9)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 1e-4


def test_perfect_separation_ends_and_orders_the_posts() -> None:
    posts = pl.DataFrame({"vacant_share": [0.0] * 20 + [1.0] * 20})
    y = survival_outcome([False] * 20 + [True] * 20, np.tile(np.arange(1.0, 21.0), 2))
    model = CoxRegression().fit(posts, y)
    assert np.isfinite(model.predict_survival_function(posts, [1.0, 30.0])).all()
    assert model.predict(posts)[-1] > model.predict(posts)[0]


def test_a_fit_that_is_cut_short_warns() -> None:
    posts, y, _ = some_posts()
    with pytest.warns(ConvergenceWarning, match="set a ridge"):
        CoxRegression(max_iter=1).fit(posts, y)


def test_the_regression_can_be_cloned_and_says_what_is_wrong() -> None:
    posts, y, _ = some_posts()
    model = clone(CoxRegression(ridge=2.0))
    assert model.ridge == 2.0
    with pytest.raises(EstimatorInputError, match="as many rows as y"):
        model.fit(posts[:5], y)
    with pytest.raises(EstimatorInputError, match="at least one spell that ended"):
        model.fit(posts[:2], survival_outcome([False, False], [1.0, 2.0]))
    with pytest.raises(EstimatorInputError, match="ridge"):
        CoxRegression(ridge=-1.0).fit(posts, y)
    fitted = model.fit(posts, y)
    with pytest.raises(EstimatorInputError, match="also the covariates population"):
        fitted.predict(posts.drop("population"))
    with pytest.raises(EstimatorInputError, match="row of years"):
        fitted.predict_survival_function(posts, [-1.0])
    with pytest.raises(EstimatorInputError, match="as in the fit"):
        fitted.predict(posts.with_columns(contract_form=pl.lit(1.0)))
