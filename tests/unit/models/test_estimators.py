"""What every estimator of a hazard must hold to: conventions, laws of curves, and what it may not find."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from models.discrimination import harrell_c
from models.errors import EstimatorInputError
from models.forest_hazard import ForestHazard
from models.glm_hazard import PenalisedHazard
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import Covariates, HazardEstimator, fresh
from models.outcome import survival_outcome
from models.stacking import StackedHazard, brier_weights, default_members

ESTIMATORS: list[HazardEstimator] = [
    PenalisedHazard(),
    PenalisedHazard(curves=True, products=3),
    DiscreteTimeHazard(),
    ForestHazard(trees=30),
    ForestHazard(trees=30, guides=10),
    StackedHazard(
        members=[
            ("curved", PenalisedHazard(curves=True)),
            ("boosted", DiscreteTimeHazard()),
            ("forest", ForestHazard()),
        ]
    ),
]
every = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda each: f"{type(each).__name__}{len(repr(each))}")


class OfPlainTimes:
    """Takes the plain numbers that scikit-learn's checks give for times at which everything ended."""

    def fit(self, X: Covariates, y: Any, sample_weight: Any = None) -> Any:
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        if isinstance(y, np.ndarray) and np.iscomplexobj(y):
            raise ValueError("Complex data not supported")
        times = np.asarray(y, dtype=np.float64).ravel()
        if not np.isfinite(times).all():
            raise ValueError("y holds NaN or infinity")
        rows = np.shape(X)[0] if hasattr(X, "shape") or isinstance(X, list) else times.size
        if rows != times.size and np.ndim(X) == 2:
            raise ValueError(f"X has {rows} rows and y {times.size}")
        outcome = survival_outcome(np.ones(times.size, dtype=bool), times - times.min() + 1.0)
        return super().fit(X, outcome, sample_weight)  # type: ignore[misc]


class PlainPenalised(OfPlainTimes, PenalisedHazard):  # type: ignore[misc]
    pass


class PlainBoosted(OfPlainTimes, DiscreteTimeHazard):  # type: ignore[misc]
    pass


class PlainForest(OfPlainTimes, ForestHazard):  # type: ignore[misc]
    pass


class PlainStack(OfPlainTimes, StackedHazard):  # type: ignore[misc]
    pass


def not_for_survival(estimator: Any) -> dict[str, str]:
    as_rows = "the grid, the standardisation and the folds are of rows, not of weights"
    return {
        "check_fit_score_takes_y": "score takes the structured outcome",
        "check_pipeline_consistency": "score takes the structured outcome",
        "check_sample_weight_equivalence_on_dense_data": as_rows,
    }


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [
        PlainPenalised(folds=2),
        PlainBoosted(n_estimators=5),
        PlainForest(trees=5, leaf_events=2.0),
        PlainStack(
            members=[("one", PenalisedHazard(folds=2)), ("two", ForestHazard(trees=5, leaf_events=2.0))], folds=2
        ),
    ],
    expected_failed_checks=not_for_survival,
)
def test_scikit_learns_conventions_hold(estimator: Any, check: Any) -> None:
    check(estimator)


def made_up(rows: int = 600, seed: int = 1, *, entry: bool = False) -> tuple[pl.DataFrame, np.ndarray]:
    """Spells whose hazard doubles with each unit of ``size`` and halves for form b; ``noise`` says nothing."""
    rng = np.random.default_rng(seed)
    size, form = rng.normal(size=rows), rng.choice(["a", "b"], rows)
    mean = 4 / (2.0**size * np.where(form == "b", 0.5, 1.0))
    end, censored = rng.exponential(mean), rng.uniform(1, 12, rows)
    entered = rng.uniform(0, 2, rows) if entry else np.zeros(rows)
    seen = np.minimum(end, censored) > entered
    X = pl.DataFrame({"size": size, "form": form, "noise": rng.normal(size=rows)})
    time, event = np.minimum(end, censored), end <= censored
    y = survival_outcome(event[seen], time[seen], entry=entered[seen] if entry else None)
    return X.filter(pl.Series(seen)), y


@every
def test_curves_start_at_one_and_never_rise(estimator: HazardEstimator) -> None:
    X, y = made_up()
    model = fresh(estimator).fit(X, y)
    survival = model.predict_survival_function(X, np.linspace(0, model.breaks_[-1], 50))
    assert (survival[:, 0] == 1).all()
    assert (np.diff(survival, axis=1) <= 1e-12).all()
    assert ((survival >= 0) & (survival <= 1)).all()


@every
def test_the_true_curve_is_found(estimator: HazardEstimator) -> None:
    X, y = made_up(3000)
    model = fresh(estimator).fit(X, y)
    seen = pl.DataFrame({"size": [-1.0, 0.0, 1.0, 0.0], "form": ["a", "a", "a", "b"], "noise": 0.0})
    true = np.exp(-3.0 * 2.0 ** np.array([-1, 0, 1, -1]) / 4)
    # half the distance between neighbouring groups; forests draw the outer ones towards the middle
    assert model.predict_survival_function(seen, [3.0])[:, 0] == pytest.approx(true, abs=0.12)


@every
def test_delayed_entry_does_not_lengthen_stays(estimator: HazardEstimator) -> None:
    X, y = made_up(3000, entry=True)
    model = fresh(estimator).fit(X, y)
    seen = pl.DataFrame({"size": [0.0], "form": ["a"], "noise": [0.0]})
    assert model.predict_survival_function(seen, [3.0])[0, 0] == pytest.approx(np.exp(-0.75), abs=0.12)
    ignored = fresh(estimator).fit(X, survival_outcome(y["event"], y["time"]))
    assert ignored.predict_survival_function(seen, [3.0]) > model.predict_survival_function(seen, [3.0])


@pytest.mark.parametrize("estimator", [*ESTIMATORS, StackedHazard()], ids=lambda each: f"{len(repr(each))}")
def test_shuffled_outcomes_teach_nothing(estimator: HazardEstimator) -> None:
    X, y = made_up(900, seed=3)
    shuffled = np.random.default_rng(0).permutation(y)
    train, test = slice(0, 600), slice(600, None)
    model = fresh(estimator).fit(X[train], shuffled[train])
    # the standard error of C among 300 spells is about 0.02
    assert harrell_c(shuffled[test], model.predict(X[test])) == pytest.approx(0.5, abs=0.06)
    assert fresh(estimator).fit(X[train], y[train]).score(X[test], y[test]) > 0.62


@pytest.mark.parametrize("estimator", ESTIMATORS[:3], ids=lambda each: f"{type(each).__name__}{len(repr(each))}")
def test_weights_count_like_copies(estimator: HazardEstimator) -> None:
    # not a forest, which draws spells, and draws others among copies
    X, y = made_up(200)
    settled = fresh(estimator).fit(X, y).settled()
    weights = np.random.default_rng(2).integers(1, 3, 200)
    settled = fresh(settled, breaks=tuple(fresh(estimator).fit(X, y).breaks_.tolist()))
    copies = np.repeat(np.arange(200), weights)
    one, other = clone(settled).fit(X, y, weights), clone(settled).fit(X[copies], y[copies])
    # columns are standardised over rows, so that the penalty and the rare-level rule see copies as more rows
    assert one.predict_hazard(X) == pytest.approx(other.predict_hazard(X), rel=0.1)


@every
def test_the_order_of_columns_and_further_columns_do_not_count(estimator: HazardEstimator) -> None:
    X, y = made_up(200)
    model = fresh(estimator).fit(X, y)
    turned = X.select(pl.lit("x").alias("extra"), "noise", "form", "size")
    assert (model.predict_hazard(turned) == model.predict_hazard(X)).all()


@every
def test_the_same_seed_gives_the_same_model(estimator: HazardEstimator) -> None:
    X, y = made_up(200)
    assert (fresh(estimator).fit(X, y).predict_hazard(X) == fresh(estimator).fit(X, y).predict_hazard(X)).all()


@every
def test_a_restricted_mean_is_the_area_under_the_curve(estimator: HazardEstimator) -> None:
    X, y = made_up(300)
    model = fresh(estimator).fit(X, y)
    times = np.linspace(0, 4, 4001)
    for stayed in (0.0, 1.3):
        curves = model.predict_survival_function(X[:5], times, stayed_years=stayed)
        area = np.trapezoid(curves, times, axis=1)
        assert model.predict_restricted_mean(X[:5], 4.0, stayed_years=stayed) == pytest.approx(area, abs=1e-3)


def test_a_spike_gets_a_term_of_its_own() -> None:
    rng = np.random.default_rng(4)
    end = rng.exponential(8, 4000)
    end = np.where((end > 2) & (rng.random(4000) < 0.3), 2.0 + rng.uniform(-0.04, 0.04, 4000), end)
    X, y = pl.DataFrame({"noise": rng.normal(size=4000)}), survival_outcome(end < 6, np.minimum(end, 6))
    model = PenalisedHazard(spikes=(2.0,), spike_width=0.05, intervals=10).fit(X, y)
    place = int(np.searchsorted(model.breaks_, 2.0)) - 1
    assert model.breaks_[place : place + 2].tolist() == pytest.approx([1.95, 2.05])
    hazard = model.predict_hazard(X[:1])[0]
    assert hazard[place] > 10 * max(hazard[place - 1], hazard[place + 1])
    before, after = model.predict_survival_function(X[:1], [1.95, 2.05])[0]
    assert after / before == pytest.approx(0.7, abs=0.04)


def test_monotone_covariates_stay_monotone_and_groups_add_up() -> None:
    X, y = made_up(800)
    model = DiscreteTimeHazard(monotone={"size": 1}, n_estimators=80).fit(X, y)
    line = pl.DataFrame({"size": np.linspace(-3, 3, 60), "form": "a", "noise": 0.3})
    assert (np.diff(model.predict_hazard(line), axis=0) >= -1e-12).all()
    apart = DiscreteTimeHazard(interactions=[["size"], ["noise"], ["form"], ["elapsed_years"]], n_estimators=80).fit(
        X, y
    )
    corners = pl.DataFrame({"size": [-1.0, 1.0, -1.0, 1.0], "form": "a", "noise": [-1.0, -1.0, 1.0, 1.0]})
    log = np.log(apart.predict_hazard(corners))
    assert log[3] - log[2] == pytest.approx(log[1] - log[0])


def test_contributions_add_up_to_the_hazard() -> None:
    X, y = made_up(300)
    model = DiscreteTimeHazard(n_estimators=30).fit(X, y)
    added = model.contributions(X[:20], interval=3).sum(axis=1)
    assert added == pytest.approx(np.log(model.predict_hazard(X[:20])[:, 3] / model.baseline_[3]))


def test_a_drifting_effect_is_found() -> None:
    rng = np.random.default_rng(7)
    group = rng.integers(0, 2, 6000)
    first = rng.exponential(1 / np.where(group == 1, 0.6, 0.1))
    end = np.where(first < 2, first, 2 + rng.exponential(4, 6000))
    X, y = pl.DataFrame({"group": group}), survival_outcome(end < 8, np.minimum(end, 8))
    model = PenalisedHazard().fit(X, y)
    hazard = model.predict_hazard(pl.DataFrame({"group": [0, 1]}))
    ratio = hazard[1] / hazard[0]
    assert ratio[0] > 3 > 1.8 > ratio[-1]
    assert np.isfinite(model.settings_.drift_factor)


def test_the_penalised_hazard_without_penalty_is_cox_regression() -> None:
    from lifelines import CoxPHFitter

    from models.glm_settings import Settings

    X, y = made_up(400)
    settings = Settings(penalty=1e-9, curve_factor=float("inf"), drift_factor=float("inf"))
    grid = tuple(np.concatenate([[0.0], np.unique(y["time"])]).tolist())
    model = PenalisedHazard(settings=settings, breaks=grid, drifts=False).fit(X, y)
    import pandas as pd  # type: ignore[import-untyped]

    frame = pd.DataFrame(
        {"size": X["size"], "b": X["form"] == "b", "noise": X["noise"], "t": y["time"], "e": y["event"]}
    ).astype(float)
    effects = CoxPHFitter().fit(frame, "t", "e").params_
    found = dict(zip(model.design_.labels, model.coefficients_.beta / model.design_.scale, strict=True))
    sign = 1 if "form = b" in found else -1
    assert found["size"] == pytest.approx(effects["size"], abs=2e-3)
    assert sign * (found.get("form = b") or found["form = a"]) == pytest.approx(effects["b"], abs=2e-3)


def test_the_stack_gives_a_useless_member_little_weight() -> None:
    X, y = made_up(1500)
    rng = np.random.default_rng(0)
    true = np.exp(-np.array([0, 1.0, 2.0, 4.0])[None, :] * 2.0 ** X["size"].to_numpy()[:, None] / 4)
    useless = np.sort(rng.random(true.shape), axis=1)[:, ::-1]
    useless[:, 0] = 1
    from models.outcome import read_outcome

    weights = brier_weights(
        np.stack([true, useless]), read_outcome(y), np.ones(X.height), np.array([0, 1.0, 2.0, 4.0]), np.ones(3)
    )
    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 0.9


def test_the_default_stack_has_every_kind() -> None:
    kinds = [type(member).__name__ for _, member in default_members()]
    assert set(kinds) == {"PenalisedHazard", "DiscreteTimeHazard", "ForestHazard"}


def test_folds_keep_groups_and_levels_seen_once() -> None:
    X, y = made_up(120)
    rare = X.with_columns(form=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("once")).otherwise("form"))
    model = StackedHazard(members=ESTIMATORS[-1].members[:2]).fit(rare, y, groups=np.arange(120) // 4)
    assert np.isfinite(model.predict_hazard(rare)).all()
    with pytest.raises(EstimatorInputError, match="groups"):
        PenalisedHazard().fit(X, y, groups=[1, 2])


@every
def test_bad_calls_say_what_was_expected(estimator: HazardEstimator) -> None:
    X, y = made_up(60)
    with pytest.raises(NotFittedError):
        clone(estimator).predict_hazard(X)
    with pytest.raises(EstimatorInputError, match="as many rows"):
        clone(estimator).fit(X, y[:-1])
    with pytest.raises(EstimatorInputError, match="at least one spell that ended"):
        clone(estimator).fit(X, survival_outcome(np.zeros(60, dtype=bool), y["time"]))
    model = clone(estimator).fit(X, y)
    with pytest.raises(EstimatorInputError, match="noise"):
        model.predict(X.drop("noise"))
    with pytest.raises(EstimatorInputError, match="one of a, b"):
        model.predict(X.with_columns(form=pl.lit("c")))
    with pytest.raises(EstimatorInputError, match="a value in every row"):
        model.predict(X.with_columns(size=pl.lit(None, pl.Float64)))
