"""Laws of the two-step floating catchment, of the law of distance and of who holds the jobs."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from features.accessibility import Decay, decay_deviations, jobs_per_competitor, two_step_reach
from features.indicators.partner_access import employed_flows

Matrix = NDArray[np.float64]

COUNTS = st.one_of(st.just(0.0), st.floats(0.5, 1000))
WEIGHTS = st.one_of(st.just(0.0), st.floats(0.01, 1))
DISTANCES = st.floats(0, 500)


@st.composite
def markets(draw: st.DrawFn) -> tuple[Matrix, Matrix, Matrix]:
    homes, works, groups = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 3))
    jobs = draw(arrays(np.float64, (works, groups), elements=COUNTS))
    seekers = draw(arrays(np.float64, (homes, groups), elements=COUNTS))
    return jobs, seekers, draw(arrays(np.float64, (homes, works), elements=WEIGHTS))


def reach_by_counting(jobs: Matrix, seekers: Matrix, willingness: Matrix) -> Matrix:
    """Both steps as the papers write them, one number at a time."""
    reach = np.zeros_like(seekers)
    for group, home in product(range(jobs.shape[1]), range(len(seekers))):
        for work in range(len(jobs)):
            competing = sum(willingness[other, work] * seekers[other, group] for other in range(len(seekers)))
            if competing > 0:
                reach[home, group] += willingness[home, work] * jobs[work, group] / competing
    return reach


@given(markets())
def test_two_steps_are_those_of_plain_counting(market: tuple[Matrix, Matrix, Matrix]) -> None:
    np.testing.assert_allclose(two_step_reach(*market), reach_by_counting(*market), rtol=1e-9, atol=1e-12)


@given(markets())
def test_every_job_that_somebody_reaches_is_shared_out_once(market: tuple[Matrix, Matrix, Matrix]) -> None:
    jobs, seekers, willingness = market
    reached = willingness.T @ seekers > 0
    shared_out = (two_step_reach(*market) * seekers).sum(axis=0)
    np.testing.assert_allclose(shared_out, np.where(reached, jobs, 0).sum(axis=0), rtol=1e-9, atol=1e-9)


@given(markets(), st.floats(0.1, 100))
def test_more_jobs_nowhere_make_less_to_reach(market: tuple[Matrix, Matrix, Matrix], more: float) -> None:
    jobs, seekers, willingness = market
    richer = jobs.copy()
    richer[0] += more
    assert (two_step_reach(richer, seekers, willingness) >= two_step_reach(*market) - 1e-9).all()


@given(markets(), st.floats(0.1, 100))
def test_more_competitors_nowhere_make_more_to_reach(market: tuple[Matrix, Matrix, Matrix], more: float) -> None:
    jobs, seekers, willingness = market
    crowded = seekers.copy()
    crowded[0] += more
    reached_before = willingness.T @ seekers > 0
    before = jobs_per_competitor(jobs, seekers, willingness)
    after = jobs_per_competitor(jobs, crowded, willingness)
    assert (after[reached_before] <= before[reached_before] * (1 + 1e-9)).all()


@given(markets(), st.floats(0.1, 10))
def test_only_the_ratio_of_jobs_to_seekers_counts(market: tuple[Matrix, Matrix, Matrix], factor: float) -> None:
    jobs, seekers, willingness = market
    reach = two_step_reach(*market)
    np.testing.assert_allclose(two_step_reach(factor * jobs, seekers, willingness), factor * reach, rtol=1e-9)
    np.testing.assert_allclose(two_step_reach(factor * jobs, factor * seekers, willingness), reach, rtol=1e-9)


@given(markets(), st.integers(0, 2**32 - 1))
def test_the_order_of_places_and_groups_is_irrelevant(market: tuple[Matrix, Matrix, Matrix], seed: int) -> None:
    jobs, seekers, willingness = market
    rng = np.random.default_rng(seed)
    homes, works, groups = (rng.permutation(size) for size in (len(seekers), len(jobs), jobs.shape[1]))
    moved = two_step_reach(jobs[works][:, groups], seekers[homes][:, groups], willingness[np.ix_(homes, works)])
    np.testing.assert_allclose(moved, two_step_reach(*market)[homes][:, groups], rtol=1e-9, atol=1e-12)


@given(markets())
def test_one_group_alone_is_as_among_others(market: tuple[Matrix, Matrix, Matrix]) -> None:
    jobs, seekers, willingness = market
    alone = two_step_reach(jobs[:, 0], seekers[:, 0], willingness)
    np.testing.assert_allclose(alone, two_step_reach(*market)[:, 0], rtol=1e-9, atol=1e-12)


@given(arrays(np.float64, 8, elements=DISTANCES), st.floats(1, 50), st.floats(0.5, 5), st.floats(0, 300))
def test_willingness_falls_with_distance_from_one_to_nothing(
    distance_km: NDArray[np.float64], half_km: float, exponent: float, limit_km: float
) -> None:
    decay = Decay(half_km, exponent, limit_km)
    falling = decay.willingness(np.sort(distance_km))
    assert ((falling >= 0) & (falling <= 1)).all()
    assert (np.diff(falling) <= 0).all()
    assert (decay.willingness(distance_km)[distance_km > limit_km] == 0).all()
    assert decay.law(np.array([0.0, half_km])).tolist() == [1.0, 0.5]


@given(st.floats(1, 50), st.floats(0.5, 5))
def test_the_laws_beside_the_law_in_use_lie_on_both_sides_of_it(half_km: float, exponent: float) -> None:
    decay = Decay(half_km, exponent, 90.0)
    for below, above in decay_deviations(decay):
        assert below.half_km <= half_km <= above.half_km
        np.testing.assert_allclose(below.half_km * above.half_km, half_km**2)
        np.testing.assert_allclose(below.exponent * above.exponent, exponent**2)


@st.composite
def job_tables(draw: st.DrawFn) -> tuple[NDArray[np.float64], Matrix]:
    size = draw(st.integers(1, 6))
    flows = draw(arrays(np.float64, (size, size), elements=COUNTS))
    np.fill_diagonal(flows, 0)
    return draw(arrays(np.float64, size, elements=COUNTS)), flows


@given(job_tables())
def test_the_employed_fill_every_job_and_no_more(table: tuple[NDArray[np.float64], Matrix]) -> None:
    jobs, flows = table
    employed = employed_flows(jobs, flows)
    assert (employed >= 0).all()
    np.testing.assert_allclose(employed.sum(axis=0), jobs, atol=1e-9)
    roomy = jobs >= flows.sum(axis=1)
    commuters = employed - np.diag(np.diag(employed))
    np.testing.assert_allclose(commuters[:, roomy], flows.T[:, roomy], atol=1e-9)
