"""Solves a matching instance from a file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from engine.couple_solver import Status, solve_instance
from engine.instance import NOWHERE, Expected, Identifier, Instance, InstanceError
from engine.instance_document import parsed_instance
from features.errors import InvalidInputError

DEFINITION = (
    "Weak stability with couples by Biro, Manlove and McBride (2014), cases 1, 2 and 3a-3d; a pair at one post needs "
    "two places; null is always possible."
)


@dataclass(frozen=True, slots=True)
class BlockingEntry:
    """Who would rather have what, by which case of the definition."""

    proposers: tuple[Identifier, ...]
    posts: tuple[Identifier | None, ...]
    case: str


@dataclass(frozen=True, slots=True)
class SolveAnswer:
    """What is known about an instance.

    Attributes
    ----------
    bound : int
        Proven: every matching has at least so many blocking.
    ignored : int
        Wishes that cannot count, because the post does not rank the person or null comes first.
    """

    status: Status
    matching: dict[str, Identifier | None]
    blocking: tuple[BlockingEntry, ...]
    bound: int
    ignored: int
    seconds: float
    definition: str


def solve_file(file: Path, *, seconds: float, seed: int) -> SolveAnswer:
    """The answer for the instance in a JSON file; `InstanceError` says where the file is wrong."""
    started = monotonic()
    instance = parsed_instance(read_document(file))
    solution = solve_instance(instance, seconds=seconds, clock=monotonic, seed=seed)

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
        definition=DEFINITION,
    )


def write_answer(answer: SolveAnswer, out: Path) -> None:
    """Write the answer as JSON, at once or not at all."""
    partial = out.with_name(out.name + ".part")
    try:
        partial.write_text(json.dumps(asdict(answer), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
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
