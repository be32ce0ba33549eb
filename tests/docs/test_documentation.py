"""The documentation says what the code does, and what it shows runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from api.services.world import World
from api.settings import Settings
from docs.build_reference import TARGET, reference
from features.catalogue import load_catalogue

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
GLOSSARY = (ROOT / "GLOSSARY.md").read_text("utf-8")
PAGES = sorted(path for path in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_reference_is_the_one_that_the_code_makes() -> None:
    assert TARGET.read_text("utf-8") == reference(), "run: python -m docs.build_reference"


@pytest.mark.parametrize("line", [line for block in blocks("console") for line in block.splitlines()])
def test_a_command_of_the_readme_works(line: str, world: World, settings: Settings, tmp_path: Path) -> None:
    assert world.run.inputs_sha256
    program, *words = shlex.split(line)
    ended = subprocess.run(
        [Path(sys.executable).with_name(program), *words],
        env={"STABIL_DATABASE_URL": settings.database_url, "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_of_the_readme_runs(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "README.md", "exec"), {})
    assert "True" in capsys.readouterr().out


def test_the_readme_names_two_commands_that_exist_and_can_be_run() -> None:
    for name in ("run", "test"):
        assert f"./{name}\n" in "\n".join(blocks("sh"))
        assert (ROOT / name).stat().st_mode & 0o111


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_documentation_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_folder_of_the_map_exists() -> None:
    for name in re.findall(r"^\| `([a-z]+)/`", README, re.MULTILINE):
        assert (ROOT / name).is_dir(), name


def test_every_factor_and_kind_is_in_the_glossary() -> None:
    for word in (*load_catalogue().factors, "structural", "lever", "outcome", "mixed"):
        assert f"`{word}`" in GLOSSARY
