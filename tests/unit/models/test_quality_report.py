import json
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from models.cause_cox import CauseSpecificCox
from models.cross_validation import cross_validated
from models.errors import EstimatorInputError
from models.outcome import survival_outcome
from models.quality_report import REPORT_HORIZONS, quality_report
from models.resampled_d_calibration import resampled_d_calibration
from models.splits import person_folds
from models.validation import CrossValidation
from tests.group_rates import GroupRates


def validated(estimator: GroupRates, rows: int = 1200, seed: int = 1) -> CrossValidation:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, size=rows).astype(float)
    time = rng.exponential(1 / (0.08 * 2**group))
    end = np.minimum(time, rng.uniform(1, 9, size=rows))
    y = survival_outcome(time <= end, end)
    people = np.arange(rows) // 2
    folds = person_folds(people, 4, seed=1)
    return cross_validated(estimator, group[:, None], y, folds, REPORT_HORIZONS, clusters=people, resamples=20)


@pytest.fixture(scope="module")
def true() -> CrossValidation:
    return validated(GroupRates())


def bands(rows: int, *small: int) -> np.ndarray:
    """Band of each spell: two large ones, and small ones of so many spells."""
    names = np.where(np.arange(rows) % 2 == 0, "under_2k", "over_50k").astype("<U12")
    for place, size in enumerate(small):
        names[10 * place : 10 * place + size] = f"small_{place}"
    return names


def test_the_report_is_plain_values_that_json_can_hold(true: CrossValidation) -> None:
    report = quality_report(true, bands(1200))
    written = json.loads(json.dumps(asdict(report), allow_nan=False))
    assert written["spells"] == 1200
    assert [each["horizon"] for each in written["horizons"]] == [1.0, 3.0, 5.0, 10.0]
    assert {point["group"] for point in written["horizons"][1]["groups"]} == {"under_2k", "over_50k"}


def test_a_true_forecast_is_told_to_be_one_and_a_wrong_one_is_not(true: CrossValidation) -> None:
    good, bad = (quality_report(each, bands(1200)) for each in (true, validated(GroupRates(2.0))))
    at = [next(each for each in report.horizons if each.horizon == 3.0) for report in (good, bad)]
    assert at[0].calibration is not None
    assert at[1].calibration is not None
    assert at[0].calibration.ici < 0.03 < at[1].calibration.ici
    assert at[1].calibration.intercept == pytest.approx(-np.log(2), abs=0.15)
    assert good.d_calibration.p_value > 0.01 > bad.d_calibration.p_value
    assert good.harrell_c == bad.harrell_c  # the order is the same
    for point in at[0].groups:
        assert point.observed == pytest.approx(point.predicted, abs=0.06)
        assert point.auc is not None
        assert point.auc > 0.6


def test_a_horizon_beyond_the_spells_is_in_the_report_without_values(true: CrossValidation) -> None:
    last = quality_report(true, bands(1200)).horizons[-1]
    assert (last.horizon, last.brier.value, last.calibration, last.groups) == (10.0, None, None, ())


@pytest.mark.parametrize(("small", "withheld"), [((4,), 2), ((2, 3), 2), ((2, 2), 3), ((5,), 0)])
def test_no_group_of_fewer_than_five_spells_is_shown_or_can_be_worked_out(
    true: CrossValidation, small: tuple[int, ...], withheld: int
) -> None:
    report = quality_report(true, bands(1200, *small))
    assert report.withheld_groups == withheld
    shown = report.horizons[0].groups
    hidden = report.spells - sum(point.spells for point in shown)
    assert hidden == 0 or hidden >= 5
    assert min(point.spells for point in shown) >= 5
    assert min(point.spells for point in report.horizons[0].bins) >= 5


def test_groups_that_are_not_those_of_the_spells_are_refused(true: CrossValidation) -> None:
    with pytest.raises(EstimatorInputError, match="groups"):
        quality_report(true, ["under_2k"])


def with_causes(rows: int, rare: int) -> CrossValidation:
    """Validation of spells that end of two causes, the first at a rate that follows the group, and of a rare third."""
    rng = np.random.default_rng(7)
    group = rng.integers(0, 3, size=rows).astype(float)
    ends = np.column_stack([rng.exponential(1 / (0.05 * 2**group)), rng.exponential(1 / 0.1, size=rows)])
    time, end = ends.min(axis=1), rng.uniform(1, 9, size=rows)
    event = np.where(time <= end, ends.argmin(axis=1) + 1, 0)
    event[np.flatnonzero(event == 2)[:rare]] = 3
    y, people = survival_outcome(event, np.minimum(time, end)), np.arange(rows) // 2
    X = pl.DataFrame({"group": group})
    estimator = CauseSpecificCox(causes=3, ridge=0.1)
    return cross_validated(estimator, X, y, person_folds(people, 3, seed=1), [3.0, 50.0], clusters=people, resamples=20)


@pytest.fixture(scope="module")
def of_causes() -> CrossValidation:
    return with_causes(900, rare=20)


def test_each_cause_is_in_the_report_with_intervals_and_its_name(of_causes: CrossValidation) -> None:
    report = quality_report(of_causes, bands(900), causes=("moved", "other", "rare"))
    assert json.loads(json.dumps(asdict(report), allow_nan=False))["causes"][0]["cause"] == "moved"
    moved, other, rare = report.causes
    assert moved.ended + other.ended + rare.ended == report.ended
    assert rare.ended == 20
    assert moved.harrell_c.lower is not None
    assert moved.harrell_c.lower > 0.55  # its rate follows the group; that of the other does not
    assert abs((other.harrell_c.value or 0) - 0.5) < 0.06
    assert moved.horizons[0].auc == of_causes.causes[0].measure("auc", 3.0)
    assert moved.horizons[0].slope.value == pytest.approx(1, abs=0.3)
    assert (moved.horizons[1].brier.value, moved.horizons[1].ici.value) == (None, None)
    with pytest.raises(EstimatorInputError, match="causes"):
        quality_report(of_causes, bands(900), causes=("moved",))


@pytest.mark.parametrize(("rare", "withheld"), [(4, 2), (5, 0)])
def test_a_cause_of_fewer_than_five_ends_is_withheld_and_cannot_be_worked_out(rare: int, withheld: int) -> None:
    report = quality_report(with_causes(900, rare), bands(900))
    assert report.withheld_causes == withheld
    assert len(report.causes) == 3 - withheld
    hidden = report.ended - sum(each.ended for each in report.causes)
    assert hidden == 0 or hidden >= 5


def test_spells_that_are_counted_twice_do_not_refute_a_true_forecast() -> None:
    rng = np.random.default_rng(3)
    placed = np.eye(10)[rng.integers(0, 10, size=(400, 120))]  # 400 forecasts that hold, of 120 spells each
    p_values = []
    for each in placed:
        copied, people = np.repeat(each, 6, axis=0), np.arange(720) // 6
        p_values.append(resampled_d_calibration(copied, people, resamples=60, seed=1))
    plain = np.mean([found.plain.p_value < 0.05 for found in p_values])
    own = np.mean([found.p_value < 0.05 for found in p_values])
    assert plain > 0.8
    assert 0.01 < own < 0.10
    first = p_values[0]
    for share, value in zip(first.shares, first.plain.shares, strict=True):
        assert share.value == value
        assert share.lower is not None
        assert share.upper is not None
        assert share.lower < value < share.upper


def test_a_wrong_forecast_is_refuted_with_its_shares_outside_a_tenth() -> None:
    bad = quality_report(validated(GroupRates(2.0)), bands(1200)).d_calibration
    assert bad.p_value < 0.001
    assert bad.shares[-1].upper is not None
    assert bad.shares[-1].upper < 0.1  # rates twice too high: fewer leave at once than was predicted
