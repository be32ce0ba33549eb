from datetime import UTC, datetime

import pytest

from api.services.scores import compute_scores, peers_of
from api.services.world import RunRecord, World
from features.catalogue import load_catalogue
from features.frames import LocalValue
from features.snapshot import load_snapshot
from models.mix import national_mix
from models.retention import train_retention_model


@pytest.fixture(scope="session")
def world() -> World:
    """Real facts and scores, and a retention model too small to be good but large enough to draw."""
    snapshot, catalogue = load_snapshot(), load_catalogue()
    return World(
        snapshot=snapshot,
        catalogue=catalogue,
        peers=peers_of(snapshot),
        scores=compute_scores(snapshot, catalogue, LocalValue.create_empty(), seed=1),
        retention=train_retention_model(national_mix(), seed=1, contracts=1500, members=2),
        run=RunRecord(datetime(2026, 11, 21, tzinfo=UTC), 1, snapshot.version, "0.1.0", "0" * 64, "0" * 64),
    )
