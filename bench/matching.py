"""Speed and memory of matching and ranking from frames, beside the packages `matching`, `algmatch` and FAISS.

``python -m bench.matching peers --peers DIR`` solves one instance by each, instance building included, and compares the
matchings; ``scale`` matches up to a million candidates beside a bare kernel; ``ranking --peers DIR`` ranks both ways
beside FAISS ``IndexFlatIP``; ``first`` tells what the first match costs while nothing is compiled. The peers are no
dependencies: ``pip install --no-deps --target DIR matching algmatch tqdm gurobipy faiss-cpu`` (algmatch imports
gurobipy even for what it solves without it).

Every job runs in a process of its own. Times are ``processor / wall`` seconds, the best of a few runs once compiled;
memory is the process's peak after matching, input frames included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from engine.compiled import compiled
from engine.market import candidate_optimal, market_from_frames, post_optimal, rank_distribution
from engine.pair_stability import pair_stability
from engine.pool_ranking import Conditions, rank_pool

LIST_LENGTH = 20
TIERS = 3
Seconds = tuple[float, float]


def random_frames(candidates: int, posts: int, capacity: int, seed: int = 1) -> tuple[pl.DataFrame, ...]:
    """Pairs, candidates and posts: lists of twenty posts, all equally liked, three tiers, one lottery."""
    rng = np.random.default_rng(seed)
    post = np.empty((candidates, LIST_LENGTH), np.int32)
    for first in range(0, candidates, 50_000):
        drawn = post[first : first + 50_000]
        again = np.arange(len(drawn))
        while again.size:
            drawn[again] = rng.integers(0, posts, (again.size, LIST_LENGTH), dtype=np.int32)
            ordered = np.sort(drawn[again], axis=1)
            again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
    pairs = pl.DataFrame(
        {
            "candidate_id": np.repeat(np.arange(candidates, dtype=np.int32), LIST_LENGTH),
            "post_id": post.ravel(),
            "place": np.tile(np.arange(1, LIST_LENGTH + 1, dtype=np.uint8), candidates),
            "tier": rng.integers(0, TIERS, post.size, dtype=np.uint8),
        }
    )
    lottery = {"candidate_id": np.arange(candidates, dtype=np.int32), "lottery_place": rng.permutation(candidates)}
    places = {"post_id": np.arange(posts, dtype=np.int32), "capacity": np.full(posts, capacity)}
    return pairs, pl.DataFrame(lottery), pl.DataFrame(places)


@compiled
def proposal_order(starts: Any, post: Any, tier: Any, capacity: Any, order: Any) -> int:  # noqa: ANN401
    """Write who proposes when, if whoever is let go does so at once; found by looking at all whom a post holds."""
    heap_starts = np.append(np.zeros(1, np.int64), np.cumsum(capacity))
    keys, held, following = np.zeros(heap_starts[-1], np.int64), np.zeros(capacity.size, np.int64), starts[:-1].copy()
    made = 0
    for first in range(starts.size - 1):
        c = first
        while following[c] < starts[c + 1]:
            p, key = post[following[c]], np.int64(tier[following[c]]) << 40 | c
            order[made] = c
            made += 1
            following[c] += 1
            if held[p] < capacity[p]:
                keys[heap_starts[p] + held[p]] = key
                held[p] += 1
                break
            slot = heap_starts[p] + np.argmax(keys[heap_starts[p] : heap_starts[p + 1]])
            if key < keys[slot]:
                c, keys[slot] = keys[slot] & ((1 << 40) - 1), key
    return made


@compiled
def bare_kernel(starts: Any, post: Any, tier: Any, capacity: Any, order: Any) -> int:  # noqa: ANN401
    """Read and write what the same proposals must, in a possible order, and decide nothing; the sum is to be used.

    A proposal reads where its candidate has come and must end, its pair, and its post's worst key; it reads and writes
    one of the keys that the post holds.
    """
    heap_starts = np.append(np.zeros(1, np.int64), np.cumsum(capacity))
    keys, held, following = np.zeros(heap_starts[-1], np.int64), np.zeros(capacity.size, np.int64), starts[:-1].copy()
    worst = np.zeros(capacity.size, np.int64)
    total = 0
    for c in order:
        at = following[c]
        following[c] = at + 1
        total += starts[c + 1]
        p, key = post[at], np.int64(tier[at]) << 40 | c
        slot = heap_starts[p] + held[p]
        total += worst[p] + keys[slot]
        keys[slot] = worst[p] = key
        held[p] = held[p] + 1 if slot + 1 < heap_starts[p + 1] else 0
    return total


def seconds(work: Callable[[], Any], times: int = 3) -> Seconds:
    """Processor and wall seconds of the run that took the processor least."""
    spent = []
    for _ in range(times):
        processor, wall = time.process_time(), time.perf_counter()
        work()
        spent.append((time.process_time() - processor, time.perf_counter() - wall))
    return min(spent)


def match_ours(frames: tuple[pl.DataFrame, ...]) -> dict[int, int]:
    """Our matching, from the frames."""
    return dict(candidate_optimal(market_from_frames(*frames)).select("candidate_id", "post_id").iter_rows())


def _lists(frames: tuple[pl.DataFrame, ...]) -> tuple[dict[int, list[int]], dict[int, list[int]], dict[int, int]]:
    pairs, lottery, posts = frames
    own = pairs.sort("place").group_by("candidate_id", maintain_order=True).agg("post_id")
    orders = (
        pairs.join(lottery, on="candidate_id")
        .sort("tier", "lottery_place")
        .group_by("post_id", maintain_order=True)
        .agg("candidate_id")
    )
    return dict(own.iter_rows()), dict(orders.iter_rows()), dict(posts.iter_rows())


def match_matching(frames: tuple[pl.DataFrame, ...]) -> dict[int, int]:
    """The matching of the package `matching`, from the frames."""
    sys.setrecursionlimit(1_000_000)  # it copies its players deeply, one level per acquaintance
    game = import_module("matching.games").HospitalResident.create_from_dictionaries(*_lists(frames))
    return {resident.name: hospital.name for hospital, residents in game.solve().items() for resident in residents}


def match_algmatch(frames: tuple[pl.DataFrame, ...]) -> dict[int, int]:
    """The matching of the package `algmatch`, from the frames."""
    own, orders, capacities = _lists(frames)
    hospitals = {post: {"capacity": capacities[post], "preferences": order} for post, order in orders.items()}
    problem = import_module("algmatch").HospitalResidentsProblem(dictionary={"residents": own, "hospitals": hospitals})
    found = problem.get_stable_matching()["resident_sided"]
    return {int(resident[1:]): int(hospital[1:]) for resident, hospital in found.items() if hospital}


SOLVERS = {"ours": match_ours, "matching": match_matching, "algmatch": match_algmatch}


def solve_job(name: str, candidates: int) -> dict[str, Any]:
    """Time of one solver from frames, and a fingerprint of its matching; ours is compiled before."""
    frames = random_frames(candidates, candidates // 10, 10)
    if name == "ours":
        match_ours(random_frames(50, 25, 2))
    found: dict[int, int] = {}
    spent = seconds(lambda: found.update(SOLVERS[name](frames)), 3 if name == "ours" else 1)
    return {"seconds": spent, "matched": len(found), "sha": sha256(repr(sorted(found.items())).encode()).hexdigest()}


def scale_job(candidates: int, capacity: int) -> dict[str, Any]:
    """Times of the parts of a large match, the process's peak, and whether the matching is stable."""
    from engine import allocation_kernel as kernel

    frames = random_frames(candidates, candidates // 100, capacity)
    small = random_frames(50, 25, 2)
    candidate_optimal(market_from_frames(*small))
    whole = seconds(lambda: candidate_optimal(market_from_frames(*frames)))
    peak = _peak_gib()
    market = market_from_frames(*frames)
    arrays = market.starts, market.post, market.tier, market.capacity
    matched = seconds(lambda: kernel.propose_from_candidates(*arrays))
    ends, proposals = kernel.propose_from_candidates(*arrays)
    made = np.where(ends >= 0, ends - market.starts[:-1] + 1, np.diff(market.starts)).sum()
    order = np.empty(proposals, np.int64)
    assert proposal_order(*arrays, order) == proposals == made
    bare_kernel(*arrays, order)
    floor = seconds(lambda: bare_kernel(*arrays, order))
    post_optimal(market_from_frames(*small))
    other = seconds(lambda: post_optimal(market), 1)
    sides = {"candidates": candidate_optimal(market), "posts": post_optimal(market)}
    proofs: list[bool] = []
    proof = seconds(lambda: proofs.extend(pair_stability(each, *frames).is_stable for each in sides.values()), 1)
    ranks = {side: dict(rank_distribution(each, candidates).iter_rows()) for side, each in sides.items()}
    return {
        "whole": whole, "gib": peak, "matched": matched, "proposals": int(proposals), "floor": floor,
        "post_side": other, "proof": proof, "is_stable": all(proofs),
        "ranks": {side: {str(choice): count for choice, count in each.items()} for side, each in ranks.items()},
    }  # fmt: skip


def ranking_job(doctors: int, posts: int, threads: int) -> dict[str, Any]:
    """Times of FAISS in either direction and of ours in both, without and with conditions; how many rows agree."""
    faiss: Any = import_module("faiss")
    faiss.omp_set_num_threads(threads)
    rng = np.random.default_rng(1)
    weights, features = (rng.normal(size=(items, 32)).astype(np.float32) for items in (doctors, posts))
    sides = [
        Conditions(
            rng.integers(0, 16, n) | rng.integers(0, 16, n), 1 << rng.integers(0, 4, n), 1 + rng.integers(0, 7, n)
        )
        for n in (doctors, posts)
    ]
    before = _peak_gib()
    rank_pool(weights[:1000], features, 50, doctors=None, posts=sides[1], threads=threads)
    ours = seconds(lambda: rank_pool(weights, features, 50, threads=threads))
    found = rank_pool(weights, features, 50, threads=threads)
    with_conditions = seconds(
        lambda: rank_pool(weights, features, 50, doctors=sides[0], posts=sides[1], threads=threads)
    )
    peak = _peak_gib()
    of_posts, of_doctors = faiss.IndexFlatIP(32), faiss.IndexFlatIP(32)
    of_posts.add(features)
    of_doctors.add(weights)
    one, other = seconds(lambda: of_posts.search(weights, 50)), seconds(lambda: of_doctors.search(features, 50))
    return {
        "ours": ours, "with_conditions": with_conditions, "faiss_posts": one, "faiss_doctors": other,
        "gib": peak, "gib_before": before,
        "same": float((of_posts.search(weights, 50)[1] == found.posts_of_doctors.rows).mean()),
        "same_other": float((of_doctors.search(features, 50)[1] == found.doctors_of_posts.rows).mean()),
    }  # fmt: skip


def first_job() -> dict[str, Any]:
    """Times of the first and the second small match in a process."""
    frames = random_frames(50, 25, 2)
    return {"first": seconds(lambda: match_ours(frames), 1), "second": seconds(lambda: match_ours(frames), 1)}


def measured(peers: str | None, *job: str, cache: str | None = None) -> dict[str, Any]:
    """What a job found in a process of its own."""
    command = [sys.executable, "-m", "bench.matching", "job", *(["--peers", peers] if peers else []), "--job", *job]
    own = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=own)
    if done.returncode:
        raise SystemExit(f"{' '.join(job)} failed, as told above")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(peers: str | None, sizes: list[int]) -> None:
    """Print the table beside `matching` and `algmatch`."""
    print("| candidates × posts | solver | from frames | times ours | same matching |\n|---|---|---|---|---|")
    for size in sizes:
        ours = measured(None, "solve", "ours", str(size))
        for name in SOLVERS:
            found = ours if name == "ours" else measured(peers, "solve", name, str(size))
            ratio = found["seconds"][0] / ours["seconds"][0]
            print(
                f"| {size:,} × {size // 10:,} | {name} | {_told(found['seconds'])} | {ratio:,.0f} "
                f"| {'yes' if found['sha'] == ours['sha'] else 'NO'} |",
                flush=True,
            )


def scale(sizes: list[int]) -> None:
    """Print the table of large matches, each with as many places as candidates and with a tenth fewer."""
    print(
        "| candidates | places | proposals | from frames | matching | bare kernel | matching / bare "
        "| whole / matching | peak | post side | proof of both |\n|" + "---|" * 11
    )
    for capacity in (100, 90):
        for size in sizes:
            found = measured(None, "scale", str(size), str(capacity))
            ratios = found["matched"][0] / found["floor"][0], found["whole"][0] / found["matched"][0]
            print(
                f"| {size:,} | {size // 100 * capacity:,} | {found['proposals']:,} | {_told(found['whole'])} "
                f"| {_told(found['matched'])} | {_told(found['floor'])} | {ratios[0]:.1f} | {ratios[1]:.1f} "
                f"| {found['gib']:.2f} GiB | {_told(found['post_side'])} "
                f"| {_told(found['proof'])}{'' if found['is_stable'] else ' NOT STABLE'} |",
                flush=True,
            )
            for side, ranks in found["ranks"].items():
                print(f"  {side}: {ranks}", file=sys.stderr, flush=True)


def rank(peers: str | None, doctors: int, posts: int) -> None:
    """Print the table beside FAISS."""
    print(
        "| threads | ours, both ways | with conditions | FAISS, posts per doctor | FAISS, doctors per post "
        "| FAISS one way / ours with conditions | rows as FAISS | memory for ranking |\n|" + "---|" * 8
    )
    for threads in (1, 2):
        found = measured(peers, "ranking", str(doctors), str(posts), str(threads))
        ratio = [found["faiss_posts"][at] / found["with_conditions"][at] for at in (0, 1)]
        print(
            f"| {threads} | {_told(found['ours'])} | {_told(found['with_conditions'])} | {_told(found['faiss_posts'])} "
            f"| {_told(found['faiss_doctors'])} | {ratio[0]:.1f} / {ratio[1]:.1f} "
            f"| {found['same']:.4%}, {found['same_other']:.4%} | {found['gib'] - found['gib_before']:.2f} GiB |",
            flush=True,
        )


def first() -> None:
    """Print what the first match costs without and with what is kept on disk."""
    with tempfile.TemporaryDirectory() as folder:
        for told in ("nothing compiled yet", "compiled by an earlier process"):
            found = measured(None, "first", cache=folder)
            print(f"{told}: first match {_told(found['first'])}, second {_told(found['second'])}", flush=True)


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["peers", "scale", "ranking", "first", "job"])
    parser.add_argument("--peers", help="folder that holds the packages to compare with")
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--job", nargs="+", default=[])
    given: Any = parser.parse_args()
    if given.peers:
        sys.path.append(given.peers)
    if given.what == "peers":
        compare(given.peers, given.sizes or [1_000, 10_000])
    elif given.what == "scale":
        scale(given.sizes or [250_000, 500_000, 1_000_000])
    elif given.what == "ranking":
        rank(given.peers, *(given.sizes or (100_000, 10_000)))
    elif given.what == "first":
        first()
    else:
        print(json.dumps(_job(*given.job)))


def _job(name: str, *sizes: str) -> dict[str, Any]:
    if name == "solve":
        return solve_job(sizes[0], int(sizes[1]))
    if name == "first":
        return first_job()
    return (scale_job if name == "scale" else ranking_job)(*map(int, sizes))


def _told(spent: Seconds) -> str:
    return f"{spent[0]:.3g} / {spent[1]:.3g} s"


def _peak_gib() -> float:
    # Not getrusage: its peak is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024**2


if __name__ == "__main__":
    main()
