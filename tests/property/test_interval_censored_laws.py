"""Laws of curves from vague ends: fast results equal slow, obvious ones; exact ends give the standard curves."""

import math
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from models.benchmarks import kaplan_meier, survival_at
from models.errors import EstimatorInputError
from models.interval_censored import IntervalCensoredCurve, turnbull_curve
from models.outcome import Outcome, read_outcome, survival_outcome

NOTHING = pl.DataFrame()
halves = st.integers(0, 6).map(lambda half: half / 2)
Spell = tuple[float, float, float, int]


@st.composite
def vague_spells(draw: st.DrawFn) -> list[Spell]:
    """Entry, latest time known to run, time, and event; at least one end."""
    parts = draw(st.lists(st.tuples(halves, halves, halves, st.integers(0, 1)), min_size=2, max_size=10))
    spells = [
        (entry, entry + known, entry + known + (width if event else 0), event)
        for entry, known, width, event in parts
        if known + (width if event else 0) > 0
    ]
    return [*spells, (0.0, 1.0, 2.0, 1), (0.0, 8.0, 8.0, 0)]


def outcome_of(spells: list[Spell]) -> np.ndarray:
    entry, lower, time, event = (np.array(column) for column in zip(*spells, strict=True))
    return survival_outcome(event, time, entry=entry, time_lower=lower)


def slow_log_likelihood(spells: list[Spell], breaks: list[float], hazard: list[float]) -> float:
    def cumulative(time: float) -> float:
        return sum(
            rate * max(0.0, min(time, stop) - start)
            for rate, (start, stop) in zip(hazard, pairwise(breaks), strict=True)
        )

    total = 0.0
    for entry, lower, time, event in spells:
        if event and lower < time:
            inside = math.exp(-cumulative(lower)) - math.exp(-cumulative(time))
            total += math.log(max(inside, 1e-300)) + cumulative(entry)
        else:
            rate = next(r for r, (a, b) in zip(hazard, pairwise(breaks), strict=True) if a < time <= b)
            total += (math.log(max(rate, 1e-300)) if event else 0.0) - cumulative(time) + cumulative(entry)
    return total


@settings(max_examples=40, deadline=None)
@given(vague_spells())
def test_the_hazard_is_the_most_likely_one(spells: list[Spell]) -> None:
    breaks = [0.0, 1.0, 2.5, 9.0]
    curve = IntervalCensoredCurve(breaks=breaks, tol=1e-13, max_iter=200_000).fit(NOTHING, outcome_of(spells))
    found = slow_log_likelihood(spells, breaks, curve.hazard_.tolist())
    assert curve.log_likelihood_ == pytest.approx(found, abs=1e-6)

    def against(logs: np.ndarray) -> float:
        return -slow_log_likelihood(spells, breaks, np.exp(logs).tolist())

    start = np.log(np.maximum(np.asarray(curve.hazard_, dtype=np.float64), 1e-3))
    best = minimize(against, start, method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-6, "fatol": 1e-9})
    assert found >= -best.fun - 1e-5


def slow_turnbull(spells: list[Spell], cuts: list[float], rounds: int) -> dict[float, float]:
    """Survival at the cuts, going through every spell and every piece."""
    pieces = list(pairwise(cuts))
    hazard = [0.5] * len(pieces)
    for _ in range(rounds):
        survival = [1.0]
        for each in hazard:
            survival.append(survival[-1] * (1 - each))
        ends, at_risk = [0.0] * len(pieces), [0.0] * len(pieces)
        for entry, lower, time, event in spells:
            vague = event and lower < time
            mass = sum(
                survival[j] - survival[j + 1] for j, (a, b) in enumerate(pieces) if vague and lower <= a and b <= time
            )
            for j, (a, b) in enumerate(pieces):
                if entry <= a and b <= (lower if vague else time):
                    at_risk[j] += 1
                    ends[j] += event and not vague and b == time
                elif vague and lower <= a and b <= time and mass > 0:
                    ends[j] += (survival[j] - survival[j + 1]) / mass
                    at_risk[j] += sum(survival[k] - survival[k + 1] for k in range(j, cuts.index(time))) / mass
        hazard = [end / risk if risk else 0.0 for end, risk in zip(ends, at_risk, strict=True)]
    return dict(zip(cuts, survival, strict=True))


@settings(max_examples=30, deadline=None)
@given(vague_spells())
def test_turnbulls_curve_equals_slow_obvious_code_round_by_round(spells: list[Spell]) -> None:
    cuts = sorted({0.0, *(time for spell in spells for time in spell[:3])})
    for rounds in (1, 2, 40):
        with pytest.warns(ConvergenceWarning):
            curve = turnbull_curve(outcome_of(spells), max_iter=rounds, tol=-1.0)
        expected = slow_turnbull(spells, cuts, rounds)
        assert curve["survival"].to_list() == pytest.approx([expected[time] for time in curve["time_years"]], abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(vague_spells())
def test_curves_of_exact_ends_are_the_standard_ones(spells: list[Spell]) -> None:
    exact = [(entry, time, time, event) for entry, _, time, event in spells if time > entry]
    y = outcome_of(exact)
    frame = pl.DataFrame({"entry_years": y["entry"], "duration_years": y["time"], "event": y["event"] > 0})
    curve = kaplan_meier(frame)
    times = np.linspace(0, 8, 33)
    np.testing.assert_allclose(survival_at(turnbull_curve(y), times), survival_at(curve, times), atol=1e-8)
    breaks = [0.0, 1.0, 2.5, 9.0]
    fitted = IntervalCensoredCurve(breaks=breaks).fit(NOTHING, y)
    for rate, (start, stop) in zip(fitted.hazard_, pairwise(breaks), strict=True):
        ends = sum(bool(event) and start < time <= stop for _, _, time, event in exact)
        years = sum(max(0.0, min(time, stop) - max(entry, start)) for entry, _, time, _ in exact)
        assert rate == pytest.approx(ends / years if years else 0.0)


def yearly(rows: int, seed: int) -> tuple[Outcome, np.ndarray]:
    """Simulated stays of a known hazard, seen once a year, some from a later year on; and the true survival."""
    rng = np.random.default_rng(seed)
    threshold = rng.exponential(size=rows)
    stay = np.where(threshold < 0.2, threshold / 0.1, 2 + (threshold - 0.2) / 0.4)  # 0.1 a year, from year 2 on 0.4
    entry = np.where(rng.random(rows) < 0.3, rng.integers(1, 3, rows), 0).astype(float)
    last = entry + rng.integers(1, 8, rows)
    stay, entry, last = (each[stay > entry] for each in (stay, entry, last))
    ended = stay < last
    lower, upper = np.floor(stay), np.floor(stay) + 1
    y = survival_outcome(
        ended, np.where(ended, upper, last), entry=entry, time_lower=np.where(ended, np.maximum(lower, entry), last)
    )
    return read_outcome(y), np.exp([-0.1, -0.2, -0.6, -1.0, -1.4])


def test_both_curves_recover_a_known_hazard_from_yearly_snapshots() -> None:
    outcome, truth = yearly(20_000, 3)
    times = np.arange(1.0, 6.0)
    fitted = IntervalCensoredCurve(interval_years=1.0).fit(NOTHING, outcome)
    np.testing.assert_allclose(fitted.hazard_[:5], [0.1, 0.1, 0.4, 0.4, 0.4], atol=0.02)
    np.testing.assert_allclose(
        fitted.predict_survival_function(pl.DataFrame({"post": [1, 2]}), times)[1], truth, atol=0.01
    )
    np.testing.assert_allclose(survival_at(turnbull_curve(outcome), times), truth, atol=0.01)


def test_taking_the_later_snapshot_for_the_end_flatters_and_the_interval_does_not() -> None:
    outcome, truth = yearly(20_000, 4)
    late = Outcome(outcome.event, outcome.time, outcome.entry, outcome.time)
    just_before = np.array([0.99, 1.99, 2.99])
    naive = IntervalCensoredCurve(interval_years=0.5).fit(NOTHING, late)
    honest = IntervalCensoredCurve(interval_years=1.0).fit(NOTHING, outcome)
    rows = pl.DataFrame({"post": [1]})
    right = honest.predict_survival_function(rows, just_before)[0]
    np.testing.assert_allclose(right, truth[:3], atol=0.015)
    mean_years = [
        np.trapezoid(model.predict_survival_function(rows, np.linspace(0, 5, 501))[0], dx=0.01)
        for model in (naive, honest)
    ]
    assert mean_years[0] > mean_years[1] + 0.1


def test_a_weight_of_two_is_the_spell_twice() -> None:
    outcome, _ = yearly(300, 5)
    weights = np.where(np.arange(len(outcome)) % 3 == 0, 2, 1)
    twice = outcome[np.repeat(np.arange(len(outcome)), weights)]
    pair = [
        IntervalCensoredCurve().fit(NOTHING, *arguments).hazard_ for arguments in ((outcome, weights), (twice, None))
    ]
    np.testing.assert_allclose(pair[0], pair[1], rtol=1e-6)
    curves = [turnbull_curve(outcome, sample_weight=weights), turnbull_curve(twice)]
    np.testing.assert_allclose(curves[0]["survival"], curves[1]["survival"], atol=1e-8)


def test_the_curve_tells_no_post_from_another_and_extrapolates_nothing() -> None:
    outcome, _ = yearly(300, 6)
    posts = pl.DataFrame({"post": [1, 2, 3]})
    curve = IntervalCensoredCurve().fit(posts.clear().drop("post"), outcome)
    assert curve.predict(posts).tolist() == [0.0, 0.0, 0.0]
    beyond = curve.predict_survival_function(posts, [float(curve.breaks_[-1]), 99.0])
    assert (beyond == beyond[0, 0]).all()
    with pytest.raises(EstimatorInputError, match="at least one spell that ended"):
        curve.fit(NOTHING, survival_outcome([False], [1.0]))
    with pytest.warns(ConvergenceWarning, match="wider intervals"):
        IntervalCensoredCurve(max_iter=1).fit(NOTHING, outcome)
