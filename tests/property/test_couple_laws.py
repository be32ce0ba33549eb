"""Laws of matching with couples and ties, against all matchings of small instances."""

from collections.abc import Iterator
from itertools import product
from random import Random
from time import monotonic
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from engine.couple_bounds import narrowed
from engine.couple_market import market_of, posts_of
from engine.couple_model import StabilityModel
from engine.couple_solver import Solution, Status, solve_instance
from engine.couple_stability import verdict_on
from engine.instance import NOWHERE
from engine.instance_document import parsed_instance
from engine.stable_matching import deferred_acceptance
from tests.fewest_blocking import fewest_by_model

Document = dict[str, Any]
Matching = dict[str, str | None]


@st.composite
def documents(draw: st.DrawFn, singles: int = 3, couples: int = 2, posts: int = 3, *, ties: bool = True) -> Document:
    """Few people and posts; lists may name who does not return it, pairs may be one post or leave one without."""
    alone = [f"s{i}" for i in range(draw(st.integers(0, singles)))]
    pairs = [(f"a{i}", f"b{i}") for i in range(draw(st.integers(0, couples)))]
    return drawn(Random(draw(st.integers(0, 2**32))), alone, pairs, draw(st.integers(1, posts)), ties=ties)


def drawn(
    random: Random,
    alone: list[str],
    pairs: list[tuple[str, str]],
    posts: int,
    *,
    ties: bool = True,
    crowded: bool = False,
) -> Document:
    """A document whose orders, lengths of lists, ties and capacities are drawn; crowded: one place each, long lists."""
    places = [f"p{i}" for i in range(posts)]
    everybody = [*alone, *(member for pair in pairs for member in pair)]

    def part(names: list[str]) -> list[str]:
        return random.sample(names, len(names) if crowded else random.randint(0, len(names)))

    def tiers() -> list[list[str]]:
        parts: list[list[str]] = [[]]
        for person in random.sample(everybody, len(everybody) if crowded else random.randint(0, len(everybody))):
            if parts[-1] and not (ties and random.random() < 0.25):
                parts.append([])
            parts[-1].append(person)
        return parts

    choices: list[str | None] = [*places] if crowded else [*places, None]
    wishes = [[x, y] for x in choices for y in choices if not (crowded and x == y)]
    return {
        "proposers": [{"id": person, "preferences": part(places)} for person in alone],
        "posts": [
            {"id": place, "capacity": 1 if crowded else random.choice((1, 1, 2, 3, 0)), "preferences": tiers()}
            for place in places
        ],
        "couples": [
            {
                "members": list(pair),
                "preferences": random.sample(wishes, random.randint(1, min(2 if crowded else 6, len(wishes)))),
            }
            for pair in pairs
        ],
    }


@st.composite
def crowded_documents(draw: st.DrawFn) -> Document:
    """Instances of which many have no stable matching."""
    random = Random(draw(st.integers(0, 2**32)))
    alone = [f"s{i}" for i in range(draw(st.integers(1, 3)))]
    return drawn(random, alone, [("a0", "b0"), ("a1", "b1")], draw(st.integers(2, 3)), crowded=True)


class Slow:
    """The definition written out over ids and the document, apart from the code under test."""

    def __init__(self, document: Document) -> None:
        self.posts = {post["id"]: post for post in document["posts"]}
        self.singles = {proposer["id"]: proposer["preferences"] for proposer in document["proposers"]}
        self.couples = [(*couple["members"], couple["preferences"]) for couple in document["couples"]]

    def tier(self, post: str, person: str) -> int | None:
        return next((n for n, tier in enumerate(self.posts[post]["preferences"]) if person in tier), None)

    def takes(self, post: str | None, person: str, held: list[str], free: int) -> bool:
        if post is None or free > 0:
            return True
        own = self.tier(post, person)
        assert own is not None
        return any((self.tier(post, other) or 0) > own for other in held)

    def can(self, person: str, post: str | None) -> bool:
        return post is None or self.tier(post, person) is not None

    def good(self, first: str, second: str, wishes: list[list[str | None]]) -> list[list[str | None]]:
        cut = wishes[: wishes.index([None, None])] if [None, None] in wishes else wishes
        return [wish for wish in cut if self.can(first, wish[0]) and self.can(second, wish[1])]

    def matchings(self) -> Iterator[Matching]:
        choices: list[list[list[tuple[str, str | None]]]] = [
            [[(person, post)] for post in (*(p for p in posts if self.can(person, p)), None)]
            for person, posts in self.singles.items()
        ]
        for a, b, wishes in self.couples:
            choices.append([[(a, x), (b, y)] for x, y in self.good(a, b, wishes)])
            choices[-1].append([(a, None), (b, None)])
        for chosen in product(*choices):
            matching = {person: post for part in chosen for person, post in part}
            if all(list(matching.values()).count(post) <= entry["capacity"] for post, entry in self.posts.items()):
                yield matching

    def blocking(self, matching: Matching) -> set[tuple[tuple[str, ...], tuple[str | None, ...]]]:
        held = {post: [person for person, at in matching.items() if at == post] for post in self.posts}
        free = {post: entry["capacity"] - len(held[post]) for post, entry in self.posts.items()}
        found: set[tuple[tuple[str, ...], tuple[str | None, ...]]] = set()
        for person, posts in self.singles.items():
            now = matching[person]
            better = [p for p in (posts[: posts.index(now)] if now in posts else posts) if self.can(person, p)]
            found |= {((person,), (p,)) for p in better if self.takes(p, person, held[p], free[p])}
        for a, b, wishes in self.couples:
            listed = self.good(a, b, wishes)
            now_pair = [matching[a], matching[b]]
            for x, y in listed[: listed.index(now_pair)] if now_pair in listed else listed:
                if self.pair_blocks(a, b, x, y, matching, held, free):
                    found.add(((a, b), (x, y)))
        return found

    def pair_blocks(
        self, a: str, b: str, x: str | None, y: str | None, matching: Matching, held: dict[str, list[str]],
        free: dict[str, int],
    ) -> bool:  # fmt: skip
        def one(post: str | None, person: str, without: str | None = None) -> bool:
            others = [p for p in held.get(post or "", []) if p != without]
            return self.takes(post, person, others, free.get(post or "", 0))

        if x == matching[a]:
            return one(y, b, a)
        if y == matching[b]:
            return one(x, a, b)
        if x != y or x is None or y is None:
            return one(x, a) and one(y, b)
        if free[x] >= 2:
            return True

        def over(person: str, other: str) -> bool:
            return self.takes(x, person, [other], 0)

        if free[x] == 1:
            return any(over(a, other) or over(b, other) for other in held[x])
        return free[x] == 0 and any(over(a, s) and over(b, t) for s in held[x] for t in held[x] if s != t)


def solved(document: Document) -> tuple[Solution, Matching]:
    instance = parsed_instance(document)
    solution = solve_instance(instance, seconds=60, clock=monotonic)
    return solution, named(document, solution.matching)


def named(document: Document, numbers: list[int]) -> Matching:
    instance = parsed_instance(document)
    return {
        str(person): None if post == NOWHERE else str(instance.posts[post])
        for person, post in zip(instance.people, numbers, strict=True)
    }


@settings(max_examples=150, deadline=None)
@given(documents() | crowded_documents())
def test_the_status_is_right_and_the_blocking_are_as_few_as_can_be(document: Document) -> None:
    slow = Slow(document)
    fewest = min(len(slow.blocking(matching)) for matching in slow.matchings())
    solution, matching = solved(document)
    assert solution.status is (Status.NONE_EXISTS if fewest else Status.STABLE)
    assert len(solution.blocking) == len(slow.blocking(matching)) == solution.bound == fewest
    assert matching in list(slow.matchings())


@settings(max_examples=150, deadline=None)
@given(documents(), st.randoms(use_true_random=False))
def test_the_check_finds_what_the_definition_finds_on_any_matching(document: Document, random: Random) -> None:
    slow, instance = Slow(document), parsed_instance(document)
    matching = random.choice(list(slow.matchings()))
    numbers = [
        NOWHERE if matching[str(person)] is None else instance.posts.index(matching[str(person)] or "")
        for person in instance.people
    ]
    verdict = verdict_on(instance, numbers)
    assert verdict.is_allowed
    found = {
        (
            tuple(str(instance.people[person]) for person in entry.people),
            tuple(None if post == NOWHERE else str(instance.posts[post]) for post in entry.posts),
        )
        for entry in verdict.blocking
    }
    assert found == slow.blocking(matching)
    assert len(found) == len(verdict.blocking)


@settings(max_examples=150, deadline=None)
@given(documents() | crowded_documents())
def test_the_model_of_the_narrowed_market_has_solutions_where_stable_matchings_exist(document: Document) -> None:
    slow, instance = Slow(document), parsed_instance(document)
    is_stable = any(not slow.blocking(matching) for matching in slow.matchings())
    market, _ = narrowed(market_of(instance))
    model = StabilityModel(market, [len(options) for options in market.options])
    solver = cp_model.CpSolver()
    assert (solver.solve(model.model) == cp_model.OPTIMAL) is is_stable
    if is_stable:
        matching = named(document, market.matching(model.found(solver), len(instance.people)))
        assert not slow.blocking(matching)


@settings(max_examples=100, deadline=None)
@given(documents() | crowded_documents())
def test_narrowing_keeps_every_stable_matching(document: Document) -> None:
    slow, instance = Slow(document), parsed_instance(document)
    market, _ = narrowed(market_of(instance))
    for matching in slow.matchings():
        if not slow.blocking(matching):
            for agent, people in enumerate(market.people):
                posts = [matching[str(instance.people[person])] for person in people]
                options = [
                    [None if post == NOWHERE else instance.posts[post] for post in posts_of(option)]
                    for option in market.options[agent]
                ]
                assert posts in options or (agent not in market.sure and posts == [None] * len(people))


@settings(max_examples=60, deadline=None)
@given(documents() | crowded_documents())
def test_the_model_counts_as_few_blocking_as_can_be(document: Document) -> None:
    slow, instance = Slow(document), parsed_instance(document)
    found, claimed = fewest_by_model(market_of(instance), len(instance.people))
    fewest = min(len(slow.blocking(other)) for other in slow.matchings())
    assert claimed == len(slow.blocking(named(document, found))) == fewest


@settings(max_examples=60, deadline=None)
@given(documents() | crowded_documents(), st.randoms(use_true_random=False))
def test_row_order_does_not_change_the_status(document: Document, random: Random) -> None:
    shuffled = {key: random.sample(rows, len(rows)) for key, rows in document.items()}
    one, other = solved(document)[0], solved(shuffled)[0]
    assert (one.status, one.bound) == (other.status, other.bound)


@settings(max_examples=100, deadline=None)
@given(documents(singles=5, couples=0, ties=False))
def test_without_couples_it_is_deferred_acceptance(document: Document) -> None:
    solution, matching = solved(document)
    expected = deferred_acceptance(
        {proposer["id"]: proposer["preferences"] for proposer in document["proposers"]},
        {post["id"]: [tier[0] for tier in post["preferences"] if tier] for post in document["posts"]},
        {post["id"]: post["capacity"] for post in document["posts"]},
    )
    assert solution.status is Status.STABLE
    assert {person: post for person, post in matching.items() if post is not None} == expected
