"""A folder changes as a whole or not at all, whatever breaks off."""

from pathlib import Path, PosixPath

import pytest

from features.errors import InvalidInputError
from features.sources.folder_swap import fallback_of, put_in_place, sole_writer, workplace_of


class Stuck(PosixPath):
    """A path whose folder cannot be renamed."""

    def rename(self, target: object) -> "Stuck":
        raise OSError("no space left")


def folder(path: Path, content: str) -> Path:
    path.mkdir()
    (path / "file").write_text(content)
    return path


def test_the_new_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    old, new = folder(tmp_path / "ref", "old"), folder(tmp_path / "ref.new", "new")
    put_in_place(new, old)
    assert (old / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["ref"]


def test_a_first_folder_needs_no_older_one(tmp_path: Path) -> None:
    put_in_place(folder(tmp_path / "ref.new", "new"), tmp_path / "ref")
    assert (tmp_path / "ref" / "file").read_text() == "new"


def test_a_failed_renaming_leaves_the_old_folder_in_place(tmp_path: Path) -> None:
    old, new = folder(tmp_path / "ref", "old"), folder(tmp_path / "ref.new", "new")
    with pytest.raises(OSError, match="no space"):
        put_in_place(Stuck(new), old)
    assert (old / "file").read_text() == "old"
    assert not fallback_of(old).exists()


def test_a_stop_between_the_two_renamings_is_mended_by_the_next_writer(tmp_path: Path) -> None:
    target = tmp_path / "ref"
    folder(fallback_of(target), "old")
    folder(workplace_of(target), "new, perhaps whole, perhaps not")
    with sole_writer(target):
        assert (target / "file").read_text() == "old"
        assert not workplace_of(target).exists()
    assert not fallback_of(target).exists()


def test_a_stop_before_the_old_folder_was_removed_keeps_the_new_one(tmp_path: Path) -> None:
    target = folder(tmp_path / "ref", "new")
    folder(fallback_of(target), "old")
    with sole_writer(target):
        assert (target / "file").read_text() == "new"
    assert not fallback_of(target).exists()


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "var" / "ref"
    with sole_writer(target), pytest.raises(InvalidInputError, match="no other refresh"), sole_writer(target):
        pass
    with sole_writer(target):
        pass
