"""Runs with couples and shared terms: what comes out, what is known of it, and what a second turn has left."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from api.services import round_simulation, rounds
from api.services.round_couple_import import import_couples
from api.services.round_findings import RoundFindings
from api.services.round_log import RoundAction
from api.services.round_market import places_left, terms_left
from api.services.round_own import OwnData, erase, give_wishes, own_data
from api.services.round_run import run_round, start_second
from api.services.round_terms_import import import_terms
from api.services.round_views import RoundProposal, RoundState, round_log, round_post, round_state
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import reading
from engine.candidates import LanguageLevel, Qualifications
from engine.match_result import StabilityStatus
from engine.round_terms import LimitKind, MinimumQuota, Reversion, RoundTerms, SharedLimit
from engine.terms_outcome import MovedPlaces
from features.errors import InvalidInputError
from tests.unit.api.rounds.conftest import DOCTORS, LATER, NOW, POSTS, ROLE, WISHES

COUPLE = """Pseudonym;Partners pseudonym;Egen rekkefølge av par
K1;K3;OSLO-1 + FROYA-1 > FROYA-1 + OSLO-1
"""
QUOTA = """Slag vilkår;Vilkår;Stillinger;Antall leger
regional kvote;KVOTE;FROYA-1, OSLO-1;1
"""
WITHOUT_STABLE = POSTS.replace("næringsdrift;1;nei", "næringsdrift;1;ja").replace(
    "spesialist, under spesialisering", "under spesialisering > spesialist"
)


class Round:
    """A round of three doctors and two posts, led from files."""

    def __init__(self, database: Engine, world: World, box: WishBox) -> None:
        self.database, self.world, self.box = database, world, box
        self.number = rounds.open_round(database, "Vår 2027", is_simulated=False, now=NOW)
        self.codes: dict[str, str] = {}

    def lead(self, posts: str = POSTS, terms: str = "", couples: str = "", wishes: str = WISHES) -> RoundState:
        """Everything up to the proposal."""
        database, world, box, number = self.database, self.world, self.box, self.number
        rejected = [rounds.import_posts(database, world, number, posts.encode(), NOW).rejected]
        if terms:
            rejected.append(import_terms(database, number, terms.encode(), NOW).rejected)
        rounds.seal(database, number, NOW)
        rejected.append(rounds.import_candidates(database, number, DOCTORS.encode(), LATER).rejected)
        rejected.append(rounds.import_wishes(database, world, box, number, wishes.encode(), LATER).rejected)
        if couples:
            rejected.append(import_couples(database, world, box, number, couples.encode(), LATER).rejected)
        assert not any(rejected)
        self.codes = rounds.issue_codes(database, number, LATER)
        return self.run()

    def run(self) -> RoundState:
        """Draw lots and make the proposal."""
        rounds.draw(self.database, self.number, seed="2027-1", role=ROLE, now=LATER)
        run_round(self.database, self.world, self.box, self.number, LATER)
        return round_state(self.database, self.number)

    def proposed(self, turn: int = 1) -> dict[str, list[str]]:
        """Who is proposed, by post."""
        return {
            post: [each.proposed.candidate_id for each in self.post(post) if each.turn == turn]
            for post in ("FROYA-1", "OSLO-1")
        }

    def post(self, post: str) -> tuple[RoundProposal, ...]:
        return round_post(self.database, self.number, post).proposals

    def findings(self, post: str) -> RoundFindings:
        """What the employer of a post is told."""
        return round_post(self.database, self.number, post).findings

    def decide(self, followed: set[str]) -> None:
        """Follow the proposals for these doctors, and no others."""
        for post in ("FROYA-1", "OSLO-1"):
            for each in self.post(post):
                if each.is_followed is None:
                    rounds.decide(
                        self.database,
                        self.number,
                        each.proposal_id,
                        is_followed=each.proposed.candidate_id in followed,
                        reason="Etter samtale",
                        role=ROLE,
                        now=LATER,
                    )

    def own(self, name: str) -> OwnData:
        return own_data(self.database, self.box, self.number, name, self.codes[name])

    def partner_post(self, name: str) -> str | None:
        """The partner's post that a doctor's answer tells; None for who takes part alone."""
        answer = self.own(name).answer
        assert answer is not None
        return answer.joint.partner_post_id if answer.joint else None


@pytest.fixture
def led(database: Engine, world: World, box: WishBox) -> Round:
    return Round(database, world, box)


def test_a_couple_is_proposed_a_pair_from_the_joint_list_and_each_sees_both_posts(led: Round) -> None:
    state = led.lead(couples=COUPLE)
    assert state.runs[0].status is StabilityStatus.STABLE
    assert led.proposed() == {"FROYA-1": ["K3"], "OSLO-1": ["K1"]}
    assert [led.partner_post(name) for name in ("K1", "K2", "K3")] == ["FROYA-1", None, "OSLO-1"]


def test_neither_employer_nor_log_can_tell_a_round_with_a_couple_from_one_without(led: Round) -> None:
    led.lead(couples=COUPLE)
    shown = repr([round_post(led.database, led.number, post) for post in ("FROYA-1", "OSLO-1")])
    shown += repr(round_log(led.database, led.number))
    assert [word for word in ("joint", "couple", "partner_id", "takes_one", "offer_id") if word in shown] == []


def test_who_is_deleted_after_the_proposal_stands_in_no_partners_answer(led: Round) -> None:
    led.lead(couples=COUPLE)
    before = led.own("K3").answer
    erase(led.database, led.box, led.number, "K1", led.codes["K1"], LATER)
    left = led.own("K3")
    assert before is not None
    assert left.answer == replace(before, joint=None, position=None, list_length=0)
    assert (left.joint, left.partner_left is not None, left.answer.post_id) == ((), True, "FROYA-1")
    assert "K1" not in repr(left)
    assert led.own("K2").answer is not None


def test_a_round_without_a_stable_matching_says_so_and_leaves_the_decision(led: Round) -> None:
    pair = COUPLE.replace("OSLO-1 + FROYA-1 > ", "")
    wishes = WISHES.replace("K2;FROYA-1;", "K2;FROYA-1 > OSLO-1;")
    state = led.lead(posts=WITHOUT_STABLE, couples=pair, wishes=wishes)
    run = state.runs[0]
    assert (run.status, run.blocking, run.bound) == (StabilityStatus.NONE_EXISTS, 1, 1)
    assert run.findings is None, "the overview of a real round tells nothing of single posts"
    named = [led.findings(post).blocking_posts for post in ("FROYA-1", "OSLO-1")]
    assert named == [(), ()], "what blocks follows from wishes, and no employer of real doctors is told"
    entries, _ = round_log(led.database, led.number)
    (told,) = (entry.details for entry in entries if entry.action == RoundAction.RUN)
    assert '"status":"none_exists"' in told
    assert '"is_stable":false' in told


def test_a_quota_holds_a_place_back_and_only_that_posts_employer_is_told(led: Round) -> None:
    state = led.lead(terms=QUOTA)
    placed = [name for names in led.proposed().values() for name in names]
    assert len(placed) == 1
    (free,) = (post for post, names in led.proposed().items() if not names)
    told = {post: led.findings(post).held_back for post in ("FROYA-1", "OSLO-1")}
    assert told == {"FROYA-1": {}, "OSLO-1": {}} | {free: {free: ("KVOTE",)}}
    assert state.runs[0].findings is None, "the overview of a real round tells nothing of single posts"


def test_the_second_turn_has_what_the_quota_leaves(led: Round) -> None:
    led.lead(terms=QUOTA)
    (placed,) = (name for names in led.proposed().values() for name in names)
    led.decide({placed})
    start_second(led.database, led.box, led.number, LATER)
    led.run()
    assert led.proposed(turn=2) == {"FROYA-1": [], "OSLO-1": []}, "the one seat of the quota is taken"


def test_where_the_placed_one_was_not_followed_the_seat_is_free_again(led: Round) -> None:
    led.lead(terms=QUOTA)
    (refused,) = (name for names in led.proposed().values() for name in names)
    led.decide(set())
    start_second(led.database, led.box, led.number, LATER)
    led.run()
    second = [name for names in led.proposed(turn=2).values() for name in names]
    assert len(second) == 1
    assert led.proposed(turn=2) != led.proposed(turn=1) or second != [refused]


PASSES = """Slag vilkår;Vilkår;Stillinger;Antall leger
omgjøring;OMGJ;FROYA-1 > OSLO-1;
"""
ROOMY = POSTS.replace("næringsdrift;1;", "næringsdrift;2;")


def test_a_place_that_nobody_fills_passes_on_and_stands_at_its_own_post_again_in_the_second_turn(led: Round) -> None:
    wishes = "Pseudonym;Egen rekkefølge\nK1;OSLO-1\nK3;OSLO-1\n"
    led.lead(terms=PASSES, wishes=wishes)
    assert sorted(led.proposed()["OSLO-1"]) == ["K1", "K3"]
    assert led.proposed()["FROYA-1"] == []
    assert led.findings("FROYA-1").moved == led.findings("OSLO-1").moved == (MovedPlaces("FROYA-1", "OSLO-1", 1),)
    led.decide({"K1"})
    start_second(led.database, led.box, led.number, LATER)
    give_wishes(led.database, led.world, led.box, led.number, "K2", led.codes["K2"], {"own_ranking": "FROYA-1"}, LATER)
    led.run()
    assert led.proposed(turn=2) == {"FROYA-1": ["K2"], "OSLO-1": []}


def test_a_least_number_takes_a_doctor_from_the_other_posts(led: Round) -> None:
    least = "Slag vilkår;Vilkår;Stillinger;Antall leger\nminstetall;MINST;FROYA-1;1\n"
    wishes = "Pseudonym;Egen rekkefølge\nK1;OSLO-1 > FROYA-1\nK3;OSLO-1 > FROYA-1\n"
    led.lead(posts=ROOMY, terms=least, wishes=wishes)
    assert [len(names) for names in led.proposed().values()] == [1, 1], "without it both would have Oslo's two places"


def test_in_the_second_turn_the_other_of_a_couple_takes_part_alone(led: Round) -> None:
    led.lead(couples=COUPLE, wishes=WISHES.replace("K3;FROYA-1, OSLO-1;", "K3;OSLO-1;"))
    assert led.proposed() == {"FROYA-1": ["K3"], "OSLO-1": ["K1"]}
    led.decide({"K3"})
    start_second(led.database, led.box, led.number, LATER)
    assert [each.takes_part_together for each in led.own("K1").joint] == [False]
    led.run()
    assert led.partner_post("K1") is None
    assert [led.own(name).was_followed for name in ("K1", "K3")] == [None, True], "each answer beside its own decision"
    assert led.proposed(turn=2) == {"FROYA-1": [], "OSLO-1": []}, "the pair that was not followed is not proposed again"


def test_a_couple_that_was_not_followed_is_not_proposed_the_same_again(led: Round) -> None:
    led.lead(couples=COUPLE)
    led.decide(set())
    start_second(led.database, led.box, led.number, LATER)
    led.run()
    assert led.proposed(turn=2) == {"FROYA-1": ["K1"], "OSLO-1": ["K3"]}


TRAINEE = Qualifications(
    "K1",
    authorised=True,
    lis1_complete=True,
    is_specialist=False,
    in_training=True,
    language_level=LanguageLevel.C1,
    available_from=NOW.date(),
    fte=1.0,
)


def test_what_is_left_of_terms_counts_whom_each_counts() -> None:
    both = frozenset({"A", "B"})
    terms = RoundTerms(
        limits=(SharedLimit("V", LimitKind.SUPERVISION, 2, both), SharedLimit("Q", LimitKind.REGIONAL_QUOTA, 3, both)),
        minimums=(MinimumQuota("M", 2, frozenset({"A"})), MinimumQuota("N", 1, frozenset({"B"}))),
    )
    specialist = Qualifications("K2", True, True, True, False, LanguageLevel.C1, NOW.date(), 1.0)
    left = terms_left(terms, [(TRAINEE, "A"), (specialist, "B")], frozenset({"A"}))
    assert [(limit.limit_id, limit.capacity, limit.posts) for limit in left.limits] == [
        ("V", 1, frozenset({"A"})),
        ("Q", 1, frozenset({"A"})),
    ]
    assert [(quota.quota_id, quota.at_least) for quota in left.minimums] == [("M", 1)]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ({}, {"A": 2, "B": 1, "C": 1}),
        ({"B": 1}, {"A": 2, "B": 0, "C": 1}),
        ({"B": 2}, {"A": 1, "B": 0, "C": 1}),
        ({"C": 3}, {"A": 1, "B": 0, "C": 0}),
        ({"A": 1, "B": 1, "C": 2}, {"A": 0, "B": 0, "C": 0}),
    ],
)
def test_places_that_passed_on_are_counted_where_they_came_from(taken: dict[str, int], left: dict[str, int]) -> None:
    passes = (Reversion("A", "B"), Reversion("B", "C"))
    assert places_left({"A": 2, "B": 1, "C": 1}, taken, passes) == left


def test_a_simulated_round_with_couples_runs_and_can_be_simulated_again(
    database: Engine, world: World, box: WishBox
) -> None:
    number = rounds.open_round(database, "Par", is_simulated=True, now=NOW)
    round_simulation.simulate_posts(database, world, number, seed=1, now=NOW)
    rounds.seal(database, number, NOW)
    for couples in (3, 10):
        round_simulation.simulate_doctors(
            database, world, box, number, candidates=60, seed=1, now=LATER, couples=couples
        )
        with reading(database, number) as book:
            assert len(book.couples()) == couples
    rounds.draw(database, number, seed="1", role=ROLE, now=LATER)
    run_round(database, world, box, number, LATER)
    run = round_state(database, number).runs[0]
    assert run.status in {StabilityStatus.STABLE, StabilityStatus.NONE_EXISTS}
    assert run.figures is not None
    assert run.figures.sides is not None
    assert not run.figures.sides.is_comparable
    with pytest.raises(InvalidInputError, match="couples"):
        round_simulation.simulate_doctors(database, world, box, number, candidates=10, seed=1, now=LATER, couples=6)
