"""Laws of matching where posts share limits, against all matchings of small instances."""

from itertools import permutations
from random import Random
from time import monotonic

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from engine.couple_bounds import narrowed
from engine.couple_market import market_of, posts_of
from engine.couple_model import StabilityModel
from engine.couple_solver import Solution, Status, solve_instance
from engine.couple_stability import verdict_on
from engine.instance import NOWHERE, Instance
from engine.instance_document import parsed_instance
from engine.limited_acceptance import limited_acceptance
from tests.fewest_blocking import fewest_by_model
from tests.limit_definition import Definition, Document, Matching, nested, overlapping

seeds = st.integers(0, 2**32)


@st.composite
def overlapping_documents(draw: st.DrawFn, couples: int = 2) -> Document:
    pairs = draw(st.integers(0, couples))
    singles = draw(st.integers(1 if pairs else 2, 3 if pairs else 5))
    return overlapping(
        Random(draw(seeds)), singles, pairs, draw(st.integers(2, 4)), draw(st.integers(1, 3)), ties=draw(st.booleans())
    )


@st.composite
def nested_documents(draw: st.DrawFn, *, ties: bool = False) -> Document:
    return nested(Random(draw(seeds)), draw(st.integers(2, 5)), draw(st.integers(2, 4)), ties=ties)


def named(instance: Instance, numbers: list[int]) -> Matching:
    return {
        str(person): None if post == NOWHERE else str(instance.posts[post])
        for person, post in zip(instance.people, numbers, strict=True)
    }


def solved(document: Document) -> tuple[Solution, Matching]:
    instance = parsed_instance(document)
    solution = solve_instance(instance, seconds=60, clock=monotonic)
    return solution, named(instance, solution.matching)


def choice(document: Document, person: str, post: str | None) -> int:
    """Number of the choice that a single gets; past the list is none."""
    wishes: list[str] = next(row["preferences"] for row in document["proposers"] if row["id"] == person)
    return wishes.index(post) if post is not None else len(wishes)


@settings(max_examples=200, deadline=None)
@given(overlapping_documents(), st.randoms(use_true_random=False))
def test_the_check_finds_what_the_definition_finds_on_any_matching(document: Document, random: Random) -> None:
    definition, instance = Definition(document), parsed_instance(document)
    matching = random.choice(list(definition.matchings()))
    numbers = [
        NOWHERE if matching[str(person)] is None else instance.posts.index(matching[str(person)] or "")
        for person in instance.people
    ]
    verdict = verdict_on(instance, numbers)
    assert verdict.is_allowed
    found = [
        (
            tuple(str(instance.people[person]) for person in entry.people),
            tuple(None if post == NOWHERE else str(instance.posts[post]) for post in entry.posts),
        )
        for entry in verdict.blocking
    ]
    assert set(found) == definition.blocking(matching)
    assert len(set(found)) == len(found)


@settings(max_examples=200, deadline=None)
@given(overlapping_documents() | nested_documents(ties=True))
def test_the_status_is_right_and_the_blocking_are_as_few_as_can_be(document: Document) -> None:
    definition = Definition(document)
    matchings = list(definition.matchings())
    fewest = min(len(definition.blocking(matching)) for matching in matchings)
    solution, matching = solved(document)
    assert solution.status is (Status.NONE_EXISTS if fewest else Status.STABLE)
    assert len(solution.blocking) == len(definition.blocking(matching)) == solution.bound == fewest
    assert matching in matchings


@settings(max_examples=150, deadline=None)
@given(overlapping_documents())
def test_the_model_of_the_narrowed_market_has_solutions_where_stable_matchings_exist(document: Document) -> None:
    definition, instance = Definition(document), parsed_instance(document)
    market, _ = narrowed(market_of(instance))
    model = StabilityModel(market, [len(options) for options in market.options])
    solver = cp_model.CpSolver()
    has_solution = solver.solve(model.model) == cp_model.OPTIMAL
    assert has_solution is bool(definition.stable())
    if has_solution:
        assert not definition.blocking(named(instance, market.matching(model.found(solver), len(instance.people))))


@st.composite
def sharing_couples(draw: st.DrawFn) -> Document:
    """Couples who often need two seats in one post or limit."""
    random = Random(draw(seeds))
    return overlapping(random, draw(st.integers(1, 2)), draw(st.integers(1, 2)), 2, 2, ties=draw(st.booleans()))


@settings(max_examples=100, deadline=None)
@given(overlapping_documents() | sharing_couples(), st.randoms(use_true_random=False))
def test_the_model_lets_through_the_stable_matchings_and_no_others(document: Document, random: Random) -> None:
    definition, instance = Definition(document), parsed_instance(document)
    market = market_of(instance)
    matchings = list(definition.matchings())
    for matching in random.sample(matchings, min(len(matchings), 12)):
        model = StabilityModel(market, [len(options) for options in market.options])
        for agent, people in enumerate(market.people):
            posts = [matching[str(instance.people[person])] for person in people]
            options = [
                [None if post == NOWHERE else str(instance.posts[post]) for post in posts_of(option)]
                for option in market.options[agent]
            ]
            place = options.index(posts) if posts in options else len(options)
            model.model.add(model.has[agent][place] == 1)
        is_let_through = cp_model.CpSolver().solve(model.model) == cp_model.OPTIMAL
        assert is_let_through is not bool(definition.blocking(matching))


@settings(max_examples=60, deadline=None)
@given(overlapping_documents())
def test_the_model_counts_as_few_blocking_as_can_be(document: Document) -> None:
    definition, instance = Definition(document), parsed_instance(document)
    found, claimed = fewest_by_model(market_of(instance), len(instance.people))
    fewest = min(len(definition.blocking(other)) for other in definition.matchings())
    assert claimed == len(definition.blocking(named(instance, found))) == fewest


@settings(max_examples=150, deadline=None)
@given(overlapping_documents())
def test_narrowing_keeps_every_stable_matching(document: Document) -> None:
    definition, instance = Definition(document), parsed_instance(document)
    market, _ = narrowed(market_of(instance))
    for matching in definition.stable():
        for agent, people in enumerate(market.people):
            posts = [matching[str(instance.people[person])] for person in people]
            options = [
                [None if post == NOWHERE else instance.posts[post] for post in posts_of(option)]
                for option in market.options[agent]
            ]
            assert posts in options or (agent not in market.sure and posts == [None] * len(people))


@settings(max_examples=200, deadline=None)
@given(nested_documents())
def test_with_nested_limits_everybody_likes_the_result_best_among_stable_ones(document: Document) -> None:
    instance = parsed_instance(document)
    places = limited_acceptance(market_of(instance), seed=1)
    assert places is not None
    matching = named(instance, market_of(instance).matching(places, len(instance.people)))
    stable = Definition(document).stable()
    assert matching in stable
    for other in stable:
        assert all(
            choice(document, person, matching[person]) <= choice(document, person, other[person]) for person in other
        )
    solution, found = solved(document)
    assert (solution.status, solution.is_accepted, found) == (Status.STABLE, True, matching)


@settings(max_examples=60, deadline=None)
@given(nested_documents(ties=True), st.randoms(use_true_random=False))
def test_with_nested_limits_nobody_gains_by_another_list(document: Document, random: Random) -> None:
    honest = solved(document)[1]
    row = random.choice(document["proposers"])
    posts = [post["id"] for post in document["posts"]]
    for length in range(len(posts) + 1):
        for told in permutations(posts, length):
            rows = [{**other, "preferences": list(told)} if other is row else other for other in document["proposers"]]
            post = solved({**document, "proposers": rows})[1][row["id"]]
            if post is None or post in row["preferences"]:
                assert choice(document, row["id"], honest[row["id"]]) <= choice(document, row["id"], post)


@settings(max_examples=100, deadline=None)
@given(nested_documents(), st.randoms(use_true_random=False))
def test_with_nested_limits_row_order_does_not_matter(document: Document, random: Random) -> None:
    shuffled = {key: random.sample(rows, len(rows)) for key, rows in document.items()}
    assert solved(shuffled)[1] == solved(document)[1]


@settings(max_examples=60, deadline=None)
@given(overlapping_documents(), st.randoms(use_true_random=False))
def test_row_order_does_not_change_the_status(document: Document, random: Random) -> None:
    shuffled = {key: random.sample(rows, len(rows)) for key, rows in document.items()}
    one, other = solved(document)[0], solved(shuffled)[0]
    assert (one.status, one.bound) == (other.status, other.bound)


@settings(max_examples=100, deadline=None)
@given(overlapping_documents(couples=0))
def test_where_acceptance_answers_nobody_has_a_better_stable_matching(document: Document) -> None:
    instance = parsed_instance(document)
    places = limited_acceptance(market_of(instance), seed=1)
    assume(places is not None)
    assert places is not None
    matching = named(instance, market_of(instance).matching(places, len(instance.people)))
    assert not Definition(document).blocking(matching)
