"""The results that a command works on: those of an earlier run, or of a new one."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.console import progress
from api.settings import Settings
from api.translation import translate

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from api.services.world import World


def served_world(settings: Settings) -> "World":
    """What an earlier run saved from the same inputs; the chain is run if there is none."""
    from api.services.chain import load_world
    from api.storage.database import open_database

    engine = open_database(settings.database_url)
    now = datetime.now(UTC)
    return load_world(settings, engine, now) or new_world(settings, engine, now)


def new_world(settings: Settings, engine: "Engine", now: datetime) -> "World":
    """Run the whole chain, telling which step is under way."""
    from api.services.chain import STEPS, run_chain

    with progress(len(STEPS)) as show:
        return run_chain(settings, engine, now, lambda step: show(translate(step, settings.language)))
