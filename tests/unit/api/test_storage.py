"""Storage: what is saved comes back whole, and a failure changes nothing."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from polars.testing import assert_frame_equal
from sqlalchemy import Engine, Table, inspect
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel

from api.errors import DatabaseUnavailableError
from api.services.chain import load_world
from api.services.world import World
from api.settings import Settings
from api.storage.database import configuration, migrate, open_database
from api.storage.repository import load_match, load_run, save_match, save_run
from api.storage.tables import MatchRow
from models.retention import RetentionModel

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'folder' / 'stabil.db'}")
    yield opened
    opened.dispose()


def test_a_run_comes_back_as_it_was_saved(world: World, empty: Engine) -> None:
    save_run(empty, world.run, world.scores, world.retention.to_json())
    stored = load_run(empty, world.run.inputs_sha256)
    assert stored is not None
    assert stored.run == world.run
    for field in dataclasses.fields(world.scores):
        saved, computed = getattr(stored.scores, field.name), getattr(world.scores, field.name)
        assert_frame_equal(saved, computed, check_row_order=False, check_exact=True)
    assert RetentionModel.from_json(stored.retention_document) == world.retention


def test_a_saved_run_is_served_without_computing_again(world: World, empty: Engine, settings: Settings) -> None:
    save_run(empty, world.run, world.scores, world.retention.to_json())
    loaded = load_world(settings, empty, NOW)
    assert loaded is not None
    assert loaded.run == world.run


def test_other_inputs_are_another_run(world: World, engine: Engine, settings: Settings) -> None:
    assert load_world(settings.model_copy(update={"seed": settings.seed + 1}), engine, NOW) is None


def test_saving_the_same_inputs_again_replaces_the_run(world: World, empty: Engine) -> None:
    save_run(empty, world.run, world.scores, "first")
    save_run(empty, dataclasses.replace(world.run, created_at=NOW), world.scores, "second")
    stored = load_run(empty, world.run.inputs_sha256)
    assert stored is not None
    assert (stored.retention_document, stored.run.created_at) == ("second", NOW)


def test_a_run_that_fails_half_way_leaves_the_earlier_one(world: World, empty: Engine) -> None:
    save_run(empty, world.run, world.scores, "first")
    broken = dataclasses.replace(world.scores, outcomes=pl.concat([world.scores.outcomes] * 2))
    with pytest.raises(DatabaseUnavailableError):
        save_run(empty, dataclasses.replace(world.run, created_at=NOW), broken, "second")
    stored = load_run(empty, world.run.inputs_sha256)
    assert stored is not None
    assert (stored.retention_document, stored.run.created_at) == ("first", world.run.created_at)


def test_a_match_comes_back_by_its_number_and_keeps_its_place_in_time(empty: Engine) -> None:
    oslo = datetime(2026, 7, 1, 14, 0, tzinfo=ZoneInfo("Europe/Oslo"))
    saved = save_match(
        empty, MatchRow(created_at=oslo, inputs_sha256="x", lottery_seed="1", is_simulated=True, document="d")
    )
    assert saved.id is not None
    found = load_match(empty, saved.id)
    assert found is not None
    assert (found.created_at, found.document) == (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "d")
    assert load_match(empty, saved.id + 1) is None


def test_a_moment_without_time_zone_is_refused(empty: Engine) -> None:
    naive = datetime(2026, 7, 1, 14, 0)  # noqa: DTZ001
    with pytest.raises(StatementError, match="time zone"):
        save_match(
            empty, MatchRow(created_at=naive, inputs_sha256="x", lottery_seed="1", is_simulated=True, document="d")
        )


def test_the_structure_can_be_taken_up_down_and_up_again(empty: Engine) -> None:
    tables = set(inspect(empty).get_table_names())
    with empty.connect() as connection:
        command.downgrade(configuration(connection), "base")
    assert set(inspect(empty).get_table_names()) == {"alembic_version"}
    migrate(empty)
    assert set(inspect(empty).get_table_names()) == tables


def test_a_run_from_before_couples_is_told_as_the_stable_one_it_is(empty: Engine) -> None:
    with empty.connect() as connection:
        command.downgrade(configuration(connection), "0004")
    with empty.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO allocation_round (id, name, is_simulated, stage, turn, opened_at, log_length) "
            "VALUES (1, 'Vår', 1, 'proposed', 1, '2026-11-21 13:00:00', 0)"
        )
        for turn, figures in ((1, "'{}'"), (2, "NULL")):
            connection.exec_driver_sql(
                "INSERT INTO allocation_run (round_id, turn, lottery_seed, drawn_by, drawn_at, figures) "
                f"VALUES (1, {turn}, 'x', 'health_manager', '2026-11-21 13:00:00', {figures})"
            )
    migrate(empty)
    with empty.connect() as connection:
        kept = connection.exec_driver_sql("SELECT turn, status, blocking, bound FROM allocation_run ORDER BY turn")
        assert kept.all() == [(1, "stable", 0, 0), (2, None, None, None)]
        assert connection.exec_driver_sql("SELECT name, terms FROM allocation_round").all() == [("Vår", None)]


def test_the_migrations_give_exactly_the_tables_of_the_code(empty: Engine) -> None:
    with empty.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    assert differences == []


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "stabil.db"
    path.write_text("this is a letter, not a database, and it is long enough to be looked at" * 20, "utf-8")
    before = path.read_bytes()
    with pytest.raises(DatabaseUnavailableError, match=r"stabil\.db"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_an_interrupted_migration_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path / 'stabil.db'}"
    made: list[str] = []
    real = op.create_table

    def interrupted(name: str, *columns: Any) -> Table:
        made.append(name)
        if len(made) == 3:
            raise OSError("the power went")
        return real(name, *columns)

    with monkeypatch.context() as patched:
        patched.setattr(op, "create_table", interrupted)
        with pytest.raises(DatabaseUnavailableError, match="power"):
            open_database(address)
    assert len(made) == 3
    opened = open_database(address)
    assert "run" in inspect(opened).get_table_names()
    opened.dispose()


def test_two_programs_can_start_on_one_new_file(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'stabil.db'}"
    words = [sys.executable, "-c", "import sys; from api.storage.database import open_database as o; o(sys.argv[1])"]
    starting = [subprocess.Popen([*words, address], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(each.communicate()[1], each.returncode) for each in starting] == [("", 0)] * 3


@pytest.mark.parametrize("place", ["file/stabil.db", "folder"])
def test_an_impossible_place_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DatabaseUnavailableError):
        open_database(f"sqlite:///{tmp_path / place}")


def test_a_structure_from_the_future_is_refused(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'stabil.db'}"
    opened = open_database(address)
    with opened.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    opened.dispose()
    with pytest.raises(DatabaseUnavailableError, match="9999"):
        open_database(address)


def test_a_locked_database_is_told_in_one_error(world: World, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'stabil.db'}"
    opened, other = open_database(address), open_database(address)
    with other.connect() as connection:
        connection.execution_options(is_writing=True)
        connection.exec_driver_sql("SELECT 1")
        with opened.connect() as quick:
            quick.exec_driver_sql("PRAGMA busy_timeout=50")
        with pytest.raises(DatabaseUnavailableError, match="locked"):
            save_run(opened, world.run, world.scores, "text")
    for each in (opened, other):
        each.dispose()
