"""A small table service that behaves as PxWebApi 2 is documented, for the replaying server."""

import io
import itertools
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tests.replay import Asked, ReplayServer, Reply, ok, page, refused

Cell = float | str | None
"""A number, or the mark in its place."""


@dataclass
class PxTable:
    """A table of one `cell` for every combination of its variables' codes.

    Codes are given with their labels; what is in `eliminable` may be left out of a question, `metric` and `time` name
    the variables with these roles. `most_cells` is the service's limit.
    """

    number: str
    variables: Mapping[str, Mapping[str, str]]
    cell: Callable[[dict[str, str]], Cell]
    eliminable: frozenset[str] = frozenset()
    metric: str = "ContentsCode"
    time: str = "Tid"
    names: Mapping[str, str] = field(default_factory=dict)
    most_cells: int = 800_000
    symbols: bool = True
    asked_cells: list[int] = field(default_factory=list)

    def serve(self, server: ReplayServer) -> None:
        server.prepare(f"/api/tables/{self.number}/metadata", self.metadata)
        server.prepare(f"/api/tables/{self.number}/data", self.answer)
        server.prepare(f"/api/tables/{self.number}/data", self.answer, method="POST")

    def metadata(self, asked: Asked) -> Reply:
        assert asked.query["outputFormat"] == ["json-stat2"]
        return ok(self._frame_of({name: list(codes) for name, codes in self.variables.items()}) | {"value": []})

    def answer(self, asked: Asked) -> Reply:
        if len(asked.target) > 2100:
            return page("<title>404 - File or directory not found.</title>", 404)
        if asked.method == "POST":
            wanted = {part["variableCode"]: part["valueCodes"] for part in asked.json()["selection"]}
        else:
            wanted = {
                key.removeprefix("valueCodes[").removesuffix("]"): ",".join(values).split(",")
                for key, values in asked.query.items()
                if key.startswith("valueCodes[")
            }
        chosen = {
            name: list(codes) if wanted[name] == ["*"] else wanted[name]
            for name, codes in self.variables.items()
            if name in wanted
        }
        for name, codes in self.variables.items():
            if name not in chosen and name not in self.eliminable:
                return refused({"type": "Parameter error", "title": "Missing selection for mandantory variable"})
            if not set(chosen.get(name, ())) <= set(codes):
                return refused({"type": "Parameter error", "title": "Non-existent value", "status": 400})
        self.asked_cells.append(math.prod(map(len, chosen.values())))
        if self.asked_cells[-1] > self.most_cells:
            return refused({"type": "Parameter error", "title": "Too many cells selected"}, 403)
        ordered = {name: [code for code in self.variables[name] if code in codes] for name, codes in chosen.items()}
        cells = [self._summed(dict(zip(ordered, key, strict=True))) for key in itertools.product(*ordered.values())]
        if asked.query["outputFormat"] == ["parquet"]:
            return Reply(self._parquet(ordered, cells))
        return ok(
            self._frame_of(ordered)
            | {
                "value": [None if isinstance(cell, str) else cell for cell in cells],
                "status": {str(place): cell for place, cell in enumerate(cells) if isinstance(cell, str)},
            }
        )

    def _summed(self, key: dict[str, str]) -> Cell:
        """The cell, or the sum of the cells, over the variables that were left out."""
        open_names = [name for name in self.variables if name not in key]
        cells = [
            self.cell(key | dict(zip(open_names, rest, strict=True)))
            for rest in itertools.product(*(self.variables[name] for name in open_names))
        ]
        if len(cells) == 1:
            return cells[0]
        numbers = [cell for cell in cells if isinstance(cell, float | int)]
        return sum(numbers) if numbers else None

    def _frame_of(self, chosen: Mapping[str, list[str]]) -> dict[str, Any]:
        return {
            "version": "2.0",
            "class": "dataset",
            "label": f"{self.number}: a table",
            "updated": "2026-06-15T06:00:00Z",
            "role": {"time": [self.time], "metric": [self.metric]},
            "id": list(chosen),
            "size": [len(codes) for codes in chosen.values()],
            "dimension": {
                name: {
                    "label": self.names.get(name, name.lower()),
                    "category": {
                        "index": {code: place for place, code in enumerate(codes)},
                        "label": {code: self.variables[name][code] for code in codes},
                    },
                    "extension": {"elimination": name in self.eliminable},
                }
                for name, codes in chosen.items()
            },
        }

    def _parquet(self, chosen: Mapping[str, list[str]], cells: list[Cell]) -> bytes:
        """The columns that the office's serializer writes, one pair for each kind of figure."""
        keys = [dict(zip(chosen, key, strict=True)) for key in itertools.product(*chosen.values())]
        kinds = chosen[self.metric]
        columns: dict[str, list[Any]] = {}
        for kind in kinds:
            name = "value" if len(kinds) == 1 else f"{self.metric}_{kind}"
            own = [(key, cell) for key, cell in zip(keys, cells, strict=True) if key[self.metric] == kind]
            for variable in chosen:
                if variable == self.time:
                    columns["timestamp"] = [int(key[variable][:4]) for key, _ in own]
                if variable != self.metric:
                    digits = [key[variable].replace("K", "").replace("M", "") for key, _ in own]
                    plain = digits if variable == self.time else [key[variable] for key, _ in own]
                    columns[self.names.get(variable, variable.lower())] = plain
            columns[name] = [float("nan") if cell is None or isinstance(cell, str) else float(cell) for _, cell in own]
            if self.symbols:
                columns[f"{name}_symbol"] = [cell if isinstance(cell, str) else None for _, cell in own]
        written = io.BytesIO()
        pl.DataFrame(columns).write_parquet(written)
        return written.getvalue()


def named(*codes: str) -> dict[str, str]:
    """Codes whose labels say no more than they do."""
    return {code: code for code in codes}


def selection_of(asked: Asked) -> dict[str, list[str]]:
    """What a posted question wants."""
    return {part["variableCode"]: part["valueCodes"] for part in json.loads(asked.body)["selection"]}
