"""Couples: both must agree to the same, nobody else learns of it, and whoever is left takes part alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api.services import rounds
from api.services.round_couple_import import import_couples
from api.services.round_couples import joint_wishes_of
from api.services.round_joint import agree_to_joint, give_joint, withdraw_joint
from api.services.round_log import RoundAction
from api.services.round_own import OwnData, erase, own_data
from api.services.round_steps import RoundStepError, StepFault
from api.services.round_views import round_log, round_state
from api.services.round_wish_texts import joint_texts
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import reading
from api.translation import LANGUAGES
from engine.joint_wishes import JointReach, JointWishes
from features.catalogue import Language
from tests.unit.api.rounds.conftest import LATER, ROLE

EVERYBODY = frozenset({"K1", "K2", "K3"})
COUPLES = """Pseudonym;Partners pseudonym;Hvor nær hverandre;Tar stilling selv om partneren ikke får;\
Egen rekkefølge av par
K1;K2;hele landet;ja;
"""
PAIRS = "FROYA-1 + OSLO-1 > FROYA-1 + ingen"


class Doctors:
    """What the doctors of a round do on their own pages."""

    def __init__(self, database: Engine, world: World, box: WishBox, number: int) -> None:
        self._parts = (database, world, box, number)
        self.codes = rounds.issue_codes(database, number, LATER)

    def see(self, name: str) -> OwnData:
        database, _, box, number = self._parts
        return own_data(database, box, number, name, self.codes[name])

    def ask(self, name: str, **texts: str) -> list[tuple[str, str]]:
        judged = give_joint(*self._parts, name, self.codes[name], texts, LATER)
        return [(each.column, each.fault.value) for each in judged.rejected]

    def agree(self, name: str, offer: str) -> None:
        database, _, box, number = self._parts
        agree_to_joint(database, box, number, name, self.codes[name], offer, LATER)

    def withdraw(self, name: str, offer: str) -> None:
        database, _, box, number = self._parts
        withdraw_joint(database, box, number, name, self.codes[name], offer, LATER)

    def erase(self, name: str) -> None:
        database, _, box, number = self._parts
        erase(database, box, number, name, self.codes[name], LATER)

    def couples(self, takes_part: frozenset[str] = EVERYBODY) -> list[JointWishes]:
        database, _, box, number = self._parts
        with reading(database, number) as book:
            return joint_wishes_of(book, box, takes_part)


@pytest.fixture
def doctors(database: Engine, world: World, box: WishBox, real_round: int) -> Doctors:
    return Doctors(database, world, box, real_round)


def test_a_couple_counts_once_both_have_agreed(doctors: Doctors) -> None:
    assert doctors.ask("K1", partner_id="K2", own_ranking=PAIRS) == []
    (asked,), (named,) = doctors.see("K1").joint, doctors.see("K2").joint
    assert (asked.is_agreed_by_me, asked.is_agreed_by_partner, asked.takes_part_together) == (True, False, False)
    assert (named.is_agreed_by_me, named.partner_id) == (False, "K1")
    assert named.own_ranking == (("OSLO-1", "FROYA-1"), (None, "FROYA-1")), "the own post stands first"
    assert (doctors.couples(), doctors.see("K3").joint) == ([], ())
    doctors.agree("K2", named.offer_id)
    assert [each.joint[0].takes_part_together for each in (doctors.see("K1"), doctors.see("K2"))] == [True, True]
    (couple,) = doctors.couples()
    assert (couple.members, couple.own_ranking) == (("K1", "K2"), (("FROYA-1", "OSLO-1"), ("FROYA-1", None)))
    assert doctors.couples(frozenset({"K1", "K3"})) == [], "without the partner the doctor takes part alone"


def test_two_who_say_the_same_have_agreed(doctors: Doctors) -> None:
    doctors.ask("K1", partner_id="K2", own_ranking=PAIRS)
    doctors.ask("K2", partner_id="K1", own_ranking="OSLO-1 + FROYA-1 > ingen + FROYA-1")
    assert len(doctors.couples()) == 1
    doctors.ask("K2", partner_id="K1", reach="samme kommune")
    assert (doctors.couples(), len(doctors.see("K1").joint)) == ([], 1), "what is changed must be agreed to again"


def test_nobody_agrees_to_something_else_than_what_was_shown(doctors: Doctors) -> None:
    doctors.ask("K1", partner_id="K2", reach="samme kommune")
    shown = doctors.see("K2").joint[0].offer_id
    doctors.ask("K1", partner_id="K2", reach="hele landet")
    with pytest.raises(RoundStepError) as caught:
        doctors.agree("K2", shown)
    assert caught.value.fault is StepFault.CHANGED_MEANWHILE
    with pytest.raises(RoundStepError):
        doctors.agree("K3", doctors.see("K2").joint[0].offer_id)
    assert doctors.couples() == []


def test_a_doctor_is_in_one_couple_at_most(doctors: Doctors) -> None:
    doctors.ask("K1", partner_id="K2")
    doctors.ask("K3", partner_id="K2")
    first, second = sorted(doctors.see("K2").joint, key=lambda each: each.partner_id)
    doctors.agree("K2", first.offer_id)
    with pytest.raises(RoundStepError):
        doctors.agree("K2", second.offer_id)
    assert doctors.ask("K2", partner_id="K3") == [("partner_id", "coupled_elsewhere")]
    assert [couple.members for couple in doctors.couples()] == [("K1", "K2")]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"partner_id": "K9"}, ("partner_id", "unknown_doctor")),
        ({"partner_id": "K1"}, ("partner_id", "own_pseudonym")),
        ({"partner_id": "Kari Nordmann"}, ("partner_id", "not_as_expected")),
        ({}, ("partner_id", "missing")),
        ({"partner_id": "K2", "reach": "langt"}, ("reach", "not_as_expected")),
        ({"partner_id": "K2", "own_ranking": "FROYA-1"}, ("own_ranking", "not_as_expected")),
        ({"partner_id": "K2", "own_ranking": "ingen + ingen"}, ("own_ranking", "not_as_expected")),
        ({"partner_id": "K2", "own_ranking": "FROYA-1 + BYKLE-1"}, ("own_ranking", "unknown_post")),
    ],
)
def test_wrong_joint_wishes_change_nothing(doctors: Doctors, texts: dict[str, str], told: tuple[str, str]) -> None:
    doctors.ask("K1", partner_id="K2")
    before = doctors.see("K1")
    assert doctors.ask("K1", **texts) == [told]
    assert doctors.see("K1") == before


def couple_of_two(doctors: Doctors) -> str:
    doctors.ask("K1", partner_id="K2", own_ranking=PAIRS)
    doctors.agree("K2", doctors.see("K2").joint[0].offer_id)
    return doctors.see("K1").joint[0].offer_id


@pytest.mark.parametrize("leave", [lambda d, _: d.erase("K1"), lambda d, offer: d.withdraw("K1", offer)])
def test_whoever_is_left_takes_part_alone_and_is_told(doctors: Doctors, leave: Callable[[Doctors, str], None]) -> None:
    leave(doctors, couple_of_two(doctors))
    left = doctors.see("K2")
    assert (left.joint, doctors.couples()) == ((), [])
    assert left.partner_left is not None
    assert (left.wishes is not None, doctors.see("K3").partner_left) == (True, None)
    doctors.withdraw("K2", left.partner_left)
    assert doctors.see("K2").partner_left is None


def test_who_only_asked_leaves_nothing_behind(doctors: Doctors, database: Engine) -> None:
    doctors.ask("K1", partner_id="K2")
    doctors.erase("K1")
    assert (doctors.see("K2").joint, doctors.see("K2").partner_left) == ((), None)
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM allocation_couple")) == 0


def test_couples_lie_encrypted_and_the_log_tells_only_that_wishes_were_given(
    doctors: Doctors, database: Engine, real_round: int, tmp_path: Path
) -> None:
    couple_of_two(doctors)
    with database.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM allocation_couple")).mappings()
        flags = connection.execute(text("SELECT * FROM allocation_candidate")).mappings().all()
    assert not any(name in row["document"] for name in ('"K1"', '"K2"', "FROYA-1"))
    assert set(flags[0]) == {"round_id", "candidate_id", "qualifications", "wishes", "answer", "code_sha256"}
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("stabil.db*"))
    assert b"same_labour_market" not in stored
    entries, check = round_log(database, real_round)
    assert [(entry.action, entry.details) for entry in entries[-2:]] == [(RoundAction.WISHES_GIVEN, "{}")] * 2
    assert check.is_whole


def test_a_file_of_couples_comes_in_with_what_is_wrong_row_by_row(
    doctors: Doctors, database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    couple_of_two(doctors)
    before = doctors.see("K1")
    wrong = f"{COUPLES}K3;K2;;;\nK9;K3;;;\nK3;K3;;;\nK3;K1;fjernt;;\n"
    judged = import_couples(database, world, box, real_round, wrong.encode(), LATER)
    assert [(each.row, each.column, each.fault.value) for each in judged.rejected] == [
        (3, "partner_id", "coupled_elsewhere"),
        (4, "candidate_id", "unknown_doctor"),
        (5, "partner_id", "own_pseudonym"),
        (6, "reach", "not_as_expected"),
    ]
    assert doctors.see("K1") == before
    judged = import_couples(database, world, box, real_round, COUPLES.encode(), LATER)
    assert judged.rejected == ()
    assert doctors.couples() == [JointWishes(("K1", "K2"), JointReach.ANYWHERE, takes_one=True)]
    assert doctors.see("K2").joint[0].is_from_leaders
    import_couples(database, world, box, real_round, COUPLES.replace("K2", "K3").encode(), LATER)
    assert doctors.see("K2").partner_left is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_of_joint_wishes_read_again_give_the_same(doctors: Doctors, language: Language) -> None:
    doctors.ask("K1", partner_id="K2", own_ranking=PAIRS, takes_one="ja", reach="samme kommune")
    (named,) = doctors.see("K2").joint
    assert doctors.ask("K2", **joint_texts(named, language)) == []
    assert len(doctors.couples()) == 1, "the partner said the same, and both have agreed"


def test_joint_wishes_are_fixed_after_the_draw_and_deleted_when_the_round_is_closed(
    doctors: Doctors, database: Engine, real_round: int
) -> None:
    offer = couple_of_two(doctors)
    rounds.draw(database, real_round, seed="1", role=ROLE, now=LATER)
    for step in (lambda: doctors.ask("K1", partner_id="K2"), lambda: doctors.withdraw("K1", offer)):
        with pytest.raises(RoundStepError):
            step()
    rounds.close(database, real_round, reason="Avlyst", now=LATER)
    assert round_state(database, real_round).stage == "closed"
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM allocation_couple")) == 0
