"""Reads single cells of a round's files; a cell that says something else raises ValueError."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from api.translation import LANGUAGES, N_, translate
from features.local_sheet import Cell, CellKind

Value = TypeVar("Value")
Reader = Callable[[Cell], object]

TRUTHS = {"ja": True, "yes": True, "true": True, "nei": False, "nei.": False, "no": False, "false": False}
NOBODY = N_("ingen")
PARTS = re.compile(r"[>;,]")


def text(pattern: str) -> Callable[[Cell], str]:
    """Reader of a text of a given form; what the spreadsheet took for a number is read as written."""

    def read(cell: Cell) -> str:
        if not re.fullmatch(pattern, cell.text):
            raise ValueError(cell.text)
        return cell.text

    return read


def municipality_code(cell: Cell) -> str:
    """Four digits; a spreadsheet drops the zero in front of 0301."""
    if not re.fullmatch(r"[0-9]{3,4}", cell.text):
        raise ValueError(cell.text)
    return cell.text.zfill(4)


def truth(cell: Cell) -> bool:
    """Yes or no."""
    if cell.kind is CellKind.TRUTH:
        return bool(cell.number)
    if cell.text.casefold() not in TRUTHS:
        raise ValueError(cell.text)
    return TRUTHS[cell.text.casefold()]


def amount(cell: Cell) -> float:
    """A number of 0 or more, with a decimal comma or point."""
    value = cell.number if cell.kind is CellKind.NUMBER else _number(cell.text)
    if value is None or not 0 <= value < float("inf"):
        raise ValueError(cell.text)
    return value


def whole(cell: Cell) -> int:
    """A whole number of 0 or more."""
    value = amount(cell)
    if not value.is_integer():
        raise ValueError(cell.text)
    return int(value)


def share(cell: Cell) -> float:
    """A percentage (1-100, with or without its sign) as a share (0-1)."""
    if cell.kind is CellKind.FRACTION and cell.number is not None:
        value = cell.number
    else:
        value = (
            cell.number
            if cell.kind is CellKind.NUMBER and cell.number is not None
            else _number(cell.text.removesuffix("%").strip())
        ) / 100
    if not 0.01 <= value <= 1:
        raise ValueError(cell.text)
    return value


def day(cell: Cell) -> date:
    """A date: 2026-08-01 or 1.8.2026."""
    if cell.day is not None:
        return cell.day
    if found := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", cell.text):
        first, month, year = (int(part) for part in found.groups())
        return date(year, month, first)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell.text):
        raise ValueError(cell.text)
    return date.fromisoformat(cell.text)


def choice(options: Mapping[Any, str]) -> Reader:
    """Reader of one of the options, by its key or its name in any language."""

    def read(cell: Cell) -> object:
        return _chosen(cell.text, options)

    return read


def choices(options: Mapping[Value, str]) -> Callable[[Cell], frozenset[Value]]:
    """Reader of some of the options, with commas or semicolons between."""

    def read(cell: Cell) -> frozenset[Value]:
        return frozenset(_chosen(part, options) for part in parts(cell.text))

    return read


def tiers(options: Mapping[Value, str]) -> Callable[[Cell], tuple[frozenset[Value], ...]]:
    """Reader of tiers, the best first: > between tiers, a comma between groups that rank alike."""

    def read(cell: Cell) -> tuple[frozenset[Value], ...]:
        found = [[_chosen(part, options) for part in parts(tier)] for tier in cell.text.split(">")]
        if not all(found) or len({group for tier in found for group in tier}) < sum(map(len, found)):
            raise ValueError(cell.text)
        return tuple(frozenset(tier) for tier in found)

    return read


def ranking(cell: Cell) -> tuple[str, ...]:
    """Names in order, the best first, with > or a comma or semicolon between; each once."""
    names = parts(cell.text)
    if len(set(names)) < len(names):
        raise ValueError(cell.text)
    return tuple(names)


def post_pairs(cell: Cell) -> tuple[tuple[str | None, str | None], ...]:
    """Pairs of posts in order, the best first: A-1 + B-1 > A-1 + nobody; at least one post in each, each pair once."""
    found = tuple(_pair(part) for part in parts(cell.text))
    if len(set(found)) < len(found) or (None, None) in found:
        raise ValueError(cell.text)
    return found


def codes(cell: Cell) -> frozenset[str]:
    """County codes of two digits; a spreadsheet drops the zero in front of 03."""
    found = [part.zfill(2) for part in parts(cell.text)]
    if not all(re.fullmatch(r"[0-9]{2}", code) for code in found):
        raise ValueError(cell.text)
    return frozenset(found)


def weights(cell: Cell) -> tuple[tuple[str, float], ...]:
    """Factors and their weights: workload=3; colleagues=1."""
    found = {}
    for part in re.split(r"[;>]", cell.text):
        name, sign, number = part.partition("=")
        if not sign or name.strip() in found:
            raise ValueError(cell.text)
        found[name.strip()] = _number(number.strip())
    if any(not 0 <= weight < float("inf") for weight in found.values()):
        raise ValueError(cell.text)
    return tuple(found.items())


def parts(text: str) -> list[str]:
    """What stands between the signs, empty parts left out."""
    return [part.strip() for part in PARTS.split(text) if part.strip()]


def _pair(text: str) -> tuple[str | None, str | None]:
    names = [part.strip() for part in text.split("+")]
    if len(names) != 2 or not all(names):
        raise ValueError(text)
    first, second = (None if name.casefold() in _nobody() else name for name in names)
    return first, second


def _nobody() -> set[str]:
    """How it is said that a member of a couple is without a post, in any language."""
    return {translate(NOBODY, language).casefold() for language in LANGUAGES} | {"-"}


def _chosen(text: str, options: Mapping[Value, str]) -> Value:
    wanted = text.strip().casefold()
    for value, label in options.items():
        names = {str(value), getattr(value, "name", ""), *(translate(label, language) for language in LANGUAGES)}
        if wanted in {name.casefold() for name in names}:
            return value
    raise ValueError(text)


def _number(text: str) -> float:
    return float(text.replace("\u00a0", "").replace(",", "."))
