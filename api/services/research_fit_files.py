"""The files of a comparison, all or none."""

import json
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any

import polars as pl

from api.services.research_document import model_document
from api.services.research_fit import FitResult, predictions
from features.errors import InvalidInputError
from features.sources.folder_swap import put_in_place, sole_writer, workplace_of

FILES = (
    "report.json",
    "report.html",
    "curves.svg",
    "curves.csv",
    "predictions.csv",
    "model.json",
    "rejects.csv",
)


def require_free(out: Path) -> None:
    """Refuse a folder that already holds something, before any work is done."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInputError("--out", out, "a new or empty folder")


def write_files(result: FitResult, document: Mapping[str, Any], page: str, figure: str) -> tuple[str, ...]:
    """Write every file of a result into its folder and return their names; a failed run leaves nothing.

    `document`, `page` and `figure` are report.json, report.html and curves.svg.
    """
    folder = result.request.out.absolute()
    new, model = workplace_of(folder), model_document(result)
    codes = {0: ""} | dict(enumerate(result.spells.causes, 1))
    try:
        with sole_writer(folder):
            try:
                new.mkdir()
                (new / "report.json").write_text(_json(document), encoding="utf-8")
                (new / "report.html").write_text(page, encoding="utf-8")
                (new / "curves.svg").write_text(figure, encoding="utf-8")
                curves = result.curves.with_columns(pl.col("cause").replace_strict(codes, return_dtype=pl.String))
                curves.write_csv(new / "curves.csv")
                predictions(result).write_csv(new / "predictions.csv")
                result.spells.rejects.write_csv(new / "rejects.csv")
                if model is not None:
                    (new / "model.json").write_text(_json(model), encoding="utf-8")
                written = tuple(name for name in FILES if (new / name).exists())
                put_in_place(new, folder)
            finally:
                rmtree(new, ignore_errors=True)
                folder.with_name(f".{folder.name}.lock").unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInputError("--out", result.request.out, f"a folder that can be written to ({error})") from error
    return written


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
