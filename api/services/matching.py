"""Proposes a match of simulated doctors to the real vacant lists, and keeps the proposal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Engine

from api.services.world import World
from api.storage.repository import save_match
from api.storage.tables import MatchRow
from engine.eligibility import RequirementReason
from engine.employer_view import EmployerView, employer_view
from engine.match_result import MatchResult, UnfilledPost
from engine.match_run import run_match
from engine.simulated_candidates import simulate_candidates
from engine.stability import StabilityProof
from engine.vacant_posts import posts_from_vacant_lists
from features.errors import InvalidInputError

MOST_CANDIDATES = 2000
SMALLEST_COUNT = 5
"""Smaller counts about people are not shown."""


@dataclass(frozen=True, slots=True)
class MatchProposal:
    """A proposal as those who run the round see it: no candidate's wishes, only formal qualifications.

    `vacant_lists` is the number of places at all posts; `unmatched` counts candidates without a proposal;
    `ineligible_pairs` counts pairs by the requirement not met, null below `SMALLEST_COUNT`.
    """

    proposed_at: datetime
    is_simulated: bool
    lottery_seed: str
    candidates: int
    posts: int
    vacant_lists: int
    matched: int
    unmatched: int
    employers: tuple[EmployerView, ...]
    unfilled: tuple[UnfilledPost, ...]
    ineligible_pairs: tuple[tuple[RequirementReason, int | None], ...]
    proof: StabilityProof
    inputs_sha256: str


DOCUMENT: TypeAdapter[MatchProposal] = TypeAdapter(MatchProposal)


def propose_match(
    world: World, engine: Engine, *, candidates: int, lottery_seed: str, seed: int, now: datetime
) -> MatchProposal:
    """Match simulated doctors to the lists without a GP, save the proposal and give it back."""
    if not 1 <= candidates <= MOST_CANDIDATES:
        raise InvalidInputError("candidates", candidates, f"1-{MOST_CANDIDATES}")
    doctor_rng, post_rng = np.random.default_rng(seed).spawn(2)
    municipalities = world.snapshot.municipalities
    doctors = simulate_candidates(
        candidates, municipalities["county_code"].to_list(), _weighed(world), doctor_rng, today=now.date()
    )
    posts = posts_from_vacant_lists(world.snapshot.gp_lists, municipalities, post_rng, today=now.date())
    result = run_match(doctors, posts, world.scores.factors, lottery_seed, now.date())
    proposal = _proposal(result, now, candidates=candidates, places=sum(post.capacity for post in posts))
    save_match(
        engine,
        MatchRow(
            created_at=now,
            inputs_sha256=result.inputs_sha256,
            lottery_seed=lottery_seed,
            is_simulated=proposal.is_simulated,
            document=DOCUMENT.dump_json(proposal).decode(),
        ),
    )
    return proposal


def plain(proposal: MatchProposal) -> dict[str, Any]:
    """The proposal as plain values for JSON."""
    values: dict[str, Any] = DOCUMENT.dump_python(proposal, mode="json")
    return values


def _weighed(world: World) -> list[str]:
    """Factors a doctor may weigh: not the outcome, and not size for its own sake."""
    factors = world.catalogue.factors.values()
    return [factor.key for factor in factors if factor.kind != "outcome" and factor.elements != ("S",)]


def _proposal(result: MatchResult, now: datetime, *, candidates: int, places: int) -> MatchProposal:
    return MatchProposal(
        proposed_at=now,
        is_simulated=result.simulated,
        lottery_seed=result.lottery_seed,
        candidates=candidates,
        posts=len(result.posts),
        vacant_lists=places,
        matched=len(result.assignments),
        unmatched=len(result.unmatched),
        employers=tuple(employer_view(result, post) for post in result.posts),
        unfilled=result.unfilled,
        ineligible_pairs=tuple((why, n if n >= SMALLEST_COUNT else None) for why, n in result.ineligible_pairs),
        proof=result.proof,
        inputs_sha256=result.public_inputs_sha256,
    )
