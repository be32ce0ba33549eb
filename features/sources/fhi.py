"""The Norwegian Institute of Public Health's open statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from features.errors import AnswerFault, SourceAnswerError
from features.sources.json_stat import Dataset, Origin, read_dataset
from features.sources.transport import Client

PUBLISHER = "FHI"
BASE_URL = "https://statistikk-data.fhi.no/api/open/v1"
SECONDS_BETWEEN_CALLS = 1.0

MOST_ROWS = 50_000

Filter = Literal["item", "all", "top", "bottom"]


@dataclass(frozen=True, slots=True)
class Source:
    """A collection of tables and who publishes it."""

    key: str
    title: str
    published_by: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a source; `changed` is when it was last changed, or published if it never was."""

    key: str
    title: str
    changed: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category of a dimension, and the code of the one it lies within (None at the top)."""

    code: str
    label: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of a table, its categories parents first."""

    code: str
    label: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted of one dimension.

    ``item`` takes the codes given, ``all`` those that match a pattern such as ``A*``. ``top`` and ``bottom`` take the
    first and the last so many; years stand oldest first, so the newest is ``bottom`` - the other way round than at SSB.
    """

    dimension: str
    values: tuple[str, ...]
    filter: Filter = "item"


def sources(client: Client) -> tuple[Source, ...]:
    """The collections of tables.

    Raises
    ------
    SourceUnavailableError
        If FHI does not answer.
    SourceAnswerError
        If it answers with something else.
    """
    path = "Common/source"
    return tuple(
        Source(
            _field(item, "id", client, path), _field(item, "title", client, path), str(item.get("publishedBy") or "")
        )
        for item in _objects(client.get_json(path), client, path)
    )


def tables(client: Client, source: str) -> tuple[Table, ...]:
    """The tables of a source; raises as `sources`."""
    path = f"{source}/Table"
    return tuple(
        Table(
            _field(item, "tableId", client, path),
            _field(item, "title", client, path),
            str(item.get("modifiedAt") or item.get("publishedAt") or ""),
        )
        for item in _objects(client.get_json(path), client, path)
    )


def paragraphs(client: Client, source: str, table: str) -> dict[str, str]:
    """What FHI writes about a table, heading -> text with its HTML; raises as `sources`."""
    path = f"{source}/Table/{table}/metadata"
    answer = client.get_json(path)
    listed = answer.get("paragraphs") if isinstance(answer, Mapping) else None
    return {
        _field(item, "header", client, path): str(item.get("content") or "") for item in _objects(listed, client, path)
    }


def dimensions(client: Client, source: str, table: str) -> tuple[Dimension, ...]:
    """The dimensions of a table with every category; raises as `sources`."""
    path = f"{source}/Table/{table}/dimension"
    answer = client.get_json(path)
    listed = answer.get("dimensions") if isinstance(answer, Mapping) else None
    return tuple(
        Dimension(
            _field(item, "code", client, path),
            _field(item, "label", client, path),
            _categories(item.get("categories"), client, path),
        )
        for item in _objects(listed, client, path)
    )


def read_table(client: Client, source: str, table: str, choices: Sequence[Choice]) -> Dataset:
    """Cells of a table.

    Flags that FHI writes among the values (``..`` missing, ``.`` cannot be computed, ``:`` held back) become marks.

    Raises
    ------
    SourceUnavailableError
        If FHI does not answer.
    SourceAnswerError
        If it refuses the question, or the answer is no JSON-stat.
    """
    path = f"{source}/Table/{table}/data"
    question = {
        "dimensions": [
            {"code": choice.dimension, "filter": choice.filter, "values": list(choice.values)} for choice in choices
        ],
        "response": {"format": "json-stat2", "maxRowCount": MOST_ROWS},
    }
    answer = client.post_json(path, question)
    return read_dataset(answer, Origin(client.publisher, client.address(path), f"table {source}/{table}"))


def _categories(content: object, client: Client, path: str) -> tuple[Category, ...]:
    """The categories of a tree, parents first."""
    found: list[Category] = []
    waiting: list[tuple[Mapping[str, Any], str | None]] = [
        (item, None) for item in reversed(_objects(content, client, path))
    ]
    while waiting:
        item, parent = waiting.pop()
        code = _field(item, "value", client, path)
        found.append(Category(code, _field(item, "label", client, path), parent))
        children = _objects(item.get("children") or [], client, path)
        waiting += [(child, code) for child in reversed(children)]
    return tuple(found)


def _objects(content: object, client: Client, path: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(content, list) or not all(isinstance(item, Mapping) for item in content):
        raise _wrong(client, path, "no list of JSON objects")
    return content


def _field(item: Mapping[str, Any], name: str, client: Client, path: str) -> str:
    found = item.get(name)
    if not isinstance(found, str | int):
        raise _wrong(client, path, f"an entry without {name!r}")
    return str(found)


def _wrong(client: Client, path: str, detail: str) -> SourceAnswerError:
    return SourceAnswerError(client.publisher, client.address(path), AnswerFault.SHAPE, detail)
