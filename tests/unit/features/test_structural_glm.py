"""The batched GLM against scikit-learn, and that no county has a say in its own expectation."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from features.catalogue import load_catalogue
from features.conjugate import Array, BetaBinomial, Family, Normal
from features.errors import InvalidInputError
from features.indicators.compute import indicator_values
from features.shrinkage import indicator_rows
from features.snapshot import load_snapshot
from features.structural_glm import CURVED, PENALTIES, STRUCTURE, held_out_expectation, penalised_fits, structure_matrix

COUNTIES = np.array([f"{number:02}" for number in np.repeat(np.arange(6), 15)])


def example(family: Family, seed: int = 0) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    structure = np.column_stack([np.ones(90), rng.standard_normal((90, 3))])
    linear = structure @ np.array([-1.0, 0.8, -0.4, 0.0])
    weight = rng.uniform(0.5, 3, 90)
    if isinstance(family, Normal):
        return structure, linear + rng.standard_normal(90), weight
    return structure, rng.binomial(20, 1 / (1 + np.exp(-linear))) / 20, weight


def test_many_logistic_fits_at_once_are_those_of_scikit_learn_one_by_one() -> None:
    structure, share, weight = example(BetaBinomial())
    weights = np.stack([weight * (county != COUNTIES) for county in ("00", "01", "02")])
    penalties = np.array([0.1, 1.0, 30.0])
    found = penalised_fits(BetaBinomial(), structure, share, weights, penalties)
    twice = np.concatenate([structure, structure])[:, 1:]
    outcome = np.repeat([1, 0], 90)
    for coefficients, each, penalty in zip(found, weights, penalties, strict=True):
        model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-10)
        model.fit(twice, outcome, sample_weight=np.concatenate([each * share, each * (1 - share)]))
        np.testing.assert_allclose(coefficients, [model.intercept_[0], *model.coef_[0]], atol=1e-6)


def test_linear_fits_are_those_of_scikit_learn() -> None:
    structure, value, weight = example(Normal())
    found = penalised_fits(Normal(), structure, value, np.stack([weight, weight]), np.array([0.5, 20.0]))
    for coefficients, penalty in zip(found, (0.5, 20.0), strict=True):
        model = Ridge(alpha=penalty).fit(structure[:, 1:], value, sample_weight=weight)
        np.testing.assert_allclose(coefficients, [model.intercept_, *model.coef_], atol=1e-8)


@pytest.mark.parametrize("family", [BetaBinomial(), Normal()])
def test_the_penalty_is_the_one_that_predicts_left_out_counties_best(family: Family) -> None:
    structure, outcome, weight = example(family, seed=3)
    found = held_out_expectation(family, structure, outcome, weight, COUNTIES)
    scaled = weight / weight.mean()
    for county in np.unique(COUNTIES):
        losses = []
        for penalty in PENALTIES:
            lost = 0.0
            for other in np.unique(COUNTIES[county != COUNTIES]):
                outside = scaled * ((county != COUNTIES) & (other != COUNTIES))
                fitted = penalised_fits(family, structure, outcome, outside[None], np.array([penalty]))[0]
                linear, there = structure @ fitted, other == COUNTIES
                whole = np.logaddexp(0, linear) if isinstance(family, BetaBinomial) else linear**2 / 2
                lost += (scaled * (whole - outcome * linear))[there].sum()
            losses.append(lost)
        assert (found.penalty[county == COUNTIES] == PENALTIES[int(np.argmin(losses))]).all()


@pytest.mark.parametrize("family", [BetaBinomial(), Normal()])
def test_the_outcomes_of_a_county_do_not_move_its_expectations(family: Family) -> None:
    structure, outcome, weight = example(family)
    changed = np.where(COUNTIES == "02", 0.9, outcome)
    before, after = (held_out_expectation(family, structure, each, weight, COUNTIES) for each in (outcome, changed))
    own = COUNTIES == "02"
    np.testing.assert_allclose(after.mean[own], before.mean[own], rtol=1e-12)
    np.testing.assert_allclose(after.lower[own], before.lower[own], rtol=1e-12)
    assert np.abs(after.mean[~own] - before.mean[~own]).min() > 1e-6


@pytest.mark.parametrize("family", [BetaBinomial(), Normal()])
def test_a_place_without_a_figure_gets_an_expectation_and_has_no_say(family: Family) -> None:
    structure, outcome, weight = example(family)
    unknown = np.arange(90) % 10 == 0
    missing = held_out_expectation(family, structure, np.where(unknown, np.nan, outcome), weight, COUNTIES)
    without = held_out_expectation(family, structure[~unknown], outcome[~unknown], weight[~unknown], COUNTIES[~unknown])
    assert not np.isnan(missing.mean).any()
    np.testing.assert_allclose(missing.mean[~unknown], without.mean, rtol=1e-9)


@pytest.mark.parametrize("family", [BetaBinomial(), Normal()])
def test_the_interval_holds_the_true_expectation_nine_times_in_ten(family: Family) -> None:
    held = []
    for seed in range(60):
        structure, outcome, weight = example(family, seed)
        found = held_out_expectation(family, structure, outcome, weight, COUNTIES, penalties=(0.01,))
        linear = structure @ np.array([-1.0, 0.8, -0.4, 0.0])
        truth = linear if isinstance(family, Normal) else 1 / (1 + np.exp(-linear))
        held.append(((found.lower <= truth) & (truth <= found.upper)).mean())
    error = np.std(held, ddof=1) / np.sqrt(len(held))
    # The sandwich is known to be a little too narrow: it takes residuals of 75 places less five coefficients.
    assert 0.9 - 0.03 - 3 * error < np.mean(held) < 0.9 + 3 * error


def test_structure_is_structural_and_not_made_of_gp_figures() -> None:
    catalogue = load_catalogue()
    assert {catalogue.indicator(key).kind for key in STRUCTURE} == {"structural"}
    assert not any(measure.startswith("gp_lists") for key in STRUCTURE for measure in catalogue.indicator(key).measures)
    assert set(CURVED) < set(STRUCTURE)


def test_structure_is_standardised_beside_a_column_of_ones() -> None:
    matrix = structure_matrix(indicator_rows(indicator_values(load_snapshot(), load_catalogue())))
    assert matrix.shape == (357, 1 + len(STRUCTURE) + len(CURVED))
    np.testing.assert_array_equal(matrix[:, 0], 1.0)
    np.testing.assert_allclose(matrix[:, 1:].mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(matrix[:, 1:].std(axis=0), 1)


def test_structure_must_be_known_everywhere() -> None:
    rows = {key: {"value": np.array([1.0, 2.0])} for key in STRUCTURE} | {
        "population": {"value": np.array([1, np.nan])}
    }
    with pytest.raises(InvalidInputError, match="population"):
        structure_matrix(rows)


def test_an_outcome_that_cannot_be_fitted_is_refused() -> None:
    structure, _, weight = example(BetaBinomial())
    all_or_none = (structure[:, 1] > 0).astype(float)
    with pytest.raises(InvalidInputError, match="no fit"):
        penalised_fits(BetaBinomial(), structure, all_or_none, weight[None], np.array([0.0]))
