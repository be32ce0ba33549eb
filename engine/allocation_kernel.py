"""Deferred acceptance on arrays, from either side; made from frames by `engine.market`.

Candidates are numbered in the order of the lottery, 0 is drawn first. The pairs of candidate ``c`` are
``starts[c]:starts[c + 1]`` in own order, best first; ``post`` and ``tier`` belong to the pairs, tier -1 where the post
does not take the candidate. A post prefers the lower key ``tier << 40 | candidate``: nothing need be sorted for that,
and the key tells who it is.
"""

import numpy as np
from numpy.typing import NDArray

from engine.compiled import compiled

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
TIER_SHIFT = 40
CANDIDATE_MASK = (1 << TIER_SHIFT) - 1
ANYBODY = np.iinfo(np.int64).max


@compiled
def place_pairs(
    candidate: Int32s, post: Int32s, place: Int32s, tier: Int32s, free: Int64s, out: tuple[Int32s, Int32s, Int32s]
) -> None:
    """Write rows of pairs to where their candidate's next pair goes, ``free``, as (post, place, tier)."""
    for row in range(candidate.size):
        at = free[candidate[row]]
        free[candidate[row]] = at + 1
        out[0][at], out[1][at], out[2][at] = post[row], place[row], tier[row]


@compiled
def order_lists(starts: Int64s, post: Int32s, place: Int32s, tier: Int32s, posts: int) -> int:
    """Put every candidate's pairs in own order; give a pair whose post or place the candidate has twice, else -1."""
    seen = np.full(posts, -1, np.int32)
    for c in range(starts.size - 1):
        start, end = starts[c], starts[c + 1]
        is_ordered = True
        for at in range(start, end):
            if seen[post[at]] == c:
                return at
            seen[post[at]] = c
            if at > start and place[at - 1] >= place[at]:
                is_ordered = False
        if not is_ordered:
            _order_one(start, end, post, place, tier)
            for at in range(start + 1, end):
                if place[at - 1] == place[at]:
                    return at
    return -1


@compiled
def _order_one(start: int, end: int, post: Int32s, place: Int32s, tier: Int32s) -> None:
    """Shell's sort by place: NumPy's takes seconds to compile."""
    gap = 1
    while 3 * gap < end - start:
        gap = 3 * gap + 1
    while gap > 0:
        for at in range(start + gap, end):
            own_post, own_place, own_tier = post[at], place[at], tier[at]
            to = at
            while to >= start + gap and place[to - gap] > own_place:
                post[to], place[to], tier[to] = post[to - gap], place[to - gap], tier[to - gap]
                to -= gap
            post[to], place[to], tier[to] = own_post, own_place, own_tier
        gap //= 3


@compiled
def propose_from_candidates(starts: Int64s, post: Int32s, tier: Int32s, capacity: Int64s) -> tuple[Int64s, int]:
    """Pair that each candidate ends in, -1 for none, and how many proposals were made; best for every candidate.

    A post keeps the keys it holds in a heap, the worst on top, once it is full. Candidates come in the order of the
    lottery, so that few are let go; those wait for the next round, which lets the processor fetch their lists ahead.
    """
    heap_starts = _room_for_held(post, tier, capacity)
    heap = np.empty(heap_starts[-1], np.int64)
    held = np.zeros(capacity.size, np.int64)
    worst = np.full(capacity.size, ANYBODY)  # the key to beat
    for p in range(capacity.size):
        if capacity[p] == 0:
            worst[p] = -1
    following = np.empty((starts.size - 1, 2), np.int64)  # the next pair and the end, side by side: one read
    for c in range(starts.size - 1):
        following[c, 0], following[c, 1] = starts[c], starts[c + 1]
    waiting = np.arange(starts.size - 1, dtype=np.int32)
    proposals, size = 0, waiting.size
    while size:
        let_go = 0
        for turn in range(size):
            c = int(waiting[turn])
            while following[c, 0] < following[c, 1]:
                at = following[c, 0]
                following[c, 0] = at + 1
                if tier[at] < 0:
                    continue
                proposals += 1
                p, key = post[at], np.int64(tier[at]) << TIER_SHIFT | c
                if key > worst[p]:
                    continue
                base = heap_starts[p]
                if held[p] < capacity[p]:
                    heap[base + held[p]] = key
                    held[p] += 1
                    if held[p] == capacity[p]:
                        for root in range(held[p] // 2 - 1, -1, -1):
                            _sift(heap, base, held[p], root, heap[base + root])
                        worst[p] = heap[base]
                    break
                waiting[let_go] = heap[base] & CANDIDATE_MASK
                let_go += 1
                _sift(heap, base, held[p], 0, key)
                worst[p] = heap[base]
                break
            else:
                following[c, 0] = 0  # nobody takes the candidate
        size = let_go
    ends = np.empty(starts.size - 1, np.int64)
    for c in range(starts.size - 1):
        ends[c] = following[c, 0] - 1
    return ends, proposals


@compiled
def _room_for_held(post: Int32s, tier: Int32s, capacity: Int64s) -> Int64s:
    """Where the keys of each post begin; no more room than there are pairs, however large the capacities."""
    wanted = capacity.copy()
    if capacity.sum() > post.size:
        wanted[:] = 0
        for at in range(post.size):
            if tier[at] >= 0:
                wanted[post[at]] += 1
    heap_starts = np.zeros(capacity.size + 1, np.int64)
    for p in range(capacity.size):
        heap_starts[p + 1] = heap_starts[p] + min(wanted[p], capacity[p])
    return heap_starts


@compiled
def _sift(heap: Int64s, base: int, size: int, root: int, key: np.int64) -> None:
    """Put a key in the place of a root and let it sink below all that are worse."""
    at = root
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and heap[base + child + 1] > heap[base + child]:
            child += 1
        if heap[base + child] <= key:
            break
        heap[base + at] = heap[base + child]
        at = child
    heap[base + at] = key


@compiled
def post_lists(starts: Int64s, post: Int32s, tier: Int32s, posts: int) -> tuple[Int64s, Int32s, Int32s]:
    """Acceptable pairs by post, best first: where each post's begin, the pairs, their candidates."""
    top = -1
    for at in range(post.size):
        top = max(top, tier[at])
    tier_starts, list_starts = np.zeros(top + 2, np.int64), np.zeros(posts + 1, np.int64)
    for at in range(post.size):
        if tier[at] >= 0:
            tier_starts[tier[at] + 1] += 1
            list_starts[post[at] + 1] += 1
    tier_starts, list_starts = np.cumsum(tier_starts), np.cumsum(list_starts)
    acceptable = list_starts[-1]
    by_tier, owner_by_tier = np.empty(acceptable, np.int32), np.empty(acceptable, np.int32)
    for c in range(starts.size - 1):
        for at in range(starts[c], starts[c + 1]):
            if tier[at] >= 0:
                to = tier_starts[tier[at]]
                tier_starts[tier[at]] = to + 1
                by_tier[to], owner_by_tier[to] = at, c
    pairs, owners = np.empty(acceptable, np.int32), np.empty(acceptable, np.int32)
    free = list_starts[:-1].copy()
    for row in range(acceptable):
        p = post[by_tier[row]]
        pairs[free[p]], owners[free[p]] = by_tier[row], owner_by_tier[row]
        free[p] += 1
    return list_starts, pairs, owners


@compiled
def propose_from_posts(
    candidates: int, post: Int32s, capacity: Int64s, list_starts: Int64s, pairs: Int32s, owners: Int32s
) -> Int64s:
    """Pair that each candidate ends in, -1 for none; best for every post, worst for every candidate among the stable.

    A candidate's own order is the order of the pairs, so the lower pair is the better one.
    """
    ends = np.full(candidates, -1, np.int64)
    following, free = list_starts[:-1].copy(), capacity.copy()
    waiting = np.arange(capacity.size)  # posts that may still propose, as a stack
    is_waiting = np.ones(capacity.size, np.bool_)
    size = capacity.size
    while size:
        size -= 1
        p = waiting[size]
        is_waiting[p] = False
        while free[p] > 0 and following[p] < list_starts[p + 1]:
            at, c = pairs[following[p]], owners[following[p]]
            following[p] += 1
            left = ends[c]
            if left >= 0 and left < at:
                continue
            ends[c] = at
            free[p] -= 1
            if left >= 0:
                other = post[left]
                free[other] += 1
                if not is_waiting[other]:
                    is_waiting[other] = True
                    waiting[size] = other
                    size += 1
    return ends
