"""A small program: real facts and public indicator values, an empty database, and the routes of this folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.problems import install_problem_answers
from api.routes import local_data, peers, self_assessment
from api.services.world import RunRecord
from api.storage.database import open_database
from features.catalogue import Catalogue, load_catalogue
from features.indicators.compute import indicator_values
from features.snapshot import Snapshot, load_snapshot


@dataclass(frozen=True, slots=True)
class Values:
    values: pl.DataFrame


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """What the routes of this folder need of a world: everything but the retention model and the scores."""

    snapshot: Snapshot
    catalogue: Catalogue
    scores: Values
    run: RunRecord


@pytest.fixture(scope="session")
def small_world() -> SmallWorld:
    snapshot, catalogue = load_snapshot(), load_catalogue()
    run = RunRecord(datetime(2026, 11, 22, tzinfo=UTC), 1, snapshot.version, "0.1.0", "0" * 64, "0" * 64)
    return SmallWorld(snapshot, catalogue, Values(indicator_values(snapshot, catalogue)), run)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'stabil.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def client(small_world: SmallWorld, database: Engine) -> Iterator[TestClient]:
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    app.state.engine, app.state.world = database, small_world
    install_problem_answers(app)
    api = APIRouter(prefix="/api/v1")
    for module in (local_data, peers, self_assessment):
        api.include_router(module.router)
    app.include_router(api)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened
