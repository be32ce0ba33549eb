"""Shrinkage on the real snapshot and on simulated places whose truth is known."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from features.catalogue import Catalogue, load_catalogue
from features.conjugate import TAILS, Array, BetaBinomial, Family, GammaPoisson, Normal
from features.errors import InvalidInputError
from features.group_priors import PeerSets, fitted_prior, peer_sets, updated
from features.indicators.compute import indicator_values
from features.indicators.observations import population_of
from features.peers import peer_groups
from features.shrinkage import (
    COUNT_DISPERSION,
    evidence,
    indicator_rows,
    posterior,
    posterior_draws,
    posteriors,
    shrunk_values,
)
from features.snapshot import load_snapshot

REPLICATIONS = 14
Simulated = tuple[Array, Array, Array]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def values(catalogue: Catalogue) -> pl.DataFrame:
    return indicator_values(load_snapshot(), catalogue)


@pytest.fixture(scope="module")
def peers() -> pl.DataFrame:
    snapshot = load_snapshot()
    return peer_groups(snapshot.municipalities, population_of(snapshot).select("municipality_code", "population"))


@pytest.fixture(scope="module")
def shrunk(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    return shrunk_values(values, peers, catalogue)


@pytest.fixture(scope="module")
def twenty_groups() -> PeerSets:
    home = np.repeat(np.arange(20), 18)
    return PeerSets(np.arange(20)[:, None] == home, home)


def sizes(rng: np.random.Generator, largest: float) -> Array:
    return np.exp(rng.uniform(np.log(2), np.log(largest), 360)).round()


def shares(rng: np.random.Generator, groups: PeerSets, strength: float) -> Simulated:
    mean = rng.beta(15, 35, len(groups.members))[groups.home]
    behind, size = rng.beta(strength * mean, strength * (1 - mean)), sizes(rng, 60)
    return behind, rng.binomial(size.astype(int), behind) / size, size


def rates(rng: np.random.Generator, groups: PeerSets, strength: float) -> Simulated:
    mean = rng.gamma(10, 0.2, len(groups.members))[groups.home]
    behind, size = rng.gamma(strength, mean / strength), sizes(rng, 60)
    return behind, rng.poisson(size * behind) / size, size


def means(rng: np.random.Generator, groups: PeerSets, strength: float) -> Simulated:
    mean = rng.normal(700, 100, len(groups.members))[groups.home]
    behind, size = rng.normal(mean, strength**-0.5), sizes(rng, 60) / 100**2
    return behind, rng.normal(behind, size**-0.5), size


CASES = [(BetaBinomial(), shares, 8.0), (GammaPoisson(), rates, 6.0), (Normal(), means, 1 / 60**2)]


@pytest.mark.parametrize(("family", "simulate", "strength"), CASES)
def test_intervals_hold_the_truth_nine_times_in_ten_and_the_strength_is_found(
    family: Family,
    simulate: Callable[[np.random.Generator, PeerSets, float], Simulated],
    strength: float,
    twenty_groups: PeerSets,
) -> None:
    rng = np.random.default_rng(11)
    held, found = [], []
    for _ in range(REPLICATIONS):
        behind, raw, size = simulate(rng, twenty_groups, strength)
        prior = fitted_prior(family, raw, size, twenty_groups)
        lower, upper = family.interval(*updated(family, raw, size, prior)[:2])
        held.append(((lower <= behind) & (behind <= upper)).mean())
        found.append(prior.log_strength)
    error_of_held, error_of_found = np.std([held, found], axis=1, ddof=1) / np.sqrt(REPLICATIONS)
    assert abs(np.mean(held) - (1 - TAILS)) < 4 * error_of_held
    assert abs(np.mean(found) - np.log(strength)) < 4 * error_of_found


@pytest.mark.parametrize(("family", "simulate", "strength"), CASES)
def test_shrunk_values_lie_nearer_to_the_truth_than_raw_ones_and_group_means(
    family: Family,
    simulate: Callable[[np.random.Generator, PeerSets, float], Simulated],
    strength: float,
    twenty_groups: PeerSets,
) -> None:
    behind, raw, size = simulate(np.random.default_rng(12), twenty_groups, strength)
    prior = fitted_prior(family, raw, size, twenty_groups)
    estimate = updated(family, raw, size, prior)[0]
    error = [((guess - behind) ** 2).mean() for guess in (estimate, raw, prior.mean)]
    assert error[0] < 0.8 * min(error[1:])


def test_groups_that_differ_by_chance_alone_share_the_national_mean(twenty_groups: PeerSets) -> None:
    rng = np.random.default_rng(3)
    size = sizes(rng, 60)
    raw = rng.binomial(size.astype(int), 0.3) / size
    mean = fitted_prior(BetaBinomial(), raw, size, twenty_groups).mean
    plain = np.array([np.average(raw[row], weights=size[row]) for row in twenty_groups.members])
    assert mean.std() < 0.4 * plain.std()


def test_every_municipality_has_a_row_for_every_indicator(
    shrunk: pl.DataFrame, values: pl.DataFrame, catalogue: Catalogue
) -> None:
    assert shrunk.height == 357 * len(catalogue.indicators)
    both = values.join(shrunk, on=["municipality_code", "indicator"])
    assert both.filter(pl.col("value").is_null() != pl.col("estimate").is_null()).is_empty()


def test_no_vacant_list_of_three_is_less_sure_than_of_six_hundred(shrunk: pl.DataFrame, values: pl.DataFrame) -> None:
    vacant = values.join(shrunk, on=["municipality_code", "indicator"]).filter(
        (pl.col("indicator") == "vacant_list_share") & (pl.col("value") == 0)
    )
    small = vacant.filter(pl.col("denominator") <= 3)
    assert small.height > 20
    assert (small["estimate"] > 0.02).all()
    assert (small["upper"] > 0.06).all()
    oslo = vacant.row(by_predicate=pl.col("municipality_code") == "0301", named=True)
    assert oslo["upper"] < 0.01
    assert oslo["own_weight"] > 0.9


def test_what_is_fixed_by_definition_is_not_moved(shrunk: pl.DataFrame, values: pl.DataFrame) -> None:
    fixed = shrunk.filter(pl.col("indicator") == "population").join(values, on=["municipality_code", "indicator"])
    for name in ("estimate", "lower", "upper"):
        assert fixed[name].equals(fixed["value"].alias(name))
    assert fixed["own_weight"].unique().to_list() == [1.0]


def test_estimates_and_draws_stay_within_the_bounds_of_the_catalogue(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue
) -> None:
    for key, found in posteriors(values, peers, catalogue).items():
        low, high = catalogue.indicator(key).bounds
        known = ~np.isnan(found.estimate)
        drawn = found.draws(np.random.default_rng(1), 20)[:, known]
        for said in (found.lower[known], found.upper[known], drawn):
            assert ((said >= low) & (said <= high)).all(), key


def test_draws_spread_as_the_interval_says(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> None:
    found = posteriors(values, peers, catalogue)
    for key in ("vacant_list_share", "gp_per_1000", "list_length_mean", "minutes_to_region_centre"):
        known = ~np.isnan(found[key].estimate)
        drawn = found[key].draws(np.random.default_rng(1), 2000)[:, known]
        within = (found[key].lower[known] <= drawn) & (drawn <= found[key].upper[known])
        assert within.mean() == pytest.approx(1 - TAILS, abs=0.005) or key == "minutes_to_region_centre"
        assert within.mean() >= 1 - TAILS - 0.005


def test_draws_are_those_of_the_posterior(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> None:
    entry, rows = catalogue.indicator("vacant_list_share"), indicator_rows(values)["vacant_list_share"]
    groups = peer_sets(values["municipality_code"].unique().sort(), peers)
    once = posterior_draws(entry, rows, groups, np.random.default_rng(4), 5)
    np.testing.assert_array_equal(once, posterior(entry, rows, groups).draws(np.random.default_rng(4), 5))


def test_the_order_of_rows_does_not_matter(
    values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue, shrunk: pl.DataFrame
) -> None:
    mixed = shrunk_values(
        values.sample(fraction=1.0, shuffle=True, seed=2), peers.sample(fraction=1.0, shuffle=True, seed=3), catalogue
    )
    assert mixed.equals(shrunk)


def test_posts_are_moved_by_less_than_chance_alone(values: pl.DataFrame, catalogue: Catalogue) -> None:
    rows = indicator_rows(values)
    found = evidence(catalogue.indicator("gp_per_1000"), rows["gp_per_1000"])
    inhabitants, known = rows["gp_per_1000"]["denominator"], ~np.isnan(found.raw)
    np.testing.assert_allclose(found.size[known], inhabitants[known] / COUNT_DISPERSION["gp_per_1000"])


def test_inhabitants_are_counted_in_lists(values: pl.DataFrame, catalogue: Catalogue) -> None:
    rows = indicator_rows(values)
    found = evidence(catalogue.indicator("patients_without_gp_share"), rows["patients_without_gp_share"])
    lists, known = rows["vacant_list_share"]["denominator"], ~np.isnan(found.raw)
    np.testing.assert_allclose(found.size[known], lists[known] / 0.9)


def test_a_vacant_list_is_as_large_beside_the_others_as_assumed(values: pl.DataFrame) -> None:
    rows = indicator_rows(values)
    lists, inhabitants = rows["vacant_list_share"], rows["patients_without_gp_share"]
    one = lists["numerator"] == 1
    beside_the_mean = inhabitants["value"][one] * lists["denominator"][one]
    assert one.sum() == 64
    assert beside_the_mean.mean() == pytest.approx(0.74, abs=0.01)
    assert (beside_the_mean**2).mean() / beside_the_mean.mean() == pytest.approx(0.9, abs=0.01)


def test_a_zero_with_a_relative_error_stays_zero(shrunk: pl.DataFrame, values: pl.DataFrame) -> None:
    with_school = values.filter((pl.col("indicator") == "school_secondary_km") & (pl.col("value") == 0))
    own = shrunk.join(with_school, on=["municipality_code", "indicator"])
    assert own.height > 100
    assert own.select(pl.max_horizontal("estimate", "upper").max()).item() == 0


@pytest.mark.parametrize("places", [1, 2])
@pytest.mark.parametrize(
    "key", ["gp_specialist_share", "reported_offences_per_1000", "weekly_hours", "partner_service"]
)
def test_a_few_values_suffice(key: str, places: int, catalogue: Catalogue) -> None:
    value = np.full(6, np.nan)
    value[:places] = [0.5, 0.75][:places]
    rows = {"value": value, "numerator": np.full(6, np.nan), "denominator": np.where(np.isnan(value), np.nan, 4.0)}
    groups = PeerSets(np.ones((1, 6), dtype=bool), np.zeros(6, dtype=np.intp))
    found = posterior(catalogue.indicator(key), rows, groups)
    np.testing.assert_array_equal(np.isnan(found.estimate), np.isnan(value))
    assert (found.lower[:places] <= value[:places]).all()
    assert (found.upper[:places] >= value[:places]).all()


def test_a_set_of_peers_without_figures_falls_back_on_the_country(catalogue: Catalogue) -> None:
    value = np.array([0.2, 0.4, np.nan])
    rows = {"value": value, "numerator": value * 50, "denominator": np.full(3, 50.0)}
    lonely = PeerSets(np.array([[True, True, False], [False, False, True]]), np.array([0, 1, 1]))
    found = posterior(catalogue.indicator("open_list_share"), rows, lonely)
    assert found.group_mean[1] == pytest.approx(0.3, abs=0.06)
    assert 0.2 < found.estimate[1] < 0.4


def test_peers_must_be_told_for_every_municipality(peers: pl.DataFrame) -> None:
    without_oslo = peers.filter(pl.col("municipality_code") != "0301")
    with pytest.raises(InvalidInputError, match="0301"):
        peer_sets(peers["municipality_code"].unique().sort(), without_oslo)


def test_each_distinct_set_of_peers_is_kept_once(peers: pl.DataFrame) -> None:
    codes = peers["municipality_code"].unique().sort()
    sets = peer_sets(codes, peers)
    assert len(np.unique(sets.members, axis=0)) == len(sets.members) < 30
    own = peers.filter(pl.col("municipality_code") == "5014")["peer_code"].sort()
    members = sets.members[sets.home[codes.index_of("5014")]]
    assert codes.filter(pl.Series(members)).equals(own.rename("municipality_code"))


@pytest.mark.parametrize(
    ("key", "value"),
    [("open_list_share", 1.2), ("reported_offences_per_1000", -1.0), ("minutes_to_region_centre", -2.0)],
)
def test_impossible_figures_are_refused(key: str, value: float, catalogue: Catalogue) -> None:
    rows = {"value": np.array([value]), "numerator": np.array([np.nan]), "denominator": np.array([10.0])}
    with pytest.raises(InvalidInputError, match=key):
        evidence(catalogue.indicator(key), rows)
