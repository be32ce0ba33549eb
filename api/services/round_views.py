"""What those who lead a round, and each employer, may see of it; no wish is read here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from api.services.round_findings import RoundFindings, stored_findings
from api.services.round_log import LogCheck, LogEntry, check_log
from api.services.round_run import FIGURES, PROPOSED
from api.services.round_steps import RoundStage, RoundStep, steps_now
from api.services.round_terms import Term, stored_terms
from api.services.rounds import POST
from api.storage.round_repository import RoundBook, all_rounds, reading
from api.storage.round_tables import AllocationProposalRow, AllocationRunRow
from engine.employer_view import ProposedCandidate
from engine.match_result import StabilityStatus
from engine.posts import Post
from engine.round_figures import SMALLEST_COUNT, RoundFigures, told
from features.errors import InvalidInputError, UnknownKeyError


@dataclass(frozen=True, slots=True)
class RoundRun:
    """One turn's draw and, once it is run, its figures; counts of few people are null, and all where few took part.

    `status` tells what is known of stable matchings, `blocking` how many options block the proposal, `bound` how many
    block every matching at least. `findings` are null with real doctors, where each employer is told of the own post
    alone.
    """

    turn: int
    lottery_seed: str
    drawn_by: str
    drawn_at: datetime
    figures: RoundFigures | None
    inputs_sha256: str | None
    status: StabilityStatus | None
    blocking: int | None
    bound: int | None
    findings: RoundFindings | None


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round as those who lead it see it; `candidates` and `with_wishes` are null where few are told of.

    `reached` is the stage it stands at, or for a closed round the one it was closed at.
    """

    round_id: int
    name: str
    is_simulated: bool
    stage: RoundStage
    turn: int
    steps_now: tuple[RoundStep, ...]
    opened_at: datetime
    posts: int
    places: int
    terms: tuple[Term, ...]
    candidates: int | None
    with_wishes: int | None
    seal_sha256: str | None
    sealed_at: datetime | None
    runs: tuple[RoundRun, ...]
    reached: RoundStage
    all_decided: bool
    closed_at: datetime | None
    log: LogCheck


@dataclass(frozen=True, slots=True)
class RoundProposal:
    """A proposed doctor under the pseudonym, and what was decided with which reason."""

    proposal_id: int
    turn: int
    post_id: str
    proposed: ProposedCandidate
    is_followed: bool | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoundPost:
    """The employer's answer for one post: the advert as sealed, and who is proposed for it.

    `terms` are those that the post is part of; `findings` what the turn's run found of this post alone.
    """

    post: Post
    is_simulated: bool
    proposals: tuple[RoundProposal, ...]
    terms: tuple[Term, ...]
    findings: RoundFindings


def rounds_shown(engine: Engine) -> list[RoundState]:
    """Every round, the newest first."""
    return [round_state(engine, row.id or 0) for row in all_rounds(engine)]


def round_state(engine: Engine, round_id: int) -> RoundState:
    """A round and how far it has come."""
    with reading(engine, round_id) as book:
        candidates, posts = book.candidates(), [POST.validate_json(row.document) for row in book.posts()]
        wishing = sum(row.wishes is not None for row in candidates)
        runs = [run for turn in (1, 2) if (run := book.run(turn)) is not None]
        return RoundState(
            round_id=round_id,
            name=book.row.name,
            is_simulated=book.row.is_simulated,
            stage=book.stage,
            turn=book.row.turn,
            steps_now=steps_now(book.stage, book.row.turn),
            opened_at=book.row.opened_at,
            posts=len(posts),
            places=sum(post.capacity for post in posts),
            terms=stored_terms(book.row.terms),
            candidates=len(candidates) if len(candidates) >= SMALLEST_COUNT else None,
            with_wishes=wishing if wishing == len(candidates) >= SMALLEST_COUNT else told(wishing, of=len(candidates)),
            seal_sha256=book.row.seal_sha256,
            sealed_at=book.row.sealed_at,
            runs=tuple(_run(run, is_simulated=book.row.is_simulated) for run in runs),
            reached=_reached(book),
            all_decided=all(row.is_followed is not None for row in book.proposals(book.row.turn)),
            closed_at=book.row.closed_at,
            log=check_log(round_id, book.log(), book.row.log_length),
        )


def _reached(book: RoundBook) -> RoundStage:
    if book.stage is not RoundStage.CLOSED:
        return book.stage
    run, proposals = book.run(book.row.turn), book.proposals(book.row.turn)
    if run is not None and run.inputs_sha256:
        return RoundStage.DECIDED if all(row.is_followed is not None for row in proposals) else RoundStage.PROPOSED
    if run is not None:
        return RoundStage.DRAWN
    if book.row.names_seen_at is not None:
        return RoundStage.CANDIDATES_IN
    if book.row.sealed_at is not None:
        return RoundStage.SEALED
    return RoundStage.POSTS_IN if book.posts() else RoundStage.OPEN


def round_posts(engine: Engine, round_id: int) -> list[Post]:
    """The round's posts, as advertised."""
    with reading(engine, round_id) as book:
        return [POST.validate_json(row.document) for row in book.posts()]


def round_post(engine: Engine, round_id: int, post_id: str) -> RoundPost:
    """The employer's answer for one post.

    Raises
    ------
    UnknownKeyError
        The round has no such post.
    """
    with reading(engine, round_id) as book:
        found = next((row for row in book.posts() if row.post_id == post_id), None)
        if found is None:
            raise UnknownKeyError("post", post_id, tuple(row.post_id for row in book.posts()[:10]))
        run = book.run(book.row.turn)
        return RoundPost(
            post=POST.validate_json(found.document),
            is_simulated=book.row.is_simulated,
            proposals=_proposals(book, post_id),
            terms=tuple(term for term in stored_terms(book.row.terms) if post_id in term.posts),
            findings=stored_findings(run.findings if run else None).of_post(
                post_id, is_simulated=book.row.is_simulated
            ),
        )


def round_proposals(engine: Engine, round_id: int, post_id: str | None = None) -> tuple[RoundProposal, ...]:
    """Proposals for one post; for all posts together only where no doctor is real.

    Raises
    ------
    InvalidInputError
        No post is named in a round with real doctors.
    """
    with reading(engine, round_id) as book:
        if post_id is None and not book.row.is_simulated:
            raise InvalidInputError("post", "", "the post of the employer who asks; others' answers are not shown")
        return _proposals(book, post_id)


def round_log(engine: Engine, round_id: int) -> tuple[list[LogEntry], LogCheck]:
    """Every entry of the log, and whether it is whole."""
    with reading(engine, round_id) as book:
        entries = book.log()
        return entries, check_log(round_id, entries, book.row.log_length)


def _run(run: AllocationRunRow, *, is_simulated: bool) -> RoundRun:
    return RoundRun(
        turn=run.turn,
        lottery_seed=run.lottery_seed,
        drawn_by=run.drawn_by,
        drawn_at=run.drawn_at,
        figures=_figures(run),
        inputs_sha256=run.inputs_sha256,
        status=StabilityStatus(run.status) if run.status else None,
        blocking=run.blocking,
        bound=run.bound,
        findings=stored_findings(run.findings) if is_simulated else None,
    )


def _figures(run: AllocationRunRow) -> RoundFigures | None:
    figures = FIGURES.validate_json(run.figures) if run.figures else None
    return figures if figures and figures.candidates >= SMALLEST_COUNT else None


def _proposals(book: RoundBook, post_id: str | None) -> tuple[RoundProposal, ...]:
    return tuple(_shown(row) for row in book.proposals() if post_id is None or row.post_id == post_id)


def _shown(row: AllocationProposalRow) -> RoundProposal:
    proposed = PROPOSED.validate_json(row.document)
    return RoundProposal(
        row.id or 0,
        row.turn,
        row.post_id,
        proposed,
        row.is_followed,
        row.reason,
        row.decided_by,
        row.decided_at,
    )
