"""The files of spells: CSV or Parquet, all or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from api.services.research_spells import SpellsResult, periods_of, spells_to_fit
from features.errors import InvalidInputError

_SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True, slots=True)
class SpellsFiles:
    """Where spells, rejected rows and person-periods go; None for what is not wanted."""

    out: Path
    rejects: Path | None
    periods: Path | None

    @property
    def by_option(self) -> dict[str, Path]:
        """The files that are wanted, by the option that names them."""
        named = {"--out": self.out, "--rejects": self.rejects, "--periods": self.periods}
        return {option: path for option, path in named.items() if path is not None}


def require_writable(files: SpellsFiles) -> None:
    """Refuse names that cannot be written, before any work is done."""
    taken: set[Path] = set()
    for option, path in files.by_option.items():
        if path.suffix not in _SUFFIXES:
            raise InvalidInputError(option, path.name, f"a file name that ends with {' or '.join(_SUFFIXES)}")
        if path.exists() or path.absolute() in taken:
            raise InvalidInputError(option, path.name, "a file that does not exist yet, another for each option")
        if not path.absolute().parent.is_dir():
            raise InvalidInputError(option, str(path), "a file in a folder that exists")
        taken.add(path.absolute())


def write_spells(result: SpellsResult, files: SpellsFiles) -> dict[str, Path]:
    """Write what was asked for and return it by option; without spells, only the rejected rows."""
    frames = {"--rejects": result.rejects}
    if result.table.spells.height:
        frames["--out"] = spells_to_fit(result)
        if files.periods is not None:
            frames["--periods"] = periods_of(result)
    wanted = {option: path for option, path in files.by_option.items() if option in frames}
    _write(frames, wanted)
    return wanted


def _write(frames: Mapping[str, pl.DataFrame], paths: Mapping[str, Path]) -> None:
    parts = {option: path.with_name(f".{path.name}.part") for option, path in paths.items()}
    try:
        for option, part in parts.items():
            frame = frames[option]
            frame.write_parquet(part) if paths[option].suffix == ".parquet" else frame.write_csv(part)
        for option, part in parts.items():
            part.replace(paths[option])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InvalidInputError("--out", str(paths.get("--out")), f"files that can be written ({error})") from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
