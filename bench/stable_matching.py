"""Speed of deferred acceptance and its proof on random markets, beside the PyPI package ``matching`` where installed.

Run with ``python -m bench.stable_matching``. Every figure is from one run on one machine; the ratio is what lasts.
Lists are random orders of ten posts; ``matching`` wants posts to rank exactly those who list them.
"""

import importlib
import importlib.util
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from numpy.random import Generator, default_rng

from engine.stability import stability_proof
from engine.stable_matching import deferred_acceptance

LIST_LENGTH = 10
SIZES = ((250, 112, 2), (1_000, 200, 4), (5_400, 357, 15), (50_000, 1_000, 50))
PEER_LIMIT = 5_400  # the peer is left out of larger markets
Lists = dict[str, list[str]]


def random_market(candidates: int, posts: int, capacity: int, rng: Generator) -> tuple[Lists, Lists, dict[str, int]]:
    """Random market whose posts rank exactly the candidates who list them."""
    lists = {f"k{i}": [f"p{j}" for j in rng.choice(posts, size=LIST_LENGTH, replace=False)] for i in range(candidates)}
    orders: Lists = {f"p{j}": [] for j in range(posts)}
    for i in rng.permutation(candidates):
        for post in lists[f"k{i}"]:
            orders[post].append(f"k{i}")
    return (
        lists,
        {post: list(rng.permutation(order)) for post, order in orders.items()},
        dict.fromkeys(orders, capacity),
    )


def seconds(work: Callable[[], Any], times: int = 3) -> float:
    """Shortest of a few runs."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def peer_matching(market: tuple[Lists, Lists, dict[str, int]]) -> dict[str, str]:
    """Resident-optimal matching by the peer, in our form."""
    game = importlib.import_module("matching.games").HospitalResident.create_from_dictionaries(*market)
    return {resident.name: hospital.name for hospital, residents in game.solve().items() for resident in residents}


def main(sizes: Sequence[tuple[int, int, int]] = SIZES) -> None:
    """Print one line per size."""
    sys.setrecursionlimit(1_000_000)  # the peer copies its players deeply, one level per acquaintance
    has_peer = importlib.util.find_spec("matching") is not None
    print("candidates posts capacity | matched | match s | proof s | pairs | peer s | peer/ours | same result")
    for candidates, posts, capacity in sizes:
        market = random_market(candidates, posts, capacity, default_rng(1))
        matching = deferred_acceptance(*market)
        proof = stability_proof(matching, *market)
        ours = seconds(partial(deferred_acceptance, *market))
        checking = seconds(partial(stability_proof, matching, *market))
        line = (
            f"{candidates} {posts} {capacity} | {len(matching)} | {ours:.4f} | {checking:.4f} | {proof.pairs_checked}"
        )
        if has_peer and candidates <= PEER_LIMIT:
            theirs = seconds(partial(peer_matching, market), times=1)
            line += f" | {theirs:.3f} | {theirs / ours:.0f} | {peer_matching(market) == matching}"
        print(line if proof.is_stable else f"{line} NOT STABLE")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
