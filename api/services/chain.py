"""The whole chain: load the facts, score, train the retention model, save; or load what an earlier run saved."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import polars as pl
from sqlalchemy import Engine

import features
import models
from api.services.local_data import local_values
from api.services.scores import compute_scores, peers_of
from api.services.world import RunRecord, World
from api.settings import Settings
from api.storage.repository import load_run, save_run
from api.translation import N_
from features.catalogue import Catalogue, load_catalogue
from features.indicators.observations import newest, population_of
from features.snapshot import Snapshot, load_snapshot
from models.retention import RetentionModel, train_retention_model

STEPS = (
    N_("Leser offentlige tall"),
    N_("Gir poeng til kommunene"),
    N_("Simulerer legekarrierer og lærer hvor lenge stillinger beholder leger"),
    N_("Lagrer"),
)
"""What the chain does, in order; `progress` is called with each."""


def run_chain(settings: Settings, engine: Engine, now: datetime, progress: Callable[[str], None]) -> World:
    """Score all municipalities and train the retention model anew, and save both; on an error nothing is saved."""
    steps = iter(STEPS)
    progress(next(steps))
    snapshot, catalogue, local = load_snapshot(settings.reference_dir), load_catalogue(), local_values(engine)
    progress(next(steps))
    scores = compute_scores(snapshot, catalogue, local, settings.seed)
    progress(next(steps))
    retention = train_retention_model(municipality_mix(snapshot), seed=settings.seed)
    progress(next(steps))
    run = run_record(snapshot, catalogue, local, settings.seed, now)
    save_run(engine, run, scores, retention.to_json())
    return World(snapshot, catalogue, peers_of(snapshot), scores, retention, run)


def load_world(settings: Settings, engine: Engine, now: datetime) -> World | None:
    """The results that an earlier run saved from the same inputs, or nothing.

    If municipalities have told something since, the scores are computed again and saved.
    """
    snapshot, catalogue = load_snapshot(settings.reference_dir), load_catalogue()
    stored = load_run(engine, inputs_sha256(snapshot, catalogue, settings.seed))
    if stored is None:
        return None
    retention = RetentionModel.from_json(stored.retention_document)
    world = World(snapshot, catalogue, peers_of(snapshot), stored.scores, retention, stored.run)
    return rescored(world, engine, now)


def rescored(world: World, engine: Engine, now: datetime) -> World:
    """The world with scores that know what municipalities have told since; itself if they told nothing new."""
    local = local_values(engine)
    if local_sha256(local) == world.run.local_sha256:
        return world
    scores = compute_scores(world.snapshot, world.catalogue, local, world.run.seed)
    run = run_record(world.snapshot, world.catalogue, local, world.run.seed, now)
    save_run(engine, run, scores, world.retention.to_json())
    return replace(world, scores=scores, run=run)


def municipality_mix(snapshot: Snapshot) -> pl.DataFrame:
    """Population, centrality class and number of lists of every municipality with figures."""
    lists = newest(snapshot.gp_lists, "lists_total")
    return (
        lists.join(snapshot.municipalities, on="municipality_code")
        .join(population_of(snapshot).drop("year"), on="municipality_code")
        .select(
            "municipality_code",
            pl.col("population").cast(pl.Float64),
            "centrality_class",
            lists="value",
        )
    )


def run_record(snapshot: Snapshot, catalogue: Catalogue, local: pl.DataFrame, seed: int, now: datetime) -> RunRecord:
    """The record of a run made now."""
    inputs = inputs_sha256(snapshot, catalogue, seed)
    return RunRecord(now, seed, snapshot.version, version("stabil"), inputs, local_sha256(local))


def local_sha256(local: pl.DataFrame) -> str:
    """Checksum of what municipalities say about themselves (contract `features.frames.LocalValue`)."""
    return hashlib.sha256(local.sort("municipality_code", "indicator").write_csv().encode()).hexdigest()


def inputs_sha256(snapshot: Snapshot, catalogue: Catalogue, seed: int) -> str:
    """Checksum of everything that decides a run's results: facts, catalogue, calibration, seed and program.

    The program is its version and its own source files, so that a changed formula is a new run, too.
    """
    inputs = {
        "tables": {table.name: table.sha256 for table in snapshot.descriptions},
        "catalogue": catalogue.model_dump(mode="json"),
        "seed": seed,
        "program": version("stabil"),
        "sources": _sources_sha256(),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@cache
def _sources_sha256() -> str:
    digest = hashlib.sha256()
    for package in (features, models):
        for path in sorted(Path(package.__path__[0]).rglob("*")):
            if path.suffix in (".py", ".toml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()
