"""Each couple's joint list in a round: pairs of posts in the couple's own order, or in the one their own lists give.

Private to the couple. No other side of the match imports this.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from hashlib import sha256
from itertools import product

from engine.joint_wishes import JointReach, JointWishes
from engine.match_result import JointList, JointListEntry, OwnList, PostPair
from engine.own_lists import Reasons
from engine.posts import Post
from features.errors import InvalidInputError, UnknownKeyError


def joint_lists_of(
    joint: Sequence[JointWishes],
    own_lists: Mapping[str, OwnList],
    posts: Mapping[str, Post],
    ineligible: Reasons,
    regions: Mapping[str, str],
    roomy: Set[str],
) -> dict[str, JointList]:
    """Joint list of every couple, under the pseudonyms of both members.

    The own ranking as it stands; else pairs from the two own lists, so that each member's own limits hold, within the
    couple's reach, ordered by the sum of the two positions: one place lost by either member counts the same. Of equal
    sums the pair whose worse position is better comes first, so that neither bears the whole loss. What is then left
    is who of the two gets the better one of the same two positions: a number made from pseudonyms and posts decides,
    so that neither member and no post gains from its name. Couples that take one post have those after all pairs.

    Members and pairs are put in the order of the pseudonyms: in which order a couple names itself does not matter.

    Parameters
    ----------
    own_lists, posts, ineligible
        By pseudonym, by post, and why a pair of both does not go together.
    regions
        Labour-market region by municipality code.
    roomy
        Posts that two people can have at once.

    Raises
    ------
    InvalidInputError
        Somebody is in two couples, or the region of a post's municipality is missing and asked for.
    UnknownKeyError
        A member takes no part in the round, or a couple ranks a post that is not in it.

    Examples
    --------
    >>> from engine.match_result import OwnListEntry
    >>> def own(*names): return OwnList(tuple(OwnListEntry(name, at + 1, ()) for at, name in enumerate(names)), ())
    >>> couple = JointWishes(("K1", "K2"), JointReach.ANYWHERE)
    >>> lists = joint_lists_of([couple], {"K1": own("P1", "P2"), "K2": own("P3", "P4")}, {}, {}, {}, set())
    >>> lists["K2"].listed[0], lists["K2"].listed[-1]
    (('P1', 'P3'), ('P2', 'P4'))
    """
    found: dict[str, JointList] = {}
    for wishes in joint:
        for member in wishes.members:
            if member not in own_lists:
                raise UnknownKeyError("candidate", member, ())
            if member in found:
                raise InvalidInputError("members", member, "each doctor in one couple at most")
        members = _in_order(wishes.members)
        if wishes.own_ranking is None:
            first, second = (own_lists[member].listed for member in members)
            area = _areas({*first, *second}, posts, wishes.reach, regions)
            pairs = (pair for pair in product(first, second) if area[pair[0]] == area[pair[1]])
            ordered = [*_ordered(members, pairs, first, second, roomy), *_one_only(members, first, second, wishes)]
        else:
            ordered = _ranked(wishes, posts)
        entries, beyond = _entries(ordered, members, ineligible, roomy, wishes.list_limit)
        found |= dict.fromkeys(members, JointList(members, entries, beyond, wishes.own_ranking is not None))
    return found


def _in_order(members: tuple[str, str]) -> tuple[str, str]:
    first, second = sorted(members)
    return first, second


def _areas(
    names: Set[str], posts: Mapping[str, Post], reach: JointReach, regions: Mapping[str, str]
) -> Mapping[str, str]:
    """Area of each post; the two posts of a pair must lie in one."""
    if reach is JointReach.ANYWHERE:
        return dict.fromkeys(names, "")
    code = {name: posts[name].municipality_code for name in names}
    if reach is JointReach.SAME_MUNICIPALITY:
        return code
    if unknown := sorted(set(code.values()) - regions.keys()):
        raise InvalidInputError("regions", unknown[0], "the labour-market region of every municipality with a post")
    return {name: regions[code[name]] for name in names}


def _ordered(
    members: tuple[str, str],
    pairs: Iterator[tuple[str, str]],
    first: Sequence[str],
    second: Sequence[str],
    roomy: Set[str],
) -> list[PostPair]:
    place = ({name: at for at, name in enumerate(first)}, {name: at for at, name in enumerate(second)})

    def key(pair: tuple[str, str]) -> tuple[int, int, str]:
        positions = place[0][pair[0]], place[1][pair[1]]
        return sum(positions), max(positions), _tie_number(members, pair)

    return [*sorted((pair for pair in pairs if pair[0] != pair[1] or pair[0] in roomy), key=key)]


def _one_only(
    members: tuple[str, str], first: Sequence[str], second: Sequence[str], wishes: JointWishes
) -> list[PostPair]:
    """Pairs that leave one member without a post, by the other's own position."""
    if not wishes.takes_one:
        return []
    alone: list[tuple[int, PostPair]] = [
        *((at, (name, None)) for at, name in enumerate(first)),
        *((at, (None, name)) for at, name in enumerate(second)),
    ]
    return [pair for _, pair in sorted(alone, key=lambda each: (each[0], _tie_number(members, each[1])))]


def _tie_number(members: tuple[str, str], pair: PostPair) -> str:
    said = "|".join(f"{member}:{post or ''}" for member, post in zip(members, pair, strict=True))
    return sha256(said.encode()).hexdigest()


def _ranked(wishes: JointWishes, posts: Mapping[str, Post]) -> list[PostPair]:
    ranking = wishes.own_ranking or ()
    for name in {post for pair in ranking for post in pair if post is not None}:
        if name not in posts:
            raise UnknownKeyError("post", name, tuple(posts))
    is_turned = wishes.members != _in_order(wishes.members)
    return [(second, first) if is_turned else (first, second) for first, second in ranking]


def _entries(
    ordered: Sequence[PostPair], members: tuple[str, str], ineligible: Reasons, roomy: Set[str], limit: int
) -> tuple[tuple[JointListEntry, ...], int]:
    """Entries up to the couple's limit, which counts pairs that can be had, and how many such pairs it leaves out."""
    entries: list[JointListEntry] = []
    listed, beyond = 0, 0
    for pair in ordered:
        if (pair[0] == pair[1] and pair[0] not in roomy) or any(
            (member, post) in ineligible for member, post in zip(members, pair, strict=True) if post is not None
        ):
            entries.append(JointListEntry(pair, None))
        elif listed == limit:
            beyond += 1
        else:
            listed += 1
            entries.append(JointListEntry(pair, listed))
    return tuple(entries), beyond
