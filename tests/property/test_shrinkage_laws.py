"""Laws of shrinkage, for every family: between own figure and group, blind to order and unit, surer with more."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import Indicator, load_catalogue
from features.conjugate import Array, BetaBinomial, Family, GammaPoisson, Normal
from features.group_priors import PeerSets, Prior, updated
from features.shrinkage import Posterior, evidence, posterior

KEYS = {
    "proportion": "open_list_share",
    "clustered": "patients_without_gp_share",
    "count": "reported_offences_per_1000",
    "mean": "list_length_mean",
    "relative": "list_places_per_inhabitant",
    "exact": "region_population",
}
UNHURRIED = settings(deadline=None, max_examples=40)
KINDS = st.sampled_from(sorted(KEYS))
SEEDS = st.integers(0, 2**32 - 1)
PLACES = st.integers(2, 30)
SHARES = st.floats(0.01, 0.99)
SIZES = st.floats(0.5, 1e4)
STRENGTHS = st.floats(0.1, 1e4)


def entry_of(kind: str) -> Indicator:
    return load_catalogue().indicator(KEYS[kind])


def random_rows(kind: str, places: int, rng: np.random.Generator) -> dict[str, Array]:
    """Plausible figures, with zeros and a few missing."""
    denominator = np.exp(rng.uniform(0, 6, places)).round()
    numerator = rng.binomial(denominator.astype(int), rng.uniform(0, 1)).astype(float)
    match kind:
        case "proportion" | "clustered":
            value = numerator / denominator
        case "count":
            value = 1000 * numerator / denominator
        case "mean":
            value = rng.uniform(200, 1500, places)
        case _:
            value = np.where(rng.random(places) < 0.1, 0.0, rng.lognormal(3, 1, places))
    value[rng.random(places) < 0.1] = np.nan
    return {"value": value, "numerator": numerator, "denominator": denominator}


def random_groups(places: int, rng: np.random.Generator) -> PeerSets:
    home = np.unique(rng.integers(max(1, places // 4), size=places), return_inverse=True)[1]
    return PeerSets(np.arange(home.max() + 1)[:, None] == home, home)


def believed(kind: str, places: int, seed: int) -> tuple[Posterior, dict[str, Array], PeerSets]:
    rng = np.random.default_rng(seed)
    rows, groups = random_rows(kind, places, rng), random_groups(places, rng)
    return posterior(entry_of(kind), rows, groups), rows, groups


def assert_same(found: Posterior, expected: Posterior, scale: float = 1.0) -> None:
    for name in ("estimate", "lower", "upper", "group_mean"):
        np.testing.assert_allclose(getattr(found, name), scale * getattr(expected, name), rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(found.own_weight, expected.own_weight, rtol=1e-5, atol=1e-9)


@UNHURRIED
@given(KINDS, PLACES, SEEDS)
def test_the_estimate_lies_between_the_own_value_and_the_mean_of_the_group(kind: str, places: int, seed: int) -> None:
    found, rows, _ = believed(kind, places, seed)
    known = ~np.isnan(rows["value"]) & ~np.isnan(found.group_mean)
    value, group, estimate = rows["value"][known], found.group_mean[known], found.estimate[known]
    slack = 1e-9 * np.maximum(np.abs(value), np.abs(group))
    assert (estimate >= np.minimum(value, group) - slack).all()
    assert (estimate <= np.maximum(value, group) + slack).all()


@UNHURRIED
@given(KINDS, PLACES, SEEDS)
def test_the_interval_holds_the_estimate_and_nothing_is_said_without_a_value(kind: str, places: int, seed: int) -> None:
    found, rows, _ = believed(kind, places, seed)
    known = ~np.isnan(rows["value"])
    assert (found.lower[known] <= found.estimate[known]).all()
    assert (found.estimate[known] <= found.upper[known]).all()
    assert ((found.own_weight[known] >= 0) & (found.own_weight[known] <= 1)).all()
    for said in (
        found.estimate,
        found.lower,
        found.upper,
        found.own_weight,
        found.draws(np.random.default_rng(1), 1)[0],
    ):
        np.testing.assert_array_equal(np.isnan(said), ~known)


@UNHURRIED
@given(KINDS, PLACES, SEEDS)
def test_the_order_of_places_does_not_matter(kind: str, places: int, seed: int) -> None:
    found, rows, groups = believed(kind, places, seed)
    order = np.random.default_rng(seed).permutation(places)
    mixed = posterior(
        entry_of(kind),
        {name: column[order] for name, column in rows.items()},
        PeerSets(groups.members[:, order], groups.home[order]),
    )
    for name in ("estimate", "lower", "upper", "group_mean", "own_weight"):
        np.testing.assert_allclose(getattr(mixed, name), getattr(found, name)[order], rtol=1e-6, atol=1e-9)


@UNHURRIED
@given(st.sampled_from(["mean", "relative", "exact"]), PLACES, SEEDS, st.sampled_from([0.001, 0.5, 60.0]))
def test_another_unit_gives_the_same_in_that_unit(kind: str, places: int, seed: int, factor: float) -> None:
    found, rows, groups = believed(kind, places, seed)
    entry = entry_of(kind)
    changed: dict[str, Any] = {"bounds": (factor * entry.bounds[0], factor * entry.bounds[1])}
    if kind == "mean":
        changed["uncertainty"] = entry.uncertainty.model_copy(update={"sd": factor * entry.uncertainty.sd})  # type: ignore[union-attr]
    rescaled = posterior(entry.model_copy(update=changed), rows | {"value": factor * rows["value"]}, groups)
    assert_same(rescaled, found, factor)


@UNHURRIED
@given(PLACES, SEEDS, st.sampled_from([0.01, 1000.0]))
def test_a_rate_per_more_inhabitants_is_the_same_rate(places: int, seed: int, factor: float) -> None:
    found, rows, groups = believed("count", places, seed)
    entry = entry_of("count")
    changed = {
        "bounds": (0.0, factor * entry.bounds[1]),
        "uncertainty": entry.uncertainty.model_copy(update={"scale": factor * entry.uncertainty.scale}),  # type: ignore[union-attr]
    }
    assert_same(
        posterior(entry.model_copy(update=changed), rows | {"value": factor * rows["value"]}, groups), found, factor
    )


@UNHURRIED
@given(KINDS.filter(lambda kind: kind not in {"relative", "exact"}), PLACES, SEEDS)
def test_the_own_value_takes_all_weight_as_it_rests_on_ever_more(kind: str, places: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, groups = random_rows(kind, places, rng), random_groups(places, rng)
    rows["value"] = np.where(np.isnan(rows["value"]), 0.5, rows["value"])
    rows["numerator"] = rows["value"] * rows["denominator"] / (1000 if kind == "count" else 1)
    weights = []
    for times in (1.0, 1e4, 1e12):
        larger = {name: column.copy() for name, column in rows.items()}
        larger["numerator"][0] *= times
        larger["denominator"][0] *= times
        weights.append(posterior(entry_of(kind), larger, groups).own_weight[0])
    assert weights[2] > 0.999
    assert weights[2] >= weights[1]


@pytest.mark.parametrize("family", [Normal(), BetaBinomial(), GammaPoisson()])
@UNHURRIED
@given(mean=SHARES, size=SIZES, strength=STRENGTHS, times=st.floats(1.5, 100))
def test_the_interval_narrows_as_a_figure_rests_on_more(
    family: Family, mean: float, size: float, strength: float, times: float
) -> None:
    at = np.full(2, mean)
    prior = Prior(at, np.zeros(2), np.full(2, strength), np.log(strength), 0.0)
    behind, variance, _ = updated(family, at, np.array([size, times * size]), prior)
    assert variance[1] < variance[0]
    lower, upper = family.interval(behind, variance)
    if (
        isinstance(family, Normal) or min(mean, 1 - mean) * (size + strength) >= 1
    ):  # else almost all of it lies at 0 or 1
        assert upper[1] - lower[1] < upper[0] - lower[0]


@pytest.mark.parametrize("family", [Normal(), BetaBinomial(), GammaPoisson()])
@UNHURRIED
@given(mean=SHARES, raw=SHARES, size=st.floats(1, 200), strength=st.floats(1, 200))
def test_looking_at_a_figure_is_what_integrating_prior_times_likelihood_gives(
    family: Family, mean: float, raw: float, size: float, strength: float
) -> None:
    behind = np.linspace(-4, 5, 20_001) if isinstance(family, Normal) else np.linspace(1e-7, 1 - 1e-7, 40_001)
    if isinstance(family, GammaPoisson):
        behind = behind * 12
    log_density = {
        Normal: -strength * (behind - mean) ** 2 / 2 - size * (raw - behind) ** 2 / 2,
        BetaBinomial: (strength * mean - 1 + size * raw) * np.log(np.clip(behind, 1e-300, 1))
        + (strength * (1 - mean) - 1 + size * (1 - raw)) * np.log(np.clip(1 - behind, 1e-300, 1)),
        GammaPoisson: (strength * mean - 1 + size * raw) * np.log(np.clip(behind, 1e-300, None))
        - (strength + size) * behind,
    }[type(family)]
    weight = np.exp(log_density - log_density.max())
    prior = Prior(np.array([mean]), np.zeros(1), np.array([strength]), 0.0, 0.0)
    estimate, variance, _ = updated(family, np.array([raw]), np.array([size]), prior)
    integrated = (weight * behind).sum() / weight.sum()
    spread = (weight * (behind - integrated) ** 2).sum() / weight.sum()
    if min(strength * mean + size * raw, strength * (1 - mean) + size * (1 - raw)) > 2:  # else the grid's ends matter
        assert abs(estimate[0] - integrated) < 1e-3 * max(integrated, 0.01)
        assert abs(variance[0] - spread) < 1e-2 * spread


@UNHURRIED
@given(PLACES, SEEDS)
def test_clusters_told_apart_count_as_so_many(places: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = random_rows("clustered", places, rng)
    counted = evidence(entry_of("clustered"), rows | {"clusters": np.full(places, 7.0)})
    np.testing.assert_array_equal(counted.size, np.full(places, 7.0))
    uncounted = replace(counted, size=evidence(entry_of("clustered"), rows).size)
    np.testing.assert_allclose(uncounted.size, rows["denominator"] / 946)
