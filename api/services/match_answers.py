"""Answers beside a simulated round: a post as doctors see it, and a doctor's best places."""

from dataclasses import dataclass
from datetime import date

from api.services.matching import simulated_round, simulated_sides
from api.services.world import World
from engine.attractiveness import Attractiveness, post_attractiveness
from engine.candidate_places import CandidatePlaces, candidate_places
from engine.vacancy_explanation import VacancyExplanation, vacancy_explanation
from features.errors import InvalidInputError

ROUNDS = 5
"""Simulated rounds that a post's attractiveness is counted over."""


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """Why a post filled or did not in one round, and how it stands with doctors over several."""

    explanation: VacancyExplanation
    attractiveness: Attractiveness


def explain_post(
    world: World, post_id: str, *, candidates: int, lottery_seed: str, seed: int, today: date
) -> PostAnswer:
    """The employer's explanation of a post, and what each lever would change over `ROUNDS` simulated rounds."""
    result = simulated_round(world, candidates=candidates, lottery_seed=lottery_seed, seed=seed, today=today)
    explanation = vacancy_explanation(result, post_id)
    rounds = [
        simulated_sides(world, candidates=candidates, seed=seed + number, today=today)[0] for number in range(ROUNDS)
    ]
    posts = tuple(result.posts.values())
    found = post_attractiveness(rounds, posts, world.scores.factors, post_id, lottery_seed=lottery_seed, today=today)
    return PostAnswer(explanation, found)


def best_places(world: World, candidate_id: str, *, candidates: int, seed: int, today: date) -> CandidatePlaces:
    """One simulated doctor's best posts and municipalities, and the posts that fit but for one thing."""
    doctors, posts = simulated_sides(world, candidates=candidates, seed=seed, today=today)
    found = next((doctor for doctor in doctors if doctor.candidate_id == candidate_id), None)
    if found is None:
        raise InvalidInputError("candidate", candidate_id, f"{doctors[0].candidate_id}–{doctors[-1].candidate_id}")
    return candidate_places(found, posts, world.scores.factors, today)
