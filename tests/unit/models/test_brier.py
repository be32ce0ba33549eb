import numpy as np
import pytest

from models.brier import (
    entered_brier,
    incidence_brier,
    integrated_brier_score,
    scored_times,
    survival_brier,
    time_average,
)
from models.errors import EstimatorInputError
from models.outcome import survival_outcome

TIMES = np.array([1.0, 3.0, 6.0])
RATE = 0.2


def lasting(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Duration, cause and yearly rate of spells of which a third of the ends have cause 2."""
    rng = np.random.default_rng(seed)
    rate = RATE * np.exp(rng.normal(size=rows) * 0.7)
    return rng.exponential(1 / rate), 1 + (rng.random(rows) < 1 / 3), rate


def test_censored_spells_score_what_they_would_have_scored_uncensored() -> None:
    time, cause, rate = lasting(30_000, seed=1)
    censoring = np.random.default_rng(2).uniform(0.5, 10.0, size=time.size)
    seen = survival_outcome(np.where(time <= censoring, cause, 0), np.minimum(time, censoring))
    survival = np.exp(-np.outer(rate, TIMES))
    expected = ((survival - (time[:, None] > TIMES)) ** 2).mean(axis=0)
    assert survival_brier(seen, seen, survival, TIMES) == pytest.approx(expected, abs=0.004)
    incidence = (1 - survival) / 3
    gone = (time[:, None] <= TIMES) & (cause == 2)[:, None]
    expected = ((incidence - gone) ** 2).mean(axis=0)
    assert incidence_brier(seen, seen, incidence, TIMES, cause=2) == pytest.approx(expected, abs=0.004)


def test_with_one_cause_incidence_and_survival_score_the_same() -> None:
    time, _, rate = lasting(200, seed=3)
    censoring = np.random.default_rng(2).uniform(0.5, 10.0, size=time.size)
    seen = survival_outcome(time <= censoring, np.minimum(time, censoring))
    survival = np.exp(-np.outer(rate, TIMES))
    by_incidence = incidence_brier(seen, seen, 1 - survival, TIMES, cause=1)
    assert by_incidence == pytest.approx(survival_brier(seen, seen, survival, TIMES))


def test_without_delayed_entry_the_conditional_score_is_the_published_one() -> None:
    time, _, rate = lasting(200, seed=4)
    censoring = np.random.default_rng(2).uniform(0.5, 10.0, size=time.size)
    seen = survival_outcome(time <= censoring, np.minimum(time, censoring))
    survival = np.exp(-np.outer(rate, TIMES))
    late = entered_brier(seen, seen, survival, np.ones(time.size), TIMES)
    assert late == pytest.approx(survival_brier(seen, seen, survival, TIMES))


def test_the_conditional_score_is_that_of_the_entered_spells_without_censoring() -> None:
    time, _, rate = lasting(60_000, seed=5)
    rng = np.random.default_rng(6)
    entry = rng.uniform(0.0, 4.0, size=time.size)
    end = np.minimum(time, entry + rng.uniform(0.5, 10.0, size=time.size))
    seen = time > entry
    time, rate, entry, end = (each[seen] for each in (time, rate, entry, end))
    y = survival_outcome(time <= end, end, entry=entry)
    survival, at_entry = np.exp(-np.outer(rate, TIMES)), np.exp(-rate * entry)
    entered = entry[:, None] < TIMES
    squared = (survival / at_entry[:, None] - (time[:, None] > TIMES)) ** 2
    expected = (squared * entered).sum(axis=0) / entered.sum(axis=0)
    assert entered_brier(y, y, survival, at_entry, TIMES) == pytest.approx(expected, abs=0.006)


def test_the_true_curve_scores_better_than_any_other_shape_of_it() -> None:
    time, _, rate = lasting(20_000, seed=7)
    censoring = np.random.default_rng(8).uniform(0.5, 10.0, size=time.size)
    y = survival_outcome(time <= censoring, np.minimum(time, censoring))
    true = np.exp(-np.outer(rate, TIMES))
    score = integrated_brier_score(y, y, true, TIMES)
    for power in (0.5, 0.8, 1.25, 2.0):
        assert integrated_brier_score(y, y, true**power, TIMES) > score


def test_impossible_calls_say_what_is_wrong() -> None:
    y = survival_outcome([True, False, True], [1.0, 2.0, 3.0])
    late = survival_outcome([True, False, True], [1.0, 2.0, 3.0], entry=[0.0, 0.5, 0.0])
    half = np.full((3, 2), 0.5)
    with pytest.raises(EstimatorInputError, match="shape"):
        survival_brier(y, y, half, [1.0])
    with pytest.raises(EstimatorInputError, match="probabilities"):
        survival_brier(y, y, 3 * half, [1.0, 2.0])
    with pytest.raises(EstimatorInputError, match="rising"):
        survival_brier(y, y, half, [2.0, 1.0])
    with pytest.raises(EstimatorInputError, match="entered_brier"):
        survival_brier(y, late, half, [1.0, 2.0])
    with pytest.raises(EstimatorInputError, match="two or more"):
        time_average([1.0], [1.0])


def test_the_scored_times_end_with_the_first_at_which_four_fifths_are_gone() -> None:
    y = survival_outcome([True] * 11, np.arange(1.0, 12.0))
    assert scored_times(y).tolist() == list(np.arange(1.0, 11.0))
