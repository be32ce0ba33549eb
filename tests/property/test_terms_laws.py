"""Laws of reversion and least numbers, against all matchings of small instances."""

from random import Random
from time import monotonic

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.couple_solver import Status
from engine.instance import NOWHERE
from engine.instance_document import parsed_instance
from engine.minimum_quota import Minimum, MinimumStatus
from engine.terms_allocation import Allocation, allocate
from tests.limit_definition import Definition, Document, Matching, nested, overlapping

seeds = st.integers(0, 2**32)
Reversions = list[tuple[int, int]]


def reversions(random: Random, posts: int) -> Reversions:
    """Chains and cycles: each post gives its places to at most one other."""
    giving = random.sample(range(posts), random.randint(1, posts))
    return [(post, random.choice([other for other in range(posts) if other != post])) for post in giving]


@st.composite
def nested_cases(draw: st.DrawFn) -> tuple[Document, Reversions]:
    random, posts = Random(draw(seeds)), draw(st.integers(2, 4))
    return nested(random, draw(st.integers(2, 5)), posts, ties=draw(st.booleans())), reversions(random, posts)


@st.composite
def any_cases(draw: st.DrawFn) -> tuple[Document, Reversions]:
    random, posts = Random(draw(seeds)), draw(st.integers(2, 3))
    couples = draw(st.integers(0, 2))
    return overlapping(random, draw(st.integers(1, 3)), couples, posts, 2, ties=True), reversions(random, posts)


def allocated(document: Document, moves: Reversions = [], minimums: list[Minimum] = []) -> Allocation:  # noqa: B006
    return allocate(parsed_instance(document), moves, minimums, seconds=30, clock=monotonic)


def named(document: Document, allocation: Allocation) -> Matching:
    instance = parsed_instance(document)
    return {
        str(person): None if post == NOWHERE else str(instance.posts[post])
        for person, post in zip(instance.people, allocation.matching, strict=True)
    }


def with_capacities(document: Document, allocation: Allocation) -> Document:
    rows = zip(document["posts"], allocation.capacities, strict=True)
    return {**document, "posts": [{**post, "capacity": capacity} for post, capacity in rows]}


def with_cap(document: Document, places: int, outside: list[str]) -> Document:
    return {**document, "limits": [*document["limits"], {"id": "cap", "capacity": places, "posts": outside}]}


def choice(document: Document, person: str, post: str | None) -> int:
    wishes: list[str] = next(row["preferences"] for row in document["proposers"] if row["id"] == person)
    return wishes.index(post) if post is not None else len(wishes)


@st.composite
def cases_with_open_posts(draw: st.DrawFn) -> tuple[Document, Reversions]:
    """Only posts without limits get places."""
    random, posts, unlimited = Random(draw(seeds)), draw(st.integers(2, 3)), draw(st.integers(1, 2))
    document = nested(random, draw(st.integers(2, 5)), posts, ties=draw(st.booleans()), open_posts=unlimited)
    moves = [(giving, getting) for giving, getting in reversions(random, posts + unlimited) if getting >= posts]
    return document, moves


@settings(max_examples=300, deadline=None)
@given(cases_with_open_posts())
def test_nobody_is_worse_off_by_places_that_no_limit_counts(case: tuple[Document, Reversions]) -> None:
    document, moves = case
    before, allocation = named(document, allocated(document)), allocated(document, moves)
    after = named(document, allocation)
    for person in before:
        assert choice(document, person, after[person]) <= choice(document, person, before[person])


@settings(max_examples=150, deadline=None)
@given(nested_cases() | any_cases())
def test_reversion_ends_keeps_all_places_and_is_stable_where_it_can_be(case: tuple[Document, Reversions]) -> None:
    document, moves = case
    allocation = allocated(document, moves)
    definition = Definition(with_capacities(document, allocation))
    assert allocation.reversion_is_complete
    assert sum(allocation.capacities) == sum(post["capacity"] for post in document["posts"])
    assert len(definition.blocking(named(document, allocation))) == len(allocation.blocking)
    assert (allocation.status is Status.STABLE) is bool(definition.stable())
    change = [0] * len(document["posts"])
    for moved in allocation.moved:
        assert moved.places > 0
        change[moved.from_post] -= moved.places
        change[moved.to_post] += moved.places
    capacities = [post["capacity"] for post in document["posts"]]
    assert [capacity + more for capacity, more in zip(capacities, change, strict=True)] == list(allocation.capacities)


@settings(max_examples=100, deadline=None)
@given(nested_cases())
def test_along_a_chain_only_the_last_post_keeps_empty_places(case: tuple[Document, Reversions]) -> None:
    document, _ = case
    last = len(document["posts"]) - 1
    allocation = allocated(document, [(post, post + 1) for post in range(last)])
    for post in range(last):
        assert allocation.matching.count(post) == allocation.capacities[post]


@settings(max_examples=150, deadline=None)
@given(any_cases(), st.randoms(use_true_random=False))
def test_least_numbers_are_met_or_told_and_the_price_is_what_blocks_without_the_cap(
    case: tuple[Document, Reversions], random: Random
) -> None:
    document = case[0]
    count = len(document["posts"])
    minimum = Minimum("m", random.randint(1, 3), frozenset(random.sample(range(count), random.randint(1, count))))
    free, allocation = allocated(document), allocated(document, [], [minimum])
    reached = sum(post in minimum.posts for post in allocation.matching)
    assert (allocation.minimums[0].reached, allocation.minimums[0].at_least) == (reached, minimum.at_least)
    matching = named(document, allocation)
    if allocation.cap is None:
        assert allocation.matching == free.matching
        assert allocation.minimum_status in (MinimumStatus.MET, MinimumStatus.NOT_FEASIBLE)
        assert (allocation.minimum_status is MinimumStatus.MET) is (reached >= minimum.at_least)
        return
    assert allocation.minimum_status is MinimumStatus.MET_BY_CAP
    assert allocation.minimums[0].without_cap < minimum.at_least <= reached
    outside = [post["id"] for number, post in enumerate(document["posts"]) if number not in minimum.posts]
    capped = Definition(with_cap(document, allocation.cap.places, outside))
    assert capped.fits(matching)
    assert len(capped.blocking(matching)) == len(allocation.blocking) <= len(free.blocking)
    assert len(Definition(document).blocking(matching)) == allocation.cap.blocking


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(2, 5), st.integers(2, 4), st.integers(1, 4))
def test_without_limits_no_cap_that_would_do_is_left_out(seed: int, singles: int, posts: int, at_least: int) -> None:
    document = {**nested(Random(seed), singles, posts, regions=1), "limits": []}
    outside = [post["id"] for post in document["posts"]][: posts // 2]
    minimum = Minimum("m", at_least, frozenset(range(posts // 2, posts)))
    allocation = allocated(document, [], [minimum])
    best = {cap: best_for_all(with_cap(document, cap, outside)) for cap in range(singles + 1)}
    reached = {cap: sum(post is not None and post not in outside for post in best[cap].values()) for cap in best}
    enough = [cap for cap in best if reached[cap] >= at_least]
    if allocation.cap is not None:
        assert allocation.cap.places == max(enough)
        assert allocation.cap.better_off == 0
    else:
        assert (allocation.minimum_status is MinimumStatus.MET) is bool(enough)


@settings(max_examples=150, deadline=None)
@given(seeds, st.integers(2, 5), st.integers(2, 4), st.integers(1, 3), st.sampled_from(("first", "second")))
def test_with_nested_limits_the_cap_is_the_highest_that_meets_the_least_number(
    seed: int, singles: int, posts: int, at_least: int, half: str
) -> None:
    document = nested(Random(seed), singles, posts, regions=1)
    names = [post["id"] for post in document["posts"]]
    halves = (names[: posts // 2], names[posts // 2 :])
    inside, outside = halves if half == "first" else halves[::-1]
    minimum = Minimum("m", at_least, frozenset(names.index(name) for name in inside))
    free, allocation = named(document, allocated(document)), allocated(document, [], [minimum])

    def placed(matching: Matching) -> int:
        return sum(post in inside for post in matching.values())

    best = {cap: best_for_all(with_cap(document, cap, outside)) for cap in range(singles + 1)}
    enough = [cap for cap, matching in best.items() if placed(matching) >= at_least]
    if placed(free) >= at_least or not enough:
        assert allocation.cap is None
        return
    assert allocation.cap is not None
    assert allocation.cap.places == max(enough)
    paid = best[max(enough)]
    assert named(document, allocation) == paid
    changes = [choice(document, person, paid[person]) - choice(document, person, free[person]) for person in free]
    assert allocation.cap.worse_off == sum(change > 0 for change in changes)
    assert allocation.cap.better_off == sum(change < 0 for change in changes)


def best_for_all(document: Document) -> Matching:
    """The stable matching whose choices are best for everybody, of all that there are."""
    stable = Definition(document).stable()
    return min(stable, key=lambda matching: sum(choice(document, person, matching[person]) for person in matching))
