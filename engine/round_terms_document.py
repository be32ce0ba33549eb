"""Reads what posts of a round share from what JSON gives, everything checked.

A document::

    {"limits": [{"id": "V1", "kind": "supervision", "hours_year": 126, "posts": ["P1", "P2"]},
                {"id": "R1", "kind": "regional_quota", "capacity": 20, "posts": ["P1", "P3"]}],
     "reversions": [{"from": "P1", "to": "P2"}],
     "minimums": [{"id": "M1", "at_least": 3, "posts": ["P3"]}]}

A limit has a capacity in doctors or, if it is of kind ``supervision``, hours a year, from which the capacity follows.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from engine.document_fields import Names, checked_capacity, checked_fields, checked_list, checked_numbers
from engine.instance import Expected, InstanceError
from engine.round_terms import LimitKind, MinimumQuota, Reversion, RoundTerms, SharedLimit
from engine.shared_limits import supervision_limit

PARTS = ("limits", "reversions", "minimums")


def parsed_round_terms(document: object, post_ids: Collection[str], day: date) -> RoundTerms:
    """What posts share, as a document describes it.

    Parameters
    ----------
    post_ids
        Posts of the round.
    day
        Day whose rule for hours of supervision holds.

    Raises
    ------
    InstanceError
        With the JSON path, what was given and what was expected.

    Examples
    --------
    >>> found = parsed_round_terms({"limits": [{"id": "R1", "kind": "regional_quota", "capacity": 2, "posts": ["P1"]}]},
    ...                      ["P1"], date(2026, 8, 1))
    >>> found.limits[0].capacity, found.limits[0].is_for_trainees
    (2, False)
    >>> parsed_round_terms({"limits": [{"id": "R1", "kind": "quota", "capacity": 2, "posts": ["P1"]}]}, ["P1"],
    ...              date(2026, 8, 1))
    Traceback (most recent call last):
    ...
    engine.instance.InstanceError: limits[0].kind: got 'quota', expected supervision, institution_slots, group_seats or
    regional_quota. Nothing was matched; correct the file.
    """
    fields = checked_fields(document, "$", required=(), optional=PARTS)
    posts = Names(Expected.KNOWN_POST)
    for name in sorted(post_ids):
        posts.add(name, "$")
    limits, minimums, sources = (Names(Expected.NEW_ID) for _ in range(3))
    return RoundTerms(
        limits=tuple(
            _limit(entry, path, limits, posts, day) for path, entry in checked_list(fields.get("limits", []), "limits")
        ),
        reversions=tuple(
            _reversion(entry, path, sources, posts)
            for path, entry in checked_list(fields.get("reversions", []), "reversions")
        ),
        minimums=tuple(
            _minimum(entry, path, minimums, posts)
            for path, entry in checked_list(fields.get("minimums", []), "minimums")
        ),
    )


def _limit(given: object, path: str, names: Names, posts: Names, day: date) -> SharedLimit:
    entry = checked_fields(given, path, required=("id", "kind", "posts"), optional=("capacity", "hours_year"))
    names.add(entry["id"], f"{path}.id")
    shared = _posts(entry, path, posts)
    if entry["kind"] not in tuple(LimitKind):
        raise InstanceError(f"{path}.kind", entry["kind"], Expected.LIMIT_KIND)
    kind = LimitKind(entry["kind"])
    if "hours_year" not in entry:
        if "capacity" not in entry:
            raise InstanceError(f"{path}.capacity", None, Expected.FIELD)
        return SharedLimit(str(entry["id"]), kind, checked_capacity(entry["capacity"], f"{path}.capacity"), shared)
    if kind is not LimitKind.SUPERVISION or "capacity" in entry:
        raise InstanceError(f"{path}.hours_year", entry["hours_year"], Expected.KNOWN_FIELD)
    return supervision_limit(str(entry["id"]), _hours(entry["hours_year"], f"{path}.hours_year"), shared, day)


def _reversion(given: object, path: str, names: Names, posts: Names) -> Reversion:
    entry = checked_fields(given, path, required=("from", "to"))
    source, target = (str(posts.given[posts.number(entry[key], f"{path}.{key}")]) for key in ("from", "to"))
    names.add(source, f"{path}.from")
    if source == target:
        raise InstanceError(f"{path}.to", entry["to"], Expected.OTHER_POST)
    return Reversion(source, target)


def _minimum(given: object, path: str, names: Names, posts: Names) -> MinimumQuota:
    entry = checked_fields(given, path, required=("id", "at_least", "posts"))
    names.add(entry["id"], f"{path}.id")
    at_least = checked_capacity(entry["at_least"], f"{path}.at_least")
    if at_least < 1:
        raise InstanceError(f"{path}.at_least", at_least, Expected.AT_LEAST_ONE)
    return MinimumQuota(str(entry["id"]), at_least, _posts(entry, path, posts))


def _posts(entry: dict[str, Any], path: str, posts: Names) -> frozenset[str]:
    found = frozenset(str(posts.given[number]) for number in checked_numbers(entry["posts"], f"{path}.posts", posts))
    if not found:
        raise InstanceError(f"{path}.posts", entry["posts"], Expected.SOME_POST)
    return found


def _hours(given: object, path: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < float("inf"):
        raise InstanceError(path, given, Expected.HOURS)
    return float(given)
