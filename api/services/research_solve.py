"""Solves a matching instance from a file, with what its posts share."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from engine.couple_solver import Status
from engine.instance import NOWHERE, Expected, Identifier, Instance, InstanceError
from engine.minimum_quota import Cap, MinimumStatus, Reached
from engine.terms_allocation import Allocation, allocate
from engine.terms_document import parsed_terms
from features.errors import InvalidInputError

DEFINITION = (
    "Weak stability with couples by Biro, Manlove and McBride (2014), cases 1, 2 and 3a-3d; a pair at one post needs "
    "two places; null is always possible."
)
DEFINITION_WITH_LIMITS = (
    DEFINITION + " A post with limits takes somebody if the post and every limit where they have no seat yet have a "
    "free seat or hold somebody in a strictly worse tier."
)


@dataclass(frozen=True, slots=True)
class BlockingEntry:
    """Who would rather have what, by which case of the definition."""

    proposers: tuple[Identifier, ...]
    posts: tuple[Identifier | None, ...]
    case: str


@dataclass(frozen=True, slots=True)
class LimitSeats:
    """Seats of a limit, and how many are taken."""

    capacity: int
    taken: int


@dataclass(frozen=True, slots=True)
class MovedPlaces:
    """So many places went from one post to another."""

    from_post: Identifier
    to_post: Identifier
    places: int


@dataclass(frozen=True, slots=True)
class ReversionAnswer:
    """Places that changed hands, and what each post has after it; complete unless time was up."""

    is_complete: bool
    moved: tuple[MovedPlaces, ...]
    capacities: dict[str, int]


@dataclass(frozen=True, slots=True)
class MinimumAnswer:
    """Whether the least numbers are met, what is reached, and what a cap on all other posts costs."""

    status: MinimumStatus
    reached: tuple[Reached, ...]
    cap: Cap | None


@dataclass(frozen=True, slots=True)
class SolveAnswer:
    """What is known about an instance.

    Attributes
    ----------
    bound : int
        Proven: every matching has at least so many blocking.
    ignored : int
        Wishes that cannot count, because the post does not rank the person or null comes first.
    limits, reversion, minimums
        None where the document has no such field.
    """

    status: Status
    matching: dict[str, Identifier | None]
    blocking: tuple[BlockingEntry, ...]
    bound: int
    ignored: int
    seconds: float
    definition: str
    limits: dict[str, LimitSeats] | None
    reversion: ReversionAnswer | None
    minimums: MinimumAnswer | None

    def fields(self) -> Mapping[str, Any]:
        """The answer as JSON has it; what the document does not ask about is left out."""
        asked = {"limits": self.limits, "reversion": self.reversion, "minimums": self.minimums}
        return {name: value for name, value in asdict(self).items() if name not in asked or asked[name] is not None}


def solve_file(file: Path, *, seconds: float, seed: int) -> SolveAnswer:
    """The answer for the instance in a JSON file; `InstanceError` says where the file is wrong."""
    started = monotonic()
    terms = parsed_terms(read_document(file))
    instance = terms.instance
    solution = allocate(instance, terms.reversions, terms.minimums, seconds=seconds, clock=monotonic, seed=seed)
    return SolveAnswer(
        status=solution.status,
        matching={
            str(person): _post(instance, post) for person, post in zip(instance.people, solution.matching, strict=True)
        },
        blocking=tuple(
            BlockingEntry(
                tuple(instance.people[person] for person in entry.people),
                tuple(_post(instance, post) for post in entry.posts),
                entry.case,
            )
            for entry in solution.blocking
        ),
        bound=solution.bound,
        ignored=instance.ignored,
        seconds=round(monotonic() - started, 3),
        definition=DEFINITION_WITH_LIMITS if "limits" in terms.fields or solution.cap else DEFINITION,
        limits=_limits(instance, solution) if "limits" in terms.fields else None,
        reversion=_reversion(instance, solution) if "reversions" in terms.fields else None,
        minimums=_minimums(solution) if "minimums" in terms.fields else None,
    )


def _limits(instance: Instance, solution: Allocation) -> dict[str, LimitSeats]:
    return {
        str(limit.identifier): LimitSeats(
            limit.capacity, sum(limit.counts(person, post) for person, post in enumerate(solution.matching))
        )
        for limit in instance.limits
    }


def _reversion(instance: Instance, solution: Allocation) -> ReversionAnswer:
    return ReversionAnswer(
        solution.reversion_is_complete,
        tuple(
            MovedPlaces(instance.posts[moved.from_post], instance.posts[moved.to_post], moved.places)
            for moved in solution.moved
        ),
        {str(post): capacity for post, capacity in zip(instance.posts, solution.capacities, strict=True)},
    )


def _minimums(solution: Allocation) -> MinimumAnswer:
    return MinimumAnswer(solution.minimum_status, solution.minimums, solution.cap)


def write_answer(answer: SolveAnswer, out: Path) -> None:
    """Write the answer as JSON, at once or not at all."""
    partial = out.with_name(out.name + ".part")
    try:
        partial.write_text(json.dumps(answer.fields(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        partial.replace(out)
    except OSError as error:
        raise InvalidInputError("OUT", str(out), "a file that can be written") from error


def _post(instance: Instance, post: int) -> Identifier | None:
    return None if post == NOWHERE else instance.posts[post]


def read_document(file: Path) -> object:
    """What a JSON file holds; `InstanceError` if it cannot be opened or is no JSON."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InstanceError("$", str(file), Expected.FILE) from error
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InstanceError("$", str(error), Expected.JSON) from error
    return document
