"""A round in an empty database, and the files it takes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.services import rounds
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.database import open_database

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
ROLE = "health_manager"

POSTS = """Stilling;Kommunenummer;Avtaleform;Plasser;Veileder;Oppstart;Siste oppstart;Krav til norsk;\
Minste stilling i prosent;Kvalifikasjonsgrupper
FROYA-1;5014;fastlønn;1;ja;2027-02-01;1.6.2027;B2;50;spesialist > under spesialisering
OSLO-1;301;næringsdrift;1;nei;2027-02-01;2027-06-01;B2;100 %;spesialist, under spesialisering
"""
DOCTORS = """Pseudonym;Norsk autorisasjon;LIS1 fullført;Spesialist i allmennmedisin;Under spesialisering;\
Dokumentert norsk;Kan begynne;Ønsket stilling i prosent
K1;ja;ja;ja;nei;C1;2027-01-01;100
K2;ja;ja;nei;ja;C1;2027-01-01;100
K3;ja;ja;ja;nei;C1;2027-01-01;100
"""
WISHES = """Pseudonym;Egen rekkefølge;Partners arbeid
K1;FROYA-1 > OSLO-1;høyere utdanning
K2;FROYA-1;
K3;FROYA-1, OSLO-1;
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'stabil.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def box(tmp_path: Path) -> WishBox:
    return WishBox(tmp_path / "stabil.key")


@pytest.fixture
def real_round(database: Engine, world: World, box: WishBox) -> int:
    """A round with three real doctors and their wishes, before the draw."""
    number = rounds.open_round(database, "Vår 2027", is_simulated=False, now=NOW)
    rounds.import_posts(database, world, number, POSTS.encode(), NOW)
    rounds.seal(database, number, NOW)
    rounds.import_candidates(database, number, DOCTORS.encode(), LATER)
    rounds.import_wishes(database, world, box, number, WISHES.encode(), LATER)
    return number
