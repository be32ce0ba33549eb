import numpy as np
import pytest

from models.decision_curve import decision_curve
from models.errors import EstimatorInputError
from models.outcome import survival_outcome

THRESHOLDS = [0.1, 0.3, 0.5, 0.7]


def left(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Durations, causes, and the true chance to have ended within two years."""
    rng = np.random.default_rng(seed)
    rate = 0.35 * np.exp(rng.normal(size=rows))
    return rng.exponential(1 / rate), 1 + (rng.random(rows) < 0.25), 1 - np.exp(-2 * rate)


def test_without_censoring_net_benefit_is_counted_by_hand() -> None:
    time, cause, chance = left(500, seed=1)
    table = decision_curve(survival_outcome(cause, time), chance, 2.0, THRESHOLDS, cause=1)
    for row in table.iter_rows(named=True):
        acted, ended = chance >= row["threshold"], (time <= 2.0) & (cause == 1)
        odds = row["threshold"] / (1 - row["threshold"])
        assert row["acted_share"] == acted.mean()
        assert row["net_benefit"] == pytest.approx((acted & ended).mean() - (acted & ~ended).mean() * odds)
        assert row["net_benefit_all"] == pytest.approx(ended.mean() - (~ended).mean() * odds)


def test_censoring_does_not_move_net_benefit() -> None:
    time, cause, chance = left(20_000, seed=2)
    censoring = np.random.default_rng(3).uniform(0.2, 5.0, size=time.size)
    seen = survival_outcome(np.where(time <= censoring, cause, 0), np.minimum(time, censoring))
    known, estimated = (
        decision_curve(y, chance, 2.0, THRESHOLDS, cause=1) for y in (survival_outcome(cause, time), seen)
    )
    assert estimated["net_benefit"].to_list() == pytest.approx(known["net_benefit"].to_list(), abs=0.015)


def test_a_true_forecast_is_worth_more_than_all_or_none() -> None:
    time, _, chance = left(5_000, seed=4)
    table = decision_curve(survival_outcome(np.ones(time.size, dtype=bool), time), chance, 2.0, THRESHOLDS, cause=1)
    assert (table["net_benefit"] >= table["net_benefit_all"] - 1e-12).all()
    assert (table["net_benefit"] > 0).all()


def test_nobody_acted_on_is_worth_nothing_and_unknown_ends_are_not_told() -> None:
    y = survival_outcome([False, True, False], [1.0, 1.5, 9.0])
    table = decision_curve(y, [0.6, 0.4, 0.1], 2.0, [0.5, 0.9], cause=1)
    assert table["net_benefit"].to_list() == [None, 0.0]
    with pytest.raises(EstimatorInputError, match="thresholds"):
        decision_curve(y, [0.6, 0.4, 0.1], 2.0, [1.0], cause=1)
