"""Laws of deferred acceptance, against brute force on small markets."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations, product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.stability import StabilityProof, stability_proof
from engine.stable_matching import deferred_acceptance

Lists = dict[str, tuple[str, ...]]
Market = tuple[Lists, Lists, dict[str, int]]


@st.composite
def markets(draw: st.DrawFn, candidates: int = 5, posts: int = 4) -> Market:
    doctors = [f"k{i}" for i in range(draw(st.integers(0, candidates)))]
    places = [f"p{i}" for i in range(draw(st.integers(1, posts)))]

    def lists(owners: list[str], others: list[str]) -> Lists:
        return {owner: tuple(draw(st.permutations(others)))[: draw(st.integers(0, len(others)))] for owner in owners}

    capacities = {place: draw(st.integers(0, 3)) for place in places}
    return lists(doctors, places), lists(places, doctors), capacities


def is_stable_by_definition(matching: Mapping[str, str], market: Market) -> bool:
    """Stability written out from the definition, apart from the code under test."""
    lists, orders, capacities = market
    held = {post: [k for k in matching if matching[k] == post] for post in orders}
    for k, post in matching.items():
        if post not in lists[k] or k not in orders[post] or len(held[post]) > capacities[post]:
            return False
    for k, posts in lists.items():
        better = posts[: posts.index(matching[k])] if k in matching else posts
        for post in better:
            order = orders[post]
            if k in order and (
                len(held[post]) < capacities[post] or any(order.index(other) > order.index(k) for other in held[post])
            ):
                return False
    return True


def stable_matchings(market: Market) -> Iterator[dict[str, str]]:
    lists = market[0]
    for choice in product(*[(*posts, None) for posts in lists.values()]):
        matching = {k: post for k, post in zip(lists, choice, strict=True) if post is not None}
        if is_stable_by_definition(matching, market):
            yield matching


def position(matching: Mapping[str, str], candidate: str, posts: Sequence[str]) -> int:
    return posts.index(matching[candidate]) if matching.get(candidate) in posts else len(posts)


def post_proposing(market: Market) -> dict[str, str]:
    """Deferred acceptance with the posts proposing: reference for the rural hospitals theorem."""
    lists, orders, capacities = market
    matching: dict[str, str] = {}
    asked: dict[str, int] = dict.fromkeys(orders, 0)
    is_moving = True
    while is_moving:
        is_moving = False
        for post, order in orders.items():
            while asked[post] < len(order) and list(matching.values()).count(post) < capacities[post]:
                k = order[asked[post]]
                asked[post] += 1
                if post in lists[k] and lists[k].index(post) < position(matching, k, lists[k]):
                    matching[k] = post
                    is_moving = True
    return matching


@settings(deadline=None)
@given(markets())
def test_the_matching_is_stable_and_within_capacity(market: Market) -> None:
    matching = deferred_acceptance(*market)
    proof = stability_proof(matching, *market)
    assert proof.is_stable
    assert is_stable_by_definition(matching, market)
    assert proof.pairs_checked == sum(k in market[1][post] for k, posts in market[0].items() for post in posts)


@settings(max_examples=60, deadline=None)
@given(markets(candidates=4, posts=3))
def test_no_candidate_does_better_in_any_other_stable_matching(market: Market) -> None:
    proposed = deferred_acceptance(*market)
    all_stable = list(stable_matchings(market))
    assert proposed in all_stable
    for other in all_stable:
        for k, posts in market[0].items():
            assert position(proposed, k, posts) <= position(other, k, posts)


@settings(max_examples=60, deadline=None)
@given(markets(candidates=4, posts=3))
def test_no_candidate_gains_by_any_other_list(market: Market) -> None:
    lists, orders, capacities = market
    honest = deferred_acceptance(*market)
    for k, truth in lists.items():
        for length in range(len(orders) + 1):
            for claimed in permutations(orders, length):
                told = deferred_acceptance({**lists, k: claimed}, orders, capacities)
                assert position(honest, k, truth) <= position(told, k, truth)


@settings(deadline=None)
@given(markets(), st.randoms(use_true_random=False))
def test_row_order_is_irrelevant(market: Market, random: Random) -> None:
    lists, orders, capacities = market
    shuffled = list(lists)
    random.shuffle(shuffled)
    backwards = dict(reversed(list(orders.items())))
    assert deferred_acceptance({k: lists[k] for k in shuffled}, backwards, capacities) == deferred_acceptance(*market)


@settings(deadline=None)
@given(markets())
def test_the_same_candidates_are_matched_and_the_same_posts_short_whoever_proposes(market: Market) -> None:
    by_candidates, by_posts = deferred_acceptance(*market), post_proposing(market)
    assert stability_proof(by_posts, *market).is_stable
    assert by_candidates.keys() == by_posts.keys()
    fill, other_fill = Counter(by_candidates.values()), Counter(by_posts.values())
    assert fill == other_fill
    for post, capacity in market[2].items():
        if fill[post] < capacity:  # a short post gets the very same doctors
            assert {k for k, p in by_candidates.items() if p == post} == {k for k, p in by_posts.items() if p == post}


@settings(max_examples=60, deadline=None)
@given(markets(candidates=3, posts=3), st.data())
def test_the_checker_agrees_with_the_definition_on_any_matching(market: Market, data: st.DataObject) -> None:
    posts = [*market[1], None]
    chosen = {k: data.draw(st.sampled_from(posts)) for k in market[0]}
    matching = {k: post for k, post in chosen.items() if post is not None}
    assert stability_proof(matching, *market).is_stable == is_stable_by_definition(matching, market)


@settings(deadline=None)
@given(markets())
def test_the_checker_finds_a_planted_blocking_pair(market: Market) -> None:
    matching = deferred_acceptance(*market)
    for k, post in matching.items():  # dropping a pair leaves a free place that both want
        dropped = {other: at for other, at in matching.items() if other != k}
        assert (k, post) in {
            (pair.candidate_id, pair.post_id) for pair in stability_proof(dropped, *market).blocking_pairs
        }


def test_the_checker_reports_too_many_doctors_and_unwanted_pairs() -> None:
    lists, orders = {"a": ("x",), "b": ("x",), "c": ()}, {"x": ("a", "b", "c")}
    crowded = stability_proof({"a": "x", "b": "x"}, lists, orders, {"x": 1})
    assert crowded == StabilityProof(2, (), capacity_respected=False, individually_rational=True)
    unwanted = stability_proof({"c": "x"}, lists, orders, {"x": 2})
    assert not unwanted.individually_rational
    assert not unwanted.is_stable
