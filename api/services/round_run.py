"""Runs a round's match and starts its second turn for the unmatched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock

import polars as pl
from pydantic import TypeAdapter
from sqlalchemy import Engine

from api.services.local_data import norwegian_day
from api.services.round_log import Detail, RoundAction
from api.services.round_steps import RoundStep, RoundStepError, StepFault, stage_after
from api.services.rounds import advance, check_sealed, doctors_of, posts_of, settle
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import RoundBook, changing, reading
from api.storage.round_tables import AllocationProposalRow
from engine.candidate_view import CandidateView, candidate_view
from engine.candidates import Candidate
from engine.employer_view import ProposedCandidate, employer_view
from engine.match_result import MatchResult
from engine.match_run import run_match
from engine.own_lists import ineligible_pairs, own_lists_of
from engine.posts import Post
from engine.round_figures import RoundFigures, round_figures

FIGURES: TypeAdapter[RoundFigures] = TypeAdapter(RoundFigures)
PROPOSED: TypeAdapter[ProposedCandidate] = TypeAdapter(ProposedCandidate)
ANSWER: TypeAdapter[CandidateView] = TypeAdapter(CandidateView)

ONE_AT_A_TIME = Lock()
"""A large round takes seconds of a processor; a second one waits."""


@dataclass(frozen=True, slots=True)
class Market:
    """Who takes part in a turn, and the places they compete for; `refused` are pairs an employer did not follow."""

    doctors: tuple[Candidate, ...]
    posts: tuple[Post, ...]
    refused: frozenset[tuple[str, str]]


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
        doctors = _without_refused(market, scores, today)
        result = run_match(doctors, market.posts, scores, seed, today)
    with changing(engine, round_id) as book:
        if book.row.log_length != length:
            raise RoundStepError(RoundStep.RUN, book.stage, StepFault.CHANGED_MEANWHILE)
        advance(book, RoundStep.RUN)
        _keep(book, box, result)
        told: dict[str, Detail] = {"turn": book.row.turn, "lottery_seed": seed}
        told["inputs_sha256"] = result.public_inputs_sha256
        proof = result.proof.stability
        book.note(now, RoundAction.RUN, told | {"is_stable": proof.is_stable, "posts": len(market.posts)})
        settle(book)


def start_second(engine: Engine, box: WishBox, round_id: int, now: datetime) -> None:
    """Begin the second turn: doctors without a post, and places that no followed proposal fills."""
    with changing(engine, round_id) as book:
        advance(book, RoundStep.START_SECOND)
        book.row.turn += 1
        market = market_of(book, box)
        if not market.doctors or not market.posts:
            raise RoundStepError(RoundStep.START_SECOND, book.stage, StepFault.NOTHING_UNMATCHED)
        book.note(now, RoundAction.SECOND_ROUND, {"posts": len(market.posts)})


def market_of(book: RoundBook, box: WishBox) -> Market:
    """Doctors and posts of the turn that the round is in; in the first, all of them."""
    earlier = [row for row in book.proposals() if row.turn < book.row.turn]
    followed = [row for row in earlier if row.is_followed]
    placed = {row.candidate_id for row in followed}
    taken = [row.post_id for row in followed]
    open_posts = (replace(post, capacity=post.capacity - taken.count(post.post_id)) for post in posts_of(book))
    return Market(
        doctors=tuple(doctor for doctor in doctors_of(book, box) if doctor.candidate_id not in placed),
        posts=tuple(post for post in open_posts if post.capacity),
        refused=frozenset((row.candidate_id, row.post_id) for row in earlier if not row.is_followed),
    )


def _without_refused(market: Market, scores: pl.DataFrame, today: date) -> Sequence[Candidate]:
    """The doctors, whose own lists name neither posts without a place nor those that did not follow a proposal."""
    posts = {post.post_id: post for post in market.posts}
    refused = {name for name, _ in market.refused}
    doctors = [_ranking_only(doctor, frozenset(posts)) for doctor in market.doctors]
    return [
        _ranked(doctor, posts, scores, market.refused, today) if doctor.candidate_id in refused else doctor
        for doctor in doctors
    ]


def _ranking_only(doctor: Candidate, posts: frozenset[str]) -> Candidate:
    ranked = doctor.wishes.own_ranking
    if ranked is None:
        return doctor
    kept = tuple(post for post in ranked if post in posts)
    return replace(doctor, wishes=replace(doctor.wishes, own_ranking=kept))


def _ranked(
    doctor: Candidate, posts: dict[str, Post], scores: pl.DataFrame, refused: frozenset[tuple[str, str]], today: date
) -> Candidate:
    name = doctor.candidate_id
    reasons = ineligible_pairs({name: doctor.qualifications}, posts)
    own = own_lists_of({name: doctor}, posts, scores, reasons, today)[name]
    kept = tuple(entry.post_id for entry in own.entries if (name, entry.post_id) not in refused)
    return replace(doctor, wishes=replace(doctor.wishes, own_ranking=kept))


def _keep(book: RoundBook, box: WishBox, result: MatchResult) -> None:
    run = book.run(book.row.turn)
    assert run is not None
    run.run_on, run.inputs_sha256 = result.run_on, result.public_inputs_sha256
    run.figures = FIGURES.dump_json(round_figures(result)).decode()
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
    for name in result.own_lists:
        row = book.candidate(name)
        assert row is not None
        row.answer = box.lock(book.round_id, name, ANSWER.dump_json(candidate_view(result, name)).decode())
