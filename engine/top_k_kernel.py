"""The best of every row and every column of a block of scores; used by `engine.pool_ranking`.

A score and its place become one whole number, so that they are compared at once and ties go to the lower place: the
score's 32 bits in front, made to order as the numbers do, then what the place leaves of 2³² - 1. The best so far
stand in a heap, the worst on top; ``floor`` is the score that a new one must exceed.

Loops over a whole row work on slices: indices that are sums keep the compiler from taking many scores at once.

Before a row is read its floor is raised to what the highest of a few hundred groups of its scores tell: of a row of
ten thousand some sixty scores are then looked at, not three hundred.
"""

import numpy as np
from numpy.typing import NDArray

from engine.compiled import compiled

Floats = NDArray[np.float32]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Best = tuple[Int64s, Int64s, Floats]
"""Heaps of keys (item, k), how many each holds, floors."""

Conditions = tuple[Int32s, Int32s, Int32s]
"""What each item has, what it asks of the other side, the groups it belongs to or takes; as bits."""

LAST_PLACE = (1 << 32) - 1
GROUPS = 128
NOBODY = np.float32(-np.inf)


@compiled
def keep_best(scores: Floats, first_row: int, first_column: int, rows: Best, columns: Best) -> None:
    """Offer every score of a block above minus infinity to its row's and its column's best.

    ``rows`` begins with the block's first row, ``columns`` with the first of all.
    """
    width = scores.shape[1]
    row_keys, row_held, row_floor = rows
    column_keys, column_held, column_floor = columns
    block_floor = column_floor[first_column : first_column + width]
    # Flags of eight scores are looked at as one word: most words are empty.
    flags = np.zeros((width + 7) // 8 * 8, np.uint8)
    words = flags.view(np.uint64)
    for i in range(scores.shape[0]):
        floor = max(row_floor[i], _floor_by_groups(scores[i], row_keys.shape[1]))
        row_floor[i] = floor
        line = scores[i]
        for j in range(width):
            flags[j] = line[j] > min(floor, block_floor[j])
        for word in range(words.size):
            if words[word] == 0:
                continue
            for j in range(8 * word, 8 * word + 8):
                if not flags[j]:
                    continue
                score, row, column = scores[i, j], first_row + i, first_column + j
                if score > row_floor[i]:
                    _offer(row_keys, row_held, row_floor, i, _key(score, column))
                if score > column_floor[column]:
                    _offer(column_keys, column_held, column_floor, column, _key(score, row))


@compiled
def rule_out(scores: Floats, first_row: int, first_column: int, rows: Conditions, columns: Conditions) -> None:
    """Set the scores of pairs that may not have each other to minus infinity."""
    width = scores.shape[1]
    has = columns[0][first_column : first_column + width]
    asks = columns[1][first_column : first_column + width]
    groups = columns[2][first_column : first_column + width]
    for i in range(scores.shape[0]):
        line, row = scores[i], first_row + i
        own_lacks, own_asks, own_groups = ~rows[0][row], rows[1][row], rows[2][row]
        for j in range(width):
            lacking = (asks[j] & own_lacks) | (own_asks & ~has[j])
            if (lacking != 0) | (groups[j] & own_groups == 0):
                line[j] = NOBODY


@compiled
def _floor_by_groups(line: Floats, k: int) -> np.float32:
    """Score just below the k-th highest of the groups' highest: at least k of the line are above it, few more."""
    groups = max(GROUPS, 4 * k)
    if line.size < 2 * groups:
        return NOBODY
    highest = np.full(groups, NOBODY)
    for start in range(0, line.size - groups + 1, groups):
        part = line[start : start + groups]
        for j in range(groups):
            highest[j] = max(part[j], highest[j])
    _lead(highest, k)
    least = highest[:k].min()
    if least == NOBODY:
        return NOBODY
    return _score((_key(least, 0) >> 32) - 2 << 32)  # one step below zero is minus zero, which is no less


@compiled
def _lead(values: Floats, k: int) -> None:
    """Hoare's selection: bring the k highest to the front."""
    low, high = 0, values.size - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k - 1 <= j:
            high = j
        elif k - 1 >= i:
            low = i
        else:
            return


@compiled
def _key(score: np.float32, place: int) -> np.int64:
    bits = np.int64(np.float32(score + np.float32(0)).view(np.int32))  # minus zero becomes zero
    return (bits if bits >= 0 else bits ^ 0x7FFFFFFF) << 32 | (LAST_PLACE - place)


@compiled
def _score(key: np.int64) -> np.float32:
    bits = key >> 32
    return np.int32(bits if bits >= 0 else bits ^ 0x7FFFFFFF).view(np.float32)


@compiled
def _offer(keys: Int64s, held: Int64s, floor: Floats, item: int, key: np.int64) -> None:
    """Take a key into an item's heap, which is one only once it is full; then the worst leaves."""
    size, room = held[item], keys.shape[1]
    if size == room:
        _sink(keys, item, 0, key)
    else:
        keys[item, size] = key
        held[item] = size + 1
        if size + 1 < room:
            return
        for root in range(room // 2 - 1, -1, -1):
            _sink(keys, item, root, keys[item, root])
    floor[item] = _score(keys[item, 0])


@compiled
def _sink(keys: Int64s, item: int, root: int, key: np.int64) -> None:
    """Put a key in the place of a root and let it sink below all that are lower."""
    at, room = root, keys.shape[1]
    while True:
        child = 2 * at + 1
        if child >= room:
            break
        if child + 1 < room and keys[item, child + 1] < keys[item, child]:
            child += 1
        if keys[item, child] >= key:
            break
        keys[item, at] = keys[item, child]
        at = child
    keys[item, at] = key
