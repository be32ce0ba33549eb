"""Asks a statistical office's tables through PxWebApi 2, within its limits."""

import dataclasses
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import polars as pl

from features.errors import AnswerFault, SourceAnswerError
from features.sources.json_stat import Dataset, Origin, Variable, read_dataset, read_variables
from features.sources.px_parquet import read_parquet_cells
from features.sources.transport import Client

Selections = Mapping[str, Sequence[str]]
"""Variable -> what is wanted of it: codes, or the expressions that `chosen_codes` reads."""

Chosen = Mapping[str, tuple[str, ...]]
"""Variable -> codes."""

MOST_CELLS = 800_000
LONGEST_ADDRESS = 2_000


@dataclass(frozen=True, slots=True)
class PxWeb:
    """A statistical office's service.

    Attributes
    ----------
    client : Client
        Asks it at the pace it wants.
    language : str
        Of the labels.
    most_cells : int
        Largest number of cells that it gives in one answer.
    """

    client: Client
    language: str = "no"
    most_cells: int = MOST_CELLS


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a table holds: its title, when it was last changed, and its variables."""

    table: str
    label: str
    updated: str
    variables: tuple[Variable, ...]


def within_own_limits(service: PxWeb) -> PxWeb:
    """The service with the limits on cells and on calls that it tells itself.

    A limit that it does not tell, or tells as 0, is kept as it is: SSB tells 0 calls and answers 429 all the same.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If it does not answer, or not with a JSON object.
    """
    config = service.client.get_json("config")
    if not isinstance(config, Mapping):
        raise _origin(service, "config").wrong(AnswerFault.SHAPE, "no JSON object")
    cells, calls, seconds = (_limit(config.get(key)) for key in ("maxDataCells", "maxCallsPerTimeWindow", "timeWindow"))
    client = service.client
    if calls and seconds:
        client = dataclasses.replace(client, seconds_between_calls=seconds / calls)
    return dataclasses.replace(service, client=client, most_cells=int(cells or service.most_cells))


def read_metadata(service: PxWeb, table: str) -> Metadata:
    """Variables of a table, with every code.

    Raises
    ------
    SourceUnavailableError
        If the service does not answer.
    SourceAnswerError
        If there is no such table, or the answer is no JSON-stat.
    """
    path = f"tables/{table}/metadata"
    origin = _origin(service, path, f"table {table}")
    try:
        answer = service.client.get_json(path, {"lang": service.language, "outputFormat": "json-stat2"})
    except SourceAnswerError as error:
        raise _told(error, origin) from None
    variables = read_variables(answer, origin)
    return Metadata(table, str(answer.get("label") or ""), str(answer.get("updated") or ""), variables)


def read_table(service: PxWeb, table: str, selections: Selections) -> Dataset:
    """Cells of a table, asked for in as many parts as the service's limit needs.

    Asks for the metadata first, so that a code that the table no longer has is named before anything is fetched.

    Parameters
    ----------
    service : PxWeb
        Whom to ask.
    table : str
        Its number, for example ``12005``.
    selections : Selections
        For each variable codes, or ``*``, ``top(n)``, ``bottom(n)``, ``from(x)``, ``to(x)``, ``[range(x,y)]``. A
        variable that may be left out and is not named is summed over.

    Returns
    -------
    Dataset
        Rows in the order of the table's variables and codes, however many parts it took.

    Raises
    ------
    SourceUnavailableError
        If the service does not answer.
    SourceAnswerError
        If the table lacks a variable or code, the service refuses, or an answer is not what was asked for.
    """
    metadata = read_metadata(service, table)
    chosen = _chosen(service, metadata, selections)
    asked = [_asked_variables(metadata, part) for part in split(chosen, service.most_cells)]
    parts = [_read_json_part(service, metadata, variables) for variables in asked]
    return _joined(metadata, chosen, parts)


def read_table_as_parquet(service: PxWeb, table: str, selections: Selections) -> Dataset:
    """The same as `read_table`, sent as Parquet; what that format loses is told in `features.sources.px_parquet`.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        As `read_table`.
    """
    metadata = read_metadata(service, table)
    chosen = _chosen(service, metadata, selections)
    asked = [_asked_variables(metadata, part) for part in split(chosen, service.most_cells)]
    parts = [_read_parquet_part(service, metadata, variables) for variables in asked]
    return _joined(metadata, chosen, parts)


def chosen_codes(variable: Variable, expressions: Sequence[str]) -> tuple[str, ...] | None:
    """Codes that expressions choose of a variable, in its order; None if one of them chooses nothing.

    Examples
    --------
    >>> year = Variable("Tid", "år", {code: code for code in ("2021", "2022", "2023", "2024")}, role="time")
    >>> chosen_codes(year, ["top(1)", "2021"])
    ('2021', '2024')
    >>> chosen_codes(year, ["[range(2022,2023)]"])
    ('2022', '2023')
    >>> chosen_codes(year, ["2030"]) is None
    True

    References
    ----------
    PxWebApi 2, selection expressions: of a time variable ``top`` takes the newest, of others the first.
    """
    found = [_matches(variable, expression.strip()) for expression in expressions]
    if not found or not all(found):
        return None
    union = {code for codes in found for code in codes}
    return tuple(code for code in variable.codes if code in union)


def split(chosen: Chosen, most_cells: int) -> list[Chosen]:
    """Parts of a choice that hold at most so many cells each and together hold every cell once.

    Examples
    --------
    >>> split({"Region": ("0301", "1804", "5001"), "Tid": ("2024", "2025")}, 4)
    [{'Region': ('0301', '1804'), 'Tid': ('2024', '2025')}, {'Region': ('5001',), 'Tid': ('2024', '2025')}]
    """
    cells = math.prod(map(len, chosen.values()))
    if cells <= most_cells:
        return [chosen]
    longest = max(chosen, key=lambda code: len(chosen[code]))
    codes = chosen[longest]
    step = max(most_cells // (cells // len(codes)), 1)
    return [
        part
        for start in range(0, len(codes), step)
        for part in split({**chosen, longest: codes[start : start + step]}, most_cells)
    ]


def _limit(told: object) -> float | None:
    return told if isinstance(told, int | float) and not isinstance(told, bool) and told > 0 else None


def _origin(service: PxWeb, path: str, asked: str = "") -> Origin:
    return Origin(service.client.publisher, service.client.address(path), asked)


def _matches(variable: Variable, expression: str) -> list[str]:
    codes = list(variable.codes)
    if expression in codes:
        return [expression]
    call = re.fullmatch(r"\[?(top|bottom|from|to|range)\(([^()]*)\)\]?", expression, re.IGNORECASE)
    if call is None:
        return [code for code in codes if fnmatchcase(code, expression)] if set(expression) & set("*?") else []
    word, given = call[1].lower(), [part.strip() for part in call[2].split(",")]
    if word in ("top", "bottom") and given[0].isdecimal() and len(given) == 1:
        from_the_end = (variable.role == "time") == (word == "top")
        return codes[max(len(codes) - int(given[0]), 0) :] if from_the_end else codes[: int(given[0])]
    if not set(given) <= set(codes) or len(given) != (2 if word == "range" else 1):
        return []
    places = sorted(codes.index(code) for code in given)
    return {"from": codes[places[0] :], "to": codes[: places[0] + 1], "range": codes[places[0] : places[-1] + 1]}[word]


def _chosen(service: PxWeb, metadata: Metadata, selections: Selections) -> Chosen:
    """The codes that are asked for, in the order of the table's variables."""
    origin = _origin(service, f"tables/{metadata.table}/metadata", f"table {metadata.table}")
    strangers = [code for code in selections if code not in {variable.code for variable in metadata.variables}]
    if strangers:
        raise origin.wrong(AnswerFault.SHAPE, f"it has no variable {', '.join(strangers)}")
    chosen = {}
    for variable in metadata.variables:
        if variable.code not in selections:
            if variable.eliminable:
                continue
            raise origin.wrong(AnswerFault.SHAPE, f"it has a variable {variable.code} that must be chosen")
        codes = chosen_codes(variable, selections[variable.code])
        if codes is None:
            gone = [wanted for wanted in selections[variable.code] if chosen_codes(variable, [wanted]) is None]
            raise origin.wrong(AnswerFault.SHAPE, f"variable {variable.code} has no {', '.join(gone)[:60]}")
        chosen[variable.code] = codes
    return chosen


def _asked_variables(metadata: Metadata, part: Chosen) -> tuple[Variable, ...]:
    """The variables of a question, each with only the codes that are asked for."""
    return tuple(
        dataclasses.replace(variable, labels={code: variable.labels[code] for code in part[variable.code]})
        for variable in metadata.variables
        if variable.code in part
    )


def _read_json_part(service: PxWeb, metadata: Metadata, asked: Sequence[Variable]) -> pl.DataFrame:
    origin = _origin(service, f"tables/{metadata.table}/data", f"table {metadata.table}")
    question, client = _question(service, metadata, asked, "json-stat2"), service.client
    try:
        answer = (
            client.get_json(question.path, question.params)
            if question.body is None
            else client.post_json(question.path, question.body, question.params)
        )
    except SourceAnswerError as error:
        raise _told(error, origin, asked) from None
    dataset = read_dataset(answer, origin)
    answered = {variable.code: set(variable.codes) for variable in dataset.variables}
    if answered != {variable.code: set(variable.codes) for variable in asked}:
        raise origin.wrong(AnswerFault.SHAPE, "the answer holds other variables or codes than asked for")
    return dataset.cells.select(*(variable.code for variable in asked), "value", "mark")


def _read_parquet_part(service: PxWeb, metadata: Metadata, asked: Sequence[Variable]) -> pl.DataFrame:
    origin = _origin(service, f"tables/{metadata.table}/data", f"table {metadata.table}")
    question, client = _question(service, metadata, asked, "parquet"), service.client
    try:
        body = (
            client.get_bytes(question.path, question.params)
            if question.body is None
            else client.post_bytes(question.path, question.body, question.params)
        )
    except SourceAnswerError as error:
        raise _told(error, origin, asked) from None
    return read_parquet_cells(body, asked, origin)


@dataclass(frozen=True, slots=True)
class _Question:
    """A call for cells; without body where the address has room for the whole of it."""

    path: str
    params: list[tuple[str, str]]
    body: dict[str, Any] | None = None


def _question(service: PxWeb, metadata: Metadata, asked: Sequence[Variable], output: str) -> _Question:
    path, params = f"tables/{metadata.table}/data", [("lang", service.language), ("outputFormat", output)]
    whole = {variable.code: variable.codes for variable in metadata.variables}
    query = [
        (f"valueCodes[{variable.code}]", "*" if variable.codes == whole[variable.code] else ",".join(variable.codes))
        for variable in asked
    ]
    # SSB answers 404 with a page, not with an error, to addresses of 2,100 characters and more.
    if len(service.client.address(path, params + query)) < LONGEST_ADDRESS:
        return _Question(path, params + query)
    wanted = [{"variableCode": variable.code, "valueCodes": list(variable.codes)} for variable in asked]
    return _Question(path, params, {"selection": wanted})


def _told(error: SourceAnswerError, origin: Origin, asked: Sequence[Variable] = ()) -> SourceAnswerError:
    """The same error with the table, its variables and the service's own words."""
    try:
        answer = json.loads(error.body)
    except ValueError:
        answer = None
    title = answer.get("title") if isinstance(answer, dict) else None
    variables = f" ({', '.join(variable.code for variable in asked)})" if asked else ""
    detail = f"{origin.asked}{variables}: {title or error.detail}"
    return SourceAnswerError(error.publisher, error.url, error.what, detail, status=error.status, body=error.body)


def _joined(metadata: Metadata, chosen: Chosen, parts: Sequence[pl.DataFrame]) -> Dataset:
    """One data set of all parts, in the order of the table's variables and codes."""
    variables = _asked_variables(metadata, chosen)
    order = [pl.col(variable.code).cast(pl.Enum(variable.codes)) for variable in variables]
    cells = pl.concat(parts)
    return Dataset(metadata.label, metadata.updated, variables, cells.sort(order) if order else cells)
