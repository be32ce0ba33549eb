"""Laws of rounds with couples, on simulated doctors and against every matching of small rounds."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from engine.candidate_view import candidate_view
from engine.candidates import Candidate
from engine.couple_stability import verdict_on
from engine.instance import NOWHERE, Instance
from engine.joint_matching import each_once
from engine.joint_proof import submitted_couples, submitted_instance
from engine.joint_wishes import JointReach, JointWishes
from engine.match_proof import submitted_market
from engine.match_result import MatchResult, StabilityStatus
from engine.match_run import run_match
from engine.posts import Post
from engine.why_not import Unavailable
from tests.property.test_stable_matching_round import CODES, SEEDS, TODAY, a_round

REGIONS = dict(zip(CODES, ["a", "b", "a", "b", "a", "b"], strict=True))


def couples_among(seed: int, doctors: tuple[Candidate, ...], posts: tuple[Post, ...], n: int) -> list[JointWishes]:
    """At most n couples, as there are doctors for, of every kind: each reach, taking one post, own rankings."""
    rng = default_rng(seed + 1)
    most = min(n, len(doctors) // 2)
    names = [doctors[at].candidate_id for at in rng.permutation(len(doctors))[: 2 * most]]
    choices = [*(post.post_id for post in posts), None]
    pairs = [pair for pair in product(choices, choices) if pair != (None, None)]
    return [
        JointWishes(
            (one, other),
            reach=list(JointReach)[int(rng.integers(0, 3))],
            takes_one=bool(rng.random() < 0.4),
            list_limit=int(rng.integers(1, 9)),
            own_ranking=tuple(pairs[at] for at in rng.permutation(len(pairs))[:6])
            if pairs and rng.random() < 0.4
            else None,
        )
        for one, other in zip(names[::2], names[1::2], strict=True)
    ]


def a_joint_round(
    seed: int, n: int, couples: int, crowded: int | None = None
) -> tuple[tuple[Candidate, ...], tuple[Post, ...], pl.DataFrame, list[JointWishes]]:
    doctors, posts, scores = a_round(seed, n)
    if crowded is not None:
        posts = tuple(replace(post, capacity=min(post.capacity, 1 + post.capacity % 2)) for post in posts[:crowded])
        doctors = tuple(replace(each, wishes=replace(each.wishes, counties=None)) for each in doctors)
    return doctors, posts, scores, couples_among(seed, doctors, posts, couples)


def played(
    doctors: tuple[Candidate, ...], posts: tuple[Post, ...], scores: pl.DataFrame, joint: list[JointWishes]
) -> MatchResult:
    return run_match(doctors, posts, scores, "s", TODAY, joint=joint, regions=REGIONS)


def submitted(
    doctors: tuple[Candidate, ...], posts: tuple[Post, ...], scores: pl.DataFrame, joint: list[JointWishes]
) -> Instance:
    market = submitted_market(doctors, posts, scores, "s", TODAY)
    return submitted_instance(market, submitted_couples(market, joint, posts, REGIONS, market.capacities))


def matchings(instance: Instance) -> Iterator[list[int]]:
    """Every way to place everybody on the lists, capacities aside."""
    coupled = {member for couple in instance.couples for member in couple.members}
    alone = [person for person in range(len(instance.people)) if person not in coupled]
    for chosen in product(
        *((*instance.wishes[person], NOWHERE) for person in alone),
        *((*couple.pairs, (NOWHERE, NOWHERE)) for couple in instance.couples),
    ):
        found = [NOWHERE] * len(instance.people)
        for person, post in zip(alone, chosen, strict=False):
            assert isinstance(post, int)
            found[person] = post
        for couple, pair in zip(instance.couples, chosen[len(alone) :], strict=True):
            assert isinstance(pair, tuple)
            found[couple.members[0]], found[couple.members[1]] = pair
        yield found


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(4, 6), st.integers(1, 2), st.integers(1, 4))
@example(233, 6, 2, 2)  # none exists
def test_a_small_round_is_stable_if_and_only_if_some_matching_is(seed: int, n: int, couples: int, towns: int) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, n, couples, towns)
    result = played(doctors, posts, scores, joint)
    instance = submitted(doctors, posts, scores, joint)
    verdicts = [verdict_on(instance, found) for found in matchings(instance)]
    allowed = [verdict for verdict in verdicts if verdict.is_allowed]
    fewest = min(len(verdict.blocking) for verdict in allowed)
    assert result.stability is (StabilityStatus.STABLE if fewest == 0 else StabilityStatus.NONE_EXISTS)
    assert result.proof.stability.is_stable == (fewest == 0)
    assert result.bound <= fewest <= result.proof.stability.blocking
    assert bool(result.blocking_posts) == (fewest > 0)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(10, 30), st.integers(1, 5))
def test_the_proof_works_out_the_couples_lists_by_itself(seed: int, n: int, couples: int) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, n, couples)
    result = played(doctors, posts, scores, joint)
    market = submitted_market(doctors, posts, scores, "s", TODAY)
    for couple in submitted_couples(market, joint, posts, REGIONS, market.capacities):
        own = result.joint_lists[couple.members[0]]
        turned = couple.members != own.members
        assert [pair[::-1] if turned else pair for pair in couple.pairs] == list(own.listed)
        assert len(couple.beyond_limit) == own.beyond_limit


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(10, 40), st.integers(1, 6))
def test_a_round_with_couples_keeps_capacities_and_couples_get_a_pair_of_theirs_or_nothing(
    seed: int, n: int, couples: int
) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, n, couples)
    result = played(doctors, posts, scores, joint)
    where = {pair.candidate_id: pair.post_id for pair in result.assignments}
    for post in posts:
        assert list(where.values()).count(post.post_id) <= post.capacity
    for couple in each_once(result.joint_lists.values()):
        pair = where.get(couple.members[0]), where.get(couple.members[1])
        assert pair == (None, None) or pair in couple.listed
    proof = result.proof.stability
    assert proof.capacity_respected
    assert proof.individually_rational
    assert proof.is_stable == (result.stability is StabilityStatus.STABLE)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_rows_of_couples_and_of_their_members_changes_nothing(
    seed: int, couples: int, random: Random
) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, 20, couples)
    mixed, turned = list(doctors), list(posts)
    random.shuffle(mixed)
    random.shuffle(turned)
    other_way = [
        replace(
            each,
            members=each.members[::-1],
            own_ranking=each.own_ranking and tuple(pair[::-1] for pair in each.own_ranking),
        )
        for each in joint[::-1]
    ]
    assert played(doctors, posts, scores, joint) == played(tuple(mixed), tuple(turned), scores.reverse(), other_way)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_a_couple_whose_list_is_empty_leaves_everybody_else_as_without_it(seed: int) -> None:
    """Two doctors who want nothing anywhere are as good as not there: the others' result is the one of the old path."""
    doctors, posts, scores = a_round(seed, 20)
    idle = tuple(replace(each, wishes=replace(each.wishes, own_ranking=())) for each in doctors[:2])
    everybody = (*idle, *doctors[2:])
    alone = played(everybody, posts, scores, [])
    couple = JointWishes((idle[0].candidate_id, idle[1].candidate_id), takes_one=True)
    together = played(everybody, posts, scores, [couple])
    assert together.assignments == alone.assignments
    assert together.unfilled == alone.unfilled
    assert together.public_inputs_sha256 == alone.public_inputs_sha256
    assert together.proof.stability == alone.proof.stability


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(4, 20), st.integers(1, 4), st.integers(1, 6))
@example(233, 6, 2, 2)
def test_both_members_learn_the_pair_and_what_stood_in_the_way_of_each_better_one(
    seed: int, n: int, couples: int, towns: int
) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, max(n, 2 * couples), couples, towns)
    result = played(doctors, posts, scores, joint)
    blocking = {(each.members, each.posts) for each in result.proof.stability.blocking_couples}
    where = {pair.candidate_id: pair.post_id for pair in result.assignments}
    for couple in each_once(result.joint_lists.values()):
        views = [candidate_view(result, member) for member in couple.members]
        answers = [view.joint for view in views if view.joint is not None]
        assert [answer.partner_id for answer in answers] == list(couple.members[::-1])
        assert [answer.partner_post_id for answer in answers] == [where.get(name) for name in couple.members[::-1]]
        assert views[0].position == views[1].position
        assert {each.why for view in views for each in view.better_liked} <= {Unavailable.NOT_ELIGIBLE}
        assert not (couple.is_ranked and any(view.better_liked or view.left_out for view in views))
        if not couple.is_ranked:
            for at, answer in enumerate(answers):
                own_posts = [pair.post_id for pair in answer.better_liked]
                assert len(set(own_posts)) == len(own_posts)
                assert set(own_posts) <= {entry.posts[at] for entry in couple.entries}
                assert {(pair.partner_post_id, pair.partner_why) for pair in answer.better_liked} <= {(None, None)}
            continue
        for one, other in zip(answers[0].better_liked, answers[1].better_liked, strict=True):
            posts_of = (one.post_id, one.partner_post_id)
            assert (other.partner_post_id, other.post_id) == posts_of
            assert (one.own.why if one.own else None) == other.partner_why
            told = {one.partner_why, other.partner_why} - {None}
            assert told
            assert (told == {Unavailable.TO_BE_HAD}) == ((couple.members, posts_of) in blocking)
