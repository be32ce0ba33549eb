"""Puts a finished folder in the place of another: all of it or nothing, whatever breaks off."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.errors import InvalidInputError


def fallback_of(folder: Path) -> Path:
    """Where the old content of a folder stands while the new one takes its place.

    Readers that find `folder` missing find the old content there: the program was stopped between the two renamings.
    """
    return folder.with_name(f"{folder.name}.before")


def workplace_of(folder: Path) -> Path:
    """Where the new content of a folder is made."""
    return folder.with_name(f"{folder.name}.new")


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold a folder for one writer, and tidy up after one that was stopped.

    The old content goes back into place if it stood aside, and half-made new content is removed.

    Raises
    ------
    InvalidInputError
        If another writer holds the folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InvalidInputError("into", folder, "a folder that no other refresh is writing to") from None
        if not folder.exists() and fallback_of(folder).exists():
            fallback_of(folder).rename(folder)
        _remove(fallback_of(folder))
        _remove(workplace_of(folder))
        yield


def put_in_place(new: Path, folder: Path) -> None:
    """Give a finished folder the name of another, which is removed; on a failure the other keeps its name.

    The finished folder is written out to the disk first, so that a power cut cannot leave a part of it.
    """
    for file in sorted(new.iterdir()):
        _write_out(file)
    _write_out(new)
    aside = fallback_of(folder)
    if folder.exists():
        folder.rename(aside)
    try:
        new.rename(folder)
    except BaseException:
        if aside.exists():
            aside.rename(folder)
        raise
    _write_out(folder.parent)
    _remove(aside)


def _write_out(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
