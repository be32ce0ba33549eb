"""Posts, doctors and couples who do not exist, for a round to try things out with."""

from datetime import datetime

import numpy as np
from sqlalchemy import Engine

from api.services.local_data import norwegian_day
from api.services.matching import weighed_factors
from api.services.round_couples import put_from_leaders
from api.services.round_log import RoundAction
from api.services.round_steps import RoundStep, RoundStepError, StepFault
from api.services.rounds import advance, put_candidates, put_wishes, replace_posts, who_takes_part
from api.services.wish_box import WishBox
from api.services.world import World
from api.storage.round_repository import RoundBook, changing
from engine.round_figures import SMALLEST_COUNT
from engine.simulated_candidates import simulate_candidates
from engine.simulated_couples import simulate_couples
from engine.vacant_posts import posts_from_vacant_lists
from features.errors import InvalidInputError

MOST_SIMULATED = 2000


def simulate_posts(engine: Engine, world: World, round_id: int, *, seed: int, now: datetime) -> None:
    """Take in one post for every municipality with lists without a GP: their number is real, their terms simulated."""
    _, rng = np.random.default_rng(seed).spawn(2)
    today = norwegian_day(now)
    posts = posts_from_vacant_lists(world.snapshot.gp_lists, world.snapshot.municipalities, rng, today=today)
    with changing(engine, round_id) as book:
        _refuse_simulated(book, RoundStep.BRING_POSTS)
        advance(book, RoundStep.BRING_POSTS)
        replace_posts(book, posts)
        book.note(now, RoundAction.POSTS_SIMULATED, {"posts": len(posts), "seed": seed})


def simulate_doctors(
    engine: Engine,
    world: World,
    box: WishBox,
    round_id: int,
    *,
    candidates: int,
    seed: int,
    now: datetime,
    couples: int = 0,
) -> None:
    """Take in doctors who do not exist, with their wishes; so many couples of them look together."""
    if not SMALLEST_COUNT <= candidates <= MOST_SIMULATED:
        raise InvalidInputError("candidates", candidates, f"{SMALLEST_COUNT}-{MOST_SIMULATED}")
    if not 0 <= couples <= candidates // 2:
        raise InvalidInputError("couples", couples, f"0-{candidates // 2}")
    rng, _, couple_rng = np.random.default_rng(seed).spawn(3)
    counties = world.snapshot.municipalities["county_code"].to_list()
    doctors = simulate_candidates(candidates, counties, sorted(weighed_factors(world)), rng, today=norwegian_day(now))
    doctors, joint = simulate_couples(doctors, couples, couple_rng, today=norwegian_day(now))
    with changing(engine, round_id) as book:
        _refuse_simulated(book, RoundStep.BRING_CANDIDATES)
        advance(book, RoundStep.BRING_CANDIDATES)
        put_candidates(book, [doctor.qualifications for doctor in doctors], now)
        for doctor in doctors:
            put_wishes(book, box, doctor.wishes)
        for row in book.couples():
            book.remove_couple(row)
        put_from_leaders(book, box, joint)
        book.note(now, RoundAction.CANDIDATES_SIMULATED, who_takes_part(book) | {"seed": seed, "couples": couples})


def _refuse_simulated(book: RoundBook, step: RoundStep) -> None:
    if not book.row.is_simulated:
        raise RoundStepError(step, book.stage, StepFault.ONLY_FROM_FILE)
