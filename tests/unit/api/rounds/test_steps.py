"""The order of steps, and a whole round with a second turn."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from api.errors import answer_to
from api.services import round_simulation, rounds
from api.services.round_run import run_round, start_second
from api.services.round_steps import RoundStage, RoundStep, RoundStepError, StepFault, stage_after, steps_now
from api.services.round_views import round_post, round_proposals, round_state
from api.services.wish_box import WishBox
from api.services.world import World
from features.errors import InvalidInputError, UnknownKeyError
from tests.unit.api.rounds.conftest import DOCTORS, LATER, NOW, POSTS, ROLE

REASON = "Oppfyller kravene i utlysningen"


def drawn_and_run(database: Engine, world: World, box: WishBox, number: int, seed: str = "2027-1") -> None:
    rounds.draw(database, number, seed=seed, role=ROLE, now=LATER)
    run_round(database, world, box, number, LATER)


def decide_all(database: Engine, number: int, *, is_followed: bool) -> None:
    for post in rounds_posts(database, number):
        for proposal in round_post(database, number, post).proposals:
            if proposal.is_followed is None:
                rounds.decide(
                    database,
                    number,
                    proposal.proposal_id,
                    is_followed=is_followed,
                    reason=REASON,
                    role=ROLE,
                    now=LATER,
                )


def rounds_posts(database: Engine, number: int) -> list[str]:
    with database.connect() as connection:
        query = text("SELECT post_id FROM allocation_post WHERE round_id = :number ORDER BY post_id")
        return list(connection.scalars(query, {"number": number}))


def test_a_whole_round_leads_from_open_to_closed(database: Engine, world: World, box: WishBox, real_round: int) -> None:
    drawn_and_run(database, world, box, real_round)
    proposed = {
        post: [each.proposed.candidate_id for each in round_post(database, real_round, post).proposals]
        for post in rounds_posts(database, real_round)
    }
    assert proposed == {"FROYA-1": [proposed["FROYA-1"][0]], "OSLO-1": [proposed["OSLO-1"][0]]}
    assert {proposed["FROYA-1"][0], proposed["OSLO-1"][0]} == {"K1", "K3"}, "specialists come before the trainee"
    decide_all(database, real_round, is_followed=True)
    assert round_state(database, real_round).stage is RoundStage.DECIDED
    rounds.close(database, real_round, reason="Ferdig", now=LATER)
    state = round_state(database, real_round)
    assert (state.stage, state.closed_at, state.log.is_whole) == (RoundStage.CLOSED, LATER, True)
    assert state.reached is RoundStage.DECIDED
    assert state.steps_now == ()


def test_a_round_that_was_closed_early_says_how_far_it_came(database: Engine, real_round: int) -> None:
    assert round_state(database, real_round).reached is RoundStage.CANDIDATES_IN
    rounds.close(database, real_round, reason="Avlyst", now=LATER)
    state = round_state(database, real_round)
    assert (state.stage, state.reached) == (RoundStage.CLOSED, RoundStage.CANDIDATES_IN)


def test_the_second_turn_takes_the_unmatched_and_never_proposes_a_refused_pair_again(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    drawn_and_run(database, world, box, real_round)
    (refused,) = round_post(database, real_round, "FROYA-1").proposals
    (followed,) = round_post(database, real_round, "OSLO-1").proposals
    for proposal, is_followed in ((refused, False), (followed, True)):
        rounds.decide(
            database, real_round, proposal.proposal_id, is_followed=is_followed, reason=REASON, role=ROLE, now=LATER
        )
    start_second(database, box, real_round, LATER)
    drawn_and_run(database, world, box, real_round, "2027-2")
    second = [each for each in round_post(database, real_round, "FROYA-1").proposals if each.turn == 2]
    assert [each.proposed.candidate_id for each in second] == ["K2"]
    assert [each.turn for each in round_post(database, real_round, "OSLO-1").proposals] == [1]
    decide_all(database, real_round, is_followed=True)
    with pytest.raises(RoundStepError) as caught:
        start_second(database, box, real_round, LATER)
    assert caught.value.fault is StepFault.NO_SECOND_LEFT


def test_a_second_turn_needs_both_a_place_and_a_doctor(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    drawn_and_run(database, world, box, real_round)
    decide_all(database, real_round, is_followed=True)
    with pytest.raises(RoundStepError) as caught:
        start_second(database, box, real_round, LATER)
    assert caught.value.fault is StepFault.NOTHING_UNMATCHED
    assert (round_state(database, real_round).stage, round_state(database, real_round).turn) == (RoundStage.DECIDED, 1)


@pytest.mark.parametrize(
    ("stage", "step", "fault"),
    [
        (RoundStage.OPEN, RoundStep.SEAL, StepFault.TOO_EARLY),
        (RoundStage.POSTS_IN, RoundStep.BRING_CANDIDATES, StepFault.TOO_EARLY),
        (RoundStage.SEALED, RoundStep.BRING_POSTS, StepFault.TOO_LATE),
        (RoundStage.CANDIDATES_IN, RoundStep.RUN, StepFault.TOO_EARLY),
        (RoundStage.DRAWN, RoundStep.GIVE_WISHES, StepFault.TOO_LATE),
        (RoundStage.DRAWN, RoundStep.DRAW, StepFault.TOO_LATE),
        (RoundStage.PROPOSED, RoundStep.START_SECOND, StepFault.TOO_EARLY),
        (RoundStage.CLOSED, RoundStep.CLOSE, StepFault.CLOSED),
    ],
)
def test_a_step_out_of_order_is_refused_and_says_what_to_do(
    stage: RoundStage, step: RoundStep, fault: StepFault
) -> None:
    with pytest.raises(RoundStepError) as caught:
        stage_after(step, stage, 1)
    assert caught.value.fault is fault
    answer = answer_to(caught.value, "nb")
    assert answer.status == 409
    assert "Ingenting er endret" in answer.detail
    assert step not in steps_now(stage, 1)


def test_every_step_out_of_order_is_refused_by_the_service_and_changes_nothing(
    database: Engine, world: World, box: WishBox
) -> None:
    number = rounds.open_round(database, "Prøve", is_simulated=False, now=NOW)
    early: list[Callable[[], object]] = [
        lambda: rounds.seal(database, number, NOW),
        lambda: rounds.import_candidates(database, number, DOCTORS.encode(), NOW),
        lambda: rounds.import_wishes(database, world, box, number, b"x", NOW),
        lambda: rounds.issue_codes(database, number, NOW),
        lambda: rounds.draw(database, number, seed="", role=ROLE, now=NOW),
        lambda: run_round(database, world, box, number, NOW),
        lambda: rounds.decide(database, number, 1, is_followed=True, reason=REASON, role=ROLE, now=NOW),
        lambda: start_second(database, box, number, NOW),
    ]
    before = round_state(database, number)
    for step in early:
        with pytest.raises(RoundStepError):
            step()
    assert round_state(database, number) == before
    rounds.import_posts(database, world, number, POSTS.encode(), NOW)
    rounds.seal(database, number, NOW)
    with pytest.raises(RoundStepError):
        rounds.import_posts(database, world, number, POSTS.encode(), NOW)


def test_doctors_are_seen_only_after_the_seal_and_an_advert_changed_behind_it_stops_the_round(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    rounds.draw(database, real_round, seed="1", role=ROLE, now=LATER)
    with database.begin() as connection:
        change = text("UPDATE allocation_post SET document = replace(document, :sealed, :changed)")
        connection.execute(change, {"sealed": '"capacity":1', "changed": '"capacity":2'})
    with pytest.raises(InvalidInputError, match="sealed"):
        run_round(database, world, box, real_round, LATER)


def test_names_cannot_come_in_at_the_moment_of_the_seal(database: Engine, world: World) -> None:
    number = rounds.open_round(database, "Prøve", is_simulated=False, now=NOW)
    rounds.import_posts(database, world, number, POSTS.encode(), NOW)
    rounds.seal(database, number, NOW)
    with pytest.raises(InvalidInputError, match="after the adverts were sealed"):
        rounds.import_candidates(database, number, DOCTORS.encode(), NOW)


def test_a_decision_needs_a_reason_and_a_role_and_is_not_changed(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    drawn_and_run(database, world, box, real_round)
    (proposal,) = round_post(database, real_round, "FROYA-1").proposals

    def decide(reason: str, role: str = ROLE, key: int = proposal.proposal_id) -> None:
        rounds.decide(database, real_round, key, is_followed=True, reason=reason, role=role, now=LATER)

    for reason in ("", "  ", "x" * 301, "Ring 99 88 77 66"):
        with pytest.raises(InvalidInputError, match="reason"):
            decide(reason)
    with pytest.raises(InvalidInputError, match="role"):
        decide(REASON, role="Kari Nordmann")
    with pytest.raises(UnknownKeyError):
        decide(REASON, key=10_000)
    decide(REASON)
    with pytest.raises(RoundStepError) as caught:
        decide(REASON)
    assert caught.value.fault is StepFault.ALREADY_DECIDED


def test_a_real_round_takes_nothing_simulated_and_a_simulated_one_no_real_doctor(
    database: Engine, world: World, box: WishBox
) -> None:
    real = rounds.open_round(database, "Virkelig", is_simulated=False, now=NOW)
    with pytest.raises(RoundStepError):
        round_simulation.simulate_posts(database, world, real, seed=1, now=NOW)
    made_up = rounds.open_round(database, "Simulert", is_simulated=True, now=NOW)
    round_simulation.simulate_posts(database, world, made_up, seed=1, now=NOW)
    rounds.seal(database, made_up, NOW)
    with pytest.raises(RoundStepError):
        rounds.import_candidates(database, made_up, DOCTORS.encode(), LATER)
    round_simulation.simulate_doctors(database, world, box, made_up, candidates=20, seed=1, now=LATER)
    assert round_state(database, made_up).candidates == 20


def test_few_doctors_are_not_counted_and_a_real_round_shows_no_whole_answer(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    drawn_and_run(database, world, box, real_round)
    state = round_state(database, real_round)
    assert (state.candidates, state.with_wishes, state.runs[0].figures) == (None, None, None)
    with pytest.raises(InvalidInputError, match="post"):
        round_proposals(database, real_round)


def test_a_round_that_changed_while_it_was_matched_is_not_overwritten(
    database: Engine, world: World, box: WishBox, real_round: int
) -> None:
    class ClosingBox(WishBox):
        """Another person closes the round while the match is made."""

        def unlock(self, round_id: int, candidate_id: str, token: str) -> str:
            content = super().unlock(round_id, candidate_id, token)
            if round_state(database, round_id).stage is RoundStage.DRAWN:
                rounds.close(database, round_id, reason="Avbrutt", now=datetime.now(LATER.tzinfo))
            return content

    rounds.draw(database, real_round, seed="1", role=ROLE, now=LATER)
    with pytest.raises(RoundStepError) as caught:
        run_round(database, world, ClosingBox(box.path), real_round, LATER)
    assert caught.value.fault is StepFault.CHANGED_MEANWHILE
    assert round_state(database, real_round).stage is RoundStage.CLOSED
