from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.brier import survival_brier
from models.cross_validation import cross_validated, held_out_validation
from models.discrimination import harrell_c, uno_c
from models.dynamic_auc import dynamic_auc
from models.errors import EstimatorInputError
from models.outcome import survival_outcome
from models.splits import forward_split, person_folds
from tests.group_rates import GroupRates


def spells(rows: int, seed: int, latest_entry: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group, outcome and person of spells whose rate doubles from group to group."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, size=rows).astype(float)
    time = rng.exponential(1 / (0.1 * 2**group))
    entry = rng.uniform(0, 1, size=rows) * latest_entry
    end = np.minimum(time, entry + rng.uniform(1, 12, size=rows))
    seen = time > entry
    y = survival_outcome((time <= end)[seen], end[seen], entry=entry[seen] if latest_entry else None)
    return group[seen, None], y, np.arange(seen.sum()) // 3


def test_the_measures_are_the_mean_of_each_folds() -> None:
    x, y, people = spells(900, seed=1)
    folds = person_folds(people, 3, seed=1)
    result = cross_validated(GroupRates(), x, y, folds, [3.0], clusters=people, resamples=20)
    expected: dict[str, list[float]] = {"harrell_c": [], "uno_c": [], "brier": [], "auc": []}
    sizes = [fold.test.size for fold in folds]
    for fold in folds:
        model = GroupRates().fit(x[fold.train], y[fold.train])
        train, test, risk = y[fold.train], y[fold.test], model.predict(x[fold.test])
        survival = model.predict_survival_function(x[fold.test], [3.0])
        expected["harrell_c"].append(harrell_c(test, risk))
        expected["uno_c"].append(uno_c(train, test, risk, tau=3.0))
        expected["brier"].append(survival_brier(train, test, survival, [3.0])[0])
        expected["auc"].append(dynamic_auc(train, test, 1 - survival[:, 0], [3.0])[0])
    for name, values in expected.items():
        found = result.measure(name, 3.0 if name in {"brier", "auc"} else None).value
        assert found == pytest.approx(np.average(values, weights=sizes), abs=1e-9), name


def test_a_model_that_knows_the_group_beats_one_curve_and_intervals_hold_the_value() -> None:
    x, y, people = spells(1500, seed=2, latest_entry=1.0)
    result = cross_validated(
        GroupRates(), x, y, person_folds(people, 3, seed=1), [1.0, 5.0], clusters=people, resamples=40
    )
    for name in ("skill", "auc"):
        for horizon in (1.0, 5.0):
            measure = result.measure(name, horizon)
            assert measure.value is not None
            assert measure.lower is not None
            assert measure.upper is not None
            assert measure.lower < measure.value < measure.upper
            assert measure.lower > (0.0 if name == "skill" else 0.55)
    assert result.spells == x.shape[0]
    assert result.clusters == np.unique(people).size


def test_a_model_of_shuffled_outcomes_ranks_like_chance_and_has_no_skill() -> None:
    x, y, people = spells(3000, seed=3)
    shuffled = y[np.random.default_rng(4).permutation(y.size)]
    result = cross_validated(
        GroupRates(), x, shuffled, person_folds(people, 5, seed=1), [3.0], clusters=people, resamples=40
    )
    assert result.measure("harrell_c").value == pytest.approx(0.5, abs=0.03)
    skill = result.measure("integrated_skill").value
    assert skill is not None
    assert skill < 0.01


def test_intervals_of_clusters_that_share_an_outcome_are_wider() -> None:
    x, y, _ = spells(400, seed=5)
    x, y = np.repeat(x, 5, axis=0), np.repeat(y, 5)
    rows = np.arange(y.size)
    people = np.arange(y.size) // 5
    folds = person_folds(people, 2, seed=1)
    widths = []
    for clusters in (people, rows):
        measure = cross_validated(GroupRates(), x, y, folds, [3.0], clusters=clusters, resamples=60).measure(
            "brier", 3.0
        )
        assert measure.lower is not None
        assert measure.upper is not None
        widths.append(measure.upper - measure.lower)
    assert widths[0] / widths[1] == pytest.approx(5**0.5, rel=0.35)


def test_horizons_that_nobody_is_followed_to_are_not_told() -> None:
    x, y, people = spells(300, seed=6)
    folds = person_folds(people, 3, seed=1)
    result = cross_validated(GroupRates(), x, y, folds, [2.0, 50.0], clusters=people, resamples=20)
    assert result.horizons == (2.0,)
    assert result.measure("brier", 50.0).value is None
    with pytest.raises(EstimatorInputError, match="horizon"):
        result.measure("brier", 7.0)
    with pytest.raises(EstimatorInputError, match="horizons"):
        cross_validated(GroupRates(), x, y, folds, [50.0], clusters=people)


def test_a_forward_split_of_a_frame_is_validated_on_what_came_later() -> None:
    x, y, people = spells(1500, seed=7)
    start = [date(2005, 1, 1) + timedelta(days=int(day)) for day in np.random.default_rng(1).integers(0, 3650, x.size)]
    fold = forward_split(y, start, date(2012, 1, 1))
    frame = pl.DataFrame({"group": x[:, 0]})
    result = cross_validated(GroupRates(), frame, y, [fold], [1.0, 3.0], clusters=people, resamples=20)
    assert result.spells == fold.test.size
    auc = result.measure("auc", 3.0).value
    assert auc is not None
    assert auc > 0.6


def test_a_fitted_model_is_validated_like_the_fold_it_was_fitted_to() -> None:
    x, y, people = spells(600, seed=9)
    fold = person_folds(people, 3, seed=1)[0]
    across = cross_validated(GroupRates(), x, y, [fold], [2.0], clusters=people, resamples=20)
    fitted = GroupRates().fit(x[fold.train], y[fold.train])
    alone = held_out_validation(
        fitted, y[fold.train], x[fold.test], y[fold.test], [2.0], clusters=people[fold.test], resamples=20
    )
    assert alone.measures == across.measures


def test_calls_that_do_not_fit_together_are_refused() -> None:
    x, y, people = spells(60, seed=8)
    folds = person_folds(people, 2, seed=1)
    with pytest.raises(EstimatorInputError, match="clusters"):
        cross_validated(GroupRates(), x, y, folds, [2.0], clusters=people[:3])
    with pytest.raises(EstimatorInputError, match="X"):
        cross_validated(GroupRates(), x[:5], y, folds, [2.0], clusters=people)
    with pytest.raises(EstimatorInputError, match="folds"):
        cross_validated(GroupRates(), x, y, [], [2.0], clusters=people)
    with pytest.raises(EstimatorInputError, match="resamples"):
        cross_validated(GroupRates(), x, y, folds, [2.0], clusters=people, resamples=5)
