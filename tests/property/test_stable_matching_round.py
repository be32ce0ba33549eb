"""Laws of a whole round on simulated doctors."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from engine.candidate_view import candidate_view
from engine.candidates import Candidate, ContractForm, PartnerOccupation, PostKind, Wishes
from engine.eligibility import legal_requirements, requirement_reasons
from engine.employer_view import employer_view
from engine.match_proof import submitted_market
from engine.match_run import run_match
from engine.posts import Post
from engine.ranking import lottery_places, post_order
from engine.simulated_candidates import simulate_candidates
from engine.vacant_posts import posts_from_vacant_lists
from engine.wish_limits import WishReason

TODAY = date(2026, 1, 15)
CODES = ["0301", "1103", "1804", "4601", "5001", "5501"]
COUNTIES = [code[:2] for code in CODES]
FACTORS = ["workload", "colleagues", "partner_jobs"]
MUNICIPALITIES = pl.DataFrame(
    {"municipality_code": CODES, "county_code": COUNTIES, "centrality_class": [1, 2, 3, 2, 2, 5]}
)
SEEDS = st.integers(0, 10_000)


def a_round(seed: int, n: int = 12) -> tuple[tuple[Candidate, ...], tuple[Post, ...], pl.DataFrame]:
    rng = default_rng(seed)
    lists = pl.DataFrame(
        {"municipality_code": CODES, "year": 2025, "measure": "lists_without_gp", "value": rng.integers(0, 4, 6)}
    )
    cells = [
        (code, factor, None if rng.random() < 0.2 else rng.uniform(0, 100)) for code in CODES for factor in FACTORS
    ]
    scores = pl.DataFrame(cells, schema={"municipality_code": str, "factor": str, "score": float}, orient="row")
    posts = posts_from_vacant_lists(lists, MUNICIPALITIES, rng, today=TODAY)
    return simulate_candidates(n, COUNTIES, FACTORS, rng, today=TODAY), posts, scores


def with_other_wishes(doctor: Candidate, donor: Candidate) -> Candidate:
    return replace(doctor, wishes=replace(donor.wishes, candidate_id=doctor.candidate_id))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_every_round_is_stable_within_capacity_and_accounts_for_everyone(seed: int) -> None:
    doctors, posts, scores = a_round(seed)
    result = run_match(doctors, posts, scores, str(seed), TODAY)
    assert result.proof.stability.is_stable
    assert len(result.assignments) + len(result.unmatched) == len(doctors)
    free = sum(left.capacity - left.filled for left in result.unfilled)
    assert len(result.assignments) + free == sum(post.capacity for post in posts)
    for doctor in doctors:
        view = candidate_view(result, doctor.candidate_id)
        assert view.position is None or len([b for b in view.better_liked if b.position]) == view.position - 1


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 40))
def test_the_proof_works_out_the_same_lists_from_the_inputs_by_itself(seed: int, n: int) -> None:
    doctors, posts, scores = a_round(seed, n)
    result = run_match(doctors, posts, scores, str(seed), TODAY)
    market = submitted_market(doctors, posts, scores, str(seed), TODAY)
    assert market.candidate_lists == {name: own.listed for name, own in result.own_lists.items()}
    for name, own in result.own_lists.items():
        assert len(market.beyond_limit[name]) == dict(own.left_out).get(WishReason.BELOW_OWN_LIMIT, 0)
    legal, formal = legal_requirements(posts[0].starts_on) if posts else None, result.qualifications.values()
    for post in posts:
        assert legal is not None
        eligible = [own for own in formal if not requirement_reasons(own, post, legal)]
        assert market.post_orders[post.post_id] == post_order(post, eligible, result.lottery_places)


def demanding(
    seed: int, doctors: tuple[Candidate, ...], posts: tuple[Post, ...]
) -> tuple[tuple[Candidate, ...], tuple[Post, ...]]:
    """The same round with every kind of wish and fact that a post can state."""
    rng = default_rng(seed)
    names = [post.post_id for post in posts]

    def wishes(own: Wishes) -> Wishes:
        size = int(rng.integers(0, len(names) + 1))
        has_partner = own.partner_occupation_group is not PartnerOccupation.NONE
        return replace(
            own,
            factor_limits=(("workload", float(rng.uniform(0, 60))),) if rng.random() < 0.5 else (),
            partner_occupation="health" if has_partner and rng.random() < 0.5 else None,
            unwanted_kinds=frozenset({PostKind.GP_TRAINEE}) if rng.random() < 0.3 else frozenset(),
            latest_start=TODAY + timedelta(days=int(rng.integers(150, 300))) if rng.random() < 0.3 else None,
            list_length_max=int(rng.integers(500, 1500)) if rng.random() < 0.3 else None,
            wants_supervisor=bool(rng.random() < 0.3),
            own_ranking=tuple(rng.permutation(names)[:size].tolist()) if rng.random() < 0.3 else None,
        )

    def stated(post: Post) -> Post:
        return replace(
            post,
            list_length=int(rng.integers(0, 1500)) if rng.random() < 0.7 else None,
            oncall_rota_n=(None, 0, 3, 6)[int(rng.integers(0, 4))],
            other_contract_forms=frozenset(ContractForm) if rng.random() < 0.3 else frozenset(),
            has_partner_service=bool(rng.random() < 0.5),
            supervision_hours_year=float(rng.choice([20.0, 42.0])) if post.has_supervisor else None,
        )

    return tuple(replace(doctor, wishes=wishes(doctor.wishes)) for doctor in doctors), tuple(map(stated, posts))


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 40))
def test_the_proof_agrees_with_the_run_on_every_kind_of_wish_and_fact(seed: int, n: int) -> None:
    doctors, posts, scores = a_round(seed, n)
    doctors, posts = demanding(seed, doctors, posts)
    by_occupation = scores.filter(pl.col("factor") == "workload").with_columns(factor=pl.lit("partner_jobs.health"))
    scores = pl.concat([scores, by_occupation])
    result = run_match(doctors, posts, scores, str(seed), TODAY)
    market = submitted_market(doctors, posts, scores, str(seed), TODAY)
    assert market.candidate_lists == {name: own.listed for name, own in result.own_lists.items()}
    assert result.proof.stability.is_stable
    for doctor in doctors:
        if (ranked := doctor.wishes.own_ranking) is not None:
            listed = result.own_lists[doctor.candidate_id].listed
            assert listed == tuple(name for name in ranked if name in listed)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seed: int, random: Random) -> None:
    doctors, posts, scores = a_round(seed)
    mixed, turned = list(doctors), list(posts)
    random.shuffle(mixed)
    random.shuffle(turned)
    one, other = (
        run_match(doctors, posts, scores, "s", TODAY),
        run_match(mixed, turned, scores.sample(fraction=1, shuffle=True, seed=seed), "s", TODAY),
    )
    assert one == other


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_wishes_never_change_the_order_on_the_posts_side(seed: int) -> None:
    doctors, posts, scores = a_round(seed)
    swapped = [with_other_wishes(doctor, donor) for doctor, donor in zip(doctors, doctors[::-1], strict=True)]

    def orders(people: list[Candidate]) -> list[tuple[str, ...]]:
        places = lottery_places("s", [doctor.candidate_id for doctor in people])
        formal = [doctor.qualifications for doctor in people]
        legal = legal_requirements(TODAY)
        return [
            post_order(post, [own for own in formal if not requirement_reasons(own, post, legal)], places)
            for post in posts
        ]

    assert orders(list(doctors)) == orders(swapped)
    before, after = (run_match(people, posts, scores, "s", TODAY) for people in (doctors, swapped))
    assert before.ineligible_candidates == after.ineligible_candidates
    assert before.lottery_places == after.lottery_places
    assert before.public_inputs_sha256 == after.public_inputs_sha256


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_an_employers_answer_depends_on_wishes_only_through_who_is_proposed(seed: int) -> None:
    doctors, posts, scores = a_round(seed)
    swapped = [with_other_wishes(doctor, donor) for doctor, donor in zip(doctors, doctors[::-1], strict=True)]
    before, after = (run_match(people, posts, scores, "s", TODAY) for people in (doctors, swapped))
    for post in posts:
        pairs = [{pair for pair in result.assignments if pair.post_id == post.post_id} for result in (before, after)]
        if pairs[0] == pairs[1]:
            assert employer_view(before, post.post_id) == employer_view(after, post.post_id)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(0, 11), st.integers(1, 5))
def test_a_longer_own_list_never_hurts(seed: int, who: int, limit: int) -> None:
    doctors, posts, scores = a_round(seed)
    name = doctors[who].candidate_id

    def place(list_limit: int) -> float:
        changed = replace(doctors[who], wishes=replace(doctors[who].wishes, list_limit=list_limit))
        result = run_match([*doctors[:who], changed, *doctors[who + 1 :]], posts, scores, "s", TODAY)
        position = candidate_view(result, name).position
        return float("inf") if position is None else position

    assert place(limit + 1) <= place(limit)
