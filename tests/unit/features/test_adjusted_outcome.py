"""Adjusted outcomes: from structure alone, fair to small and large, and sound where nothing is unfair."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from features.adjusted_outcome import OUTCOMES, AdjustedOutcomes, adjusted_outcomes, chance_range
from features.catalogue import Catalogue, load_catalogue
from features.conjugate import BetaBinomial, Normal
from features.errors import InvalidInputError
from features.fairness import fairness, rank_correlation
from features.group_priors import Prior
from features.indicators.compute import indicator_values
from features.indicators.observations import newest
from features.peers import population_band
from features.snapshot import Snapshot, load_snapshot

VACANCY, PRESSURE = OUTCOMES


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def values(snapshot: Snapshot, catalogue: Catalogue) -> pl.DataFrame:
    return indicator_values(snapshot, catalogue)


def adjust(values: pl.DataFrame, snapshot: Snapshot, outcomes: tuple[str, ...] = OUTCOMES) -> AdjustedOutcomes:
    return adjusted_outcomes(values, snapshot.municipalities, load_catalogue(), np.random.default_rng(1), outcomes)


@pytest.fixture(scope="module")
def adjusted(values: pl.DataFrame, snapshot: Snapshot) -> AdjustedOutcomes:
    return adjust(values, snapshot)


def of(adjusted: AdjustedOutcomes, outcome: str) -> pl.DataFrame:
    return adjusted.outcomes.filter(pl.col("outcome") == outcome).drop_nulls("actual")


def replaced(values: pl.DataFrame, outcome: str, value: pl.Expr) -> pl.DataFrame:
    is_outcome = (pl.col("indicator") == outcome) & pl.col("value").is_not_null()
    return values.with_columns(value=pl.when(is_outcome).then(value).otherwise(pl.col("value")))


def test_every_municipality_has_a_row_for_every_outcome(adjusted: AdjustedOutcomes) -> None:
    assert adjusted.outcomes.height == 357 * len(OUTCOMES)
    assert of(adjusted, VACANCY).height == of(adjusted, PRESSURE).height == 351


def test_the_residual_is_what_chance_does_not_explain(adjusted: AdjustedOutcomes) -> None:
    for outcome in OUTCOMES:
        rows = of(adjusted, outcome)
        plain = rows["actual"] - rows["expected"]
        assert rows["residual"].to_list() == pytest.approx((rows["shrunk"] - rows["expected"]).to_list())
        assert ((rows["residual"].abs() <= plain.abs() + 1e-12) & (rows["residual"] * plain >= 0)).all()


def test_the_adjusted_score_follows_neither_size_nor_centrality_while_raw_scores_do(
    adjusted: AdjustedOutcomes, values: pl.DataFrame, catalogue: Catalogue
) -> None:
    table = fairness(adjusted.outcomes, values, catalogue, np.random.default_rng(1))
    assert table.height == 4
    assert (table["adjusted"].abs() < 0.1).all()
    assert (table["tie_free"].abs() < 0.1).all()
    by_population = table.filter(pl.col("against") == "population")
    assert (by_population["raw"].abs() > 0.1).all()
    assert (table.filter(pl.col("outcome") == PRESSURE)["raw"].abs() > 0.7).all()


def test_places_of_every_size_score_fifty_on_average(adjusted: AdjustedOutcomes, values: pl.DataFrame) -> None:
    bands = values.filter(pl.col("indicator") == "population").select(
        "municipality_code", band=population_band(pl.col("value"))
    )
    for outcome in OUTCOMES:
        by_band = (
            of(adjusted, outcome)
            .join(bands, on="municipality_code")
            .group_by("band")
            .agg(pl.col("adjusted_score").mean(), error=pl.col("adjusted_score").std() / pl.len().sqrt())
        )
        assert by_band.height == 5
        mean, error = (by_band[name].to_numpy() for name in ("adjusted_score", "error"))
        assert (np.abs(mean - 50) < 3 * error).all(), outcome


def test_nobody_without_vacancy_scores_under_fifty(adjusted: AdjustedOutcomes) -> None:
    none_vacant = of(adjusted, VACANCY).filter(pl.col("actual") == 0)
    assert none_vacant.height > 200
    assert (none_vacant["adjusted_score"] >= 50).all()
    assert (none_vacant["score_ties_won"] == 100).all()


def test_more_vacancy_never_scores_better(values: pl.DataFrame, snapshot: Snapshot) -> None:
    here = pl.col("municipality_code") == "5014"
    scores = [
        adjust(replaced(values, VACANCY, pl.when(here).then(share).otherwise("value")), snapshot, (VACANCY,))
        .outcomes.filter(here)["adjusted_score"]
        .item()
        for share in (0.0, 0.02, 0.125, 0.5)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] + 40


def test_an_expectation_of_structure_alone_is_unmoved_by_its_own_county(
    values: pl.DataFrame, snapshot: Snapshot, adjusted: AdjustedOutcomes
) -> None:
    in_county = pl.col("municipality_code").str.starts_with("50")
    for outcome, value in ((VACANCY, 0.5), (PRESSURE, 1500.0)):
        changed = adjust(
            replaced(values, outcome, pl.when(in_county).then(value).otherwise("value")), snapshot, (outcome,)
        )
        before, after = (of(each, outcome).filter(in_county)["expected"].to_numpy() for each in (adjusted, changed))
        assert len(before) > 30
        np.testing.assert_allclose(after, before, rtol=1e-12)


def test_remote_places_are_expected_to_lack_more_gps_and_have_shorter_lists(
    adjusted: AdjustedOutcomes, snapshot: Snapshot
) -> None:
    for outcome, ratio in ((VACANCY, 3.0), (PRESSURE, 1 / 1.5)):
        joined = of(adjusted, outcome).join(snapshot.municipalities, on="municipality_code")
        first, *_, last = (
            joined.group_by("centrality_class").agg(pl.col("expected").mean()).sort("centrality_class")["expected"]
        )
        assert last > 3 * first if ratio > 1 else last < ratio * first


def test_the_normal_range_holds_about_nine_in_ten(adjusted: AdjustedOutcomes) -> None:
    for outcome in OUTCOMES:
        rows = of(adjusted, outcome)
        within = rows["actual"].is_between(rows["normal_lower"] - 1e-9, rows["normal_upper"] + 1e-9).to_numpy()
        spread = np.sqrt(0.1 * 0.9 * rows.height)
        assert abs((~within).sum() - 0.1 * rows.height) < 4 * spread


def test_one_gp_leaving_a_place_of_three_is_within_the_normal_range(
    adjusted: AdjustedOutcomes, snapshot: Snapshot
) -> None:
    three = newest(snapshot.gp_lists, "lists_total").filter(pl.col("value") == 3)
    remote = snapshot.municipalities.filter(pl.col("centrality_class") == 6)
    ranges = (
        of(adjusted, VACANCY)
        .join(three, on="municipality_code", how="semi")
        .join(remote, on="municipality_code", how="semi")
    )
    assert ranges.height >= 10
    assert (ranges["normal_upper"] >= 1 / 3 - 1e-9).to_numpy().mean() > 0.9


def test_what_structure_explains_is_the_drop_in_squared_error(adjusted: AdjustedOutcomes, snapshot: Snapshot) -> None:
    lists = newest(snapshot.gp_lists, "lists_total").select("municipality_code", lists="value")
    known = of(adjusted, VACANCY).join(lists, on="municipality_code")
    actual, expected, weight = (known[name].to_numpy() for name in ("actual", "expected", "lists"))
    national = (actual * weight).sum() / weight.sum()
    by_hand = 1 - (weight * (actual - expected) ** 2).sum() / (weight * (actual - national) ** 2).sum()
    found = adjusted.explained[VACANCY]
    assert found.share == pytest.approx(by_hand)
    assert found.lower < found.share < found.upper


def test_an_outcome_that_follows_structure_is_explained_and_noise_is_not(
    values: pl.DataFrame, snapshot: Snapshot
) -> None:
    index = values.filter(pl.col("indicator") == "centrality_index").select("municipality_code", index="value")
    structural = replaced(values.join(index, on="municipality_code"), VACANCY, 0.3 * (1 - pl.col("index") / 1000))
    assert adjust(structural.drop("index"), snapshot, (VACANCY,)).explained[VACANCY].share > 0.8
    is_outcome = (pl.col("indicator") == VACANCY) & pl.col("value").is_not_null()
    shuffled = pl.concat(
        [values.filter(~is_outcome), values.filter(is_outcome).with_columns(pl.col("value").shuffle(seed=4))]
    )
    assert adjust(shuffled, snapshot, (VACANCY,)).explained[VACANCY].lower < 0


def test_a_score_blind_to_size_is_found_out(
    values: pl.DataFrame, snapshot: Snapshot, catalogue: Catalogue, adjusted: AdjustedOutcomes
) -> None:
    blind = adjusted.outcomes.with_columns(
        pl.col("actual").rank(descending=True).over("outcome") / 351 * 100 - 0.1
    ).with_columns(adjusted_score="actual", score_ties_lost="actual", score_ties_won="actual")
    table = fairness(blind, values, catalogue, np.random.default_rng(1))
    assert (table.filter(pl.col("outcome") == PRESSURE)["tie_free"].abs() > 0.7).all()


def test_fair_outcomes_show_no_correlation_once_ties_are_broken() -> None:
    rng = np.random.default_rng(8)
    members = np.exp(rng.uniform(np.log(2), np.log(200), 351)).round()
    mean = 0.12 / (1 + np.log(members))
    prior = Prior(mean, np.zeros(351), np.full(351, 15.0), np.log(15.0), 0.0)
    found = []
    for _ in range(200):
        share = rng.binomial(members.astype(int), rng.beta(15 * mean, 15 * (1 - mean))) / members
        _, (lost, _, won) = chance_range(BetaBinomial(), share, members, prior)
        found.append(float(rank_correlation(lost + (won - lost) * rng.random(351), members)))
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(200)


def test_chance_in_lists_is_the_beta_binomial() -> None:
    members, mean, strength = np.array([3.0, 20.0]), np.array([0.1, 0.04]), np.array([8.0, 8.0])
    prior = Prior(mean, np.zeros(2), strength - 1, 0.0, 0.0)  # variance m (1 - m) / 8: a beta of strength 7
    hits = np.array([1.0, 0.0])
    normal, below = chance_range(BetaBinomial(), hits / members, members, prior)
    published = stats.betabinom(members, 7 * mean, 7 * (1 - mean))
    np.testing.assert_allclose(below[0], published.cdf(hits - 1), atol=1e-12)
    np.testing.assert_allclose(below[2], published.cdf(hits))
    np.testing.assert_allclose(below[1], published.cdf(hits) - published.pmf(hits) / 2)
    np.testing.assert_allclose(normal, published.ppf(np.array([[0.05], [0.95]])) / members)


def test_chance_in_means_is_normal() -> None:
    prior = Prior(np.array([700.0]), np.array([100.0]), np.array([1 / 900.0]), 0.0, 0.0)
    normal, below = chance_range(Normal(), np.array([750.0]), np.array([1 / 2600.0]), prior)
    published = stats.norm(700, 60)  # 2600 of chance, 900 between places, 100 of the expectation itself
    np.testing.assert_allclose(normal[:, 0], published.ppf([0.05, 0.95]))
    np.testing.assert_allclose(below[:, 0], published.cdf(750))


def test_an_outcome_that_is_a_count_is_refused(values: pl.DataFrame, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidInputError, match="gp_per_1000"):
        adjust(values, snapshot, ("gp_per_1000",))
