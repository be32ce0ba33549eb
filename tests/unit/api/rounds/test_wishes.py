"""Wishes: encrypted at rest, in no employer's answer, and the doctor's to change, take out and delete."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api.errors import OwnCodeError, answer_to
from api.services import rounds
from api.services.round_log import RoundAction
from api.services.round_own import erase, give_wishes, own_data
from api.services.round_run import run_round
from api.services.round_steps import RoundStepError
from api.services.round_views import round_log, round_post
from api.services.wish_box import WishBox, WishKeyError
from api.services.world import World
from engine.candidates import PartnerOccupation
from tests.unit.api.rounds.conftest import LATER, ROLE

SECRETS = ("higher_education", "own_ranking", "better_liked", "partner")


def test_no_wish_lies_open_in_the_database_file(
    database: Engine, world: World, box: WishBox, real_round: int, tmp_path: Path
) -> None:
    rounds.draw(database, real_round, seed="1", role=ROLE, now=LATER)
    run_round(database, world, box, real_round, LATER)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("stabil.db*"))
    assert b"FROYA-1" in stored
    assert [secret for secret in SECRETS if secret.encode() in stored and secret != "partner"] == []


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "stabil.key"
    token = WishBox(path).lock(1, "K1", "hemmelig")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert WishBox(path).unlock(1, "K1", token) == "hemmelig"
    assert [each.name for each in path.parent.iterdir()] == ["stabil.key"]


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stabil.key"
    WishBox(path)
    path.chmod(0o640)
    with pytest.raises(WishKeyError, match="chmod 600") as caught:
        WishBox(path)
    assert "chmod 600" in answer_to(caught.value, "nb").detail
    path.chmod(0o600)
    path.write_bytes(b"no key")
    with pytest.raises(WishKeyError, match="unreadable"):
        WishBox(path)


def test_wishes_do_not_open_with_another_key_or_for_another_doctor(tmp_path: Path) -> None:
    box, other = WishBox(tmp_path / "a.key"), WishBox(tmp_path / "b.key")
    token = box.lock(1, "K1", "hemmelig")
    for opened, round_id, name in ((other, 1, "K1"), (box, 2, "K1"), (box, 1, "K2")):
        with pytest.raises(WishKeyError, match="does_not_fit"):
            opened.unlock(round_id, name, token)


def test_an_employers_answer_holds_formal_facts_only(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    rounds.draw(database, real_round, seed="1", role=ROLE, now=LATER)
    run_round(database, world, box, real_round, LATER)
    shown = repr(round_post(database, real_round, "FROYA-1")) + repr(round_log(database, real_round))
    assert [secret for secret in (*SECRETS, "position") if secret in shown.replace("has_partner_service", "")] == []


def test_a_doctor_reads_changes_and_deletes_the_own_data(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    code = rounds.issue_codes(database, real_round, LATER)["K1"]
    own = own_data(database, box, real_round, "K1", code)
    assert own.wishes is not None
    assert own.wishes.partner_occupation_group is PartnerOccupation.HIGHER_EDUCATION
    judged = give_wishes(
        database, world, box, real_round, "K1", code, {"own_ranking": "OSLO-1", "counties": "03"}, LATER
    )
    assert judged.rejected == ()
    changed = own_data(database, box, real_round, "K1", code).wishes
    assert changed is not None
    assert (changed.own_ranking, changed.counties) == (("OSLO-1",), frozenset({"03"}))
    rounds.draw(database, real_round, seed="1", role=ROLE, now=LATER)
    run_round(database, world, box, real_round, LATER)
    answer = own_data(database, box, real_round, "K1", code).answer
    assert answer is not None
    assert (answer.post_id, answer.position) == ("OSLO-1", 1)
    erase(database, box, real_round, "K1", code, LATER)
    with pytest.raises(OwnCodeError):
        own_data(database, box, real_round, "K1", code)
    assert round_post(database, real_round, "OSLO-1").proposals == ()
    with database.connect() as connection:
        for table in ("allocation_candidate", "allocation_proposal"):
            query = text(f"SELECT count(*) FROM {table} WHERE candidate_id = 'K1'")
            assert connection.scalar(query) == 0
    entries, check = round_log(database, real_round)
    assert (entries[-1].action, entries[-1].details) == (RoundAction.CANDIDATE_DELETED, '{"candidate":"K1"}')
    assert check.is_whole


def test_wrong_wishes_of_a_form_change_nothing(database: Engine, world: World, box: WishBox, real_round: int) -> None:
    code = rounds.issue_codes(database, real_round, LATER)["K1"]
    before, entries = own_data(database, box, real_round, "K1", code), round_log(database, real_round)
    judged = give_wishes(database, world, box, real_round, "K1", code, {"own_ranking": "BERGEN-1"}, LATER)
    assert [(each.column, each.fault) for each in judged.rejected] == [("own_ranking", "unknown_post")]
    assert own_data(database, box, real_round, "K1", code) == before
    assert round_log(database, real_round) == entries


@pytest.mark.parametrize(("name", "code"), [("K1", "wrong"), ("K1", ""), ("K9", "wrong"), ("K9", "")])
def test_without_the_own_code_nothing_is_told(
    database: Engine, box: WishBox, real_round: int, name: str, code: str
) -> None:
    for _ in range(2):  # before codes are issued, and after
        with pytest.raises(OwnCodeError):
            own_data(database, box, real_round, name, code)
        rounds.issue_codes(database, real_round, LATER)


def test_a_new_code_stops_the_older_one(database: Engine, box: WishBox, real_round: int) -> None:
    first = rounds.issue_codes(database, real_round, LATER)["K1"]
    second = rounds.issue_codes(database, real_round, LATER)["K1"]
    with pytest.raises(OwnCodeError):
        own_data(database, box, real_round, "K1", first)
    assert own_data(database, box, real_round, "K1", second).qualifications.candidate_id == "K1"


def test_wishes_are_fixed_after_the_draw_and_deleted_when_the_round_is_closed(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    code = rounds.issue_codes(database, real_round, LATER)["K1"]
    rounds.draw(database, real_round, seed="", role=ROLE, now=LATER)
    with pytest.raises(RoundStepError):
        give_wishes(database, world, box, real_round, "K1", code, {"own_ranking": "OSLO-1"}, LATER)
    rounds.close(database, real_round, reason="Avbrutt", now=LATER)
    assert own_data(database, box, real_round, "K1", code).wishes is None
