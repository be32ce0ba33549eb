"""What the running program knows: the snapshot, the catalogue and one run's results."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from api.services.scores import Scores
from features.catalogue import Catalogue
from features.snapshot import Snapshot
from models.retention import RetentionModel


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Which run the results come from.

    `inputs_sha256` covers the snapshot's checksums, the catalogue, the seed and the program's version; `local_sha256`
    the statements of municipalities that the scores were computed with.
    """

    created_at: datetime
    seed: int
    snapshot_version: str
    program_version: str
    inputs_sha256: str
    local_sha256: str


@dataclass(frozen=True, slots=True)
class World:
    """Snapshot, catalogue and the results of one run; read-only and shared by all requests."""

    snapshot: Snapshot
    catalogue: Catalogue
    peers: pl.DataFrame
    scores: Scores
    retention: RetentionModel
    run: RunRecord
