"""Laws of matching from frames, with ties, against every stable matching of small markets."""

from collections import Counter
from dataclasses import dataclass
from itertools import permutations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.market import Market, candidate_optimal, market_from_frames, post_optimal, rank_distribution
from engine.pair_stability import pair_stability
from engine.stability import stability_proof
from engine.stable_matching import deferred_acceptance, post_optimal_matching
from tests.property.test_stable_matching import Market as ListedMarket
from tests.property.test_stable_matching import is_stable_by_definition, markets, position, stable_matchings

Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


@dataclass(frozen=True)
class Tiered:
    """Own lists, tiers of (candidate, post) where the post takes the candidate, order of the lottery, capacities."""

    lists: dict[str, tuple[str, ...]]
    tiers: dict[tuple[str, str], int]
    lottery: tuple[str, ...]
    capacities: dict[str, int]

    def frames(self, gap: int = 1) -> Frames:
        pairs = [
            (k, post, place * gap - 3, self.tiers.get((k, post)))
            for k, posts in self.lists.items()
            for place, post in enumerate(posts)
        ]
        columns = {"candidate_id": pl.String, "post_id": pl.String, "place": pl.Int64, "tier": pl.Int64}
        drawn = {"candidate_id": self.lottery, "lottery_place": [gap * place - 5 for place in range(len(self.lottery))]}
        posts = {"post_id": list(self.capacities), "capacity": list(self.capacities.values())}
        return (
            pl.DataFrame(pairs, columns, orient="row"),
            pl.DataFrame(drawn, {"candidate_id": pl.String, "lottery_place": pl.Int64}),
            pl.DataFrame(posts, {"post_id": pl.String, "capacity": pl.Int64}),
        )

    def listed(self) -> ListedMarket:
        """The same market with strict orders: tiers first, then the lottery, worked out by sorting."""
        orders = {
            post: tuple(
                sorted(
                    (k for k in self.lists if (k, post) in self.tiers),
                    key=lambda k: (self.tiers[k, post], self.lottery.index(k)),
                )
            )
            for post in self.capacities
        }
        return self.lists, orders, self.capacities


@st.composite
def tiered(draw: st.DrawFn, candidates: int = 4, posts: int = 3) -> Tiered:
    doctors = [f"k{i}" for i in range(draw(st.integers(0, candidates)))]
    places = [f"p{i}" for i in range(draw(st.integers(1, posts)))]
    found = {(k, post): draw(st.sampled_from([0, 0, 1, 2, None])) for k in doctors for post in places}
    return Tiered(
        lists={k: tuple(draw(st.permutations(places)))[: draw(st.integers(0, len(places)))] for k in doctors},
        tiers={pair: tier for pair, tier in found.items() if tier is not None},
        lottery=tuple(draw(st.permutations(doctors))),
        capacities={post: draw(st.integers(0, 3)) for post in places},
    )


def as_mapping(matching: pl.DataFrame) -> dict[str, str]:
    return dict(matching.select("candidate_id", "post_id").rows())


def market_of(given_market: Tiered) -> Market:
    return market_from_frames(*given_market.frames())


@settings(deadline=None)
@given(tiered(candidates=6, posts=5))
def test_frames_and_lists_give_the_same_matchings(market: Tiered) -> None:
    arrays = market_of(market)
    assert as_mapping(candidate_optimal(arrays)) == deferred_acceptance(*market.listed())
    assert as_mapping(post_optimal(arrays)) == post_optimal_matching(*market.listed())


@settings(max_examples=60, deadline=None)
@given(tiered())
def test_one_matching_is_best_for_every_candidate_and_the_other_for_every_post(market: Tiered) -> None:
    lists, orders, _ = listed = market.listed()
    best, worst = (as_mapping(matching(market_of(market))) for matching in (candidate_optimal, post_optimal))
    all_stable = list(stable_matchings(listed))
    assert best in all_stable
    assert worst in all_stable
    for other in all_stable:
        for k, posts in lists.items():
            assert position(best, k, posts) <= position(other, k, posts) <= position(worst, k, posts)
        for post, order in orders.items():
            held, theirs = (sorted(order.index(k) for k in m if m[k] == post) for m in (worst, other))
            assert all(own <= their for own, their in zip(held, theirs, strict=True)), post


@settings(max_examples=60, deadline=None)
@given(tiered())
def test_every_stable_matching_fills_posts_alike_and_short_posts_with_the_same(market: Tiered) -> None:
    proposed = as_mapping(candidate_optimal(market_of(market)))
    fill = Counter(proposed.values())
    for other in stable_matchings(market.listed()):
        assert other.keys() == proposed.keys()
        assert Counter(other.values()) == fill
        for post, capacity in market.capacities.items():
            if fill[post] < capacity:
                assert {k for k in other if other[k] == post} == {k for k in proposed if proposed[k] == post}


@settings(max_examples=30, deadline=None)
@given(tiered())
def test_no_candidate_gains_by_any_other_list_where_tiers_tie(market: Tiered) -> None:
    honest = as_mapping(candidate_optimal(market_of(market)))
    for k, truth in market.lists.items():
        for length in range(len(market.capacities) + 1):
            for claimed in permutations(market.capacities, length):
                lied = Tiered({**market.lists, k: claimed}, market.tiers, market.lottery, market.capacities)
                told = as_mapping(candidate_optimal(market_of(lied)))
                assert position(honest, k, truth) <= position(told, k, truth)


@settings(deadline=None)
@given(tiered(candidates=6, posts=5), st.integers(0, 1000), st.integers(1, 10**7))
def test_neither_the_order_of_rows_nor_gaps_between_places_matter(market: Tiered, seed: int, gap: int) -> None:
    frames = [frame.sample(fraction=1, shuffle=True, seed=seed) for frame in market.frames(gap)]
    shuffled = market_from_frames(frames[0], frames[1], frames[2])
    for matching in (candidate_optimal, post_optimal):
        assert matching(shuffled).equals(matching(market_of(market)))


@settings(deadline=None)
@given(tiered(candidates=6, posts=5), st.integers(1, 10**9))
def test_numbers_as_identifiers_give_the_same_as_texts(market: Tiered, apart: int) -> None:
    def numbered(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.col("^.*_id$").str.slice(1).cast(pl.Int64) * apart - 7)

    pairs, doctors, posts = (numbered(frame) for frame in market.frames())
    for matching in (candidate_optimal, post_optimal):
        found = matching(market_from_frames(pairs, doctors, posts))
        assert found.equals(numbered(matching(market_of(market))))


@settings(deadline=None)
@given(tiered(candidates=6, posts=5))
def test_choices_count_the_own_list_and_every_candidate_once(market: Tiered) -> None:
    matching = candidate_optimal(market_of(market))
    for k, post, choice in matching.rows():
        assert market.lists[k][choice - 1] == post
    assert rank_distribution(matching, len(market.lists))["candidates"].sum() == len(market.lists)


@settings(deadline=None)
@given(tiered(), st.data())
def test_the_checker_of_frames_agrees_with_the_definition_and_with_that_of_lists(
    market: Tiered, data: st.DataObject
) -> None:
    chosen = {k: data.draw(st.sampled_from([*market.capacities, None])) for k in market.lists}
    matching = {k: post for k, post in chosen.items() if post is not None}
    frame = pl.DataFrame(list(matching.items()), {"candidate_id": pl.String, "post_id": pl.String}, orient="row")
    found, proof = pair_stability(frame, *market.frames()), stability_proof(matching, *market.listed())
    assert found.is_stable == is_stable_by_definition(matching, market.listed())
    if all(post in market.lists[k] for k, post in matching.items()):  # frames hold no tier where nobody lists
        assert found.blocking_pairs.rows() == [(pair.candidate_id, pair.post_id) for pair in proof.blocking_pairs]
    assert found.pairs_checked == proof.pairs_checked
    assert found.capacity_respected == proof.capacity_respected
    assert found.individually_rational == proof.individually_rational


@settings(max_examples=60, deadline=None)
@given(markets(candidates=4, posts=3))
def test_the_post_side_of_lists_is_the_worst_stable_matching_for_every_candidate(market: ListedMarket) -> None:
    worst = post_optimal_matching(*market)
    assert stability_proof(worst, *market).is_stable
    for other in stable_matchings(market):
        for k, posts in market[0].items():
            assert position(other, k, posts) <= position(worst, k, posts)
