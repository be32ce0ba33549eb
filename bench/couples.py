"""Status and time of matching with couples on random instances.

``python -m bench.couples [small|large|huge] [--seconds N]``. Singles list ten random posts. Each member of a couple has
ten random posts, and the couple lists 10 to 20 pairs of them, those whose places on the two lists add up to least
first. Posts rank everybody who lists them in random order, without ties or in tiers of five; there are exactly as many
places as people.
"""

import argparse
import time
from dataclasses import dataclass
from typing import Any

from numpy.random import Generator, default_rng

from engine.couple_solver import solve_instance
from engine.instance_document import parsed_instance

LIST_LENGTH = 10
PAIRS = (10, 20)


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a random instance, the seeds it is drawn with and how many people share a tier."""

    singles: int
    couples: int
    posts: int
    seeds: range
    tier: int = 1


SIZES = {
    "small": (Size(1_000, 150, 100, range(9)), Size(1_000, 150, 100, range(9), tier=5)),
    "large": (Size(20_000, 600, 1_000, range(3)),),
    "huge": (Size(38_000, 1_100, 5_000, range(3)),),
}


def random_document(size: Size, rng: Generator) -> dict[str, Any]:
    """Random instance in the form that ``stabil research solve`` reads."""
    listed: list[list[str]] = [[] for _ in range(size.posts)]

    def own_list(person: str) -> list[int]:
        posts = [int(post) for post in rng.choice(size.posts, LIST_LENGTH, replace=False)]
        for post in posts:
            listed[post].append(person)
        return posts

    singles = {f"s{i}": own_list(f"s{i}") for i in range(size.singles)}
    couples = []
    for i in range(size.couples):
        members = (f"c{i}a", f"c{i}b")
        first, second = own_list(members[0]), own_list(members[1])
        places = [(i, j) for i in range(LIST_LENGTH) for j in range(LIST_LENGTH)]
        places.sort(key=lambda place: place[0] + place[1] + rng.random())
        pairs = [(first[a], second[b]) for a, b in places[: int(rng.integers(PAIRS[0], PAIRS[1] + 1))]]
        couples.append({"members": list(members), "preferences": [list(pair) for pair in pairs]})
    each, over = divmod(size.singles + 2 * size.couples, size.posts)
    orders = [[str(person) for person in rng.permutation(people)] for people in listed]
    return {
        "proposers": [{"id": single, "preferences": posts} for single, posts in singles.items()],
        "posts": [
            {
                "id": post,
                "capacity": each + (post < over),
                "preferences": [order[start : start + size.tier] for start in range(0, len(order), size.tier)],
            }
            for post, order in enumerate(orders)
        ],
        "couples": couples,
    }


def main() -> None:
    """Print one line per instance."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", choices=[[], *SIZES])
    parser.add_argument(
        "--seconds", type=float, default=300.0, help="limit by the clock; processor time is told beside"
    )
    given: Any = parser.parse_args()
    print("singles couples posts tier seed | status | blocking | bound | placed | reading s | solving s | CPU s")
    for size in (size for name in given.sizes or SIZES for size in SIZES[name]):
        for seed in size.seeds:
            document = random_document(size, default_rng(seed))
            started = time.perf_counter()
            instance = parsed_instance(document)
            read, worked = time.perf_counter(), time.process_time()
            solution = solve_instance(instance, seconds=given.seconds, clock=time.monotonic)
            ended, worked = time.perf_counter(), time.process_time() - worked
            placed = sum(post >= 0 for post in solution.matching)
            print(
                f"{size.singles} {size.couples} {size.posts} {size.tier} {seed} | {solution.status} | "
                f"{len(solution.blocking)} | {solution.bound} | {placed} | {read - started:.2f} | {ended - read:.2f} | "
                f"{worked:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
