"""The log of a round: each entry holds the checksum of the one before, so that a change anywhere is found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

BEGINNING = "0" * 64
"""What stands in place of a checksum before the first entry."""

Detail = str | int | bool | None | Sequence[str]


class RoundAction(StrEnum):
    """What a step of a round did."""

    OPENED = "opened"
    POSTS_IMPORTED = "posts_imported"
    POSTS_SIMULATED = "posts_simulated"
    TERMS_IMPORTED = "terms_imported"
    TERMS_REMOVED = "terms_removed"
    SEALED = "sealed"
    CANDIDATES_IMPORTED = "candidates_imported"
    CANDIDATES_SIMULATED = "candidates_simulated"
    CODES_ISSUED = "codes_issued"
    WISHES_IMPORTED = "wishes_imported"
    WISHES_GIVEN = "wishes_given"
    LOTTERY_DRAWN = "lottery_drawn"
    RUN = "run"
    DECIDED = "decided"
    SECOND_ROUND = "second_round"
    CLOSED = "closed"
    CANDIDATE_DELETED = "candidate_deleted"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: when (UTC, ISO 8601), what, and the details as canonical JSON; never a wish, never a name."""

    number: int
    at: str
    action: str
    details: str
    previous_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What a check of the log found.

    Attributes
    ----------
    is_whole : bool
        Every checksum is right, and no entry is missing.
    entries : int
        Entries that are there.
    first_wrong : int or None
        Number of the first entry that is changed, missing or out of order.
    head_sha256 : str
        Checksum of the last entry. Whoever wrote it down can later see that nothing before it was changed.
    """

    is_whole: bool
    entries: int
    first_wrong: int | None
    head_sha256: str


def next_entry(
    round_id: int, last: LogEntry | None, at: datetime, action: RoundAction, details: Mapping[str, Detail]
) -> LogEntry:
    """The entry that follows the last one."""
    number = last.number + 1 if last else 1
    previous = last.sha256 if last else BEGINNING
    moment = at.astimezone(UTC).isoformat()
    text = json.dumps(details, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return LogEntry(number, moment, action, text, previous, _checksum(round_id, number, moment, action, text, previous))


def check_log(round_id: int, entries: Sequence[LogEntry], expected_length: int) -> LogCheck:
    """Compute every checksum again, in order; `expected_length` is the length that the round itself remembers."""
    previous, head = BEGINNING, entries[-1].sha256 if entries else BEGINNING
    for place, entry in enumerate(entries, start=1):
        told = _checksum(round_id, place, entry.at, entry.action, entry.details, previous)
        if entry.number != place or entry.previous_sha256 != previous or entry.sha256 != told:
            return LogCheck(False, len(entries), place, head)
        previous = entry.sha256
    is_whole = len(entries) == expected_length
    return LogCheck(is_whole, len(entries), None if is_whole else min(len(entries), expected_length) + 1, head)


def _checksum(round_id: int, number: int, at: str, action: str, details: str, previous: str) -> str:
    """SHA-256 of the fields in one line of JSON."""
    line = json.dumps([round_id, number, at, action, details, previous], ensure_ascii=False, separators=(",", ":"))
    return sha256(line.encode()).hexdigest()
