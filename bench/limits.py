"""Status and time of matching where posts share limits, on random instances; ``python -m bench.limits [kind …]``.

1,000 doctors list ten of 300 posts, most of them in one region; posts have one to four places, together 0.75 for each
doctor, and 60 limits hold four fifths of the places of their posts. Kinds of instances:

- ``nested``: ten regions with a limit, five limits within each; one order of doctors per region.
- ``overlapping``: 60 limits over five posts drawn from a region; one order of doctors per region.
- ``group_orders``: the same limits; a doctor belongs to one of four groups, and each post orders the groups in one of
  three ways, then all by one lottery: adverts under one limit with different tiers.
- ``own_orders``: the same limits; every post orders doctors by itself, so no scale is shared at all. The worst case.
"""

import sys
import time
from typing import Any

from numpy.random import Generator, default_rng

from engine.couple_solver import solve_instance
from engine.instance_document import parsed_instance

REGIONS, POSTS, DOCTORS, LIMITS, LIST_LENGTH = 10, 300, 1_000, 60, 10
SECONDS = 60.0
GROUP_ORDERS = ((0, 1, 2, 3), (1, 0, 2, 3), (0, 2, 1, 3))
SEEDS = range(3)


def random_document(kind: str, rng: Generator) -> dict[str, Any]:
    """Random instance in the form that ``stabil research solve`` reads."""
    regions = [list(range(first, POSTS, REGIONS)) for first in range(REGIONS)]
    wishes = [_own_list(regions, rng) for _ in range(DOCTORS)]
    capacities = [int(places) for places in rng.integers(1, 5, POSTS)]
    listed: list[list[int]] = [[] for _ in range(POSTS)]
    for doctor, posts in enumerate(wishes):
        for post in posts:
            listed[post].append(doctor)
    ranks = _ranks(kind, rng)
    return {
        "proposers": [{"id": doctor, "preferences": posts} for doctor, posts in enumerate(wishes)],
        "posts": [
            {"id": post, "capacity": capacities[post], "preferences": _tiers(listed[post], ranks[post])}
            for post in range(POSTS)
        ],
        "limits": [
            {"id": number, "capacity": sum(capacities[post] for post in posts) * 4 // 5, "posts": posts}
            for number, posts in enumerate(_limits(kind, regions, rng))
        ],
    }


def _own_list(regions: list[list[int]], rng: Generator) -> list[int]:
    """Seven posts of one region and three of any, in random order."""
    home = regions[int(rng.integers(REGIONS))]
    posts = [home[int(at)] for at in rng.choice(len(home), LIST_LENGTH - 3, replace=False)]
    others = [int(post) for post in rng.permutation(POSTS) if post not in home][:3]
    return [int(post) for post in rng.permutation([*posts, *others])]


def _ranks(kind: str, rng: Generator) -> list[list[int]]:
    """For each post the rank of every doctor, lowest first."""
    if kind == "own_orders":
        return [rng.permutation(DOCTORS).tolist() for _ in range(POSTS)]
    if kind in ("nested", "overlapping"):
        orders = [rng.permutation(DOCTORS).tolist() for _ in range(REGIONS)]
        return [orders[post % REGIONS] for post in range(POSTS)]
    groups, lots = rng.integers(0, 4, DOCTORS), rng.permutation(DOCTORS)
    kinds = [
        [int(order[group] * DOCTORS + lot) for group, lot in zip(groups, lots, strict=True)] for order in GROUP_ORDERS
    ]
    return [kinds[int(rng.integers(len(kinds)))] for _ in range(POSTS)]


def _tiers(doctors: list[int], ranks: list[int]) -> list[list[int]]:
    tiers: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for doctor in doctors:
        tiers[ranks[doctor]].append(doctor)
    return tiers


def _limits(kind: str, regions: list[list[int]], rng: Generator) -> list[list[int]]:
    each = LIMITS // REGIONS - 1
    if kind == "nested":
        inner = [region[start::each] for region in regions for start in range(each)]
        return [*regions, *inner]
    drawn = [regions[number % REGIONS] for number in range(LIMITS)]
    return [[region[int(at)] for at in rng.choice(len(region), 5, replace=False)] for region in drawn]


def main(names: list[str]) -> None:
    """Print one line per instance."""
    print("kind seed | status | blocking | bound | placed | reading s | solving s | CPU s")
    for kind in names or ("nested", "overlapping", "group_orders", "own_orders"):
        for seed in SEEDS:
            started = time.perf_counter()
            instance = parsed_instance(random_document(kind, default_rng(seed)))
            read, worked = time.perf_counter(), time.process_time()
            solution = solve_instance(instance, seconds=SECONDS, clock=time.monotonic)
            ended, worked = time.perf_counter(), time.process_time() - worked
            placed = sum(post >= 0 for post in solution.matching)
            print(
                f"{kind} {seed} | {solution.status} | {len(solution.blocking)} | {solution.bound} | {placed} | "
                f"{read - started:.2f} | {ended - read:.2f} | {worked:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
