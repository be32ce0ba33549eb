"""Laws of rankings: fast concordance equals slow, obvious loops over pairs."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.discrimination import cause_harrell_c, cause_uno_c, harrell_c, uno_c
from models.dynamic_auc import cause_dynamic_auc, dynamic_auc
from models.outcome import Outcome, read_outcome, survival_outcome
from models.rank_sums import sums_below

Share = Callable[[Outcome, float], float]


@st.composite
def outcomes(draw: st.DrawFn, causes: int = 2, latest_entry: int = 6) -> tuple[Outcome, np.ndarray]:
    """Spells of a coarse clock, so that ties abound, and their risks."""
    whole = st.tuples(
        st.integers(0, causes), st.integers(0, latest_entry), st.integers(1, 6), st.sampled_from([-1.0, 0.0, 2.5])
    )
    rows = draw(st.lists(whole, min_size=2, max_size=14))
    event, entry, length, risk = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    y = survival_outcome(event.astype(int), entry + length, entry=entry)
    return read_outcome(y), risk


def kept_share(y: Outcome, time: float) -> float:
    """Chance that a spell without delayed entry is not censored before a time; ends come before censorings."""
    share = 1.0
    for moment in np.unique(y.time[y.event == 0]):
        if moment < time:
            staying = ((y.time > moment) | ((y.time == moment) & (y.event == 0))).sum()
            share *= 1 - ((y.time == moment) & (y.event == 0)).sum() / staying
    return share


def slow_concordance(y: Outcome, risk: np.ndarray, cause: int, tau: float, share: Share) -> float | None:
    score = pairs = 0.0
    for i in range(len(y)):
        if y.event[i] != cause or y.time[i] >= tau:
            continue
        at_case = share(y, y.time[i])
        for j in range(len(y)):
            outlasts = y.time[j] > y.time[i] or (y.time[j] == y.time[i] and y.event[j] != cause)
            gone_otherwise = y.event[j] not in {0, cause} and y.time[j] < y.time[i]
            if not (outlasts and y.entry[j] < y.time[i]) and not gone_otherwise:
                continue
            at_other = share(y, min(y.time[i], y.time[j]))
            weight = 1 / (at_case * at_other)
            pairs += weight
            score += weight * (1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0)
    return score / pairs if pairs else None


@settings(max_examples=150, deadline=None)
@given(outcomes())
def test_harrells_c_with_delayed_entry_equals_a_loop_over_pairs(drawn: tuple[Outcome, np.ndarray]) -> None:
    y, risk = drawn
    for cause in (1, 2):
        if (slow := slow_concordance(y, risk, cause, np.inf, lambda _y, _time: 1.0)) is not None:
            assert cause_harrell_c(y, risk, cause) == pytest.approx(slow, abs=1e-12)


@settings(max_examples=150, deadline=None)
@given(outcomes(latest_entry=0), st.sampled_from([3.0, 4.5, 100.0]))
def test_unos_c_equals_a_loop_over_weighted_pairs(drawn: tuple[Outcome, np.ndarray], tau: float) -> None:
    y, risk = drawn
    for cause in (1, 2):
        if (slow := slow_concordance(y, risk, cause, tau, kept_share)) is not None:
            assert cause_uno_c(y, y, risk, cause, tau=tau) == pytest.approx(slow, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(outcomes(causes=1, latest_entry=0), st.sampled_from([1.5, 2.0, 3.0]))
def test_the_auc_at_a_horizon_equals_a_loop_over_weighted_pairs(
    drawn: tuple[Outcome, np.ndarray], horizon: float
) -> None:
    y, risk = drawn
    score = pairs = 0.0
    for i in np.flatnonzero((y.event == 1) & (y.time <= horizon)):
        for j in np.flatnonzero(y.time > horizon):
            weight = 1 / kept_share(y, y.time[i])
            pairs += weight
            score += weight * (1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0)
    if pairs:
        assert dynamic_auc(y, y, risk, [horizon]) == pytest.approx(score / pairs, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=30), st.integers(0, 30))
def test_sums_below_equal_a_loop_over_points(points: list[tuple[int, int]], start: int) -> None:
    ranks, weights = (np.array(column) for column in zip(*points, strict=True))
    first = np.minimum(np.arange(start, start + 3), ranks.size)
    wanted = np.array([0, 4, 9])
    lower, same = sums_below(first, wanted, ranks, weights.astype(float))
    for k in range(3):
        later = slice(first[k], None)
        assert lower[k] == weights[later][ranks[later] < wanted[k]].sum()
        assert same[k] == weights[later][ranks[later] == wanted[k]].sum()


def long_stay(rows: int = 20_000, seed: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Duration, cause, censoring and risk of spells that all began under observation."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=rows)
    time = rng.exponential(4 * np.exp(-0.6 * risk))
    return time, 1 + (rng.random(rows) < 0.3), rng.uniform(0.5, 9.0, size=rows), risk


def test_unos_c_and_the_auc_are_those_without_censoring() -> None:
    time, cause, censoring, risk = long_stay()
    whole = survival_outcome(cause, time)
    seen = survival_outcome(np.where(time <= censoring, cause, 0), np.minimum(time, censoring))
    assert uno_c(seen, seen, risk, tau=5.0) == pytest.approx(uno_c(whole, whole, risk, tau=5.0), abs=0.01)
    assert cause_uno_c(seen, seen, risk, 2, tau=5.0) == pytest.approx(
        cause_uno_c(whole, whole, risk, 2, tau=5.0), abs=0.01
    )
    for of_cause in (1, 2):
        known, estimated = (cause_dynamic_auc(y, y, risk, [1.0, 5.0], cause=of_cause) for y in (whole, seen))
        assert estimated == pytest.approx(known, abs=0.015)


def test_unos_c_and_the_auc_see_through_delayed_entry() -> None:
    time, cause, censoring, risk = long_stay(40_000)
    entry = np.random.default_rng(5).uniform(0.0, 2.0, size=time.size) * (np.arange(time.size) % 3 > 0)
    end = np.minimum(time, entry + censoring)
    seen = end > entry
    whole = survival_outcome(cause, time)
    late = survival_outcome(np.where(time <= end, cause, 0)[seen], end[seen], entry=entry[seen])
    assert uno_c(late, late, risk[seen], tau=5.0) == pytest.approx(uno_c(whole, whole, risk, tau=5.0), abs=0.01)
    assert dynamic_auc(late, late, risk[seen], [1.0, 5.0]) == pytest.approx(
        dynamic_auc(whole, whole, risk, [1.0, 5.0]), abs=0.015
    )


def test_a_risk_without_meaning_scores_a_half() -> None:
    time, cause, censoring, _ = long_stay()
    y = survival_outcome(np.where(time <= censoring, cause, 0), np.minimum(time, censoring))
    noise = np.random.default_rng(1).normal(size=time.size)
    assert harrell_c(y, noise) == pytest.approx(0.5, abs=0.01)
    assert uno_c(y, y, noise, tau=5.0) == pytest.approx(0.5, abs=0.01)
    assert dynamic_auc(y, y, noise, [3.0]) == pytest.approx(0.5, abs=0.015)
    assert harrell_c(y, np.zeros(time.size)) == 0.5
