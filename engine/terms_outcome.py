"""What came of the places that may change hands in a round, and of its least numbers."""

from dataclasses import dataclass
from enum import StrEnum


class MinimumStatus(StrEnum):
    """What came of all least numbers together.

    ``met`` without a cap, also where none are set; ``met_by_cap``: by a cap on all other posts together;
    ``not_feasible``: no cap gives them; ``undecided``: time was up before all caps were tried. With the last two the
    proposal is the one without a cap.
    """

    MET = "met"
    MET_BY_CAP = "met_by_cap"
    NOT_FEASIBLE = "not_feasible"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class MovedPlaces:
    """Places of one post that nobody filled, and that became places of another."""

    from_post: str
    to_post: str
    places: int


@dataclass(frozen=True, slots=True)
class ReachedMinimum:
    """Doctors that the proposal has in the posts of a least number, and that the one without a cap has."""

    quota_id: str
    at_least: int
    reached: int
    without_cap: int


@dataclass(frozen=True, slots=True)
class MinimumCap:
    """What the least numbers cost.

    At most ``places`` doctors are proposed to ``posts``, all that no least number names. ``worse_off`` and
    ``better_off`` count doctors with a worse and a better choice than without it; what then blocks is in the proof.
    """

    places: int
    posts: frozenset[str]
    worse_off: int
    better_off: int


@dataclass(frozen=True, slots=True)
class TermsOutcome:
    """Places that changed hands, and least numbers.

    ``reversion_is_complete`` is false if time was up before nothing changed any more.
    """

    moved: tuple[MovedPlaces, ...] = ()
    reversion_is_complete: bool = True
    minimum_status: MinimumStatus = MinimumStatus.MET
    minimums: tuple[ReachedMinimum, ...] = ()
    cap: MinimumCap | None = None


NO_OUTCOME = TermsOutcome()
"""Of a round in which nothing may change hands and no least number is set."""
