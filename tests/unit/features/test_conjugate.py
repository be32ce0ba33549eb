"""The three families: their likelihoods are the published ones, their intervals hold what they say."""

import numpy as np
import pytest
from scipy import stats

from features.conjugate import TAILS, Array, BetaBinomial, Family, GammaPoisson, Normal

FAMILIES: list[Family] = [Normal(), BetaBinomial(), GammaPoisson()]
MEAN = np.array([0.02, 0.2, 0.5, 0.9])
SIZE = np.array([3.0, 10.0, 50.0, 400.0])
RAW = np.array([0.0, 0.3, 0.5, 0.95])


def change(family: Family, at: float, beside: float) -> float:
    return family.log_marginal(at, RAW, SIZE, MEAN) - family.log_marginal(beside, RAW, SIZE, MEAN)


def test_normal_likelihood_is_that_of_the_sum_of_two_variances() -> None:
    def published(log_strength: float) -> float:
        return float(np.sum(stats.norm.logpdf(RAW, MEAN, np.sqrt(1 / SIZE + np.exp(-log_strength)))))

    assert change(Normal(), 2.0, -1.0) == pytest.approx(published(2.0) - published(-1.0))


def test_share_likelihood_is_the_beta_binomial() -> None:
    def published(log_strength: float) -> float:
        a, b = np.exp(log_strength) * MEAN, np.exp(log_strength) * (1 - MEAN)
        return float(np.sum(stats.betabinom.logpmf(RAW * SIZE, SIZE, a, b)))

    assert change(BetaBinomial(), 2.0, -1.0) == pytest.approx(published(2.0) - published(-1.0))


def test_count_likelihood_is_the_negative_binomial() -> None:
    def published(log_strength: float) -> float:
        shape = np.exp(log_strength)
        return float(np.sum(stats.nbinom.logpmf(RAW * SIZE, shape, shape / (shape + SIZE * MEAN))))

    assert change(GammaPoisson(), 2.0, -1.0) == pytest.approx(published(2.0) - published(-1.0))


def test_a_share_beyond_counting_has_a_finite_likelihood() -> None:
    certain = np.array([1.0, 0.0])
    assert np.isfinite(BetaBinomial().log_marginal(0.0, certain, np.array([5e12, 5e12]), certain))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("strength", [3.0, 30.0, 3000.0])
def test_nine_in_ten_draws_lie_within_the_interval(family: Family, strength: float) -> None:
    variance = family.prior_variance(np.full_like(MEAN, strength), MEAN)
    lower, upper = family.interval(MEAN, variance)
    drawn = family.draws(MEAN, variance, np.random.default_rng(5), 20_000)
    within = ((lower <= drawn) & (drawn <= upper)).mean(axis=0)
    np.testing.assert_allclose(within, 1 - TAILS, atol=5 * np.sqrt(TAILS * (1 - TAILS) / 20_000))


@pytest.mark.parametrize("family", FAMILIES)
def test_draws_have_the_mean_and_variance_asked_for(family: Family) -> None:
    variance = family.prior_variance(np.full_like(MEAN, 20.0), MEAN)
    drawn = family.draws(MEAN, variance, np.random.default_rng(5), 40_000)
    error = np.sqrt(variance / 40_000)
    assert (np.abs(drawn.mean(axis=0) - MEAN) < 5 * error).all()
    np.testing.assert_allclose(drawn.var(axis=0), variance, rtol=0.1)


@pytest.mark.parametrize("family", [BetaBinomial(), GammaPoisson()])
def test_an_interval_starts_at_zero_where_zero_is_the_likeliest(family: Family) -> None:
    mean = np.array([0.02])
    lower, _ = family.interval(mean, family.prior_variance(np.array([10.0]), mean))
    assert lower[0] == 0.0
    lower, _ = family.interval(mean, family.prior_variance(np.array([500.0]), mean))
    assert lower[0] > 0.0


def test_a_single_figure_speaks_about_its_group_with_the_variance_it_has() -> None:
    rng = np.random.default_rng(2)
    strength, size, mean = 6.0, 9.0, 0.3
    behind = rng.beta(strength * mean, strength * (1 - mean), 200_000)
    shares = rng.binomial(int(size), behind) / size
    at: Array = np.array([size])
    counts_for = BetaBinomial().spread_size(at, np.array([strength]))[0]
    assert mean * (1 - mean) / counts_for == pytest.approx(shares.var(), rel=0.02)
    rates = rng.poisson(size * rng.gamma(strength, mean / strength, 200_000)) / size
    counts_for = GammaPoisson().spread_size(at, GammaPoisson().strength(np.log(strength), np.array([mean])))[0]
    assert mean / counts_for == pytest.approx(rates.var(), rel=0.02)
