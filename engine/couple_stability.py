"""What blocks a matching of singles and couples, found by looking at everything anybody would rather have.

The definition is the one of McDermid and Manlove as Biró, Manlove and McBride write it out. A matching is stable if
nothing of this holds. *Takes* means: the post has a free place, or strictly prefers the newcomer to somebody it holds.

1. A **single** prefers a post, and the post takes them.
2. **One member** of a couple moves to a post while the partner keeps theirs, the couple prefers that, and the post has
   a free place or strictly prefers the member to somebody it holds *other than the partner*.
3. **Both members** move, the couple prefers that, and (a) the posts differ, and each takes its newcomer, judged by whom
   it holds now, a partner who is about to leave included; or they move to one post that (b) has two free places;
   (c) has one free place and strictly prefers at least one of the two to somebody it holds; (d) is full and strictly
   prefers one of them to somebody it holds and the other to somebody else it holds.

To have no post (``null``) is always possible. A pair of person and post is acceptable if each lists the other. People
in one tier of a post are tied; only strict preference blocks (weak stability).

This file shares no code with the solver; it reads the lists as they were given.

References
----------
Biró, Manlove and McBride (2014), The hospitals/residents problem with couples: complexity and integer programming
models, SEA 2014, LNCS 8504; McDermid and Manlove (2010), Keeping partners together, Journal of Combinatorial
Optimization 19(3); Manlove, McBride and Trimble (2017), "Almost-stable" matchings in the hospitals/residents problem
with couples, Constraints 22(1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.instance import NOWHERE, CoupleWishes, Instance
from features.errors import StabilError


@dataclass(frozen=True, slots=True)
class Blocking:
    """Something that somebody would rather have, and would get.

    Attributes
    ----------
    people : tuple of int
        The single, or both members of the couple.
    posts : tuple of int
        Where each of them would be.
    case : str
        Of the definition: ``1``, ``2``, ``3a``, ``3b``, ``3c`` or ``3d``.
    """

    people: tuple[int, ...]
    posts: tuple[int, ...]
    case: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: everything that blocks, posts above capacity, people placed against a list."""

    blocking: tuple[Blocking, ...]
    overfull: tuple[int, ...]
    unwilling: tuple[int, ...]

    @property
    def is_allowed(self) -> bool:
        """Nobody is placed against a list, no post above capacity."""
        return not (self.overfull or self.unwilling)

    @property
    def is_stable(self) -> bool:
        """Allowed, and nothing blocks."""
        return self.is_allowed and not self.blocking


class UnsoundMatchingError(StabilError):
    """A matching is not what the solver says it is: an error of the program, and nothing is given out.

    Attributes
    ----------
    claimed : int
        How many options block, says the solver.
    verdict : Verdict
        What the check found.
    """

    def __init__(self, claimed: int, verdict: Verdict) -> None:
        self.claimed = claimed
        self.verdict = verdict
        super().__init__(
            f"the matching was to have {claimed} blocking, but the check found {len(verdict.blocking)}, "
            f"{len(verdict.overfull)} posts over capacity and {len(verdict.unwilling)} people placed against a list. "
            "Nothing was given out; please report it with the instance."
        )


def verdict_on(instance: Instance, matching: Sequence[int]) -> Verdict:
    """Look at every wish of every single and couple, and at every place.

    Parameters
    ----------
    matching : sequence of int
        For each person the number of their post, or `NOWHERE`.
    """
    held: list[list[int]] = [[] for _ in instance.posts]
    for person, post in enumerate(matching):
        if post != NOWHERE:
            held[post].append(person)
    coupled = {member for couple in instance.couples for member in couple.members}
    blocking = list(_single_blocks(instance, matching, held, coupled))
    unwilling = [
        person
        for person, post in enumerate(matching)
        if person not in coupled
        and post != NOWHERE
        and not (post in instance.wishes[person] and person in instance.tiers[post])
    ]
    for couple in instance.couples:
        blocking += _couple_blocks(instance, couple, matching, held)
        if not _is_allowed(instance, couple, matching):
            unwilling += couple.members
    overfull = [post for post, people in enumerate(held) if len(people) > instance.capacities[post]]
    return Verdict(tuple(blocking), tuple(overfull), tuple(unwilling))


def _is_allowed(instance: Instance, couple: CoupleWishes, matching: Sequence[int]) -> bool:
    first, second = couple.members
    pair = (matching[first], matching[second])
    if pair == (NOWHERE, NOWHERE):
        return True
    if pair not in couple.pairs or not _possible(instance, couple, pair):
        return False
    return (NOWHERE, NOWHERE) not in couple.pairs[: couple.pairs.index(pair)]


def _possible(instance: Instance, couple: CoupleWishes, pair: tuple[int, int]) -> bool:
    return all(
        post == NOWHERE or member in instance.tiers[post] for member, post in zip(couple.members, pair, strict=True)
    )


def _single_blocks(
    instance: Instance, matching: Sequence[int], held: Sequence[Sequence[int]], coupled: set[int]
) -> Iterator[Blocking]:
    for person, posts in enumerate(instance.wishes):
        if person in coupled:
            continue
        for post in posts:
            if post == matching[person]:
                break
            if person in instance.tiers[post] and _takes(instance, post, person, held[post]):
                yield Blocking((person,), (post,), "1")


def _couple_blocks(
    instance: Instance, couple: CoupleWishes, matching: Sequence[int], held: Sequence[Sequence[int]]
) -> Iterator[Blocking]:
    now = (matching[couple.members[0]], matching[couple.members[1]])
    for pair in couple.pairs:
        if pair in (now, (NOWHERE, NOWHERE)):
            break
        if _possible(instance, couple, pair):
            case = _case(instance, couple.members, now, pair, held)
            if case is not None:
                yield Blocking(couple.members, pair, case)


def _case(
    instance: Instance,
    members: tuple[int, int],
    now: tuple[int, int],
    pair: tuple[int, int],
    held: Sequence[Sequence[int]],
) -> str | None:
    """Case of the definition by which a pair that the couple prefers blocks."""
    for mover, keeper in ((0, 1), (1, 0)):
        if pair[keeper] == now[keeper]:
            post = pair[mover]
            others = [] if post == NOWHERE else [person for person in held[post] if person != members[keeper]]
            if post == NOWHERE or len(held[post]) < instance.capacities[post]:
                return "2"
            return "2" if _prefers(instance, post, members[mover], others) else None
    if pair[0] == pair[1]:
        return _same_post_case(instance, members, pair[0], held[pair[0]])
    for member, post in zip(members, pair, strict=True):
        if post != NOWHERE and not _takes(instance, post, member, held[post]):
            return None
    return "3a"


def _same_post_case(instance: Instance, members: tuple[int, int], post: int, held: Sequence[int]) -> str | None:
    free = instance.capacities[post] - len(held)
    if free >= 2:
        return "3b"
    if free == 1:
        return "3c" if any(_prefers(instance, post, member, held) for member in members) else None
    if free == 0 and any(
        rs != rt and _prefers(instance, post, members[0], [rs]) and _prefers(instance, post, members[1], [rt])
        for rs in held
        for rt in held
    ):
        return "3d"
    return None


def _takes(instance: Instance, post: int, person: int, held: Sequence[int]) -> bool:
    return len(held) < instance.capacities[post] or _prefers(instance, post, person, held)


def _prefers(instance: Instance, post: int, person: int, others: Sequence[int]) -> bool:
    """Whether the post strictly prefers a person to at least one of the others."""
    tiers = instance.tiers[post]
    return any(tiers.get(other, len(tiers)) > tiers[person] for other in others)
