"""The log: complete, chained, and without wishes."""

import json

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from api.services import rounds
from api.services.round_log import RoundAction, check_log, next_entry
from api.services.round_run import run_round
from api.services.round_views import round_log
from api.services.wish_box import WishBox
from api.services.world import World
from tests.unit.api.rounds.conftest import LATER, NOW, ROLE


def tamper(database: Engine, statement: str) -> None:
    """Change the log as somebody with the file would, who first takes the guards away."""
    with database.begin() as connection:
        for change in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER allocation_log_no_{change}"))
        assert connection.execute(text(statement)).rowcount


def test_every_step_stands_in_the_log_in_order(database: Engine, world: World, box: WishBox, real_round: int) -> None:
    rounds.draw(database, real_round, seed="1", role=ROLE, now=LATER)
    run_round(database, world, box, real_round, LATER)
    entries, check = round_log(database, real_round)
    assert [entry.action for entry in entries] == [
        RoundAction.OPENED,
        RoundAction.POSTS_IMPORTED,
        RoundAction.SEALED,
        RoundAction.CANDIDATES_IMPORTED,
        RoundAction.WISHES_IMPORTED,
        RoundAction.LOTTERY_DRAWN,
        RoundAction.RUN,
    ]
    assert (check.is_whole, check.first_wrong, check.head_sha256) == (True, None, entries[-1].sha256)


@pytest.mark.parametrize(
    ("statement", "first_wrong"),
    [
        ("UPDATE allocation_log SET details = replace(details, 'Vår', 'Høst') WHERE number = 1", 1),
        ("UPDATE allocation_log SET at = '2026-01-01T00:00:00+00:00' WHERE number = 3", 3),
        ("UPDATE allocation_log SET action = 'posts_simulated' WHERE number = 2", 2),
        ("DELETE FROM allocation_log WHERE number = 2", 2),
        ("DELETE FROM allocation_log WHERE number = 5", 5),
        ("UPDATE allocation_log SET number = 9 WHERE number = 5", 5),
    ],
)
def test_whatever_is_changed_or_taken_out_is_found(
    database: Engine, real_round: int, statement: str, first_wrong: int
) -> None:
    tamper(database, statement)
    _, check = round_log(database, real_round)
    assert (check.is_whole, check.first_wrong) == (False, first_wrong)


def test_an_entry_made_again_with_its_checksum_breaks_the_next_one(database: Engine, real_round: int) -> None:
    entries, _ = round_log(database, real_round)
    forged = next_entry(real_round, entries[0], NOW, RoundAction.POSTS_IMPORTED, {"posts": 99})
    check = check_log(real_round, [entries[0], forged, *entries[2:]], len(entries))
    assert (check.is_whole, check.first_wrong) == (False, 3)


def test_entries_of_another_round_do_not_pass(database: Engine, real_round: int) -> None:
    entries, _ = round_log(database, real_round)
    assert check_log(real_round + 1, entries, len(entries)).first_wrong == 1


@pytest.mark.parametrize("statement", ["UPDATE allocation_log SET action = 'x'", "DELETE FROM allocation_log"])
def test_the_database_refuses_to_change_the_log(database: Engine, real_round: int, statement: str) -> None:
    assert real_round
    with pytest.raises(DatabaseError, match="can only grow"), database.begin() as connection:
        connection.execute(text(statement))


def test_the_log_counts_no_few_people_and_tells_no_wish(database: Engine, real_round: int) -> None:
    entries, _ = round_log(database, real_round)
    told = {entry.action: json.loads(entry.details) for entry in entries}
    assert told["candidates_imported"]["candidates"] is None
    assert told["wishes_imported"] == {"candidates": None}
