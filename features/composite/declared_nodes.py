"""Indicators and aggregates, read from a file; rows that cannot be used come back with the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from features.composite.reading import (
    RawRows,
    RejectedRow,
    Rejection,
    is_missing,
    plain_number,
    read_rows,
    rejected_rows,
    repeats,
)
from features.composite.structure import Band, Node
from features.frames import IndexNode

NUMBERS = ("low", "high", "goalpost_low", "goalpost_high")


@dataclass(frozen=True, slots=True)
class DeclaredNodes:
    """Nodes that hang together in trees, and the rows that do not.

    Attributes
    ----------
    lines : Mapping[str, int]
        Line of every node that has one.
    implied_roots : tuple[str, ...]
        Parents without a row of their own, taken for tops because no row is declared as one.
    turned_aggregates : tuple[str, ...]
        Aggregates declared with direction -1, which only indicators have.
    """

    nodes: tuple[Node, ...]
    lines: Mapping[str, int]
    implied_roots: tuple[str, ...]
    turned_aggregates: tuple[str, ...]
    rejected: tuple[RejectedRow, ...]
    ignored: tuple[str, ...]


def read_declared_nodes(path: Path) -> DeclaredNodes:
    """Read ``indicator, parent, weight, direction`` and, where there are any, label, target band and goalposts.

    A row without parent is the top of an index and needs no weight; a blank direction is 1. If no row is without
    parent, parents that have no row themselves are the tops.

    Raises
    ------
    IndexFileError
        If the file cannot be used at all.
    """
    raw = read_rows(path, "indicators", ("indicator", "parent", "weight", "direction"), ("label", *NUMBERS))
    judged = _judged(raw)
    sound = judged.filter(pl.col("reason").is_null()).with_columns(
        reason=repeats(["indicator"], ["parent", "weight", "direction", "label", *NUMBERS])
    )
    accepted = IndexNode.validate(sound.filter(pl.col("reason").is_null()).select(list(IndexNode.columns())), cast=True)
    failed = pl.concat([judged.filter(pl.col("reason").is_not_null()), sound.filter(pl.col("reason").is_not_null())])
    return _trees(raw, accepted, rejected_rows(raw, failed))


def without(
    nodes: Iterable[Node], left_out: Mapping[str, Rejection], lines: Mapping[str, int]
) -> tuple[tuple[Node, ...], tuple[RejectedRow, ...]]:
    """Nodes without some indicators and without the aggregates that then have no child, with those as rejected."""
    reasons = dict(left_out)
    given = tuple(nodes)
    parents = {node.parent for node in given}
    while True:
        still_parents = {node.parent for node in given if node.key not in reasons}
        empty = {
            node.key
            for node in given
            if node.key in parents and node.key not in still_parents and node.key not in reasons
        }
        if not empty:
            break
        reasons |= dict.fromkeys(empty, Rejection.NO_CHILDREN)
    rejected = tuple(
        RejectedRow("indicators", lines.get(node.key), None, node.key, node.key, reasons[node.key])
        for node in given
        if node.key in reasons
    )
    return tuple(node for node in given if node.key not in reasons), rejected


def _judged(raw: RawRows) -> pl.DataFrame:
    weight, direction = plain_number(raw, "weight"), plain_number(raw, "direction")
    is_top = pl.col("parent") == ""
    return (
        raw.rows.with_columns(
            parent=pl.when(is_missing("parent")).then(pl.lit("")).otherwise(pl.col("parent")),
        )
        .with_columns(
            weight=pl.when(is_top & is_missing("weight")).then(1.0).otherwise(weight),
            direction=pl.when(is_missing("direction")).then(1.0).otherwise(direction),
            parent=pl.when(~is_top).then(pl.col("parent")),
            label=pl.when(pl.col("label") != "").then(pl.col("label")),
            **{name: pl.when(~is_missing(name)).then(plain_number(raw, name)) for name in NUMBERS},
            **{f"{name}_given": ~is_missing(name) for name in NUMBERS},
        )
        .with_columns(reason=_reason())
    )


def _reason() -> pl.Expr:
    def unreadable(*names: str) -> pl.Expr:
        return pl.any_horizontal(pl.col(f"{name}_given") & pl.col(name).is_null() for name in names)

    posts = pl.col("goalpost_low"), pl.col("goalpost_high")
    return (
        pl.when(pl.col("indicator") == "")
        .then(pl.lit(Rejection.NO_INDICATOR.value))
        .when(pl.col("weight").is_null() | (pl.col("weight") <= 0))
        .then(pl.lit(Rejection.WEIGHT.value))
        .when(~pl.col("direction").is_in([-1.0, 1.0]).fill_null(value=False))
        .then(pl.lit(Rejection.DIRECTION.value))
        .when(unreadable("low", "high") | (pl.col("low") > pl.col("high")).fill_null(value=False))
        .then(pl.lit(Rejection.BAND.value))
        .when(
            unreadable("goalpost_low", "goalpost_high")
            | (posts[0].is_null() != posts[1].is_null())
            | (posts[0] >= posts[1]).fill_null(value=False)
        )
        .then(pl.lit(Rejection.GOALPOSTS.value))
    )


def _trees(raw: RawRows, accepted: dy.DataFrame[IndexNode], rejected: tuple[RejectedRow, ...]) -> DeclaredNodes:
    given = {row["indicator"]: _node(row) for row in accepted.iter_rows(named=True)}
    lines = {row["indicator"]: row["line"] for row in accepted.iter_rows(named=True)}
    texts = dict(accepted.join(raw.rows, on="line", suffix="_text").select("indicator", "given").iter_rows())
    listed = set(raw.rows["indicator"])
    has_top = bool(raw.rows.select((is_missing("parent") & (pl.col("indicator") != "")).any()).item())
    implied = () if has_top else tuple(sorted({node.parent for node in given.values() if node.parent} - listed))
    nodes = given | {key: Node(key, None) for key in implied}
    reasons = _loose(nodes, listed)
    kept = tuple(node for key, node in nodes.items() if key not in reasons)
    parents = {node.parent for node in kept}
    loose = tuple(RejectedRow(raw.table, lines[key], None, key, texts[key], reasons[key]) for key in reasons)
    return DeclaredNodes(
        nodes=tuple(replace(node, direction=1) if node.key in parents else node for node in kept),
        lines=lines,
        implied_roots=implied,
        turned_aggregates=tuple(node.key for node in kept if node.key in parents and node.direction < 0),
        rejected=tuple(sorted((*raw.rejected, *rejected, *loose), key=lambda row: row.line or 0)),
        ignored=raw.ignored,
    )


def _loose(nodes: Mapping[str, Node], listed: set[str]) -> dict[str, Rejection]:
    """Nodes that no chain of parents leads up from to a top, or that stand alone, with the reason."""
    reasons: dict[str, Rejection] = {}
    parents = {node.parent for node in nodes.values()}
    for key, node in nodes.items():
        seen, at = {key}, node.parent
        while at is not None and at in nodes and at not in seen:
            seen.add(at)
            at = nodes[at].parent
        if at is None:
            if node.parent is None and key not in parents:
                reasons[key] = Rejection.OUTSIDE
        elif at in nodes:
            reasons[key] = Rejection.CIRCLE
        elif node.parent != at or at in listed:
            reasons[key] = Rejection.PARENT_REJECTED
        else:
            reasons[key] = Rejection.UNKNOWN_PARENT
    return reasons


def _node(row: Mapping[str, object]) -> Node:
    return Node(
        key=str(row["indicator"]),
        parent=None if row["parent"] is None else str(row["parent"]),
        weight=float(str(row["weight"])),
        direction=int(str(row["direction"])),
        label=None if row["label"] is None else str(row["label"]),
        band=_band(row["low"], row["high"]),
        goalposts=_band(row["goalpost_low"], row["goalpost_high"]),
    )


def _band(low: object, high: object) -> Band | None:
    if low is None and high is None:
        return None
    return -np.inf if low is None else float(str(low)), np.inf if high is None else float(str(high))
