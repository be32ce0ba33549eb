"""Reads what posts share from a document: an instance, and optionally reversions and minimums.

Beside the fields of `engine.instance_document`::

    {"reversions": [{"from": "alis", "to": "salaried"}],
     "minimums": [{"id": "north", "at_least": 2, "posts": ["x", "y"]}]}
"""

from dataclasses import dataclass
from typing import Any

from engine.document_fields import Names, checked_fields, checked_list, checked_numbers
from engine.instance import Expected, Instance, InstanceError
from engine.instance_document import parsed_instance
from engine.minimum_quota import Minimum

OWN_FIELDS = ("reversions", "minimums")


@dataclass(frozen=True, slots=True)
class Terms:
    """An instance with its reversions and minimums.

    Attributes
    ----------
    fields : frozenset of str
        Which of the optional fields ``limits``, ``reversions`` and ``minimums`` the document has.
    """

    instance: Instance
    reversions: tuple[tuple[int, int], ...]
    minimums: tuple[Minimum, ...]
    fields: frozenset[str]


def parsed_terms(document: object) -> Terms:
    """The instance, reversions and minimums that a document describes.

    Raises
    ------
    InstanceError
        With the JSON path, what was given and what was expected.

    Examples
    --------
    >>> parsed_terms({"proposers": [], "posts": [], "reversions": [{"from": "x", "to": "y"}]})
    Traceback (most recent call last):
    ...
    engine.instance.InstanceError: reversions[0].from: got 'x', expected the id of a post. Nothing was matched; correct
    the file.
    """
    given: dict[str, Any] = document if isinstance(document, dict) else {}
    instance = parsed_instance({name: rows for name, rows in given.items() if name not in OWN_FIELDS} or document)
    posts = Names(Expected.KNOWN_POST)
    for post in instance.posts:
        posts.add(post, "posts")
    return Terms(
        instance,
        _reversions(given.get("reversions", []), posts),
        _minimums(given.get("minimums", []), posts),
        frozenset(name for name in (*OWN_FIELDS, "limits") if name in given),
    )


def _reversions(given: object, posts: Names) -> tuple[tuple[int, int], ...]:
    found: dict[int, int] = {}
    for path, entry in checked_list(given, "reversions"):
        fields = checked_fields(entry, path, required=("from", "to"))
        giving, getting = (posts.number(fields[name], f"{path}.{name}") for name in ("from", "to"))
        if giving in found:
            raise InstanceError(f"{path}.from", fields["from"], Expected.ONCE)
        if giving == getting:
            raise InstanceError(f"{path}.to", fields["to"], Expected.OTHER_POST)
        found[giving] = getting
    return tuple(found.items())


def _minimums(given: object, posts: Names) -> tuple[Minimum, ...]:
    names = Names(Expected.NEW_ID)
    found = []
    for path, entry in checked_list(given, "minimums"):
        fields = checked_fields(entry, path, required=("id", "at_least", "posts"))
        names.add(fields["id"], f"{path}.id")
        at_least = fields["at_least"]
        if isinstance(at_least, bool) or not isinstance(at_least, int) or at_least < 1:
            raise InstanceError(f"{path}.at_least", at_least, Expected.AT_LEAST_ONE)
        found.append(
            Minimum(fields["id"], at_least, frozenset(checked_numbers(fields["posts"], f"{path}.posts", posts)))
        )
    return tuple(found)
