"""Whom a limit that posts share counts, and how many a supervisor's hours are enough for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from engine.candidates import Qualifications
from engine.eligibility import legal_requirements, qualification_group
from engine.posts import Post, QualificationGroup
from engine.round_terms import LimitKind, Reversion, RoundTerms, SharedLimit
from engine.rules import read_rules
from features.errors import InvalidInputError, UnknownKeyError


def limits_in_force(limits: Iterable[SharedLimit], posts: Mapping[str, Post]) -> tuple[SharedLimit, ...]:
    """The limits of a round by identifier, those for training without posts where the law asks for no supervisor.

    The law is that of the post's first day.
    """
    found = []
    for limit in sorted(limits, key=lambda limit: limit.limit_id):
        asked = {
            name
            for name in limit.posts
            if not limit.is_for_trainees or legal_requirements(posts[name].starts_on).trainee_supervisor
        }
        if asked:
            found.append(replace(limit, posts=frozenset(asked)))
    return tuple(found)


def check_posts(terms: RoundTerms, posts: Collection[str]) -> None:
    """Raise if the terms name a post that is not in the round.

    Raises
    ------
    UnknownKeyError
        With the post.
    """
    named = {post for limit in terms.limits for post in limit.posts}
    named |= {post for quota in terms.minimums for post in quota.posts}
    named |= {post for each in terms.reversions for post in (each.from_post, each.to_post)}
    if unknown := sorted(named.difference(posts)):
        raise UnknownKeyError("post", unknown[0], tuple(sorted(posts)))


def most_places(capacities: Mapping[str, int], reversions: Iterable[Reversion]) -> dict[str, int]:
    """Places that a post would have if every place that can come to it did.

    Examples
    --------
    >>> most_places({"a": 1, "b": 1, "c": 1}, [Reversion("a", "b"), Reversion("b", "c")])
    {'a': 1, 'b': 2, 'c': 3}
    """
    target = {each.from_post: each.to_post for each in reversions}
    found = dict(capacities)
    for start, places in capacities.items():
        post, passed = start, {start}
        while (post := target.get(post, start)) not in passed:
            passed.add(post)
            found[post] += places
    return found


def is_counted(limit: SharedLimit, doctor: Qualifications, post_id: str) -> bool:
    """Whether the doctor takes a seat of a limit in force by being in the post.

    A regional quota counts everybody. The others count doctors who need a supervisor there: those in training.

    References
    ----------
    Spesialistforskriften; domain rules R8 to R10.
    """
    if post_id not in limit.posts:
        return False
    return not limit.is_for_trainees or is_trainee(doctor)


def is_trainee(doctor: Qualifications) -> bool:
    """Whether limits for training count the doctor: in training, and no specialist yet."""
    return qualification_group(doctor) is QualificationGroup.TRAINEE


def full_limits(
    limits: Iterable[SharedLimit], matching: Mapping[str, str], qualifications: Mapping[str, Qualifications]
) -> tuple[SharedLimit, ...]:
    """Limits in force whose seats are all taken by a matching of candidates to posts; nobody's wishes are read."""

    def seated(limit: SharedLimit) -> int:
        return sum(is_counted(limit, qualifications[name], post) for name, post in matching.items())

    return tuple(limit for limit in limits if seated(limit) >= limit.capacity)


def supervision_limit(limit_id: str, hours_year: float, posts: Iterable[str], day: date) -> SharedLimit:
    """Limit for the supervisors of some posts, from the hours a year that they have together.

    Each doctor in training needs the hours of rule ``supervision_hours_year``; the number of doctors is rounded down.

    Raises
    ------
    InvalidInputError
        The hours are negative or not finite, or no post is named.

    References
    ----------
    Domain rule R8; ``parameters/eligibility.toml``.

    Examples
    --------
    >>> supervision_limit("V1", 100, ["P1", "P2"], date(2026, 8, 1)).capacity
    2
    """
    if not 0 <= hours_year < float("inf"):
        raise InvalidInputError("hours_year", hours_year, "0 hours or more")
    needed = read_rules("eligibility").number("supervision_hours_year", day)
    return SharedLimit(limit_id, LimitKind.SUPERVISION, int(hours_year // needed), frozenset(posts))
