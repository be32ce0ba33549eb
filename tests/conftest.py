"""What several test folders share: one run of the whole chain for each worker."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine

from api.services.chain import run_chain
from api.services.world import World
from api.settings import Settings
from api.storage.database import open_database
from engine.market import candidate_optimal, market_from_frames
from engine.stable_matching import deferred_acceptance, post_optimal_matching
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
    return Settings(database_url=f"sqlite:///{folder / 'stabil.db'}", port=0)


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


@pytest.fixture(scope="session")
def compiled_kernels() -> None:
    """Kernels of matching compiled beforehand, so that no law is timed with its compiler."""
    market = {"a": ["x"]}, {"x": ["a"]}, {"x": 1}
    assert deferred_acceptance(*market) == post_optimal_matching(*market)
    frames = (
        pl.DataFrame({"candidate_id": [1], "post_id": [2], "place": [1], "tier": [0]}),
        pl.DataFrame({"candidate_id": [1], "lottery_place": [1]}),
        pl.DataFrame({"post_id": [2], "capacity": [1]}),
    )
    assert candidate_optimal(market_from_frames(*frames)).height
