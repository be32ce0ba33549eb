"""Runs a round's match and starts its second turn for the unmatched."""

from datetime import datetime
from threading import Lock
from time import monotonic

from pydantic import TypeAdapter
from sqlalchemy import Engine

from api.services.local_data import norwegian_day
from api.services.round_findings import FINDINGS, findings_of
from api.services.round_log import Detail, RoundAction
from api.services.round_market import market_of, without_refused
from api.services.round_steps import RoundStep, RoundStepError, StepFault, stage_after
from api.services.rounds import advance, check_sealed, settle
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import RoundBook, changing, reading
from api.storage.round_tables import AllocationProposalRow
from engine.candidate_view import CandidateView, candidate_view
from engine.employer_view import ProposedCandidate, employer_view
from engine.match_result import MatchResult
from engine.match_run import run_match
from engine.round_figures import RoundFigures, round_figures

FIGURES: TypeAdapter[RoundFigures] = TypeAdapter(RoundFigures)
PROPOSED: TypeAdapter[ProposedCandidate] = TypeAdapter(ProposedCandidate)
ANSWER: TypeAdapter[CandidateView] = TypeAdapter(CandidateView)

REGION = ("municipality_code", "labour_market_region_2020")
MOST_SECONDS = 60.0
"""How long a round with couples or shared limits is searched before the best found is kept, with what is known."""

ONE_AT_A_TIME = Lock()
"""A large round takes seconds of a processor; a second one waits."""


def run_round(engine: Engine, world: World, box: WishBox, round_id: int, now: datetime) -> None:
    """Match the turn's doctors and posts and keep the proposals; each doctor's own answer is kept encrypted."""
    today, scores = norwegian_day(now), world.scores.factors
    with reading(engine, round_id) as book:
        stage_after(RoundStep.RUN, book.stage, book.row.turn)
        seen, length, drawn = book.row.names_seen_at, book.row.log_length, book.run(book.row.turn)
        assert seen is not None
        assert drawn is not None
        check_sealed(book, seen)
        market, seed = market_of(book, box), drawn.lottery_seed
    with ONE_AT_A_TIME:
        turn = without_refused(market, scores, today)
        result = run_match(
            turn.doctors,
            turn.posts,
            scores,
            seed,
            today,
            joint=turn.joint,
            terms=turn.terms,
            regions=dict(world.snapshot.municipalities.select(REGION).iter_rows()),
            seconds=MOST_SECONDS,
            clock=monotonic,
        )
    with changing(engine, round_id) as book:
        if book.row.log_length != length:
            raise RoundStepError(RoundStep.RUN, book.stage, StepFault.CHANGED_MEANWHILE)
        advance(book, RoundStep.RUN)
        _keep(book, box, result)
        told: dict[str, Detail] = {"turn": book.row.turn, "lottery_seed": seed}
        told["inputs_sha256"] = result.public_inputs_sha256
        told |= {"status": result.stability, "blocking": result.proof.stability.blocking, "bound": result.bound}
        open_posts = sum(post.capacity > 0 for post in market.posts)
        book.note(now, RoundAction.RUN, told | {"is_stable": result.proof.stability.is_stable, "posts": open_posts})
        settle(book)


def start_second(engine: Engine, box: WishBox, round_id: int, now: datetime) -> None:
    """Begin the second turn: doctors without a post, and places that no followed proposal fills."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.START_SECOND)
        book.row.turn += 1
        market = market_of(book, box)
        if not market.doctors or not market.places:
            raise RoundStepError(RoundStep.START_SECOND, book.stage, StepFault.NOTHING_UNMATCHED)
        book.note(now, RoundAction.SECOND_ROUND, {"posts": sum(post.capacity > 0 for post in market.posts)})


def _keep(book: RoundBook, box: WishBox, result: MatchResult) -> None:
    run = book.run(book.row.turn)
    assert run is not None
    run.run_on, run.inputs_sha256 = result.run_on, result.public_inputs_sha256
    run.status, run.blocking, run.bound = result.stability.value, result.proof.stability.blocking, result.bound
    run.figures = FIGURES.dump_json(round_figures(result)).decode()
    run.findings = FINDINGS.dump_json(findings_of(result)).decode()
    book.add_proposals(
        AllocationProposalRow(
            round_id=book.round_id,
            turn=book.row.turn,
            post_id=post,
            candidate_id=proposed.candidate_id,
            document=PROPOSED.dump_json(proposed).decode(),
        )
        for post in result.posts
        for proposed in employer_view(result, post).proposed
    )
    rows = {row.candidate_id: row for row in book.candidates()}
    for name in result.own_lists:
        row = rows[name]
        row.answer = box.lock(book.round_id, name, ANSWER.dump_json(candidate_view(result, name)).decode())
