"""Estimators side by side: measured within folds as each alone, causes too, and the lead on the same draws."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from models.brier import entered_brier, incidence_brier
from models.cause_cox import CauseSpecificCox
from models.cause_errors import entered_incidence_errors
from models.comparison import Comparison, compared
from models.competing_risks import CauseSpecificHazards
from models.cox import CoxRegression
from models.cross_validation import cross_validated
from models.discrimination import cause_harrell_c
from models.errors import EstimatorInputError
from models.glm_hazard import PenalisedHazard
from models.incidence import aalen_johansen, incidence_at
from models.named_estimators import ESTIMATORS, estimator_of
from models.observed_curves import ANY_CAUSE, group_curves
from models.outcome import read_outcome, survival_outcome
from models.reference_curve import ReferenceCurve
from models.side_columns import GROUP, WEIGHT, SideColumns
from models.splits import person_folds


def made_up(rows: int, seed: int, *, causes: int = 2, late: float = 0.0) -> tuple[pl.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    size = rng.normal(size=rows)
    rates = np.column_stack([0.2 * np.exp((0.8 if cause == 0 else -0.3) * size) for cause in range(causes)])
    ends = rng.exponential(1 / rates)
    end, censored, entry = ends.min(axis=1), rng.uniform(1, 9, rows), rng.uniform(0, 1, rows) * late
    time, event = np.minimum(end, censored), np.where(end <= censored, ends.argmin(axis=1) + 1, 0)
    seen = time > entry
    X = pl.DataFrame({"size": size, "noise": rng.normal(size=rows)}).filter(pl.Series(seen))
    return X, survival_outcome(event[seen], time[seen], entry=entry[seen] if late else None)


@pytest.fixture(scope="module")
def with_causes() -> tuple[Comparison, pl.DataFrame, np.ndarray, Any]:
    X, y = made_up(1000, 1, late=1.5)
    folds = person_folds(np.arange(X.height) // 2, 3, seed=1)
    estimators = {
        "km": ReferenceCurve(),
        "cox": CauseSpecificCox(causes=2),
        "glm": CauseSpecificHazards(PenalisedHazard()),
    }
    clusters = np.arange(X.height) // 2
    done = compared(estimators, X, read_outcome(y), folds, [1.0, 3.0, 50.0], clusters=clusters, resamples=20)
    return done, X, y, folds


def test_measures_are_those_of_each_estimator_alone(with_causes: tuple[Comparison, pl.DataFrame, Any, Any]) -> None:
    comparison, X, y, folds = with_causes
    clusters = np.arange(X.height) // 2
    alone = cross_validated(CauseSpecificCox(causes=2), X, y, folds, [1.0, 3.0, 50.0], clusters=clusters, resamples=20)
    assert comparison.contenders[1].validation.measures == alone.measures


def test_the_better_ones_beat_one_curve_and_the_lead_is_the_difference(
    with_causes: tuple[Comparison, pl.DataFrame, Any, Any],
) -> None:
    comparison = with_causes[0]
    scores = {each.name: each.validation.measure("integrated_brier").value for each in comparison.contenders}
    assert comparison.best in {"cox", "glm"}
    for lead in comparison.behind:
        expected = (scores[lead.name] or 0) - (scores[comparison.best] or 0)
        assert lead.value == pytest.approx(expected, abs=1e-12)
    behind = next(lead for lead in comparison.behind if lead.name == "km")
    assert behind.lower is not None
    assert behind.lower > 0
    assert next(lead for lead in comparison.behind if lead.name == comparison.best).value == 0


def test_each_cause_is_measured_and_its_direction_found(
    with_causes: tuple[Comparison, pl.DataFrame, Any, Any],
) -> None:
    for contender in with_causes[0].contenders:
        assert [each.cause for each in contender.validation.causes] == [1, 2]
        for cause in contender.validation.causes:
            found = {(each.name, each.horizon): each for each in (*cause.measures, *cause.calibration)}
            for name in ("harrell_c", "uno_c", "integrated_brier", "integrated_skill"):
                assert found[name, None].value is not None
            for name in ("brier", "skill", "auc", "ici"):
                assert found[name, 3.0].value is not None
            assert found["brier", 50.0].value is None
            if contender.name != "km":
                c = found["harrell_c", None]
                assert c.lower is not None
                assert c.lower > 0.5
                assert (found["integrated_skill", None].value or 0) > 0
            else:
                assert found["harrell_c", None].value == pytest.approx(0.5)
                # the curve is that of the training spells, but for its steps, which lie between points of the grid
                assert found["integrated_skill", None].value == pytest.approx(0.0, abs=1e-3)


def test_without_delayed_entry_the_errors_of_a_cause_are_the_published_score() -> None:
    X, y = made_up(300, 4)
    model = CauseSpecificCox().fit(X, y)
    incidence = model.predict_cumulative_incidence(X, [1.0, 3.0])[:, 1]
    at_entry = np.zeros(X.height), np.ones(X.height)
    errors = entered_incidence_errors(y, y, incidence, at_entry, [1.0, 3.0], cause=2)
    np.testing.assert_allclose(errors.mean(axis=0), incidence_brier(y, y, incidence, [1.0, 3.0], cause=2))


def test_with_one_cause_the_errors_of_an_incidence_are_those_of_survival() -> None:
    X, y = made_up(300, 4, causes=1, late=2.0)
    model = CoxRegression().fit(X, y)
    survival = model.predict_survival_function(X, [1.0, 3.0])
    at_entry = np.array([model.predict_survival_function(X[[row]], [y["entry"][row]])[0, 0] for row in range(X.height)])
    errors = entered_incidence_errors(y, y, 1 - survival, (1 - at_entry, at_entry), [1.0, 3.0], cause=1)
    np.testing.assert_allclose(np.nanmean(errors, axis=0), entered_brier(y, y, survival, at_entry, [1.0, 3.0]))


def test_cox_per_cause_sums_to_one_and_with_one_cause_is_cox_regression() -> None:
    X, y = made_up(300, 6, causes=3)
    model, times = CauseSpecificCox(causes=4).fit(X, y), np.linspace(0, 8, 20)
    incidence = model.predict_cumulative_incidence(X, times)
    np.testing.assert_allclose(incidence.sum(axis=1) + model.predict_survival_function(X, times), 1.0, atol=1e-12)
    assert (incidence[:, 3] == 0).all()
    assert cause_harrell_c(y, model.predict(X, cause=1), 1) > 0.6
    X, y = made_up(300, 6, causes=1)
    one, cox = CauseSpecificCox().fit(X, y), CoxRegression().fit(X, y)
    np.testing.assert_allclose(one.predict_survival_function(X, times), cox.predict_survival_function(X, times))
    np.testing.assert_allclose(np.diff(one.predict(X)), np.diff(cox.predict(X)), atol=1e-9)
    with pytest.raises(EstimatorInputError, match="from 1 to 1"):
        one.predict(X, cause=2)


def test_weights_and_groups_beside_the_covariates_are_passed_on() -> None:
    X, y = made_up(200, 7, causes=1)
    weights = np.random.default_rng(1).integers(1, 4, X.height).astype(float)
    beside = X.with_columns(pl.Series(WEIGHT, weights), pl.Series(GROUP, np.arange(X.height) // 4))
    expected = PenalisedHazard().fit(X, y, weights, groups=np.arange(X.height) // 4).predict(X)
    assert (SideColumns(PenalisedHazard()).fit(beside, y).predict(beside) == expected).all()
    assert (
        SideColumns(CoxRegression()).fit(beside, y).predict(beside) == CoxRegression().fit(X, y, weights).predict(X)
    ).all()


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("causes", [1, 3])
def test_every_name_is_an_estimator_that_can_tell_causes(name: str, causes: int) -> None:
    estimator = estimator_of(name, causes, seed=1)
    assert hasattr(estimator, "predict_survival_function")
    assert causes == 1 or hasattr(estimator, "predict_cumulative_incidence")


def test_an_unknown_name_or_none_or_a_far_horizon_is_refused() -> None:
    with pytest.raises(EstimatorInputError, match="km, cox"):
        estimator_of("tree", 1, 0)
    X, y = made_up(100, 1, causes=1)
    folds, clusters = person_folds(np.arange(X.height), 2, seed=1), np.arange(X.height)
    with pytest.raises(EstimatorInputError, match="at least one"):
        compared({}, X, read_outcome(y), folds, [1.0], clusters=clusters)
    with pytest.raises(EstimatorInputError, match="horizons"):
        compared({"km": ReferenceCurve()}, X, read_outcome(y), folds, [99.0], clusters=clusters)


def test_curves_of_groups_are_those_of_their_spells_and_none_is_of_fewer_than_five() -> None:
    X, y = made_up(400, 9, late=1.0)
    groups = np.where(np.arange(X.height) < 4, "few", np.where(X["size"] > 0, "large", "small"))
    curves = group_curves(y, groups)
    larger = "large" if (groups == "large").sum() > (groups == "small").sum() else "small"
    assert set(curves["group"]) == {larger}  # with the few the next smallest: the total would tell the few
    assert (curves["at_risk"].filter(curves["time"] > 0) >= 5).all()
    assert curves["ended"].drop_nulls().min() == 5
    own = curves.filter(pl.col("cause") == 2)
    expected = incidence_at(aalen_johansen(y[groups == larger]), 2, own["time"].to_numpy())
    np.testing.assert_allclose(own["incidence"], expected)
    total = curves.group_by("time").agg(
        pl.col("incidence").filter(pl.col("cause") != ANY_CAUSE).sum(),
        pl.col("incidence").filter(pl.col("cause") == ANY_CAUSE).sum().alias("any"),
    )
    np.testing.assert_allclose(total["incidence"], total["any"])
