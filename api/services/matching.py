"""Proposes a match of simulated doctors to the real vacant lists, keeps it, and explains it to a candidate."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from time import monotonic

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Engine

from api.services.world import World
from api.storage.repository import load_match, save_match
from api.storage.tables import MatchRow
from engine.candidate_view import CandidateView, candidate_view
from engine.candidates import Candidate
from engine.eligibility import RequirementReason
from engine.employer_view import EmployerView, employer_view
from engine.match_result import MatchResult, StabilityStatus, UnfilledPost
from engine.match_run import run_match
from engine.posts import Post
from engine.round_figures import (
    SMALLEST_COUNT,
    Limitation,
    MinimumFigures,
    PublishedProof,
    SideFigures,
    limitations_of,
    round_figures,
)
from engine.round_terms import NO_TERMS, RoundTerms
from engine.simulated_candidates import simulate_candidates
from engine.simulated_couples import simulate_couples
from engine.terms_outcome import MovedPlaces
from engine.vacant_posts import posts_from_vacant_lists
from features.errors import InvalidInputError

FEWEST_CANDIDATES = SMALLEST_COUNT
MOST_CANDIDATES = 2000
SECONDS = 60.0
"""Time limit of a round with couples or shared limits."""


@dataclass(frozen=True, slots=True)
class MatchProposal:
    """A whole proposal with all employers' answers together: of a simulated round only.

    A real round gives each employer the answer for the own post alone. A published stable matching with tiers and
    lottery shows, for every matched doctor and every other post that has a free place or holds somebody ranked lower,
    that a doctor who qualifies there likes the own post better or did not list the other; only simulated doctors may
    be shown so. What is never shown, here too: whole lists, weights, a partner, or who left which post off.

    Counts of people are null where they, or the rest of the doctors, are fewer than five, as in a real round.
    `vacant_lists` is the number of places at all posts; `unmatched` counts candidates without a proposal;
    `ineligible_candidates` counts distinct candidates by a requirement they miss at one post or more.
    `limitations` says what the proposal does not do. `couples` counts simulated couples with a joint list, `terms` is
    what posts share. `stability` is always stable without them; else it may be proven that no stable matching exists.
    `bound` is how many options are proven to block whatever is proposed, and `blocking_posts` are the posts that
    somebody would rather have and would get: whoever decides has them before the eyes. `sides` tells who got which
    choice, `moved` which unfilled places changed hands, `minimums` what came of least numbers. `inputs_sha256` covers
    all inputs but the wishes.
    """

    proposed_at: datetime
    is_simulated: bool
    lottery_seed: str
    candidates: int
    posts: int
    vacant_lists: int
    matched: int | None
    unmatched: int | None
    employers: tuple[EmployerView, ...]
    unfilled: tuple[UnfilledPost, ...]
    ineligible_candidates: tuple[tuple[RequirementReason, int | None], ...]
    proof: PublishedProof
    limitations: tuple[Limitation, ...]
    inputs_sha256: str
    couples: int = 0
    terms: RoundTerms = NO_TERMS
    stability: StabilityStatus = StabilityStatus.STABLE
    bound: int = 0
    blocking_posts: tuple[str, ...] = ()
    sides: SideFigures | None = None
    moved: tuple[MovedPlaces, ...] = ()
    reversion_is_complete: bool = True
    minimums: MinimumFigures | None = None

    def __post_init__(self) -> None:
        if not self.is_simulated:
            raise InvalidInputError(
                "round", "a round with real doctors", "a simulated one: a real round gives each employer the own view"
            )


@dataclass(frozen=True, slots=True)
class SavedProposal:
    """A proposal and the number it is kept under."""

    match_id: int
    proposal: MatchProposal


DOCUMENT: TypeAdapter[MatchProposal] = TypeAdapter(MatchProposal)


def propose_match(
    world: World,
    engine: Engine,
    *,
    candidates: int,
    lottery_seed: str,
    seed: int,
    now: datetime,
    couples: int = 0,
    terms: RoundTerms = NO_TERMS,
) -> SavedProposal:
    """Match simulated doctors to the lists without a GP, save the proposal and give it back."""
    result = simulated_round(
        world,
        candidates=candidates,
        lottery_seed=lottery_seed,
        seed=seed,
        today=now.date(),
        couples=couples,
        terms=terms,
    )
    proposal = replace(whole_proposal(result, now), couples=couples, terms=terms)
    saved = save_match(
        engine,
        MatchRow(
            created_at=now,
            inputs_sha256=proposal.inputs_sha256,
            lottery_seed=lottery_seed,
            is_simulated=proposal.is_simulated,
            document=DOCUMENT.dump_json(proposal).decode(),
        ),
    )
    return SavedProposal(match_id=saved.id or 0, proposal=proposal)


def saved_match(engine: Engine, match_id: int) -> SavedProposal | None:
    """The proposal that was kept under a number, or nothing."""
    row = load_match(engine, match_id)
    return None if row is None else SavedProposal(match_id, DOCUMENT.validate_json(row.document))


def explain_to_candidate(
    world: World,
    candidate_id: str,
    *,
    candidates: int,
    lottery_seed: str,
    seed: int,
    today: date,
    couples: int = 0,
    terms: RoundTerms = NO_TERMS,
) -> CandidateView:
    """Answer to one simulated doctor of a round: the own post, and why each better-liked one was not to be had.

    The round is run again from its seeds, since nobody's wishes are stored; nothing is saved.
    """
    result = simulated_round(
        world, candidates=candidates, lottery_seed=lottery_seed, seed=seed, today=today, couples=couples, terms=terms
    )
    if candidate_id not in result.own_lists:
        names = sorted(result.own_lists)
        raise InvalidInputError("candidate", candidate_id, f"{names[0]}–{names[-1]}")
    return candidate_view(result, candidate_id)


def whole_proposal(result: MatchResult, now: datetime) -> MatchProposal:
    """All employers' answers and the figures of a round in which no doctor is real; refuses any other."""
    figures = round_figures(result)
    return MatchProposal(
        proposed_at=now,
        is_simulated=result.candidates_simulated,
        lottery_seed=result.lottery_seed,
        candidates=figures.candidates,
        posts=figures.posts,
        vacant_lists=figures.places,
        matched=figures.matched,
        unmatched=figures.unmatched,
        employers=tuple(employer_view(result, post) for post in result.posts),
        unfilled=result.unfilled,
        ineligible_candidates=figures.ineligible_candidates,
        proof=figures.proof,
        limitations=limitations_of(result),
        inputs_sha256=result.public_inputs_sha256,
        stability=figures.stability,
        bound=figures.bound,
        blocking_posts=result.blocking_posts,
        sides=figures.sides,
        moved=result.outcome.moved,
        reversion_is_complete=result.outcome.reversion_is_complete,
        minimums=figures.minimums,
    )


def simulated_round(
    world: World,
    *,
    candidates: int,
    lottery_seed: str,
    seed: int,
    today: date,
    couples: int = 0,
    terms: RoundTerms = NO_TERMS,
) -> MatchResult:
    """A round of simulated doctors, some of them couples, and the real vacant lists, from its seeds."""
    if not FEWEST_CANDIDATES <= candidates <= MOST_CANDIDATES:
        raise InvalidInputError("candidates", candidates, f"{FEWEST_CANDIDATES}-{MOST_CANDIDATES}")
    doctors, posts = simulated_sides(world, candidates=candidates, seed=seed, today=today)
    doctors, joint = simulate_couples(doctors, couples, _couple_rng(seed), today=today)
    return run_match(
        doctors,
        posts,
        world.scores.factors,
        lottery_seed,
        today,
        joint=joint,
        terms=terms,
        regions=labour_market_regions(world),
        seconds=SECONDS,
        clock=monotonic,
    )


def labour_market_regions(world: World) -> dict[str, str]:
    """Labour-market region of each municipality (SSB, 2020)."""
    columns = world.snapshot.municipalities.select("municipality_code", "labour_market_region_2020")
    return dict(columns.iter_rows())


def _couple_rng(seed: int) -> np.random.Generator:
    """Draws of their own, so that couples change neither doctors nor posts."""
    return np.random.default_rng(seed).spawn(3)[2]


def simulated_sides(
    world: World, *, candidates: int, seed: int, today: date
) -> tuple[tuple[Candidate, ...], tuple[Post, ...]]:
    """Simulated doctors and the real vacant lists of a round, from its seed."""
    doctor_rng, post_rng = np.random.default_rng(seed).spawn(2)
    municipalities = world.snapshot.municipalities
    doctors = simulate_candidates(
        candidates, municipalities["county_code"].to_list(), weighed_factors(world), doctor_rng, today=today
    )
    return doctors, posts_from_vacant_lists(world.snapshot.gp_lists, municipalities, post_rng, today=today)


def weighed_factors(world: World) -> list[str]:
    """Factors that a doctor may weigh: ranked ones, not the outcome, and not size for its own sake."""
    ranked = set(world.scores.factors.drop_nulls("rank_national")["factor"])
    factors = (factor for factor in world.catalogue.factors.values() if factor.key in ranked)
    return [factor.key for factor in factors if factor.kind != "outcome" and factor.elements != ("S",)]
