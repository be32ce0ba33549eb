"""What the posts of a simulated round share, from a file or a request."""

from datetime import date
from pathlib import Path

from api.services.matching import simulated_sides
from api.services.research_solve import read_document
from api.services.world import World
from engine.round_terms import RoundTerms
from engine.round_terms_document import parsed_round_terms


def read_terms(world: World, file: Path, today: date) -> RoundTerms:
    """The terms in a JSON file.

    Raises
    ------
    InstanceError
        The file cannot be opened, is no JSON, or says where it is wrong.
    """
    return terms_of(world, read_document(file), today)


def terms_of(world: World, document: object, today: date) -> RoundTerms:
    """The terms that a document describes, for the posts that stand vacant; `InstanceError` says where it is wrong."""
    _, posts = simulated_sides(world, candidates=0, seed=world.run.seed, today=today)
    return parsed_round_terms(document, [post.post_id for post in posts], today)
