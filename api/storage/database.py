"""Opens the database and brings it to the newest structure."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from api.errors import DatabaseUnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"

PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "busy_timeout=5000", "synchronous=NORMAL", "secure_delete=ON")


def open_database(address: str) -> Engine:
    """Connect and migrate to the newest structure; a file and its folder are made if they are missing."""
    url = make_url(address)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    with database_errors(engine):
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        migrate(engine)
    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision of its structure, all of it or nothing, one process at a time."""
    with engine.connect().execution_options(is_writing=True) as connection:
        command.upgrade(configuration(connection), revision)


@contextmanager
def database_errors(engine: Engine) -> Iterator[None]:
    """Turn what goes wrong in the database into one error that names it, without its password."""
    try:
        yield
    except (DBAPIError, OSError, CommandError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise DatabaseUnavailableError(engine.url.render_as_string(hide_password=True), str(reason)) from error


def configuration(connection: object) -> Config:
    """Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver would commit before every change of structure; with its transactions off, ours hold those, too.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
