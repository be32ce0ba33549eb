"""Stability with shared limits, spelt out over ids and the document, apart from the code under test; and instances."""

from collections.abc import Iterator
from itertools import permutations, product
from random import Random
from typing import Any

Document = dict[str, Any]
Matching = dict[str, str | None]
Blocking = tuple[tuple[str, ...], tuple[str | None, ...]]
Move = tuple[str, str | None]


class Definition:
    """The definition: every newcomer to a resource gets a seat of their own, free or of somebody strictly worse."""

    def __init__(self, document: Document) -> None:
        self.posts = {post["id"]: post for post in document["posts"]}
        self.limits = document.get("limits", [])
        self.couples = [(*couple["members"], couple["preferences"]) for couple in document.get("couples", [])]
        members = {member for first, second, _ in self.couples for member in (first, second)}
        self.singles = {
            proposer["id"]: proposer["preferences"]
            for proposer in document["proposers"]
            if proposer["id"] not in members
        }

    def tier(self, person: str, post: str) -> int | None:
        return next((n for n, tier in enumerate(self.posts[post]["preferences"]) if person in tier), None)

    def can(self, person: str, post: str | None) -> bool:
        return post is None or self.tier(person, post) is not None

    def resources(self, person: str, post: str | None) -> set[str]:
        if post is None:
            return set()
        shared = {
            f"limit {limit['id']}"
            for limit in self.limits
            if post in limit["posts"] and ("people" not in limit or person in limit["people"])
        }
        return {f"post {post}", *shared}

    def capacity(self, resource: str) -> int:
        kind, name = resource.split(" ", 1)
        rows = self.posts.values() if kind == "post" else self.limits
        return next(int(row["capacity"]) for row in rows if row["id"] == name)

    def holders(self, matching: Matching, resource: str) -> list[str]:
        return [person for person, post in matching.items() if resource in self.resources(person, post)]

    def fits(self, matching: Matching) -> bool:
        names = [*(f"post {post}" for post in self.posts), *(f"limit {limit['id']}" for limit in self.limits)]
        return all(len(self.holders(matching, name)) <= self.capacity(name) for name in names)

    def wishes(self, first: str, second: str, pairs: list[list[str | None]]) -> list[list[str | None]]:
        kept = pairs[: pairs.index([None, None])] if [None, None] in pairs else pairs
        return [pair for pair in kept if self.can(first, pair[0]) and self.can(second, pair[1])]

    def matchings(self) -> Iterator[Matching]:
        choices: list[list[list[Move]]] = [
            [[(person, post)] for post in (*(post for post in posts if self.can(person, post)), None)]
            for person, posts in self.singles.items()
        ]
        for first, second, pairs in self.couples:
            both: list[list[str | None]] = [*self.wishes(first, second, pairs), [None, None]]
            choices.append([[(first, pair[0]), (second, pair[1])] for pair in both])
        for chosen in product(*choices):
            matching = {person: post for part in chosen for person, post in part}
            if self.fits(matching):
                yield matching

    def moves(self) -> Iterator[list[list[Move]]]:
        """For each single and couple what they list, best first."""
        for person, posts in self.singles.items():
            yield [[(person, post)] for post in posts if self.can(person, post)]
        for first, second, pairs in self.couples:
            yield [[(first, pair[0]), (second, pair[1])] for pair in self.wishes(first, second, pairs)]

    def blocking(self, matching: Matching) -> set[Blocking]:
        found = set()
        for listed in self.moves():
            for move in listed:
                if all(matching[person] == post for person, post in move):
                    break
                if self.gets(matching, move):
                    found.add((tuple(person for person, _ in move), tuple(post for _, post in move)))
        return found

    def gets(self, matching: Matching, move: list[Move]) -> bool:
        needed = {resource for person, post in move for resource in self.resources(person, post)}
        return all(self.lets_in(matching, move, resource) for resource in needed)

    def lets_in(self, matching: Matching, move: list[Move], resource: str) -> bool:
        held = self.holders(matching, resource)
        coming = [(person, post) for person, post in move if resource in self.resources(person, post)]
        keeping = {person for person, _ in coming if person in held}
        newcomers = [(person, post) for person, post in coming if person not in held]
        seats: list[str | None] = [None] * (self.capacity(resource) - len(held))
        seats += [person for person in held if person not in keeping]
        return any(
            all(self.yields(matching, seat, newcomer) for seat, newcomer in zip(chosen, newcomers, strict=True))
            for chosen in permutations(seats, len(newcomers))
        )

    def yields(self, matching: Matching, seat: str | None, newcomer: Move) -> bool:
        if seat is None:
            return True
        post, other = newcomer[1], matching[seat]
        assert post is not None
        assert other is not None
        return (self.tier(seat, other) or 0) > (self.tier(newcomer[0], post) or 0)

    def stable(self) -> list[Matching]:
        return [matching for matching in self.matchings() if not self.blocking(matching)]


def some(random: Random, names: list[str], least: int = 0) -> list[str]:
    return random.sample(names, random.randint(min(least, len(names)), len(names)))


def overlapping(random: Random, singles: int, couples: int, posts: int, limits: int, *, ties: bool) -> Document:
    """Posts with orders of their own, and limits over any of them, for everybody or for some."""
    alone, places = [f"s{i}" for i in range(singles)], [f"p{i}" for i in range(posts)]
    pairs = [(f"a{i}", f"b{i}") for i in range(couples)]
    everybody = [*alone, *(member for pair in pairs for member in pair)]
    choices: list[str | None] = [*places, None]
    wishes = [[x, y] for x in choices for y in choices]

    def tiers() -> list[list[str]]:
        rows: list[list[str]] = [[]]
        for person in some(random, everybody, least=len(everybody) - 1):
            if rows[-1] and not (ties and random.random() < 0.25):
                rows.append([])
            rows[-1].append(person)
        return rows

    return {
        "proposers": [{"id": person, "preferences": some(random, places, least=1)} for person in alone],
        "posts": [{"id": post, "capacity": random.choice((1, 1, 2, 3)), "preferences": tiers()} for post in places],
        "couples": [
            {"members": list(pair), "preferences": random.sample(wishes, random.randint(1, min(5, len(wishes))))}
            for pair in pairs
        ],
        "limits": [
            {
                "id": f"l{i}",
                "capacity": random.choice((1, 1, 2)),
                "posts": some(random, places, least=2),
                **({} if random.random() < 0.7 else {"people": some(random, everybody, least=1)}),
            }
            for i in range(limits)
        ],
    }


def nested(
    random: Random, singles: int, posts: int, *, ties: bool = False, regions: int = 2, open_posts: int = 0
) -> Document:
    """Singles, nested limits, one order of people for all posts under an outermost limit; open posts are under none."""
    alone, places = [f"s{i}" for i in range(singles)], [f"p{i}" for i in range(posts)]
    cut = random.randint(0, posts) if regions > 1 else posts
    groups = [group for group in (places[:cut], places[cut:]) if group]
    limits: list[Document] = []
    unlimited = [f"o{i}" for i in range(open_posts)]
    orders: dict[str, list[list[str]]] = {}
    for number, group in enumerate(groups):
        order = random.sample(alone, len(alone))
        tied = 2 if ties else 1
        rows = [order[:tied], *([person] for person in order[tied:])]
        for post in group:
            listed = some(random, alone, least=len(alone) - 1)
            orders[post] = [[person for person in row if person in listed] for row in rows]
        limits.append({"id": f"outer{number}", "capacity": random.randint(1, 3), "posts": group})
        limits.append({"id": f"inner{number}", "capacity": random.randint(1, 2), "posts": group[: len(group) // 2]})
        limits.append({"id": f"own{number}", "capacity": 1, "posts": group[:1], "people": some(random, alone, least=1)})
    orders |= {post: [[person] for person in some(random, alone)] for post in unlimited}
    places += unlimited
    return {
        "proposers": [{"id": person, "preferences": some(random, places, least=1)} for person in alone],
        "posts": [{"id": post, "capacity": random.choice((1, 1, 2)), "preferences": orders[post]} for post in places],
        "limits": limits,
    }
