"""Turns a JSON-stat 2 answer into a long frame, with the marks that stand where a number is missing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from features.errors import AnswerFault, SourceAnswerError

NOT_POSSIBLE, MISSING, CONFIDENTIAL = ".", "..", ":"

WITHOUT_VALUE = frozenset({NOT_POSSIBLE, MISSING, CONFIDENTIAL})
"""Marks beside which a number is never taken in, whatever stands in its place."""

MOST_CELLS = 20_000_000


@dataclass(frozen=True, slots=True)
class Variable:
    """A dimension of a table.

    Attributes
    ----------
    code, label : str
        As the publisher names it, for programs and for readers.
    labels : Mapping[str, str]
        Code -> label of every category, in the publisher's order.
    role : str
        ``time``, ``geo`` or ``metric`` (the kinds of figure), or empty.
    eliminable : bool
        Whether it may be left out of a question, for the sum over its categories.
    """

    code: str
    label: str
    labels: Mapping[str, str]
    role: str = ""
    eliminable: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The categories' codes in the publisher's order."""
        return tuple(self.labels)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A JSON-stat data set.

    Attributes
    ----------
    label, updated : str
        Title, and when the publisher last changed it; empty if not told.
    variables : tuple[Variable, ...]
        Dimensions in the order of the frame's columns.
    cells : polars.DataFrame
        A row per cell, the last variable changing fastest: a column of codes per variable, ``value`` (null where there
        is no number) and ``mark`` (the sign that the publisher set at the cell, or null).
    """

    label: str
    updated: str
    variables: tuple[Variable, ...]
    cells: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Origin:
    """Who gave an answer and what was asked for, for the errors."""

    publisher: str
    url: str
    asked: str = ""

    def wrong(self, what: AnswerFault, detail: str) -> SourceAnswerError:
        """An error about the answer."""
        return SourceAnswerError(self.publisher, self.url, what, f"{self.asked}: {detail}" if self.asked else detail)


def read_dataset(answer: object, origin: Origin) -> Dataset:
    """Frame of a JSON-stat 2 data set.

    Both ways of writing a list of categories (list, or code -> position), a list of values, a sparse set of values and
    a status (list, position -> mark, one mark for all, or empty) are read, and marks that stand among the values, as
    FHI writes them, are moved to their own column. A number beside one of the marks `WITHOUT_VALUE` is not taken in.

    Parameters
    ----------
    answer : object
        Decoded JSON.
    origin : Origin
        Named by the errors.

    Raises
    ------
    SourceAnswerError
        If it is no JSON-stat 2 data set, or its sizes and lengths disagree.

    Examples
    --------
    >>> answer = {
    ...     "version": "2.0", "class": "dataset", "id": ["Region", "Tid"], "size": [1, 3],
    ...     "dimension": {
    ...         "Region": {"label": "region", "category": {"label": {"1804": "Bodø"}}},
    ...         "Tid": {"label": "år", "category": {"index": ["2023", "2024", "2025"]}},
    ...     },
    ...     "value": [7, None, 9], "status": {"1": ":"},
    ... }
    >>> read_dataset(answer, Origin("SSB", "https://example.org")).cells.rows()
    [('1804', '2023', 7.0, None), ('1804', '2024', None, ':'), ('1804', '2025', 9.0, None)]

    References
    ----------
    JSON-stat 2.0, https://json-stat.org/full/.
    """
    content = _mapping(answer, "the answer", origin)
    variables = read_variables(content, origin)
    sizes = [len(variable.labels) for variable in variables]
    count = math.prod(sizes)
    if count > MOST_CELLS:
        raise origin.wrong(AnswerFault.TOO_LARGE, f"{count} cells, accepted are {MOST_CELLS}")
    numbers, marks_among = _values(content.get("value"), count, origin)
    status = _status(content.get("status"), count, origin)
    cells = (
        pl.DataFrame(_code_columns(variables, sizes) | {"value": numbers, "mark": marks_among, "status": status})
        .with_columns(mark=pl.coalesce("mark", "status"))
        .drop("status")
        .with_columns(value=pl.when(~pl.col("mark").is_in(WITHOUT_VALUE).fill_null(value=False)).then("value"))
    )
    return Dataset(_text(content.get("label")), _text(content.get("updated")), variables, cells)


def read_variables(answer: object, origin: Origin) -> tuple[Variable, ...]:
    """Dimensions of a JSON-stat 2 data set, whether or not it holds values.

    Raises
    ------
    SourceAnswerError
        If it is no JSON-stat 2 data set.
    """
    content = _mapping(answer, "the answer", origin)
    if content.get("class") != "dataset" or not str(content.get("version", "")).startswith("2"):
        raise origin.wrong(AnswerFault.SHAPE, "no JSON-stat data set of version 2")
    codes, sizes = content.get("id"), content.get("size")
    if not (
        isinstance(codes, list) and isinstance(sizes, list) and len(codes) == len(sizes) == len(set(map(str, codes)))
    ):
        raise origin.wrong(AnswerFault.SHAPE, "'id' and 'size' are no lists of equal length")
    if {"value", "mark", "status"} & set(map(str, codes)):
        raise origin.wrong(AnswerFault.SHAPE, "a variable is called 'value', 'mark' or 'status'")
    dimensions = _mapping(content.get("dimension"), "'dimension'", origin)
    roles = {
        str(code): role
        for role, named in _mapping(content.get("role") or {}, "'role'", origin).items()
        for code in (named if isinstance(named, list) else ())
    }
    return tuple(
        _variable(str(code), size, roles.get(str(code), ""), dimensions, origin)
        for code, size in zip(codes, sizes, strict=True)
    )


def _variable(code: str, size: object, role: str, dimensions: Mapping[str, Any], origin: Origin) -> Variable:
    dimension = _mapping(dimensions.get(code), f"variable {code}", origin)
    category = _mapping(dimension.get("category"), f"categories of {code}", origin)
    labels = _mapping(category.get("label") or {}, f"labels of {code}", origin)
    index = category.get("index")
    if index is None and len(labels) == 1:
        index = list(labels)
    codes = _ordered(index)
    if codes is None or len(codes) != size:
        raise origin.wrong(AnswerFault.SHAPE, f"variable {code} has no {size} categories in order")
    named = {key: str(labels.get(key, key)) for key in codes}
    extension = dimension.get("extension")
    eliminable = isinstance(extension, Mapping) and extension.get("elimination") is True
    return Variable(code, _text(dimension.get("label")) or code, named, role, eliminable)


def _ordered(index: object) -> list[str] | None:
    """Codes of an index in their order; None if it has gaps or repetitions."""
    if isinstance(index, Mapping):
        if sorted(place for place in index.values() if type(place) is int) != list(range(len(index))):
            return None
        return sorted(map(str, index), key=index.__getitem__)
    if isinstance(index, list) and len(set(map(str, index))) == len(index):
        return list(map(str, index))
    return None


def _code_columns(variables: Sequence[Variable], sizes: Sequence[int]) -> dict[str, pl.Series]:
    return {
        variable.code: pl.Series(variable.codes, dtype=pl.String).gather(
            np.tile(np.repeat(np.arange(size), math.prod(sizes[place + 1 :])), math.prod(sizes[:place]))
        )
        for place, (variable, size) in enumerate(zip(variables, sizes, strict=True))
    }


def _values(values: object, count: int, origin: Origin) -> tuple[pl.Series, pl.Series]:
    """Numbers, and the marks that stood in their places."""
    cells = _in_full(values, count, "value", origin)
    kinds = set(map(type, cells))
    if not kinds <= {int, float, str, type(None)}:
        raise origin.wrong(AnswerFault.SHAPE, "'value' holds something else than numbers, marks and nulls")
    marks: list[str | None] | None = None
    if str in kinds:
        marks = [cell or None if type(cell) is str else None for cell in cells]
        cells = [None if type(cell) is str else cell for cell in cells]
    try:
        numbers = pl.Series(cells, dtype=pl.Float64)
    except OverflowError:
        numbers = None
    strays = [mark for mark in set(marks or ()) if mark and any(sign.isdecimal() for sign in mark)]
    if numbers is None or not numbers.drop_nulls().is_finite().all() or strays:
        raise origin.wrong(AnswerFault.SHAPE, f"'value' holds {strays[0]!r}" if strays else "'value' is out of bounds")
    return numbers, pl.Series(marks or [None] * count, dtype=pl.String)


def _status(status: object, count: int, origin: Origin) -> pl.Series:
    if isinstance(status, str | None):
        return pl.Series([status or None] * count, dtype=pl.String)
    marks = _in_full(status, count, "status", origin)
    if not set(map(type, marks)) <= {str, type(None)}:
        raise origin.wrong(AnswerFault.SHAPE, "'status' holds something else than marks")
    return pl.Series([mark or None for mark in marks], dtype=pl.String)


def _in_full(cells: object, count: int, name: str, origin: Origin) -> list[Any]:
    """The cells as a list of the right length, be they written in full or by position."""
    if isinstance(cells, list):
        if len(cells) != count:
            raise origin.wrong(AnswerFault.SHAPE, f"{len(cells)} entries in {name!r}, expected {count}")
        return cells
    written = _mapping(cells, repr(name), origin)
    full: list[Any] = [None] * count
    for position, cell in written.items():
        if not (position.isdecimal() and len(position) < 10 and int(position) < count):
            raise origin.wrong(AnswerFault.SHAPE, f"no cell {position!r} for {name!r}, there are {count}")
        full[int(position)] = cell
    return full


def _mapping(content: object, what: str, origin: Origin) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise origin.wrong(AnswerFault.SHAPE, f"{what} is no JSON object")
    return content


def _text(content: object) -> str:
    return content if isinstance(content, str) else ""
