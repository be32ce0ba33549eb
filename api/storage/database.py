"""Opens the database and brings it to the newest structure."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from api.errors import DatabaseUnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"

PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "busy_timeout=5000", "synchronous=NORMAL")


def open_database(address: str) -> Engine:
    """Connect and migrate to the newest structure; a file and its folder are made if they are missing."""
    url = make_url(address)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _set_pragmas)
    try:
        migrate(engine)
    except DatabaseError as error:
        raise DatabaseUnavailableError(address, str(error.orig)) from error
    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision of its structure."""
    with engine.connect() as connection:
        command.upgrade(configuration(connection), revision)


def configuration(connection: object) -> Config:
    """Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
