"""The scripts of the repository: what they refuse, in one sentence, before doing anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "cat", "grep", "sha256sum", "id", "uname", "env")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The scripts alone, in a folder of their own."""
    copied = tmp_path / "stabil"
    copied.mkdir()
    for name in ("setup.sh", "run", "test"):
        shutil.copy(ROOT / name, copied / name)
    return copied


def path_with(folder: Path, *programs: str) -> str:
    """A search path that holds these programs and the basic tools only."""
    folder.mkdir()
    for name in (*TOOLS, *programs):
        found = os.path.realpath(sys.executable) if name == "python3" else shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return str(folder)


def stand_in(folder: Path, name: str, answer: str) -> None:
    program = folder / name
    program.write_text(f"#!{shutil.which('bash')}\necho '{answer}'\n", "utf-8")
    program.chmod(0o755)


def call(clone: Path, script: str, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(clone / script)],
        env={"PATH": path, "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("script", ["run", "test", "setup.sh"])
def test_without_node_the_scripts_say_so_and_write_nothing(clone: Path, tmp_path: Path, script: str) -> None:
    before = sorted(clone.rglob("*"))
    ended = call(clone, script, path_with(tmp_path / "bin", "python3"))
    assert ended.returncode == 1
    assert ended.stderr == "stabil: Node is missing: install nodejs (20 or newer) and npm.\n"
    assert sorted(clone.rglob("*")) == before


def test_an_old_node_is_named_with_its_version(clone: Path, tmp_path: Path) -> None:
    path = path_with(tmp_path / "bin", "python3")
    stand_in(tmp_path / "bin", "node", "18")
    stand_in(tmp_path / "bin", "npm", "9")
    ended = call(clone, "run", path)
    assert ended.returncode == 1
    assert "Node 20 or newer is needed" in ended.stderr


def test_without_python_the_scripts_say_so(clone: Path, tmp_path: Path) -> None:
    ended = call(clone, "run", path_with(tmp_path / "bin"))
    assert ended.returncode == 1
    assert ended.stderr == "stabil: Python is missing: install python3 (3.11 or newer).\n"


def test_lock_files_name_no_host() -> None:
    for path in [*(ROOT / "locks").iterdir(), ROOT / "web" / "package-lock.json"]:
        text = path.read_text("utf-8")
        assert "--index-url" not in text, path.name
        assert '"resolved"' not in text, path.name
        assert "file://" not in text, path.name
        if path.suffix == ".txt":
            assert "http" not in "".join(line.split("#")[0] for line in text.splitlines() if "==" not in line), (
                path.name
            )
