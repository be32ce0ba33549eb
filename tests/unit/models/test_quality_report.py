import json
from dataclasses import asdict

import numpy as np
import pytest

from models.cross_validation import CrossValidation, cross_validated
from models.errors import EstimatorInputError
from models.outcome import survival_outcome
from models.quality_report import REPORT_HORIZONS, quality_report
from models.splits import person_folds
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
