from dataclasses import asdict, replace

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidInputError
from models.cause_mix import (
    CauseMix,
    cause_mix_document,
    cause_mix_from_document,
    cumulative_incidence,
    fitted_cause_mixes,
)
from models.errors import SavedModelError

CAUSES = ("hospital", "moved", "retired")
FORMS = ("salaried", "self_employed")


def true_shares(times: np.ndarray, salaried: np.ndarray) -> np.ndarray:
    scores = np.stack([0.8 * salaried, np.zeros(times.size), 0.3 * times - 2.0], axis=1)
    odds = np.exp(scores)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def ended() -> tuple[pl.DataFrame, np.ndarray, list[str]]:
    rng = np.random.default_rng(1)
    times, salaried = rng.exponential(4.0, 20_000), rng.random(20_000) < 0.4
    drawn = (rng.random(20_000)[:, None] > np.cumsum(true_shares(times, salaried), axis=1)).sum(axis=1)
    form = pl.Series(np.where(salaried, *FORMS))
    return pl.DataFrame({"contract_form": form}), times, [CAUSES[place] for place in drawn]


@pytest.fixture(scope="module")
def mix(ended: tuple[pl.DataFrame, np.ndarray, list[str]]) -> CauseMix:
    covariates, times, cause = ended
    return fitted_cause_mixes(covariates, times, cause, [np.ones(times.size)], causes=CAUSES)[0]


def test_the_true_mix_is_found_again(mix: CauseMix) -> None:
    times = np.array([0.5, 2.0, 5.0, 9.0])
    for salaried in (True, False):
        post = pl.DataFrame({"contract_form": ["salaried" if salaried else "self_employed"]})
        truth = true_shares(times, np.full(times.size, salaried))
        # three standard errors of a share among the some 1,000 ends near the rarest of these times
        assert mix.predict_proba(post, times)[0] == pytest.approx(truth, abs=0.045)


def test_the_probabilities_sum_to_one_at_every_time(mix: CauseMix) -> None:
    shares = mix.predict_proba(pl.DataFrame({"contract_form": FORMS}), np.linspace(0, 60, 200))
    assert np.abs(shares.sum(axis=2) - 1).max() < 1e-12
    assert shares.min() >= 0


def test_incidences_and_survival_sum_to_one_at_every_time(mix: CauseMix) -> None:
    rng = np.random.default_rng(2)
    times = np.linspace(0, 12, 60)
    survival = np.exp(-np.cumsum(np.concatenate([np.zeros((2, 1)), rng.random((2, 59)) / 10], axis=1), axis=1))
    shares = mix.predict_proba(pl.DataFrame({"contract_form": FORMS}), (times[:-1] + times[1:]) / 2)
    incidence = cumulative_incidence(survival, shares)
    assert np.abs(survival + incidence.sum(axis=2) - 1).max() < 1e-12
    assert (np.diff(incidence, axis=1) >= 0).all()


def test_two_causes_and_one_are_the_same_model(ended: tuple[pl.DataFrame, np.ndarray, list[str]]) -> None:
    covariates, times, cause = ended
    two = ["moved" if each == "moved" else "hospital" for each in cause]
    weights = [np.ones(times.size)]
    (mix,) = fitted_cause_mixes(covariates, times, two, weights, causes=("hospital", "moved"))
    by_form = [
        np.mean([c == "moved" for c, f in zip(two, covariates["contract_form"], strict=True) if f == form])
        for form in FORMS
    ]
    mean = mix.predict_proba(pl.DataFrame({"contract_form": FORMS}), times[:4000]).mean(axis=1)[:, 1]
    assert mean == pytest.approx(np.array(by_form), abs=0.02)
    (one,) = fitted_cause_mixes(covariates, times, ["moved"] * times.size, weights, causes=("moved",))
    assert one.predict_proba(covariates[:3], [1.0]).tolist() == [[[1.0]]] * 3


def test_a_weight_counts_as_many_contracts(ended: tuple[pl.DataFrame, np.ndarray, list[str]]) -> None:
    covariates, times, cause = ended[0][:400], ended[1][:400], ended[2][:400]
    counts = np.random.default_rng(3).integers(0, 3, 400)
    rows = np.repeat(np.arange(400), counts)
    (weighted,) = fitted_cause_mixes(covariates, times, cause, [counts], causes=CAUSES)
    repeated = fitted_cause_mixes(
        covariates[rows], times[rows], [cause[row] for row in rows], [np.ones(rows.size)], causes=CAUSES
    )[0]
    # the terms are standardised by other rows, so the penalty is not quite the same
    post = pl.DataFrame({"contract_form": FORMS})
    assert weighted.predict_proba(post, [1, 5]) == pytest.approx(repeated.predict_proba(post, [1, 5]), abs=0.01)


def test_a_cause_that_no_contract_has_is_as_good_as_never(ended: tuple[pl.DataFrame, np.ndarray, list[str]]) -> None:
    covariates, times, cause = ended
    (mix,) = fitted_cause_mixes(covariates, times, cause, [np.ones(times.size)], causes=(*CAUSES, "other"))
    assert mix.predict_proba(covariates[:5], [1.0, 8.0])[:, :, 3].max() < 1e-12


def test_a_mix_survives_as_plain_values(mix: CauseMix) -> None:
    assert cause_mix_from_document(cause_mix_document(mix)) == mix
    with pytest.raises(SavedModelError, match="belong together"):
        cause_mix_from_document(asdict(replace(mix, coefficients=mix.coefficients[:2])))


def test_what_cannot_be_fitted_or_predicted_is_refused(mix: CauseMix) -> None:
    post = pl.DataFrame({"contract_form": ["salaried"]})
    for given, named in (
        (lambda: fitted_cause_mixes(post, [1.0], ["flown"], [np.ones(1)], causes=CAUSES), "cause"),
        (lambda: fitted_cause_mixes(post[:0], [], [], [np.ones(0)], causes=CAUSES), "cause"),
        (lambda: fitted_cause_mixes(post, [1.0], ["moved"], [np.zeros(1)], causes=CAUSES), "weights"),
        (lambda: mix.predict_proba(post, [-1.0]), "times_years"),
        (lambda: mix.predict_proba(post.rename({"contract_form": "form"}), [1.0]), "covariates"),
        (
            lambda: mix.predict_proba(pl.DataFrame({"contract_form": [None]}, {"contract_form": pl.String}), [1.0]),
            "contract_form",
        ),
        (lambda: mix.predict_proba(pl.DataFrame({"contract_form": ["locum"]}), [1.0]), "contract_form"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            given()
        assert caught.value.name == named
