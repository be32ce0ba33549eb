"""Who is proposed follows qualifications and lottery: attributes outside them neither get in nor come out."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from hashlib import sha256

import polars as pl
import pytest
from numpy.random import default_rng

from bench.match_fairness import FOUR_FIFTHS, proposed_by_group, selection_rates
from engine.candidate_records import qualifications_from_record
from engine.candidate_view import candidate_view
from engine.candidates import Candidate, ContractForm, PartnerOccupation, Qualifications
from engine.employer_view import EmployerView, employer_view
from engine.joint_wishes import JointWishes
from engine.match_result import MatchResult
from engine.match_run import run_match
from engine.posts import Post
from engine.protected_fields import ProtectedFieldError, protected_fields, protected_grounds
from engine.ranking import post_order
from engine.round_figures import round_figures
from engine.simulated_candidates import simulate_candidates
from engine.vacancy_explanation import vacancy_explanation
from engine.vacant_posts import posts_from_vacant_lists
from features.frames import FactorScore

TODAY = date(2026, 1, 15)
CODES = ["0301", "1103", "1804", "4601", "5001", "5501"]
FACTORS = ["workload", "colleagues", "partner_jobs"]
RED = {
    "sex": ("m", "f"),
    "kjønn": ("mann", "kvinne"),
    "age": (29, 61),
    "birth_year": (1965, 1998),
    "pregnant": (False, True),
    "permisjon": (0, 12),
    "children": (0, 4),
    "sivilstand": ("gift", "ugift"),
    "partner": (None, "lege"),
    "ethnicity": ("norsk", "samisk"),
    "nationality": ("NO", "PK"),
    "birthplace": ("Oslo", "Lahore"),
    "rural_origin": (True, False),
    "study_country": ("NO", "PL"),
    "religion": (None, "islam"),
    "disability": (False, True),
    "sykefravær": (0, 90),
    "sexual_orientation": ("a", "b"),
    "union_member": (True, False),
    "political_view": ("r", "b"),
    "name": ("Kari Nordmann", "Amina Khan"),
    "photo_url": ("a.jpg", "b.jpg"),
    "address_history": ([], ["Vardø"]),
    "facebook": (None, "x"),
    "predicted_stay": (1.5, 9.0),
    "graduation_year": (1990, 2021),
    "gap_months": (0, 30),
    "team_fit": (1, 5),
}
"""Every attribute of the red list (domain section 5.2) with two values to flip between."""
ROUNDS = 60


def scores(seed: int) -> pl.DataFrame:
    rng = default_rng(seed)
    cells = [(code, factor, rng.uniform(0, 100)) for code in CODES for factor in FACTORS]
    return pl.DataFrame(cells, schema={"municipality_code": str, "factor": str, "score": float}, orient="row")


def posts(seed: int, places: int = 3) -> tuple[Post, ...]:
    lists = pl.DataFrame({"municipality_code": CODES, "year": 2025, "measure": "lists_without_gp", "value": places})
    municipalities = pl.DataFrame(
        {
            "municipality_code": CODES,
            "county_code": [code[:2] for code in CODES],
            "centrality_class": [1, 2, 3, 2, 2, 5],
        }
    )
    return posts_from_vacant_lists(lists, municipalities, default_rng(seed), today=TODAY)


def doctors(seed: int, n: int = 40) -> tuple[Candidate, ...]:
    return simulate_candidates(n, [code[:2] for code in CODES], FACTORS, default_rng(seed), today=TODAY)


def a_round(seed: int, people: tuple[Candidate, ...] | None = None) -> MatchResult:
    return run_match(people or doctors(seed), posts(seed), scores(seed), f"seed {seed}", TODAY)


def orders(result: MatchResult) -> Mapping[str, tuple[str, ...]]:
    formal = result.qualifications.values()
    return {name: post_order(post, formal, result.lottery_places) for name, post in result.posts.items()}


def without_names(view: EmployerView) -> EmployerView:
    """The part of an employer's answer that is about the post and the round."""
    return replace(view, proposed=(), trainees_to_supervise=0, supervision_hours_year=0.0)


def eager(doctor: Candidate, partner: PartnerOccupation) -> Candidate:
    """The doctor with wishes that want everything, so that nothing but the partner differs."""
    own = replace(doctor.wishes, contract_forms=frozenset(ContractForm), counties=None, list_limit=len(CODES))
    return replace(doctor, wishes=replace(own, partner_occupation_group=partner))


@pytest.mark.parametrize("seed", range(8))
def test_other_wishes_of_everybody_change_no_order_of_a_post_and_nothing_an_answer_says_about_a_proposed_doctor(
    seed: int,
) -> None:
    people = doctors(seed)
    swapped = tuple(
        replace(one, wishes=replace(other.wishes, candidate_id=one.candidate_id))
        for one, other in zip(people, people[::-1], strict=True)
    )
    before, after = a_round(seed), a_round(seed, swapped)
    assert before.assignments != after.assignments  # the wishes do decide who goes where
    assert orders(before) == orders(after)
    said: dict[tuple[str, str], object] = {}
    for result in (before, after):
        for name in result.posts:
            view = employer_view(result, name)
            assert without_names(view) == without_names(employer_view(before, name))
            for proposed in view.proposed:
                assert said.setdefault((name, proposed.candidate_id), proposed) == proposed


@pytest.mark.parametrize("seed", range(8))
def test_wishes_below_the_proposed_post_change_no_employers_answer(seed: int) -> None:
    people, before = doctors(seed), a_round(seed)
    cut = []
    for doctor in people:
        position = candidate_view(before, doctor.candidate_id).position
        limit = position or doctor.wishes.list_limit
        cut.append(replace(doctor, wishes=replace(doctor.wishes, list_limit=limit)))
    after = a_round(seed, tuple(cut))
    assert [employer_view(before, name) for name in before.posts] == [
        employer_view(after, name) for name in after.posts
    ]


def test_a_partner_moves_the_own_order_only_and_never_the_rank_at_a_post() -> None:
    seed = 3
    results = [a_round(seed, tuple(eager(doctor, group) for doctor in doctors(seed))) for group in PartnerOccupation]
    assert len({tuple(orders(result).items()) for result in results}) == 1
    assert len({result.ineligible_candidates for result in results}) == 1
    assert len({result.public_inputs_sha256 for result in results}) == 1


def test_groups_that_have_nothing_to_do_with_qualifications_are_proposed_equally_often() -> None:
    """A made-up attribute, drawn apart from everything: 60 rounds, so the difference has a standard error near 0.02."""
    proposed: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(ROUNDS):
        result = a_round(seed)
        matched = {pair.candidate_id for pair in result.assignments}
        for name in result.qualifications:
            group = sha256(f"attribute {seed} {name}".encode()).digest()[0] < 128
            proposed[group].append(name in matched)
    shares = {group: sum(hits) / len(hits) for group, hits in proposed.items()}
    pooled = sum(map(sum, proposed.values())) / sum(map(len, proposed.values()))
    error = (pooled * (1 - pooled) * sum(1 / len(hits) for hits in proposed.values())) ** 0.5
    assert 0.2 < pooled < 0.8  # there is something to lose and to win
    assert abs(shares[True] - shares[False]) < 3 * error


def test_pseudonyms_early_in_the_alphabet_are_not_proposed_more_often() -> None:
    first, last = 0, 0
    for seed in range(ROUNDS):
        names = sorted(doctor.candidate_id for doctor in doctors(seed))
        matched = {pair.candidate_id for pair in a_round(seed).assignments}
        first += len(matched & set(names[:20]))
        last += len(matched & set(names[20:]))
    assert abs(first - last) / (20 * ROUNDS) < 3 * (2 * 0.25 / (20 * ROUNDS)) ** 0.5


@pytest.mark.parametrize("attribute", RED)
def test_a_record_with_a_red_attribute_is_refused_alike_for_every_value(attribute: str) -> None:
    formal = doctors(1, 1)[0].qualifications
    record = {field.name: getattr(formal, field.name) for field in fields(Qualifications)}
    assert qualifications_from_record(record) == formal
    told = []
    for value in RED[attribute]:
        with pytest.raises(ProtectedFieldError) as caught:
            qualifications_from_record({**record, attribute: value})
        told.append(str(caught.value))
    assert len(set(told)) == 1


def test_every_ground_of_the_law_is_guarded() -> None:
    assert {ground.key for ground in protected_grounds()} >= {
        "sex_and_gender",
        "sexual_orientation",
        "age",
        "pregnancy_and_leave",
        "family",
        "partner",
        "origin",
        "religion_and_belief",
        "health",
        "union_and_politics",
        "identity",
        "residence",
        "career_gaps",
        "predicted_stay",
    }


def test_frames_of_scores_describe_places_not_people() -> None:
    assert protected_fields(FactorScore.columns()) == ()


def answers(people: tuple[Candidate, ...], seed: int, joint: Sequence[JointWishes] = ()) -> object:
    """All that a round gives to anybody."""
    result = run_match(people, posts(seed), scores(seed), f"seed {seed}", TODAY, joint=joint)
    return (
        [employer_view(result, name) for name in result.posts],
        [vacancy_explanation(result, name) for name in result.posts],
        [candidate_view(result, name) for name in result.qualifications],
        round_figures(result),
        result.public_inputs_sha256,
    )


@pytest.mark.parametrize("attribute", RED)
def test_flipping_a_red_attribute_of_everybody_changes_nothing(attribute: str) -> None:
    """Rows of a synthetic population carry the attribute; what the guard lets through is the same for both values."""
    seed, outcomes = 5, []
    formal = {field.name for field in fields(Qualifications)}
    for value in RED[attribute]:
        rows = [
            {name: getattr(doctor.qualifications, name) for name in formal} | {attribute: value}
            for doctor in doctors(seed, 25)
        ]
        for row in rows:
            with pytest.raises(ProtectedFieldError):
                qualifications_from_record(row)
        refused = {hit.field for row in rows for hit in protected_fields(row)}
        taken = [qualifications_from_record({k: v for k, v in row.items() if k not in refused}) for row in rows]
        people = zip(doctors(seed, 25), taken, strict=True)
        outcomes.append(answers(tuple(replace(doctor, qualifications=own) for doctor, own in people), seed))
    assert outcomes[0] == outcomes[1]


def test_selection_rates_by_sex_and_origin_differ_by_no_more_than_chance() -> None:
    for found in proposed_by_group(60).values():
        low, high = sorted(found.rates.values())
        assert low > 0.2
        assert high - low < 3 * found.error


def test_an_advertised_level_of_norwegian_selects_by_origin_and_not_among_those_who_have_it() -> None:
    tied = proposed_by_group(40, undocumented_abroad=0.35)["origin"]
    assert tied.ratio < FOUR_FIFTHS
    assert tied.rates["Norway"] - tied.rates["abroad"] > 3 * tied.error
    among = proposed_by_group(40, undocumented_abroad=0.35, equally_qualified=True)["origin"]
    assert abs(among.rates["Norway"] - among.rates["abroad"]) < 3 * among.error


def test_selection_rates_would_show_a_biased_order() -> None:
    pairs = [
        (group, hit) for group, hits in (("woman", 20), ("man", 35)) for hit in [True] * hits + [False] * (60 - hits)
    ]
    found = selection_rates(pairs)
    assert found.ratio == pytest.approx(20 / 35)
    assert found.rates["man"] - found.rates["woman"] > 2.5 * found.error
    with pytest.raises(ValueError, match="at least 5"):
        selection_rates([("woman", True)] * 4 + [("man", True)] * 6)
