"""Dated rules and amounts: read the parameter files, check them, give the value in force on a day."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from features.errors import CatalogueError, InvalidInputError, UnknownKeyError

PARAMETERS = Path(__file__).parent / "parameters"
RULE_KEYS = frozenset({"label_nb", "label_en", "unit", "bounds", "values"})
VALUE_KEYS = frozenset({"valid_from", "value", "kind", "source", "source_date"})

DAYS_PER_MONTH = 30.4375  # for values in months: a Julian year of 365.25 days by twelve

Value = bool | int | float | str


class Kind(StrEnum):
    """What a value rests on; an assumption is ours, shown as such and may be edited."""

    LAW = "law"
    FIGURE = "figure"
    ASSUMPTION = "assumption"


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value, the first day it applies, and where it comes from."""

    valid_from: date
    value: Value
    kind: Kind
    source: str
    source_date: date


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule or amount with its values in order of time; ``bounds`` are inclusive."""

    key: str
    label_nb: str
    label_en: str
    unit: str
    bounds: tuple[float, float] | None
    values: tuple[DatedValue, ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of one file, asked by key and day."""

    file: str
    rules: Mapping[str, Rule]

    def in_force(self, key: str, day: date) -> DatedValue:
        """Value of rule `key` that applies on `day`, with its source.

        Raises
        ------
        UnknownKeyError
            No rule carries the key.
        InvalidInputError
            The day lies before the first value.

        Examples
        --------
        >>> book = read_rules("eligibility")
        >>> book.in_force("specialist_or_training_required", date(2017, 2, 28)).value
        False
        >>> book.in_force("specialist_or_training_required", date(2017, 3, 1)).value
        True
        """
        if key not in self.rules:
            raise UnknownKeyError("rule", key, tuple(sorted(self.rules)))
        past = [value for value in self.rules[key].values if value.valid_from <= day]
        if not past:
            raise InvalidInputError("day", day, f"{self.rules[key].values[0].valid_from} or later for rule {key!r}")
        return past[-1]

    def required(self, key: str, day: date) -> bool:
        """Whether the yes/no rule `key` applies on `day`."""
        value = self.in_force(key, day).value
        if not isinstance(value, bool):
            raise CatalogueError(self.file, key, f"has value {value!r}, expected true or false")
        return value

    def number(self, key: str, day: date) -> float:
        """Give the number of rule `key` on `day`, in the rule's unit."""
        value = self.in_force(key, day).value
        if isinstance(value, bool | str):
            raise CatalogueError(self.file, key, f"has value {value!r}, expected a number")
        return float(value)

    def text(self, key: str, day: date) -> str:
        """Text of rule `key` on `day`, for example a language level."""
        value = self.in_force(key, day).value
        if not isinstance(value, str):
            raise CatalogueError(self.file, key, f"has value {value!r}, expected text")
        return value


def read_rules(name: str, folder: Path = PARAMETERS) -> RuleBook:
    """Rules of ``<name>.toml``, checked.

    Raises
    ------
    CatalogueError
        The file is missing or no TOML, a key is unknown or missing, a source or date is absent, values are out of
        bounds or not in order of time.

    Examples
    --------
    >>> read_rules("eligibility").text("documented_language_minimum", date(2026, 1, 1))
    'B2'
    """
    path = folder / f"{name}.toml"
    try:
        return _checked(path.name, path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(path.name, "(file)", f"cannot be read: {error}") from error


@lru_cache(maxsize=16)
def _checked(file: str, text: str) -> RuleBook:
    """Rules that a text gives; kept, since a round asks for them thousands of times. An edited file is new text."""
    entries = tomllib.loads(text)
    if stray := sorted(key for key, entry in entries.items() if not isinstance(entry, dict)):
        raise CatalogueError(file, stray[0], "is no table")
    return RuleBook(file, MappingProxyType({key: _rule(file, key, entry) for key, entry in entries.items()}))


def _rule(file: str, key: str, entry: dict[str, Any]) -> Rule:
    _check_keys(file, key, entry, RULE_KEYS, optional=frozenset({"bounds"}))
    bounds = _bounds(file, key, entry["bounds"]) if "bounds" in entry else None
    if (
        not isinstance(entry["values"], list)
        or not entry["values"]
        or not all(type(v) is dict for v in entry["values"])
    ):
        raise CatalogueError(file, key, "has no values, expected at least one [[values]] table")
    values = tuple(_dated_value(file, f"{key}.values[{i}]", value, bounds) for i, value in enumerate(entry["values"]))
    starts = [value.valid_from for value in values]
    if starts != sorted(set(starts)):
        raise CatalogueError(file, key, "has values that are not in order of valid_from, or two for the same day")
    label_nb, label_en, unit = (_text(file, key, entry, name) for name in ("label_nb", "label_en", "unit"))
    return Rule(key, label_nb, label_en, unit, bounds, values)


def _dated_value(file: str, key: str, entry: dict[str, Any], bounds: tuple[float, float] | None) -> DatedValue:
    _check_keys(file, key, entry, VALUE_KEYS)
    for name in ("valid_from", "source_date"):
        if type(entry[name]) is not date:
            raise CatalogueError(file, key, f"has {name} {entry[name]!r}, expected a date such as 2017-03-01")
    if entry["kind"] not in tuple(Kind):
        raise CatalogueError(file, key, f"has kind {entry['kind']!r}, expected one of {', '.join(Kind)}")
    value = entry["value"]
    if not isinstance(value, bool | int | float | str):
        raise CatalogueError(file, key, f"has value {value!r}, expected true/false, a number or text")
    if bounds is not None and (isinstance(value, bool | str) or not bounds[0] <= value <= bounds[1]):
        raise CatalogueError(file, key, f"has value {value!r}, expected a number from {bounds[0]:g} to {bounds[1]:g}")
    source = _text(file, key, entry, "source")
    return DatedValue(entry["valid_from"], value, Kind(entry["kind"]), source, entry["source_date"])


def _check_keys(
    file: str, key: str, entry: dict[str, Any], known: frozenset[str], optional: frozenset[str] = frozenset()
) -> None:
    if unknown := sorted(entry.keys() - known):
        raise CatalogueError(file, key, f"has unknown keys {', '.join(unknown)}")
    if missing := sorted(known - optional - entry.keys()):
        raise CatalogueError(file, key, f"lacks {', '.join(missing)}")


def _text(file: str, key: str, entry: dict[str, Any], name: str) -> str:
    if not isinstance(entry[name], str) or not entry[name].strip():
        raise CatalogueError(file, key, f"has an empty {name}")
    return str(entry[name])


def _bounds(file: str, key: str, bounds: object) -> tuple[float, float]:
    match bounds:
        case [int() | float() as low, int() | float() as high] if low <= high:
            return float(low), float(high)
    raise CatalogueError(file, key, f"has bounds {bounds!r}, expected [lowest, highest]")
