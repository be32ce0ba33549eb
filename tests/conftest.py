"""What several test folders share: one run of the whole chain for each worker."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.services.chain import run_chain
from api.services.world import World
from api.settings import Settings
from api.storage.database import open_database
from features.snapshot import EMBEDDED


@pytest.fixture(scope="session", autouse=True)
def own_facts() -> Iterator[None]:
    """Commands under test use the facts that the program came with, not those of a refresh on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STABIL_REFERENCE_DIR", str(EMBEDDED))
        yield


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation whose database lies in a temporary folder."""
    folder: Path = tmp_path_factory.mktemp("var")
    return Settings(database_url=f"sqlite:///{folder / 'stabil.db'}", key_file=folder / "stabil.key", port=0)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """The installation's database."""
    opened = open_database(settings.database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def world(settings: Settings, engine: Engine) -> World:
    """Results of one run on the real snapshot, saved in the installation's database."""
    return run_chain(settings, engine, datetime(2026, 11, 21, 12, 0, tzinfo=UTC), lambda _: None)
