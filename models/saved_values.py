"""Designs and tables of fitted hazards as plain values that JSON can hold."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from zlib import compress, decompress

import numpy as np

from models.design_matrix import Design


def design_document(design: Design) -> dict[str, Any]:
    """Return how covariates become columns, as plain values that JSON can hold."""
    values = {field.name: getattr(design, field.name) for field in fields(design)}
    for name in ("fill", "centre", "scale", "curve_centre", "curve_scale", "curve_slope"):
        values[name] = None if values[name] is None else values[name].tolist()
    values["raw"] = [
        [source, "missing" if level is not None and np.isnan(level) else level] for source, level in design.raw
    ]
    values["knots"] = [[place, knots.tolist()] for place, knots in design.knots]
    return values


def design_of_document(values: Mapping[str, Any]) -> Design:
    """Return the design that `design_document` wrote."""
    arrays: dict[str, Any] = {
        name: None if values[name] is None else np.asarray(values[name], dtype=np.float64)
        for name in ("fill", "centre", "scale", "curve_centre", "curve_scale", "curve_slope")
    }
    return Design(
        names=tuple(values["names"]),
        categories={name: tuple(levels) for name, levels in values["categories"].items()},
        raw=tuple((int(source), float("nan") if level == "missing" else level) for source, level in values["raw"]),
        knots=tuple((int(place), np.asarray(knots, dtype=np.float64)) for place, knots in values["knots"]),
        products=tuple((int(left), int(right)) for left, right in values["products"]),
        **arrays,
    )


def packed(table: np.ndarray) -> dict[str, Any]:
    """Return a table of numbers as compressed text; numbers of 32 bits come back as they were."""
    raw = np.ascontiguousarray(table, dtype="<f4").tobytes()
    return {"shape": list(table.shape), "float32": b64encode(compress(raw, 6)).decode()}


def unpacked(written: Mapping[str, Any]) -> np.ndarray:
    """Return the table that `packed` wrote."""
    values = np.frombuffer(decompress(b64decode(written["float32"], validate=True)), dtype="<f4")
    return values.reshape(written["shape"]).astype(np.float32)
