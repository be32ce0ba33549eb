"""Places of a document, checked one by one: `InstanceError` tells where, what stands there and what should."""

from collections.abc import Iterator
from typing import Any

from engine.instance import Expected, Identifier, InstanceError


class Names:
    """Ids in the order they come, with their numbers; ``1`` and ``"1"`` are the same."""

    def __init__(self, expected: Expected) -> None:
        self.expected = expected
        self.given: list[Identifier] = []
        self.numbers: dict[str, int] = {}

    def add(self, given: object, path: str) -> int:
        """Number of an id that must be new."""
        identifier = checked_identifier(given, path)
        if str(identifier) in self.numbers:
            raise InstanceError(path, given, Expected.NEW_ID)
        self.numbers[str(identifier)] = len(self.given)
        self.given.append(identifier)
        return len(self.given) - 1

    def number(self, given: object, path: str) -> int:
        """Number of an id that must be known."""
        number = self.numbers.get(str(checked_identifier(given, path)))
        if number is None:
            raise InstanceError(path, given, self.expected)
        return number

    def knows(self, given: object, path: str) -> bool:
        """Whether the id is known."""
        return str(checked_identifier(given, path)) in self.numbers


def checked_numbers(given: object, where: str, names: Names) -> Iterator[int]:
    """Numbers of the names in a list, which has each of them once."""
    seen: set[int] = set()
    for path, entry in checked_list(given, where):
        number = names.number(entry, path)
        if number in seen:
            raise InstanceError(path, entry, Expected.ONCE)
        seen.add(number)
        yield number


def checked_identifier(given: object, path: str) -> Identifier:
    """Text or a whole number, not empty."""
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise InstanceError(path, given, Expected.IDENTIFIER)
    return given


def checked_capacity(given: object, path: str) -> int:
    """A whole number, 0 or more."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise InstanceError(path, given, Expected.CAPACITY)
    return given


def checked_fields(
    given: object, path: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with these fields and no others."""
    if not isinstance(given, dict):
        raise InstanceError(path, given, Expected.OBJECT)
    for name in required:
        if name not in given:
            raise InstanceError(_below(path, name), None, Expected.FIELD)
    for name, value in given.items():
        if name not in required and name not in optional:
            raise InstanceError(_below(path, name), value, Expected.KNOWN_FIELD)
    return given


def _below(path: str, name: str) -> str:
    return name if path == "$" else f"{path}.{name}"


def checked_list(given: object, where: str) -> list[tuple[str, Any]]:
    """Path and entry of everything in a list."""
    if not isinstance(given, list):
        raise InstanceError(where, given, Expected.LIST)
    return [(f"{where}[{place}]", entry) for place, entry in enumerate(given)]


def checked_two(given: object, path: str) -> list[Any]:
    """A list of two."""
    if not isinstance(given, list) or len(given) != 2:
        raise InstanceError(path, given, Expected.TWO)
    return given
