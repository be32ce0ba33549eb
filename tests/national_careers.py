"""Simulated careers of the whole country, drawn once for all tests that look at them."""

from functools import cache

from api.services.chain import municipality_mix
from features.snapshot import load_snapshot
from models.career_record import SimulatedCareers
from models.career_simulation import simulate_careers

SEED = 11


@cache
def national_careers(seed: int = SEED) -> SimulatedCareers:
    """Careers in the real municipalities, without a scenario."""
    return simulate_careers(municipality_mix(load_snapshot()), seed=seed)
