"""Settings of the program: the one place that reads environment variables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from features.catalogue import Language
from features.errors import InvalidInputError
from features.snapshot import EMBEDDED
from features.sources.folder_swap import fallback_of

LOOPBACK = "127.0.0.1"
"""The only address served until there is a login."""

PROJECT = Path(__file__).parents[1]

DEFAULT_DATABASE = f"sqlite:///{PROJECT / 'var' / 'stabil.db'}"
"""In the project's own folder, wherever a command is called from."""

REFRESHED = PROJECT / "var" / "reference"
"""Where `stabil data refresh` puts its snapshot, and where the program finds it again."""

DEFAULT_KEY = PROJECT / "var" / "stabil.key"
"""Key to what doctors wish; made at first use, readable by its owner alone."""

DEFAULT_SEED = 2026

DEFAULT_CANDIDATES = 200
"""About as many simulated doctors as there were vacant lists in 2025, so that both sides meet competition."""

DEFAULT_LOTTERY_SEED = "stabil"

ENVIRONMENT = {
    "STABIL_DATABASE_URL": "database_url",
    "STABIL_PORT": "port",
    "STABIL_LANGUAGE": "language",
    "STABIL_REFERENCE_DIR": "reference_dir",
    "STABIL_SEED": "seed",
    "STABIL_KEY_FILE": "key_file",
    "STABIL_NAV_TOKEN": "nav_token",
    "STABIL_SSB_URL": "ssb_url",
    "STABIL_KLASS_URL": "klass_url",
    "STABIL_NAV_URL": "nav_url",
    "STABIL_SOURCE_PAUSE": "source_pause",
}
"""Environment variable and the setting it gives."""


class Settings(BaseModel):
    """What can be set from outside, with the defaults of a single-user installation.

    Attributes
    ----------
    database_url : str
        SQLAlchemy address; a SQLite file by default.
    port : int
        Port on the loopback address, 0 for any free one.
    language : str
        Language of commands: ``nb``, ``nn`` or ``en``.
    reference_dir : Path
        Folder of the snapshot of public facts.
    seed : int
        Seed of everything simulated.
    key_file : Path
        Key that doctors' wishes are encrypted with; keep it apart from copies of the database.
    nav_token : SecretStr or None
        Key to NAV's vacancy feed, never shown; without it the feed is not read.
    ssb_url, klass_url, nav_url : str
        Where the sources begin.
    source_pause : float
        Least seconds between two calls to SSB.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = DEFAULT_DATABASE
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    language: Language = "nb"
    reference_dir: Path = EMBEDDED
    seed: Annotated[int, Field(ge=0, lt=2**32)] = DEFAULT_SEED
    key_file: Path = DEFAULT_KEY
    nav_token: SecretStr | None = None
    ssb_url: str = "https://data.ssb.no/api/pxwebapi/v2"
    klass_url: str = "https://data.ssb.no/api/klass/v1"
    nav_url: str = "https://pam-stilling-feed.nav.no"
    source_pause: Annotated[float, Field(ge=0, le=3600)] = 2.0

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, address: str) -> str:
        if not address.startswith("sqlite:///"):
            raise ValueError("an address that begins with sqlite:///")
        return address

    @field_validator("ssb_url", "klass_url", "nav_url")
    @classmethod
    def _web_address(cls, address: str) -> str:
        if not address.startswith(("https://", "http://")):
            raise ValueError("an address that begins with https://")
        return address


def read_settings(environment: Mapping[str, str], refreshed: Path = REFRESHED) -> Settings:
    """Settings from environment variables; fails with the variable's name and what it may be.

    Where no folder of public facts is given, that of the last refresh is taken if there is one.
    """
    given: dict[str, object] = {
        setting: environment[name] for name, setting in ENVIRONMENT.items() if environment.get(name)
    }
    found = refreshed_folder(refreshed)
    if found is not None:
        given.setdefault("reference_dir", found)
    return _validated(given, {setting: name for name, setting in ENVIRONMENT.items()})


def refreshed_folder(folder: Path = REFRESHED) -> Path | None:
    """Where a refreshed snapshot stands: in the folder, or aside if a refresh was stopped while it changed places."""
    places = (folder, fallback_of(folder))
    return next((place for place in places if (place / "datapackage.json").exists()), None)


def with_values(settings: Settings, given: Mapping[str, object]) -> Settings:
    """The settings with the values that were given in place of theirs; None was not given."""
    chosen = {name: value for name, value in given.items() if value is not None}
    return _validated(settings.model_dump() | chosen, {})


def _validated(values: Mapping[str, object], names: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        setting = str(first["loc"][0])
        expected = first["msg"].removeprefix("Value error, ")
        raise InvalidInputError(names.get(setting, setting), values[setting], expected) from error
